"""Django's own ``migrate``, in a tenth of its time."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from typing_extensions import override

from revlog.common import migrating


class Command(migrate.Command):
    @override
    def handle(self, *args: Any, **options: Any) -> None:
        with migrating.narrow():
            super().handle(*args, **options)
