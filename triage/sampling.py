"""The draw of units for a second look: which are drawn is decided by rules and a number that nobody can know or choose. Pure.

The number comes from the unit, the day, and the digest of the ledger's entry of the first look, which isn't there before that look is
finished: who looks can't tell, and whoever reads the ledger can draw again to the same result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Kind, Ruling

KIND = "triage.second_looks"
OTHER = "other"
VERSION = "2026-1"
BODY = {
    # Of the looks at a class, the share of which somebody else makes a second one; nought draws none.
    "share": {"other": "0"},
    # At least so many per inspector and week; nought asks for none.
    "least_per_week": "0",
    # So long a drawn unit waits at most; then it goes on without.
    "hours": "4",
    # Agreement is reckoned over so many days, and compared with as many before.
    "window_days": "28",
    # With fewer than these no alarm is raised, and figures are shown in grey.
    "enough": "20",
    # Weighted kappa below this is an alarm; so is a fall that chance would bring this seldom.
    "floor": "0.60",
    "significance": "0.01",
}
STARTER = {"share": {"other": "0.05"}, "least_per_week": "3"}
"""What a draft begins with."""
SHARES = frozenset({"share", "floor", "significance"})
MOST = 1000
WORKDAYS = 5


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """The rules in force, read."""

    version: str
    shares: Mapping[str, Decimal]
    least: int
    wait: timedelta
    window: timedelta
    enough: int
    floor: Decimal
    significance: Decimal

    @property
    def is_on(self) -> bool:
        return bool(self.least) or any(self.shares.values())

    def share(self, device_class: str) -> Decimal:
        return self.shares.get(device_class, self.shares.get(OTHER, Decimal(0)))


def sampling_of(found: Ruling) -> Sampling:
    """The rules of one version; what it leaves out is as shipped."""
    told = {**BODY, **found.parameters}
    shares = {**BODY["share"], **told["share"]}  # type: ignore[dict-item]
    return Sampling(
        version=f"second-looks/{found.version}" if found.version else f"second-looks-{VERSION}",
        shares={name: Decimal(value) for name, value in shares.items()},
        least=int(told["least_per_week"]),
        wait=timedelta(hours=float(Decimal(told["hours"]))),
        window=timedelta(days=int(told["window_days"])),
        enough=int(told["enough"]),
        floor=Decimal(told["floor"]),
        significance=Decimal(told["significance"]),
    )


def _check(body: Body) -> list[Reason]:
    found = []
    for name, given in body.get("parameters", {}).items():
        where = f"body.parameters.{name}"
        if name not in BODY:
            found.append(Reason("unknown", f"Nothing reads {name}; known are {', '.join(BODY)}.", where))
        elif name == "share":
            if not isinstance(given, Mapping):
                found.append(Reason("table", "share is a table of classes and shares of one.", where))
                continue
            found += [each for key, value in given.items() for each in _wrong(name, value, f"{where}.{key}")]
        else:
            found += _wrong(name, given, where)
    return found


def _wrong(name: str, given: object, where: str) -> list[Reason]:
    number = ruling.number(given)
    if name in SHARES:
        if number is None or not 0 <= number <= 1:
            return [Reason("number", f"{name} is a number from 0 to 1.", where)]
        return []
    least = 0 if name == "least_per_week" else 1
    whole = number is not None and (name == "hours" or number == int(number))
    if number is None or not whole or not least <= number <= MOST:
        return [Reason("number", f"{name} is a number from {least} to {MOST}.", where)]
    return []


RULES = ruling.register(Kind(KIND, {"parameters": BODY}, _check))

# The draw -----------------------------------------------------------------------------------------------------------------------------


def number_of(unit: object, day: date, digest: str) -> Decimal:
    """A number from nought to below one, the same for the same unit, day and entry."""
    told = hashlib.sha256(f"second look|{unit}|{day.isoformat()}|{digest}".encode()).digest()
    return (Decimal(int.from_bytes(told[:6], "big")) / Decimal(2**48)).quantize(Decimal("0.00000001"))


def chance(rules: Sampling, device_class: str, *, drawn: int, looks: int, usual: int, day: date) -> tuple[Decimal, str]:
    """The share by which this look is drawn, and why: by the class's ``share``, or more, since the inspector's week lacks (``least``).

    ``drawn`` and ``looks`` are the inspector's of this week so far, this look not among them; ``usual`` the looks of the week before. What
    is lacking is spread over the looks that are likely still to come.
    """
    share = rules.share(device_class)
    lacking = rules.least - drawn
    if lacking <= 0:
        return share, "share"
    days_left = max(1, WORKDAYS - day.weekday())
    to_come = max(usual - looks, usual * days_left // WORKDAYS, 1)
    needed = min(Decimal(1), (Decimal(lacking) / to_come).quantize(Decimal("0.0001")))
    return (needed, "least") if needed > share else (share, "share")
