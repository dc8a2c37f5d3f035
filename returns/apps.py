from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "returns"
    label = "returns"

    def ready(self) -> None:
        import_module("returns.facts")
        import_module("returns.words")
        import_module("returns.policy")
        import_module("returns.reactions")
