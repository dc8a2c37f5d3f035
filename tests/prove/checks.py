"""What must be true once everything was started again and has come to rest. Each check gives sentences on what is not so; none is well."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import Any

from tests.mailserver import MailServer, mail_server
from tests.platforms import Platform
from tests.prove.journal import Journal
from tests.visitors import Partner


@dataclass(frozen=True)
class Aftermath:
    """What the checks look at."""

    running: Platform
    journal: Journal
    mails: MailServer
    partners: Mapping[str, Partner]
    seed: int

    def counted(self, sql: str, names: Iterable[Any]) -> dict[Any, int]:
        """How often each of ``names`` is there, by a query that gives (name, count) for those in a list."""
        wanted = list(names)
        return dict.fromkeys(wanted, 0) | dict(self.running.ask(sql, wanted))

    def once(self, what: str, sql: str, names: Iterable[Any]) -> list[str]:
        """Whatever isn't there exactly once."""
        return [f"{what} {name}: {count} times" for name, count in self.counted(sql, names).items() if count != 1]


Check = Callable[[Aftermath], list[str]]


def orders_are_there_once(after: Aftermath) -> list[str]:
    numbers = [row["number"] for row in after.journal.all("order")]
    return after.once("order", "SELECT number, count(*) FROM terms_order WHERE number = ANY(%s) GROUP BY 1", numbers)


def returns_are_there_once(after: Aftermath) -> list[str]:
    rows = after.journal.all("rma")
    found = after.once(
        "return",
        "SELECT number, count(*) FROM returns_rma WHERE number = ANY(%s) GROUP BY 1",
        [row["number"] for row in rows],
    )
    return found + after.once(
        "return of order",
        "SELECT o.number, count(*) FROM returns_rma r JOIN terms_order o ON o.id = r.order_id WHERE o.number = ANY(%s) GROUP BY 1",
        [row["order"] for row in rows],
    )


def units_are_there_once(after: Aftermath) -> list[str]:
    rows = [*after.journal.all("received"), *after.journal.all("announced")]
    found = after.once(
        "unit with serial",
        "SELECT serial, count(*) FROM devices_device WHERE serial = ANY(%s) GROUP BY 1",
        [row["serial"] for row in rows],
    )
    arrived = [row["tag"] for row in (*after.journal.all("received"), *after.journal.all("arrived"))]
    return found + after.once(
        "arrival of",
        "SELECT d.tag, count(*) FROM custody_entry e JOIN devices_device d ON d.id = e.chain_id"
        " WHERE e.kind = 'devices.arrived' AND d.tag = ANY(%s) GROUP BY 1",
        arrived,
    )


def moves_are_on_their_chains(after: Aftermath) -> list[str]:
    digests = [row["digest"] for row in after.journal.all("moved")]
    return after.once("move", "SELECT digest, count(*) FROM custody_entry WHERE digest = ANY(%s) GROUP BY 1", digests)


def reports_are_there_once_and_graded_once(after: Aftermath) -> list[str]:
    tags = [row["tag"] for row in after.journal.all("reported")]
    found = []
    for kind in ("triage.report_matched", "triage.graded"):
        # A wipe's log is matched as well, so only what brought no wipe counts.
        found += after.once(
            f"{kind} of",
            "SELECT d.tag, count(*) FROM custody_entry e JOIN devices_device d ON d.id = e.chain_id"
            f" WHERE e.kind = '{kind}' AND coalesce(e.payload->>'erasures', '[]') = '[]' AND d.tag = ANY(%s) GROUP BY 1",
            tags,
        )
    return found


