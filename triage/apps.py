from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override


class TriageConfig(AppConfig):
    name = "triage"
    label = "triage"

    @override
    def ready(self) -> None:
        import_module("triage.words")
        import_module("triage.rubrics")
        import_module("triage.books")
        import_module("triage.figures")
        import_module("triage.sop_vocabulary")
        import_module("triage.sampling")
        import_module("triage.repairing")
        import_module("triage.plans.vocabulary")
        import_module("triage.services.foretelling")
        import_module("triage.services.instructed")
        import_module("triage.services.trials")
        import_module("triage.reactions")
