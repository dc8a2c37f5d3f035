"""The units of a recall: found, stopped, their owners told and answered, and what was made of each."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from returns import recall_range
from returns.facts import recalls as facts
from returns.models import Answer, Criterion, Made, Recall, RecallStatus, RecallUnit, Remedy, RmaUnit
from returns.recall_range import Asked
from returns.services import recall_parts
from returns.services.recalls import UnableToRecall, lock, say
from revlog.accounts import actors, separations
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.models import Chain
from revlog.custody.services import ledger
from revlog.devices.journey import ON_HAND, State
from revlog.devices.models import Device, Hold, HoldKind
from revlog.devices.services import moves, standing, watching

RECALLS = actors.system("returns.recalls")
AT_ONCE = 500
OUT = ("sold", "expected", "deployed", "rma", "elsewhere")
"""Where a unit was found that somebody else has: its arrival means that it came back."""


def _may(by: Actor) -> None:
    if not by.may("returns.recall"):
        raise NotAllowed(Reason("not_allowed", _("Recalls need the right to run them.")))


def in_force(*, recall: Recall | None = None) -> list[Criterion]:
    """The opened criteria of one recall, or of all real ones that run."""
    rows = Criterion.objects.filter(version__opened_at__isnull=False, version__recall__status=RecallStatus.OPEN)
    rows = rows.filter(version__recall=recall) if recall is not None else rows.filter(version__recall__mock=False)
    return list(rows.select_related("version__recall").order_by("version__recall", "version__number", "id"))


def _run(asked: Asked, before: Sequence[Any], after: Sequence[Any]) -> list[uuid.UUID]:
    """``asked`` between the values that stand before and after it in the statement."""
    with connection.cursor() as cursor:
        cursor.execute(asked.sql, [*before, *after, *asked.params])
        return [row[0] for row in cursor.fetchall()]


def _insert(
    recall: Recall, criteria: Sequence[Criterion], *, only: Sequence[uuid.UUID] | None, how: str, at: datetime
) -> list[uuid.UUID]:
    """What is in the range and not on the list yet; gives the ids of the new rows."""
    head: list[Any] = [str(recall.pk), recall.pk, recall.version]
    with connection.cursor() as cursor:
        cursor.execute(recall_range.ADOPT + (" AND d.id = ANY(%s)" if only is not None else ""),
                       [recall.pk, *([list(only)] if only is not None else [])])  # fmt: skip
    fresh = _run(recall_range.insert_devices(criteria, only=only), [*head, recall_range.AWAY], [at, how])
    with connection.cursor() as cursor:
        cursor.execute(_OF_RETURNS, [recall.pk])
    if only is None and (asked := recall_range.insert_sold(criteria)) is not None:
        fresh += _run(asked, head, [at, how])
    return fresh


_OF_RETURNS = """
    UPDATE returns_recallunit u SET rma_id = rl.rma_id FROM returns_rmaunit ru JOIN returns_rmaline rl ON rl.id = ru.line_id
     WHERE u.recall_id = %s AND u.rma_id IS NULL AND u.made = '' AND ru.device_id = u.device_id
       AND ru.status IN ('expected', 'received', 'refused')"""


# Searching --------------------------------------------------------------------------------------------------------------------------


def sweep(recall: Recall, *, by: Actor = RECALLS, at: datetime) -> Recall:
    """Search everything for what is in the range, stop what we have, and see to it that owners are told. Repeating it changes nothing.

    A mock recall only searches and takes the digest of all chains before and after.
    """
    criteria = in_force(recall=recall)
    if not criteria:
        return recall
    before = _fingerprint(criteria) if recall.mock else ""
    with transaction.atomic():
        row = lock(recall.pk)
        fresh = _insert(row, criteria, only=None, how="search", at=at)
    held = 0 if row.mock else _stop(row, at=at)
    if not row.mock:
        recall_parts.stop(row, criteria, by=by, at=at)
        _see_to_notices(row, at=at)
    with transaction.atomic():
        row = lock(recall.pk)
        row.swept_at = at
        if row.mock:
            row.heads_before, row.heads_after = row.heads_before or before, _fingerprint(criteria)
        row.save()
        found = list(row.units.order_by("id").values_list("id", flat=True))
        say(
            row,
            facts.RecallSwept(
                number=row.number,
                edition=row.version,
                found=len(found),
                fresh=len(fresh),
                held=held,
                root=hashlib.sha256("\n".join(str(one) for one in found).encode()).hexdigest(),
            ),
            by=by,
            at=at,
        )
        _note_located(row, by=by, at=at)
    return row


def _fingerprint(criteria: Sequence[Criterion]) -> str:
    """SHA-256 over the heads of the chains of all units in the range: it changes with any entry on any of them."""
    found = recall_range.devices(criteria)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT f.device_id FROM ({found.sql}) f ORDER BY f.device_id", found.params)  # noqa: S608
        ids = [row[0] for row in cursor.fetchall()]
    told = hashlib.sha256()
    for start in range(0, len(ids), 10_000):
        heads = Chain.objects.filter(pk__in=ids[start : start + 10_000]).order_by("pk").values_list("pk", "head_digest")
        for pk, digest in heads:
            told.update(f"{pk} {digest}\n".encode())
    return told.hexdigest()


def _stop(recall: Recall, *, at: datetime) -> int:
    """Say on each found unit's chain that it is recalled, and hold what is in our hands; in batches, each whole by itself."""
    stopped = 0
    last: uuid.UUID | None = None
    while True:
        waiting = recall.units.filter(device__isnull=False, held_at=None, made="").order_by("device_id")
        if last is not None:
            waiting = waiting.filter(device_id__gt=last)
        ids = list(waiting.values_list("device__pk", flat=True)[:AT_ONCE])
        if not ids:
            return stopped
        last = ids[-1]
        with transaction.atomic():
            devices = moves.take(ids)
            stopped += _mark(recall, devices, at=at)


