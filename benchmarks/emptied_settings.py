"""The settings of `make run`, with the empty page of ``emptied``."""

from __future__ import annotations

from revlog.settings.dev import *  # noqa: F403

ROOT_URLCONF = "benchmarks.emptied"
