from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "revlog.devices"
    label = "devices"

    def ready(self) -> None:
        import_module("revlog.devices.words")
