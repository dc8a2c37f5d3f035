from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from typing_extensions import override


class ScanningConfig(AppConfig):
    name = "revlog.scanning"
    label = "scanning"

    @override
    def ready(self) -> None:
        # What each app answers to a scan stands in its `floor.py`.
        autodiscover_modules("floor")
