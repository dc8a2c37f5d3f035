"""A mapping: a small TOML file that says how the rows of somebody's export are read as orders and returns.

It names columns and gives conditions; it holds no code and no formula. Every mistake in it is named with the place where it stands.
``docs/importing.md`` describes each key; the ones that come with Revlog are in ``returns/mappings``.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _

from returns import reasons
from returns.imports import refusals
from revlog.accounts.models import OrganizationKind
from revlog.common.errors import BadInput, Reason
from revlog.devices import classes
from revlog.devices.models.device import Tracking

FOLDER = Path(__file__).resolve().parent.parent / "mappings"
MOST_BYTES = 64 * 1024
NEEDED = ("document", "sku", "quantity", "price", "ordered")
OPTIONAL = ("description", "customer", "country", "original", "returned", "reason", "status", "category")
COLUMNS = NEEDED + OPTIONAL
TOLD_BY = ("prefix", "sign", "date")
SIGNS = ("negative", "zero", "positive", "not_positive")


class UnusableMapping(BadInput):
    """The mapping can't be used; nothing was read."""

    code = "unusable_mapping"


@dataclass(frozen=True)
class Refusal:
    """Rows that the mapping keeps out, with the reason. All conditions that are given have to hold; None or empty: not asked."""

    reason: str
    prefixes: tuple[str, ...] = ()
    skus: frozenset[str] = frozenset()
    quantity: str = ""
    price: str = ""
    customer: str = ""
    returned: bool | None = None


@dataclass(frozen=True)
class Seller:
    code: str
    name: str
    kind: str = OrganizationKind.RETAILER.value
    country: str = ""


@dataclass(frozen=True)
class Mapping:
    """A mapping as it is used. ``digest`` names its content: the same file by another mapping is another import."""

    name: str
    text: str
    digest: str
    columns: MappingOf[str, str]
    dates: tuple[str, ...]
    currency: str
    zone: ZoneInfo
    encodings: tuple[str, ...] = ("utf-8",)
    seller: Seller | None = None
    told_by: str = "prefix"
    prefixes: tuple[str, ...] = ()
    credited_negative: bool = True
    returned_words: frozenset[str] = frozenset()
    reasons: MappingOf[str, str] = field(default_factory=dict)
    refused: Sequence[Refusal] = ()
    categories: MappingOf[str, frozenset[str]] = field(default_factory=dict)
    countries: MappingOf[str, str] = field(default_factory=dict)
    customer_ending: str = ""
    device_class: str = "other"
    tracking: str = Tracking.COUNTED.value
    language: str = "en"
    delivered_after_days: int | None = None

    def category_of(self, sku: str) -> str:
        return next((name for name, skus in self.categories.items() if sku in skus), "")


def named(text: str) -> Mapping:
    """The mapping that a name or a path means: a file as it is, else one of those that come with Revlog.

    Raises UnusableMapping.
    """
    path = Path(text)
    if not path.is_file():
        bare = path.name.removesuffix(".toml")
        path = FOLDER / f"{bare}.toml"
        if bare not in shipped():
            known = ", ".join(shipped())
            raise UnusableMapping(
                Reason(
                    "no_mapping",
                    _("There is no mapping %(name)s; name a TOML file, or one of %(known)s.")
                    % {"name": text, "known": known},
                )
            )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnusableMapping(Reason("unreadable", f"{path}: {error.strerror}")) from error
    return parse(data, name=path.name.removesuffix(".toml"))


