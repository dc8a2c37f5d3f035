"""Questions about how things lie."""
