from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from typing_extensions import override


class LabelsConfig(AppConfig):
    name = "revlog.labels"
    label = "labels"

    @override
    def ready(self) -> None:
        import_module("revlog.labels.facts")
        import_module("revlog.labels.words")
        # What can have a label stands in each app's `labels.py`.
        autodiscover_modules("labels")
