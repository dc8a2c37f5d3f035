"""``decide TAG --json``: what the engine proposes for a unit, every path with its sum and what shuts it. Decides nothing."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from revlog.common import clock
from revlog.devices.models import Device
from triage import answering
from triage.services import grading
from triage.services.worth import worth_of


class Command(BaseCommand):
    help = "Reckon every path of the unit with this tag, the best that is open first. Reads only: a person decides."

    @override
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("tag")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        tag = options["tag"].strip().upper()
        device = Device.objects.select_related("product", "variant", "owner", "visit").filter(tag=tag).first()
        if device is None:
            raise CommandError(f"There is no unit {options['tag']}.")
        at = clock.now()
        found = worth_of(device, at=at)
        rubric = grading.rubric_for(device, at=at)
        if options["json"]:
            self.stdout.write(
                json.dumps(answering.answer(device, found, rubric.version if rubric else None), ensure_ascii=False)
            )
            return
        chosen = found.chosen.code if found.chosen else "no path is open"
        self.stdout.write(f"{device.tag}, data {device.data}: {chosen}")
        for path in found.paths:
            shut = "; ".join(reason.sentence for reason in path.against)
            self.stdout.write(f"  {path.code:20} {path.result.net:>10} {found.currency}  {shut}")
