"""What a unit is worth on each path: the case it makes, the figures in force, and the sums with what stands against each.

Reads only, but for ``propose``. A valuation keeps its version and inputs, so that it can be reckoned again to the same sums.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import translation

from returns.facts import Accepted, GivenUp, OfferAccepted, ReturnRefused, ToBeSentBack, UnitMatched
from revlog.accounts.models import OrganizationKind
from revlog.common import ids
from revlog.common.prepared import Prepared
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices.journey import CLEARED, Data
from revlog.devices.models import Device, MediumState
from revlog.devices.models.device import OF_PERSONS
from revlog.devices.services import moves
from revlog.terms import queries as terms
from revlog.terms import supplies
from revlog.terms.models import Price
from revlog.terms.models.prices import Basis
from revlog.terms.ruling import Ruling
from triage import cases, figures, paths, ranking, sop
from triage.cases import SHAPE, Quote, Supply
from triage.earlier import first
from triage.figures import Figures
from triage.models import KeptFigures, Valuation
from triage.paths import Case
from triage.ranking import Path, Worth, path_of, plain_paths, reckoned
from triage.services import mending

__all__ = [
    "Path",
    "Worth",
    "again",
    "case_of",
    "figures_for",
    "path_of",
    "plain_paths",
    "reckoned",
    "valued",
    "worth_of",
    "worths_of",
]

DEAD = frozenset({"no_power", "does_not_work"})
SOLDERED = frozenset({"emmc", "ufs"})
OPEN_MEDIA = frozenset({MediumState.UNKNOWN, MediumState.PRESENT})
_Quotes = Mapping[str, Mapping[str, Quote]]


# The case -----------------------------------------------------------------------------------------------------------------------------


def figures_for(device: Device, *, at: datetime) -> Figures:
    """The figures in force at ``at`` for a unit: its owner's own or everybody's."""
    return figures.figures_of(terms.in_force(figures.KIND, at=at, organization=device.owner_id))


def case_of(device: Device, known: Figures, *, at: datetime) -> tuple[Case, str]:
    """What the choice rests on, and where its price comes from: ``price_book``, ``learned_price``, ``list_price`` or
    ``assumption``."""
    rules = terms.in_force(sop.KIND, at=at, organization=device.owner_id)
    return _case(device, known, rules, _Read([device], {device.pk: known}, at=at), at=at)


_KNOWN = Prepared(
    """SELECT 'unit', d.id, v.why, o.kind, v.opened_at, NULL::boolean, 0 AS place
       FROM devices_device d JOIN accounts_organization o ON o.id = d.owner_id LEFT JOIN devices_visit v ON v.id = d.visit_id
       WHERE d.id = ANY (%(units)s)
       UNION ALL
       SELECT 'fault', device_id, code, severity, NULL, NULL, row_number() OVER (ORDER BY id)
       FROM devices_fault WHERE device_id = ANY (%(units)s) AND cleared_at IS NULL
       UNION ALL
       SELECT 'medium', device_id, type, state, NULL, soldered, row_number() OVER (ORDER BY id)
       FROM devices_medium WHERE device_id = ANY (%(units)s)
       UNION ALL
       SELECT 'contradiction', c.device_id, c.field, '', NULL, NULL, row_number() OVER (ORDER BY c.found_at, c.id)
       FROM triage_contradiction c JOIN devices_device d ON d.id = c.device_id AND c.visit_id IS NOT DISTINCT FROM d.visit_id
       WHERE c.device_id = ANY (%(units)s) AND c.outcome = '' AND c.kind = 'identity'
       ORDER BY 1, 7""",
    takes={"units": "uuid[]"},
)
"""What hangs on the units: every decision asks for it, and four questions would take longer than their answers."""


class _Read:
    """What is known of many units, read at once: the same few queries for one and for all."""

    def __init__(self, devices: Sequence[Device], known: Mapping[uuid.UUID, Figures], *, at: datetime) -> None:
        self.faults: dict[uuid.UUID, list[paths.Fault]] = defaultdict(list)
        self.drives: dict[uuid.UUID, list[Mapping[str, Any]]] = defaultdict(list)
        self.contradicts: dict[uuid.UUID, list[str]] = defaultdict(list)
        self.why: dict[uuid.UUID, str] = {}
        self.ours: dict[uuid.UUID, bool] = {}
        opened: dict[uuid.UUID, datetime] = {}
        for what, unit, first_word, second, since, soldered, _place in _KNOWN.rows(units=[each.pk for each in devices]):
            if what == "fault":
                self.faults[unit].append(paths.Fault(code=first_word, severity=second))
            elif what == "medium":
                self.drives[unit].append({"type": first_word, "state": second, "soldered": soldered})
            elif what == "contradiction":
                self.contradicts[unit].append(word(f"picture.{first_word}"))
            else:
                self.why[unit], self.ours[unit] = first_word or "", second == OrganizationKind.OPERATOR
                if since is not None and first_word in OF_PERSONS:
                    opened[unit] = since
        self.quotes = _book(devices, known, at=at)
        self.supplies = _supplies(devices, known, self.faults)
        self.asked = _asked_of(opened)


def _case(device: Device, known: Figures, rules: Ruling, read: _Read, *, at: datetime) -> tuple[Case, str]:
    faults, drives = read.faults[device.pk], read.drives[device.pk]
    mendable = [fault for fault in faults if known.repair(fault.code, device.device_class)]
    why = read.why.get(device.pk, "")
    price_new, price_a, decay, source = _prices(device, known, why, at=at)
    quotes = read.quotes.get(device.pk, {})
    stock = read.supplies.get(device.pk, {})
    mends = mending.cheapest(device, mendable, known, stock, at=at) if mendable else ()
    open_drives = [each for each in drives if each["state"] in OPEN_MEDIA]
    case = Case(
        device_class=device.device_class,
        tracking=device.tracking,
        quantity=device.quantity,
        grams=device.grams or (device.product.grams if device.product else None) or device.kind.typical_grams,
        grade=device.grade,
        target=mends[0].target if mends else "",
        mendable=tuple(mendable),
        mends=tuple(mends),
        faults=tuple(faults),
        holds=tuple(device.holds),
        held=moves.held(device),
        contradicts=tuple(read.contradicts[device.pk]),
        authority=bool(device.authority),
        ours=read.ours.get(device.pk, False),
        why=why,
        asked=read.asked.get(device.pk, ""),
        uncleared=_uncleared(device, open_drives),
        media=tuple(sorted({each["type"] for each in open_drives if each["type"]})),
        soldered=_soldered(device, open_drives),
        clearable=_clearable(device, faults, open_drives),
        price_new=price_new,
        price_a=price_a,
        quotes=quotes,
        decay=decay,
        supplies=stock,
    )
    quote = quotes.get("", {}).get(device.grade)
    if quote is not None:
        source = "learned_price" if quote.basis == Basis.LEARNED else "price_book"
    return sop.with_contract(case, rules, known), source


def _prices(device: Device, known: Figures, why: str, *, at: datetime) -> tuple[Decimal, Decimal, Decimal, str]:
    """A new one, one in grade A today, the monthly decay, and whether catalog or assumption spoke."""
    decay = known.of("monthly_decay", device.device_class)
    listed = (device.variant.list_price if device.variant else None) or (
        device.product.list_price if device.product else None
    )
    new = listed if listed is not None else known.of("list_price", device.device_class)
    months = _age(device, known, why, at=at)
    worth = (new * (1 - decay) ** months).quantize(Decimal("0.01"))
    return new, worth, decay, "list_price" if listed is not None else "assumption"


def _book(devices: Sequence[Device], known: Mapping[uuid.UUID, Figures], *, at: datetime) -> dict[uuid.UUID, _Quotes]:
    """What the price book expects of each unit per channel and grade, in the currency its sums are in. One query for all."""
    products = {device.product_id for device in devices if device.product_id is not None}
    if not products:
        return {}
    channels = {"", *(channel for each in known.values() for channel in each.channels)}
    by_product: dict[uuid.UUID, list[Price]] = defaultdict(list)
    for row in terms.prices_in_force(at=at, products=products, channels=channels):
        by_product[row.product_id].append(row)
    return {
        device.pk: _quotes(by_product[device.product_id], device.variant_id, known[device.pk].currency)
        for device in devices
        if device.product_id is not None and device.product_id in by_product
    }


def _quotes(rows: Sequence[Price], variant: uuid.UUID | None, currency: str) -> _Quotes:
    """Channel -> grade -> price: the variant's before its model's."""
    found: dict[str, dict[str, Quote]] = {}
    fitting = [row for row in rows if row.currency == currency and row.variant_id in {variant, None}]
    for row in sorted(fitting, key=lambda row: (row.channel, row.variant_id is None, row.grade)):
        quote = Quote(
            amount=row.amount, low=row.low, high=row.high, basis=row.basis,
            source=row.source, observations=row.observations, since=row.valid_from.date().isoformat(),
        )  # fmt: skip
        found.setdefault(row.channel, {}).setdefault(row.grade, quote)
    return found


def _supplies(
    devices: Sequence[Device], known: Mapping[uuid.UUID, Figures], faults: Mapping[uuid.UUID, Collection[paths.Fault]]
) -> dict[uuid.UUID, Mapping[str, Supply]]:
    """What the sites' stores hold for each unit, where a repair or a harvest would ask for it. One query for all."""
    places: dict[uuid.UUID, supplies.Place] = {}
    for device in devices:
        figure = known[device.pk]
        asks = any(figure.repair(fault.code, device.device_class) for fault in faults.get(device.pk, ()))
        harvests = device.product_id is not None and figure.has("harvest_share", device.device_class)
        if device.hub_id is not None and (asks or harvests):
            places[device.pk] = (device.hub_id, device.product_id)
    found = supplies.on_hand(set(places.values()))
    return {
        unit: {part: _supply(stock, known[unit].currency) for part, stock in sorted(found[place].items())}
        for unit, place in places.items()
        if place in found
    }


