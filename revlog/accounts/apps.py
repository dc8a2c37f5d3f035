from __future__ import annotations

from django.apps import AppConfig
from typing_extensions import override


class AccountsConfig(AppConfig):
    name = "revlog.accounts"
    label = "accounts"

    @override
    def ready(self) -> None:
        from revlog.accounts import queries  # noqa: PLC0415 - models are there only now
        from revlog.common import words  # noqa: PLC0415

        words.named_by("o", "organization", queries.organization_name)
        words.named_by("h", "hub", queries.hub_name)
        words.named_by("n", "account", queries.who)
        words.named_by("p", "hub", queries.hub_name)
        words.named_by("p", "organization", queries.organization_name)
