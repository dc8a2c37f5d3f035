"""``manage.py rebuild_outcomes``: what became of every decision, made anew from sums, postings and chains."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from typing_extensions import override

from revlog.common import clock
from triage.services import outturns


class Command(BaseCommand):
    help = "Make anew what became of decisions, from their kept sums, the postings and the chains."

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{outturns.rebuild(at=clock.now())} units")
