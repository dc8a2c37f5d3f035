"""Words of how things lie."""
