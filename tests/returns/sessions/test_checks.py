"""Checks of numbers: asked of a service by a reaction, kept with source and time; a bad answer holds the unit."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from typing_extensions import override

from returns import checks
from returns.checks import Later
from returns.checks.generic import Generic
from returns.models import NumberCheck
from returns.services.sessions import checking, opening, taking
from revlog.common import clock
from revlog.common.errors import BadInput
from revlog.custody.services import reactions
from revlog.devices.models import Device
from revlog.devices.services import arrivals
from revlog.scanning import weights
from tests.cast import Cast


class Service(BaseHTTPRequestHandler):
    """The far end: answers by the last digits of the number that it is asked about."""

    gone: threading.Event

    @override
    def do_GET(self) -> None:
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        number = asked["number"]
        if number == "SLOW":
            self.gone.wait(5)
            return
        status = {"BUSY": 429, "NEVER": 404, "BROKEN": 500}.get(number, 200)
        told: dict[str, Any] = {"source": "Lost and found register", "results": {}}
        if status == 200 and "PF5" in number:
            told["results"] = {"lock": {"state": "clear"}, "mdm": {"state": "bad", "detail": "Enrolled."}}
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test says what matters."""


@pytest.fixture
def service() -> Iterator[str]:
    Service.gone = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Service.gone.set()
    server.shutdown()
    server.server_close()


def laptop(cast: Cast, serial: str) -> Device:
    return arrivals.announce(
        what=arrivals.Description(device_class="laptop", manufacturer="Lenovo", model="T480", serial=serial),
        stay=arrivals.Stay(why="itad", owner=cast.vega.pk, hub=cast.rotterdam.pk, reference="job:J-1"),
        by=cast.aisha,
        at=clock.now(),
    )


def test_what_the_service_does_not_say_is_unknown_and_what_it_cannot_say_now_is_asked_later(service: str) -> None:
    adapter = Generic(service, "key", 0.3)

    def told(number: str) -> dict[str, str]:
        reply = adapter.ask(scheme="serial", number=number, kinds=("lock", "mdm"))
        return {one.kind: one.state for one in reply.answers}

    assert told("PF5X") == {"lock": "clear", "mdm": "bad"}
    assert told("OTHER") == {"lock": "unknown", "mdm": "unknown"}
    assert told("NEVER") == {"lock": "unknown", "mdm": "unknown"}
    for number in ("BUSY", "BROKEN", "SLOW"):
        with pytest.raises(Later):
            told(number)


def test_a_managed_unit_is_held_once_the_reaction_has_asked(
    cast: Cast, client: Client, service: str, settings: Any
) -> None:
    settings.CHECKS_URL, settings.CHECKS_KEY, settings.CHECKS_SECONDS = service, "key", 2
    device = laptop(cast, "PF5MANAGED")
    now = clock.now()
    session, _new = opening.open_session(hub=cast.rotterdam, against="manifest", client=cast.vega, by=cast.ines, at=now)
    taking.receive_announced(session, device, hub=cast.rotterdam, by=cast.ines, at=now)
    assert not NumberCheck.objects.exists()  # not in the request

    reactions.drain(at=now, queues=["outside"])

    rows = {row.kind: row for row in checking.latest(device)}
    assert (rows["lock"].state, rows["mdm"].state) == ("clear", "bad")
    assert rows["mdm"].source == "Lost and found register"
    device.refresh_from_db()
    assert device.holds == ["awaiting_owner"]
    assert checking.ask(device, at=now) is None  # just asked

    client.force_login(cast.user("ines"))
    address = f"/receiving/unit/{device.tag}/checks/"
    page = client.get(address).content.decode()
    assert "Enrolled." in page
    assert "managed by a company" in client.get(f"/receiving/{session.number}/").content.decode()
    assert client.post(address, {"kind": "mdm", "state": "clear", "source": ""}).status_code == BadInput.status
    assert client.post(address, {"kind": "mdm", "state": "clear", "source": "Autopilot"}).status_code == 302
    assert {row.kind: row.state for row in checking.latest(device)} == {"lock": "clear", "mdm": "clear"}


def test_without_a_service_nothing_is_asked(cast: Cast) -> None:
    assert checks.adapter() is None
    assert checking.ask(laptop(cast, "PF5ALONE"), at=clock.now()) is None


@pytest.mark.parametrize(
    ("text", "grams", "resting"),
    [
        ("W 12.345 kg", 12345, True),
        ("w 1,7 KG", 1700, True),
        ("ST,GS,+  12.345kg", 12345, True),
        ("US,GS,+  12.345kg", 12345, False),
        ("ST,NT,-   0.010kg", 10, False),
        ("S S     12.345 kg", 12345, True),
        ("S D     12.345 kg", 12345, False),
        ("S S      1.5 lb", 680, True),
        ("S +", 0, False),
        ("OL,GS,+9999999", 0, False),
    ],
)
def test_the_line_of_a_scale_is_a_weight_only_when_it_is_at_rest(text: str, grams: int, resting: bool) -> None:
    found = weights.read(text)

    assert found is not None
    assert (found.grams, found.resting) == (grams, resting)


@pytest.mark.parametrize("text", ["", "PF1ABCDE", "S", "W", "RS-7K3M-9QXA", "12.345 kg", "S S kg"])
def test_other_codes_are_no_weights(text: str) -> None:
    assert weights.read(text) is None
