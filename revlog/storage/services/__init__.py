"""Verbs of the store: putting away, moving, counting, picking."""
