"""What certificates and the chain-of-custody report say of a unit, made of its attempts and its chain. Rendering is evidence's."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from itad.levels import TECHNIQUES
from itad.models import JobState, SanitizationJob
from itad.policies import POLICIES
from revlog.accounts.actors import system
from revlog.accounts.models import Membership, Role
from revlog.common.errors import BadInput, Reason
from revlog.common.words import Audience
from revlog.custody.models import Entry
from revlog.devices import journey
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, Medium, Visit
from revlog.evidence.models import Document
from revlog.evidence.pdf import contexts
from revlog.evidence.services import documents
from revlog.evidence.services.documents import Draft, Record

DESTINATIONS: dict[State, contexts.Destination] = {
    State.TO_SELL: "resale",
    State.TO_DEPLOY: "redeployment",
    State.TO_DONATE: "donation",
    State.TO_RETURN: "return_to_owner",
    State.TO_RESTOCK: "resale",
    State.TO_REFURBISH: "repair",
    State.TO_HARVEST: "recycling",
    State.TO_RECYCLE: "recycling",
}
ROLES: dict[str, contexts.Role] = {
    Role.DATA_TECHNICIAN: "data_technician",
    Role.QUALITY: "quality",
    Role.LEAD: "lead",
    Role.MANAGER: "manager",
    Role.RECYCLER: "recycler",
    Role.PACKER: "packer",
}


def prepare_for(entry: Entry, *, at: datetime) -> list[Draft | Document]:
    """The certificates that a cleared unit gets: of sanitization for what was wiped, of destruction for what was destroyed."""
    device = Device.objects.select_related("owner", "hub").get(pk=entry.chain_id)
    told = [uuid.UUID(str(job)) for job in entry.payload.get("jobs", [])]
    jobs = list(
        SanitizationJob.objects.filter(pk__in=told, state=JobState.VERIFIED)
        .exclude(medium=None)
        .select_related("medium", "visit")
        .order_by("required_at", "id")
    )
    wiped = [job for job in jobs if not TECHNIQUES[job.technique].destructive]
    destroyed = [job for job in jobs if TECHNIQUES[job.technique].destructive]
    drafts = []
    if wiped:
        drafts.append(
            _prepare("certificate_of_sanitization", entry, device, _of_sanitization(entry, device, wiped), at=at)
        )
    if destroyed:
        drafts.append(
            _prepare("certificate_of_destruction", entry, device, _of_destruction(entry, device, destroyed), at=at)
        )
    return drafts


def prepare_custody(entry: Entry, *, at: datetime) -> Draft | Document:
    """The chain-of-custody report that ``entry`` asked for, up to that entry."""
    device = Device.objects.select_related("owner", "hub").get(pk=entry.chain_id)
    language = str(entry.payload.get("language", "en"))
    return _prepare("chain_of_custody", entry, device, _of_custody(entry, device), at=at, language=language)


def _prepare(
    kind: str, entry: Entry, device: Device, record: Record, *, at: datetime, language: str = ""
) -> Draft | Document:
    return documents.prepare(
        kind=kind,
        cause=entry,
        record=record,
        by=system("documents"),
        at=at,
        language=language or device.owner.language,
        zone=device.hub.zone if device.hub else "UTC",
        # Whose the unit was when it was said: title may have passed since.
        owner=entry.owner_id or device.owner_id,
        hub=entry.hub_id,
    )


# The records --------------------------------------------------------------------------------------------------------------------


def _of_sanitization(entry: Entry, device: Device, jobs: Sequence[SanitizationJob]) -> Record:
    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.CertificateOfSanitization:
        return contexts.CertificateOfSanitization(
            sheet=sheet,
            client=_client(device, jobs[0].visit),
            job=_reference(jobs[0].visit),
            site=_site(device),
            units=(
                contexts.SanitizedUnit(
                    unit=_unit(device),
                    media=tuple(_sanitization(job) for job in jobs),
                    destination=_destination(entry, device),
                    requirement=_requirement(jobs),
                ),
            ),
            proof=proof,
            signatures=_signatures(jobs, "verified"),
        )

    return record


def _of_destruction(entry: Entry, device: Device, jobs: Sequence[SanitizationJob]) -> Record:
    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.CertificateOfDestruction:
        grams = sum(job.grams or 0 for job in jobs)
        return contexts.CertificateOfDestruction(
            sheet=sheet,
            client=_client(device, jobs[0].visit),
            job=_reference(jobs[0].visit),
            site=_site(device),
            units=(
                contexts.DestroyedUnit(
                    unit=_unit(device),
                    media=tuple(_destruction(job) for job in jobs),
                    remains=_("%(grams)s g, to recycling") % {"grams": grams} if grams else "",
                    requirement=_requirement(jobs),
                ),
            ),
            proof=proof,
            signatures=_signatures(jobs, "witnessed"),
        )

    return record


def _of_custody(cause: Entry, device: Device) -> Record:
    entries = list(Entry.objects.filter(chain_id=device.id, sequence__lte=cause.sequence).order_by("sequence"))

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.ChainOfCustody:
        place = _site(device)
        lines = []
        for entry in entries:
            place = str(entry.payload.get("place") or place) if entry.kind == "devices.located" else place
            lines.append(
                contexts.CustodyEntry(
                    sequence=entry.sequence,
                    at=entry.occurred_at.astimezone(UTC).isoformat(),
                    sentence=entry.told_to(Audience.AUDITOR) or entry.kind,
                    kind=entry.kind,
                    actor=person(entry.actor).staff,
                    place=place,
                    digest=entry.digest,
                )
            )
        return contexts.ChainOfCustody(
            sheet=sheet, unit=_unit(device), owner=_owner(device), entries=tuple(lines), proof=proof
        )

    return record


# Their parts --------------------------------------------------------------------------------------------------------------------


def _unit(device: Device) -> contexts.Unit:
    tag = device.identifiers.filter(scheme="asset_tag").first()
    return contexts.Unit(
        name=device.face,
        tag=device.tag,
        serial=device.serial,
        asset_tag=tag.printed if tag else "",
        category=str(device.kind.label),
    )


def _medium(medium: Medium) -> contexts.Medium:
    known = medium.type if medium.type in {"hdd", "ssd", "nvme", "emmc", "ufs", "usb", "optical", "tape"} else "unknown"
    return contexts.Medium(
        kind=known,  # type: ignore[arg-type]  # narrowed by the line above
        model=medium.model or medium.manufacturer or _("storage of %(unit)s") % {"unit": medium.device.face},
        serial="" if medium.soldered else medium.serial,
        capacity_bytes=medium.capacity_bytes,
        internal_id=""
        if medium.serial and not medium.soldered
        else f"{medium.device.tag}/{str(medium.id)[-6:].upper()}",
    )


def _sanitization(job: SanitizationJob) -> contexts.Sanitization:
    medium = _of(job)
    seen = _("seen at its first set-up, without an account") if job.verification == "inspection" else ""
    return contexts.Sanitization(
        medium=_medium(medium),
        level_required=job.required,  # type: ignore[arg-type]  # a level's code
        level_achieved=job.achieved,  # type: ignore[arg-type]
        technique=job.technique,  # type: ignore[arg-type]
        method=job.method,
        standard="",
        tool=job.tool,
        tool_version=job.tool_version,
        tool_report_digest=job.report or (job.photos[0]["digest"] if job.photos else ""),
        started_at=_moment(job.started_at),
        ended_at=_moment(job.ended_at),
        bytes_total=job.bytes_total,
        bytes_erased=job.bytes_erased,
        errors=0,
        outcome="success",
        verification=job.verification,  # type: ignore[arg-type]
        verification_verdict="passed",
        verification_detail=seen,
        performed_by=person(job.operator),
        verified_by=person(job.verified_by),
        earlier_attempts=_earlier(job),
    )


def _destruction(job: SanitizationJob) -> contexts.Destruction:
    how = job.evidence
    return contexts.Destruction(
        medium=_medium(_of(job)),
        technique=job.technique,  # type: ignore[arg-type]
        equipment=str(how.get("equipment", "")),
        equipment_serial=str(how.get("equipment_serial", "")),
        particle_mm=str(how.get("particle_mm", "")),
        particle_class=str(how.get("particle_class", "")),
        weight_grams=job.grams,
        at=_moment(job.ended_at),
        performed_by=person(job.operator),
        witnessed_by=person(job.verified_by),
        pictures=tuple(
            contexts.Picture(caption=str(p["caption"]), taken_at=str(p["taken_at"]), digest=str(p["digest"]))
            for p in job.photos
        ),
        earlier_attempts=_earlier(job),
    )


def _earlier(job: SanitizationJob) -> tuple[contexts.Attempt, ...]:
    """Every attempt on the same medium during the same stay that didn't reach what was needed, oldest first."""
    failed = SanitizationJob.objects.filter(
        medium=job.medium,
        visit=job.visit_id,
        attempt__lt=job.attempt,
        state__in=[JobState.FAILED, JobState.ESCALATED],
    ).order_by("attempt")
    return tuple(
        contexts.Attempt(
            at=_moment(one.closed_at),
            technique=one.technique or "overwrite",  # type: ignore[arg-type]
            tool=f"{one.tool} {one.tool_version}".strip(),
            outcome=one.outcome or "failed",  # type: ignore[arg-type]
            reason="; ".join(one.reasons)[:400],
        )
        for one in failed
    )


