"""Returns to suppliers: prepared under an agreement, asked for within its quota, authorized or refused, packed, shipped."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from returns import facts as returns_facts
from returns.facts import vendors as facts
from returns.figures import VENDORS
from returns.models import RtvStatus, Unsold, UnsoldStatus, VendorReturn, VendorReturnLine
from returns.models.vendors import UNSENT
from returns.queries import quotas
from returns.services import supplier_claims
from returns.services.vendors import unsold
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Allocation, Device
from revlog.devices.models.device import Tracking
from revlog.devices.services import money, moves, splitting, standing
from revlog.evidence.models import Numbering
from revlog.logistics.models import Direction
from revlog.logistics.services import parcels as parcel_verbs
from revlog.terms import agreeing
from revlog.terms import queries as terms
from revlog.terms.models import Agreement, Purchase
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


def may_answer(rtv: VendorReturn, by: Actor) -> None:
    """The supplier answers for itself, or one of us writes down what it said."""
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


def _number(at: datetime) -> str:
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


def reasons_against_adding(
    device: Device, supplier: Organization, says: agreeing.VendorTerms, *, reason: str, price: Decimal | None, on: date
) -> list[Reason]:
    """Why this unit can't go on a return to this supplier: where it is, whose it was, and what the agreement says."""
    found = []
    if device.disposition != Disposition.RETURN_TO_VENDOR or State(device.state) not in ON_ITS_WAY:
        found.append(Reason("not_on_its_way", _("nobody decided that it goes back to a vendor")))
    bought = unsold.purchase_of(device)
    if bought is None and price is None:
        found.append(Reason("no_price", _("nobody noted what it was bought for")))
    if bought is not None and bought.supplier_id != supplier.pk:
        found.append(Reason("other_supplier", _("it was bought of somebody else")))
    other = VendorReturnLine.objects.filter(device=device, is_open=True).select_related("rtv").first()
    if other is not None:
        found.append(Reason("elsewhere", _("it is on %s already") % other.rtv.number))
    return found + agreeing.reasons_against(says, unsold.goods_of(device, reason, bought), on=on)


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
        currencies = {unsold.purchase_of(one).currency for one in rows.values() if unsold.purchase_of(one)}  # type: ignore[union-attr]
        if len(currencies) > 1:
            found.append(Reason("currencies", _("What was bought in different currencies goes back apart."), "lines"))
        if found:
            raise UnableToReturn(found)
        rtv = VendorReturn(
            id=ids.new(at),
            number=_number(at),
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
            bought = unsold.purchase_of(device)
            if piece.pieces is not None and piece.pieces < device.quantity:
                device = _split(device, piece.pieces, bought, by=by, at=at)
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


def _split(device: Device, pieces: int, bought: Purchase | None, *, by: Actor, at: datetime) -> Device:
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


# Asking and being answered --------------------------------------------------------------------------------------------------------------


def reasons_against_asking(rtv: VendorReturn, lines: Sequence[VendorReturnLine], *, on: date) -> list[Reason]:
    """Why the supplier can't be asked now; what is left of the quota is looked at under ``_one_at_a_time``."""
    if rtv.status != RtvStatus.DRAFT:
        return [wrong_status(rtv)]
    agreement = terms.agreement_with(rtv.supplier, on=on)
    if agreement is None:
        return [Reason("no_agreement", _("There is no agreement with %s today.") % rtv.supplier.name)]
    says, found = agreement.says, []
    value, pieces = sum((one.value for one in lines), Decimal(0)), sum(one.quantity for one in lines)
    for line in lines:
        goods = unsold.goods_of(line.device, line.reason, unsold.purchase_of(line.device))
        if against := agreeing.reasons_against(says, goods, on=on):
            told = {"tag": line.device.tag, "why": ", ".join(one.sentence for one in against)}
            found.append(Reason(against[0].code, _("%(tag)s can't go to this supplier: %(why)s") % told))
    if value < says.min_value:
        told_value = {"least": says.min_value, "currency": rtv.currency}
        found.append(Reason("min_value", _("The supplier takes returns from %(least)s %(currency)s on.") % told_value))
    if pieces < says.min_quantity:
        found.append(Reason("min_quantity", _("The supplier takes returns from %s pieces on.") % says.min_quantity))
    quota = quotas.quota(agreement, on=on)
    if not quota.has_room(value, pieces):
        left = f"{quota.left} {rtv.currency}" if quota.of == "amount" else _("%s pieces") % quota.left
        told_left = {"left": left, "day": quota.ends.isoformat()}
        found.append(Reason("quota", _("Of the quota until %(day)s only %(left)s are left.") % told_left))
    return found


def _one_at_a_time(agreement: Agreement) -> None:
    """One at a time asks a supplier: the first version of what we agreed with them is the lock for all of them."""
    first = Agreement.objects.select_for_update(no_key=True, of=("self",)).filter(supplier=agreement.supplier_id)
    first.order_by("version").first()


def ask(rtv: VendorReturn, *, by: Actor, at: datetime) -> VendorReturn:
    """Ask the supplier to take it: what it takes of the quota is taken now. Two who ask at once can't overrun it."""
    may(by)
    with transaction.atomic():
        _one_at_a_time(rtv.agreement)
        row = (
            VendorReturn.objects.select_for_update(no_key=True, of=("self",)).select_related("supplier").get(pk=rtv.pk)
        )
        lines = list(row.lines.select_related("device__product", "device__purchase"))
        if row.status == RtvStatus.ASKED:
            return row
        if found := reasons_against_asking(row, lines, on=at.date()):
            raise UnableToReturn(found)
        agreement = terms.agreement_with(row.supplier, on=at.date())
        if agreement is not None and agreement.pk != row.agreement_id:
            # Newer terms hold by now: it is asked for under these.
            row.agreement = agreement
            for line in lines:
                line.expected = agreement.says.expected(line.price, line.quantity, row.currency)
            VendorReturnLine.objects.bulk_update(lines, ["expected"])
        row.ask()
        row.asked_at = at
        row.answer_by = at + timedelta(days=int(VENDORS.in_force(at)["answer_days"]))
        row.save()
        say(
            row,
            facts.VendorReturnAsked(
                number=row.number,
                supplier=row.supplier.code,
                edition=row.agreement.version,
                pieces=sum(one.quantity for one in lines),
                value=str(sum((one.value for one in lines), Decimal(0))),
                expected=str(sum((one.expected for one in lines), Decimal(0))),
                currency=row.currency,
                answer_by=row.answer_by.isoformat(),
            ),
            by=by,
            at=at,
        )
    return row


def authorize(
    rtv: VendorReturn, *, theirs: str, until: date | None = None, text: str = "", by: Actor, at: datetime
) -> VendorReturn:
    """They take it, under a number of theirs that the parcels must carry, until a day. Said again before it ships, the later day counts."""
    may_answer(rtv, by)
    if not theirs.strip():
        raise BadInput(Reason("theirs", _("Enter the supplier's number of it."), "theirs"))
    if until is not None and until < at.date():
        raise BadInput(Reason("until", _("The last day isn't in the past."), "until"))
    with transaction.atomic():
        row, _lines, _devices = lock(rtv)
        if row.status not in {RtvStatus.ASKED, RtvStatus.AUTHORIZED, RtvStatus.PACKED}:
            raise UnableToReturn(wrong_status(row))
        if row.status == RtvStatus.ASKED:
            row.authorize()
        row.theirs, row.until, row.answer, row.answered_at = theirs.strip()[:60], until, text.strip()[:500], at
        row.save()
        say(
            row,
            facts.VendorReturnAuthorized(
                number=row.number, theirs=row.theirs, until=until.isoformat() if until else None
            ),
            by=by,
            at=at,
        )
    return row


def refuse(rtv: VendorReturn, *, why: str, by: Actor, at: datetime) -> VendorReturn:
    """They don't take it: its part of the quota is given back, and its units go to triage for another way out."""
    may_answer(rtv, by)
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say why it is refused."), "why"))
    with transaction.atomic():
        row, lines, devices = lock(rtv)
        if row.status != RtvStatus.ASKED:
            raise UnableToReturn(wrong_status(row))
        row.refuse()
        row.answer, row.answered_at = " ".join(why.split())[:500], at
        row.save()
        _let_go(row, lines)
        say(row, facts.VendorReturnRefused(number=row.number, why=row.answer[:300].rstrip(".")), by=by, at=at)
        for device in devices.values():
            if State(device.state) in ON_ITS_WAY and not moves.reasons_against(device, moves.TO_TRIAGE):
                standing.back_to_triage(
                    device, reason=_("%s was refused by the vendor") % row.number, by=unsold.SWEEPER, at=at
                )
    return row


def _let_go(row: VendorReturn, lines: Sequence[VendorReturnLine]) -> None:
    for line in lines:
        line.is_open = False
    VendorReturnLine.objects.filter(rtv=row).update(is_open=False)


def cancel(rtv: VendorReturn, *, why: str, by: Actor, at: datetime) -> VendorReturn:
    """We don't send it after all: its part of the quota is given back; its units wait for another return to a vendor."""
    may(by)
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say why it is called off."), "why"))
    with transaction.atomic():
        row, lines, _devices = lock(rtv)
        if row.status not in UNSENT:
            raise UnableToReturn(wrong_status(row))
        row.cancel()
        row.closed_at, row.closed_why = at, " ".join(why.split())[:300]
        row.save()
        _let_go(row, lines)
        say(row, facts.VendorReturnCancelled(number=row.number, why=row.closed_why.rstrip(".")), by=by, at=at)
    return row


# Packing and shipping -------------------------------------------------------------------------------------------------------------------


def reasons_against_leaving(
    rtv: VendorReturn, lines: Sequence[VendorReturnLine], devices: dict[uuid.UUID, Device], *, wanted: str, on: date
) -> list[Reason]:
    """Why it can't be packed (``authorized``) or shipped (``packed``): its status, the supplier's day, and each of its units."""
    if rtv.status != wanted:
        return [wrong_status(rtv)]
    found = []
    if rtv.until is not None and on > rtv.until:
        told = _("The supplier took it until %s; ask them for another day.") % rtv.until.isoformat()
        found.append(Reason("lapsed", told))
    promised = set(
        Allocation.objects.filter(device__in=list(devices), released_at=None).values_list("device_id", flat=True)
    )
    for line in lines:
        device = devices[line.device_id]
        against = moves.reasons_against(device, moves.SEND_BACK)
        if device.quantity != line.quantity:
            told_count = {"there": device.quantity, "listed": line.quantity}
            against.append(Reason("count", _("%(there)s pieces are there, %(listed)s are on the list") % told_count))
        if device.pk in promised:
            against.append(Reason("promised", _("it is promised to somebody")))
        if against:
            found.append(Reason(against[0].code, moves.refusal(device, moves.SEND_BACK, against)))
    return found


def pack(rtv: VendorReturn, *, parcels: int = 1, by: Actor, at: datetime) -> VendorReturn:
    """Everything is in its boxes; the paper that travels with it is made from now on."""
    if not by.may("returns.vendor") and not by.may("returns.send_back"):
        raise NotAllowed(Reason("not_allowed", _("Packing needs the right to send units back.")))
    if not 1 <= parcels <= 99:
        raise BadInput(Reason("parcels", _("A shipment has 1 to 99 parcels."), "parcels"))
    with transaction.atomic():
        row, lines, devices = lock(rtv)
        if found := reasons_against_leaving(row, lines, devices, wanted=RtvStatus.AUTHORIZED, on=at.date()):
            raise UnableToReturn(found)
        row.pack()
        row.parcels, row.packed_at, row.packed_by = parcels, at, by.reference
        row.save()
        say(
            row,
            facts.VendorReturnPacked(number=row.number, pieces=sum(one.quantity for one in lines), parcels=parcels),
            by=by,
            at=at,
        )
    return row


def ship(rtv: VendorReturn, *, tracking: str = "", by: Actor, at: datetime) -> VendorReturn:
    """It leaves: one shipment, every unit's chain says so, and what it cost stands as claim in the book of whose each was."""
    if not by.may("returns.vendor") and not by.may("returns.send_back"):
        raise NotAllowed(Reason("not_allowed", _("Shipping needs the right to send units back.")))
    with transaction.atomic():
        row, lines, devices = lock(rtv)
        if found := reasons_against_leaving(row, lines, devices, wanted=RtvStatus.PACKED, on=at.date()):
            raise UnableToReturn(found)
        sent = parcel_verbs.announce(
            direction=Direction.OUTBOUND,
            hub=row.hub,
            owner=row.hub.organization,
            reference=f"vendor_return:{row.pk}",
            parcels=row.parcels,
            tracking="".join(tracking.split()),
            by=by,
            at=at,
        )
        first = sent.parcels[0].tracking
        ordered = [devices[line.device_id] for line in lines]
        moves.advance_many(
            ordered,
            moves.SEND_BACK,
            facts=[
                returns_facts.SentBack(tracking=first, to="vendor", shipment=sent.shipment.number) for _one in ordered
            ],
            by=by,
            at=at,
            set={"location_id": None},
        )
        carrier = sent.shipment.carrier
        parcel_verbs.release(
            sent.shipment,
            giver=row.hub.code,
            taker=carrier.code if carrier else "carrier",
            parcels=row.parcels,
            by=by,
            at=at,
        )
        row.ship()
        row.shipped_at, row.shipment = at, sent.shipment
        row.credit_by = at + timedelta(days=int(VENDORS.in_force(at)["credit_days"]))
        row.save()
        entry = say(
            row,
            facts.VendorReturnShipped(
                number=row.number,
                shipment=sent.shipment.number,
                tracking=first,
                pieces=sum(one.quantity for one in lines),
                value=str(sum((one.value for one in lines), Decimal(0))),
                currency=row.currency,
                credit_by=row.credit_by.isoformat(),
            ),
            by=by,
            at=at,
        )
        for line in lines:
            post(row, line, entry, account="claim", amount=line.value, step="shipped", at=at)
    return row


def post(
    rtv: VendorReturn, line: VendorReturnLine, entry: Entry, *, account: str, amount: Decimal, step: str, at: datetime
) -> None:
    """One line of money of a return, once, in the book of whose the unit was."""
    if amount:
        money.post(
            entry=entry, account=account, amount=amount, currency=rtv.currency,
            book=supplier_claims.book_of(line.device), device=line.device, party=rtv.supplier, at=at,
            key=f"rtv:{line.pk}:{step}", rate=terms.rate(rtv.currency, at=at) or Decimal(1),
        )  # fmt: skip
