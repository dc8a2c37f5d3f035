"""Returns of businesses: announced, counted, matched, credited."""
