"""The UCI retail set reckoned independently, straight from the file, by the sentence of the issue and nothing of the importer."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path

from tests.real.conftest import data_set


def path() -> Path:
    (found,) = (data_set("uci-online-retail") / "open").glob("*.csv.gz")
    return found


def rows(most: int | None = None) -> Iterator[dict[str, str]]:
    with gzip.open(path(), "rt", encoding="utf-8", newline="") as file:
        yield from islice(csv.DictReader(file), most)


def cut(most: int, target: Path) -> Path:
    """The first ``most`` rows as a file of its own."""
    with gzip.open(path(), "rb") as file:
        target.write_bytes(b"".join(islice(file, most + 1)))
    return target


@dataclass
class Reckoned:
    """What the file says: rows that were sold, credited, or neither; and which credited ones had their purchase before."""

    order_lines: int = 0
    return_lines: int = 0
    refused: int = 0
    matched: int = 0
    unmatched: int = 0
    order_total: Decimal = Decimal(0)
    return_total: Decimal = Decimal(0)
    why: Counter[str] = field(default_factory=Counter)

    def figures(self) -> dict[str, object]:
        cent = Decimal("0.01")
        return {
            "order_lines": self.order_lines,
            "return_lines": self.return_lines,
            "matched": self.matched,
            "unmatched": self.unmatched,
            "refused": self.refused,
            "order_total": str(self.order_total.quantize(cent)),
            "return_total": str(self.return_total.quantize(cent)),
        }


def reckoned(most: int | None = None) -> Reckoned:
    found = Reckoned()
    open_pieces: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows(most):
        pieces, price, who = int(row["Quantity"]), Decimal(row["UnitPrice"]), row["CustomerID"]
        if row["InvoiceNo"].startswith("C"):
            found.return_lines += 1
            found.return_total += -pieces * price
            why = _match(open_pieces[who, row["StockCode"]], -pieces) if who else "no_customer"
            found.why[why] += 1
            found.matched += why == "matched"
            found.unmatched += why != "matched"
        elif row["InvoiceNo"].startswith("A") or pieces < 0 or (not price and not who):
            found.refused += 1
        else:
            found.order_lines += 1
            found.order_total += pieces * price
            open_pieces[who, row["StockCode"]].append(pieces)
    return found


def _match(bought: list[int], wanted: int) -> str:
    """Takes the pieces from the latest purchases on; what it takes is gone for later credits."""
    if not bought:
        return "never_bought"
    left = wanted
    for place in reversed(range(len(bought))):
        taken = min(left, bought[place])
        bought[place] -= taken
        left -= taken
    if not left:
        return "matched"
    return "bought_less" if left < wanted else "credited_before"