def refunds_are_paid_once(after: Aftermath) -> list[str]:
    """Whatever came back and was graded was paid for: by one payment, one posting, one entry; and so was nothing else."""
    due = after.running.ask(
        """
        SELECT m.number, d.tag, coalesce(r.status, 'none'),
            (SELECT count(*) FROM returns_refund x WHERE x.unit_id = u.id),
            (SELECT count(*) FROM returns_payout o WHERE o.key = r.id::text AND o.amount = 449),
            (SELECT count(*) FROM devices_posting p WHERE p.account = 'refund' AND p.device_id = d.id AND p.amount = -449),
            (SELECT count(*) FROM custody_entry e WHERE e.chain_id = m.id AND e.kind = 'returns.refund_posted'),
            (SELECT count(*) FROM terms_message t WHERE t.thing = 'rma:' || m.id AND t.kind = 'returns/mail/refunded'),
            m.status
        FROM devices_device d JOIN returns_rmaunit u ON u.device_id = d.id JOIN returns_rmaline l ON l.id = u.line_id
        JOIN returns_rma m ON m.id = l.rma_id LEFT JOIN returns_refund r ON r.unit_id = u.id
        WHERE d.tag = ANY(%s)
        """,
        [row["tag"] for row in after.journal.all("reported")],
    )
    found = [f"refund of {row[0]} ({row[1]}): {row[2:]}" for row in due if row[2:] != ("paid", 1, 1, 1, 1, 1, "closed")]
    if len(due) != len(after.journal.all("reported")):
        found.append(f"{len(after.journal.all('reported'))} units were reported on, {len(due)} have a return")
    [(refunds, payouts, postings)] = after.running.ask(
        "SELECT (SELECT count(*) FROM returns_refund), (SELECT count(*) FROM returns_payout),"
        " (SELECT count(*) FROM devices_posting WHERE account = 'refund')"
    )
    if not refunds == payouts == postings:
        found.append(f"{refunds} refunds, {payouts} payments, {postings} postings")
    return found


def labels_are_there_once(after: Aftermath) -> list[str]:
    rows = after.running.ask(
        """
        SELECT m.number, count(*) FILTER (WHERE k.label_id IS NOT NULL), count(*),
            (SELECT count(*) FROM custody_entry e WHERE e.chain_id = m.id AND e.kind = 'returns.label_issued')
        FROM returns_rma m JOIN returns_rmaparcel k ON k.rma_id = m.id WHERE m.number = ANY(%s) GROUP BY m.id
        """,
        [row["number"] for row in after.journal.all("rma")],
    )
    found = [f"labels of {row[0]}: {row[1:]}" for row in rows if row[1:] != (1, 1, 1)]
    return found + ([] if len(rows) == len(after.journal.all("rma")) else ["a return has no parcel"])


def wipes_and_certificates_are_there_once(after: Aftermath) -> list[str]:
    tags = sorted({row["tag"] for row in after.journal.all("verified")})
    found = after.once(
        "verified wipe of",
        "SELECT d.tag, count(*) FROM custody_entry e JOIN devices_device d ON d.id = e.chain_id"
        " WHERE e.kind = 'itad.sanitization_verified' AND d.tag = ANY(%s) GROUP BY 1",
        tags,
    )
    found += after.once(
        "certificate of",
        "SELECT d.tag, count(*) FROM evidence_document c JOIN devices_device d ON d.id = c.chain_id"
        " WHERE c.kind = 'certificate_of_sanitization' AND d.tag = ANY(%s) GROUP BY 1",
        tags,
    )
    unmade = after.running.ask(
        """
        SELECT d.tag FROM custody_entry e JOIN devices_device d ON d.id = e.chain_id WHERE e.kind = 'itad.unit_cleared'
        AND 1 <> (SELECT count(*) FROM evidence_document c WHERE c.chain_id = e.chain_id AND c.kind = 'certificate_of_sanitization')
        """
    )
    return found + [f"{tag} was cleared and has not one certificate" for (tag,) in unmade]


def documents_are_said_once_numbered_without_gaps_and_their_bytes_are_kept(after: Aftermath) -> list[str]:
    found = [
        f"document {number} is told {count} times on its chain"
        for number, count in after.running.ask(
            "SELECT c.number, count(e.id) FROM evidence_document c LEFT JOIN custody_entry e ON e.chain_id = c.chain_id"
            " AND e.kind = 'evidence.document_issued' AND e.payload->>'number' = c.number GROUP BY c.number HAVING count(e.id) <> 1"
        )
    ]
    found += [
        f"series {series} counts to {last} and has {count} documents"
        for series, last, count in after.running.ask(
            "SELECT n.series, n.last, (SELECT count(*) FROM evidence_reservation r WHERE r.number LIKE '%%' || n.series || '%%')"
            " FROM evidence_numbering n"
        )
        if count != last
    ]
    found += after.running.python(BYTES)
    return found


BYTES = """
import hashlib
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
told = []
for row in Artifact.objects.filter(erased_at=None):
    try:
        data = artifacts.read(row)
    except OSError as problem:
        told.append(f"the bytes of {row.digest} are not there: {problem}")
        continue
    if hashlib.sha256(data).hexdigest() != row.digest:
        told.append(f"the bytes of {row.digest} are others")
"""


