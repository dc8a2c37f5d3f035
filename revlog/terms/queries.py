"""Questions about orders, rules, prices and messages: the only reads that pages, stages and the API use."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import Upper

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common.prepared import Prepared
from revlog.devices.models import Device, ProductModel, Variant
from revlog.terms import rates, ruling
from revlog.terms.models import Agreement, Message, Order, OrderLine, Price, PriceModel, Purchase, RuleSet, Warranty
from revlog.terms.models.orders import TRADED_IN
from revlog.terms.models.prices import Basis
from revlog.terms.ruling import Ruling

# Orders -----------------------------------------------------------------------------------------------------------------------------


def guests_order(number: str, email: str) -> Order | None:
    """The order that a guest names by its number and the e-mail it was made with; None when they don't belong together.

    One query for both, so that a wrong number and a wrong e-mail take the same time and give the same answer.
    """
    bare, address = number.strip().lstrip("#").strip().upper(), email.strip().lower()
    if not bare or not address:
        return None
    return (
        Order.objects.sold()
        .filter(number__iexact=bare, contact__email=address)
        .select_related("seller", "contact")
        .order_by("-ordered_at")
        .first()
    )


def recipients_order(number: str, postcode: str) -> Order | None:
    """The order that somebody names who got it as a gift: by its number and the postal code to which it was delivered."""
    bare, code = number.strip().lstrip("#").strip(), _code(postcode)
    if not bare or not is_postcode(code):
        return None
    rows = Order.objects.sold().filter(number__iexact=bare, contact__erased_at=None).select_related("seller", "contact")
    return next((row for row in rows.order_by("-ordered_at") if code in postcodes(row.contact.address)), None)


def _code(text: str) -> str:
    """A postal code as it is compared: without spaces, dashes and the sign of its country (NL-3011 AA, D-10115)."""
    bare = re.sub(r"^\s*[A-Za-z]{1,2}\s*-\s*", "", text)
    return "".join(letter for letter in bare.upper() if letter.isalnum())


def is_postcode(code: str) -> bool:
    return 3 <= len(code) <= 10 and any(letter.isdigit() for letter in code)


def postcodes(address: Sequence[str]) -> set[str]:
    """Everything in an address that may be its postal code: up to three words beside each other, with a digit and enough letters.

    Addresses are kept as they were written, in lines. The first line is left out where there are more: street and house number are no
    secret to neighbours, and must not stand in for a postal code.
    """
    found: set[str] = set()
    for line in address[1:] if len(address) > 1 else address:
        words = line.replace(",", " ").split()
        for begin in range(len(words)):
            for end in range(begin + 1, min(begin + 3, len(words)) + 1):
                code = _code(" ".join(words[begin:end]))
                if is_postcode(code):
                    found.add(code)
    return found


def order_by_number(number: str, actor: Actor) -> Order | None:
    """The newest order of that number that ``actor`` may see."""
    return (
        Order.objects.visible_to(actor)
        .filter(number__iexact=number.strip())
        .select_related("seller", "contact")
        .first()
    )


def orders_by_numbers(numbers: Iterable[str], actor: Actor) -> dict[str, Order]:
    """Number in capitals -> the newest order of that number that ``actor`` may see."""
    wanted = {number.strip().upper() for number in numbers}
    rows = Order.objects.visible_to(actor).alias(upper=Upper("number")).filter(upper__in=wanted).order_by("ordered_at")
    return {row.number.upper(): row for row in rows}


def order_by_parcel(number: str, actor: Actor) -> Order | None:
    """The order whose forward parcel has this tracking number."""
    bare = "".join(number.split())
    if not bare:
        return None
    line = (
        OrderLine.objects.filter(parcel_number__iexact=bare, order__in=Order.objects.visible_to(actor))
        .select_related("order", "order__seller", "order__contact")
        .order_by("-order__ordered_at")
        .first()
    )
    return line.order if line else None


def lines_with_serial(serial: str, actor: Actor) -> list[OrderLine]:
    """Order lines that shipped this serial, newest first: what a unit on the dock was sold as."""
    return list(
        OrderLine.objects.filter(serials__contains=[serial], order__in=Order.objects.visible_to(actor).sold())
        .select_related("order", "order__seller", "product", "variant")
        .order_by("-order__ordered_at")[:5]
    )


def warranty_of(line: OrderLine, *, at: datetime, device: Device | None = None) -> Warranty | None:
    """The warranty of a line (and device, where one is named) that runs longest, in force at ``at``."""
    rows = line.warranties.filter(starts_on__lte=at.date(), ends_on__gte=at.date())
    if device is not None:
        rows = rows.filter(Q(device=device) | Q(device=None))
    return rows.order_by("-ends_on").first()


@dataclass(frozen=True)
class Entitlement:
    """A warranty as it stands for one unit: in force or over, or not for its present owner."""

    warranty: Warranty
    provider: str
    source: str
    """``device``, ``order`` or ``rule``: by what it is known."""
    in_force: bool
    passed_on: bool = True
    """False when it ended with a resale, because it isn't transferable."""


