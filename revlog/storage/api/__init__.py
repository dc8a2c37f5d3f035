"""The store over the API: places, containers, pick lists, counts and hazards, for the systems of those who work in it."""
