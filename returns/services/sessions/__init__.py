"""Receiving sessions: opened, unpacked in, closed with a report, signed for."""
