from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override


class ReportingConfig(AppConfig):
    name = "reporting"
    label = "reporting"

    @override
    def ready(self) -> None:
        import_module("reporting.facts")
        import_module("reporting.words")
        import_module("reporting.targets")
        import_module("reporting.accounting.chart")
