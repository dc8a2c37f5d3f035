from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "triage"
    label = "triage"

    def ready(self) -> None:
        import_module("triage.words")
        import_module("triage.reactions")
