"""``manage.py train_prices``: learn prices from what was observed, now and in this process, and say what came of it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from typing_extensions import override

from revlog.accounts.actors import system
from revlog.common import clock
from revlog.terms.models import Training
from revlog.terms.services import learned
from triage.services import pricing

BY = system("train_prices")


class Command(BaseCommand):
    help = (
        "Learn prices from our sales and imported observations: try what is learned on the newest part, let it replace the model in "
        "force only when it misses by clearly less, and fill the price book where it lacks a price."
    )

    @override
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        training = learned.ask(by=BY, at=at)
        finish = pricing.learn(training, at=at)
        if finish is not None:
            with transaction.atomic():
                finish()
        done = Training.objects.select_related("model").get(pk=training.pk)
        told = _told(done)
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(f"{done.get_status_display()}: {done.rows} observations, {done.written} prices in the book.")
        for name in ("model", "verdict", "tried", "trouble"):
            if told[name]:
                self.stdout.write(f"  {name}: {told[name]}")


def _told(done: Training) -> dict[str, Any]:
    model = done.model
    return {
        "status": done.status,
        "rows": done.rows,
        "model": model.number if model else None,
        "in_force": bool(model and model.in_force_at),
        "verdict": model.verdict if model else {},
        "tried": model.tried if model else [],
        "written": done.written,
        "ended": done.ended,
        "trouble": done.trouble,
    }
