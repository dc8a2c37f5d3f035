"""S17: what a web worker holds after it has answered the API and pages, against a bare worker of Django REST framework."""

from __future__ import annotations

import http.client
import uuid

from benchmarks import stock
from benchmarks.api import key
from benchmarks.harness import Result
from benchmarks.servers import OURS, get, gunicorn, load, make_bare_tables, post, resident_mib

PATHS = (
    "/api/v1/devices/",
    "/api/v1/devices/{id}/",
    "/api/v1/rmas/",
    "/api/v1/entries/",
    "/api/v1/reports/",
    "/",
    "/account/login/",
)


def worker() -> list[Result]:
    headers = key()

    def ours(link: http.client.HTTPConnection, number: int) -> int:
        path = PATHS[number % len(PATHS)]
        get(link, path + stock.serial(1) if path.endswith("=") else path, headers if path.startswith("/api") else {})
        body = {"device_class": "laptop", "serial": f"MM{uuid.uuid4().hex[:12].upper()}", "manufacturer": "Lenovo"}
        return post(link, "/api/v1/devices/", body, headers)[0]

    def bare(link: http.client.HTTPConnection, number: int) -> int:
        body = {"tag": uuid.uuid4().hex[:20], "manufacturer": "x", "model": "y", "serial": "z"}
        return post(link, "/devices/", body, {})[0]

    # As the Procfile starts it: four threads, each with a connection of its own.
    with gunicorn("revlog.wsgi", ready="/api/v1/", environment=OURS, workers=1, config="gunicorn.conf.py") as (
        port,
        pid,
    ):
        load(port, ours, seconds=4)
        mine = resident_mib(pid)
    with gunicorn("benchmarks.bare.app.wsgi", ready="/devices/", environment=make_bare_tables(), workers=1) as (
        port,
        pid,
    ):
        load(port, bare, seconds=2)
        theirs = resident_mib(pid)
    return [
        Result("S17 memory of a web worker", "MiB", round(mine, 1), round(theirs, 1), round(mine / theirs, 3), "<= 130",
               "four threads, after requests to API and pages")
    ]  # fmt: skip
