"""Codes that scanners read, as bars and modules; no image library, no lookup."""
