"""Electronic data interchange: X12 read and written, and what of it is about returns. Pure; ``services/business/edi.py`` acts on it."""
