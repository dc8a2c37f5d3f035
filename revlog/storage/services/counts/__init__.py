"""Verbs of cycle counts: what is to be counted, a person's walk through a place, and what becomes of the differences."""
