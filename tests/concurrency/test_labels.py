"""Two jobs with the label of one thing, sent again at the same moment: the first is its first label, the other a reprint."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime

import pytest

from revlog.labels.models import JobStatus, PrintItem, PrintJob, Way
from revlog.labels.services import printers, printing, sending
from tests import cast as casting
from tests.concurrency.test_receiving import race
from tests.factories import devices
from tests.labels.test_printing import ask


@pytest.mark.slow
def test_two_failed_jobs_of_one_thing_are_sent_again_at_once(
    transactional_db: None, at: datetime, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = casting.make()
    by = people.ines
    settings.PRINTERS_NETWORKS = ["127.0.0.0/8"]  # type: ignore[attr-defined]
    printer = printers.keep(
        hub=people.rotterdam, name="Off", way=Way.NETWORK, host="127.0.0.1", port=9100, stock="50x25",
        by=people.aisha, at=at,
    )  # fmt: skip
    units = [devices.laptop(people, serial=serial) for serial in ("PF1AAAA", "PF2AAAA")]
    jobs = []
    for some in (units, units[::-1]):
        jobs.append(ask(people, "unit", [one.tag for one in some], printer=printer, at=at))
        sending.end(jobs[-1].pk, JobStatus.FAILED, "out of paper", at=at)
    meeting, lock = threading.Barrier(2), printing.lock

    def both_at_it(id: uuid.UUID) -> PrintJob:
        found = lock(id)
        meeting.wait(30)
        return found

    monkeypatch.setattr(printing, "lock", both_at_it)
    found = race([lambda job=job: printing.retry(job, by=by, at=at) for job in jobs])  # type: ignore[misc]

    assert [one.status for one in found if isinstance(one, PrintJob)] == [JobStatus.QUEUED] * 2, found
    kept = PrintItem.objects.filter(void=False).order_by("again").values_list("again", flat=True)
    assert list(kept) == [False, False, True, True]
