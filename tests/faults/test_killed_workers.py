"""A worker killed in the middle of its work, by SIGKILL, with half of it written: what it did not finish is done once by the next."""

from __future__ import annotations

import pytest

from tests.faults.conftest import kill_at
from tests.platforms import Platform

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.xdist_group("faults")]


def attempts(running: Platform, handler: str) -> int:
    """How often the last reaction of ``handler`` was begun."""
    return int(
        running.ask(
            "SELECT attempts FROM custody_reaction WHERE handler LIKE %s ORDER BY id DESC LIMIT 1", f"%{handler}"
        )[0][0]
    )


def again(running: Platform, process: str, handler: str) -> None:
    """Start the worker again and let it do what the dead one began."""
    running.start(process)
    running.settle(handler)


def chains_hold(running: Platform) -> None:
    running.manage("verify_ledger")


def test_a_grade_is_given_once_when_the_worker_dies_while_giving_it(hurt: Platform) -> None:
    # The worker has written the entry of the grade and waits to write the grade itself: there it dies.
    told = kill_at(hurt, "fast", "triage_grading", "report_sent", serial="PFGRADE1")

    assert "triage.graded" not in hurt.kinds(told["tag"]), "half a grade was kept"

    again(hurt, "fast", "grade_unit")
    assert hurt.kinds(told["tag"]).count("triage.graded") == 1
    assert hurt.ask(
        "SELECT count(*) FROM triage_grading g JOIN devices_device d ON d.id = g.device_id WHERE d.tag = %s",
        told["tag"],
    ) == [(1,)]
    assert attempts(hurt, "grade_unit") >= 2
    chains_hold(hurt)


def test_a_certificate_is_issued_once_when_the_worker_dies_while_issuing_it(hurt: Platform) -> None:
    # Rendered and signed, about to be kept: there it dies.
    told = kill_at(hurt, "slow", "evidence_document", "wipe_verified", serial="PFCERT01")
    documents = "SELECT count(*) FROM evidence_document WHERE chain_id = (SELECT id FROM devices_device WHERE tag = %s)"

    assert hurt.ask(documents, told["tag"]) == [(0,)], "half a certificate was kept"

    again(hurt, "slow", "issue_certificates")
    assert hurt.ask(documents, told["tag"]) == [(1,)]
    assert hurt.kinds(told["tag"]).count("evidence.document_issued") == 1
    assert attempts(hurt, "issue_certificates") >= 2
    chains_hold(hurt)