def entitlements(device: Device, *, at: datetime) -> list[Entitlement]:
    """All warranties of a unit: its own, and those of the order lines with which it was sold; those in force first.

    What somebody offered to us changed hands only when its title passed to whom it was offered.
    """
    forms = device.identifiers.filter(scheme__in=["serial", "imei"]).values_list("normal_form", flat=True)
    lines = list(
        OrderLine.objects.filter(sold_serials__normal_form__in=list(forms))
        .exclude(~Q(order__seller=device.owner_id), order__reference__startswith=TRADED_IN)
        .select_related("order__seller")
        .order_by("-order__ordered_at")
        .distinct()[:20]
    )
    last = lines[0].pk if lines else None
    rows = Warranty.objects.filter(
        Q(device=device) | Q(device=None, order_line__in=[line.pk for line in lines])
    ).select_related("order_line__order__seller", "provider", "proof")
    found = []
    for row in rows:
        passed_on = row.transferable or last is None or row.order_line_id in {None, last}
        seller = row.order_line.order.seller.name if row.order_line is not None else ""
        found.append(
            Entitlement(
                row,
                row.provider.name if row.provider else seller or (device.manufacturer if row.kind == "maker" else ""),
                "rule" if row.rule else "order" if row.order_line_id else "device",
                passed_on and row.starts_on <= at.date() <= row.ends_on,
                passed_on,
            )
        )
    return sorted(found, key=lambda one: (not one.in_force, -one.warranty.ends_on.toordinal()))


# Rules ------------------------------------------------------------------------------------------------------------------------------


_read_once: ContextVar[dict[str, list[RuleSet]] | None] = ContextVar("rules_read_once", default=None)


@contextmanager
def rules_read_once() -> Iterator[None]:
    """Within, the rules of a kind are read once, for a run of many verbs; what is published within is read anew."""
    token = _read_once.set({})
    try:
        yield
    finally:
        _read_once.reset(token)


def read_anew(kind: str) -> None:
    """Rules of this kind were published: who reads them once reads them again."""
    if (read := _read_once.get()) is not None:
        read.pop(kind, None)


def _began(row: RuleSet) -> datetime:
    """From when published rules hold; the table refuses some without (``published_rules_are_dated``)."""
    return row.valid_from or datetime.max.replace(tzinfo=UTC)


_HEADS = Prepared(
    """SELECT DISTINCT ON (w.place) w.place, r.id, r.version, r.organization_id, r.digest
       FROM unnest(%(kinds)s, %(organizations)s) WITH ORDINALITY AS w (kind, organization, place)
       JOIN terms_ruleset r ON r.kind = w.kind AND r.version IS NOT NULL AND r.valid_from <= %(at)s
            AND (r.organization_id = w.organization OR r.organization_id IS NULL)
       ORDER BY w.place, r.organization_id ASC NULLS LAST, r.valid_from DESC, r.version DESC""",
    takes={"kinds": "text[]", "organizations": "uuid[]", "at": "timestamptz"},
)
"""Which version of each kind holds. What it says doesn't come along: a process keeps that, by id and digest."""

_made_ready: dict[tuple[uuid.UUID, str], Ruling] = {}


def in_force(kind: str, *, at: datetime, organization: uuid.UUID | None = None) -> Ruling:
    """The rules of a kind that hold at ``at`` for ``organization``: its own, else everybody's, else what the code ships."""
    return in_force_each([(kind, organization)], at=at)[0]


