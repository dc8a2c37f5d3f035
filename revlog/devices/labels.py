"""Labels of units and places, and the marks of batteries that travel."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.devices import identifiers
from revlog.devices.journey import CLEARED
from revlog.devices.models import Device, Hazard, HoldKind, Location, LocationKind
from revlog.devices.services import moves, places
from revlog.labels import registry
from revlog.labels.drawing.shapes import Code, Label
from revlog.labels.registry import Kind, Thing

HAZARD = (100.0, 100.0)
"""Below this a mark of dangerous goods isn't as large as the regulations ask."""


def _spelt(texts: Sequence[str]) -> list[str]:
    """Tags as they are printed, whatever way they were typed; other texts as they came."""
    return [ids.normal(one, identifiers.TAG_PREFIX) or one for one in texts]


def units(by: Actor, texts: Sequence[str]) -> list[Device]:
    """Units by tag or id, among those of one's own sites, in the order of the texts."""
    spelt = _spelt(texts)
    rows = (
        Device.objects.visible_to(by)
        .filter(Q(tag__in=spelt) | Q(pk__in=registry.ids_in(texts)), hub__in=Hub.objects.worked_by(by))
        .select_related("product", "hub", "owner", "location")
    )
    return registry.in_order(spelt, list(rows), lambda row: (row.tag, str(row.pk)))


def _unit(by: Actor, texts: Sequence[str], _variant: str) -> list[Thing]:
    return [_thing(row, _of_unit(row)) for row in units(by, texts)]


def _thing(row: Device, label: Label) -> Thing:
    return Thing(row.pk, row.tag, label, row.hub_id, row.owner_id, reverse("unit", args=[row.tag]))


def _of_unit(row: Device) -> Label:
    lines = [
        row.face,
        _("S/N %s") % row.serial if row.serial else "",
        _("%s pieces") % row.quantity if row.quantity > 1 else "",
        row.owner.name,
    ]
    signs = () if row.data in CLEARED else ("lock",)
    return Label(row.tag, Code(row.tag), tuple(line for line in lines if line), signs=signs)


def say_of_units(things: Sequence[Thing], fact: Fact, by: Actor, at: datetime) -> None:
    """The fact on the chain of each; units are taken by their key before the chains, as for every act."""
    with transaction.atomic():
        taken = moves.take([one.id for one in things])
        moves.note_many(taken, facts=[fact] * len(taken), by=by, at=at)


def _place(by: Actor, texts: Sequence[str], _variant: str) -> list[Thing]:
    rows = _places(by, texts).filter(active=True).exclude(kind=LocationKind.CONTAINER)
    # A code that two sites have is the one where the person works now.
    found = sorted(rows, key=lambda row: row.hub_id == by.hub_id)
    return [
        Thing(row.pk, row.code, _of_place(row), row.hub_id, None, reverse("place", args=[row.hub.code, row.code]))
        for row in registry.in_order(texts, found, lambda row: (row.code, str(row.pk)))
    ]


def _places(by: Actor, texts: Sequence[str]) -> QuerySet[Location]:
    codes = [one.strip().upper() for one in texts]
    return Location.objects.filter(
        Q(code__in=codes) | Q(pk__in=registry.ids_in(texts)), hub__in=Hub.objects.worked_by(by)
    ).select_related("hub", "client")


def _of_place(row: Location) -> Label:
    lines = [
        word(f"purpose.{row.purpose}") if row.purpose else str(row.get_kind_display()),
        _("kept for %s") % row.client.name if row.client else "",
        row.hub.name,
    ]
    return Label(
        row.code, Code(row.code), tuple(line for line in lines if line), signs=("lock",) if row.secured else ()
    )


def _row_of_places(_by: Actor, text: str) -> list[str] | None:
    """``A-01..A-20`` is twenty places."""
    return places.spread(text) if ".." in text else None


registry.group("place")(_row_of_places)
registry.kind(
    Kind(
        "unit",
        gettext_lazy("Unit"),
        ("devices.locate", "returns.receive"),
        _unit,
        stock="50x25",
        hand="device",
        say=say_of_units,
    )
)
registry.kind(
    Kind("place", gettext_lazy("Place"), ("devices.locate", "accounts.stations"), _place, stock="75x50", hand="place")
)


# Batteries --------------------------------------------------------------------------------------------------------------------------

