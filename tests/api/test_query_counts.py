"""How many questions each call asks the database: a table that may only shrink (`query_counts.json`, goals S3 to S7)."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revlog.common import clock
from revlog.devices.models import Location
from revlog.storage.models import CountWhy
from revlog.storage.services.counts import asking
from revlog.storage.services.hazards import reporting
from revlog.terms.services import rules
from tests.api.callers import Caller, caller
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import storage, terms

TABLE: dict[str, int] = json.loads(Path(__file__).with_name("query_counts.json").read_text(encoding="utf-8"))
NEW = {"device_class": "laptop", "manufacturer": "Lenovo", "model": "ThinkPad T480"}


ASK = {
    "rules": [
        {"id": "ask", "then": {"allow": True, "approval": "person", "outcomes": ["refund"]}, "why": "We look at each."}
    ]
}


def create(cast: Cast, them: Caller) -> Callable[[], int]:
    return lambda: them.post("/devices/", NEW | {"serial": "PF0NEW01", "arrived": True, "hub": "rotterdam"}).status_code


def announce(cast: Cast, them: Caller) -> Callable[[], int]:
    return lambda: them.post("/devices/", NEW | {"serial": "PF0NEW01"}).status_code


def create_with_key(cast: Cast, them: Caller) -> Callable[[], int]:
    return lambda: (
        them.post(
            "/devices/", NEW | {"serial": "PF0NEW01", "arrived": True, "hub": "rotterdam"}, Idempotency_Key="k-1"
        ).status_code
    )


def replay(cast: Cast, them: Caller) -> Callable[[], int]:
    create_with_key(cast, them)()
    return create_with_key(cast, them)


def lookup(query: Callable[[str, str], str]) -> Callable[[Cast, Caller], Callable[[], int]]:
    def ready(cast: Cast, them: Caller) -> Callable[[], int]:
        device = make.triaged(cast, serial="PF1ABCDE")
        return lambda: them.get(f"/devices/lookup/?code={query(device.tag, 'PF1ABCDE')}").status_code

    return ready


def retrieve(cast: Cast, them: Caller) -> Callable[[], int]:
    device = make.triaged(cast)
    return lambda: them.get(f"/devices/{device.id}/").status_code


def listed(cast: Cast, them: Caller) -> Callable[[], int]:
    for number in range(30):
        make.laptop(cast, serial=f"LIST{number:04}")
    return lambda: them.get("/devices/?state=RECEIVED&hub=rotterdam&owner=operator").status_code


def move(cast: Cast, them: Caller) -> Callable[[], int]:
    device = make.laptop(cast)
    return lambda: them.post(f"/devices/{device.id}/moves/", {"move": "to_triage", "reason": "first look"}).status_code


def put(cast: Cast, them: Caller) -> Callable[[], int]:
    device = make.laptop(cast)
    for code in ("A-01", "A-02"):
        Location.objects.create(hub=cast.rotterdam, code=code, kind="bin", secured=True, created_at=cast.at)
    them.post(f"/devices/{device.id}/moves/", {"move": "put", "location": "A-01"})
    return lambda: them.post(f"/devices/{device.id}/moves/", {"move": "put", "location": "A-02"}).status_code


def hold(cast: Cast, them: Caller) -> Callable[[], int]:
    device = make.laptop(cast)
    return lambda: (
        them.post(f"/devices/{device.id}/moves/", {"move": "hold", "hold": "fraud", "reason": "odd"}).status_code
    )


def entries(cast: Cast, them: Caller) -> Callable[[], int]:
    device = make.triaged(cast)
    return lambda: them.get(f"/devices/{device.id}/entries/").status_code


def log(cast: Cast, them: Caller) -> Callable[[], int]:
    make.triaged(cast)
    return lambda: them.get("/entries/").status_code


def rmas(cast: Cast, them: Caller) -> Callable[[], int]:
    for number in range(8):
        order = f"PS-{number}"
        terms.order(cast, order, terms.laptop_line(serials=(f"RMA{number:05}",)), at=clock.now())
        them.post("/rmas/", {"order": order, "lines": [{"order_line": 1, "reason": "CHANGED_MIND"}]})
    return lambda: them.get("/rmas/").status_code


def a_return(until: str) -> Callable[[Cast, Caller], Callable[[], int]]:
    """One call of a return that a person approves; the calls before it are made, and all of another return, as on any day but the first."""

    def ready(cast: Cast, them: Caller) -> Callable[[], int]:
        draft = rules.draft(kind="returns.policy", body=ASK, by=cast.admin, at=clock.now())
        rules.publish(draft, by=cast.maria, at=clock.now())
        other = caller(cast)
        other.get("/devices/?limit=1")
        for act in calls(cast, them, other, 1).values():
            act()
        acts = calls(cast, them, other, 2)
        for name in list(acts)[: list(acts).index(until)]:
            acts[name]()
        return acts[until]

    return ready


def calls(cast: Cast, them: Caller, other: Caller, number: int) -> dict[str, Callable[[], int]]:
    """The four calls of a return of an order that was delivered too long ago to be withdrawn from by law."""
    order, serial = f"PS-{number}", f"RMA0000{number}"
    terms.order(cast, order, terms.laptop_line(serials=(serial,)), at=clock.now(), days=20)
    known: dict[str, str] = {}

    def said(answer: Any) -> int:
        known.update({name: answer.json()[name] for name in ("id", "unit") if name in answer.json()})
        return answer.status_code

    def act(name: str) -> int:
        path = f"/rmas/{known.get('id', '')}/{name}/"
        match name:
            case "announce":
                return said(
                    them.post("/rmas/", {"order": order, "lines": [{"order_line": 1, "reason": "CHANGED_MIND"}]})
                )
            case "receive":
                return said(them.post(path, {"serial": serial}))
            case "settle":
                return said(other.post(path, {"unit": known["unit"], "outcome": "accept"}))
            case _:
                return said(other.post(path))

    return {name: functools.partial(act, name) for name in ("announce", "approve", "receive", "settle")}


def cases(cast: Cast, them: Caller) -> Callable[[], int]:
    for number in range(8):
        terms.order(cast, f"PS-{number}", terms.laptop_line(serials=(f"CASE{number:05}",)), at=clock.now())
        them.post("/cases/", {"order": f"PS-{number}", "order_line": 1, "channel": "call"})
    return lambda: them.get("/cases/").status_code


def some_of_the_store(cast: Cast, path: str, them: Caller) -> Callable[[], int]:
    bins = [storage.place(cast, f"A-{number:02}") for number in range(8)]
    for place in bins:
        storage.container(cast, parent=place)
    asking.request(
        bins, hub=cast.rotterdam, why=CountWhy.PLACE, due_at=None, assignee=None, by=cast.aisha, at=clock.now()
    )
    reporting.report(hub=cast.rotterdam, place=bins[0], by=cast.ines, at=clock.now())
    return lambda: them.get(path).status_code


def of_the_store(path: str) -> Callable[[Cast, Caller], Callable[[], int]]:
    return lambda cast, them: some_of_the_store(cast, path, them)


def report(cast: Cast, them: Caller) -> Callable[[], int]:
    return lambda: them.post("/reports/", raw=b"smartctl 7.2", form="text/plain").status_code


def list_sent(cast: Cast, them: Caller) -> Callable[[], int]:
    rows = b"serial,asset tag\n" + b"".join(b"LIST%04d,VG-%d\n" % (number, number) for number in range(200))
    return lambda: them.post("/manifests/?client=demo&hub=rotterdam", raw=rows, form="text/csv").status_code


def lists_listed(cast: Cast, them: Caller) -> Callable[[], int]:
    for number in range(8):
        them.post("/manifests/?client=demo&hub=rotterdam", raw=b"serial\nLIST000%d\n" % number, form="text/csv")
    return lambda: them.get("/manifests/?client=demo").status_code


CALLS: dict[str, Callable[[Cast, Caller], Callable[[], int]]] = {
    "take a unit in": create,
    "announce a unit": announce,
    "take a unit in, with an Idempotency-Key": create_with_key,
    "the same once more": replay,
    "look up by tag": lookup(lambda tag, serial: tag),
    "look up by serial": lookup(lambda tag, serial: serial),
    "one unit": retrieve,
    "list of units, filtered": listed,
    "move to triage": move,
    "move to a place": put,
    "hold": hold,
    "entries of a unit": entries,
    "the log": log,
    "list of returns": rmas,
    "announce a return": a_return("announce"),
    "approve a return": a_return("approve"),
    "receive a return": a_return("receive"),
    "settle a return": a_return("settle"),
    "list of support cases": cases,
    "list of places": of_the_store("/places/?hub=rotterdam&kind=bin"),
    "list of containers": of_the_store("/containers/?hub=rotterdam"),
    "list of counts": of_the_store("/counts/?state=open"),
    "list of pick lists": of_the_store("/pick-lists/?state=open"),
    "list of hazards": of_the_store("/hazards/?state=open"),
    "send a report in": report,
    "send a client's list in": list_sent,
    "list of clients' lists": lists_listed,
}


def counted(statements: list[str]) -> list[str]:
    """What a server would send: a test's own transaction makes a savepoint of each outermost one, which there is none."""
    found, depth = [], 0
    for sql in statements:
        inner = depth > 0
        if sql.startswith("SAVEPOINT"):
            depth += 1
        elif sql.startswith(("RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")):
            depth -= 1
            inner = depth > 0
        else:
            inner = True
        if inner:
            found.append(sql)
    return found


def test_it_keeps_to_the_goals() -> None:
    assert max(TABLE["take a unit in"], TABLE["announce a unit"]) <= 10
    assert max(TABLE["look up by tag"], TABLE["look up by serial"]) <= 4
    assert max(TABLE["move to triage"], TABLE["move to a place"]) <= 8


def test_it_has_a_line_for_each_call() -> None:
    assert list(CALLS) == list(TABLE)


@pytest.mark.parametrize("name", CALLS)
def test_it_asks_the_database_no_more_than_the_table_says(cast: Cast, name: str) -> None:
    cache.clear()
    them = caller(cast)
    # The first use of a key in a minute is noted on it.
    them.get("/devices/?limit=1")
    act = CALLS[name](cast, them)

    with CaptureQueriesContext(connection) as seen:
        status = act()

    asked = counted([query["sql"] for query in seen.captured_queries])
    assert status < 300
    assert len(asked) == TABLE[name], "\n".join(sql[:200] for sql in asked)
