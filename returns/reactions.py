"""Reactions come with the services."""