def _requirement(jobs: Sequence[SanitizationJob]) -> str:
    told = []
    for name, own in dict.fromkeys((job.policy, job.own_choice) for job in jobs):
        policy = POLICIES.get(name)
        sentence = str(policy.sentence) if policy else name
        whose = _("chosen by the owner") if own else _("the issuer's own policy, as the owner chose none")
        told.append(f"{sentence} ({name}, {whose})")
    if any(job.policy in POLICIES and job.required != POLICIES[job.policy].level_for(_of(job).type) for job in jobs):
        told.append(_("More was needed here: the unit was to be destroyed, or an attempt below that level had failed."))
    return " ".join(told)


def _signatures(jobs: Sequence[SanitizationJob], second: contexts.Act) -> tuple[contexts.Signature, ...]:
    """Each person once for each act, at the time of the last medium that they did it to."""
    found: dict[tuple[contexts.Act, str], datetime] = {}
    for job in jobs:
        ended = job.recorded_at or job.closed_at
        if ended is not None:
            found["performed", job.operator] = ended
        if job.closed_at is not None:
            found[second, job.verified_by] = job.closed_at
    ordered = sorted(found.items(), key=lambda item: (item[0][0] != "performed", item[1]))
    return tuple(
        contexts.Signature(act=act, person=person(reference), at=_moment(moment))
        for (act, reference), moment in ordered
    )


