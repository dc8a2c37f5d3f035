from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override


class LogisticsConfig(AppConfig):
    name = "revlog.logistics"
    label = "logistics"

    @override
    def ready(self) -> None:
        import_module("revlog.logistics.facts")
        import_module("revlog.logistics.facts.transfers")
        import_module("revlog.logistics.words")
        import_module("revlog.logistics.facts.contracts")
        import_module("revlog.logistics.facts.freight")
        import_module("revlog.logistics.facts.bills")
        import_module("revlog.logistics.facts.claims")
        import_module("revlog.logistics.words.freight")
        import_module("revlog.logistics.words.transfers")
        import_module("revlog.logistics.services.transfers.guards")
        import_module("revlog.logistics.reactions.transfers")

        from revlog.common import words  # noqa: PLC0415
        from revlog.logistics import queries  # noqa: PLC0415 - models are there only now

        words.named_by("c", "carrier", queries.carrier_name)
        words.named_by("p", "carrier", queries.carrier_name)
        words.named_by("p", "place", queries.drop_off_name)
