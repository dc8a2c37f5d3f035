"""Owners of recalled things: the mail, its link, and the return at no cost that the link opens."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from returns.models import Answer, Origin, Outcome, Recall, RecallStatus, RecallUnit, Remedy, Rma, RmaUnit
from returns.services import opening, recall_units
from returns.services.opening import UnableToOpen, Wish
from returns.services.recalls import UnableToRecall
from revlog.accounts import guests
from revlog.accounts.actors import Actor
from revlog.common.errors import NotAllowed, Reason
from revlog.terms.models import Contact, Message
from revlog.terms.services import messages

LINK_DAYS = 730
WANTED = {
    Remedy.REFUND: Outcome.REFUND,
    Remedy.REPLACE: Outcome.EXCHANGE,
    Remedy.REPAIR: Outcome.REPAIR,
    Remedy.DESTROY: Outcome.REFUND,
}


def scope(recall: Recall, contact: Contact) -> str:
    return f"recall_contact:{recall.pk}:{contact.pk}"


def link(recall: Recall, contact: Contact, *, at: datetime) -> str:
    """The signed address of the owner's page; whoever has it sees this recall and their own things in it."""
    token = guests.sign({scope(recall, contact)}, until=at + timedelta(days=LINK_DAYS))
    return f"{settings.BASE_URL or 'http://localhost:8000'}{reverse('recall_link', args=[token])}"


def units_of(recall: Recall, contact: Contact) -> list[RecallUnit]:
    return list(
        recall.units.filter(contact=contact)
        .select_related("order_line__order__seller", "device", "rma", "recall")
        .order_by("found_at", "id")
    )


def name_of(unit: RecallUnit) -> str:
    """What its owner calls it, with its number."""
    sold = unit.order_line.description if unit.order_line else unit.device.face if unit.device else ""
    serial = unit.serial or (unit.device.serial if unit.device else "")
    name = f"{unit.quantity} × {sold}" if unit.quantity > 1 else sold
    return f"{name} ({serial})" if serial else name


def write(recall: Recall, contact: Contact, version: int, *, at: datetime) -> Message | None:
    """The mail to one owner for one version of the recall, once; None when there is nobody (any more) to write to."""
    units = [unit for unit in units_of(recall, contact) if unit.version == version]
    first = next((unit.order_line for unit in units if unit.order_line is not None), None)
    if first is None:
        return None
    context: dict[str, Any] = {
        "recall": recall,
        "says": recall.told_in(contact.language),
        "remedy": f"remedy.{recall.remedy}",
        "things": [name_of(unit) for unit in units],
        "link": link(recall, contact, at=at),
        "stop": recall.severity == "stop",
    }
    return messages.write(
        key=f"recall:{recall.pk}:{contact.pk}:{version}",
        template="returns/mail/recalled",
        contact=contact,
        organization=first.order.seller,
        thing=f"recall:{recall.pk}",
        context=context,
        at=at,
    )


def reasons_against_sending(unit: RecallUnit) -> list[Reason]:
    """Why its owner can't send it back by the recall now."""
    if unit.recall.status != RecallStatus.OPEN or unit.recall.mock:
        return [Reason("over", _("This recall has ended."))]
    if unit.made or unit.returned_at is not None:
        return [Reason("settled", _("This one is settled already."))]
    if unit.rma is not None and unit.rma.is_open:
        return [Reason("announced", _("You announced this already."))]
    if unit.order_line is None:
        return [Reason("no_order", _("Write to us: we don't know as what it was sold."))]
    return []


def send_back(recall: Recall, contact: Contact, units: Sequence[RecallUnit], *, by: Actor, at: datetime) -> list[Rma]:
    """The owner sends these back at no cost: a return for each order, approved at once, for the remedy of the recall.

    Repeating it gives the returns that stand.
    """
    if scope(recall, contact) not in by.scope and not by.may("returns.recall"):
        raise NotAllowed(Reason("not_allowed", _("This link doesn't open that.")))
    with transaction.atomic():
        rows = list(
            RecallUnit.objects.select_for_update(no_key=True, of=("self",))
            .filter(pk__in=[unit.pk for unit in units], recall=recall, contact=contact)
            .select_related("recall", "rma", "order_line__order", "device")
            .order_by("pk")
        )
        standing = {row.rma for row in rows if row.rma is not None and row.rma.is_open}
        fresh = [row for row in rows if row.rma is None or not row.rma.is_open]
        if not rows:
            raise UnableToRecall(Reason("nothing", _("Choose at least one thing.")))
        if found := [reason for row in fresh for reason in reasons_against_sending(row)]:
            raise UnableToRecall(found)
        made = [_open(recall, own, by=by, at=at) for own in _by_order(fresh).values()]
    return [*standing, *made]


def _by_order(rows: Sequence[RecallUnit]) -> dict[uuid.UUID, list[RecallUnit]]:
    found: dict[uuid.UUID, list[RecallUnit]] = {}
    for row in rows:
        if row.order_line is not None:
            found.setdefault(row.order_line.order_id, []).append(row)
    return found


def _open(recall: Recall, rows: Sequence[RecallUnit], *, by: Actor, at: datetime) -> Rma:
    order = next(row.order_line.order for row in rows if row.order_line is not None)
    count: dict[uuid.UUID, int] = {}
    for row in rows:
        if row.order_line_id is not None:
            count[row.order_line_id] = count.get(row.order_line_id, 0) + row.quantity
    wishes = [
        Wish(line=line, quantity=quantity, reason="RECALL", wanted=WANTED[Remedy(recall.remedy)].value)
        for line, quantity in count.items()
    ]
    try:
        rma = opening.open_rma(order=order, wishes=wishes, origin=Origin.RECALL, by=recall_units.RECALLS, at=at)
    except UnableToOpen as refused:
        raise UnableToRecall(refused.reasons) from refused
    devices = [
        (unit.line.order_line_id, unit.device_id)
        for unit in RmaUnit.objects.filter(line__rma=rma).select_related("line").order_by("line__position", "position")
    ]
    for row in rows:
        row.rma, row.answer, row.answered_at = rma, Answer.SENDS, at
        own = next((one for one in devices if one[0] == row.order_line_id), None)
        if row.device_id is None and not row.serial and own is not None:
            # From now on it is a unit of ours to expect; the others of the line are found by their own units.
            devices.remove(own)
            row.device_id, row.quantity = own[1], 1
        row.save(update_fields=["rma", "answer", "answered_at", "device", "quantity"])
    if rest := [device for _line, device in devices if device is not None]:
        recall_units.list_devices(recall, rest, contact=rows[0].contact, rma=rma, at=at)
    rma.refresh_from_db()
    return rma
