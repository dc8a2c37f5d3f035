"""Returns to suppliers: who may do what to them, their locks, and their preparing under an agreement."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from returns.facts import vendors as facts
from returns.models import Unsold, UnsoldStatus, VendorReturn, VendorReturnLine
from returns.services.vendors import reckoning
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device
from revlog.devices.models.device import Tracking
from revlog.devices.services import moves, splitting, standing
from revlog.evidence.models import Numbering
from revlog.terms import agreeing
from revlog.terms import queries as terms
from revlog.terms.models import Purchase
from revlog.terms.services import purchases

SERIES = "RTV"
MOST_LINES = 500
ON_ITS_WAY = (State.TO_RETURN, State.TO_SANITIZE)


class UnableToReturn(DomainError):
    """This can't be asked for, answered, packed or shipped (any more)."""

    code = "unable_to_return"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A unit or lot to go on a return: so many pieces of it (all, when left out). ``price`` is for what was bought without papers."""

    device: Device
    pieces: int | None = None
    price: Decimal | None = None


def may(by: Actor) -> None:
    if not by.is_operator or not by.may("returns.vendor"):
        raise NotAllowed(Reason("not_allowed", _("Returns to vendors need the right to send units back to them.")))


def scope(rtv: VendorReturn) -> str:
    """What a link that was sent to the supplier opens."""
    return f"vendor_return:{rtv.pk}"


def may_answer(rtv: VendorReturn, by: Actor) -> None:
    """The supplier answers for itself, by its people or by the link that it was sent, or one of us writes down what it said."""
    if scope(rtv) in by.scope:
        return
    if not by.may("returns.answer") or not (by.is_operator or by.organization_id == rtv.supplier_id):
        raise NotAllowed(Reason("not_allowed", _("This is for the supplier to answer.")))


def say(rtv: VendorReturn, fact: Fact, *, by: Actor, at: datetime, key: str = "") -> Entry:
    return ledger.append(rtv.pk, fact, by=by, at=at, key=key, owner=rtv.supplier_id, hub=rtv.hub_id)


def lock(rtv: VendorReturn) -> tuple[VendorReturn, list[VendorReturnLine], dict[uuid.UUID, Device]]:
    """Its units by key, then itself."""
    known = VendorReturnLine.objects.filter(rtv=rtv.pk).values_list("device_id", flat=True)
    devices = {one.pk: one for one in moves.take(sorted(known))}
    row = (
        VendorReturn.objects.select_for_update(no_key=True, of=("self",))
        .select_related("supplier", "agreement__supplier", "hub__organization")
        .get(pk=rtv.pk)
    )
    lines = list(row.lines.select_related("device__owner", "device__product", "device__visit__owner"))
    return row, lines, devices


def wrong_status(rtv: VendorReturn) -> Reason:
    told = {"number": rtv.number, "status": word(f"rtv.{rtv.status}")}
    return Reason("status", _("%(number)s is %(status)s.") % told)


def next_number(at: datetime) -> str:
    """The next number of the year, gapless: the row of the series is the lock."""
    series = f"{SERIES}-{at.astimezone(UTC).year}"
    Numbering.objects.get_or_create(series=series)
    counter = Numbering.objects.select_for_update(no_key=True).get(series=series)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{series}-{counter.last:06d}"


# Preparing ------------------------------------------------------------------------------------------------------------------------------


def reason_of(device: Device) -> str:
    """Why it goes back: as what it was found unsold, else because it is defective."""
    row = Unsold.objects.filter(device=device, status=UnsoldStatus.SENT).order_by("-decided_at").first()
    return row.unsold if row is not None else "defective"


def goes_back(device: Device) -> bool:
    """Whether it is still on its way back to a vendor; between asking and answer somebody may have decided on another way."""
    return device.disposition == Disposition.RETURN_TO_VENDOR and State(device.state) in ON_ITS_WAY


def reasons_against_adding(
    device: Device, supplier: Organization, says: agreeing.VendorTerms, *, reason: str, price: Decimal | None, on: date
) -> list[Reason]:
    """Why this unit can't go on a return to this supplier: where it is, whose it was, and what the agreement says."""
    found = []
    if not goes_back(device):
        found.append(Reason("not_on_its_way", _("nobody decided that it goes back to a vendor")))
    bought = reckoning.purchase_of(device)
    if bought is None and price is None:
        found.append(Reason("no_price", _("nobody noted what it was bought for")))
    if bought is not None and bought.supplier_id != supplier.pk:
        found.append(Reason("other_supplier", _("it was bought of somebody else")))
    other = VendorReturnLine.objects.filter(device=device, is_open=True).select_related("rtv").first()
    if other is not None:
        found.append(Reason("elsewhere", _("it is on %s already") % other.rtv.number))
    return found + agreeing.reasons_against(says, reckoning.goods_of(device, reason, bought), on=on)


