"""The closer look at returns that may be fraud: scoring, holding money, deciding."""
