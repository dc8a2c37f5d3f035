"""What staff do for a return after its customer announced it, played inside the platform by the verbs; its workers do what follows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal

from tests.cast import Cast
from tests.faults.scenes import cast


def bought(number: str, language: str, *, price: str, kind: str, gives_away: bool = False) -> str:
    """One thing that reached Kim five days ago, and the part of the shop's link behind ``/return/``."""
    from returns.services import doors
    from revlog.common import clock
    from tests.factories import terms

    people, at = cast(), clock.now()
    line = terms.laptop_line(
        sku=f"SKU-{number}", description=f"Thing {number}", price=Decimal(price), device_class=kind,
        serials=(f"SN{number}",), parcel_number="", tags=("gives_away",) if gives_away else (),
    )  # fmt: skip
    if gives_away:
        _give_away_by_rule(people)
    order = terms.order(
        people, number, line, seller=people.operator, email=f"{number.lower()}@ways.example", language=language, at=at
    )
    return doors.order_link(order, at=at).partition("/return/")[2]


def _give_away_by_rule(people: Cast) -> None:
    """Rules by which what is tagged so is given away by its customer; drafted by the shop, published by a manager, once."""
    from returns import policy
    from revlog.accounts import actors
    from revlog.common import clock
    from revlog.terms import queries
    from revlog.terms.services import rules

    now = queries.in_force(policy.KIND, at=clock.now())
    if any(rule["id"] == "give_away" for rule in now.body["rules"]):
        return
    rule = {
        "id": "give_away",
        "when": {"fact": "tags", "op": "contains", "value": "gives_away"},
        "then": {"allow": True, "approval": "auto", "outcomes": ["refund", "credit"], "goods": "donate"},
        "why": "You needn't send it back.",
    }
    draft = rules.draft(
        kind=policy.KIND,
        body={**now.body, "rules": [rule, *now.body["rules"]]},
        by=actors.system("journey"),
        at=clock.now(),
    )
    rules.publish(draft, by=people.maria, at=clock.now())


def until(done: Callable[[], object], seconds: float = 40) -> None:
    """Wait for what a worker of the platform does."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError("The workers didn't get done with it.")
        time.sleep(0.1)


def came_and_good(number: str) -> dict[str, object]:
    """It came, and is graded as good as new: the rules accept it."""
    from returns.models import Rma
    from revlog.common import clock
    from tests.factories import returns

    people, rma = cast(), Rma.objects.get(number=number)
    serial = returns.unit_of(rma).serial
    done = returns.received(people, rma, serial=serial, at=clock.now())
    returns.graded(done.device, grade="A", at=clock.now())
    return {"tag": done.device.tag}


def money_came(number: str, purpose: str) -> dict[str, object]:
    """Finance sees on the account what the customer was asked for."""
    from returns.models import Charge
    from returns.services import charges
    from revlog.common import clock

    row = Charge.objects.filter(line__rma__number=number, purpose=purpose)
    until(lambda: row.exclude(reference="").exists())
    done = charges.confirm(row.get(), by=cast().esra, at=clock.now())
    return {"status": done.status}


def new_one_is_ordered(number: str) -> dict[str, object]:
    from returns.models import RmaLine

    line = RmaLine.objects.filter(rma__number=number)
    until(lambda: line.exclude(exchange=None).exists())
    found = line.select_related("exchange", "rma").get()
    return {"order": found.exchange.number if found.exchange else "", "came": found.rma.arrived_at is not None}


def quoted(number: str) -> dict[str, object]:
    """It came with dead keys by Kim's own fault, and the bench says what a repair costs."""
    from refurb.services import quoting
    from refurb.services.quoting import Line
    from returns.models import Offer, Rma
    from returns.services import deducting
    from revlog.common import clock
    from revlog.devices.models import Device
    from tests.factories import proof, returns
    from triage.services import disposition
    from triage.services.inspection import Finding

    people, rma = cast(), Rma.objects.get(number=number)
    done = returns.received(people, rma, serial=returns.unit_of(rma).serial, at=clock.now())
    deducting.confirm_reason(rma.lines.get(), reason="CUSTOMER_DAMAGE", by=people.aisha, at=clock.now())
    proof.looked_at(people, done.device, Finding(code="keyboard"), at=clock.now())
    disposition.decide(device=Device.objects.get(pk=done.device.pk), by=people.ravi, at=clock.now())
    until(lambda: Device.objects.get(pk=done.device.pk).state == "TO_REFURBISH")
    lines = [Line(what="Keyboard", minutes=30, parts=Decimal("45.00"))]
    quoting.quote(unit=Device.objects.get(pk=done.device.pk), lines=lines, by=people.jakob, at=clock.now())
    until(lambda: Offer.objects.filter(unit__line__rma=rma).exists())
    return {"tag": done.device.tag}


def mended_and_sent(tag: str) -> dict[str, object]:
    from refurb.services import bench, checking, orders
    from returns.services import leaving
    from revlog.common import clock
    from revlog.devices.models import Device

    people = cast()
    mine = Device.objects.filter(tag=tag)
    until(lambda: "awaiting_owner" not in mine.get().holds and mine.get().authority)
    at = clock.now() - timedelta(seconds=2)
    order = orders.open_order(unit=mine.get(), by=people.jakob, at=at)
    bench.begin_operation(order=order, code="replace_keyboard", by=people.jakob, at=at)
    order = bench.finish(order=order, by=people.jakob, at=at)
    checking.accept(order=order, by=people.mei, at=clock.now())
    until(lambda: mine.get().state == "TO_RETURN")
    leaving.send_back(mine.get(), tracking=f"3S{tag}", hub=people.rotterdam, by=people.luca, at=clock.now())
    return {"tag": tag}


def ended(number: str) -> dict[str, object]:
    """What the return came to, once it is closed."""
    from returns.models import Rma
    from revlog.devices.models import Posting

    rma = Rma.objects.filter(number=number)
    until(lambda: rma.get().status == "closed")
    found = rma.get()
    line = found.lines.get()
    postings: Iterable[Posting] = Posting.objects.filter(chain_id=found.pk)
    return {
        "settled_as": line.settled_as,
        "amount": str(line.settled_amount),
        "order": line.exchange.number if line.exchange else "",
        "charges": sorted(f"{row.purpose} {row.status}" for row in line.charges.all()),
        "postings": sorted(f"{row.amount:.2f}" for row in postings),
        "units": [unit.status for unit in line.units.all()],
        "refunds": line.refunds.count(),
    }
