"""Questions about media and attempts: the only reads that pages and the API use."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from itad.levels import Level
from itad.models import (
    JobState,
    ManifestRow,
    ManifestRun,
    PolicyChoice,
    RowOutcome,
    SanitizationJob,
    SetAside,
    SupervisedException,
)
from itad.policies import DESTROY, HOUSE, POLICIES, Policy
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.journey import State
from revlog.devices.models import Device, Medium, MediumState
from revlog.terms import instructions

GONE = (MediumState.REMOVED, MediumState.MISSING)
SETTLED = (MediumState.SANITIZED, MediumState.DESTROYED, MediumState.UNUSED)
VERIFY_WITHIN = timedelta(hours=24)


def inside(device: Device) -> list[Medium]:
    """The media that are in the unit now."""
    return list(device.media.exclude(state__in=GONE))


def uncleared(device: Device) -> list[Medium]:
    return [medium for medium in inside(device) if medium.state not in SETTLED]


def attempts(device: Device, *, visit: uuid.UUID | None = None) -> list[SanitizationJob]:
    """The attempts on a unit's media during one stay (the present one), oldest first."""
    return list(
        SanitizationJob.objects.filter(device=device, visit=visit or device.visit_id)
        .select_related("medium", "previous")
        .order_by("required_at", "attempt", "id")
    )


def latest(medium: Medium) -> SanitizationJob | None:
    """The newest attempt on a medium during its unit's present stay."""
    return (
        SanitizationJob.objects.filter(medium=medium, visit=medium.device.visit_id)
        .select_related("medium")
        .order_by("-attempt", "-required_at")
        .first()
    )


@dataclass(frozen=True)
class Requirement:
    """What a medium needs, by which policy, and whether its owner chose that."""

    level: Level
    policy: Policy
    own_choice: bool
    contract: str = ""
    """The sentence of the owner's contract by which it is destroyed."""


def destroyed_by(devices: Sequence[Device], *, at: datetime) -> dict[uuid.UUID, str]:
    """By which sentence of their owners' contracts the media of these units are destroyed; a drive that was taken out of a unit goes by
    what is said of that unit too. The same few queries for one as for many."""
    units = [each.pk for each in devices]
    loose = [each.pk for each in devices if each.device_class == "storage"]
    came_from: dict[uuid.UUID, uuid.UUID] = (
        dict(Medium.objects.filter(became__in=loose).order_by("added_at").values_list("became_id", "device_id"))
        if loose
        else {}
    )
    told = instructions.of(list(dict.fromkeys([*units, *came_from.values()])), at=at)
    found = {}
    for unit in units:
        origin = came_from.get(unit)
        if why := told[unit].drives or (told[origin].drives if origin else ""):
            found[unit] = why
    return found


def policy_of(owner: uuid.UUID, *, at: datetime) -> tuple[Policy, bool]:
    """The policy that holds for ``owner`` at ``at``, and whether it is their own choice."""
    chosen = PolicyChoice.objects.filter(owner_id=owner, chosen_at__lte=at).first()
    if chosen is None or chosen.policy not in POLICIES:
        return HOUSE, False
    return POLICIES[chosen.policy], True


def requirement(device: Device, kind: str, *, at: datetime, contract: str | None = None) -> Requirement:
    """What a medium of ``kind`` in this unit needs. A unit that is to be destroyed is destroyed whole; where its owner's contract has
    every drive destroyed (``contract``, asked for where it isn't given), that is the owner's choice of policy for this unit."""
    if contract is None:
        contract = destroyed_by([device], at=at).get(device.pk, "")
    if contract:
        return Requirement(level=Level.DESTROY, policy=DESTROY, own_choice=True, contract=contract)
    policy, own = policy_of(device.owner_id, at=at)
    level = Level.DESTROY if device.disposition == "DESTROY" else policy.level_for(kind)
    return Requirement(level=level, policy=policy, own_choice=own)


@dataclass(frozen=True)
class MediumRow:
    """One drive as the media page shows it: what it needs, how far it is, and what proves it."""

    medium: Medium
    level: Level
    policy: Policy
    own_choice: bool
    job: SanitizationJob | None
    earlier: Sequence[SanitizationJob] = field(default_factory=tuple)


