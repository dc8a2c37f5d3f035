from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override


class ReturnsConfig(AppConfig):
    name = "returns"
    label = "returns"

    @override
    def ready(self) -> None:
        import_module("returns.facts")
        import_module("returns.facts.business")
        import_module("returns.facts.recalls")
        import_module("returns.facts.vendors")
        import_module("returns.facts.fraud")
        import_module("returns.facts.sessions")
        import_module("returns.words.sessions")
        import_module("returns.facts.lists")
        import_module("returns.services.lists")
        import_module("returns.queries.parcels")
        import_module("returns.queries.complaining")
        import_module("returns.reactions.arrivals")
        import_module("returns.words")
        import_module("returns.words.vendors")
        import_module("returns.words.recalls")
        import_module("returns.words.tradein")
        import_module("returns.facts.tradein")
        import_module("returns.facts.payouts")
        import_module("returns.policy.tradein")
        import_module("returns.policy.tradein_law")
        import_module("returns.fraud.rules")
        import_module("returns.words.fraud")
        import_module("returns.words.lists")
        import_module("returns.figures")
        import_module("returns.policy")
        import_module("returns.troubleshooting")
        import_module("returns.parameters")
        import_module("returns.policy.questions")
        import_module("returns.policy.vocabulary")
        import_module("returns.policy.business")
        import_module("returns.policy.business_vocabulary")
        import_module("returns.policy.unsold")
        import_module("returns.reactions")
        import_module("returns.services.desk")
        import_module("returns.services.ways.erasing")
        import_module("returns.reactions.business")
        import_module("returns.reactions.recalls")
        import_module("returns.reactions.tradein")
        import_module("returns.facts.ways")
        import_module("returns.reactions.ways")
        import_module("returns.facts.dates")
        import_module("returns.reactions.after")
        import_module("returns.reactions.vendors")
        import_module("returns.reactions.fraud")
        import_module("returns.reactions.sessions")
