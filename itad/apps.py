from __future__ import annotations

from django.apps import AppConfig


class ItadConfig(AppConfig):
    name = "itad"
    label = "itad"
