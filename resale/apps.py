from __future__ import annotations

from django.apps import AppConfig


class ResaleConfig(AppConfig):
    name = "resale"
    label = "resale"
