"""What a parcel's tracking number is answered with, and the job of scanning a truck off."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.accounts import queries as people
from revlog.common import ids
from revlog.common.words import word
from revlog.devices import identifiers
from revlog.logistics import crossing, queries, scanoff
from revlog.logistics.carriers.any import PREFIX
from revlog.logistics.models import Parcel, Transfer
from revlog.logistics.queries import transfers
from revlog.logistics.services.scanning_off import COMING
from revlog.logistics.services.transfers import common
from revlog.scanning import registry
from revlog.scanning.answers import Action, Answer, action
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Found, Job

registry.printed(PREFIX, (4, 4, 4))


def _find(here: Here, reading: Reading) -> Found | None:
    for text in reading.candidates("sscc", "shipment", "consignment", "licence_plate"):
        if identifiers.tag(text) is None and (box := queries.parcel_by_tracking(text, here.by)) is not None:
            return Found("parcel", box)
    return None


@registry.kind("parcel", order=25, find=_find)
def answer(here: Here, reading: Reading, found: Found) -> Answer:
    box: Parcel = found.thing
    here.show("parcel", box.pk)
    said = capfirst(word(f"parcel.{box.status}"))
    if box.arrived_at is not None:
        said = _("Taken in by %(who)s on %(when)s.") % {
            "who": people.who(box.arrived_by),
            "when": people.moment(box.arrived_at, here.hub),
        }
    elsewhere = box.shipment.hub.name if box.shipment.hub != here.hub else ""
    carrier = box.shipment.carrier.name if box.shipment.carrier is not None else ""
    return {
        "tone": "attention" if elsewhere else "accepted",
        "title": _("Parcel %s") % box.tracking,
        "text": " · ".join(part for part in (carrier, said) if part),
        "todo": _("It belongs to %s: set it aside for there.") % elsewhere if elsewhere else "",
        "actions": registry.actions_for(here, "parcel", box),
    }


@registry.next_for("parcel", order=10)
def scan_off(here: Here, row: Parcel) -> Sequence[Action]:
    if row.status not in COMING or row.shipment.hub_id != here.hub.pk or not here.by.may("logistics.handover"):
        return []
    return [scanoff.first(row)]


registry.job(
    Job(
        name=scanoff.JOB,
        label=gettext_lazy("Scanning off"),
        about=gettext_lazy("count a truck's parcels while the driver waits"),
        icon="truck-delivery",
        permission="logistics.handover",
        command="SCAN OFF",
        opened=scanoff.opened,
        answer=scanoff.answer,
        hint=gettext_lazy("parcel or door"),
        tally=scanoff.tally,
    )
)


# Transfers --------------------------------------------------------------------------------------------------------------------------

registry.printed(transfers.PREFIX)


def _find_transfer(here: Here, reading: Reading) -> Found | None:
    found = transfers.by_number(reading.text, here.by) if ids.holds(reading.text, transfers.PREFIX) else None
    return Found("transfer", found) if found is not None else None


@registry.kind("transfer", order=58, find=_find_transfer)
def transfer_answer(here: Here, reading: Reading, found: Found) -> Answer:
    row: Transfer = found.thing
    here.show("transfer", row.pk)
    return {
        "tone": "accepted",
        "title": row.number,
        "text": f"{crossing.face(row)} · {word(f'transfer.{row.status}')}",
        "actions": [*registry.actions_for(here, "transfer", row), crossing.opens(row)],
    }


@registry.next_for("transfer", order=10)
def load_or_take_in(here: Here, row: Transfer) -> Sequence[Action]:
    found = []
    if row.status in {"planned", "under_way"} and common.may_release(row, here.by) and row.origin_id == here.hub.pk:
        found.append(action(_("Load it"), "transfer_join", "LOAD", primary=True, job=crossing.OUT, transfer=row.number))
    comes = row.status == "under_way" or (row.giver_id is not None and row.status == "planned")
    if comes and common.may_accept(row, here.by) and row.destination_id == here.hub.pk:
        found.append(
            action(_("Take it in"), "transfer_join", "TAKE IN", primary=True, job=crossing.IN, transfer=row.number)
        )
    return found


registry.job(
    Job(
        name=crossing.OUT,
        label=gettext_lazy("Loading a transfer"),
        about=gettext_lazy("load what goes to another site, and let the driver sign"),
        icon="truck-delivery",
        permission="logistics.handover",
        command="TRANSFER OUT",
        opened=crossing.opened_out,
        answer=crossing.answer_out,
        hint=gettext_lazy("transfer, then container or unit"),
        tally=crossing.tally,
    )
)
registry.job(
    Job(
        name=crossing.IN,
        label=gettext_lazy("Taking in a transfer"),
        about=gettext_lazy("look at the seals, and take in what another site sent"),
        icon="package-import",
        permission="logistics.handover",
        command="TRANSFER IN",
        opened=crossing.opened_in,
        answer=crossing.answer_in,
        hint=gettext_lazy("seal, container or unit"),
        unknown=crossing.unknown_in,
        tally=crossing.tally,
    )
)
