"""What Android's own tools print: the battery service's state and the system's properties."""
