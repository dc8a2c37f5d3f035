"""Returns for the tests: announced, on the dock, graded; by the same verbs that the product uses."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from returns import policy
from returns.models import Rma, RmaUnit
from returns.services import opening, receiving
from returns.services.opening import Wish
from returns.services.receiving import Received
from revlog.accounts.actors import Actor, system
from revlog.accounts.queries import guest
from revlog.custody.services import reactions
from revlog.devices import facts as device_facts
from revlog.devices.models import Device, Location
from revlog.devices.services import moves
from revlog.terms.models import Order
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import terms
from triage import facts as triage_facts

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def kim(order: Order) -> Actor:
    """The customer of an order, as the portal knows them."""
    return guest({f"order:{order.pk}"})


def wish(order: Order, position: int = 1, **changes: object) -> Wish:
    values: dict[str, object] = {
        "line": order.lines.get(position=position).pk,
        "quantity": 1,
        "reason": "CHANGED_MIND",
        "wanted": "refund",
    }
    return Wish(**(values | changes))  # type: ignore[arg-type]


def rma(
    cast: Cast, *wishes: Wish, order: Order | None = None, by: Actor | None = None, at: datetime = AT, **changes: object
) -> Rma:
    """An RMA of Kim's laptop, approved by rule where the wish allows it."""
    order = order or terms.order(cast, at=at)
    return opening.open_rma(order=order, wishes=list(wishes) or [wish(order, **changes)], by=by or kim(order), at=at)  # type: ignore[arg-type]


def unit_of(found: Rma, position: int = 1, place: int = 1) -> RmaUnit:
    return RmaUnit.objects.get(line__rma=found, line__position=position, position=place)


def received(
    cast: Cast, found: Rma, *, position: int = 1, serial: str = "PF1ABCDE", by: Actor | None = None, at: datetime = AT
) -> Received:
    """Its first unit taken in at Rotterdam by Ines."""
    return receiving.receive(unit_of(found, position), hub=cast.rotterdam, serial=serial, by=by or cast.ines, at=at)


def graded(device: Device, *, grade: str = "B", blocked: bool = False, at: datetime = AT) -> Device:
    """The device looked at by triage and graded; what follows from it is done."""
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        if taken.state == "RECEIVED":
            moves.advance(
                taken, moves.TO_TRIAGE, fact=device_facts.SentToTriage(reason="first look"), by=system("test"), at=at
            )
        moves.note(
            taken,
            fact=triage_facts.Graded(grade=grade, reasons=[], blocked=[{"code": "account_lock"}] if blocked else []),
            by=system("triage"),
            at=at,
            set={"grade": grade},
        )
    reactions.drain(at=at, queues=["fast"])
    return taken


def places(cast: Cast, *, at: datetime = AT) -> tuple[Location, Location]:
    """An open bin and a tote in the data cage, at Rotterdam."""
    return (
        Location.objects.create(hub=cast.rotterdam, code="BIN-1", kind="bin", created_at=at),
        Location.objects.create(hub=cast.rotterdam, code="CAGE-T4", kind="bin", secured=True, created_at=at),
    )


def published(cast: Cast, *, at: datetime = AT, **parameters: object) -> None:
    """The shipped return rules with these parameters changed, in force."""
    body = dict(policy.SHIPPED) | {"parameters": {**policy.SHIPPED["parameters"], **parameters}}
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)
