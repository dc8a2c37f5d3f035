"""S17: what a web worker holds after it has answered the API and pages, against a bare worker of Django REST framework."""

from __future__ import annotations

import http.client
import uuid
from pathlib import Path

from django.conf import settings

from benchmarks.api import key
from benchmarks.harness import Result
from benchmarks.servers import OURS, get, gunicorn, load, make_bare_tables, post, resident_mib
from revlog.embedded import preparing

PATHS = ("/api/v1/devices/", "/api/v1/rmas/", "/api/v1/entries/", "/api/v1/reports/", "/api/v1/docs/", "/welcome/")


def _collect() -> None:
    """Pages name their files by digest, so the files must have been collected; assets are those of the instance beside ours."""
    assets = Path(settings.VAR) / "assets"
    if not assets.exists() and (assets.parent.parent / "assets").is_dir():
        assets.symlink_to((assets.parent.parent / "assets").resolve())
    preparing.collect_static()


def worker() -> list[Result]:
    headers = key()
    _collect()

    def ours(link: http.client.HTTPConnection, number: int) -> int:
        path = PATHS[number % len(PATHS)]
        status, _body = get(link, path, headers if path.startswith("/api") else {})
        if status != 200:
            raise RuntimeError(f"{path} answers {status}.")
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
        asked = load(port, ours, seconds=6)
        mine = resident_mib(pid)
    with gunicorn("benchmarks.bare.app.wsgi", ready="/devices/", environment=make_bare_tables(), workers=1) as (
        port,
        pid,
    ):
        load(port, bare, seconds=2)
        theirs = resident_mib(pid)
    note = f"four threads, after {asked.rate * 6:.0f} requests to each of API and pages, {asked.errors} errors"
    return [
        Result(
            "S17 memory of a web worker",
            "MiB",
            round(mine, 1),
            round(theirs, 1),
            round(mine / theirs, 3),
            "<= 130",
            note,
        )
    ]
