"""A quote for a used thing: from the price book and the answers, frozen; or by a person, where no price is known."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from returns.facts import tradein as facts
from returns.models import ListedKind, TradeIn, TradeInStatus
from returns.policy import questions
from returns.policy import tradein as policy
from returns.policy.tradein import Quoted, Recovery
from returns.queries import lists
from returns.services.tradein import blocking
from revlog.accounts import actors
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.calendars import Calendar
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.models import Identifier, ProductModel, Variant
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from revlog.terms import foretelling
from revlog.terms import queries as terms
from revlog.terms.foretelling import Declared, Foretold, Spot
from revlog.terms.models import Contact, Price
from revlog.terms.models.prices import Basis
from revlog.terms.ruling import Ruling

PORTAL = actors.system("returns.tradein")
PREFIX = "TI"
CHANNELS = ("portal", "kiosk", "staff", "api")
PHOTO = "photo_customer"
MOST_PHOTOS = 6


class UnableToQuote(DomainError):
    """No sum can be quoted, or not any more, or not by this person."""

    code = "unable_to_quote"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody says of the thing that they would sell. ``photos`` are digests of artifacts.

    ``name`` and ``email`` are asked where a person has to answer: no sum can be told at once.
    """

    product: uuid.UUID | None = None
    variant: uuid.UUID | None = None
    what: str = ""
    device_class: str = "other"
    serial: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    photos: Sequence[str] = field(default_factory=tuple)
    name: str = ""
    email: str = ""
    language: str = "en"


def lock(pk: uuid.UUID) -> TradeIn:
    return (
        TradeIn.objects.select_for_update(no_key=True, of=("self",))
        .select_related("buyer", "contact", "hub")
        .get(pk=pk)
    )


def say(row: TradeIn, fact: Fact, *, by: Actor, at: datetime) -> Entry:
    return ledger.append(row.pk, fact, by=by, at=at, owner=row.buyer_id, hub=row.hub_id)


def rules_for(buyer: uuid.UUID, *, at: datetime) -> Ruling:
    return terms.in_force(policy.KIND, at=at, organization=buyer)


# Finding the thing ------------------------------------------------------------------------------------------------------------------


def suggestions(text: str, *, most: int = 8) -> list[ProductModel]:
    """Models of the catalog for what was typed: by name, or by a number of a thing whose like we have seen.

    Of an IMEI the first eight digits say the model: what they were on a thing that was here is the model of this one too. That tells
    nothing of whose thing that was.
    """
    bare = " ".join(text.split())[:80]
    if len(bare) < 2:
        return []
    digits = "".join(letter for letter in bare if letter.isdigit())
    if len(digits) == 15 or (len(digits) == 8 and digits == bare):
        seen = Identifier.objects.filter(scheme="imei", normal_form__startswith=digits[:8])
        found = ProductModel.objects.filter(pk__in=seen.values("device__product"))
        if found.exists():
            return list(found[:most])
    named = ProductModel.objects.all()
    for piece in bare.split()[:5]:
        named = named.filter(name__icontains=piece) | named.filter(manufacturer__icontains=piece)
    # What we know a price for first: who sees several models rarely wants the one that nobody can quote.
    known = Exists(Price.objects.filter(product=OuterRef("pk")).exclude(basis=Basis.LEARNED))
    rows: list[ProductModel] = [*named.annotate(known=known).order_by("-known", "manufacturer", "name")[:most]]
    if not rows:
        rows = list(ProductModel.objects.filter(aliases__contains=[bare.lower()])[:most])
    return rows


def prices_of(product: ProductModel, variant: Variant | None, *, at: datetime) -> tuple[dict[str, Decimal], str]:
    """Grade -> expected sale price, in the install's currency. What a model learned binds nobody: no quote rests on it."""
    currency = settings.BASE_CURRENCY
    rows = terms.expected_prices(at=at, product=product, variant=variant, currency=currency, learned=False)
    return {grade: row.amount for grade, row in rows.items()}, currency


# Quoting ----------------------------------------------------------------------------------------------------------------------------


def reasons_against_photos(count: int) -> list[Reason]:
    """Asked before any of them is looked at: a page that anybody may send to unpacks no more than we would keep."""
    return [Reason("photos", _("Add at most %s photos.") % MOST_PHOTOS, "photos")] if count > MOST_PHOTOS else []


