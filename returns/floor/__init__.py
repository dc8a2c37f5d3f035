"""What returns answers to a scan: receiving, RMA numbers, counters' bags, and what can be done next with a unit or parcel."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from returns import queries
from returns.floor import answers, sessions
from returns.models import Bag, Rma, RmaStatus
from returns.models.rma import COMING
from revlog.common.errors import NotFound, Reason
from revlog.common.words import word
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.logistics.models import Parcel
from revlog.scanning import registry
from revlog.scanning.answers import Action, Answer, in_job, leads
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Command, Found, Job
from revlog.terms.models import Order

registry.printed(queries.PREFIX)
registry.printed(queries.BAG)


# The job ----------------------------------------------------------------------------------------------------------------------------


def _answer(here: Here, reading: Reading) -> Answer | None:
    """What the dock says; None for what it doesn't know, and others may. Weights and the like are kinds of their own."""
    if registry.look(here, reading, among=sessions.KINDS) is not None:
        return None
    for text in reading.candidates("sscc", "serial", "imei", "asset", "order"):
        if (said := answers.to_known(here, text)) is not None:
            return said
    return None


def _unknown(here: Here, reading: Reading) -> Answer:
    return answers.to_unknown(here, next(iter(reading.candidates("serial", "imei", "sscc")), reading.text))


registry.job(
    Job(
        name="receive",
        label=gettext_lazy("Receiving"),
        about=gettext_lazy("take in parcels and what is in them"),
        icon="package-import",
        permission="returns.receive",
        command="RECEIVE",
        opened=sessions.opened,
        answer=_answer,
        hint=gettext_lazy("parcel, return, serial, IMEI, tag"),
        unknown=_unknown,
        template="returns/_dock_answer.html",
        beside=answers.beside,
        tally=lambda here: (queries.received_today(here.by, here.hub, here.at), None),
    )
)


# Commands ---------------------------------------------------------------------------------------------------------------------------


def _empty(here: Here, _reading: Reading) -> Answer:
    """The parcel at hand holds nothing."""
    box, rma = answers.parcel_at_hand(here), answers.return_at_hand(here)
    if box is None or rma is None:
        raise NotFound(Reason("nothing_open", _("Scan the parcel again first.")))
    return answers.emptied(here, box, rma)


def _damaged(here: Here, reading: Reading) -> Answer:
    """Scanned while the answer to an expected thing shows, its code presses the button.

    While a truck is scanned off, it is about the parcel that was scanned last; in a receiving session, about what was received last.
    """
    at_hand = registry.JOBS.get(here.job)
    if at_hand is not None and at_hand.name != "receive" and (said := at_hand.answer(here, reading)) is not None:
        return said
    if (at := sessions.line_at_hand(here)) is not None:
        return sessions.damaged(here, at[0], at[1].pk)
    raise NotFound(Reason("nothing_open", _("Scan the thing that is damaged first, then the command.")))


registry.command(
    Command("EMPTY", gettext_lazy("The parcel is empty"), "package", "returns.receive", _empty, danger=True)
)
registry.command(
    Command("DAMAGED", gettext_lazy("It is damaged"), "alert-triangle", "returns.receive", _damaged, danger=True)
)


# Kinds ------------------------------------------------------------------------------------------------------------------------------


def _find_rma(here: Here, reading: Reading) -> Found | None:
    for text in reading.candidates():
        if (rma := queries.by_number(text, here.by)) is not None:
            return Found("rma", rma)
    return None


@registry.kind("rma", order=30, find=_find_rma)
def rma(here: Here, reading: Reading, found: Found) -> Answer:
    row: Rma = found.thing
    here.show("rma", row.pk)
    waiting = queries.waiting_in(rma=row)
    told = [row.seller.name, capfirst(word(f"rma.{row.status}"))]
    if waiting:
        told.append(ngettext("%s thing expected", "%s things expected", len(waiting)) % len(waiting))
    comes = RmaStatus(row.status) in {*COMING, RmaStatus.EXPIRED}
    receive = in_job(_("Receive"), "receive", row.number, "RECEIVE", primary=True, icon="package-import")
    page = reverse("returns_rma", args=[row.number])
    return {
        "tone": "accepted",
        "title": _("Return %s") % row.number,
        "text": " · ".join(told),
        "actions": [
            *([receive] if comes and here.by.may("returns.receive") else []),
            *registry.actions_for(here, "rma", row),
            *([leads(_("Open its page"), page, icon="arrow-right")] if here.by.may("returns.view") else []),
        ],
    }


def _find_bag(here: Here, reading: Reading) -> Found | None:
    for text in reading.candidates():
        bag = queries.bag_named(text)
        if bag is not None and bag.unit.line.rma.is_visible_to(here.by):
            return Found("bag", bag)
    return None


@registry.kind("bag", order=32, find=_find_bag)
def bag(here: Here, reading: Reading, found: Found) -> Answer:
    row: Bag = found.thing
    here.show("bag", row.pk)
    receive = in_job(_("Receive"), "receive", row.code, "RECEIVE", primary=True, icon="package-import")
    told = [_("From %s") % row.place.name, row.tote.code if row.tote is not None else "", row.unit.line.rma.number]
    return {
        "tone": "attention" if row.wrong else "accepted",
        "title": _("Bag %s") % row.code,
        "text": " · ".join(part for part in told if part),
        "unit": answers.face_of(row.unit.device, row.unit),
        "actions": [
            *([receive] if here.by.may("returns.receive") else []),
            *registry.actions_for(here, "bag", row),
        ],
    }


# What can be done next --------------------------------------------------------------------------------------------------------------


@registry.next_for("parcel", order=10)
def _next_of_parcel(here: Here, box: Parcel) -> list[Action]:
    if box.shipment.direction != "inbound" or not here.by.may("returns.receive"):
        return []
    label = _("Receive") if box.arrived_at is None else _("Unpack it")
    return [in_job(label, "receive", box.tracking, "RECEIVE", primary=True, icon="package-import")]


@registry.next_for("order", order=10)
def _next_of_order(here: Here, order: Order) -> list[Action]:
    found: list[Action] = []
    if here.by.may("returns.desk"):
        page = reverse("desk_order", args=[order.pk])
        found.append(leads(_("Open the order"), page, primary=True, icon="headphones"))
    if here.by.may("returns.receive"):
        label = _("Something of it came back")
        found.append(in_job(label, "receive", order.number, "RECEIVE", primary=True, icon="package-import"))
    return found


@registry.next_for("device", order=10)
def _next_of_device(here: Here, device: Device) -> list[Action]:
    state, may = State(device.state), here.by.may
    if state == State.EXPECTED and may("returns.receive"):
        return [in_job(_("Receive"), "receive", device.tag, "RECEIVE", primary=True, icon="package-import")]
    for queue, name, permission, label in (
        (State.TO_RESTOCK, "restock", "returns.restock", _("Hand it over to stock")),
        (State.TO_RETURN, "send-back", "returns.send_back", _("Send it back")),
    ):
        if state == queue and may(permission):
            page = f"{reverse('returns_queue', args=[name])}?{urlencode({'q': device.tag})}"
            return [leads(label, page, primary=True, icon="package")]
    return []
