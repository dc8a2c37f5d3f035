"""A worker killed in the middle of its work, by SIGKILL, with half of it written: what it did not finish is done once by the next."""

from __future__ import annotations

import threading
from decimal import Decimal
from email.message import EmailMessage

import pytest

from tests.faults.conftest import SCENE, kill_at
from tests.mailserver import MailServer
from tests.platforms import Platform, wait_for

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


PAID = """
SELECT r.status, r.reference,
    (SELECT count(*) FROM returns_payout o WHERE o.key = r.id::text),
    (SELECT count(*) FROM devices_posting p WHERE p.account = 'refund' AND p.device_id = u.device_id),
    (SELECT count(*) FROM custody_entry e WHERE e.kind = 'returns.refund_posted' AND e.payload->>'refund' = r.id::text)
FROM returns_refund r JOIN returns_rmaunit u ON u.id = r.unit_id JOIN devices_device d ON d.id = u.device_id WHERE d.tag = %s
"""
"""The refund of a unit: its status, the provider's reference, and how many payments, postings and entries there are of it."""


def of_payment(letter: EmailMessage) -> bool:
    return str(letter["Subject"]).startswith("We paid you")


def letters(taken: MailServer, rma: str) -> list[EmailMessage]:
    """What the customer was sent about the money of this return."""
    found = []
    for letter in filter(of_payment, taken.letters):
        text = letter.get_body(("plain",))
        if text is not None and rma in text.get_content():
            found.append(letter)
    return found


def test_a_refund_is_paid_once_when_the_worker_dies_before_the_provider_has_it(hurt: Platform) -> None:
    # The provider is asked to pay and has not written it down yet: there the worker dies.
    told = kill_at(hurt, "slow", "returns_payout", "return_accepted", serial="PFPAY001", order="FAULT-1")

    assert [row[0] for row in hurt.ask(PAID, told["tag"])] == ["due"]
    assert [row[2:] for row in hurt.ask(PAID, told["tag"])] == [(0, 0, 0)]

    again(hurt, "slow", "returns.reactions.pay")
    [(status, _reference, *counts)] = hurt.ask(PAID, told["tag"])
    assert (status, counts) == ("paid", [1, 1, 1])
    assert attempts(hurt, "returns.reactions.pay") >= 2
    chains_hold(hurt)


def test_the_provider_is_asked_before_a_late_retry_and_the_refund_posted_once(
    hurt: Platform, mails: MailServer
) -> None:
    # The provider has paid; the worker has written refund and entry and is about to post it to the books: there it dies.
    told = kill_at(hurt, "slow", "devices_posting", "return_accepted", serial="PFPAY002", order="FAULT-2")

    [(status, _reference, *counts)] = hurt.ask(PAID, told["tag"])
    assert (status, counts) == ("due", [1, 0, 0]), "paid, and no word of it with us"
    # Nothing more can be paid, and what the provider calls its payment is known only to it.
    with hurt.database() as cursor:
        cursor.execute(
            "UPDATE returns_payout o SET reference = 'PO-REMEMBERED' FROM returns_refund r JOIN returns_rmaunit u ON u.id = r.unit_id"
            " JOIN devices_device d ON d.id = u.device_id WHERE o.key = r.id::text AND d.tag = %s",
            [told["tag"]],
        )
        cursor.execute("REVOKE INSERT ON returns_payout FROM revlog_app")
        cursor.connection.commit()
    try:
        again(hurt, "slow", "returns.reactions.pay")
    finally:
        with hurt.database() as cursor:
            cursor.execute("GRANT INSERT ON returns_payout TO revlog_app")
            cursor.connection.commit()

    [(status, reference, *counts)] = hurt.ask(PAID, told["tag"])
    assert (status, reference, counts) == ("paid", "PO-REMEMBERED", [1, 1, 1])
    assert attempts(hurt, "returns.reactions.pay") >= 2
    hurt.settle()
    assert hurt.ask("SELECT amount FROM devices_posting p JOIN devices_device d ON d.id = p.device_id WHERE d.tag = %s",
                    told["tag"]) == [(Decimal("-449.000"),)]  # fmt: skip
    assert len({str(one["Message-ID"]) for one in letters(mails, told["rma"])}) == 1
    chains_hold(hurt)


def test_a_mail_that_went_twice_because_its_worker_died_carries_one_id(hurt: Platform, mails: MailServer) -> None:
    """The mail server has taken the mail, and the worker dies before it hears so."""
    died = threading.Event()

    def kill(letter: EmailMessage) -> None:
        if of_payment(letter) and not died.is_set():
            died.set()
            hurt.kill("slow")

    mails.on_letter = kill
    try:
        told = hurt.python(SCENE, scene="return_accepted", values={"serial": "PFMAIL01", "order": "FAULT-3"})
        assert died.wait(60), "the mail did not go out"
    finally:
        mails.on_letter = lambda _letter: None
    message = "SELECT message_id, sent_at FROM terms_message WHERE kind = 'returns/mail/refunded' AND thing = %s"
    rma = hurt.ask("SELECT id FROM returns_rma WHERE number = %s", told["rma"])[0][0]
    [(known, sent)] = hurt.ask(message, f"rma:{rma}")
    assert sent is None, "it was called sent by a worker that didn't live to hear so"

    again(hurt, "slow", "write_to_customer")
    wait_for(lambda: len(letters(mails, told["rma"])) == 2, 30, what="the mail for the second time")
    assert {str(one["Message-ID"]) for one in letters(mails, told["rma"])} == {known}
    [(_known, sent)] = hurt.ask(message, f"rma:{rma}")
    assert sent is not None
    chains_hold(hurt)
