"""A customer reaches nobody else's case, by any address and any id: every route of the portal, tried with what is another's."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from returns.models import Rma, RmaUnit
from returns.services import letters
from revlog.accounts import access, actors, queries
from revlog.accounts.access import Level
from revlog.common import clock
from revlog.custody.services import reactions
from revlog.devices.services import arrivals
from revlog.evidence.models import Attachment
from revlog.terms.models import Order
from tests.cast import NAMES, Cast
from tests.factories import devices as make
from tests.factories import returns, terms

ELSEWHERE = {"returns_link", "recall_owner"}
"""Opened by a signed link alone: tests/returns/test_doors.py tries it, and the tests of recalls theirs."""


@dataclass
class Customer:
    """Somebody with an order, a return of it with a label and a photo, and a browser that knows them."""

    order: Order
    rma: Rma
    client: Client

    @property
    def ids(self) -> dict[str, object]:
        """What stands in the addresses of what is theirs."""
        photo = Attachment.objects.get(chain_id=self.rma.pk, use__startswith="photo_m_")
        return {
            "number": self.rma.number,
            "order": self.order.pk,
            "line": self.order.lines.get().pk,
            "parcel": self.rma.parcel_links.get().parcel_id,
            "photo": photo.pk,
            "unit": RmaUnit.objects.get(line__rma=self.rma).pk,
            "charge": uuid.UUID(int=0),  # nothing is asked of them, so what is tried is the return that it would be of
        }


def customer(cast: Cast, number: str, email: str) -> Customer:
    order = terms.order(cast, number, email=email, at=clock.now())
    rma = returns.rma(cast, order=order, at=clock.now())
    client = Client()
    client.post("/return/", {"order": number, "email": email})
    client.get(letters.link(rma, at=clock.now()).partition("8000")[2])
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "blue").save(file, "JPEG")
    file.seek(0)
    file.name = "photo.jpg"
    client.post(f"/return/{rma.number}/message", {"text": "Hello", "photos": [file], "key": str(uuid.uuid4())})
    return Customer(order, rma, client)


@pytest.fixture
def kim(cast: Cast) -> Customer:
    return customer(cast, "PS-1", "kim@example.com")


@pytest.fixture
def lee(cast: Cast, kim: Customer) -> Customer:
    found = customer(cast, "PS-2", "lee@example.com")
    reactions.drain(at=clock.now(), queues=["documents"])
    return found


def guarded() -> list[access.Route]:
    """The routes of the portal that show something of somebody."""
    found = [route for route in access.routes() if route.row is not None and Level.GUEST in route.row.read]
    return [
        route for route in found if route.path.startswith("return/") and named(route) and route.name not in ELSEWHERE
    ]


def named(route: access.Route) -> list[str]:
    """What the address of a route names: ``pk`` is an order's or a photo's."""
    names = [name for part in route.patterns for name in getattr(part.pattern, "converters", {})]
    return ["photo" if name == "pk" and "photo" in route.name else "order" if name == "pk" else name for name in names]


def address(route: access.Route, ids: dict[str, object]) -> str:
    return reverse(route.name, args=[ids[name] for name in named(route)])


def test_the_routes_that_are_tried_are_all_that_there_are() -> None:
    names = {route.name for route in guarded()}

    assert {"portal_lines", "portal_why", "portal_check", "portal_status", "portal_label", "portal_message"} <= names
    known = {"number", "order", "line", "parcel", "photo", "unit", "charge"}
    assert {name: rest for name in names if (rest := set(named(_route(name))) - known)} == {}


def _route(name: str) -> access.Route:
    return next(route for route in guarded() if route.name == name)


def test_nobody_reaches_what_is_anothers(kim: Customer, lee: Customer) -> None:
    before = (Rma.objects.get(pk=kim.rma.pk).status, kim.rma.case_messages.count(), kim.rma.parcel_links.count())
    for route in guarded():
        path = address(route, kim.ids)
        for visitor in (lee.client, Client()):
            for method in (visitor.get, visitor.post):
                assert method(path).status_code in {404, 405}, path
    after = (Rma.objects.get(pk=kim.rma.pk).status, kim.rma.case_messages.count(), kim.rma.parcel_links.count())
    assert before == after


def test_what_is_ones_own_opens(kim: Customer, lee: Customer) -> None:
    """So that the walls above aren't those of a page that opens for nobody."""
    opened = [route.name for route in guarded() if kim.client.get(address(route, kim.ids)).status_code in {200, 302}]

    assert {"portal_lines", "portal_status", "portal_labels", "portal_label", "portal_photo"} <= set(opened)


def test_ones_own_number_opens_nothing_of_another_case(kim: Customer, lee: Customer) -> None:
    for route in guarded():
        if len(named(route)) < 2:
            continue
        path = address(route, kim.ids | {named(route)[0]: lee.ids[named(route)[0]]})
        for visitor in (kim.client, lee.client):
            assert visitor.get(path).status_code in {404, 405}, path
            assert visitor.post(path).status_code in {404, 405}, path


def test_a_row_that_was_read_is_shown_to_whom_a_queryset_shows_it(cast: Cast) -> None:
    """Reads that are made once ask the row, the others the queryset: both walls stand in the same place."""
    order = terms.order(cast, "PS-7", at=clock.now())
    rma = returns.rma(cast, order=order, at=clock.now())
    stay, what = make.stay(cast, owner=cast.vega.pk), arrivals.Description(device_class="laptop", serial="VEGAS")
    vegas = arrivals.arrive(what=what, stay=stay, by=cast.ines, at=cast.at)
    rows: list[Any] = [order, rma, make.laptop(cast), vegas, cast.rotterdam, cast.leipzig]
    platform, guest = actors.system("returns"), queries.guest({f"rma:{rma.pk}"})

    for actor in [*(getattr(cast, name) for name in sorted(NAMES)), platform, guest, queries.ANONYMOUS]:
        for row in rows:
            shown = type(row)._default_manager.visible_to(actor).filter(pk=row.pk).exists()
            assert row.is_visible_to(actor) is shown, f"{actor.name} and {row}"