def sales_are_there_once(after: Aftermath) -> list[str]:
    ids = [row["order"] for row in after.journal.all("sold")]
    found = after.once(
        "sale",
        "SELECT o.id::text, count(s.id) FROM terms_order o JOIN terms_orderline l ON l.order_id = o.id"
        " JOIN resale_sale s ON s.line_id = l.id WHERE o.id = ANY(%s::uuid[]) GROUP BY 1",
        ids,
    )
    found += [
        f"unit {tag} was sold {count} times"
        for tag, count in after.running.ask(
            "SELECT d.tag, count(*) FROM resale_sale s JOIN devices_device d ON d.id = s.device_id"
            " WHERE s.state <> 'cancelled' GROUP BY 1 HAVING count(*) > 1"
        )
    ]
    for act, column in (("picked", "picked_at"), ("shipped", "shipped_at")):
        kept = {row[0] for row in after.running.ask(f"SELECT id::text FROM resale_sale WHERE {column} IS NOT NULL")}
        found += [f"sale {row['sale']} is not {act}" for row in after.journal.all(act) if row["sale"] not in kept]
    shipped = [row["tag"] for row in after.journal.all("shipped")]
    found += after.once(
        "sold unit",
        "SELECT tag, count(*) FROM devices_device WHERE state = 'SOLD' AND tag = ANY(%s) GROUP BY 1",
        shipped,
    )
    found += [
        f"order {number} is packed and has {count} slips"
        for number, count in after.running.ask(
            """
            SELECT o.number, (SELECT count(*) FROM evidence_document c WHERE c.chain_id = o.id AND c.kind = 'packing_slip')
            FROM terms_order o WHERE EXISTS (SELECT 1 FROM resale_sale s JOIN terms_orderline l ON l.id = s.line_id
            WHERE l.order_id = o.id AND s.picked_at IS NOT NULL)
            """
        )
        if count != 1
    ]
    return found


def what_is_sent_again_is_answered_the_same(after: Aftermath) -> list[str]:
    calls = [row for row in after.journal.all("call") if not row["raw"]]
    found = []
    for row in random.Random(after.seed).sample(calls, min(25, len(calls))):
        again = after.partners[row["organization"]].post(row["path"], row["body"], key=row["key"])
        if (again.status_code, again.text) != (row["status"], row["text"]):
            found.append(
                f"{row['path']} under key {row['key']} was {row['status']} and is {again.status_code}: {again.text[:200]}"
            )
        elif again.headers.get("Idempotency-Replayed") != "true":
            found.append(f"{row['path']} under key {row['key']} was done again")
    return found


def mails_went_out_and_a_repeated_one_carries_the_same_id(after: Aftermath) -> list[str]:
    known = {row[0]: row[1:] for row in after.running.ask("SELECT message_id, sent_at, kind, thing FROM terms_message")}
    taken = Counter(str(letter["Message-ID"]).strip() for letter in after.mails.letters)
    found = [f"a mail went out under {one}, which nobody wrote" for one in taken if one not in known]
    found += [f"{told[1:]} was not sent" for told in known.values() if told[0] is None]
    found += [f"{known[one][1:]} is called sent and never arrived" for one in known if one not in taken]
    twice = after.running.ask(
        "SELECT thing, kind, count(*) FROM terms_message WHERE kind NOT LIKE '%%exchanged' GROUP BY 1, 2 HAVING count(*) > 1"
    )
    return found + [f"{kind} of {thing} was written {count} times" for thing, kind, count in twice]


def no_reaction_is_stuck(after: Aftermath) -> list[str]:
    return [f"{row} is not done" for row in after.running.undone()]


def the_ledger_holds(after: Aftermath) -> list[str]:
    """Chains, log, checkpoints; and the log has a place for every entry, without a gap."""
    after.running.python("from revlog.custody.services import sequencer\nsequencer.sequence_now()\ntold = None")
    done = after.running.manage("verify_ledger", check=False)
    found = [] if done.returncode == 0 else [f"verify_ledger: {(done.stdout + done.stderr)[-800:]}"]
    [(entries, places, last, unplaced)] = after.running.ask(
        "SELECT (SELECT count(*) FROM custody_entry), (SELECT count(*) FROM custody_log),"
        " (SELECT max(position) FROM custody_log), (SELECT count(*) FROM custody_unplaced)"
    )
    if not entries == places == last or unplaced:
        found.append(f"{entries} entries, {places} places up to {last}, {unplaced} without a place")
    return found


