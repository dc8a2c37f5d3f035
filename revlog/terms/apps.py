from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from typing_extensions import override


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
