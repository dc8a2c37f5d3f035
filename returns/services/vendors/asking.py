"""Asking a supplier to take it within the quota, and what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns.facts import vendors as facts
from returns.figures import VENDORS
from returns.models import RtvStatus, VendorReturn, VendorReturnLine
from returns.models.vendors import UNSENT
from returns.queries import quotas
from returns.services.vendors import reckoning, returning, unsold
from revlog.accounts.actors import Actor, ActorKind
from revlog.common.errors import BadInput, Reason
from revlog.devices.services import moves, standing
from revlog.terms import agreeing
from revlog.terms import queries as terms
from revlog.terms.models import Agreement

EXTENDED = {RtvStatus.ASKED, RtvStatus.AUTHORIZED, RtvStatus.PACKED}
"""While another last day can be said; by a link, which may be passed on, it is answered once."""


def reasons_against_asking(rtv: VendorReturn, lines: Sequence[VendorReturnLine], *, on: date) -> list[Reason]:
    """Why the supplier can't be asked now; what is left of the quota is looked at under ``_one_at_a_time``."""
    if rtv.status != RtvStatus.DRAFT:
        return [returning.wrong_status(rtv)]
    agreement = terms.agreement_with(rtv.supplier, on=on)
    if agreement is None:
        return [Reason("no_agreement", _("There is no agreement with %s today.") % rtv.supplier.name)]
    says, found = agreement.says, []
    value, pieces = sum((one.value for one in lines), Decimal(0)), sum(one.quantity for one in lines)
    for line in lines:
        goods = reckoning.goods_of(line.device, line.reason, reckoning.purchase_of(line.device))
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
    returning.may(by)
    with transaction.atomic():
        _one_at_a_time(rtv.agreement)
        row = (
            VendorReturn.objects.select_for_update(no_key=True, of=("self",))
            .select_related("supplier", "agreement")
            .get(pk=rtv.pk)
        )
        lines = list(row.lines.select_related("device__product", "device__purchase"))
        if row.status == RtvStatus.ASKED:
            return row
        if found := reasons_against_asking(row, lines, on=at.date()):
            raise returning.UnableToReturn(found)
        agreement = terms.agreement_with(row.supplier, on=at.date())
        if agreement is not None and agreement.pk != row.agreement_id:
            # Newer terms hold by now: it is asked for under these.
            row.agreement = agreement
            for line in lines:
                line.expected = agreement.says.expected(line.price, line.quantity, row.currency)
            VendorReturnLine.objects.bulk_update(lines, ["expected"])
        row.ask()
        row.asked_at = at
        row.answer_by = at + timedelta(days=row.agreement.says.answer_days or int(VENDORS.in_force(at)["answer_days"]))
        row.save()
        returning.say(
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
    returning.may_answer(rtv, by)
    if not theirs.strip():
        raise BadInput(Reason("theirs", _("Enter the supplier's number of it."), "theirs"))
    if until is not None and until < at.date():
        raise BadInput(Reason("until", _("The last day isn't in the past."), "until"))
    with transaction.atomic():
        row, _lines, _devices = returning.lock(rtv)
        if row.status not in ({RtvStatus.ASKED} if by.kind == ActorKind.GUEST else EXTENDED):
            raise returning.UnableToReturn(returning.wrong_status(row))
        if row.status == RtvStatus.ASKED:
            row.authorize()
        row.theirs, row.until, row.answer, row.answered_at = theirs.strip()[:60], until, text.strip()[:500], at
        row.save()
        returning.say(
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
    returning.may_answer(rtv, by)
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say why it is refused."), "why"))
    with transaction.atomic():
        row, lines, devices = returning.lock(rtv)
        if row.status != RtvStatus.ASKED:
            raise returning.UnableToReturn(returning.wrong_status(row))
        row.refuse()
        row.answer, row.answered_at = " ".join(why.split())[:500], at
        row.save()
        _let_go(row, lines)
        returning.say(row, facts.VendorReturnRefused(number=row.number, why=row.answer[:300].rstrip(".")), by=by, at=at)
        for device in devices.values():
            if returning.goes_back(device) and not moves.reasons_against(device, moves.TO_TRIAGE):
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
    returning.may(by)
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say why it is called off."), "why"))
    with transaction.atomic():
        row, lines, _devices = returning.lock(rtv)
        if row.status not in UNSENT:
            raise returning.UnableToReturn(returning.wrong_status(row))
        row.cancel()
        row.closed_at, row.closed_why = at, " ".join(why.split())[:300]
        row.save()
        _let_go(row, lines)
        returning.say(row, facts.VendorReturnCancelled(number=row.number, why=row.closed_why.rstrip(".")), by=by, at=at)
    return row
