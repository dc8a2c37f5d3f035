"""Second looks: which units are drawn for one, who may make it, how long the unit waits, and when the draw lapses.

A draw follows a person's finished first look, while the unit is in triage and nothing is decided. It waits for somebody else, at most as
long as the rules say; then it goes on without, and the draw counts as lapsed. While it waits nobody is shown what the first one judged.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts import separations
from revlog.accounts.actors import Actor, ActorKind, system
from revlog.accounts.queries import moment
from revlog.common import ids
from revlog.common.errors import Reason
from revlog.custody.models import Entry
from revlog.devices.facts import FaultCleared, FaultFound
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.models.device import Tracking
from revlog.devices.services import moves
from revlog.terms import queries as terms
from triage import facts, sampling
from triage.judging import LETTERS, Evidence
from triage.models import OPEN, Grading, Inspection, SecondLook, SecondStatus
from triage.sampling import Sampling
from triage.services import grading, second_look

DRAWER = system("second-looks")
BEGUN = timedelta(hours=1)
"""Who has begun to look may finish: so much longer it waits for them."""
MOST = 500


def rules(*, at: datetime) -> Sampling:
    """The rules in force at ``at``."""
    return sampling.sampling_of(terms.in_force(sampling.KIND, at=at))


# The draw -----------------------------------------------------------------------------------------------------------------------------


def draw(device: Device, graded: Grading, *, at: datetime) -> SecondLook | None:
    """Draw a taken unit that has just got a letter, or don't; None when it isn't drawn.

    A look is put to the draw once: when it is kept, or where it left open what a letter needs, with the first letter after it. So nobody
    gets round the draw by sending a report later.
    """
    if graded.overall not in LETTERS or device.state != State.IN_TRIAGE:
        return None
    known = rules(at=at)
    if not known.is_on:
        return None
    look = Inspection.objects.filter(device=device, visit=device.visit_id).first()
    if look is None or not _fits(device, look):
        return None
    late = graded.caused_by != look.entry
    if late and _had_letter_since(device, look, graded):
        return None
    entry = graded.entry if late else look.entry
    if SecondLook.objects.filter(device=device, visit=device.visit_id).exists():
        return None
    day = _day(device, at)
    number = sampling.number_of(device.id, day, entry)
    share, why = _share(known, device, by=look.by, day=day, at=at)
    if number >= share:
        return None
    row = SecondLook(
        id=ids.new(at), device=device, visit_id=device.visit_id, hub_id=device.hub_id, device_class=device.device_class,
        rules=known.version, why=why, share=share, number=number, drawn_at=at, until=at + known.wait, first=look,
        first_by=look.by, first_grade=graded.overall,
    )  # fmt: skip
    fact = facts.SecondLookDrawn(
        look=str(row.id), rules=known.version, why=f"drawn_{why}", share=str(share), number=str(number),
        day=day.isoformat(), entry=entry, until=row.until.isoformat(),
    )  # fmt: skip
    moves.note(device, fact=fact, by=DRAWER, at=at)
    row.save(force_insert=True)
    return row


def _had_letter_since(device: Device, look: Inspection, graded: Grading) -> bool:
    since = Grading.objects.filter(device=device, visit=device.visit_id, at__gte=look.at, overall__in=LETTERS)
    return since.exclude(pk=graded.pk).exists()


def _fits(device: Device, look: Inspection) -> bool:
    """Whether a second look would say something: a person tried it, nobody decided, and nothing is wrong with it."""
    return (
        look.by.startswith(f"{ActorKind.USER.value}:")
        and not device.disposition
        and device.tracking == Tracking.SERIALIZED
        and not device.holds
        and not device.hazard
        and not look.sealed
        and not second_look.disputed_work_of(device)
    )


def _day(device: Device, at: datetime) -> date:
    return device.hub.calendar.local(at).date() if device.hub is not None else at.date()


def _share(known: Sampling, device: Device, *, by: str, day: date, at: datetime) -> tuple[Decimal, str]:
    """The chance of this look to be drawn, and why."""
    if not known.least:
        return known.share(device.device_class), "share"
    local = device.hub.calendar.local(at) if device.hub is not None else at
    week = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=day.weekday())
    own = Inspection.objects.filter(by=by)
    return sampling.chance(
        known,
        device.device_class,
        drawn=SecondLook.objects.filter(first_by=by, drawn_at__gte=week).count(),
        looks=max(0, own.filter(at__gte=week).count() - 1),
        usual=own.filter(at__gte=week - timedelta(days=7), at__lt=week).count(),
        day=day,
    )


# While it waits -----------------------------------------------------------------------------------------------------------------------


def open_of(device: Device) -> SecondLook | None:
    """The draw for which the unit waits: for a second look, or for a lead."""
    rows = SecondLook.objects.filter(device=device, visit=device.visit_id, status__in=OPEN)
    return rows.select_related("first").first()


def waiting_of(device: Device) -> SecondLook | None:
    """The draw that still wants its second look."""
    row = open_of(device)
    return row if row is not None and row.status == SecondStatus.WAITING else None


def is_blind(device: Device, *, by: Actor, at: datetime) -> bool:
    """Whether this person isn't shown what was judged of the unit: it waits for a second look, which may be theirs."""
    row = waiting_of(device)
    return row is not None and row.until > at and by.reference not in row.firsts


