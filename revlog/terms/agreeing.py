"""What an agreement with a supplier says of goods that go back to them, and what it makes of a case. Pure: no database, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from revlog.common import money
from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.devices import classes

CLASSES = ("overstock", "obsolete", "seasonal", "perishable", "expired", "defective")
"""Why goods go back to a supplier."""
GRADES = ("NEW", "A", "B", "C", "D")
PERIODS = ("month", "quarter", "year")
QUOTAS = ("none", "percent", "amount", "pieces")
SINCE = ("purchase", "receipt")
PAYERS = ("us", "supplier")
_NUMBERS = frozenset({"window_days", "min_quantity", "answer_days"})
_AMOUNTS = frozenset({"min_value", "quota", "restocking_percent", "credit_percent"})
_LISTS = frozenset({"device_classes", "models", "reasons"})
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")
_FLAGS = frozenset({"allowed", "sealed_only", "needs_papers"})


@dataclass(frozen=True, kw_only=True)
class VendorTerms:
    """The terms of one version. An empty list allows all of its kind; a window of 0 days is no window; a quota of ``none`` no quota."""

    allowed: bool = False
    device_classes: Sequence[str] = ()
    models: Sequence[str] = ()
    """Names of models as the catalog has them."""
    reasons: Sequence[str] = ()
    sealed_only: bool = False
    min_grade: str = ""
    window_days: int = 0
    window_since: str = "receipt"
    min_value: Decimal = Decimal(0)
    min_quantity: int = 0
    quota_of: str = "none"
    quota: Decimal = Decimal(0)
    """Percent of what was bought, an amount, or pieces, by ``quota_of``."""
    quota_period: str = "year"
    restocking_percent: Decimal = Decimal(0)
    carriage_paid_by: str = "us"
    credit_percent: Decimal = Decimal(100)
    """Of the purchase price."""
    carrier: str = ""
    account: str = ""
    needs_papers: bool = False
    papers: str = ""
    """What must travel with the goods, in words."""
    answer_days: int = 0
    """How many days they have to say whether they take it; 0 for as many as the platform's figures say."""
    mail: str = ""
    """The mailbox where they read what they are asked; empty, and nobody is written to."""

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        found: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            found[one.name] = str(value) if isinstance(value, Decimal) else list(value) if one.name in _LISTS else value
        return found

    def expected(self, price: Decimal, quantity: int, currency: str = "EUR") -> Decimal:
        """What the supplier credits for so many pieces at that price, once restocking is taken off."""
        share = self.credit_percent / 100 * (1 - self.restocking_percent / 100)
        return money.rounded(price * quantity * share, currency)


@dataclass(frozen=True, kw_only=True)
class Goods:
    """One unit or counted lot as an agreement looks at it; what isn't known is None."""

    device_class: str
    model: str
    reason: str
    sealed: bool
    grade: str
    bought_on: date | None
    received_on: date | None
    has_papers: bool


def read(body: Mapping[str, Any]) -> tuple[VendorTerms | None, list[Reason]]:
    """The terms that a form or a key told, or everything that is wrong with them, each by its field."""
    found: list[Reason] = []
    told: dict[str, Any] = {}
    for one in fields(VendorTerms):
        if one.name not in body:
            continue
        value = body[one.name]
        if one.name in _AMOUNTS:
            try:
                value = Decimal(str(value).replace(",", ".") or "0")
            except InvalidOperation:
                value = Decimal(-1)
            if not value.is_finite() or not 0 <= value < Decimal(10) ** 9:
                found.append(Reason("number", _("This is a number of zero or more, like 12.50."), one.name))
                continue
        elif one.name in _NUMBERS:
            value = str(value).strip() or "0"
            if not value.isdecimal() or int(value) > 36500:
                found.append(Reason("whole", _("This is a whole number."), one.name))
                continue
            value = int(value)
        elif one.name in _LISTS:
            value = tuple(str(part).strip() for part in value if str(part).strip())
        elif one.name in _FLAGS:
            value = bool(value)
        else:
            value = " ".join(str(value).split())[:300]
        told[one.name] = value
    if found:
        return None, found
    terms = VendorTerms(**told)
    found = _problems(terms)
    return (None if found else terms), found


