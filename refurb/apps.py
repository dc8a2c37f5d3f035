from __future__ import annotations

from django.apps import AppConfig


class RefurbConfig(AppConfig):
    name = "refurb"
    label = "refurb"
