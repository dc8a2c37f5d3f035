"""Shipping labels of parcels: the carrier's own where it gave one, else ours with the address and the number that is scanned."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.evidence.models import Artifact
from revlog.labels import registry
from revlog.labels.drawing.shapes import Code, Label
from revlog.labels.registry import Kind, Thing
from revlog.labels.symbols import code128
from revlog.logistics.models import Booking, Direction, Parcel

Addressee = Callable[[uuid.UUID], tuple[str, Sequence[str]] | None]
_addressees: dict[str, Addressee] = {}


def addressee(prefix: str) -> Callable[[Addressee], Addressee]:
    """Declare who gets what is sent for ``prefix:<uuid>``: name and lines of the address. Each stage knows its own."""

    def declare(found: Addressee) -> Addressee:
        _addressees[prefix] = found
        return found

    return declare


def _parcel(by: Actor, texts: Sequence[str], _variant: str) -> list[Thing]:
    codes = [one.strip().upper() for one in texts]
    rows = (
        Parcel.objects.visible_to(by)
        .filter(Q(tracking__in=codes) | Q(pk__in=registry.ids_in(texts)), shipment__hub__in=Hub.objects.worked_by(by))
        .select_related("shipment__hub__organization", "shipment__carrier", "shipment__owner", "booking__label")
    )
    found = registry.in_order(texts, list(rows), lambda row: (row.tracking, str(row.pk)))
    return [
        Thing(
            row.pk, row.tracking, _of_parcel(row), row.shipment.hub_id, row.shipment.owner_id, stored=_own(row),
            chain=row.shipment_id,
        )
        for row in found
    ]  # fmt: skip


def _own(row: Parcel) -> Artifact | None:
    booking: Booking | None = getattr(row, "booking", None)
    kept = booking.label if booking is not None else None
    return kept if kept is not None and kept.erased_at is None else None


def _of_parcel(row: Parcel) -> Label:
    shipment = row.shipment
    hub = shipment.hub
    sender = _("From: %s") % ", ".join([hub.organization.name, *hub.address])
    name, lines = hub.organization.name, tuple(hub.address)
    if shipment.direction == Direction.OUTBOUND:
        name, lines = _receiver(shipment.reference) or (shipment.owner.name, shipment.owner.address.lines())
    under = [
        sender if shipment.direction == Direction.OUTBOUND else _("Return for %s") % shipment.owner.name,
        " · ".join(
            part
            for part in (
                shipment.carrier.name if shipment.carrier else "",
                shipment.number,
                f"{row.grams / 1000:g} kg" if row.grams else "",
            )
            if part
        ),
    ]
    plain = code128.SAFE.fullmatch(row.tracking) is not None and len(row.tracking) <= 24
    code = Code(row.tracking, "code128" if plain else "qr")
    return Label(name, code, tuple(lines), under=tuple(one for one in under if one), form="address", least=(99, 140))


def _receiver(reference: str) -> tuple[str, tuple[str, ...]] | None:
    prefix, _colon, id = reference.partition(":")
    keys = registry.ids_in([id])
    told = _addressees[prefix](keys[0]) if prefix in _addressees and keys else None
    return (told[0], tuple(told[1])) if told is not None else None


registry.kind(
    Kind(
        "parcel", gettext_lazy("Shipping"), ("logistics.handover", "resale.ship", "returns.send_back"), _parcel, stock="100x150",
        hand="parcel",
    )
)  # fmt: skip
