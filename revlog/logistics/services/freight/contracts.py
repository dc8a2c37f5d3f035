"""Keeping contracts with carriers: what they say, and the versions of their rates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, NotFound, Reason
from revlog.custody.models import Chain
from revlog.custody.services import ledger
from revlog.logistics.facts import contracts as facts
from revlog.logistics.freight import cards, exchange, liability
from revlog.logistics.freight.rating import EXTRAS, Basis, Extra, Line, Unit
from revlog.logistics.models import Book, CardStatus, Carrier, Contract, RateCard, Regime
from revlog.logistics.models.contracts import extras_kept, extras_of, lines_kept, lines_of

PREFIX = "CT"
FIGURES: Mapping[str, tuple[Decimal, Decimal]] = {
    "fuel": (Decimal(0), Decimal(200)),
    "least": (Decimal(0), Decimal(100_000)),
    "divisor": (Decimal(0), Decimal(20_000)),
    "step": (Decimal(0), Decimal(100_000)),
    "assumed_grams": (Decimal(1), Decimal(1_000_000)),
    "assumed_km": (Decimal(0), Decimal(20_000)),
    "tolerance_percent": (Decimal(0), Decimal(100)),
    "tolerance_amount": (Decimal(0), Decimal(10_000)),
    "tolerance_weight": (Decimal(0), Decimal(100)),
    "sdr_per_kg": (Decimal(0), Decimal(10_000)),
    "sdr_rate": (Decimal("0.0001"), Decimal(1000)),
    "apparent_days": (Decimal(0), Decimal(365)),
    "hidden_days": (Decimal(0), Decimal(365)),
    "delay_days": (Decimal(0), Decimal(365)),
    "loss_days": (Decimal(1), Decimal(3650)),
}
"""What a card says beside its lines, and between which numbers."""


class UnableToKeepContract(DomainError):
    """The contract or its rates can't be kept like this."""

    code = "unable_to_keep_contract"


def _require(by: Actor) -> None:
    if not by.is_operator or not by.may("logistics.carriers"):
        raise NotAllowed(Reason("not_allowed", _("Contracts need the right to keep carriers and their accounts.")))


def lock(contract: Contract, *, by: Actor) -> Contract:
    row = Contract.objects.select_for_update(no_key=True, of=("self",)).select_related("carrier").filter(pk=contract.pk)
    found = row.first()
    if found is None or not Contract.objects.visible_to(by).filter(pk=contract.pk).exists():
        raise NotFound(Reason("not_found", _("There is no such contract.")))
    return found


def reasons_against_keeping(
    row: Contract | None,
    *,
    name: str,
    currency: str,
    begins_on: date,
    ends_on: date | None,
    book: str,
    mail: str,
    at: datetime,
) -> list[Reason]:
    """What is wrong with what a contract is to say; ``row`` is how it stands, where it stands."""
    wrong = []
    if not name.strip():
        wrong.append(Reason("name", _("Give it a name."), "name"))
    if exchange.rate(currency, at=at) is None:
        wrong.append(Reason("currency", _("There is no exchange rate for %s.") % currency[:3], "currency"))
    elif row is not None and row.currency != currency and row.cards.filter(status=CardStatus.PUBLISHED).exists():
        wrong.append(Reason("currency", _("Its rates are in %s; make another contract.") % row.currency, "currency"))
    if ends_on is not None and ends_on < begins_on:
        wrong.append(Reason("ends_on", _("It ends after it begins."), "ends_on"))
    if book not in Book.values:
        wrong.append(Reason("book", _("Choose who bears it."), "book"))
    if mail:
        try:
            validate_email(mail)
        except ValidationError:
            wrong.append(Reason("mail", _("This is no e-mail address."), "mail"))
    return wrong


