"""The kill run: simulated work goes on while every process of the platform is killed by SIGKILL, again and again, at random moments.

Then all is started once more and comes to rest, and whatever was answered with success must be there once. ``REVLOG_PROVE_SECONDS``
says how long it kills (six minutes unless told, an hour at most) and ``REVLOG_PROVE_SEED`` how the dice fall. The result is printed
and written to ``var/prove/kill_run.json``.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import Any

import pytest

from tests.faults.conftest import LEASES
from tests.mailserver import mail_server
from tests.platforms import Platform, platform
from tests.prove import checks
from tests.prove.clients import Bench, Client, Dock, Rivals, Seller, Shop
from tests.prove.journal import Journal
from tests.prove.killing import Acts, Killer
from tests.prove.results import SECONDS, SEED, keep
from tests.visitors import Partner

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("faults")]
# A worker that was killed must not make its work wait longer than the run lasts.
ENVIRONMENT = LEASES | {"REVLOG_EMBEDDED_DURABLE": "1"}
REST = 600.0
"""Seconds that the platform may take to come to rest: what failed while something was dead waits for its next try."""


def clients(running: Platform, journal: Journal, stop: threading.Event) -> tuple[list[Client], dict[str, Partner]]:
    coming: queue.Queue[dict[str, str]] = queue.Queue()
    here: queue.Queue[dict[str, str]] = queue.Queue()
    told: dict[str, Any] = {"seed": SEED, "stop": stop}
    made: list[Client] = [
        Seller("seller", running, journal, coming=coming, **told),
        Dock("dock", running, journal, coming=coming, here=here, **told),
        Dock("gate", running, journal, coming=coming, here=here, **told),
        Bench("bench", running, journal, here=here, **told),
        Shop("shop", running, journal, **told),
        Rivals("rivals", running, journal, **told),
    ]
    partners = {name: Partner(running, name) for name in ("retailer", "operator", "demo")}
    partners["rival"] = Partner(running, "operator")
    for client in made:
        client.partners = partners
    return made, partners


def test_what_was_answered_with_success_is_there_once_whatever_is_killed() -> None:
    journal, stop = Journal(), threading.Event()
    with mail_server() as mails, platform(REVLOG_SMTP_URL=mails.url, **ENVIRONMENT) as running:
        workers, partners = clients(running, journal, stop)
        acts = Acts(running, journal)
        acts.start()
        killer = Killer(running, acts, seed=SEED)
        for worker in workers:
            worker.start()
        killer.run(SECONDS)

        # Enough: everything is alive again, the work goes on a little in peace, and comes to rest.
        running.wait_until_well()
        time.sleep(8)
        stop.set()
        for worker in workers:
            worker.join(timeout=180)
        resting = time.monotonic()
        settled = rest(running)
        acts.kill()
        rest(running)
        rested = time.monotonic() - resting

        after = checks.Aftermath(running, journal, mails, partners, SEED)
        found = {check.__name__: check(after) for check in checks.CHECKS}
        blind = checks.blind(after)
        result = {
            "seed": SEED,
            "seconds": round(SECONDS),
            "killed": dict(sorted(killer.killed.items())),
            "kills": sum(killer.killed.values()),
            "answered": journal.counts(),
            "sent_again": dict(sorted(journal.lost_answers.items())),
            "verbs_broken_off": acts.broke,
            "verbs_refused": dict(acts.refused.most_common(10)),
            "mails": {"taken": len(mails.letters), "ids": len({str(one["Message-ID"]) for one in mails.letters})},
            "reactions": dict(
                running.ask(
                    "SELECT CASE WHEN attempts > 1 THEN 'again' ELSE 'once' END, count(*) FROM custody_reaction GROUP BY 1"
                )
            ),
            "seconds_to_rest": round(rested, 1),
            "surprises": journal.surprises,
            "wrong": {name: sentences[:20] for name, sentences in found.items() if sentences},
            "checks": len(found),
        }
        keep("kill_run", result)
        if result["wrong"] or journal.surprises:
            print(running.words())
    assert blind == [], "these checks would not have noticed a loss"
    assert settled, "it did not come to rest"
    assert result["wrong"] == {}
    assert journal.surprises == []
    # And it was a trial worth the name: each kind of work was done, and each kind of process killed.
    kinds = {"order", "rma", "received", "moved", "reported", "wiped", "verified", "arrived", "sold", "shipped"}
    assert kinds - set(journal.counts()) == set()
    assert sum(killer.killed.values()) >= SECONDS / 15


def rest(running: Platform) -> bool:
    """Wait until no reaction is left to do; False when some won't be done."""
    try:
        running.settle(seconds=REST)
    except AssertionError as problem:
        print(problem)
        return False
    return True
