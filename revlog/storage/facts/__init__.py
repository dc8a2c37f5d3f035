"""What can be said of how things lie."""