def reasons_against_quoting(
    told: Told, found: Ruling, product: ProductModel | None, variant: Variant | None
) -> list[Reason]:
    """What is missing or can't be, each beside its field; and what may not be bought."""
    wrong = []
    if product is None and not told.what.strip():
        wrong.append(Reason("what", _("Say what it is: maker and model."), "what"))
    if told.product is not None and product is None:
        wrong.append(Reason("product", _("Choose a model from the list."), "product"))
    if told.variant is not None and (variant is None or product is None or variant.product_id != product.pk):
        wrong.append(Reason("variant", _("Choose one of the versions of this model."), "variant"))
    if len(told.note) > 1000:
        wrong.append(Reason("note", _("A note has at most 1,000 characters."), "note"))
    wrong += reasons_against_photos(len(told.photos))
    device_class = product.device_class if product else told.device_class
    if product is not None:
        # Of what the catalog doesn't know, a person asks what they need to know.
        wrong += questions.wrong_with(policy.asked(found, device_class), told.answers)
    if blocking.of_text(told.serial) is not None:
        wrong.append(
            Reason(
                "blocked", _("This number is on a list of lost, stolen or blocked things. We can't buy it."), "serial"
            )
        )
    return wrong


def _things(told: Told) -> tuple[ProductModel | None, Variant | None]:
    product = ProductModel.objects.filter(pk=told.product).first() if told.product else None
    variant = Variant.objects.select_related("product").filter(pk=told.variant).first() if told.variant else None
    if product is None and told.product is None and variant is not None:
        product = variant.product
    return product, variant


def lists_of(told: Told, buyer: uuid.UUID, *, at: datetime) -> list[str]:
    """The buyer's lists on which the thing is, by its serial number or IMEI or as a product."""
    _product, variant = _things(told)
    number = lists.subject_of(buyer, ListedKind.SERIAL, told.serial)
    found = lists.on_lists(
        buyer,
        day=at.date(),
        products=[variant.sku] if variant is not None else [],
        serials=[number] if number else [],
    )
    return sorted({name for names in found.values() for name in names})


@dataclass(frozen=True, kw_only=True)
class Reckoned:
    """A quote with what it rests on: prices, and what a thing in each grade will bring us where that is known."""

    made: Quoted
    prices: Mapping[str, Decimal]
    currency: str
    foretold: Mapping[str, Foretold]

    @property
    def recoveries(self) -> dict[str, Recovery]:
        return {grade: brought(one) for grade, one in self.foretold.items()}


def brought(told: Foretold) -> Recovery:
    return Recovery(told.recovery + told.decay, told.freight.amount + told.inspection)


def reckon(
    told: Told,
    found: Ruling,
    *,
    buyer: Organization,
    hub: Hub | None = None,
    listed: Sequence[str] = (),
    at: datetime,
) -> Reckoned:
    """What the rules and prices in force make of it, and the sums of its later decision."""
    product, variant = _things(told)
    prices, currency = prices_of(product, variant, at=at) if product is not None else ({}, settings.BASE_CURRENCY)
    device_class = product.device_class if product else told.device_class
    foretold: dict[str, Foretold] = {}
    if product is not None and prices:
        asked = [
            Declared(
                device_class=device_class,
                product=product.pk,
                variant=variant.pk if variant is not None else None,
                grade=grade,
                returned=False,
                learned=False,
                reason="TRADE_IN",
                owner=buyer.pk,
                currency=currency,
                lies=Spot(country=buyer.country),
                goes=Spot(country=hub.country if hub is not None else buyer.country, site=hub.pk if hub else None),
                here=hub is not None,
            )
            for grade in policy.GRADES
            if grade in prices
        ]
        answers = foretelling.foretell(asked, at=at)
        foretold = {one.grade: told for one, told in zip(asked, answers, strict=True) if told is not None}
    made = policy.quote(
        found,
        prices=prices,
        answers=told.answers,
        device_class=device_class,
        currency=currency,
        lists=listed,
        recoveries={grade: brought(one) for grade, one in foretold.items()},
    )
    return Reckoned(made=made, prices=prices, currency=currency, foretold=foretold)


