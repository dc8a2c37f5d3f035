"""Shipping labels of what was sold: to the buyer of an order, and whom a lot goes to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from resale.models import Lot, Sale, SaleState
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.custody.facts import Fact
from revlog.devices.labels import say_of_units
from revlog.labels import registry
from revlog.labels.drawing.shapes import Code, Label
from revlog.labels.registry import Kind, Thing
from revlog.labels.symbols import code128
from revlog.logistics.labels import addressee


def _order(by: Actor, texts: Sequence[str], _variant: str) -> list[Thing]:
    """Orders with something to pick or to ship at one's sites, by number or id. The chain that tells is that of the first unit."""
    codes = [one.strip().upper() for one in texts]
    sales = (
        Sale.objects.visible_to(by)
        .exclude(state=SaleState.CANCELLED)
        .filter(
            Q(line__order__number__in=[*codes, *texts]) | Q(line__order__in=registry.ids_in(texts)),
            pool__hub__in=Hub.objects.worked_by(by),
        )
        .select_related("line__order__contact", "device", "pool__hub__organization")
        .order_by("line__position")
    )
    first: dict[uuid.UUID, Sale] = {}
    for row in sales:
        first.setdefault(row.line.order_id, row)
    found = registry.in_order(
        texts,
        list(first.values()),
        lambda row: (row.line.order.number, row.line.order.number.upper(), str(row.line.order_id)),
    )
    return [
        Thing(
            row.line.order_id, row.line.order.number, _of_order(row), row.pool.hub_id, row.device.owner_id,
            reverse("sales_order", args=[row.line.order_id]), chain=row.device_id,
        )
        for row in found
    ]  # fmt: skip


def _of_order(row: Sale) -> Label:
    order, hub = row.line.order, row.pool.hub
    under = (_("From: %s") % ", ".join([hub.organization.name, *hub.address]), order.number)
    number = row.parcel_number or order.number
    plain = code128.SAFE.fullmatch(number) is not None and len(number) <= 24
    lines = [*order.contact.address, order.contact.country]
    return Label(
        order.contact.name or order.number, Code(number, "code128" if plain else "qr"), tuple(one for one in lines if one),
        under=under, form="address", least=(99, 140),
    )  # fmt: skip


@addressee("lot")
def _buyer(id: uuid.UUID) -> tuple[str, Sequence[str]] | None:
    row = Lot.objects.select_related("buyer").filter(pk=id).first()
    return (row.buyer.name, row.buyer.address.lines()) if row is not None and row.buyer is not None else None


def _say(things: Sequence[Thing], fact: Fact, by: Actor, at: datetime) -> None:
    say_of_units([replace(one, id=one.chain or one.id) for one in things], fact, by, at)


registry.kind(
    Kind(
        "order",
        gettext_lazy("Shipping, of an order"),
        ("resale.ship",),
        _order,
        stock="100x150",
        hand="order",
        say=_say,
    )
)
