"""Labels of containers: their number on the floor, and their SSCC with an address where they travel."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from revlog.accounts.actors import Actor
from revlog.common.words import word
from revlog.devices.models import Device
from revlog.labels import registry
from revlog.labels.drawing.shapes import Code, Label
from revlog.labels.registry import Kind, Thing
from revlog.storage.models import Container, PickList

SSCC = 18


def _rows(by: Actor, texts: Sequence[str]) -> list[Container]:
    """Containers by number, label or id, among those of one's own sites."""
    codes = [one.strip().upper() for one in texts]
    rows = (
        Container.objects.visible_to(by)
        .filter(Q(number__in=codes) | Q(label__in=[one for one in codes if one]) | Q(pk__in=registry.ids_in(texts)))
        .exclude(state="retired")
        .select_related("location__hub__organization", "location__client", "location__parent", "owner")
    )
    return registry.in_order(texts, list(rows), lambda row: (row.number, row.label or row.number, str(row.pk)))


def _thing(row: Container, label: Label) -> Thing:
    return Thing(row.pk, row.number, label, row.location.hub_id, None, reverse("container", args=[row.number]))


def _container(by: Actor, texts: Sequence[str], _variant: str) -> list[Thing]:
    return [_thing(row, _of_container(row)) for row in _rows(by, texts)]


def _of_container(row: Container) -> Label:
    place = row.location
    lines = [
        word(f"container.{row.kind}").capitalize(),
        _("kept for %s") % place.client.name if place.client else "",
        _("empty %s kg") % f"{row.tare_grams / 1000:g}" if row.tare_grams else "",
        place.hub.name,
        row.owner.name,
    ]
    return Label(
        row.number, Code(row.number), tuple(line for line in lines if line), signs=("lock",) if place.secured else ()
    )


def _pallet(by: Actor, texts: Sequence[str], _variant: str) -> list[Thing]:
    return [_thing(row, _travelling(row)) for row in _rows(by, texts)]


def _travelling(row: Container) -> Label:
    """To the site of its owner's, or to ours: the receiver is whom it belongs to or is kept for; the SSCC is what carriers scan."""
    receiver = row.location.client or row.owner
    hub = row.location.hub
    address = list(receiver.address.lines()) or (list(hub.address) if receiver.is_operator else [])
    under = [
        _("From: %s") % ", ".join([hub.organization.name, *hub.address]),
        " · ".join(
            part
            for part in (
                row.number,
                word(f"container.{row.kind}"),
                ngettext("%s unit", "%s units", row.location.devices.count()) % row.location.devices.count(),
                f"{row.gross_grams / 1000:g} kg" if row.gross_grams else "",
            )
            if part
        ),
    ]
    sscc = row.label if len(row.label) == SSCC and row.label.isdecimal() else ""
    code = Code(sscc, "gs1") if sscc else Code(row.number, "code128")
    return Label(receiver.name, code, tuple(address), under=tuple(under), form="address", least=(99, 140))


def _in_container(by: Actor, text: str) -> list[str] | None:
    """A container's number stands for the units in it."""
    row = Container.objects.visible_to(by).filter(number__iexact=text).first()
    if row is None:
        return None
    return list(Device.objects.filter(location=row.pk).order_by("tag").values_list("tag", flat=True))


def _on_list(by: Actor, text: str) -> list[str] | None:
    """A pick list's number stands for the units on it."""
    row = PickList.objects.visible_to(by).filter(number__iexact=text).first()
    return list(row.picks.order_by("pk").values_list("device__tag", flat=True)) if row is not None else None


@registry.group("container")
def _made_together(by: Actor, text: str) -> list[str] | None:
    """``made:CT-7K3M-9QXA`` stands for all that were set up together with it."""
    first = (
        Container.objects.visible_to(by).filter(number=text.removeprefix("made:")).select_related("location").first()
        if text.startswith("made:")
        else None
    )
    if first is None:
        return None
    rows = Container.objects.visible_to(by).filter(location__hub=first.location.hub_id, made_at=first.made_at)
    return list(rows.order_by("number").values_list("number", flat=True))


registry.group("unit")(_in_container)
registry.group("unit")(_on_list)
registry.kind(Kind("container", gettext_lazy("Container"), ("devices.locate",), _container, hand="container"))
registry.kind(
    Kind(
        "pallet", gettext_lazy("Shipping, for a container"), ("devices.locate", "logistics.handover"), _pallet, stock="100x150",
        hand="container",
    )
)  # fmt: skip
