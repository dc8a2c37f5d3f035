from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override


class ResaleConfig(AppConfig):
    name = "resale"
    label = "resale"

    @override
    def ready(self) -> None:
        import_module("resale.words")
        import_module("resale.parameters")
        import_module("resale.reactions")
