"""How valuations of earlier shapes were reckoned: kept, so that each can be reckoned again to the letter."""