def in_force_each(wanted: Sequence[tuple[str, uuid.UUID | None]], *, at: datetime) -> list[Ruling]:
    """`in_force` for several kinds, each for its organization, in one query.

    Which version holds is asked each time, so that one that was just published counts at once. Its body is read once a process: what is
    published never changes.
    """
    if (read := _read_once.get()) is not None:
        return [_of_those_read(read, kind, organization, at) for kind, organization in wanted]
    heads = {
        place: tuple(rest)
        for place, *rest in _HEADS.rows(
            kinds=[kind for kind, _organization in wanted],
            organizations=[organization for _kind, organization in wanted],
            at=at,
        )
    }
    # Other threads write here too, and may empty it at any moment: this call looks into it once, and goes on with what it saw.
    ready = {head[0]: known for head in heads.values() if (known := _made_ready.get((head[0], head[3]))) is not None}
    missing = {head[0] for head in heads.values()} - ready.keys()
    bodies = {row.pk: row for row in RuleSet.objects.filter(pk__in=missing)} if missing else {}
    found, fresh = [], {}
    for place, (kind, _organization) in enumerate(wanted, 1):
        if place not in heads:
            found.append(Ruling(kind, 0, ruling.kind(kind).shipped))
            continue
        pk, version, owner, digest = heads[place]
        if pk not in ready:
            ready[pk] = fresh[pk, digest] = Ruling(kind, version, bodies[pk].body, owner, pk)
        found.append(ready[pk])
    if fresh:
        if len(_made_ready) > MOST_KEPT:
            _made_ready.clear()
        _made_ready.update(fresh)
    return found


MOST_KEPT = 200


def _of_those_read(read: dict[str, list[RuleSet]], kind: str, organization: uuid.UUID | None, at: datetime) -> Ruling:
    if kind not in read:
        read[kind] = list(RuleSet.objects.filter(kind=kind, version__isnull=False))
    fitting = [r for r in read[kind] if r.organization_id in {organization, None} and _began(r) <= at]
    found = max(fitting, key=lambda r: (r.organization_id is not None, _began(r), r.version or 0), default=None)
    if found is None or found.version is None:
        return Ruling(kind, 0, ruling.kind(kind).shipped)
    return Ruling(kind, found.version, found.body, found.organization_id, found.pk)


def of_version(kind: str, version: int, *, organization: uuid.UUID | None = None) -> Ruling:
    """The rules by which an old decision was made. Raises RuleSet.DoesNotExist."""
    if version == 0:
        return Ruling(kind, 0, ruling.kind(kind).shipped)
    row = RuleSet.objects.filter(kind=kind, version=version, organization=organization).get()
    return Ruling(kind, version, row.body, row.organization_id, row.pk)


def rate(currency: str, *, at: datetime) -> Decimal | None:
    """What one unit of ``currency`` is worth in the install's; None when no rate was published."""
    if currency == settings.BASE_CURRENCY:
        return Decimal(1)
    return rates.rate(in_force("terms.rates", at=at), currency, base=settings.BASE_CURRENCY)


# Prices -----------------------------------------------------------------------------------------------------------------------------


def expected_price(
    *,
    grade: str,
    at: datetime,
    variant: Variant | uuid.UUID | None = None,
    product: ProductModel | uuid.UUID | None = None,
    organization: uuid.UUID | None = None,
    currency: str = "",
    learned: bool = True,
) -> Price | None:
    """What a thing in ``grade`` is expected to bring: its variant's price, else its model's; a seller's own before everybody's.

    What was learned speaks only where nobody said anything; ``learned=False`` leaves it out, ``currency`` prices in other money.
    """
    if variant is None and product is None:
        return None
    wanted = Q()
    if variant is not None:
        wanted |= Q(variant=variant)
    if product is not None:
        wanted |= Q(product=product, variant=None)
    elif isinstance(variant, Variant):
        wanted |= Q(product_id=variant.product_id, variant=None)
    rows = _holding(at, currency=currency, learned=learned).filter(wanted, grade=grade, channel="")
    rows = (
        rows.filter(Q(organization_id=organization) | Q(organization=None))
        if organization
        else rows.filter(organization=None)
    )
    return rows.order_by(
        Case(When(learned_by=None, then=0), default=1),
        F("variant_id").asc(nulls_last=True),
        F("organization_id").asc(nulls_last=True),
        "-valid_from",
    ).first()


def expected_prices(
    *,
    at: datetime,
    product: ProductModel | uuid.UUID,
    variant: Variant | uuid.UUID | None = None,
    channel: str = "",
    currency: str = "",
    learned: bool = True,
) -> dict[str, Price]:
    """Grade -> price in force: the channel's own before the one for all, the variant's before the model's. One query, by index.

    What was learned speaks only where no person and no list said anything (``heard``); then the latest counts. ``currency`` leaves out
    prices in other money, ``learned=False`` what a model says. Of each line of the book only the latest that has begun is read, however
    long its history.
    """
    rows = _holding(at, currency=currency, learned=learned)
    rows = rows.filter(product=product, organization=None, channel__in={channel, ""})
    rows = rows.filter(Q(variant=variant) | Q(variant=None)) if variant is not None else rows.filter(variant=None)
    line = ("channel", "variant_id", "grade", "basis")
    latest = rows.order_by(*line, "-valid_from").distinct(*line)
    found: dict[str, Price] = {}
    for row in sorted(
        heard(latest),
        key=lambda row: (
            row.channel != channel,
            row.variant_id is None,
            row.basis == Basis.LEARNED,
            -row.valid_from.timestamp(),
        ),
    ):
        found.setdefault(row.grade, row)
    return found