def _mark(recall: Recall, devices: Sequence[Device], *, at: datetime) -> int:
    """Of taken units: the fact that they are recalled, said once, and the hold. Gives how many were newly stopped."""
    rows = {row.device_id: row for row in recall.units.filter(device__in=[one.pk for one in devices], made="")}
    said = _said(recall, [one.pk for one in devices])
    new = [one for one in devices if one.pk in rows and one.pk not in said]
    if new:
        moves.note_many(new, facts=[_recalled(recall, rows[one.pk]) for one in new], by=RECALLS, at=at)
    free = [
        one
        for one in devices
        if one.pk in rows and rows[one.pk].held_at is None and rows[one.pk].released_at is None
        and State(one.state) in ON_HAND
    ]  # fmt: skip
    if not free:
        return 0
    holds = standing.hold_many(free, HoldKind.RECALL, reason=reason_of(recall), by=RECALLS, at=at)
    for device in free:
        row = rows[device.pk]
        row.hold, row.held_at = holds[device.pk], at
    RecallUnit.objects.bulk_update([rows[one.pk] for one in free], ["hold", "held_at"], batch_size=AT_ONCE)
    return len(free)


def reason_of(recall: Recall) -> str:
    return f"{recall.number}: {recall.title}"[:300]


def _recalled(recall: Recall, row: RecallUnit) -> facts.Recalled:
    return facts.Recalled(
        recall=str(recall.pk),
        number=recall.number,
        edition=row.version,
        recall_kind=f"recall_kind.{recall.kind}",
        severity=f"severity.{recall.severity}",
        issuer=recall.issued_by,
        how=f"recall_how.{row.how}",
        through=row.through or None,
    )


def _said(recall: Recall, devices: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT chain_id FROM custody_entry WHERE chain_id = ANY(%s) AND kind = %s AND payload->>'recall' = %s",
            [list(devices), facts.Recalled.kind, str(recall.pk)],
        )
        return {row[0] for row in cursor.fetchall()}


def look(devices: Sequence[Device], *, how: str, by: Actor, at: datetime) -> list[RecallUnit]:
    """Whether taken units are in a recall that runs: called in the act by which they arrive, or by which we learn what they are."""
    criteria = in_force()
    if not criteria or not devices:
        return []
    ids = [device.pk for device in devices]
    per_recall: dict[uuid.UUID, list[Criterion]] = {}
    for criterion in criteria:
        per_recall.setdefault(criterion.version.recall_id, []).append(criterion)
    for own in per_recall.values():
        recall = own[0].version.recall
        _insert(recall, own, only=ids, how=how, at=at)
        rows = recall.units.filter(device__in=ids)
        if how == "dock":
            rows.filter(place__in=OUT, returned_at=None, made="").update(returned_at=at)
        affected = set(rows.filter(made="").values_list("device_id", flat=True))
        if affected:
            _mark(recall, [device for device in devices if device.pk in affected], at=at)
    return list(
        RecallUnit.objects.filter(
            device__in=ids, recall__status=RecallStatus.OPEN, recall__mock=False, made=""
        ).select_related("recall")
    )