def draft(
    supplier: Organization, pieces: Sequence[Piece], *, hub: Hub, note: str = "", by: Actor, at: datetime
) -> VendorReturn:
    """Prepare a return to a supplier under the agreement that holds today. Every unit's reasons are named before anything is done.

    Of a counted lot some pieces can go: they are split off, and both chains say so.
    """
    may(by)
    if not 1 <= len(pieces) <= MOST_LINES:
        raise BadInput(Reason("lines", _("A return has 1 to %s lines.") % MOST_LINES, "lines"))
    if len({one.device.pk for one in pieces}) != len(pieces):
        raise BadInput(Reason("twice", _("Each unit is named once."), "lines"))
    agreement = terms.agreement_with(supplier, on=at.date())
    if agreement is None:
        raise UnableToReturn(Reason("no_agreement", _("There is no agreement with %s today.") % supplier.name))
    says = agreement.says
    with transaction.atomic():
        moves.take(sorted(one.device.pk for one in pieces))
        rows = {
            one.pk: one
            for one in Device.objects.filter(pk__in=[one.device.pk for one in pieces]).select_related(
                "product", "purchase__supplier", "visit", "owner"
            )
        }
        found: list[Reason] = []
        reasons: dict[uuid.UUID, str] = {}
        for piece in pieces:
            device = rows[piece.device.pk]
            reasons[device.pk] = reason_of(device)
            against = reasons_against_adding(
                device, supplier, says, reason=reasons[device.pk], price=piece.price, on=at.date()
            )
            if piece.pieces is not None and not 1 <= piece.pieces <= device.quantity:
                against.append(Reason("pieces", _("there are %s pieces of it") % device.quantity, "pieces"))
            if piece.price is not None and not (piece.price.is_finite() and 0 <= piece.price < Decimal(10) ** 9):
                against.append(Reason("price", _("its price is no amount"), "price"))
            if against:
                why = ", ".join(one.sentence for one in against)
                told = {"tag": device.tag, "why": why}
                found.append(Reason(against[0].code, _("%(tag)s can't go to this supplier: %(why)s") % told))
        currencies = {reckoning.purchase_of(one).currency for one in rows.values() if reckoning.purchase_of(one)}  # type: ignore[union-attr]
        if len(currencies) > 1:
            found.append(Reason("currencies", _("What was bought in different currencies goes back apart."), "lines"))
        if found:
            raise UnableToReturn(found)
        rtv = VendorReturn(
            id=ids.new(at),
            number=next_number(at),
            supplier=supplier,
            agreement=agreement,
            hub=hub,
            currency=next(iter(currencies), "EUR"),
            note=note.strip()[:300],
            drafted_at=at,
            drafted_by=by.reference,
        )
        lines = []
        for place, piece in enumerate(pieces, 1):
            device = rows[piece.device.pk]
            bought = reckoning.purchase_of(device)
            if piece.pieces is not None and piece.pieces < device.quantity:
                device = split(device, piece.pieces, bought, by=by, at=at)
            price = bought.price if bought is not None else piece.price or Decimal(0)
            lines.append(
                VendorReturnLine(
                    id=ids.new(at),
                    rtv=rtv,
                    position=place,
                    device=device,
                    reason=reasons[piece.device.pk],
                    quantity=device.quantity,
                    price=price,
                    order_number=bought.order_number if bought is not None else "",
                    expected=says.expected(price, device.quantity, rtv.currency),
                )
            )
        ledger.begin(
            "vendor_return",
            rtv.pk,
            facts.VendorReturnDrafted(
                number=rtv.number,
                supplier=supplier.code,
                edition=agreement.version,
                lines=len(lines),
                value=str(sum((one.value for one in lines), Decimal(0))),
                currency=rtv.currency,
            ),
            by=by,
            at=at,
            owner=supplier.pk,
            hub=hub.pk,
        )
        rtv.save(force_insert=True)
        try:
            with transaction.atomic():
                VendorReturnLine.objects.bulk_create(lines)
        except IntegrityError as error:
            raise UnableToReturn(Reason("elsewhere", _("One of them is on another return already."))) from error
    return rtv


def split(device: Device, pieces: int, bought: Purchase | None, *, by: Actor, at: datetime) -> Device:
    """So many pieces of a lot that goes back, as a lot of their own: both wait to be returned, and together they are as many as before."""
    way = {"disposition": Disposition.RETURN_TO_VENDOR.value, "stops_done": 0}
    taken = moves.take_one(device.pk)
    if taken.tracking != Tracking.COUNTED:
        raise UnableToReturn(Reason("not_counted", _("%s is one thing and can't be split.") % taken.tag))
    authority = taken.authority
    standing.back_to_triage(taken, reason=_("some pieces of it go back to the vendor"), by=by, at=at)
    part = splitting.split(taken, pieces, by=by, at=at)
    if authority and not part.authority:
        standing.authorize(part, ground="title_is_ours", by=by, at=at)
    for one in (taken, part):
        kept = reason_of(taken)
        moves.proceed(
            one,
            fact=facts.UnsoldSentOn(
                unsold=f"unsold.{kept}", way="way_out.vendor", rule="", edition=0, net="0", currency=one.currency
            ),
            by=by,
            at=at,
            set=way,
        )
    if bought is not None:
        purchases.part_of(bought, part, pieces=pieces, at=at)
    return part