def _problems(terms: VendorTerms) -> list[Reason]:
    found = []
    for name, allowed in (
        ("min_grade", ("", *GRADES)), ("window_since", SINCE), ("quota_of", QUOTAS), ("quota_period", PERIODS),
        ("carriage_paid_by", PAYERS),
    ):  # fmt: skip
        if getattr(terms, name) not in allowed:
            found.append(Reason("choice", _("Choose one of the list."), name))
    for name, listed, known in (
        ("device_classes", terms.device_classes, set(classes.CLASSES)),
        ("reasons", terms.reasons, set(CLASSES)),
    ):
        if set(listed) - known:
            found.append(Reason("choice", _("Choose from the list."), name))
    found += [
        Reason("percent", _("This is a percentage from 0 to 100."), name)
        for name in ("credit_percent", "restocking_percent")
        if getattr(terms, name) > 100
    ]
    if terms.mail and not _MAIL.fullmatch(terms.mail):
        found.append(Reason("mail", _("This is an e-mail address, like returns@example.com."), "mail"))
    if terms.quota_of == "percent" and terms.quota > 100:
        found.append(Reason("percent", _("A share of the purchases is 0 to 100 percent."), "quota"))
    return found


def reasons_against(terms: VendorTerms, goods: Goods, *, on: date) -> list[Reason]:
    """Every reason why the agreement doesn't let these goods go back on that day; empty when it does."""
    if not terms.allowed:
        return [Reason("not_agreed", _("the agreement allows no returns of unsold goods"))]
    found = []
    if terms.device_classes and goods.device_class not in terms.device_classes:
        found.append(Reason("category", _("the agreement doesn't take this category")))
    if terms.models and goods.model.casefold() not in {one.casefold() for one in terms.models}:
        found.append(Reason("model", _("the agreement doesn't take this model")))
    if terms.reasons and goods.reason not in terms.reasons:
        why = word(f"unsold.{goods.reason}") if goods.reason else _("unsold")
        found.append(Reason("reason", _("the agreement doesn't take goods that are %s") % why))
    if terms.sealed_only and not goods.sealed:
        found.append(Reason("sealed", _("the agreement takes sealed goods only")))
    if terms.min_grade and not _is_at_least(goods, terms.min_grade):
        found.append(Reason("grade", _("the agreement takes goods from grade %s on") % terms.min_grade))
    if terms.needs_papers and not goods.has_papers:
        found.append(Reason("papers", _("the agreement asks for the purchase order, and none is known")))
    if terms.window_days:
        since = goods.bought_on if terms.window_since == "purchase" else goods.received_on or goods.bought_on
        if since is None:
            found.append(Reason("undated", _("nobody knows when it was bought")))
        elif on > since + timedelta(days=terms.window_days):
            told = {"days": terms.window_days, "day": (since + timedelta(days=terms.window_days)).isoformat()}
            found.append(Reason("too_late", _("its %(days)s days ended on %(day)s") % told))
    return found


def _is_at_least(goods: Goods, least: str) -> bool:
    grade = "NEW" if goods.sealed else goods.grade
    return grade in GRADES and GRADES.index(grade) <= GRADES.index(least)


# The quota --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Quota:
    """What may go back in a period and what did; ``of`` is ``amount`` or ``pieces``. Without a limit there is none."""

    of: str
    limit: Decimal | None
    used: Decimal
    begins: date
    ends: date

    @property
    def left(self) -> Decimal | None:
        return None if self.limit is None else max(Decimal(0), self.limit - self.used)

    @property
    def percent(self) -> int:
        if not self.limit:
            return 0 if self.limit is None else 100
        return min(100, int(self.used * 100 / self.limit))

    def has_room(self, amount: Decimal, pieces: int) -> bool:
        return self.left is None or (amount if self.of == "amount" else Decimal(pieces)) <= self.left


def period_of(kind: str, day: date) -> tuple[date, date]:
    """First and last day of the period that holds ``day``."""
    months = {"month": 1, "quarter": 3, "year": 12}[kind]
    first = (day.month - 1) // months * months + 1
    begins = date(day.year, first, 1)
    after = date(day.year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    return begins, after - timedelta(days=1)


def quota_of(terms: VendorTerms, *, on: date, bought: Decimal, amount: Decimal, pieces: int) -> Quota:
    """What is left of the quota on a day, by what was bought of the supplier and what went back in its period."""
    begins, ends = period_of(terms.quota_period, on)
    if terms.quota_of == "pieces":
        return Quota("pieces", terms.quota, Decimal(pieces), begins, ends)
    limit = None
    if terms.quota_of == "amount":
        limit = terms.quota
    elif terms.quota_of == "percent":
        limit = (bought * terms.quota / 100).quantize(Decimal("0.01"))
    return Quota("amount", limit, amount, begins, ends)


# What changed -----------------------------------------------------------------------------------------------------------------------


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What another version says differently: field, before, after."""
    old = before or {}
    return [(name, old.get(name), after[name]) for name in after if old.get(name) != after[name]]
