"""Buying used things: quote, acceptance, comparison with what came, purchase, and what the law asks."""
