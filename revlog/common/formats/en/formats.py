"""How days are written in English: the day first, and never in figures alone."""

DATE_FORMAT = "j F Y"
