"""How things lie: what a place may hold, containers, counts and picks."""