watching.watch(look)


def look_again(device: uuid.UUID, *, at: datetime) -> None:
    """A part or drive was put into a unit: is it now in a recall?"""
    if in_force():
        with transaction.atomic():
            look([moves.take_one(device)], how="report", by=RECALLS, at=at)


def look_at_stock(part: uuid.UUID, *, at: datetime) -> None:
    """Parts came into stock: does a recall that runs name them?"""
    per_recall: dict[uuid.UUID, list[Criterion]] = {}
    for criterion in in_force():
        per_recall.setdefault(criterion.version.recall_id, []).append(criterion)
    for own in per_recall.values():
        recall_parts.stop(own[0].version.recall, own, only=part, by=RECALLS, at=at)


# Locating ---------------------------------------------------------------------------------------------------------------------------

IN_THE_BOOKS = (
    Q(device__state__in=[s.value for s in ON_HAND], device__location__isnull=False)
    | Q(device__state__in=["SOLD", "EXPECTED"], contact__isnull=False, contact__erased_at=None)
    | Q(device__state__in=["DEPLOYED", "RETURNED", "RESTOCKED", "DONATED", "RECYCLED"])
    | Q(device=None, contact__isnull=False, contact__erased_at=None)
)
"""We know where it is: in a place of ours, or with somebody we can name."""


def _note_located(recall: Recall, *, by: Actor, at: datetime) -> None:
    """Mark what the books locate; when nothing is left, the timer stops. The recall is locked."""
    known = recall.units.filter(IN_THE_BOOKS, located_at=None).values("pk")
    RecallUnit.objects.filter(pk__in=known).update(located_at=at)
    left = recall.units.filter(located_at=None).exists()
    if left or recall.located_at is not None or recall.opened_at is None:
        return
    recall.located_at = at
    recall.save(update_fields=["located_at"])
    minutes = max(0, round((at - recall.opened_at).total_seconds() / 60))
    say(
        recall,
        facts.RecallLocated(number=recall.number, minutes=minutes, units=recall.units.count()),
        by=by,
        at=at,
    )


def locate(unit: RecallUnit, *, where: str, by: Actor, at: datetime) -> RecallUnit:
    """Somebody found with their own eyes what the books couldn't locate. It writes nothing on the unit's chain."""
    _may(by)
    if not where.strip():
        raise BadInput(Reason("where", _("Say where it is."), "where"))
    with transaction.atomic():
        recall = lock(unit.recall_id)
        row = RecallUnit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        if recall.status != RecallStatus.OPEN:
            raise UnableToRecall(Reason("not_running", _("This recall is not running.")))
        row.located_at, row.located_by, row.located_where = at, by.reference, where.strip()[:200]
        row.save(update_fields=["located_at", "located_by", "located_where"])
        _note_located(recall, by=by, at=at)
    return row


# Telling owners ---------------------------------------------------------------------------------------------------------------------


def _see_to_notices(recall: Recall, *, at: datetime) -> None:
    """An entry for each owner who isn't written to yet, once a version; the mails follow from these."""
    while True:
        with transaction.atomic():
            lock(recall.pk)
            due = list(
                recall.units.filter(
                    contact__isnull=False, contact__erased_at=None, notice_at=None, made="", place__in=OUT
                )
                .order_by("contact", "version")
                .values("contact", "version")
                .annotate(units=Count("id"))[:AT_ONCE]
            )
            if not due:
                return
            head = ledger.head_of(recall.pk)
            entries = []
            for one in due:
                fact = facts.RecallNoticeDue(
                    recall=str(recall.pk), contact=str(one["contact"]), edition=one["version"], units=one["units"]
                )
                entries.append(
                    ledger.draft(head, fact, by=RECALLS, at=at, key=f"notice:{one['contact']}:{one['version']}")
                )
            ledger.write_many(entries)
            for one in due:
                recall.units.filter(contact=one["contact"], version=one["version"], notice_at=None).update(notice_at=at)


