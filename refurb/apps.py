from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override


class RefurbConfig(AppConfig):
    name = "refurb"
    label = "refurb"

    @override
    def ready(self) -> None:
        import_module("refurb.words")
        import_module("refurb.parameters")
        import_module("refurb.reactions")
        import_module("refurb.supplying")
