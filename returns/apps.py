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
        import_module("returns.words")
        import_module("returns.vendor_words")
        import_module("returns.recall_words")
        import_module("returns.tradein_words")
        import_module("returns.facts.tradein")
        import_module("returns.policy.tradein")
        import_module("returns.policy.tradein_law")
        import_module("returns.fraud.rules")
        import_module("returns.fraud_words")
        import_module("returns.figures")
        import_module("returns.policy")
        import_module("returns.troubleshooting")
        import_module("returns.parameters")
        import_module("returns.policy.questions")
        import_module("returns.policy.vocabulary")
        import_module("returns.business_rules")
        import_module("returns.unsold_rules")
        import_module("returns.reactions")
        import_module("returns.services.desk")
        import_module("returns.services.ways.erasing")
        import_module("returns.business_reactions")
        import_module("returns.recall_reactions")
        import_module("returns.tradein_reactions")
        import_module("returns.facts.ways")
        import_module("returns.way_reactions")
        import_module("returns.facts.dates")
        import_module("returns.after_reactions")
        import_module("returns.vendor_reactions")
        import_module("returns.fraud_reactions")
