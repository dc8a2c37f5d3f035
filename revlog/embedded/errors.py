"""What can go wrong with the embedded services, each with a sentence that says what to do."""

from __future__ import annotations


class UnableToServe(Exception):
    """PostgreSQL or Valkey cannot be had; the message says why and what to do."""


class NotRunning(UnableToServe):
    """The services are down and were not to be started."""