def _supply(stock: supplies.Stock, currency: str) -> Supply:
    """What stands in other money is priced by the figures."""
    return Supply(
        available=stock.available,
        cost=stock.cost if stock.currency == currency else None,
        short=stock.available < stock.minimum,
    )


def _age(device: Device, known: Figures, why: str, *, at: datetime) -> int:
    released: date | None = device.product.released_at if device.product else None
    young = why == "return"
    usual = int(known.one("age_of_a_return") if young else known.of("age_months", device.device_class))
    if released is None:
        return usual
    return max(0, (at.year - released.year) * 12 + at.month - released.month)


def _uncleared(device: Device, open_drives: Sequence[Mapping[str, Any]]) -> int:
    return 0 if Data(device.data) in CLEARED else len(open_drives) or 1


def _soldered(device: Device, open_drives: Sequence[Mapping[str, Any]]) -> bool:
    return Data(device.data) not in CLEARED and any(
        each["soldered"] or each["type"] in SOLDERED for each in open_drives
    )


def _clearable(device: Device, faults: Sequence[paths.Fault], open_drives: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a wipe can be tried: not on storage that is part of a dead board, nor on a loose drive that doesn't answer."""
    if Data(device.data) in CLEARED:
        return True
    codes = {fault.code for fault in faults}
    soldered = _soldered(device, open_drives)
    return not ((soldered and codes & DEAD) or (device.device_class == "storage" and codes & {"drive_dead"}))


ASKED = {
    ReturnRefused.kind: "return",
    ToBeSentBack.kind: "return",
    GivenUp.kind: "",
    Accepted.kind: "",
}
"""What a later fact makes of what was asked for first."""


def _asked_of(opened: Mapping[uuid.UUID, datetime]) -> dict[uuid.UUID, str]:
    """What each one's owner asked for on this stay, as the unit's own chain tells: ``repair``, ``return``; missing where nothing.

    ``opened`` says of the stays of persons' things since when.
    """
    if not opened:
        return {}
    rows = (
        Entry.objects.filter(chain_id__in=opened, kind__in=[UnitMatched.kind, OfferAccepted.kind, *ASKED])
        .order_by("chain_id", "-sequence")
        .values_list("chain_id", "kind", "payload", "occurred_at")
    )
    told: dict[uuid.UUID, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for unit, kind, payload, at in rows:
        if at >= opened[unit]:
            told[unit].append((kind, payload))
    return {unit: _asked(entries) for unit, entries in told.items()}


def _asked(told: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    for kind, payload in told:
        if kind in ASKED:
            return ASKED[kind]
        if kind == UnitMatched.kind:
            return "repair" if payload.get("wanted") == "repair" else ""
        if payload.get("offer_kind") == "offer.instead":
            # Money or a replacement instead of the repair: it is ours now.
            return ""
    return ""


# The worth ----------------------------------------------------------------------------------------------------------------------------


def worth_of(device: Device, *, at: datetime) -> Worth:
    """Reckon every path of a unit. Reads only."""
    return worths_of([device], at=at)[0]


def worths_of(devices: Sequence[Device], *, at: datetime) -> list[Worth]:
    """Reckon every path of many units: prices, stock, instructions, faults and drives are read once for all. Reads only."""
    return [reckoned(case, known, price_from=source) for case, known, source in cases_of(devices, at=at)]


def cases_of(devices: Sequence[Device], *, at: datetime) -> list[tuple[Case, Figures, str]]:
    """Each one's case with the figures in force for it, and where its price comes from."""
    owners = list(dict.fromkeys(device.owner_id for device in devices))
    kinds = (figures.KIND, sop.KIND)
    found = terms.in_force_each([(kind, owner) for owner in owners for kind in kinds], at=at)
    made: dict[tuple[uuid.UUID | None, int], Figures] = {}
    by_owner: dict[uuid.UUID, tuple[Figures, Ruling]] = {}
    for owner, ours, instructions in zip(owners, found[::2], found[1::2], strict=True):
        key = (ours.rule_set, ours.version)
        if key not in made:
            made[key] = figures.figures_of(ours)
        by_owner[owner] = (made[key], instructions)
    known_of = {device.pk: by_owner[device.owner_id][0] for device in devices}
    read = _Read(devices, known_of, at=at)
    cases_found = []
    for device in devices:
        known, instructions = by_owner[device.owner_id]
        case, source = _case(device, known, instructions, read, at=at)
        cases_found.append((case, known, source))
    return cases_found


def valued(device: Device, worth: Worth, *, at: datetime) -> Valuation:
    """The row that keeps what was reckoned, not saved yet; its figures are kept beside it."""
    return Valuation(
        id=ids.new(at),
        device=device,
        visit_id=device.visit_id,
        version=worth.figures.version,
        figures_id=keep(worth.figures, at=at),
        currency=worth.currency,
        best=worth.chosen.code if worth.chosen else "",
        paths=plain_paths(worth),
        beside=ranking.plain_beside(worth),
        inputs=cases.plain(worth.case)
        | {"price_from": worth.price_from, "shape": SHAPE, "language": translation.get_language() or "en"},
        at=at,
    )


def propose(device: Device, *, at: datetime) -> Valuation:
    """Reckon and keep: what a page shows and a decision rests on."""
    found = valued(device, worth_of(device, at=at), at=at)
    found.save(force_insert=True)
    return found


# Again, years later --------------------------------------------------------------------------------------------------------------------

_kept: set[str] = set()
"""Digests of figures that this process knows to be kept."""


def keep(known: Figures, *, at: datetime) -> str:
    """Keep the figures by what they say, once; the digest they are kept under."""
    if known.digest not in _kept:
        row = KeptFigures(digest=known.digest, version=known.version, body=dict(known.body), kept_at=at)
        KeptFigures.objects.bulk_create([row], ignore_conflicts=True)
        transaction.on_commit(lambda: _kept.add(known.digest))
    return known.digest


def again(valuation: Valuation) -> list[dict[str, Any]]:
    """The paths that the valuation's own inputs and figures come to, reckoned anew as it keeps them: those of an earlier shape by the
    sums of their day. Raises LookupError for one from before figures were kept, or of a shape that nobody knows."""
    if valuation.figures is None:
        raise LookupError("The figures of this valuation weren't kept.")
    known = Figures(version=valuation.figures.version, body=valuation.figures.body)
    return again_from(valuation.inputs, known)


def again_from(inputs: Mapping[str, Any], known: Figures) -> list[dict[str, Any]]:
    """``again`` of plain data. Pure."""
    told = dict(inputs)
    shape = told.pop("shape", 1)
    if shape == 1:
        return first.again(told, known)
    if shape != SHAPE:
        raise LookupError(f"Nobody knows inputs of the shape {shape}.")
    price_from = str(told.pop("price_from"))
    # What stands against a path is kept as a sentence: it is said again in the language in which it was said.
    with translation.override(told.pop("language", None) or translation.get_language()):
        return plain_paths(reckoned(cases.case_from(told), known, price_from=price_from))
