"""S3 to S6: the API under four clients and two workers, against bare Django REST framework on the same server and database."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import re
import statistics
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from django.core.management import call_command

from benchmarks import moves as making
from benchmarks import stock
from benchmarks.harness import Result
from benchmarks.servers import OURS, ROOT, Load, get, gunicorn, load, make_bare_tables, post
from revlog.accounts.models import Hub
from revlog.devices.models import Device, Location

PLACES = ("BENCH-A", "BENCH-B")
SQL: dict[str, int] = json.loads(Path(ROOT, "tests/api/query_counts.json").read_text(encoding="utf-8"))
SIZES = (10_000, 100_000, 1_000_000)
DEEP = 50_000
"""The row whose page must cost what the first page costs."""
FIRST = "/api/v1/devices/?state=RECEIVED&device_class=laptop&limit=50"


def key() -> dict[str, str]:
    """The header of an API key of the operator that may do everything."""
    with contextlib.redirect_stdout(io.StringIO()) as told:
        call_command("create_api_key", organization="operator", scopes="all")
    return {"Authorization": f"Bearer {told.getvalue().strip()}"}


Act = Callable[[int], Load]


def _against(sides: Iterable[tuple[str, str, str, Callable[[int], Act], Callable[[int], Act]]]) -> list[Result]:
    """Both servers up at once, asked in turn. Each row: its name, goal and note, and how either side is asked at a port."""
    with (
        gunicorn("revlog.wsgi", ready="/api/v1/", environment=OURS) as (our_port, _pid),
        gunicorn("benchmarks.bare.app.wsgi", ready="/devices/", environment=make_bare_tables()) as (bare_port, _bare),
    ):
        return [row(*each[:3], each[3](our_port), each[4](bare_port)) for each in sides]


def row(name: str, goal: str, note: str, ours: Act, bare: Act, *, rounds: int = 5) -> Result:
    ours(1), bare(1)
    pairs = [(ours(2), bare(2)) for _ in range(rounds)]
    errors = sum(mine.errors + theirs.errors for mine, theirs in pairs)
    if errors:
        raise RuntimeError(f"{name}: {errors} requests failed, so nothing was measured.")
    ratios = sorted(mine.rate / theirs.rate for mine, theirs in pairs)
    p95, bare_p95 = (statistics.median(side.p95_ms for side in sides) for sides in zip(*pairs, strict=True))
    return Result(
        name=name,
        unit="1/s",
        ours=round(statistics.median(mine.rate for mine, _ in pairs), 1),
        reference=round(statistics.median(theirs.rate for _, theirs in pairs), 1),
        ratio=round(statistics.median(ratios), 3),
        goal=goal,
        note=f"{ratios[0]:.2f}-{ratios[-1]:.2f}; p95 {p95:.0f} ms (bare {bare_p95:.0f}); {note}",
    )


def create() -> list[Result]:
    headers = key()

    def ours(port: int) -> Act:
        def ask(link: http.client.HTTPConnection, number: int) -> int:
            body = {
                "arrived": True, "device_class": "laptop", "manufacturer": "Lenovo", "model": "ThinkPad T480",
                "serial": f"PF{uuid.uuid4().hex[:10].upper()}", "owner": "operator", "hub": "rotterdam", "why": "stock",
            }  # fmt: skip
            return post(link, "/api/v1/devices/", body, headers)[0]

        return lambda seconds: load(port, ask, seconds=seconds)

    def bare(port: int) -> Act:
        def ask(link: http.client.HTTPConnection, number: int) -> int:
            body = {
                "tag": uuid.uuid4().hex[:20], "manufacturer": "Lenovo", "model": "ThinkPad T480",
                "serial": f"PF{uuid.uuid4().hex[:10].upper()}",
            }  # fmt: skip
            return post(link, "/devices/", body, {})[0]

        return lambda seconds: load(port, ask, seconds=seconds)

    note = f"{SQL['take a unit in']} SQL; at {Device.objects.count():,} units"
    return _against([("S3 create a unit over the API", ">= 0.5", note, ours, bare)])


def look_up(most: int) -> list[Result]:
    """By serial at each size, by tag and IMEI at the largest; the bare application looks up by serial, over an index."""
    headers = key()

    def asked(path: Callable[[int], str], headers: dict[str, str]) -> Callable[[int], Act]:
        def at(port: int) -> Act:
            # Strides apart, so that no page of an index is asked for twice in a row.
            return lambda seconds: load(port, lambda link, n: get(link, path(n * 7919), headers)[0], seconds=seconds)

        return at

    found: list[Result] = []
    for size in [each for each in SIZES if each <= most]:
        stock.upto(size)

        def ours(name: Callable[[int], str], step: int = 1, size: int = size) -> Callable[[int], Act]:
            return asked(lambda n: f"/api/v1/devices/lookup/?code={name(n % (size // step) * step + step)}", headers)

        bare = asked(lambda n, size=size: f"/devices/by-serial/{stock.serial(n % size + 1)}/", {})  # type: ignore[misc]
        rows = [
            (
                f"S4 look up by serial, {size:,} units",
                ">= 0.7",
                f"{SQL['look up by serial']} SQL",
                ours(stock.serial),
                bare,
            )
        ]
        if size == max(each for each in SIZES if each <= most):
            rows += [
                ("S4 the same by tag", ">= 0.7", f"{SQL['look up by tag']} SQL", ours(stock.tag), bare),
                ("S4 the same by IMEI", ">= 0.7", "bare by serial", ours(stock.imei, 10), bare),
            ]
        found += _against(rows)
    return found


def page_at(port: int, first: str, row: int, headers: dict[str, str]) -> str:
    """The address of the page of the list ``first`` that begins at ``row``, as whoever turns the pages comes to it."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    path = first.replace("limit=50", "limit=200")
    for turned in range(0, row, 200):
        status, told = get(link, path, headers)
        following = json.loads(told)["next"] if status == 200 else None
        if not following:
            raise RuntimeError(f"There is no row {row:,}: {status} at row {turned:,}.")
        path = re.sub(r"^https?://[^/]*", "", following)
    return path.replace("limit=200", "limit=50")


