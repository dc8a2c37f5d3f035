"""Lots for one buyer: gathered, put up for offers, awarded, sold."""
