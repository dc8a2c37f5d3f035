"""What was found of a return on the dock, as numbers that rules of the kind ``returns.risk`` compare."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from returns.models import BlockedNumber, Discrepancy, Rma, RmaUnit, Trouble
from revlog.devices import identifiers
from revlog.devices.models import Device, Identifier
from revlog.evidence.models import Attachment
from revlog.logistics.models import Parcel
from revlog.terms.models import SoldSerial

SURE = 3
"""So many phones of one TAC that are all of another model make a mismatch."""


def found(rma: Rma) -> dict[str, Any]:
    """Everything that differs, and photos that somebody else showed. Nothing differs before something has come."""
    known: dict[str, Any] = {"photos_reused": len(photos_of_others(rma))}
    rows = [row for row in rma.discrepancies.select_related("device", "unit") if not _settled_as_right(row)]
    kinds = Counter(row.kind for row in rows)
    known |= {
        "wrong_serials": kinds[Trouble.WRONG_SERIAL],
        "no_serials": kinds[Trouble.NO_SERIAL],
        "empty_boxes": kinds[Trouble.EMPTY_BOX],
    }
    wrong = [row.found for row in rows if row.kind == Trouble.WRONG_SERIAL and row.found]
    if wrong:
        known["serial_never_sold"] = any(not _was_sold(text, rma) for text in wrong)
    short = [row for row in rows if row.kind == Trouble.SHORT_COUNT and row.expected.isdigit() and row.found.isdigit()]
    if short:
        known["short_percent"] = max(100 - 100 * int(row.found) // max(int(row.expected), 1) for row in short)
    if rma.arrived_at is not None:
        known |= _weighed(rma)
        known["imei_of_another_model"] = any(mismatched(unit) for unit in phones(rma))
        known["on_a_list"] = len(on_a_list(rma))
    return known


def _settled_as_right(row: Discrepancy) -> bool:
    """A wrong serial that a person found to be the right thing after all counts no more; other findings stay true."""
    return (
        row.kind == Trouble.WRONG_SERIAL
        and row.resolved_at is not None
        and row.unit is not None
        and row.unit.device_id == row.device_id
        and row.unit.status == "accepted"
    )


def _was_sold(text: str, rma: Rma) -> bool:
    forms = {name.normal_form for name in identifiers.readings(text)}
    return SoldSerial.objects.filter(normal_form__in=forms, order_line__order__seller=rma.seller_id).exists()


def on_a_list(rma: Rma) -> list[Device]:
    """What came and has a number that somebody reported lost or stolen, by the lists that trade-ins are checked against."""
    listed = BlockedNumber.objects.filter(
        normal_form=OuterRef("normal_form"), scheme=OuterRef("scheme"), lifted_at=None
    )
    numbers = Identifier.objects.filter(Exists(listed), device=OuterRef("pk"))
    here = came(rma)
    return list(Device.objects.filter(Exists(numbers), pk__in=here)[:20]) if here else []


def came(rma: Rma) -> list[uuid.UUID]:
    """Everything that came for it: its units, and what came instead of them."""
    own = RmaUnit.objects.filter(line__rma=rma, received_at__isnull=False, device__isnull=False)
    wrong = Discrepancy.objects.filter(rma=rma, device__isnull=False)
    return list(
        own.order_by()
        .values_list("device")
        .union(wrong.order_by().values_list("device"))
        .values_list("device", flat=True)
    )


# Photos -----------------------------------------------------------------------------------------------------------------------------


def photos_of_others(rma: Rma) -> list[tuple[str, Rma]]:
    """Photos and receipts of this RMA that were shown in an earlier one of somebody else: the digest, and that RMA."""
    digests = list(
        Attachment.objects.filter(chain_id=rma.pk, use__startswith="photo", audience="customer").values_list(
            "artifact_id", flat=True
        )[:40]
    )
    if not digests:
        return []
    shown = Attachment.objects.filter(artifact__in=digests, use__startswith="photo", audience="customer")
    chains = dict(shown.exclude(chain_id=rma.pk).values_list("chain_id", "artifact_id")[:40])
    same = Q(contact=rma.contact_id)
    if rma.contact.email:
        same |= Q(contact__email=rma.contact.email)
    others = Rma.objects.filter(pk__in=chains, seller=rma.seller_id, opened_at__lte=rma.opened_at).exclude(same)
    return [(chains[one.pk], one) for one in others]


# Weight -----------------------------------------------------------------------------------------------------------------------------


def weights(rma: Rma) -> list[tuple[Parcel, int]]:
    """Parcels that were weighed, each with what the goods alone that were to be in it weigh; none where that isn't known of all of them."""
    links = list(rma.parcel_links.filter(parcel__grams__isnull=False).select_related("parcel"))
    if (
        len(links) != 1
        or rma.parcel_links.count() != 1
        or Rma.objects.filter(parcel_links__parcel=links[0].parcel).count() != 1
    ):
        # Which of several parcels a thing was to be in is not known, nor what of another return lies in the same one.
        return []
    lines = [line for line in rma.lines.select_related("order_line__product") if line.comes_back]
    grams = [
        (line.order_line.product.grams * line.quantity)
        if line.order_line.product is not None and line.order_line.product.grams
        else None
        for line in lines
    ]
    if not grams or None in grams:
        return []
    return [(links[0].parcel, sum(one for one in grams if one))]


def _weighed(rma: Rma) -> dict[str, Any]:
    missing = [max(0, 100 - 100 * (parcel.grams or 0) // expected) for parcel, expected in weights(rma)]
    return {"weight_missing": max(missing)} if missing else {}


# IMEI -------------------------------------------------------------------------------------------------------------------------------


def phones(rma: Rma) -> list[RmaUnit]:
    rows = RmaUnit.objects.filter(line__rma=rma, device__identifiers__scheme="imei", received_at__isnull=False)
    return list(rows.select_related("device", "line__order_line").distinct()[:20])


def mismatched(unit: RmaUnit) -> bool:
    """Whether the IMEI's type code is, as far as our own units tell, of another model than was sold. Too few to tell is no mismatch."""
    sold, device = unit.line.order_line, unit.device
    if device is None or sold.product_id is None:
        return False
    codes = [one.normal_form[:8] for one in Identifier.objects.filter(device=device, scheme="imei") if one.normal_form]
    if not codes:
        return False
    others = (
        Device.objects.filter(
            identifiers__scheme="imei", identifiers__normal_form__startswith=codes[0], product__isnull=False
        )
        .exclude(pk=device.pk)
        .order_by()
        .values("product")
        .annotate(n=Count("pk", distinct=True))[:20]
    )
    models = {row["product"]: row["n"] for row in others}
    return sold.product_id not in models and sum(models.values()) >= SURE