def told(recall: uuid.UUID, contact: uuid.UUID, version: int, *, at: datetime) -> None:
    """Their mail went out."""
    RecallUnit.objects.filter(recall=recall, contact=contact, version=version, told_at=None).update(told_at=at)


def answer(unit: RecallUnit, given: Answer, *, by: Actor, at: datetime) -> RecallUnit:
    """What the owner says of it: by their link, or to us. The last answer counts until the unit is here or settled."""
    if not by.may("returns.recall") and f"recall_contact:{unit.recall_id}:{unit.contact_id}" not in by.scope:
        raise NotAllowed(Reason("not_allowed", _("This link doesn't open that.")))
    with transaction.atomic():
        recall = lock(unit.recall_id)
        row = RecallUnit.objects.select_for_update(no_key=True).get(pk=unit.pk)
        if recall.status != RecallStatus.OPEN or row.made or row.returned_at is not None:
            raise UnableToRecall(Reason("settled", _("This one is settled already.")))
        if row.answer == given:
            return row
        row.answer, row.answered_at = given, at
        row.save(update_fields=["answer", "answered_at"])
        say(recall, facts.RecallAnswered(unit=str(row.pk), answer=f"recall_answer.{given}"), by=by, at=at)
    return row


# Making good ------------------------------------------------------------------------------------------------------------------------