def person(reference: str) -> contexts.Person:
    """An actor as documents name them: a pseudonym, and the role they have with the operator."""
    kind, _mark, name = reference.partition(":")
    role: contexts.Role = "system"
    if kind == "user":
        try:
            held = Membership.objects.filter(user_id=uuid.UUID(name), organization__kind="operator").values_list(
                "role", flat=True
            )
        except ValueError:
            held = Membership.objects.none().values_list("role", flat=True)
        role = next((ROLES[each] for each in sorted(held) if each in ROLES), "technician")
    return contexts.Person(staff=documents.staff_of(reference), role=role)


def _client(device: Device, visit: Visit) -> contexts.Party | None:
    if visit.owner.is_operator:
        return None
    return contexts.Party(name=visit.owner.name, reference=_reference(visit))


def _owner(device: Device) -> contexts.Party:
    return contexts.Party(name=device.owner.name)


def _reference(visit: Visit) -> str:
    return visit.reference.partition(":")[2] if visit.reference.startswith("job:") else ""


def _site(device: Device) -> str:
    return device.hub.name if device.hub else ""


def _destination(entry: Entry, device: Device) -> contexts.Destination:
    """Where the unit went on to when it was cleared, by the entry itself; by its route where it stayed."""
    moved = entry.payload.get("state_to")
    if moved in {state.value for state in DESTINATIONS}:
        return DESTINATIONS[State(str(moved))]
    if device.disposition:
        last = journey.ROUTES[Disposition(device.disposition)][-1]
        return DESTINATIONS.get(last.queue, "not_told")
    return "not_told"


def _of(job: SanitizationJob) -> Medium:
    if job.medium is None:
        raise BadInput(Reason("no_medium", _("a certificate names media")))
    return job.medium


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at is not None else ""
