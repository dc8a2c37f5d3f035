"""Noting what was bought of whom, and how long a model is on the market."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.models import Chain
from revlog.custody.services import ledger
from revlog.devices.models import Device, ProductModel
from revlog.devices.services import moves
from revlog.terms import facts, queries
from revlog.terms.models import Lifecycle, Purchase

COLUMNS = ("tag", "supplier", "order", "bought_on", "price", "currency", "sealed", "expires_on")
MOST_ROWS = 5000


@dataclass(frozen=True, kw_only=True)
class Bought:
    """What somebody tells of a purchase; the price is of one piece."""

    supplier: Organization
    price: Decimal
    bought_on: date
    received_on: date | None = None
    order: str = ""
    currency: str = "EUR"
    sealed: bool = False
    expires_on: date | None = None

    def problems(self, *, at: datetime) -> list[Reason]:
        found = []
        if self.supplier.kind != OrganizationKind.SUPPLIER:
            found.append(Reason("supplier", _("Goods are bought of a supplier."), "supplier"))
        if not self.price.is_finite() or not 0 <= self.price < Decimal(10) ** 9:
            found.append(Reason("price", _("A price is zero or more, like 12.50."), "price"))
        elif self.price != self.price.quantize(Decimal("0.01")):
            found.append(Reason("price", _("A price has at most two places after the point."), "price"))
        if self.bought_on > at.date():
            found.append(Reason("bought_on", _("Nobody bought it after today."), "bought_on"))
        if queries.rate(self.currency, at=at) is None:
            found.append(Reason("currency", _("There is no exchange rate for %s.") % self.currency[:3], "currency"))
        return found


def _may(by: Actor) -> None:
    if not by.may("terms.edit") and not by.may("returns.vendor"):
        raise NotAllowed(Reason("not_allowed", _("Noting purchases needs the right to send goods back to vendors.")))


def note(device: Device, told: Bought, *, by: Actor, at: datetime) -> Purchase:
    """Say of a unit or counted lot what it was bought for. Said anew, the later word counts; the chain keeps both."""
    _may(by)
    if problems := told.problems(at=at):
        raise BadInput(problems)
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        values = {
            "supplier": told.supplier,
            "order_number": told.order.strip()[:60],
            "bought_on": told.bought_on,
            "received_on": told.received_on or told.bought_on,
            "quantity": taken.quantity,
            "price": told.price,
            "currency": told.currency,
            "sealed": told.sealed,
            "expires_on": told.expires_on,
            "noted_by": by.reference,
            "noted_at": at,
        }
        row, _made = Purchase.objects.update_or_create(
            device=taken, defaults=values, create_defaults=values | {"id": ids.new(at)}
        )
        moves.note(
            taken,
            fact=facts.PurchaseNoted(
                supplier=told.supplier.code,
                order=row.order_number or None,
                bought_on=told.bought_on.isoformat(),
                price=str(told.price),
                currency=told.currency,
                quantity=taken.quantity,
                expires_on=told.expires_on.isoformat() if told.expires_on else None,
            ),
            by=by,
            at=at,
        )
    return row


def part_of(whole: Purchase, part: Device, *, pieces: int, at: datetime) -> Purchase:
    """What is split off a lot was bought with it: same papers, so many of its pieces."""
    whole.quantity -= pieces
    whole.save(update_fields=["quantity"])
    return Purchase.objects.create(
        **{
            field.attname: getattr(whole, field.attname)
            for field in Purchase._meta.concrete_fields
            if field.attname not in {"id", "device_id", "quantity"}
        },
        id=ids.new(at),
        device=part,
        quantity=pieces,
    )


# A file -----------------------------------------------------------------------------------------------------------------------------


def read_file(data: bytes, *, by: Actor, at: datetime) -> int:
    """Note the purchases of a CSV file, all rows or none; every wrong row is named by its line. Gives how many."""
    _may(by)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(Reason("encoding", _("The file is UTF-8 text."), "file")) from None
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or not {"tag", "supplier", "bought_on", "price"} <= set(rows[0]):
        names = ", ".join(COLUMNS)
        raise BadInput(Reason("columns", _("The file has a header line with these columns: %s.") % names, "file"))
    if len(rows) > MOST_ROWS:
        raise BadInput(Reason("rows", _("A file has at most %s rows.") % MOST_ROWS, "file"))
    devices = {
        one.tag: one
        for one in Device.objects.visible_to(by).filter(tag__in=[(row["tag"] or "").strip().upper() for row in rows])
    }
    suppliers = {one.code: one for one in Organization.objects.filter(kind=OrganizationKind.SUPPLIER)}
    found: list[tuple[Device, Bought]] = []
    wrong: list[Reason] = []
    for place, row in enumerate(rows, 2):
        try:
            found.append(_row(row, devices, suppliers))
        except (ValueError, InvalidOperation, LookupError):
            sentence = _(
                "Line %s can't be read: it needs a known tag and supplier, a day like 2026-11-02, and a price."
            )
            wrong.append(Reason("row", sentence % place, "file"))
    if wrong:
        raise BadInput(wrong[:50])
    with transaction.atomic():
        moves.take([device.pk for device, _told in found])
        for device, told in found:
            note(device, told, by=by, at=at)
    return len(found)


def _row(row: dict[str, str], devices: dict[str, Device], suppliers: dict[str, Organization]) -> tuple[Device, Bought]:
    expires = (row.get("expires_on") or "").strip()
    return devices[row["tag"].strip().upper()], Bought(
        supplier=suppliers[row["supplier"].strip()],
        order=(row.get("order") or "").strip(),
        bought_on=date.fromisoformat(row["bought_on"].strip()),
        price=Decimal(row["price"].strip()),
        currency=(row.get("currency") or "").strip() or "EUR",
        sealed=(row.get("sealed") or "").strip().lower() in {"1", "yes", "true"},
        expires_on=date.fromisoformat(expires) if expires else None,
    )


# How long a model is on the market ----------------------------------------------------------------------------------------------------


def set_lifecycle(
    product: ProductModel,
    *,
    obsolete_since: date | None = None,
    successor: ProductModel | None = None,
    season_ends_on: date | None = None,
    by: Actor,
    at: datetime,
) -> Lifecycle:
    """Say that a model is out of date since a day, what follows it, or when its season ends."""
    _may(by)
    if successor is not None and successor.pk == product.pk:
        raise BadInput(Reason("successor", _("A model isn't followed by itself."), "successor"))
    with transaction.atomic():
        row = Lifecycle.objects.select_for_update(no_key=True, of=("self",)).filter(product=product).first()
        row = row or Lifecycle(id=ids.new(at), product=product)
        row.obsolete_since, row.successor, row.season_ends_on = obsolete_since, successor, season_ends_on
        row.set_by, row.set_at = by.reference, at
        fact = facts.LifecycleSet(
            product=str(product.pk),
            obsolete_since=obsolete_since.isoformat() if obsolete_since else None,
            successor=str(successor.pk) if successor else None,
            season_ends_on=season_ends_on.isoformat() if season_ends_on else None,
        )
        if Chain.objects.filter(pk=row.pk).exists():
            ledger.append(row.pk, fact, by=by, at=at)
        else:
            ledger.begin("lifecycle", row.pk, fact, by=by, at=at)
        row.save()
    return row
