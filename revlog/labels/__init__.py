"""Labels: one description of what stands on one, drawn as PDF and as ZPL, printed at the station's printer (docs/labels.md)."""