def pages(most: int) -> list[Result]:
    """A page of fifty by filters, the first and the one at row 50,000, against fifty rows of seven fields from a bare list."""
    headers = key()
    stock.upto(most)
    deep = min(DEEP, most // 2)

    def bare(port: int) -> Act:
        return lambda seconds: load(
            port, lambda link, _n: get(link, "/devices/?state=RECEIVED", {})[0], seconds=seconds
        )

    def ours(row: int) -> Callable[[int], Act]:
        def at(port: int) -> Act:
            path = page_at(port, FIRST, row, headers)
            return lambda seconds: load(port, lambda link, _n: get(link, path, headers)[0], seconds=seconds)

        return at

    note = f"2 SQL; at {most:,} units"
    return _against(
        [
            ("S6 a page of 50 units", ">= 0.7", note, ours(0), bare),
            (f"S6 the one at row {deep:,}", ">= 0.58", "no less than the first by 1.2", ours(deep), bare),
        ]
    )


def move(count: int = 400) -> list[Result]:
    headers = key()
    mine = [str(unit) for unit in making.units(count)]
    hub = Hub.objects.get(code="rotterdam")
    for code in PLACES:
        Location.objects.get_or_create(hub=hub, code=code, defaults={"kind": "bin", "created_at": datetime.now(UTC)})
    stands = dict.fromkeys(mine, 0)

    def own(units: list[str], number: int) -> str:
        """Each client has units of its own."""
        client, turn = divmod(number, 10_000_000)
        return units[client * (count // 4) + turn % (count // 4)]

    def ours(port: int) -> Act:
        def ask(link: http.client.HTTPConnection, number: int) -> int:
            unit = own(mine, number)
            place, stands[unit] = PLACES[stands[unit]], 1 - stands[unit]
            return post(link, f"/api/v1/devices/{unit}/moves/", {"move": "put", "location": place}, headers)[0]

        return lambda seconds: load(port, ask, seconds=seconds)

    def bare(port: int) -> Act:
        link = http.client.HTTPConnection("127.0.0.1", port)
        body = {"manufacturer": "Dell", "model": "U2419H", "serial": "z"}
        theirs = [
            str(json.loads(post(link, "/devices/", body | {"tag": uuid.uuid4().hex[:20]}, {})[1])["id"])
            for _ in range(count)
        ]
        return lambda seconds: load(
            port, lambda link, n: post(link, f"/devices/{own(theirs, n)}/moves/", {}, {})[0], seconds=seconds
        )

    note = f"{SQL['move to a place']} SQL; at {Device.objects.count():,} units"
    return _against([("S5 move a unit over the API", ">= 0.5", note, ours, bare)])