def media_of(device: Device, *, at: datetime) -> list[MediumRow]:
    """Every medium ever seen in the unit, those that are inside first."""
    tried: dict[uuid.UUID, list[SanitizationJob]] = {}
    for job in attempts(device):
        if job.medium_id is not None:
            tried.setdefault(job.medium_id, []).append(job)
    rows = []
    contract = destroyed_by([device], at=at).get(device.pk, "")
    for medium in device.media.select_related("became").order_by("added_at", "id"):
        jobs = tried.get(medium.pk, [])
        asked = requirement(device, medium.type, at=at, contract=contract)
        last = jobs[-1] if jobs and not (contract and medium.state not in SETTLED) else None
        rows.append(
            MediumRow(
                medium=medium,
                level=Level(last.required) if last else asked.level,
                policy=POLICIES.get(last.policy, asked.policy) if last else asked.policy,
                own_choice=last.own_choice if last else asked.own_choice,
                job=jobs[-1] if jobs else None,
                earlier=tuple(jobs[:-1]),
            )
        )
    return sorted(rows, key=lambda row: row.medium.state in GONE)


def waiting(actor: Actor, state: State) -> QuerySet[Device]:
    return (
        Device.objects.visible_to(actor)
        .waiting(state)
        .select_related("product", "location", "hub", "owner")
        .prefetch_related("media", "sanitization_jobs")
    )


def to_verify(actor: Actor) -> QuerySet[SanitizationJob]:
    """What a second person has to look at, longest waiting first."""
    return (
        SanitizationJob.objects.visible_to(actor)
        .filter(state=JobState.RECORDED)
        .select_related("device", "device__owner", "device__location", "medium")
        .order_by("recorded_at")
    )


def undecided(actor: Actor) -> QuerySet[SanitizationJob]:
    """Attempts that failed and were followed by nothing, on media that still hold data.

    A unit that was allowed to the bench or the harvest with its data, or is to be destroyed, is decided: nobody is asked again.
    """
    return (
        SanitizationJob.objects.visible_to(actor)
        .filter(state=JobState.FAILED, followed_by=None, device__state__in=[s.value for s in _UNDECIDED])
        .exclude(medium__state__in=[*SETTLED, *GONE])
        .select_related("device", "medium")
        .order_by("closed_at")
    )


_UNDECIDED = [State.RECEIVED, State.IN_TRIAGE, State.TO_SANITIZE]


def set_aside(actor: Actor) -> QuerySet[SetAside]:
    return (
        SetAside.objects.filter(settled_at=None, device__in=Device.objects.visible_to(actor))
        .select_related("device")
        .order_by("at")
    )


def supervised(actor: Actor) -> QuerySet[SupervisedException]:
    """Supervised work that waits: to be allowed, or allowed and not done."""
    return (
        SupervisedException.objects.filter(done_at=None, device__in=Device.objects.visible_to(actor))
        .exclude(allowed=False)
        .select_related("device", "medium", "place")
        .order_by("requested_at")
    )


def _in_short(reasons: Sequence[str]) -> str:
    """The first two reasons, and how many more stand on the unit's page."""
    if not reasons:
        return _("no reason recorded")
    rest = len(reasons) - 2
    more = ngettext("and %s reason more", "and %s reasons more", rest) % rest if rest > 0 else ""
    return "; ".join([*reasons[:2], *([more] if more else [])])


