"""Verbs of hazards: reported and frozen, photographed, assessed, packed; containers looked into again."""