def shipped() -> list[str]:
    """The names of the mappings that come with Revlog."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def parse(data: bytes, *, name: str) -> Mapping:
    """Read a mapping. Raises UnusableMapping with every mistake."""
    if len(data) > MOST_BYTES:
        raise UnusableMapping(Reason("too_large", _("A mapping has at most %s KB.") % (MOST_BYTES // 1024)))
    try:
        told = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnusableMapping(
            Reason("no_toml", _("Mapping %(name)s is no TOML: %(why)s.") % {"name": name, "why": error})
        ) from error
    reader = _Reader(name)
    found = reader.mapping(told, data.decode())
    if reader.wrong or found is None:
        raise UnusableMapping(reader.wrong)
    return found


class _Reader:
    """Takes the parts out of the told tables and notes what is wrong with them, all of it before anybody is told."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.wrong: list[Reason] = []

    def refuse(self, where: str, sentence: str) -> None:
        self.wrong.append(
            Reason(
                "mapping",
                _("Mapping %(name)s, %(where)s: %(what)s") % {"name": self.name, "where": where, "what": sentence},
                where,
            )
        )

    def text(self, table: MappingOf[str, Any], key: str, where: str, default: str = "") -> str:
        value = table.get(key, default)
        if not isinstance(value, str):
            self.refuse(f"{where}{key}", _("This is a text."))
            return default
        return value

    def texts(self, table: MappingOf[str, Any], key: str, where: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.refuse(f"{where}{key}", _("This is a list of texts."))
            return ()
        return tuple(value)

    def table(self, told: MappingOf[str, Any], key: str) -> dict[str, Any]:
        value = told.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, _("This is a table."))
            return {}
        return value

    def only(self, table: MappingOf[str, Any], where: str, *known: str) -> None:
        for key in table:
            if key not in known:
                self.refuse(
                    f"{where}{key}",
                    _("Nothing reads this; known are %(known)s.") % {"known": ", ".join(known)},
                )

    def one_of(self, value: str, where: str, known: Sequence[str]) -> str:
        if value not in known:
            self.refuse(
                where, _("“%(value)s” is none of %(known)s.") % {"value": value[:40], "known": ", ".join(known)}
            )
        return value

    def mapping(self, told: MappingOf[str, Any], text: str) -> Mapping | None:
        self.only(
            told, "", "file", "seller", "columns", "orders", "returns", "reasons", "refuse", "categories", "countries"
        )
        columns = self.columns(told)
        file, orders, returns = self.table(told, "file"), self.table(told, "orders"), self.table(told, "returns")
        self.only(file, "file.", "encodings", "zone", "dates", "currency", "customer_ending")
        self.only(orders, "orders.", "delivered_after_days", "class", "tracking", "language")
        self.only(returns, "returns.", "told_by", "prefixes", "quantity", "returned_words")
        zone = self.text(file, "zone", "file.", "UTC")
        if zone not in available_timezones():
            self.refuse("file.zone", _("“%s” is no time zone; write it like Europe/London.") % zone[:40])
        currency = self.text(file, "currency", "file.")
        if not re.fullmatch(r"[A-Z]{3}", currency):
            self.refuse("file.currency", _("A currency is written in three letters, like EUR."))
        told_by = self.one_of(self.text(returns, "told_by", "returns.", "prefix"), "returns.told_by", TOLD_BY)
        if told_by == "date" and "returned" not in columns:
            self.refuse("columns.returned", _("Returns are told by their date, but no column is named for it."))
        prefixes = self.texts(returns, "prefixes", "returns.")
        if told_by == "prefix" and not all(prefixes):
            self.refuse("returns.prefixes", _("A prefix has at least one character."))
        sign = self.one_of(
            self.text(returns, "quantity", "returns.", "negative"), "returns.quantity", ("negative", "positive")
        )
        days = orders.get("delivered_after_days")
        if days is not None and (not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= 365):
            self.refuse("orders.delivered_after_days", _("This is a number of days from 0 to 365."))
            days = None
        dates, encodings = self.dates(file), self.encodings(file)
        kind = self.one_of(
            self.text(orders, "tracking", "orders.", Tracking.COUNTED.value),
            "orders.tracking",
            (Tracking.COUNTED.value, Tracking.SERIALIZED.value),
        )
        device_class = self.one_of(
            self.text(orders, "class", "orders.", "other"), "orders.class", sorted(classes.CLASSES)
        )
        seller, why = self.seller(told), self.why(told)
        refused, categories, countries = self.refused(told), self.categories(told), self.countries(told)
        if self.wrong:
            return None
        return Mapping(
            name=self.name,
            text=text,
            digest=hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest(),
            columns=columns,
            dates=dates,
            currency=currency,
            zone=ZoneInfo(zone),
            encodings=encodings,
            seller=seller,
            told_by=told_by,
            prefixes=prefixes,
            credited_negative=sign == "negative",
            returned_words=frozenset(word.casefold() for word in self.texts(returns, "returned_words", "returns.")),
            reasons=why,
            refused=refused,
            categories=categories,
            countries=countries,
            customer_ending=self.text(file, "customer_ending", "file."),
            device_class=device_class,
            tracking=kind,
            language=self.text(orders, "language", "orders.", "en"),
            delivered_after_days=days,
        )

    def columns(self, told: MappingOf[str, Any]) -> dict[str, str]:
        given = self.table(told, "columns")
        self.only(given, "columns.", *COLUMNS)
        found = {key: self.text(given, key, "columns.").strip() for key in given if key in COLUMNS}
        for key in NEEDED:
            if not found.get(key):
                self.refuse(f"columns.{key}", _("Name the column that holds it."))
        return {key: column for key, column in found.items() if column}

    def dates(self, file: MappingOf[str, Any]) -> tuple[str, ...]:
        found = self.texts(file, "dates", "file.")
        if not found:
            self.refuse("file.dates", _("Say how dates are written, like %Y-%m-%d %H:%M:%S."))
        sample = datetime(2011, 12, 29, 18, 7, 5, tzinfo=UTC)
        for form in found:
            try:
                same = datetime.strptime(sample.strftime(form), form).date() == sample.date()  # noqa: DTZ007
            except ValueError:
                same = False
            if not same:
                self.refuse("file.dates", _("“%s” leaves out the day, the month or the year.") % form[:40])
        return found

    def encodings(self, file: MappingOf[str, Any]) -> tuple[str, ...]:
        found = self.texts(file, "encodings", "file.") or ("utf-8",)
        for name in found:
            try:
                if "".encode(name) is None:  # pragma: no cover - LookupError is the answer that is asked for
                    continue
            except LookupError:
                self.refuse("file.encodings", _("“%s” is no encoding; write it like utf-8 or cp1252.") % name[:40])
        return found

    def seller(self, told: MappingOf[str, Any]) -> Seller | None:
        if "seller" not in told:
            return None
        given = self.table(told, "seller")
        self.only(given, "seller.", "code", "name", "kind", "country")
        code = self.text(given, "code", "seller.")
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", code):
            self.refuse("seller.code", _("A code has small letters, digits and hyphens, like web-shop."))
        country = self.text(given, "country", "seller.")
        if country and not re.fullmatch(r"[A-Z]{2}", country):
            self.refuse("seller.country", _("A country is written in two letters, like NL."))
        kind = self.one_of(
            self.text(given, "kind", "seller.", OrganizationKind.RETAILER.value),
            "seller.kind",
            (OrganizationKind.RETAILER.value, OrganizationKind.CLIENT.value),
        )
        return Seller(code, self.text(given, "name", "seller.", code)[:200], kind, country)

    def why(self, told: MappingOf[str, Any]) -> dict[str, str]:
        given = self.table(told, "reasons")
        found = {}
        for text, code in given.items():
            if code not in reasons.CODES:
                self.refuse(
                    f"reasons.{text}",
                    _("“%s” is no reason that we know; docs/importing.md lists them.") % str(code)[:40],
                )
            found[" ".join(text.split()).casefold()] = str(code)
        return found

    def refused(self, told: MappingOf[str, Any]) -> list[Refusal]:
        given = told.get("refuse", [])
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            self.refuse("refuse", _("This is a list of tables, each begun by [[refuse]]."))
            return []
        found = []
        for place, one in enumerate(given, 1):
            where = f"refuse {place}, "
            self.only(one, where, "reason", "prefixes", "skus", "quantity", "price", "customer", "returned")
            reason = self.one_of(self.text(one, "reason", where), f"{where}reason", sorted(refusals.OF_MAPPINGS))
            if len(one) < 2:
                self.refuse(f"refuse {place}", _("Without a condition it would refuse every row."))
            for key in ("quantity", "price"):
                if key in one:
                    self.one_of(self.text(one, key, where), f"{where}{key}", SIGNS)
            if "customer" in one:
                self.one_of(self.text(one, "customer", where), f"{where}customer", ("missing", "given"))
            returned = one.get("returned")
            if returned is not None and not isinstance(returned, bool):
                self.refuse(f"{where}returned", _("This is true or false."))
                returned = None
            found.append(
                Refusal(
                    reason,
                    self.texts(one, "prefixes", where),
                    frozenset(self.texts(one, "skus", where)),
                    str(one.get("quantity", "")),
                    str(one.get("price", "")),
                    str(one.get("customer", "")),
                    returned,
                )
            )
        return found

    def categories(self, told: MappingOf[str, Any]) -> dict[str, frozenset[str]]:
        given = self.table(told, "categories")
        for name in given:
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
                self.refuse(f"categories.{name}", _("A category is one word in lower case, like custom_made."))
        return {name: frozenset(self.texts(given, name, "categories.")) for name in given}

    def countries(self, told: MappingOf[str, Any]) -> dict[str, str]:
        given = self.table(told, "countries")
        found = {name.casefold(): self.text(given, name, "countries.") for name in given}
        for name, code in found.items():
            if code and not re.fullmatch(r"[A-Z]{2}", code):
                self.refuse(f"countries.{name}", _("A country is written in two letters, like NL."))
        return found
