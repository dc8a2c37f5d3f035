"""A supplier takes some of what was asked, or gives less credit for it: what it doesn't take is a refused return of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns.facts import vendors as facts
from returns.models import RtvStatus, VendorReturn, VendorReturnLine
from returns.services.vendors import asking, reckoning, returning, unsold
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.custody.services import ledger
from revlog.devices.models import Device
from revlog.devices.services import moves, standing

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What the supplier takes of one line: so many pieces (none is 0), at so much credit for them; as asked, when left out."""

    position: int
    pieces: int | None = None
    credit: Decimal | None = None


def _problems(
    rtv: VendorReturn, lines: Sequence[VendorReturnLine], taken: dict[int, Taken], *, why: str
) -> list[Reason]:
    found = []
    known = {one.position for one in lines}
    if missing := sorted(set(taken) - known):
        found.append(Reason("line", _("There is no line %s.") % missing[0], "lines"))
    pieces, less = 0, False
    for one in lines:
        told = taken.get(one.position, Taken(position=one.position))
        count = one.quantity if told.pieces is None else told.pieces
        most = rtv.agreement.says.expected(one.price, count, rtv.currency) if 0 < count <= one.quantity else ZERO
        most = one.expected if count == one.quantity else most
        if not 0 <= count <= one.quantity:
            told_count = {"line": one.position, "pieces": one.quantity}
            found.append(Reason("pieces", _("Of line %(line)s there are %(pieces)s pieces.") % told_count, "lines"))
        elif told.credit is not None and not (told.credit.is_finite() and 0 <= told.credit <= most):
            told_most = {"line": one.position, "most": most, "currency": rtv.currency}
            sentence = _("For line %(line)s the credit is between nothing and %(most)s %(currency)s.") % told_most
            found.append(Reason("credit", sentence, "lines"))
        pieces += max(0, count)
        less = less or count < one.quantity or (told.credit is not None and told.credit < one.expected)
    if not pieces and not found:
        found.append(Reason("nothing", _("Where nothing is taken, it is refused."), "lines"))
    if less and not why.strip():
        found.append(Reason("no_reason", _("Say why not all of it is taken as asked."), "why"))
    return found


def authorize(
    rtv: VendorReturn,
    *,
    theirs: str,
    taken: Sequence[Taken],
    why: str = "",
    until: date | None = None,
    by: Actor,
    at: datetime,
) -> VendorReturn:
    """They take this much of it, for this much: the rest leaves the return and its quota, and is proposed for its next best way."""
    returning.may_answer(rtv, by)
    told = {one.position: one for one in taken}
    reason = " ".join(why.split())[:300]
    with transaction.atomic():
        row, lines, devices = returning.lock(rtv)
        if row.status != RtvStatus.ASKED:
            raise returning.UnableToReturn(returning.wrong_status(row))
        if found := _problems(row, lines, told, why=why):
            raise BadInput(found)
        asked = sum((one.expected for one in lines), ZERO)
        left: list[VendorReturnLine] = []
        for one in lines:
            said = told.get(one.position, Taken(position=one.position))
            count = one.quantity if said.pieces is None else said.pieces
            if count < one.quantity:
                left.append(_part(row, one, devices[one.device_id], one.quantity - count, by=by, at=at))
            if count and said.credit is not None:
                one.expected = said.credit.quantize(Decimal("0.01"))
                one.save(update_fields=["expected"])
        refused = _refused(row, left, reason, by=by, at=at) if left else None
        kept = list(row.lines.all())
        done = asking.authorize(row, theirs=theirs, until=until, text=reason, by=by, at=at)
        expected = sum((one.expected for one in kept), ZERO)
        if refused is not None or expected < asked:
            returning.say(
                done,
                facts.VendorReturnTakenInPart(
                    number=done.number, lines=len(kept), expected=str(expected), asked=str(asked),
                    currency=done.currency, why=reason.rstrip("."), other=refused.number if refused else None,
                ),
                by=by,
                at=at,
            )  # fmt: skip
    if left:
        unsold.sweep(at=at, only=[one.device_id for one in left])
    return done


def _part(
    rtv: VendorReturn, line: VendorReturnLine, device: Device, pieces: int, *, by: Actor, at: datetime
) -> VendorReturnLine:
    """The line of what isn't taken: the whole one, or so many pieces of its lot as a lot of their own."""
    if pieces == line.quantity:
        return line
    if not returning.goes_back(device):
        told = _("%s can't be split any more: its way is decided.") % device.tag
        raise returning.UnableToReturn(Reason("other_way", told, "lines"))
    part = returning.split(device, pieces, reckoning.purchase_of(line.device), by=unsold.SWEEPER, at=at)
    says = rtv.agreement.says
    line.quantity -= pieces
    line.expected = says.expected(line.price, line.quantity, rtv.currency)
    line.save(update_fields=["quantity", "expected"])
    return VendorReturnLine(
        id=ids.new(at), rtv=rtv, position=line.position, device=part, reason=line.reason, quantity=pieces,
        price=line.price, order_number=line.order_number, expected=says.expected(line.price, pieces, rtv.currency),
    )  # fmt: skip


def _refused(
    rtv: VendorReturn, lines: Sequence[VendorReturnLine], why: str, *, by: Actor, at: datetime
) -> VendorReturn:
    """What they don't take, under a number of its own: its part of the quota is given back, and its units go to triage
    unless they went another way meanwhile."""
    row = VendorReturn(
        id=ids.new(at), number=returning.next_number(at), supplier=rtv.supplier, agreement=rtv.agreement, hub=rtv.hub,
        currency=rtv.currency, note=rtv.number, drafted_at=at, drafted_by=rtv.drafted_by, asked_at=rtv.asked_at,
        answer_by=rtv.answer_by, answered_at=at, answer=why,
    )  # fmt: skip
    value = str(sum((one.value for one in lines), ZERO))
    drafted = facts.VendorReturnDrafted(
        number=row.number, supplier=rtv.supplier.code, edition=rtv.agreement.version, lines=len(lines), value=value,
        currency=row.currency,
    )  # fmt: skip
    ledger.begin("vendor_return", row.pk, drafted, by=unsold.SWEEPER, at=at, owner=rtv.supplier_id, hub=rtv.hub_id)
    row.ask()
    row.refuse()
    row.save(force_insert=True)
    for place, one in enumerate(lines, 1):
        one.rtv, one.position, one.is_open = row, place, False
        one.save()
    returning.say(row, facts.VendorReturnRefused(number=row.number, why=why.rstrip(".")), by=by, at=at)
    for device in moves.take([one.device_id for one in lines]):
        if returning.goes_back(device) and not moves.reasons_against(device, moves.TO_TRIAGE):
            reason = _("%s was refused by the vendor") % row.number
            standing.back_to_triage(device, reason=reason, by=unsold.SWEEPER, at=at)
    return row