def quote(
    told: Told,
    *,
    buyer: Organization,
    key: uuid.UUID,
    channel: str = "portal",
    hub: Hub | None = None,
    by: Actor = PORTAL,
    at: datetime,
) -> TradeIn:
    """The quote for what was told, once for ``key``. Raises BadInput for what is missing and for what may not be bought.

    A key of somebody else's opens nothing. A sum holds for the days that the rules say. Where no price is known it waits for a person,
    which needs an e-mail to answer to.
    """
    if (known := _known(key, buyer=buyer, channel=channel, hub=hub, by=by)) is not None:
        return known
    found = rules_for(buyer.pk, at=at)
    product, variant = _things(told)
    if wrong := reasons_against_quoting(told, found, product, variant):
        raise BadInput(wrong)
    listed = lists_of(told, buyer.pk, at=at)
    reckoned = reckon(told, found, buyer=buyer, hub=hub, listed=listed, at=at)
    made, prices, currency = reckoned.made, reckoned.prices, reckoned.currency
    if made.ends == policy.ASK and not told.email.strip():
        raise BadInput(
            Reason("email", _("We know no price for it. Leave your e-mail, and a person writes you one."), "email")
        )
    status = {
        policy.BUY: TradeInStatus.QUOTED,
        policy.ASK: TradeInStatus.ASKED,
        policy.RECYCLE: TradeInStatus.RECYCLE,
        policy.STOP: TradeInStatus.REFUSED,
    }[made.ends]
    device_class = product.device_class if product else told.device_class
    answers = questions.given(policy.asked(found, device_class), told.answers)
    row = TradeIn(
        id=ids.new(at),
        number=ids.code(PREFIX),
        key=key,
        buyer=buyer,
        hub=hub,
        channel=channel,
        status=status.value,
        product=product,
        variant=variant,
        what=str(variant or product or " ".join(told.what.split()))[:200],
        device_class=device_class,
        serial="".join(told.serial.split())[:60],
        answers=answers,
        note=" ".join(told.note.split())[:1000],
        grade=made.grade if product is not None else "",
        amount=made.amount if made.ends == policy.BUY else None,
        uplift=made.uplift,
        currency=currency,
        steps=[step.kept() for step in made.steps if step.amount],
        prices={grade: str(amount) for grade, amount in prices.items()},
        inputs={
            "device_class": device_class,
            "prices": {grade: str(amount) for grade, amount in prices.items()},
            "answers": _chosen(found, answers),
            "lists": listed,
            "recoveries": {grade: one.kept() for grade, one in reckoned.recoveries.items()},
            **_foretold(reckoned),
        },
        rules=found.version,
        why=made.why[:300],
        made_by=by.reference,
        made_at=at,
        valid_until=_until(hub, found, at) if made.ends == policy.BUY else None,
    )
    for one in list(reckoned.foretold.values())[:1]:
        foretelling.keep(one, at=at)
    try:
        with transaction.atomic():
            if told.email.strip() and made.ends == policy.ASK:
                row.contact = _contact(told, at)
            ledger.begin("tradein", row.pk, _first(row, made.ends), by=by, at=at, owner=buyer.pk, hub=row.hub_id)
            row.save(force_insert=True)
            for artifact in Artifact.objects.filter(digest__in=list(told.photos), erased_at=None):
                artifacts.attach(artifact, chain=row.pk, use=PHOTO, audience="customer", by=by, at=at)
    except IntegrityError:
        # The same form came twice at once, and the other one was quicker.
        if (known := _known(key, buyer=buyer, channel=channel, hub=hub, by=by)) is None:
            raise
        return known
    return row


def _foretold(reckoned: Reckoned) -> dict[str, Any]:
    """All that was foretold of the grade that was quoted, so that it can be read and reckoned again."""
    told = reckoned.foretold.get(reckoned.made.grade)
    return {"foretold": told.kept()} if told is not None else {}