def keep(
    *,
    carrier: Carrier,
    name: str,
    currency: str,
    begins_on: date,
    ends_on: date | None = None,
    hubs: Sequence[Hub] = (),
    reference: str = "",
    inbound: bool = True,
    outbound: bool = True,
    book: str = Book.OURS,
    mail: str = "",
    active: bool = True,
    contract: Contract | None = None,
    by: Actor,
    at: datetime,
) -> Contract:
    """A contract, new or (``contract``) as it is now. What was reckoned by it stays."""
    _require(by)
    with transaction.atomic():
        row = lock(contract, by=by) if contract is not None else None
        told = currency.strip().upper()
        wrong = reasons_against_keeping(
            row, name=name, currency=told, begins_on=begins_on, ends_on=ends_on, book=book, mail=mail, at=at
        )
        if not inbound and not outbound:
            wrong.append(Reason("directions", _("Say for which way we pay."), "inbound"))
        if any(not hub.is_worked_by(by) for hub in hubs):
            wrong.append(Reason("hubs", _("Choose sites at which you work."), "hubs"))
        if wrong:
            raise BadInput(wrong)
        if row is None:
            row = Contract(id=ids.new(at), number=ids.code(PREFIX), created_by=by.reference, created_at=at)
            row.carrier = carrier
        row.name, row.currency, row.reference, row.mail = name.strip()[:120], told, reference.strip()[:60], mail.strip()
        row.begins_on, row.ends_on, row.inbound, row.outbound = begins_on, ends_on, inbound, outbound
        row.book, row.active = book, active
        row.save()
        # What is for sites that this person doesn't see stays theirs.
        others = row.hubs.exclude(pk__in=by.hubs) if contract is not None and by.hubs else Hub.objects.none()
        row.hubs.set([*hubs, *others])
        fact = facts.ContractKept(
            number=row.number, carrier=row.carrier.code, currency=row.currency, hubs=tuple(sorted(one.code for one in hubs)),
            begins=row.begins_on.isoformat(), ends=row.ends_on.isoformat() if row.ends_on else None, active=active,
        )  # fmt: skip
        if Chain.objects.filter(pk=row.pk).exists():
            ledger.append(row.pk, fact, by=by, at=at, owner=by.organization_id)
        else:
            ledger.begin("contract", row.pk, fact, by=by, at=at, owner=by.organization_id)
    return row


def draft(contract: Contract, *, by: Actor, at: datetime) -> RateCard:
    """The next version to work on: a copy of the newest one. The open draft where there is one."""
    _require(by)
    with transaction.atomic():
        row = lock(contract, by=by)
        newest = row.cards.order_by("-version").first()
        if newest is not None and newest.status == CardStatus.DRAFT:
            return newest
        names = ("lines", "extras", "zones", "regime", *FIGURES)
        told: dict[str, Any] = {name: getattr(newest, name) for name in names} if newest is not None else {}
        return RateCard.objects.create(
            id=ids.new(at),
            contract=row,
            version=newest.version + 1 if newest else 1,
            drafted_by=by.reference,
            drafters=[by.reference],
            drafted_at=at,
            **told,
        )


def _open(card: RateCard, *, by: Actor, at: datetime) -> RateCard:
    """The draft, locked after its contract; who changes it drafts it."""
    _require(by)
    contract = lock(card.contract, by=by)
    row = RateCard.objects.select_for_update(no_key=True).get(pk=card.pk)
    row.contract = contract
    if row.status != CardStatus.DRAFT:
        raise UnableToKeepContract(
            Reason("published", _("Version %s is published and changes no more. Draft the next one.") % row.version)
        )
    row.drafted_by, row.drafted_at = by.reference, at
    row.drafters = sorted({*row.drafters, by.reference})
    return row


def set_figures(card: RateCard, *, regime: str, by: Actor, at: datetime, **figures: Decimal | int) -> RateCard:
    """What the card says beside its lines. A regime other than before brings its own limits and days."""
    if strange := set(figures) - set(FIGURES):
        raise BadInput(Reason("unknown", _("A card says nothing of %s.") % min(strange)))
    wrong = [
        Reason(
            name,
            _("This is between %(least)s and %(most)s.") % {"least": FIGURES[name][0], "most": FIGURES[name][1]},
            name,
        )
        for name, value in figures.items()
        if not FIGURES[name][0] <= value <= FIGURES[name][1]
    ]
    if regime not in Regime.values:
        wrong.append(Reason("regime", _("Choose by which rules the carrier is liable."), "regime"))
    if wrong:
        raise BadInput(wrong)
    with transaction.atomic():
        row = _open(card, by=by, at=at)
        rule = liability.RULES.get(regime)
        if rule is not None and row.regime != regime:
            figures = {**figures, **vars(rule)}
        row.regime = regime
        for name, value in figures.items():
            setattr(row, name, value)
        row.save()
    return row


def import_card(card: RateCard, text: str, *, by: Actor, at: datetime) -> RateCard:
    """Lines, extras and zones from a file, in place of those that the draft has. All of it or nothing."""
    found = cards.read(text)
    with transaction.atomic():
        row = _open(card, by=by, at=at)
        row.lines, row.extras, row.zones = lines_kept(found.lines), extras_kept(found.extras), dict(found.zones)
        row.save()
    return row


