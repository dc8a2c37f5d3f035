"""S7: a return over the API from its announcement to the settled unit, against as many bare moves on the same server and database."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
from datetime import timedelta
from decimal import Decimal

from benchmarks import api
from benchmarks.harness import Result
from benchmarks.servers import OURS, Load, get, gunicorn, load, make_bare_tables, post
from revlog.accounts import actors
from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.devices.models import Device
from revlog.terms.services import orders, rules
from revlog.terms.services.new_orders import NewLine, NewOrder

CALLS = 4
ORDERS = 6_000
# Everything may come back, and a person says so: so that approving is a call of its own.
ASK = {
    "rules": [
        {"id": "ask", "then": {"allow": True, "approval": "person", "outcomes": ["refund"]}, "why": "We look at each."}
    ]
}


def _prepared() -> None:
    """Orders of one laptop each, delivered too long ago to be withdrawn from by law, and rules by which a person approves each return."""
    at = clock.now()
    seller = Organization.objects.get(code="operator")
    draft = rules.draft(kind="returns.policy", body=ASK, by=actors.system("bench"), at=at)
    rules.publish(draft, by=actors.system("bench.second"), at=clock.now())
    told = [
        NewOrder(
            number=f"S7-{number:06}",
            email=f"buyer{number}@example.com",
            name="A Buyer",
            address=("Kade 1", "3011 AA Rotterdam"),
            country="NL",
            ordered_at=at - timedelta(days=22),
            shipped_at=at - timedelta(days=21),
            delivered_at=at - timedelta(days=20),
            lines=[
                NewLine(
                    sku="T480-16-256", description="ThinkPad T480, 16 GB", price=Decimal("449.00"), device_class="laptop",
                    serials=(f"S7SN{number:08}",),
                )
            ],
        )
        for number in range(ORDERS)
    ]  # fmt: skip
    for start in range(0, ORDERS, 2000):
        orders.place_many(told[start : start + 2000], seller=seller, by=actors.system("bench"), at=at)


def flow() -> list[Result]:
    """Four clients, two workers; each flow is announced by one key, approved by another, received and accepted."""
    _prepared()
    opener, decider = api.key(), api.key()
    numbers, lock = itertools.count(), threading.Lock()

    def ours(link: http.client.HTTPConnection, _turn: int) -> int:
        with lock:
            number = next(numbers)
        wish = {"order": f"S7-{number:06}", "lines": [{"order_line": 1, "reason": "CHANGED_MIND"}]}
        status, body = post(link, "/api/v1/rmas/", wish, opener)
        if status != 201:
            return status
        rma = json.loads(body)["id"]
        status, _body = post(link, f"/api/v1/rmas/{rma}/approve/", {}, decider)
        if status != 200:
            return status
        status, body = post(link, f"/api/v1/rmas/{rma}/receive/", {"serial": f"S7SN{number:08}"}, opener)
        if status != 201:
            return status
        settled = {"unit": json.loads(body)["unit"], "outcome": "accept"}
        return post(link, f"/api/v1/rmas/{rma}/settle/", settled, decider)[0]

    with (
        gunicorn("revlog.wsgi", ready="/api/v1/", environment=OURS) as (our_port, _pid),
        gunicorn("benchmarks.bare.app.wsgi", ready="/devices/", environment=make_bare_tables()) as (bare_port, _bare),
    ):
        link = http.client.HTTPConnection("127.0.0.1", bare_port)
        bare = json.loads(
            post(link, "/devices/", {"tag": "S7", "manufacturer": "Dell", "model": "U2419H", "serial": "z"}, {})[1]
        )
        units = [str(bare["id"])]
        units += [
            str(json.loads(post(link, "/devices/", {"tag": f"S7{n}", "manufacturer": "Dell", "model": "U", "serial": "z"}, {})[1])["id"])
            for n in range(1, 400)
        ]  # fmt: skip

        def theirs(link: http.client.HTTPConnection, turn: int) -> int:
            """A flow of the reference: four bare moves."""
            client, step = divmod(turn, 10_000_000)
            unit = units[client * 100 + step % 100]
            return max(post(link, f"/devices/{unit}/moves/", {}, {})[0] for _ in range(CALLS))

        def mine(seconds: int) -> Load:
            return load(our_port, ours, seconds=seconds)

        get(link, "/devices/", {})
        note = f"create, approve, receive, settle; at {Device.objects.count():,} units"
        return [
            api.row(
                "S7 a return over the API",
                ">= 50/s",
                note,
                mine,
                lambda seconds: load(bare_port, theirs, seconds=seconds),
            )
        ]
