"""What recycling does when something is said."""

from __future__ import annotations
