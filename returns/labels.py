"""Labels of returns and of a counter's bags, and whom what is sent back goes to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from returns import queries
from returns.models import Bag, ReceivingSession, Rma, VendorReturn
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.labels import registry
from revlog.labels.drawing.shapes import Code, Label
from revlog.labels.registry import Kind, Thing
from revlog.logistics.labels import addressee


def _rma(by: Actor, texts: Sequence[str], _variant: str) -> list[Thing]:
    """A return's number for a cart or a box, without anything about its customer."""
    numbers = [ids.normal(one, queries.PREFIX) or one.strip().upper() for one in texts]
    rows = (
        Rma.objects.visible_to(by)
        .filter(Q(number__in=numbers) | Q(pk__in=registry.ids_in(texts)), hub__in=Hub.objects.worked_by(by))
        .select_related("hub", "seller")
        .annotate(things=Count("lines__units"))
    )
    return [
        Thing(row.pk, row.number, _of_rma(row), row.hub_id, row.seller_id, reverse("returns_rma", args=[row.number]))
        for row in registry.in_order([*numbers, *texts], list(rows), lambda row: (row.number, str(row.pk)))
    ]


def _of_rma(row: Rma) -> Label:
    count: int = row.things  # type: ignore[attr-defined]
    said = ngettext("%s thing", "%s things", count) % count
    return Label(row.number, Code(row.number, "code128"), (said, row.seller.name, row.hub.name))


def _bag(by: Actor, texts: Sequence[str], _variant: str) -> list[Thing]:
    codes = [ids.normal(one.strip(), queries.BAG) or one for one in texts]
    rows = (
        Bag.objects.filter(
            Q(code__in=codes) | Q(pk__in=registry.ids_in(texts)), unit__line__rma__in=Rma.objects.visible_to(by),
            place__hub__in=Hub.objects.worked_by(by),
        )
        .select_related("unit__line__order_line", "unit__line__rma", "place__hub")
    )  # fmt: skip
    return [
        Thing(
            row.pk, row.code, _of_bag(row), row.place.hub_id, row.unit.line.rma.seller_id,
            reverse("returns_rma", args=[row.unit.line.rma.number]), chain=row.unit.line.rma_id,
        )
        for row in registry.in_order([*codes, *texts], list(rows), lambda row: (row.code, str(row.pk)))
    ]  # fmt: skip


def _of_bag(row: Bag) -> Label:
    line = row.unit.line
    lines = (line.order_line.description, line.rma.number, row.place.name, _("damaged there") if row.damaged else "")
    return Label(row.code, Code(row.code), tuple(one for one in lines if one))


@registry.group("unit")
def _of_session(by: Actor, text: str) -> list[str] | None:
    """A receiving session's number stands for all that was received in it."""
    row = ReceivingSession.objects.visible_to(by).filter(number__iexact=text).first()
    if row is None:
        return None
    lines = row.lines.filter(undone_at=None, device__isnull=False).order_by("pk")
    return list(dict.fromkeys(lines.values_list("device__tag", flat=True)))


@registry.group("unit")
def _of_return(by: Actor, text: str) -> list[str] | None:
    """A return's number stands for its units that are here."""
    number = ids.normal(text, queries.PREFIX)
    row = Rma.objects.visible_to(by).filter(number=number).first() if number else None
    if row is None:
        return None
    return list(
        row.lines.filter(units__device__isnull=False).order_by("units__pk").values_list("units__device__tag", flat=True)
    )


@addressee("rma")
def _customer(id: uuid.UUID) -> tuple[str, Sequence[str]] | None:
    row = Rma.objects.select_related("contact").filter(pk=id).first()
    return (row.contact.name, list(row.contact.address)) if row is not None and row.contact.address else None


@addressee("vendor_return")
def _vendor(id: uuid.UUID) -> tuple[str, Sequence[str]] | None:
    row = VendorReturn.objects.select_related("supplier").filter(pk=id).first()
    return (row.supplier.name, row.supplier.address.lines()) if row is not None else None


registry.kind(Kind("rma", gettext_lazy("Return"), ("returns.receive",), _rma, hand="rma"))
registry.kind(Kind("bag", gettext_lazy("Bag of a counter"), ("logistics.handover", "returns.desk"), _bag, hand="bag"))
