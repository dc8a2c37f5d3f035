"""The store over the API: places, containers, pick lists and counts, for the systems of those who work in it."""
