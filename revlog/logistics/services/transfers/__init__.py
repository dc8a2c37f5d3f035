"""Verbs of transfers: put together, loaded, released, passed on, taken in, settled."""
