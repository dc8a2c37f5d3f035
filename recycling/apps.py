from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override


class RecyclingConfig(AppConfig):
    name = "recycling"
    label = "recycling"

    @override
    def ready(self) -> None:
        import_module("recycling.words")
        import_module("recycling.parameters")
        import_module("recycling.reactions")