def add_line(
    card: RateCard, *, service: str, origin: str, destination: str, unit: str, over: Decimal = Decimal(0),
    upto: Decimal | None = None, price: Decimal, least: Decimal = Decimal(0), by: Actor, at: datetime,
) -> RateCard:  # fmt: skip
    """One more price; kilograms. One for the same takes the place of the old one."""
    with transaction.atomic():
        row = _open(card, by=by, at=at)
        ends = [cards.end_of(one, row.zones) for one in (origin, destination)]
        bare = service.strip().lower()
        wrong = []
        if not cards.SERVICE.fullmatch(bare):
            wrong.append(
                Reason("service", _("A service is named by small letters and digits, like standard."), "service")
            )
        for name, end in zip(("origin", "destination"), ends, strict=True):
            if end is None:
                wrong.append(
                    Reason(name, _("A country (DE), the beginning of a postal code (DE-04), a zone, or *."), name)
                )
        if unit not in set(Unit):
            wrong.append(Reason("unit", _("Choose by what it is charged."), "unit"))
        if upto is not None and upto <= over:
            wrong.append(Reason("upto", _("The second weight is more than the first."), "upto"))
        if min(price, least, over) < 0:
            wrong.append(Reason("price", _("No price is below nothing."), "price"))
        if wrong:
            raise BadInput(wrong)
        made = Line(
            service=bare, origin=ends[0] or "*", destination=ends[1] or "*", unit=unit, over=int(over * 1000),
            upto=int(upto * 1000) if upto is not None else None, price=price, least=least,
        )  # fmt: skip
        same = (made.service, made.origin, made.destination, made.unit, made.over)
        kept = [
            one
            for one in lines_of(row.lines)
            if (one.service, one.origin, one.destination, str(one.unit), one.over) != same
        ]
        if len(kept) >= cards.MOST_ROWS:
            raise BadInput(Reason("too_many", _("A card has at most %s lines.") % cards.MOST_ROWS))
        row.lines = lines_kept([*kept, made])
        row.save()
    return row


def set_extra(card: RateCard, *, code: str, basis: str, price: Decimal, by: Actor, at: datetime) -> RateCard:
    """What is charged beside the carriage; one of the same name is replaced."""
    if code not in EXTRAS or basis not in set(Basis) or price < 0:
        raise BadInput(Reason("extra", _("Choose what is charged, by what, and a price."), "code"))
    with transaction.atomic():
        row = _open(card, by=by, at=at)
        kept = [one for one in extras_of(row.extras) if one.code != code]
        row.extras = extras_kept([*kept, Extra(code, basis, price)])
        row.save()
    return row


def remove(card: RateCard, *, what: str, place: int, by: Actor, at: datetime) -> RateCard:
    """Take one line (``line``) or extra (``extra``) off the draft, by its place."""
    with transaction.atomic():
        row = _open(card, by=by, at=at)
        rows = row.lines if what == "line" else row.extras
        if not 0 <= place < len(rows):
            raise NotFound(Reason("not_found", _("There is no such line.")))
        del rows[place]
        row.save()
    return row


def reasons_against_publishing(card: RateCard, valid_from: date, *, by: Actor) -> list[Reason]:
    found = separations.reasons_against("rates_publication", doer=[*card.drafters, card.drafted_by], by=by)
    if not card.lines:
        found.append(Reason("empty", _("The card has no price yet.")))
    contract = card.contract
    if valid_from < contract.begins_on or (contract.ends_on is not None and valid_from > contract.ends_on):
        found.append(Reason("valid_from", _("The contract doesn't hold on this day."), "valid_from"))
    last = contract.cards.filter(status=CardStatus.PUBLISHED).order_by("-valid_from").first()
    if last is not None and last.valid_from is not None and valid_from <= last.valid_from:
        told = {"version": last.version, "day": last.valid_from.isoformat()}
        found.append(
            Reason(
                "valid_from", _("Version %(version)s begins on %(day)s: this one begins later.") % told, "valid_from"
            )
        )
    return found


def publish(card: RateCard, *, valid_from: date, by: Actor, at: datetime) -> RateCard:
    """From a day on, this is what is paid. Published by another person than drafted it."""
    if not by.is_operator or not (by.may("logistics.carriers") or by.may("money.post")):
        raise NotAllowed(
            Reason("not_allowed", _("Publishing rates needs the right to keep carriers, or to post costs."))
        )
    with transaction.atomic():
        contract = lock(card.contract, by=by)
        row = RateCard.objects.select_for_update(no_key=True).get(pk=card.pk)
        row.contract = contract
        if row.status == CardStatus.PUBLISHED:
            raise UnableToKeepContract(Reason("published", _("Version %s is published already.") % row.version))
        if found := reasons_against_publishing(row, valid_from, by=by):
            raise UnableToKeepContract(found)
        row.status, row.valid_from, row.published_by, row.published_at = (
            CardStatus.PUBLISHED, valid_from, by.reference, at,
        )  # fmt: skip
        row.digest = digest(row)
        row.save()
        fact = facts.RatesPublished(
            number=contract.number,
            card=row.version,
            valid_from=valid_from.isoformat(),
            lines=len(row.lines),
            digest=row.digest,
        )
        ledger.append(contract.pk, fact, by=by, at=at, owner=by.organization_id)
    return row


def digest(card: RateCard) -> str:
    told = {name: str(getattr(card, name)) for name in FIGURES} | {"regime": card.regime}
    body = {
        "lines": card.lines,
        "extras": card.extras,
        "zones": card.zones,
        "figures": told,
        "base": settings.BASE_CURRENCY,
    }
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
