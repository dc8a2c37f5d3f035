"""The demo's guide: who to be, one tour to follow, codes to scan, files to upload, mails that were sent. Nothing here is stored:
each is asked of the units and the ledger when somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import segno
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns.models import Rma
from revlog.accounts.actors import Actor
from revlog.custody.models import Entry
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.terms.models import Message, Order

TOUR_ORDER = "DEMO-1001"
TOUR_EMAIL = "demo@example.org"
TOUR_SERIAL = "PF4TOUR7"


def url_of(route: str, *args: object) -> str:
    """The address of a route, empty where this install doesn't have it."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


# One tour -------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One step of the tour: done when the fact exists; ``route`` is where it is done, by whom in ``who``."""

    label: str | Promise
    hint: str | Promise
    who: str
    route: str
    kinds: tuple[str, ...]
    times: int = 1


STEPS: tuple[Step, ...] = (
    Step(
        gettext_lazy("Ask for the return"),
        gettext_lazy("In the portal, with order %(order)s and %(email)s. Choose the laptop, a reason, a refund."),
        "",
        "portal",
        ("devices.announced",),
    ),
    Step(
        gettext_lazy("Receive it at the dock"),
        gettext_lazy("As Ines: scan the RMA number or the serial %(serial)s."),
        "ines",
        "dock",
        ("devices.arrived", "devices.arrived_again"),
    ),
    Step(
        gettext_lazy("Bring in its test report"),
        gettext_lazy("As Ravi: upload the sample report of the tour's laptop."),
        "ravi",
        "triage",
        ("triage.report_matched",),
    ),
    Step(
        gettext_lazy("See its grade"),
        gettext_lazy("Grading follows the report by itself, within seconds."),
        "ravi",
        "triage",
        ("triage.graded",),
    ),
    Step(
        gettext_lazy("Decide where it goes"),
        gettext_lazy("Choose refurbish, or take what is proposed."),
        "ravi",
        "triage",
        ("triage.disposed",),
    ),
    Step(
        gettext_lazy("Wipe its drive"),
        gettext_lazy("As Tomas: begin the wipe, then upload the sample nwipe log."),
        "tomas",
        "itad",
        ("itad.erasure_recorded",),
    ),
    Step(
        gettext_lazy("Verify the wipe"),
        gettext_lazy("As Sofia, because nobody verifies their own wipe."),
        "sofia",
        "itad",
        ("itad.sanitization_verified",),
    ),
    Step(
        gettext_lazy("Get the certificate"),
        gettext_lazy("It is issued by itself; open it on the unit's page and check it by its QR code."),
        "tomas",
        "itad",
        ("evidence.document_issued",),
    ),
    Step(
        gettext_lazy("Work on it at the bench"),
        gettext_lazy("As Jakob; then Mei checks his work."),
        "jakob",
        "bench",
        ("refurb.work_passed",),
    ),
    Step(
        gettext_lazy("Grade it again"),
        gettext_lazy("As Ravi: what the bench changed is graded once more."),
        "ravi",
        "triage",
        ("triage.graded",),
        2,
    ),
    Step(
        gettext_lazy("Sell it"),
        gettext_lazy("As Anouk: put it on offer, take an order; Luca packs and ships it."),
        "anouk",
        "sales",
        ("resale.shipped", "resale.sold_to"),
    ),
)


def tour_unit() -> Device | None:
    return (
        Device.objects.filter(identifiers__scheme="serial", identifiers__normal_form=TOUR_SERIAL)
        .order_by("-created_at")
        .first()
    )


def tour() -> dict[str, Any] | None:
    """ "Follow one laptop": the steps with what is done, and the next one. None where the demo's order isn't there."""
    if not Order.objects.filter(number=TOUR_ORDER).exists():
        return None
    unit = tour_unit()
    seen: dict[str, int] = {}
    if unit is not None:
        for kind in Entry.objects.filter(chain_id=unit.pk).values_list("kind", flat=True):
            seen[kind] = seen.get(kind, 0) + 1
    values = {"order": TOUR_ORDER, "email": TOUR_EMAIL, "serial": TOUR_SERIAL}
    steps, current = [], None
    for step in STEPS:
        done = sum(seen.get(kind, 0) for kind in step.kinds) >= step.times
        row = {
            "label": step.label,
            "hint": str(step.hint) % values,
            "url": url_of(step.route),
            "who": step.who,
            "status": "done" if done else "ahead",
        }
        if not done and current is None:
            row["status"] = "now"
            current = row
        steps.append(row)
    return {
        "steps": steps,
        "now": current,
        "unit": unit,
        "done": sum(row["status"] == "done" for row in steps),
        "total": len(steps),
    }