UN = (
    ("UN3481", gettext_lazy("UN 3481, lithium ion batteries in or with equipment")),
    ("UN3480", gettext_lazy("UN 3480, lithium ion batteries by themselves")),
    ("UN3091", gettext_lazy("UN 3091, lithium metal batteries in or with equipment")),
    ("UN3090", gettext_lazy("UN 3090, lithium metal batteries by themselves")),
)
WORDS: dict[str, tuple[str, ...]] = {
    # As ADR writes them (special provisions 376 and 377); not translated, since the marking is prescribed.
    "ion": ("DAMAGED/", "DEFECTIVE", "LITHIUM-ION", "BATTERIES"),
    "metal": ("DAMAGED/", "DEFECTIVE", "LITHIUM METAL", "BATTERIES"),
    "disposal": ("LITHIUM", "BATTERIES", "FOR DISPOSAL"),
    "recycling": ("LITHIUM", "BATTERIES", "FOR RECYCLING"),
}
MARKINGS = (
    ("ion", gettext_lazy("damaged or defective lithium ion batteries")),
    ("metal", gettext_lazy("damaged or defective lithium metal batteries")),
    ("disposal", gettext_lazy("lithium batteries for disposal")),
    ("recycling", gettext_lazy("lithium batteries for recycling")),
)


def _packed(by: Actor, texts: Sequence[str]) -> list[tuple[uuid.UUID, str, uuid.UUID | None, uuid.UUID | None, str]]:
    """Units and containers by code: what a mark of dangerous goods can stand on."""
    rows: list[Device | Location] = [*units(by, texts), *_places(by, texts).filter(kind=LocationKind.CONTAINER)]
    spelt = _spelt(texts)
    return [
        (row.pk, row.tag, row.hub_id, row.owner_id, reverse("unit", args=[row.tag]))
        if isinstance(row, Device)
        else (row.pk, row.code, row.hub_id, None, reverse("container", args=[row.code]))
        for row in registry.in_order(
            spelt, rows, lambda row: (row.tag if isinstance(row, Device) else row.code, str(row.pk))
        )
    ]


def not_assessed(things: Sequence[Thing]) -> list[Reason]:
    """No mark of dangerous goods is printed for what waits for a safety assessor: it is packed by their verdict."""
    keys = [one.id for one in things]
    waiting = Device.objects.filter(pk__in=keys).filter(Q(hazard=Hazard.SUSPECT) | Q(holds__contains=[HoldKind.SAFETY]))
    names = [*waiting.order_by("tag").values_list("tag", flat=True)]
    frozen = Location.objects.filter(pk__in=keys).exclude(frozen_by="")
    names += frozen.order_by("code").values_list("code", flat=True)
    sentence = _("%s waits for a safety assessor, who says how it is packed; no mark is printed before")
    return [Reason("not_assessed", sentence % name, "things") for name in names[:5]]


def say_of_packed(things: Sequence[Thing], fact: Fact, by: Actor, at: datetime) -> None:
    units_of = set(Device.objects.filter(pk__in=[one.id for one in things]).values_list("pk", flat=True))
    if found := [one for one in things if one.id in units_of]:
        say_of_units(found, fact, by, at)
    registry.say_each([one for one in things if one.id not in units_of], fact, by, at)


def _lithium(by: Actor, texts: Sequence[str], variant: str) -> list[Thing]:
    number = f"UN {(variant or UN[0][0]).removeprefix('UN')}"
    phone = (settings.HAZARD_PHONE,) if settings.HAZARD_PHONE else ()
    label = Label(number, lines=phone, signs=("lithium",), form="mark", least=HAZARD, colour=True)
    return [Thing(id, name, label, hub, owner, url) for id, name, hub, owner, url in _packed(by, texts)]


def _class_9a(by: Actor, texts: Sequence[str], _variant: str) -> list[Thing]:
    label = Label("9", signs=("class_9a",), form="mark", least=HAZARD)
    return [Thing(id, name, label, hub, owner, url) for id, name, hub, owner, url in _packed(by, texts)]


def _damaged(by: Actor, texts: Sequence[str], variant: str) -> list[Thing]:
    said = WORDS.get(variant) or WORDS["ion"]
    phone = (settings.HAZARD_PHONE,) if settings.HAZARD_PHONE else ()
    return [
        Thing(id, name, Label(name, Code(name), said, under=phone, form="words", least=HAZARD), hub, owner, url)
        for id, name, hub, owner, url in _packed(by, texts)
    ]


HANDLES = ("recycling.hazard", "resale.ship", "returns.send_back")
registry.kind(
    Kind(
        "lithium",
        gettext_lazy("Lithium battery mark"),
        HANDLES,
        _lithium,
        stock="100x100",
        hand="device",
        variants=UN,
        say=say_of_packed,
        against=not_assessed,
    )
)
registry.kind(
    Kind(
        "class_9a",
        gettext_lazy("Class 9A label"),
        HANDLES,
        _class_9a,
        stock="100x100",
        hand="device",
        say=say_of_packed,
        against=not_assessed,
    )
)
registry.kind(
    Kind(
        "damaged", gettext_lazy("Battery marking in words"), ("recycling.hazard",), _damaged, stock="100x100", hand="device",
        variants=MARKINGS, say=say_of_packed, against=not_assessed,
    )
)  # fmt: skip
