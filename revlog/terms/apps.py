from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override

from revlog.logistics.freight import exchange


class TermsConfig(AppConfig):
    name = "revlog.terms"
    label = "terms"

    @override
    def ready(self) -> None:
        import_module("revlog.terms.facts")
        import_module("revlog.terms.words")
        import_module("revlog.terms.rates")
        import_module("revlog.terms.makers")
        import_module("revlog.terms.vat")
        exchange.told_by(import_module("revlog.terms.queries").rate)
