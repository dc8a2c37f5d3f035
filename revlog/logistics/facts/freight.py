"""What can be said of the cost of carriage: expected, billed, disputed. All of it stands on chains that no owner of goods reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from revlog.common.words import Audience, Text
from revlog.custody.facts import Fact


class CarriageExpected(
    Fact,
    kind="logistics.carriage_expected",
    staff=_("Carriage of {shipment} is expected to cost {amount!m} {currency} by {contract}, version {card}."),
):
    shipment: str
    contract: str
    card: int
    amount: str
    currency: str
    parcels: int
    grams: int
    assumed: bool
    leg: int | None = None


class CarriageUnrated(
    Fact,
    kind="logistics.carriage_unrated",
    staff=_("Carriage of {shipment} by {contract} has no price."),
):
    shipment: str
    contract: str
    leg: int | None = None


def _same(payload: Mapping[str, Any]) -> Mapping[Audience, Text] | None:
    if payload.get("amount") != payload.get("before"):
        return None
    return {
        Audience.STAFF: _(
            "Carriage of {shipment} is reckoned anew: it is expected to cost {amount!m} {currency} still."
        )
    }


class CarriageCorrected(
    Fact,
    kind="logistics.carriage_corrected",
    staff=_("Carriage of {shipment} is expected to cost {amount!m} {currency} now, not {before!m}."),
    instead=_same,
):
    shipment: str
    before: str
    amount: str
    currency: str
    parcels: int
    grams: int


class CarriageCalledOff(
    Fact, kind="logistics.carriage_called_off", staff=_("Nothing is expected to be paid for {shipment} any more.")
):
    shipment: str
    before: str
    currency: str
