"""Learn prices from one table and try what was learned on another: how much better than a plain linear model, and does the band hold?"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from triage.pricing import scoring, table


class Command(BaseCommand):
    help = (
        "Learns --target from the other columns of a CSV file and predicts another file of the same columns. "
        "Prints R2 and mean absolute error beside those of ordinary least squares, and which share of the rows lies in the "
        "10 to 90 % band. Figures are in the units of the target."
    )
    requires_system_checks: list[str] = []

    @override
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--train", type=Path, required=True, help="CSV file to learn from")
        parser.add_argument("--test", type=Path, required=True, help="CSV file to predict, with the target in it")
        parser.add_argument("--target", required=True, help="the column to predict")
        parser.add_argument("--ignore", action="append", default=[], metavar="COLUMN", help="a column to leave out")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        # Only here: a page never loads what learns.
        from triage.pricing import learning  # noqa: PLC0415

        target = options["target"]
        try:
            train, test = (table.read_csv(options[name]) for name in ("train", "test"))
            for name in options["ignore"]:
                train, test = (each.without(name) if name in each.columns else each for each in (train, test))
            truth = table.targets(test, target)
            if not truth:
                raise table.UnusableTable(f"{options['test'].name} has no rows.")
            learned = learning.learn(train, target)
            plain = learning.baseline(train, test, target)
        except table.UnusableTable as error:
            raise CommandError(str(error)) from error
        bands = learned.predict(test)
        middles = [band.p50 for band in bands]
        found = {
            "r2": scoring.explained(truth, middles),
            "mae": scoring.mean_miss(truth, middles),
            "baseline_r2": scoring.explained(truth, plain),
            "baseline_mae": scoring.mean_miss(truth, plain),
            "coverage_80": scoring.covered(truth, bands),
        }
        if options["json"]:
            self.stdout.write(json.dumps({name: round(figure, 6) for name, figure in found.items()}))
            return
        self.stdout.write(f"{len(train.rows)} rows learned from, {len(truth)} predicted: {target}")
        self.stdout.write(f"  R2        {found['r2']:.3f}   plain linear model {found['baseline_r2']:.3f}")
        self.stdout.write(f"  mean miss {found['mae']:.4g}   plain linear model {found['baseline_mae']:.4g}")
        self.stdout.write(f"  in the 10-90 % band: {found['coverage_80']:.1%}")
        for one in learned.judged:
            weight = learned.weights.get(one.name)
            self.stdout.write(
                f"  {one.name:8} R2 {one.r2:.3f} by cross-validation" + (f", weight {weight:.2f}" if weight else "")
            )