def exceptions(actor: Actor) -> list[ExceptionRow]:
    """What of ITAD needs a person's decision, for the exceptions inbox."""
    if not actor.is_operator:
        return []
    team = _("data technicians")
    rows = [
        ExceptionRow(
            key=f"itad.failed:{job.pk}",
            kind="wipe_failed",
            sentence=_("%(medium)s was not wiped: %(why)s.") % {"medium": _named(job), "why": _in_short(job.reasons)},
            thing=f"{job.device.face} {job.device.tag}",
            url=_unit(job.device),
            owner=team,
            since=job.closed_at or job.required_at,
            due=(job.closed_at or job.required_at) + VERIFY_WITHIN,
            next_action=_("Try again or escalate"),
        )
        for job in undecided(actor)[:200]
    ]
    for job in to_verify(actor)[:200]:
        since = job.recorded_at or job.required_at
        destroyed = job.required == Level.DESTROY and job.achieved == Level.DESTROY
        rows.append(
            ExceptionRow(
                key=f"itad.unverified:{job.pk}",
                kind="destruction_unwitnessed" if destroyed else "wipe_unverified",
                sentence=(
                    _("The destruction of %(medium)s waits for its witness.")
                    if destroyed
                    else _("The wipe of %(medium)s waits for a second person.")
                )
                % {"medium": _named(job)},
                thing=f"{job.device.face} {job.device.tag}",
                url=_unit(job.device),
                owner=team,
                since=since,
                due=since + VERIFY_WITHIN,
                next_action=_("Witness it") if destroyed else _("Verify it"),
            )
        )
    rows += [
        ExceptionRow(
            key=f"itad.set_aside:{row.pk}",
            kind="set_aside",
            sentence=_("An erasure in a log proves nothing: %(why)s.") % {"why": "; ".join(row.reasons)},
            thing=f"{row.device.face} {row.device.tag}",
            url=_unit(row.device),
            owner=team,
            since=row.at,
            due=row.at + VERIFY_WITHIN,
            next_action=_("Look at the log"),
        )
        for row in set_aside(actor)[:200]
    ]
    rows += [
        ExceptionRow(
            key=f"itad.supervised:{row.pk}",
            kind="exception_waiting",
            sentence=_("Supervised work is asked for: %(reason)s.") % {"reason": row.reason},
            thing=f"{row.device.face} {row.device.tag}",
            url=_unit(row.device),
            owner=_("another data technician or lead"),
            since=row.requested_at,
            due=row.requested_at + VERIFY_WITHIN,
            next_action=_("Allow or refuse"),
        )
        for row in supervised(actor)[:200]
        if row.is_waiting
    ]
    return rows


def _named(job: SanitizationJob) -> str:
    return str(job.medium) if job.medium else job.device.face


def _unit(device: Device) -> str:
    return reverse("itad_unit", args=[device.tag])


MANIFEST_PAGE = 100


def manifests_of(actor: Actor, *, most: int = 100) -> list[ManifestRun]:
    """The clients' lists that ``actor`` may see, newest first."""
    return list(ManifestRun.objects.visible_to(actor).select_related("client")[:most])


def manifest_rows(run: ManifestRun, outcome: RowOutcome, *, after: int = 0) -> list[ManifestRow]:
    """A page of a list's rows and one more, in the order of the file."""
    rows = run.kept.filter(outcome=outcome, pk__gt=after).select_related("device__product")
    return list(rows.order_by("pk")[: MANIFEST_PAGE + 1])


def manifest_place(row: ManifestRow) -> str:
    """Sheet and line of a row, as people are told them."""
    return f"{row.sheet} {row.line}".strip()


def manifest_row_at(run: ManifestRun, place: str) -> ManifestRow | None:
    """The row of which ``manifest_place`` says so."""
    sheet, _blank, line = place.rpartition(" ")
    if not (line.isascii() and line.isdecimal() and len(line) <= 9):
        return None
    return run.kept.filter(sheet=sheet[:60], line=int(line)).first()


def manifest_hubs(by: Actor) -> QuerySet[Hub]:
    """The sites to which ``by`` may have a client's units come."""
    rows = Hub.objects.filter(active=True, organization__kind=OrganizationKind.OPERATOR).order_by("created_at", "code")
    return rows & (Hub.objects.worked_by(by) if by.is_operator else Hub.objects.visible_to(by))


def manifest_hub(client: Organization, *, code: str = "", by: Actor) -> Hub | None:
    """The site of that code; without one that of the client's last list, else the only one that there is."""
    hubs = manifest_hubs(by)
    if code:
        return hubs.filter(code=code).first()
    last = ManifestRun.objects.filter(client=client, hub__in=hubs).select_related("hub").first()
    several = list(hubs[:2])
    return last.hub if last is not None else several[0] if len(several) == 1 else None
