"""Verbs of containers: made, moved with all that is in them, filled, emptied, closed, sealed, weighed, taken out of use."""
