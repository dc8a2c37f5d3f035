"""Contracts with carriers: their rates in dated versions, and what something would cost by them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from revlog.common.errors import BadInput, NotAllowed, NotFound
from revlog.custody.models import Entry
from revlog.logistics.freight.rating import Load, Piece, Spot
from revlog.logistics.models import Carrier, Contract, RateCard
from revlog.logistics.models.contracts import lines_of
from revlog.logistics.queries import contracts as queries
from revlog.logistics.services.freight import contracts
from revlog.logistics.services.freight.contracts import UnableToKeepContract
from tests.api.callers import caller
from tests.cast import Cast
from tests.logistics.freight.test_rating import FILE

MARCH = date(2026, 3, 1)


def agreed(cast: Cast, at: datetime, **told: Any) -> Contract:
    """A contract whose first rates hold."""
    carrier, _made = Carrier.objects.get_or_create(code="post", defaults={"name": "Post", "created_at": at})
    wanted: dict[str, Any] = {
        "carrier": carrier, "name": "Parcels", "currency": "EUR", "begins_on": date(2026, 1, 1),
        "mail": "claims@post.example",
    }  # fmt: skip
    row = contracts.keep(**wanted | told, by=cast.henrik, at=at)
    card = contracts.import_card(contracts.draft(row, by=cast.henrik, at=at), FILE, by=cast.henrik, at=at)
    contracts.set_figures(card, regime="cmr", fuel=Decimal(10), by=cast.henrik, at=at)
    contracts.publish(card, valid_from=date(2026, 1, 1), by=cast.esra, at=at)
    return row


def test_rates_are_dated_versions_that_somebody_else_publishes(cast: Cast, at: datetime) -> None:
    row = agreed(cast, at)
    assert Entry.objects.filter(chain_id=row.pk).count() == 2
    first = row.cards.get()
    with pytest.raises(UnableToKeepContract, match="changes no more"):
        contracts.set_extra(first, code="toll", basis="shipment", price=Decimal(3), by=cast.henrik, at=at)

    # The next version begins as a copy of the last.
    second = contracts.draft(row, by=cast.henrik, at=at)
    assert (second.version, second.lines, second.fuel) == (2, first.lines, Decimal(10))
    assert contracts.draft(row, by=cast.henrik, at=at) == second
    line = {"service": "standard", "origin": "nl", "destination": "NL", "unit": "parcel", "upto": Decimal(5)}
    contracts.add_line(second, **line, price=Decimal("5.25"), by=cast.henrik, at=at)  # type: ignore[arg-type]
    contracts.set_extra(second, code="toll", basis="shipment", price=Decimal(3), by=cast.henrik, at=at)
    # Whoever worked on it drafted it, also when somebody else did so last.
    second = contracts.set_extra(second, code="toll", basis="shipment", price=Decimal(4), by=cast.admin, at=at)
    with pytest.raises(UnableToKeepContract, match="rates of a carrier that they drafted"):
        contracts.publish(second, valid_from=MARCH, by=cast.henrik, at=at)
    with pytest.raises(UnableToKeepContract, match="this one begins later"):
        contracts.publish(second, valid_from=date(2026, 1, 1), by=cast.esra, at=at)
    with pytest.raises(NotAllowed):
        contracts.publish(second, valid_from=MARCH, by=cast.ines, at=at)
    contracts.publish(second, valid_from=MARCH, by=cast.esra, at=at)
    assert len(RateCard.objects.get(pk=second.pk).lines) == len(first.lines)

    load = Load(origin=Spot("NL"), destination=Spot("NL"), pieces=(Piece(2000),))
    totals = [
        [one.quote.total for one in queries.offers(cast.esra, load, day=day) if one.quote]
        for day in (date(2026, 2, 28), MARCH, date(2025, 12, 31))
    ]
    assert totals == [[Decimal("5.45")], [Decimal("5.77")], []]
    assert queries.offers(cast.ines, load, day=MARCH) == []


def test_what_a_contract_may_say_and_who_sees_it(cast: Cast, at: datetime) -> None:
    row = agreed(cast, at, hubs=[cast.rotterdam])
    with pytest.raises(BadInput) as refusal:
        contracts.keep(
            carrier=row.carrier, name=" ", currency="XXX", begins_on=MARCH, ends_on=date(2026, 1, 1), inbound=False,
            outbound=False, book="nobody", mail="nobody", by=cast.henrik, at=at,
        )  # fmt: skip
    assert {one.field for one in refusal.value.reasons} == {"name", "currency", "ends_on", "inbound", "book", "mail"}
    with pytest.raises(NotAllowed):
        contracts.keep(carrier=row.carrier, name="Mine", currency="EUR", begins_on=MARCH, by=cast.esra, at=at)
    assert queries.contract(row.number, cast.maria) == row
    for other in (cast.vera, cast.remco, cast.dirk, cast.ines, cast.jonas):
        assert queries.contract(row.number, other) is None
    with pytest.raises(NotFound):
        elsewhere = cast.henrik.__class__(**{**vars(cast.henrik), "hubs": frozenset({cast.leipzig.pk})})
        contracts.draft(row, by=elsewhere, at=at)
    # The one for a site comes before the one for all.
    everywhere = agreed(cast, at, name="Everywhere", outbound=False)
    post = row.carrier_id
    found = [
        queries.contract_for(post, hub, way, MARCH)
        for hub, way in (
            (cast.rotterdam.pk, "inbound"), (cast.leipzig.pk, "inbound"), (cast.rotterdam.pk, "outbound"),
            (cast.leipzig.pk, "outbound"),
        )
    ]  # fmt: skip
    assert found == [row, everywhere, row, None]


def test_contracts_are_made_on_pages_and_reckoned_with(cast: Cast, at: datetime, client: Client) -> None:
    Carrier.objects.create(code="post", name="Post", created_at=at)
    client.force_login(cast.user("henrik"))
    told = {
        "carrier": "post",
        "name": "Parcels",
        "currency": "eur",
        "begins_on": "2026-01-01",
        "inbound": "on",
        "active": "on",
        "book": "ours",
    }
    assert client.post("/transport/contracts/new", told | {"currency": "XXX"}).status_code == 422
    made = client.post("/transport/contracts/new", told)
    row = Contract.objects.get()
    assert made["Location"] == f"/transport/contracts/{row.number}/"
    assert client.post(f"/transport/contracts/{row.number}/edit", told | {"name": "Parcels 2026"}).status_code == 302
    at_card = client.post(f"/transport/contracts/{row.number}/draft")["Location"]

    def part(name: str, **told: Any) -> Any:
        return client.post(at_card, {"part": name, **{f"{name}-{key}": value for key, value in told.items()}})

    bad = part("file", file=SimpleUploadedFile("card.csv", b"service,price\nstandard,x\n"))
    assert bad.status_code == 422
    assert "Row 2" in bad.content.decode()
    assert part("file", file=SimpleUploadedFile("card.csv", FILE.encode())).status_code == 302
    assert (
        part("line", service="standard", origin="NL", destination="BE", unit="parcel", price="6.10").status_code == 302
    )
    assert part("extra", code="toll", basis="shipment", price="2").status_code == 302
    assert client.post(at_card, {"part": "remove", "what": "line", "place": "0"}).status_code == 302
    assert client.post(at_card, {"part": "remove", "what": "line", "place": "99"}).status_code == 422
    shown = client.get(at_card).content.decode()
    assert "6.10" in shown
    lanes = {(one.service, one.origin, one.destination, one.unit) for one in lines_of(row.cards.get().lines)}
    assert shown.count('<details class="lane"><summary><span>') == len(lanes)
    assert shown.count('name="what" value="line"') == len(row.cards.get().lines)  # each can still be removed
    figures = {
        name: str(getattr(row.cards.get(), name)) for name in (*contracts.FIGURES, "regime")
    } | {"fuel": "8", "regime": "montreal"}  # fmt: skip
    assert part("figures", **figures).status_code == 302
    assert row.cards.get().sdr_per_kg == 26
    assert part("publish", valid_from="2026-01-01").status_code == 422
    client.force_login(cast.user("esra"))
    assert part("publish", valid_from="2026-01-01").status_code == 302
    assert b"standard,NL,BE" in client.get(f"{at_card}card.csv").content
    assert "Parcels 2026" in client.get("/transport/").content.decode()
    assert client.get(f"/transport/contracts/{row.number}/").status_code == 200
    asked = {
        "day": "2026-03-02", "service": "standard", "from_country": "NL", "to_country": "BE", "parcels": "2", "kilos": "3",
        "extra_toll": "1",
    }  # fmt: skip
    page = client.get("/transport/calculator/", asked).content.decode()
    assert "2 parcels of 3 kg at 6.10 EUR" in page
    assert "15.18" in page
    assert client.get("/transport/calculator/", asked | {"kilos": "", "length": "3"}).status_code == 422
    assert "has no price" in client.get("/transport/calculator/", asked | {"service": "moon"}).content.decode()
    for outsider in ("vera", "remco", "ines"):
        client.force_login(cast.user(outsider))
        assert client.get(at_card).status_code in {403, 404}


def test_the_api_says_what_a_load_costs(cast: Cast, at: datetime) -> None:
    row = agreed(cast, at)
    mine = caller(cast, "freight:read")
    load = {
        "day": "2026-03-02",
        "origin": {"country": "nl"},
        "destination": {"country": "NL"},
        "parcels": 2,
        "grams": 6000,
    }
    told = mine.post(f"/transport-contracts/{row.pk}/quote/", load)
    assert (told.status_code, told.json()["total"]) == (200, "14.08")
    assert [one["what"] for one in told.json()["steps"]] == ["parcel", "fuel"]
    refused = mine.post(f"/transport-contracts/{row.pk}/quote/", load | {"service": "moon"})
    assert refused.status_code == 409
    assert mine.get("/transport-contracts/").json()["results"][0]["number"] == row.number
