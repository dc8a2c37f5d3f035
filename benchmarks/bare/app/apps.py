from __future__ import annotations

from django.apps import AppConfig


class BareConfig(AppConfig):
    name = "benchmarks.bare.app"
    label = "bare"