def _chosen(found: Ruling, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers that rules can compare: choices, nothing that somebody wrote."""
    return {question: str(choice["id"]) for question, choice in policy.chosen(found, answers)}


def _known(key: uuid.UUID, *, buyer: Organization, channel: str, hub: Hub | None, by: Actor) -> TradeIn | None:
    """What was quoted for this key, by the same door and person. Raises BadInput for a key of somebody else's."""
    row = TradeIn.objects.filter(key=key).first()
    if row is None:
        return None
    place = hub.pk if hub is not None else None
    if (row.buyer_id, row.channel, row.hub_id, row.made_by) != (buyer.pk, channel, place, by.reference):
        raise BadInput(Reason("key", _("This key was used by somebody else; use a new one."), "key"))
    return row


def _until(hub: Hub | None, found: Ruling, at: datetime) -> datetime:
    calendar = hub.calendar if hub is not None else Calendar()
    return calendar.after_days(at, policy.days(found, "valid_days"))


def _contact(told: Told, at: datetime) -> Contact:
    return Contact.objects.create(
        id=ids.new(at),
        email=told.email.strip().lower()[:254],
        name=" ".join(told.name.split())[:200],
        language=told.language,
        created_at=at,
    )


def _first(row: TradeIn, ends: str) -> Fact:
    if ends == policy.ASK:
        return facts.TradeInAsked(
            number=row.number, channel=f"tradein_by.{row.channel}", rules=row.rules, why="no_price"
        )
    if row.valid_until is None:
        return facts.TradeInNotBought(
            number=row.number, channel=f"tradein_by.{row.channel}", ends=f"tradein.{row.status}", rules=row.rules
        )
    return _quoted(row)


def _quoted(row: TradeIn, *, by_hand: bool = False) -> facts.TradeInQuoted:
    return facts.TradeInQuoted(
        number=row.number,
        channel=f"tradein_by.{row.channel}",
        grade=row.grade,
        amount=str(row.amount),
        currency=row.currency,
        rules=row.rules,
        prices=dict(row.prices),
        valid_until=row.valid_until.isoformat() if row.valid_until else "",
        by_hand=by_hand,
    )


# By hand ----------------------------------------------------------------------------------------------------------------------------


def reasons_against_pricing(row: TradeIn, *, by: Actor) -> list[Reason]:
    """Why this person can't set the sum."""
    found = []
    if not by.may("returns.settle"):
        found.append(Reason("not_allowed", _("Setting a sum needs the right to settle returns.")))
    if row.status != TradeInStatus.ASKED:
        found.append(Reason("wrong_status", _("This quote is %s.") % word(f"tradein.{row.status}")))
    return found


def set_sum(row: TradeIn, *, amount: Decimal, words: str = "", by: Actor, at: datetime) -> TradeIn:
    """A person says what we pay, or with 0 that we don't buy it; whoever asked is written."""
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(Decimal("0.01")) or amount >= 10**8:
        raise BadInput(Reason("amount", _("A sum is an amount like 12.50, or 0 when we don't buy it."), "amount"))
    if not amount and not words.strip():
        raise BadInput(Reason("words", _("Say why we don't buy it; whoever asked reads it."), "words"))
    with transaction.atomic():
        found = lock(row.pk)
        if wrong := reasons_against_pricing(found, by=by):
            raise NotAllowed(wrong) if wrong[0].code == "not_allowed" else UnableToQuote(wrong)
        rules = rules_for(found.buyer_id, at=at)
        found.priced_by, found.priced_at, found.why, found.rules = by.reference, at, words.strip()[:300], rules.version
        if amount:
            found.status, found.amount = TradeInStatus.QUOTED, amount
            found.uplift = (amount * Decimal(str(rules.parameters.get("uplift_percent", 0))) / 100).quantize(
                Decimal("0.01")
            )
            found.steps = [{"what": "", "amount": str(amount), "rule": "person"}]
            found.valid_until = _until(found.hub, rules, at)
            said: Fact = _quoted(found, by_hand=True)
        else:
            found.status, found.ended_at = TradeInStatus.REFUSED, at
            said = facts.TradeInEnded(number=found.number, ends=f"tradein.{found.status}")
        found.save()
        say(found, said, by=by, at=at)
    return found


# Ends without a purchase ------------------------------------------------------------------------------------------------------------


def reasons_against_declining(row: TradeIn, *, by: Actor) -> list[Reason]:
    found = []
    own = by.kind == ActorKind.GUEST and f"tradein:{row.pk}" in by.scope
    if not own and not by.may("returns.settle"):
        found.append(Reason("not_allowed", _("Only whoever asked for the quote ends it.")))
    if row.status not in {TradeInStatus.ASKED, TradeInStatus.QUOTED}:
        found.append(Reason("wrong_status", _("This quote is %s.") % word(f"tradein.{row.status}")))
    return found


def decline(row: TradeIn, *, by: Actor, at: datetime) -> TradeIn:
    """Whoever asked doesn't want to sell any more."""
    with transaction.atomic():
        found = lock(row.pk)
        if wrong := reasons_against_declining(found, by=by):
            raise UnableToQuote(wrong)
        return _end(found, TradeInStatus.DECLINED, by=by, at=at)


def lapse(pk: uuid.UUID, *, by: Actor = PORTAL, at: datetime) -> bool:
    """The days of the quote are over. Said again, nothing happens."""
    with transaction.atomic():
        row = lock(pk)
        if row.status != TradeInStatus.QUOTED or row.valid_until is None or at < row.valid_until:
            return False
        _end(row, TradeInStatus.LAPSED, by=by, at=at)
    return True


def _end(row: TradeIn, status: TradeInStatus, *, by: Actor, at: datetime) -> TradeIn:
    row.status, row.ended_at = status, at
    row.save(update_fields=["status", "ended_at"])
    say(row, facts.TradeInEnded(number=row.number, ends=f"tradein.{status.value}"), by=by, at=at)
    return row


def due(*, at: datetime) -> list[uuid.UUID]:
    rows = TradeIn.objects.filter(status=TradeInStatus.QUOTED, valid_until__lte=at).order_by("valid_until")
    return list(rows.values_list("pk", flat=True)[:500])