JUDGED = frozenset(
    {
        facts.Inspected.kind,
        facts.FaultConfirmed.kind,
        facts.Graded.kind,
        facts.Contradicted.kind,
        FaultFound.kind,
        FaultCleared.kind,
    }
)


def is_veiled(device: Device, *, by: Actor, at: datetime) -> bool:
    """Whether what was judged stays out of this person's sight everywhere: only who may look has to look blind."""
    return device.state == State.IN_TRIAGE and by.may("triage.inspect") and is_blind(device, by=by, at=at)


def is_judgement(entry: Entry) -> bool:
    """Whether an entry says what a person judged of the unit; what a report found was measured."""
    return entry.kind in JUDGED and entry.payload.get("source") != "report"


def reasons_against_knowing(device: Device, *, by: Actor, at: datetime) -> list[Reason]:
    """Why this person is told neither what it is graded nor what rests on that."""
    return reasons_against_deciding(device, at=at) if is_blind(device, by=by, at=at) else []


def evidence_for(device: Device, *, by: Actor, at: datetime) -> Evidence:
    """What this person may know of the unit: all of it, or while a second look is wanted, what was measured."""
    return grading.evidence(device, looks=() if is_blind(device, by=by, at=at) else None)


def reasons_against_looking(device: Device, *, by: Actor) -> list[Reason]:
    """Why this person may not look at it now: they made the look that is to be compared, or a lead has to settle two looks first."""
    row = open_of(device)
    if row is None:
        return []
    if row.status == SecondStatus.APART:
        return [Reason("looks_apart", _("two looks at %s are far apart; a lead settles that first") % device.tag)]
    return separations.reasons_against("second_look", doer=row.firsts, by=by)


def reasons_against_deciding(device: Device, *, at: datetime) -> list[Reason]:
    """Why nothing is decided for the unit yet."""
    row = open_of(device)
    if row is None or (row.status == SecondStatus.WAITING and row.until <= at):
        return []
    if row.status == SecondStatus.APART:
        return [Reason("looks_apart", _("two looks at %s are far apart; a lead settles that first") % device.tag)]
    told = {"tag": device.tag, "until": moment(row.until, device.hub)}
    sentence = _("%(tag)s was drawn for a second look by somebody else; it waits until %(until)s at the latest") % told
    return [Reason("second_look", sentence)]


def begun(device: Device, *, at: datetime) -> SecondLook | None:
    """The draw for which a look is begun now at a taken unit; who begins shortly before its end may finish."""
    row = waiting_of(device)
    if row is None:
        return None
    if row.until <= at:
        lapse(device, row, at=at)
        return None
    longest = row.drawn_at + rules(at=row.drawn_at).wait + BEGUN
    if row.until < (wanted := min(at + BEGUN, longest)):
        row.until = wanted
        row.save(update_fields=["until"])
    return row


# Its end ------------------------------------------------------------------------------------------------------------------------------


def lapse(device: Device, row: SecondLook, *, at: datetime) -> None:
    """A taken unit goes on without its second look."""
    row.status, row.lapsed_at = SecondStatus.LAPSED, at
    row.save(update_fields=["status", "lapsed_at"])
    moves.note(device, fact=facts.SecondLookLapsed(look=str(row.id)), by=DRAWER, at=at)


def lapse_late(device: Device, *, at: datetime) -> None:
    """Before a decision about a taken unit: a draw whose time is over lapses."""
    row = waiting_of(device)
    if row is not None and row.until <= at:
        lapse(device, row, at=at)


def sweep(*, at: datetime) -> int:
    """Let lapse what waited long enough, or isn't in triage any more; how many."""
    late = SecondLook.objects.filter(status__in=OPEN).exclude(device__state=State.IN_TRIAGE)
    overdue = SecondLook.objects.filter(status=SecondStatus.WAITING, until__lte=at)
    done = 0
    for pk, device_id in sorted(
        {*late.values_list("pk", "device_id")[:MOST], *overdue.values_list("pk", "device_id")[:MOST]}
    ):
        with transaction.atomic():
            taken = moves.take_one(device_id)
            row = SecondLook.objects.select_for_update(no_key=True).get(pk=pk)
            gone = taken.state != State.IN_TRIAGE or taken.visit_id != row.visit_id
            if row.status in OPEN and (gone or (row.status == SecondStatus.WAITING and row.until <= at)):
                lapse(taken, row, at=at)
                done += 1
    return done
