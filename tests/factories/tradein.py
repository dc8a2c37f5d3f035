"""Trade-ins for the tests: a phone with prices, its quote, its acceptance."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from returns.models import Rma, TradeIn
from returns.services.tradein import agreeing, quoting
from returns.services.tradein.agreeing import Seller
from returns.services.tradein.quoting import Told
from revlog.accounts.actors import Actor
from revlog.accounts.queries import guest
from revlog.devices.models import ProductModel
from revlog.terms.services import prices
from tests.cast import Cast

PRICES = {"A": "400.00", "B": "340.00", "C": "260.00", "D": "120.00"}
GOOD = {
    "powers_on": "yes",
    "screen": "clean",
    "body": "light",
    "battery": "good",
    "account": "yes",
    "carrier_lock": "free",
}
IMEI = "490154203237518"
IBAN = "NL91 ABNA 0417 1643 00"


def phone(cast: Cast, at: datetime, *, priced: bool = True) -> ProductModel:
    """A phone of the catalog, with its expected sale prices."""
    found, made = ProductModel.objects.get_or_create(
        manufacturer="Fairphone", name="Fairphone 5", defaults={"device_class": "phone", "created_at": at}
    )
    if made and priced:
        for grade, amount in PRICES.items():
            prices.set_price(
                product=found, grade=grade, amount=Decimal(amount), currency="EUR", valid_from=at, by=cast.anouk, at=at
            )
    return found


def told(product: ProductModel, **changes: object) -> Told:
    answers = GOOD | changes.pop("answers", {})  # type: ignore[operator]
    return Told(**({"product": product.pk, "answers": answers} | changes))  # type: ignore[arg-type]


def quoted(cast: Cast, at: datetime, **changes: object) -> TradeIn:
    """A Fairphone 5 with light marks of use: grade B."""
    return quoting.quote(told(phone(cast, at), **changes), buyer=cast.operator, key=uuid.uuid4(), at=at)


def robin(row: TradeIn) -> Actor:
    """Who sells it, as the portal knows them."""
    return guest({f"tradein:{row.pk}"})


def seller(**changes: object) -> Seller:
    values: dict[str, object] = {
        "name": "Robin Visser",
        "email": "robin@example.org",
        "address": ("Oude Dijk 7", "3011 AA Rotterdam"),
        "country": "AT",
        "iban": IBAN,
        "declared": True,
    }
    return Seller(**(values | changes))  # type: ignore[arg-type]


def accepted(cast: Cast, at: datetime, *, who: Seller | None = None, **changes: object) -> Rma:
    row = quoted(cast, at, **changes)
    with transaction.atomic():
        return agreeing.accept(row, who or seller(), by=robin(row), at=at)
