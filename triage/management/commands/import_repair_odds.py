"""Counts of repairs that succeeded and that didn't, from any table: drafted as rules, told as JSON, or tried on other tables."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from revlog.accounts import actors
from revlog.common import clock
from revlog.devices.classes import CLASSES
from revlog.terms.services import rules
from triage import repairing
from triage.complaints import categories, labels, light, odds, table
from triage.complaints.odds import Row
from triage.defects import of_class

SURE_ENOUGH = 0.5
"""A fault that the words of a row point to is counted from that probability on."""
BY = actors.system("import_repair_odds")


class Command(BaseCommand):
    help = (
        "Reads tables (CSV, TSV, gzip too) of things that somebody tried to mend: --category, --outcome, and where there are such columns "
        "--age in years, or --year of make with --date of the repair, --fault, or --text in which the model of complaints finds the "
        "fault. Drafts the counts as rules (triage.repair_odds), which a person publishes; with --json tells them and drafts nothing. "
        "Rows whose outcome is neither --mended nor --lost (not finished, not known) are left out and told."
    )

    @override
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--category", required=True, metavar="COLUMN")
        parser.add_argument("--outcome", required=True, metavar="COLUMN")
        for name in ("age", "year", "date", "fault", "text"):
            parser.add_argument(f"--{name}", default="", metavar="COLUMN")
        parser.add_argument(
            "--mended", action="append", default=[], metavar="WORD", help="an outcome that is a success"
        )
        parser.add_argument("--lost", action="append", default=[], metavar="WORD", help="an outcome that is none")
        parser.add_argument(
            "--map", action="append", default=[], metavar="NAME=CODE", help="a category or fault of ours"
        )
        parser.add_argument("--source", required=True, help="where the rows come from, and under which licence")
        parser.add_argument(
            "--prior", type=int, default=odds.PRIOR, help="so many cases draw a share to the one above it"
        )
        parser.add_argument(
            "--against", action="append", default=[], type=Path, metavar="FILE", help="try the counts on it"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object; nothing is drafted")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        mapped = dict(each.partition("=")[::2] for each in options["map"])
        if not options["mended"] or not options["lost"]:
            raise CommandError("Say which outcomes are a success and which are none: --mended WORD --lost WORD.")
        left: Counter[str] = Counter()
        try:
            counts = odds.counted(self._rows(options["files"], options, mapped, left))
            asked = list(self._rows(options["against"], options, mapped, Counter()))
        except table.UnusableTable as error:
            raise CommandError(str(error)) from error
        if not counts["classes"]:
            raise CommandError(f"No row could be counted: {_told(left)}.")
        body = counts | {"prior": options["prior"], "sources": [options["source"]]}
        if options["json"]:
            told = {"parameters": body, "left_out": dict(left)}
            if asked:
                told["judged"] = {name: round(value, 5) for name, value in odds.judged(body, asked).items()}
            self.stdout.write(json.dumps(told, ensure_ascii=False, sort_keys=True))
            return
        for code, (mended, lost) in sorted(counts["classes"].items()):
            self.stdout.write(f"  {code:10} {mended:7} mended, {lost:7} not: {mended / (mended + lost):.0%}")
        self.stdout.write(f"Left out: {_told(left)}.")
        if asked:
            found = odds.judged(body, asked)
            told_of = f"{found['expected']:.1%} expected, {found['mended']:.1%} mended"
            self.stdout.write(
                f"Tried on {len(asked)} others: {told_of}; mean squared miss {found['brier']:.4f}, "
                f"with one share for all {found['brier_one_share']:.4f}"
            )
        row = rules.draft(kind=repairing.KIND, body={"parameters": body}, note=options["source"], by=BY, at=clock.now())
        self.stdout.write(f"Drafted as rules ({row.pk}); in force for nobody until a person publishes them.")

    def _rows(
        self, files: Iterable[Path], options: Mapping[str, Any], mapped: Mapping[str, str], left: Counter[str]
    ) -> Iterator[Row]:
        names = ("category", "outcome", "age", "year", "date", "fault", "text")
        columns = [options[name] for name in names if options[name]]
        known = frozenset(CLASSES)
        for path in files:
            for cells in table.rows_of(path, columns):
                told = dict.fromkeys(names, "") | dict(zip([n for n in names if options[n]], cells, strict=True))
                device_class = categories.meant(told["category"], known=known, mapped=mapped)
                if not device_class:
                    left["category"] += 1
                elif told["outcome"] not in {*options["mended"], *options["lost"]}:
                    left["outcome"] += 1
                else:
                    yield Row(
                        device_class=device_class,
                        age=_age(told),
                        fault=_fault(told, device_class, mapped),
                        mended=told["outcome"] in options["mended"],
                    )


def _age(told: Mapping[str, str]) -> int | None:
    """Years, from the column of ages, else from the year of make and that of the repair; None where it can't be."""
    try:
        age = float(told["age"].replace(",", ".")) if told["age"] else int(told["date"][:4]) - int(float(told["year"]))
    except ValueError:
        return None
    return int(age) if 0 <= age <= odds.OLDEST else None


def _fault(told: Mapping[str, str], device_class: str, mapped: Mapping[str, str]) -> str:
    if told["fault"]:
        may = labels.meant(told["fault"], known=repairing.FAULTS, mapped=mapped)
        if may:
            return labels.settled(may, light.shipped().shares(told["text"]) if told["text"] else {})
    if not told["text"]:
        return ""
    among = [defect.code for defect in of_class(device_class)] + list(labels.BESIDES)
    found = light.shipped().propose(told["text"], among=among)
    return found[0].code if found and found[0].share >= SURE_ENOUGH else ""


def _told(left: Mapping[str, int]) -> str:
    said = {"category": "of no class of ours", "outcome": "of an outcome that is neither"}
    return ", ".join(f"{count} {said[name]}" for name, count in sorted(left.items())) or "none"