# Twelve codes ---------------------------------------------------------------------------------------------------------------------


def _newest(state: State) -> Device | None:
    """One that just came there, and that nothing keeps from going on."""
    return Device.objects.filter(state=state, holds=[], waiting_for="").order_by("-state_since", "id").first()


def _expected() -> tuple[str, str] | None:
    unit = Device.objects.filter(state=State.EXPECTED).exclude(serial="").order_by("created_at").first()
    return (unit.serial, unit.face) if unit else None


def _rma() -> tuple[str, str] | None:
    # Handed in comes after approved in the alphabet: a parcel that is on its way goes before one that isn't sent.
    row = Rma.objects.filter(status__in=["approved", "handed_over"]).order_by("-status", "-opened_at").first()
    return (row.number, row.number) if row else None


def _unit(state: State) -> Callable[[], tuple[str, str] | None]:
    def ask() -> tuple[str, str] | None:
        unit = _newest(state)
        return (unit.tag, unit.face) if unit else None

    return ask


def _held() -> tuple[str, str] | None:
    unit = Device.objects.exclude(holds=[]).order_by("state_since").first()
    return (unit.tag, unit.face) if unit else None


def _counted() -> tuple[str, str] | None:
    unit = (
        Device.objects.filter(tracking="counted").exclude(state__in=["SOLD", "RECYCLED"]).order_by("created_at").first()
    )
    return (unit.tag, unit.face) if unit else None


def _sold() -> tuple[str, str] | None:
    sold = Device.objects.filter(state=State.SOLD, device_class="laptop").exclude(serial="")
    unit = sold.order_by("-state_since").first()
    return (unit.serial, unit.face) if unit else None


CODES: tuple[tuple[str | Promise, str, Callable[[], tuple[str, str] | None]], ...] = (
    (gettext_lazy("A parcel with this RMA is at the dock"), "dock", _rma),
    (gettext_lazy("A serial that is expected"), "dock", _expected),
    (gettext_lazy("A sold laptop that comes back"), "dock", _sold),
    (gettext_lazy("A unit that was just received"), "triage", _unit(State.RECEIVED)),
    (gettext_lazy("A unit in triage"), "triage", _unit(State.IN_TRIAGE)),
    (gettext_lazy("A unit whose data must go"), "itad", _unit(State.TO_SANITIZE)),
    (gettext_lazy("A unit to be destroyed"), "itad", _unit(State.TO_DESTROY)),
    (gettext_lazy("A unit for the bench"), "bench", _unit(State.TO_REFURBISH)),
    (gettext_lazy("A unit for sale"), "sales", _unit(State.TO_SELL)),
    (gettext_lazy("A unit to recycle"), "recycling", _unit(State.TO_RECYCLE)),
    (gettext_lazy("A unit on hold"), "search", _held),
    (gettext_lazy("A counted box"), "search", _counted),
)


def codes() -> list[dict[str, Any]]:
    """The codes, each bound to a unit that is there now; one whose kind is used up says so."""
    found = []
    for label, route, ask in CODES:
        bound = ask()
        found.append(
            {
                "label": label,
                "code": bound[0] if bound else "",
                "what": bound[1] if bound else _("none at the moment"),
                "where": url_of(route),
                "picture": segno.make(bound[0], error="m").svg_data_uri(scale=3, border=2) if bound else "",
            }
        )
    return found


# Files and mails ------------------------------------------------------------------------------------------------------------------


def samples() -> list[dict[str, Any]]:
    """Files in the true formats, made for units that are there now."""
    if find_spec("revlog.pages.simulation") is None:
        return []
    made = import_module("revlog.pages.simulation.samples")  # the simulator is needed for the demo alone
    return [
        {"name": sample.name, "what": sample.what, "url": url_of("sample", sample.name)} for sample in made.listed()
    ]


def mails() -> list[Message]:
    return list(Message.objects.order_by("-created_at")[:100])


def page_of_number(text: str, actor: Actor) -> str | None:
    """The page of an RMA, or of the one RMA of an order, by its printed number."""
    number = text.strip().upper()
    row = Rma.objects.visible_to(actor).filter(number=number).first()
    if row is None:
        rows = (
            list(Rma.objects.visible_to(actor).filter(Q(order__number__iexact=number))[:2]) if len(number) > 3 else []
        )
        row = rows[0] if len(rows) == 1 else None
    return (url_of("rma", row.number) or None) if row else None
