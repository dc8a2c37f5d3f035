"""What ITAD does when something is said: weigh wipes in reports, open attempts, issue certificates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from itad import facts
from itad.models import SetAside
from itad.services import certificates, crediting, manifests, sanitization
from revlog.accounts.actors import Actor, ActorKind, system
from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.devices import facts as device_facts
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.evidence.services import documents
from triage import facts as triage_facts

WAITING = frozenset({State.TO_SANITIZE.value, State.TO_DESTROY.value})


def author(entry: Entry) -> Actor:
    """Who wrote an entry, as the one whose work follows from it: nobody verifies a wipe whose log they brought in themselves."""
    kind, _mark, name = entry.actor.partition(":")
    if kind in {ActorKind.USER, ActorKind.KEY}:
        return Actor(kind=ActorKind(kind), id=name, is_operator=True)
    return system("itad")


@outbox.on(triage_facts.ReportMatched)
def weigh_erasures(entry: Entry, *, at: datetime) -> None:
    """A report brought wipes: each is weighed against the drive it is of."""
    erasures = entry.payload.get("erasures")
    if not isinstance(erasures, list) or not erasures:
        return
    crediting.credit(
        unit=Device.objects.get(pk=entry.chain_id),
        report=str(entry.payload["digest"]),
        erasures=[erasure for erasure in erasures if isinstance(erasure, dict)],
        tool=crediting.tool_name(str(entry.payload.get("format", ""))),
        tool_version=str(entry.payload.get("tool_version", "")),
        by=author(entry),
        at=entry.occurred_at,
    )


@outbox.on(triage_facts.Disposed, device_facts.MediumFound, facts.DestructionOrdered)
def open_attempts(entry: Entry, *, at: datetime) -> None:
    """A unit came to be wiped, or a drive was found in one that waits: each medium gets its attempt, with what it needs."""
    device = Device.objects.filter(pk=entry.chain_id).first()
    if device is not None and str(device.state) in WAITING:
        sanitization.require(unit=device, by=system("itad"), at=max(at, entry.occurred_at))


@outbox.on(device_facts.Authorized)
def weigh_again(entry: Entry, *, at: datetime) -> None:
    """What was set aside because nobody had allowed it is weighed once somebody has."""
    for row in SetAside.objects.filter(device_id=entry.chain_id, settled_at=None, code="no_authority"):
        crediting.reconsider(row=row, by=system("itad"), at=max(at, entry.occurred_at))


@outbox.on(facts.UnitCleared, queue="documents", slow=True)
def issue_certificates(entry: Entry, *, at: datetime) -> Callable[[], object]:
    """A unit was cleared: certificates, signed, once."""
    drafts = certificates.prepare_for(entry, at=at)
    return lambda: [documents.finish(draft) for draft in drafts]


@outbox.on(facts.CustodyReportAsked, queue="documents", slow=True)
def issue_custody_report(entry: Entry, *, at: datetime) -> Callable[[], object]:
    draft = certificates.prepare_custody(entry, at=at)
    return lambda: documents.finish(draft)


@outbox.on(facts.ManifestAsked, queue="jobs", slow=True)
def take_manifest_in(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """A turn at a manifest that was sent in; the next one is asked for with its end."""
    return manifests.work(entry.chain_id, at=at)
