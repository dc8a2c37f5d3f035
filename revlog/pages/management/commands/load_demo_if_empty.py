"""``manage.py load_demo_if_empty``: what ``make run`` fills a new demo with."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from typing_extensions import override

from reporting.services import projections
from revlog.common import clock
from revlog.custody.services import reactions
from revlog.devices.models import Device
from revlog.pages.management.commands.simulate import shown
from revlog.pages.simulation import run

UNITS, DAYS, SEED = 600, 90, 20
APART = timedelta(milliseconds=250)
"""A certificate takes the worker about so long."""


class Command(BaseCommand):
    help = "Load the demo: some 600 units over the 90 days up to now, once, and only where the install is a demo and has no units."

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--units", type=int, default=UNITS)

    @override
    def handle(self, *args: Any, units: int, **options: Any) -> None:
        if not settings.DEMO or Device.objects.exists():
            return
        sys.stderr.write(f"Loading the demo: {units} units, {DAYS} days\n")
        at = clock.now()
        ran = run.run(units=units, days=DAYS, seed=SEED, end=at, tour=True, progress=shown())
        projections.catch_up(at=at)
        reactions.spread(queue="documents", at=clock.now(), apart=APART)
        sys.stderr.write(
            f"\n{ran.units} units, {ran.entries} entries, {ran.ended} at the end of their visit, {ran.seconds} s\n"
        )