def reasons_against_settling(unit: RecallUnit, made: str, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't say what was made of it. What was held is released by it, and so by another than who held it."""
    found = []
    if unit.recall.status != RecallStatus.OPEN:
        found.append(Reason("not_running", _("This recall is not running.")))
    if unit.recall.mock:
        found.append(Reason("mock", _("A mock recall settles nothing.")))
    if unit.made:
        found.append(Reason("settled", _("This one is settled already.")))
    if made == Made.UNREACHABLE and unit.hold_id is not None and unit.released_at is None:
        found.append(Reason("here", _("It is here, on the hold shelf.")))
    if made == Made.UNREACHABLE and unit.told_at is None and unit.has_reachable_owner:
        found.append(Reason("not_told", _("Its owner hasn't been written to yet.")))
    if unit.hold is not None and unit.released_at is None:
        found += separations.reasons_against("hold_release", doer=[unit.hold.placed_by], by=by)
    return found


def settle(unit: RecallUnit, made: str, *, reason: str = "", by: Actor, at: datetime) -> RecallUnit:
    """What was made of one unit: the remedy, or that it is not affected, or that its owner can't be reached.

    With it the hold ends, unless another recall holds the unit too; a unit that was repaired or looked at goes back to triage, one to be
    destroyed to destruction.
    """
    _may(by)
    if made not in Made.values:
        raise BadInput(Reason("made", _("Say what was made of it."), "made"))
    if made in {Made.NOT_AFFECTED, Made.UNREACHABLE, Made.ENDED} and not reason.strip():
        raise BadInput(Reason("no_reason", _("Say how you know."), "reason"))
    with transaction.atomic():
        device = moves.take_one(unit.device_id) if unit.device_id is not None else None
        row = (
            RecallUnit.objects.select_for_update(no_key=True, of=("self",))
            .select_related("recall", "hold", "contact")
            .get(pk=unit.pk)
        )
        if found := reasons_against_settling(row, made, by=by):
            raise UnableToRecall(found)
        _settled(row, device, made, reason.strip(), by=by, at=at)
    return row


def _settled(row: RecallUnit, device: Device | None, made: str, reason: str, *, by: Actor, at: datetime) -> None:
    recall = row.recall
    row.made, row.made_at, row.made_by, row.made_why = made, at, by.reference, reason[:300]
    row.save(update_fields=["made", "made_at", "made_by", "made_why"])
    if device is None:
        say(
            recall,
            facts.RecallMade(unit=str(row.pk), made=f"recall_made.{made}", reason=reason[:300].rstrip(".") or "—"),
            by=by,
            at=at,
        )
        return
    moves.note(
        device,
        fact=facts.RecallRemedied(
            recall=str(recall.pk),
            number=recall.number,
            made=f"recall_made.{made}",
            reason=reason[:300].rstrip(".") or None,
        ),
        by=by,
        at=at,
    )
    if row.hold is None or row.released_at is not None:
        return
    row.released_at = at
    row.save(update_fields=["released_at"])
    if RecallUnit.objects.filter(hold=row.hold, released_at=None).exclude(pk=row.pk).exists():
        return  # another recall holds it as well
    hold = Hold.objects.select_for_update(no_key=True).get(pk=row.hold.pk)
    if hold.released_at is None:
        standing.release(device, hold, reason=reason or f"{recall.number}: {Made(made).label}", by=by, at=at)
    _go_on(device, recall, made, by=by, at=at)


def _go_on(device: Device, recall: Recall, made: str, *, by: Actor, at: datetime) -> None:
    if device.holds or State(device.state) in {State.RECEIVED, State.IN_TRIAGE} or made == Made.NOT_AFFECTED:
        return
    if made == Made.DESTROYED or recall.remedy == Remedy.DESTROY:
        if State(device.state) != State.TO_DESTROY and not moves.reasons_against(device, moves.TO_DESTROY):
            moves.advance(
                device,
                moves.TO_DESTROY,
                fact=_sent(recall, made),
                by=by,
                at=at,
                set={"disposition": "DESTROY", "stops_done": 0},
            )
        return
    if not moves.reasons_against(device, moves.TO_TRIAGE):
        standing.back_to_triage(device, reason=f"{recall.number}: {Made(made).label}", by=by, at=at)


def _sent(recall: Recall, made: str) -> facts.RecallDestroyed:
    return facts.RecallDestroyed(recall=str(recall.pk), number=recall.number)


def read_label(unit: RecallUnit, *, lot: str = "", made_on: date | None = None, by: Actor, at: datetime) -> RecallUnit:
    """What the label of a held unit says of its lot and its day of production, which we didn't know."""
    _may(by)
    if unit.device_id is None or not (lot.strip() or made_on):
        raise BadInput(Reason("nothing", _("Enter the lot or the day of production."), "lot"))
    with transaction.atomic():
        standing.describe(
            moves.take_one(unit.device_id),
            lot=" ".join(lot.split()) or None,
            made_on=made_on,
            source="label",
            by=by,
            at=at,
        )
    return unit


# What follows from other facts --------------------------------------------------------------------------------------------------------


def released(device: uuid.UUID, *, reason: str, by: str, at: datetime) -> None:
    """Somebody released the hold on the unit's own page, with their reason: the list says so."""
    rows = RecallUnit.objects.filter(device=device, hold__released_at__isnull=False, released_at=None)
    for row in rows.filter(recall__status=RecallStatus.OPEN):
        row.released_at = at
        if not row.made:
            row.made, row.made_at, row.made_by, row.made_why = Made.NOT_AFFECTED, at, by, reason[:300]
        row.save()


def return_closed(rma: uuid.UUID, *, at: datetime) -> None:
    """A return that the recall brought is settled: its owner got what was promised. The unit itself may still be on the hold shelf."""
    became = {"refund": Made.REFUNDED, "credit": Made.REFUNDED, "exchange": Made.REPLACED, "advance": Made.REPLACED,
              "replace": Made.REPLACED, "repair": Made.REPAIRED}  # fmt: skip
    for row in RecallUnit.objects.filter(rma=rma, made="", recall__status=RecallStatus.OPEN).select_related("recall"):
        unit = RmaUnit.objects.filter(line__rma=rma, device=row.device_id).select_related("line").first()
        made = became.get(unit.line.settled_as) if unit is not None else None
        if made is None:
            continue
        row.served_at = at
        if row.held_at is None or row.released_at is not None:
            row.made, row.made_at, row.made_by = made, at, RECALLS.reference
        row.save(update_fields=["served_at", "made", "made_at", "made_by"])


def list_devices(recall: Recall, devices: Sequence[uuid.UUID], *, contact: Any, rma: Any, at: datetime) -> None:  # noqa: ANN401
    """Put further announced units of one return on the list, where they are in the range."""
    _insert(recall, in_force(recall=recall), only=devices, how="search", at=at)
    recall.units.filter(device__in=devices, answer="").update(
        answer=Answer.SENDS, answered_at=at, rma=rma, contact=contact, notice_at=at, told_at=at
    )


def settle_many(
    units: Sequence[RecallUnit], made: str, *, reason: str = "", by: Actor, at: datetime
) -> list[RecallUnit]:
    """``settle`` for several, all or none: the devices are locked first, by key."""
    with transaction.atomic():
        moves.take([unit.device_id for unit in units if unit.device_id is not None])
        return [settle(unit, made, reason=reason, by=by, at=at) for unit in units]
