"""The clients of a kill run: a seller, two docks, a bench, a shop, each a thread that works on while the platform dies under it.

A program sends again what wasn't answered, under the same Idempotency-Key. A person looks again, and tries again where that is safe.
"""

from __future__ import annotations

import json
import queue
import random
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import requests

from revlog.pages.simulation.catalog import Drive
from revlog.pages.simulation.formats import nwipe
from revlog.pages.simulation.machines import Disk
from tests.factories import triage
from tests.platforms import Platform
from tests.prove.journal import Journal
from tests.visitors import Partner, Visitor

PRICE = "449.00"
DRIVE = Drive("Samsung", "SAMSUNG MZVLB256", "ssd", 256_060_514_304, "1", "S4", 12)
HTMX = {"HX-Request": "true"}


def report_of(serial: str) -> bytes:
    """The report of a laptop with one drive."""
    told = json.loads(triage.snapshot(serial=serial, drives=(f"D{serial}",)))
    for part in told["components"]:
        if part["type"] == "SolidStateDrive":
            part["interface"] = "ATA"
    return json.dumps(told).encode()


def wipe_of(serial: str) -> bytes:
    """The log of its wipe, which ended just now at the bench."""
    began = datetime.now(ZoneInfo("Europe/Amsterdam")).replace(tzinfo=None) - timedelta(minutes=50)
    return nwipe.written([Disk(DRIVE, f"D{serial}", "sda", hours=4000)], began=began)


