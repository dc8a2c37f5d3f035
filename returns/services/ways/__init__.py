"""How returns travel: which way, who carries it, and what is said when somebody takes it."""
