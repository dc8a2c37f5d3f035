from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override


class DevicesConfig(AppConfig):
    name = "revlog.devices"
    label = "devices"

    @override
    def ready(self) -> None:
        import_module("revlog.devices.words")