def documents_verify(after: Aftermath) -> list[str]:
    """Some certificates, by the command that anybody may use: signature, chain, checkpoint."""
    rows = after.running.ask("SELECT id::text FROM evidence_document WHERE kind LIKE 'certificate%%' ORDER BY number")
    found = []
    for (pk,) in random.Random(after.seed).sample(rows, min(3, len(rows))):
        file = after.running.folder / f"{pk}.pdf"
        answer = after.partners["operator"].get(f"/documents/{pk}/file/")
        file.write_bytes(answer.content)
        done = after.running.manage("verify_document", str(file), check=False)
        if answer.status_code != 200 or done.returncode != 0:
            found.append(f"document {pk}: {answer.status_code}, {(done.stdout + done.stderr)[-600:]}")
    return found


def figures_equal_a_rebuild(after: Aftermath) -> list[str]:
    told = after.running.python(
        """
        from django.db import transaction
        from reporting.services import projections
        from revlog.common import clock
        def everything():
            return {t.__name__: sorted((projections.values(row) for row in t._default_manager.all()), key=repr) for t in projections.TABLES}
        projections.catch_up(at=clock.now())
        followed = everything()
        with transaction.atomic():
            projections.rebuild(at=clock.now())
            rebuilt = everything()
        told = {name: [len(rows), followed[name] == rebuilt[name]] for name, rows in rebuilt.items()}
        """
    )
    return [f"{name} ({rows} rows) is not what a rebuild gives" for name, (rows, same) in told.items() if not same] + (
        [] if told["Stay"][0] else ["no figures were made at all"]
    )


CHECKS: tuple[Check, ...] = (
    no_reaction_is_stuck, orders_are_there_once, returns_are_there_once, units_are_there_once, moves_are_on_their_chains,
    reports_are_there_once_and_graded_once, refunds_are_paid_once, labels_are_there_once, wipes_and_certificates_are_there_once,
    documents_are_said_once_numbered_without_gaps_and_their_bytes_are_kept, sales_are_there_once, what_is_sent_again_is_answered_the_same,
    mails_went_out_and_a_repeated_one_carries_the_same_id, the_ledger_holds, documents_verify, figures_equal_a_rebuild,
)  # fmt: skip


# Would they notice? ---------------------------------------------------------------------------------------------------------------

ABSENT: Mapping[Check, Mapping[str, dict[str, Any]]] = {
    orders_are_there_once: {"order": {"number": "K-NEVER"}},
    returns_are_there_once: {"rma": {"number": "RMA-NEVER", "order": "K-NEVER"}},
    units_are_there_once: {"received": {"tag": "RL-NEVER", "serial": "NEVER"}},
    moves_are_on_their_chains: {"moved": {"tag": "RL-NEVER", "digest": "0" * 64}},
    reports_are_there_once_and_graded_once: {"reported": {"tag": "RL-NEVER"}},
    refunds_are_paid_once: {"reported": {"tag": "RL-NEVER"}},
    labels_are_there_once: {"rma": {"number": "RMA-NEVER"}},
    wipes_and_certificates_are_there_once: {"verified": {"tag": "RL-NEVER"}},
    sales_are_there_once: {"sold": {"order": "00000000-0000-0000-0000-000000000000"}},
}
"""What each check must miss when it is told that it was answered, and it is not there."""


def blind(after: Aftermath) -> list[str]:
    """The checks that don't miss what is lost, nor a mail that went out under an id of its own."""
    found = []
    for check, rows in ABSENT.items():
        doctored = Journal({kind: [row] for kind, row in rows.items()})
        if not check(replace(after, journal=doctored)):
            found.append(check.__name__)
    stray = EmailMessage()
    stray["Message-ID"] = "<another@revlog.invalid>"
    with mail_server() as elsewhere:
        elsewhere.letters += [*after.mails.letters, stray]
        if len(mails_went_out_and_a_repeated_one_carries_the_same_id(replace(after, mails=elsewhere))) != 1 + len(
            mails_went_out_and_a_repeated_one_carries_the_same_id(after)
        ):
            found.append(mails_went_out_and_a_repeated_one_carries_the_same_id.__name__)
    return found
