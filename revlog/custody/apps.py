from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from typing_extensions import override


class CustodyConfig(AppConfig):
    name = "revlog.custody"
    label = "custody"

    @override
    def ready(self) -> None:
        from revlog.custody.grants import grant  # noqa: PLC0415 - models are ready only now

        # Every stage's facts and reactions are known before the first entry is read or written.
        autodiscover_modules("facts")
        autodiscover_modules("words")
        autodiscover_modules("reactions")
        post_migrate.connect(grant, dispatch_uid="revlog.grants")
