"""``decide TAG --json``: what the engine proposes for a unit, every path with its sum and what shuts it. Decides nothing."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from revlog.common import clock
from revlog.devices.models import Device
from triage import cases, pricetelling
from triage.services import grading
from triage.services.worth import Path, Worth, worth_of


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
        versions = {
            "economics": found.figures.version,
            "rubric": rubric.version if rubric else None,
            "price": found.price_from,
            "price_model": pricetelling.plain(cases.plain(found.case), currency=found.currency)["model"],
        }
        if options["json"]:
            self.stdout.write(json.dumps(line_of(device, found, versions), ensure_ascii=False))
            return
        chosen = found.chosen.code if found.chosen else "no path is open"
        self.stdout.write(f"{device.tag}, data {device.data}: {chosen}")
        for path in found.paths:
            shut = "; ".join(reason.sentence for reason in path.against)
            self.stdout.write(f"  {path.code:20} {path.result.net:>10} {found.currency}  {shut}")


def line_of(device: Device, found: Worth, versions: dict[str, str | None]) -> dict[str, Any]:
    """The answer as plain data: money as text, paths in the order in which they are offered."""
    return {
        "tag": device.tag,
        "data": device.data,
        "chosen": found.chosen.code if found.chosen else None,
        "ranked": [_path(path) for path in found.paths],
        "versions": versions,
    }


def _path(path: Path) -> dict[str, Any]:
    return {
        "path": path.code,
        "recovery": str(path.result.net),
        "currency": path.result.currency,
        "blocked_by": [reason.code for reason in path.against],
        "lines": [{"code": line.what, "amount": str(line.amount)} for line in path.result.lines],
    }