def prices_in_force(*, at: datetime, products: Collection[uuid.UUID], channels: Collection[str]) -> list[Price]:
    """The lines of the book in force for these models in these channels (the empty name: for all), of every variant, grade and currency.

    One query by index for any number of models. Of each line only the latest that has begun is read, however long its history; what was
    learned speaks where nobody said anything (``heard``), so ``channels`` should name the one for all.
    """
    rows = _holding(at, currency="", learned=True).filter(product__in=products, channel__in=channels, organization=None)
    return one_a_line(rows)


def one_a_line(rows: QuerySet[Price]) -> list[Price]:
    """Of prices in force the one that counts in each line: a person's or a list's before what was learned, the latest of them."""
    line = ("product_id", "channel", "variant_id", "grade", "basis", "currency")
    found: dict[tuple[object, ...], Price] = {}
    latest = rows.order_by(*line, "-valid_from").distinct(*line)
    for row in sorted(heard(latest), key=lambda row: (row.basis == Basis.LEARNED, -row.valid_from.timestamp())):
        found.setdefault((row.product_id, row.channel, row.variant_id, row.grade, row.currency), row)
    return list(found.values())


def heard(rows: Iterable[Price]) -> list[Price]:
    """Without what was learned of things of which a person or a list among ``rows`` said the price: of the very line, or of more (the
    model for its variants, all channels for one). So a price set today counts today, not when prices are learned again."""
    every = list(rows)
    said = {
        (row.product_id, row.grade, row.currency, row.variant_id, row.channel)
        for row in every
        if row.basis != Basis.LEARNED
    }

    def is_silenced(row: Price) -> bool:
        return row.basis == Basis.LEARNED and any(
            (row.product_id, row.grade, row.currency, variant, channel) in said
            for variant in {row.variant_id, None}
            for channel in {row.channel, ""}
        )

    return [row for row in every if not is_silenced(row)]


def learned_price(model: PriceModel, *, product: uuid.UUID, grade: str, channel: str, at: datetime) -> Price | None:
    """What a version of the price model said of such a thing at ``at``: for the channel, else for all."""
    rows = _holding(at, currency=model.currency, learned=True).filter(learned_by=model, product=product, grade=grade)
    return rows.filter(variant=None, channel__in={channel, ""}).order_by("-channel", "-valid_from").first()


def _holding(at: datetime, *, currency: str, learned: bool) -> QuerySet[Price]:
    """The lines of the book that have begun and not ended."""
    rows = Price.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), valid_from__lte=at)
    if currency:
        rows = rows.filter(currency=currency)
    return rows if learned else rows.exclude(basis=Basis.LEARNED)


# Messages ---------------------------------------------------------------------------------------------------------------------------


def messages_about(things: Iterable[str]) -> list[Message]:
    """What was written about these things, newest first."""
    return list(Message.objects.filter(thing__in=list(things)))


# Suppliers --------------------------------------------------------------------------------------------------------------------------


def agreement_with(supplier: Organization, *, on: date) -> Agreement | None:
    """The version that counts on a day."""
    return Agreement.objects.filter(supplier=supplier).in_force(on).first()


def agreements_on(day: date) -> dict[uuid.UUID, Agreement]:
    """The version that counts on a day, by supplier."""
    found: dict[uuid.UUID, Agreement] = {}
    for row in Agreement.objects.in_force(day).select_related("supplier"):
        found.setdefault(row.supplier_id, row)
    return found


def bought_by_supplier(suppliers: Collection[uuid.UUID], *, begins: date, ends: date) -> dict[uuid.UUID, Decimal]:
    """What was bought of each between two days; who sold nothing is missing."""
    rows = (
        Purchase.objects.filter(supplier__in=suppliers, bought_on__gte=begins, bought_on__lte=ends)
        .order_by()
        .values("supplier")
        .annotate(total=Sum(F("price") * F("quantity")))
    )
    return {row["supplier"]: row["total"] or Decimal(0) for row in rows}


def bought_of(supplier: Organization, *, begins: date, ends: date) -> Decimal:
    """What was bought of a supplier between two days."""
    total = Purchase.objects.filter(supplier=supplier, bought_on__gte=begins, bought_on__lte=ends).aggregate(
        total=Sum(F("price") * F("quantity"))
    )["total"]
    return total or Decimal(0)
