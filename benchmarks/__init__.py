"""Speed as ratios: our code and its bare reference, in turn, in one run on one machine (``make bench``)."""
