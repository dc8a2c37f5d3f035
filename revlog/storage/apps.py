from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override


class StorageConfig(AppConfig):
    name = "revlog.storage"
    label = "storage"

    @override
    def ready(self) -> None:
        import_module("revlog.storage.facts.places")
        import_module("revlog.storage.facts.picks")
        import_module("revlog.storage.words.picks")
        # Its rules join those of every place.
        import_module("revlog.storage.services.places")
        import_module("revlog.storage.facts.containers")
        import_module("revlog.storage.services.containers.filling")
        import_module("revlog.storage.words.containers")
        import_module("revlog.storage.facts.packaging")
        import_module("revlog.storage.words.packaging")
        import_module("revlog.storage.facts.counts")
        import_module("revlog.storage.words.counts")
        import_module("revlog.storage.facts.hazards")
        import_module("revlog.storage.services.hazards.guarding")
        import_module("revlog.storage.words.hazards")

        from revlog.common import words  # noqa: PLC0415
        from revlog.storage import dangers  # noqa: PLC0415
        from revlog.storage.queries import packaging  # noqa: PLC0415 - models are there only now

        words.named_by("x", "criterion", dangers.criterion_told)
        words.named_by("g", "packaging", packaging.type_name)
