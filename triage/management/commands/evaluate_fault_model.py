"""Learn fault types from the words of one table and try what was learned on another, beside a plain linear model and the majority."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from triage.complaints import table
from triage.complaints.scoring import accuracy, macro_f1, majority


class Command(BaseCommand):
    help = (
        "Learns the labels of --label from the words of --text of a CSV or TSV file with a header (gzip too) and tells those of "
        "another file of that shape. Prints accuracy and macro F1 beside those of a plain linear model of words (tf-idf, linear SVM) "
        "and of always saying the most frequent label. Of which rows the model isn't sure enough to propose anything is `abstained`; "
        "they count with what it would have said."
    )
    requires_system_checks: list[str] = []

    @override
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--train", type=Path, required=True, help="file to learn from")
        parser.add_argument("--test", type=Path, required=True, help="file to tell, with the labels in it")
        parser.add_argument("--text", required=True, help="the column with the words")
        parser.add_argument("--label", required=True, help="the column with the fault type")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        # Only here: a page never loads what learns.
        from triage.complaints import learning  # noqa: PLC0415

        columns = [options["text"], options["label"]]
        try:
            train, test = (
                [row for row in table.rows_of(options[name], columns) if row[1]] for name in ("train", "test")
            )
            if not train or not test:
                raise table.UnusableTable("There are no labelled rows to learn from or to tell.")
            texts, labels = [row[0] for row in train], [row[1] for row in train]
            asked, truth = [row[0] for row in test], [row[1] for row in test]
            learned = learning.learn(texts, labels)
        except (table.UnusableTable, learning.TooLittle) as error:
            raise CommandError(str(error)) from error
        model = learned.model
        shares = [model.shares(told) for told in asked]
        said = [max(each, key=lambda code: each[code]) for each in shares]
        plain = learning.plain_linear(texts, labels, asked)
        found = {
            "accuracy": accuracy(truth, said),
            "macro_f1": macro_f1(truth, said),
            "majority": majority(labels, truth),
            "plain_linear_accuracy": accuracy(truth, plain),
            "plain_linear_macro_f1": macro_f1(truth, plain),
            "n_train": len(train),
            "n_test": len(test),
            "abstained": sum(max(each.values()) < model.floor for each in shares),
        }
        if options["json"]:
            self.stdout.write(json.dumps({name: round(value, 6) for name, value in found.items()}))
            return
        self.stdout.write(f"{len(train)} rows learned from, {len(test)} told: {options['label']} by {options['text']}")
        for name, share, other in (
            ("this model", found["accuracy"], found["macro_f1"]),
            ("plain linear", found["plain_linear_accuracy"], found["plain_linear_macro_f1"]),
        ):
            self.stdout.write(f"  {name:14} accuracy {share:.3f}   macro F1 {other:.3f}")
        self.stdout.write(f"  {'majority':14} accuracy {found['majority']:.3f}")
        self.stdout.write(f"  not sure enough to propose anything: {found['abstained']}")