class Client(threading.Thread):
    """Does one piece of work after the other until ``stop`` is set; what is begun then is brought to its end."""

    def __init__(self, name: str, running: Platform, journal: Journal, *, seed: int, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.running, self.journal, self.stop = running, journal, stop
        self.dice = random.Random(f"{seed}:{name}")
        self.count = 0
        self.partners: dict[str, Partner] = {}
        self.visitors: dict[str, Visitor] = {}

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self.step()
            except Exception as error:
                self.journal.surprise(f"{self.name}: {type(error).__name__}: {error}")
            time.sleep(self.dice.uniform(0.05, 0.4))

    def step(self) -> None:
        raise NotImplementedError

    def serial(self) -> str:
        self.count += 1
        return f"PK{self.name[:2].upper()}{self.count:05d}"

    # Sending -----------------------------------------------------------------------------------------------------------------------

    def patiently(
        self, kind: str, send: Callable[[], requests.Response], *, seconds: float = 120
    ) -> requests.Response | None:
        """Send until there is an answer that is the platform's own word; None when there was none in all that time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                answer = send()
            except requests.RequestException:
                answer = None
            if (
                answer is not None
                and answer.status_code < 500
                and answer.status_code != 429
                and not _in_progress(answer)
            ):
                return answer
            self.journal.lost(kind)
            time.sleep(self.dice.uniform(0.2, 0.6))
        self.journal.surprise(f"{self.name}: {kind} had no answer in {seconds:g} s")
        return None

    def partner(self, organization: str) -> Partner:
        return self.partners[organization]

    def call(self, organization: str, path: str, body: Any, *, kind: str, raw: bytes | None = None) -> Any:
        """Post once, however often it has to be sent. The answer's JSON; None when it was refused, which is a surprise."""
        self.count += 1
        key = f"{self.name}-{self.count}"
        them = self.partner(organization)
        answer = self.patiently(kind, lambda: them.post(path, body, key=key, raw=raw))
        if answer is None:
            return None
        if answer.status_code >= 400:
            self.journal.surprise(f"{self.name}: {kind} was refused: {answer.status_code} {answer.text}")
            return None
        self.journal.success(
            "call", organization=organization, path=path, body=body, key=key, status=answer.status_code,
            text=answer.text, raw=raw is not None,
        )  # fmt: skip
        return answer.json()

    def visitor(self, name: str) -> Visitor:
        """The window of a person, who signs in again when it was lost."""
        while name not in self.visitors:
            try:
                self.visitors[name] = Visitor(self.running, name)
            except requests.RequestException:
                time.sleep(0.5)
        return self.visitors[name]


def _in_progress(answer: requests.Response) -> bool:
    return answer.status_code == 409 and '"in_progress"' in answer.text


class Seller(Client):
    """Places orders and announces that they come back."""

    def __init__(self, *told: Any, coming: queue.Queue[dict[str, str]], **more: Any) -> None:
        super().__init__(*told, **more)
        self.coming = coming

    def step(self) -> None:
        if self.coming.qsize() > 8:
            return
        serial = self.serial()
        number, now = f"K-{serial}", datetime.now(UTC)
        order = {
            "number": number, "email": f"{serial.lower()}@example.com", "name": "Kim Jansen", "address": ["Kade 12", "3011 AA Rotterdam"],
            "country": "NL", "ordered_at": (now - timedelta(days=9)).isoformat(), "delivered_at": (now - timedelta(days=5)).isoformat(),
            "lines": [{"sku": "T480", "description": "ThinkPad T480", "price": PRICE, "device_class": "laptop", "serials": [serial]}],
        }  # fmt: skip
        if self.call("retailer", "/orders/", {"orders": [order]}, kind="order") is None:
            return
        self.journal.success("order", number=number)
        wish = {"order_line": 1, "reason": "CHANGED_MIND"}
        made = self.call("retailer", "/rmas/", {"order": number, "lines": [wish]}, kind="rma")
        if made is None:
            return
        self.journal.success("rma", number=made["number"], order=number)
        unit = made["lines"][0]["units"][0]["id"]
        self.coming.put({"serial": serial, "rma": made["number"], "unit": unit})


class Dock(Client):
    """Takes in what was announced, by page or by key, and sends it to triage."""

    def __init__(
        self, *told: Any, coming: queue.Queue[dict[str, str]], here: queue.Queue[dict[str, str]], **more: Any
    ) -> None:
        super().__init__(*told, **more)
        self.coming, self.here = coming, here

    def step(self) -> None:
        try:
            thing = self.coming.get(timeout=0.5)
        except queue.Empty:
            return
        tag = self.by_page(thing) if self.dice.random() < 0.5 else self.by_key(thing)
        if tag is None:
            return
        self.journal.success("received", tag=tag, **thing)
        moved = self.call("operator", f"/devices/{tag}/moves/", {"move": "to_triage", "reason": "look"}, kind="move")
        if moved is not None:
            self.journal.success("moved", tag=tag, digest=moved["entry"], sequence=moved["sequence"])
            self.here.put({"serial": thing["serial"], "tag": tag})

    def by_key(self, thing: dict[str, str]) -> str | None:
        told = self.call("operator", f"/rmas/{thing['rma']}/receive/", {"serial": thing["serial"]}, kind="receive")
        return None if told is None else str(told["device"])

    def by_page(self, thing: dict[str, str]) -> str | None:
        """Ines scans it in; when the page broke off she scans again, and is told if it was done already."""
        ines, told = self.visitor("ines"), {"unit": thing["unit"], "serial": thing["serial"], "how": "serial"}
        answer = self.patiently("receive page", lambda: ines.post("/dock/receive", told, **HTMX))
        if answer is None:
            return None
        if answer.status_code >= 400 and "was received by Ines" not in answer.text:
            self.journal.surprise(f"{self.name}: the dock refused: {answer.status_code} {_plain(answer.text)}")
            return None
        them = self.partner("operator")
        found = self.patiently("look-up", lambda: them.get(f"/devices/lookup/?code={thing['serial']}"))
        if found is None or found.status_code != 200:
            self.journal.surprise(f"{self.name}: {thing['serial']} was received and is not there")
            return None
        return str(found.json()["tag"])


class Bench(Client):
    """Brings in test reports and the logs of wipes; the workers do what follows."""

    def __init__(self, *told: Any, here: queue.Queue[dict[str, str]], **more: Any) -> None:
        super().__init__(*told, **more)
        self.here = here
        self.tested: list[dict[str, str]] = []

    def step(self) -> None:
        if self.tested and self.dice.random() < 0.5:
            self.wipe(self.tested.pop(0))
            return
        try:
            thing = self.here.get(timeout=0.5)
        except queue.Empty:
            return
        if self.bring(thing["serial"], report_of(thing["serial"]), "ravi", "report"):
            self.journal.success("reported", **thing)
            self.tested.append(thing)

    def wipe(self, thing: dict[str, str]) -> None:
        """Only when it waits for that: the workers may still be dead that have to grade it first."""
        them = self.partner("operator")
        seen = self.patiently("look", lambda: them.get(f"/devices/{thing['tag']}/"))
        if seen is None or seen.status_code != 200:
            self.journal.surprise(f"{self.name}: {thing['tag']} is not there")
        elif seen.json()["state"] != "TO_SANITIZE":
            self.tested.append(thing)
        elif self.bring(f"{thing['serial']}W", wipe_of(thing["serial"]), "tomas", "wipe log"):
            self.journal.success("wiped", **thing)

    def bring(self, name: str, data: bytes, person: str, kind: str) -> bool:
        """The same bytes again are the same report, so it is safe to bring them twice."""
        if kind == "report" and self.dice.random() < 0.5:
            return self.call("operator", f"/reports/?name={name}.json", None, kind=kind, raw=data) is not None
        them = self.visitor(person)
        answer = self.patiently(
            kind, lambda: them.post("/triage/reports/upload/", {}, files=[("files", (f"{name}.txt", data))])
        )
        if answer is None or answer.status_code != 200 or name not in answer.text:
            self.journal.surprise(f"{self.name}: {kind} {name}: {answer and (answer.status_code, _plain(answer.text))}")
            return False
        return True


class Shop(Client):
    """Sells by the page. A sale that wasn't answered is not tried again: it may have been made, and is then one of the unanswered."""

    def step(self) -> None:
        time.sleep(self.dice.uniform(0.5, 2))
        anouk = self.visitor("anouk")
        try:
            pools = re.findall(r"/sales/pools/[0-9a-f-]{36}/", anouk.get("/sales/").text)
            if not pools:
                return
            here = self.dice.choice(sorted(set(pools)))
            offers = re.findall(r'<option value="([0-9a-f-]{36})">[^<]*·', anouk.get(here).text)
            if not offers:
                return
            self.count += 1
            told = {
                "act": "sell",
                "offer": offers[0],
                "quantity": "1",
                "email": f"buyer{self.count}@example.org",
                "country": "NL",
            }
            answer = anouk.post(here, told)
        except requests.RequestException:
            self.journal.lost("sale page")
            return
        if answer.status_code == 200 and (found := re.search(r"/sales/orders/([0-9a-f-]{36})/", answer.url)):
            self.journal.success("sold", order=found[1])
        elif answer.status_code >= 500:
            self.journal.lost("sale page")
        elif answer.status_code != 409:
            self.journal.surprise(f"{self.name}: the sale was answered {answer.status_code} {_plain(answer.text)}")


class Rivals(Client):
    """Announces a unit; then two programs say at once that it stands on their dock: one may be right."""

    def step(self) -> None:
        time.sleep(self.dice.uniform(0.5, 2))
        serial = self.serial()
        body = {"device_class": "laptop", "manufacturer": "Dell", "model": "Latitude 7490", "serial": serial}
        made = self.call("demo", "/devices/", body | {"hub": "rotterdam"}, kind="announce")
        if made is None:
            return
        self.journal.success("announced", tag=made["tag"], serial=serial)
        answers: list[int] = []
        them = self.partner("operator"), self.partner("rival")

        def arrive(place: int) -> None:
            key = f"{self.name}-{serial}-{place}"
            answer = self.patiently(
                "arrival",
                lambda: them[place].post(f"/devices/{made['tag']}/arrivals/", {"hub": "rotterdam"}, key=key),
            )
            if answer is not None:
                answers.append(answer.status_code)
                if answer.status_code == 409 and "took it in on" not in answer.text:
                    self.journal.surprise(f"{self.name}: the second was not told by whom: {answer.text}")

        racers = [threading.Thread(target=arrive, args=(place,)) for place in (0, 1)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        if sorted(answers) != [201, 409]:
            self.journal.surprise(f"{self.name}: two received {made['tag']} and were answered {sorted(answers)}")
        self.journal.success("arrived", tag=made["tag"])


def _plain(html: str) -> str:
    text = re.sub(r"<(script|style|nav|head)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())[:400]
