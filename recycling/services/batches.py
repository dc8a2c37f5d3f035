"""Filling a batch, letting its fractions go, and closing it in balance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from recycling import facts, parameters, queries
from recycling.models import Batch, BatchState, FractionOut, MassRow, Member
from recycling.streams import STREAMS, TREATMENTS
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.common import ids, money
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody import merkle
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.models import Device
from revlog.devices.services import money as books
from revlog.devices.services import moves


class UnableToBatch(DomainError):
    """The unit can't join this batch, or the batch can't take it."""

    code = "unable_to_batch"


class UnableToClose(DomainError):
    """The batch can't be closed now."""

    code = "unable_to_close"


def need(by: Actor, permission: str) -> None:
    if not by.may(permission):
        raise NotAllowed(Reason("not_allowed", _("This needs a right that you don't have; ask your lead.")))


def lock(batch: Batch) -> Batch:
    """The batch, locked and fresh; units that a verb touches are taken before."""
    return Batch.objects.select_for_update(no_key=True, of=("self",)).select_related("hub").get(pk=batch.pk)


@transaction.atomic
def open_batch(*, hub: Hub, stream: str, by: Actor, at: datetime) -> Batch:
    """Begin a batch of a stream at a site. What the last closed one of that stream left on the floor is its opening weight."""
    need(by, "recycling.batch")
    if stream not in STREAMS or not STREAMS[stream].goes_in:
        raise BadInput(Reason("unknown_stream", _("There is no such stream to fill a batch with."), "stream"))
    before = (
        Batch.objects.select_for_update(no_key=True, of=("self",))
        .filter(hub=hub, stream=stream, state=BatchState.CLOSED, carried_to=None, closing_grams__gt=0)
        .order_by("closed_at", "id")
        .first()
    )
    # Between the look and the lock another batch may have carried it on.
    if before is not None and Batch.objects.filter(carried_from=before).exists():
        before = None
    batch = Batch(
        id=ids.new(at),
        number=ids.code("RB"),
        hub=hub,
        stream=stream,
        carried_from=before,
        opening_grams=before.closing_grams if before else 0,
        opened_by=by.reference,
        opened_at=at,
    )
    ledger.begin(
        "batch",
        batch.id,
        facts.BatchOpened(
            number=batch.number,
            stream=stream,
            hub=hub.code,
            opening_grams=batch.opening_grams,
            carried_from=before.number if before else None,
        ),
        by=by,
        at=at,
        hub=hub.id,
    )
    batch.save(force_insert=True)
    return batch


def reasons_against_joining(batch: Batch, device: Device) -> list[Reason]:
    found = []
    if batch.state != BatchState.OPEN:
        found.append(Reason("not_open", _("batch %(number)s takes nothing in any more") % {"number": batch.number}))
    if device.hub_id != batch.hub_id:
        found.append(Reason("elsewhere", _("%(tag)s is at another site") % {"tag": device.tag}))
    blocked = moves.reasons_against(device, moves.RECYCLE)
    found += [Reason(each.code, f"{device.tag}: {each.sentence}") for each in blocked]
    other = Member.objects.filter(device=device, left_at=None).select_related("batch").first()
    if other is not None and other.batch_id != batch.pk:
        found.append(
            Reason(
                "in_another", _("%(tag)s is in batch %(number)s") % {"tag": device.tag, "number": other.batch.number}
            )
        )
    return found


@transaction.atomic
def join(*, batch: Batch, unit: Device, grams: int | None = None, by: Actor, at: datetime) -> Member:
    """Put a unit that waits for recycling into an open batch; scanned twice, it is in it once.

    ``grams`` is its own weight; without one, what is known of it, else what its class typically weighs. Raises UnableToBatch.
    """
    need(by, "recycling.batch")
    if grams is not None and grams < 1:
        raise BadInput(Reason("no_weight", _("A weight is at least 1 g."), "grams"))
    device = moves.take_one(unit.id)
    batch = lock(batch)
    known = Member.objects.filter(batch=batch, device=device, left_at=None).first()
    if known is not None:
        return known
    if reasons := reasons_against_joining(batch, device):
        raise UnableToBatch(reasons)
    weight = grams or device.grams
    try:
        with transaction.atomic():
            member = Member.objects.create(
                id=ids.new(at),
                batch=batch,
                device=device,
                owner_id=device.owner_id,
                grams=weight or device.kind.typical_grams * device.quantity,
                weighed=bool(weight),
                joined_by=by.reference,
                joined_at=at,
            )
    except IntegrityError as error:
        raise UnableToBatch(
            Reason("in_another", _("%(tag)s was put into another batch at this moment") % {"tag": device.tag})
        ) from error
    moves.note(
        device,
        fact=facts.Batched(
            batch=batch.number, batch_chain=f"batch:{batch.id}", grams=member.grams, weighed=member.weighed
        ),
        by=by,
        at=at,
        set={"grams": grams} if grams else None,
    )
    return member


@transaction.atomic
def leave(*, batch: Batch, unit: Device, reason: str, by: Actor, at: datetime) -> Member:
    """Take a unit out again before the batch is weighed: it was put in by mistake, or is needed."""
    need(by, "recycling.batch")
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is taken out."), "reason"))
    device = moves.take_one(unit.id)
    batch = lock(batch)
    member = Member.objects.filter(batch=batch, device=device, left_at=None).first()
    if member is None:
        raise UnableToBatch(
            Reason("not_in", _("%(tag)s is not in batch %(number)s") % {"tag": device.tag, "number": batch.number})
        )
    if batch.state != BatchState.OPEN:
        raise UnableToBatch(Reason("weighed", _("batch %(number)s is weighed already") % {"number": batch.number}))
    member.left_at = at
    member.save(update_fields=["left_at"])
    moves.note(device, fact=facts.TakenOut(batch=batch.number, reason=reason.strip()[:200]), by=by, at=at)
    return member


@transaction.atomic
def send_out(
    *,
    batch: Batch,
    stream: str,
    grams: int,
    treatment: str,
    vendor: Organization,
    load: str = "",
    price_per_kilo: Decimal = Decimal(0),
    by: Actor,
    at: datetime,
) -> FractionOut:
    """Material leaves for a downstream vendor. Raises BadInput with each wrong field, UnableToBatch before the final weight."""
    need(by, "recycling.weigh")
    found = []
    if stream not in STREAMS:
        found.append(Reason("unknown_stream", _("There is no such stream."), "stream"))
    if treatment not in TREATMENTS:
        found.append(Reason("unknown_treatment", _("There is no such recovery or disposal code."), "treatment"))
    if grams < 1:
        found.append(Reason("no_weight", _("A weight is at least 1 g."), "grams"))
    if vendor.kind != OrganizationKind.RECYCLER or not vendor.active:
        found.append(Reason("no_recycler", _("%(name)s is no downstream vendor.") % {"name": vendor.name}, "vendor"))
    if found:
        raise BadInput(found)
    batch = lock(batch)
    if batch.state != BatchState.WEIGHED:
        raise UnableToBatch(
            Reason(
                "not_weighed",
                _("fractions leave batch %(number)s between its final weight and its closing")
                % {"number": batch.number},
            )
        )
    row = FractionOut(
        id=ids.new(at),
        batch=batch,
        stream=stream,
        grams=grams,
        treatment=treatment,
        vendor=vendor,
        load=load.strip()[:60],
        price_per_kilo=price_per_kilo,
        currency=parameters.in_force(at).currency,
        weighed_by=by.reference,
        out_at=at,
    )
    entry = ledger.append(
        batch.id,
        facts.FractionOut(
            stream=stream,
            grams=grams,
            code=treatment,
            waste_code=STREAMS[stream].waste_code,
            vendor=vendor.code,
            load=row.load or None,
            amount=str(money.rounded(row.amount, row.currency)),
            currency=row.currency,
        ),
        by=by,
        at=at,
        hub=batch.hub_id,
    )
    row.save(force_insert=True)
    mass(batch, "out", grams, entry=entry, key=f"fraction:{row.id}", at=at)
    return row


def mass(batch: Batch, kind: str, grams: int, *, entry: Entry, key: str, at: datetime, unexplained: int = 0) -> MassRow:
    """One movement of mass, caused by an entry of the batch's chain; the same key again gives the row that stands."""
    row, _made = MassRow.objects.get_or_create(
        key=key,
        defaults={
            "id": ids.new(at),
            "hub_id": batch.hub_id,
            "stream": batch.stream,
            "kind": kind,
            "grams": grams,
            "unexplained": unexplained,
            "batch": batch,
            "entry": entry.digest,
            "occurred_at": at,
        },
    )
    return row


def reasons_against_closing(
    batch: Batch, *, loss_grams: int, closing_grams: int, reason: str, at: datetime
) -> list[Reason]:
    found = []
    if batch.state == BatchState.CLOSED:
        found.append(Reason("closed", _("batch %(number)s is closed") % {"number": batch.number}))
    elif batch.state != BatchState.WEIGHED:
        found.append(Reason("not_weighed", _("its final weight is missing")))
    if queries.pending_correction(batch) is not None:
        found.append(Reason("correction", _("a corrected weight waits for another person")))
    if loss_grams < 0 or closing_grams < 0:
        found.append(Reason("negative", _("a weight can't be negative")))
    if not batch.fractions.exists() and not closing_grams:
        found.append(Reason("nothing_out", _("no fraction left it and nothing is left of it")))
    balance = batch.balance(loss=loss_grams, closing=closing_grams)
    if not balance.is_within(parameters.in_force(at).tolerance) and not reason.strip():
        found.append(
            Reason(
                "out_of_balance",
                _("it is out of balance by %(grams)s g (%(percent)s %%); weigh again, or say why")
                % {"grams": balance.difference, "percent": balance.variance},
            )
        )
    return found


@transaction.atomic
def close(
    *, batch: Batch, loss_grams: int = 0, closing_grams: int = 0, reason: str = "", by: Actor, at: datetime
) -> Batch:
    """Close a batch in balance: its units are material from now on, and what it brought and cost is shared among them to the cent.

    ``loss_grams`` is what was lost on purpose (dust, moisture), ``closing_grams`` what is still on the floor. What the scales can't
    explain is booked as loss, so that the balance closes to the gram; beyond the tolerance that takes a reason. Raises UnableToClose,
    and UnableToMove with every reason for every unit that may not be recycled.
    """
    need(by, "recycling.close")
    # Nobody joins or leaves a weighed batch, so the members looked up before the locks are those found under them.
    wanted = list(Member.objects.filter(batch=batch, left_at=None).values_list("device_id", flat=True))
    taken = {unit.id: unit for unit in moves.take(wanted)}
    batch = lock(batch)
    if reasons := reasons_against_closing(
        batch, loss_grams=loss_grams, closing_grams=closing_grams, reason=reason, at=at
    ):
        raise UnableToClose(reasons)
    members = sorted(Member.objects.filter(batch=batch, left_at=None), key=lambda member: taken[member.device_id].tag)
    units = [taken[member.device_id] for member in members]
    name = f"batch:{batch.id}"
    entries = moves.advance_many(
        units,
        moves.RECYCLE,
        facts=[facts.Recycled(batch=batch.number, batch_chain=name, grams=member.grams) for member in members],
        by=by,
        at=at,
        set={"location_id": None},
    )
    before = batch.balance(loss=loss_grams, closing=closing_grams)
    balance = before.settled()
    batch.close()
    batch.loss_grams, batch.difference_grams, batch.closing_grams = balance.loss, before.difference, closing_grams
    batch.reason, batch.closed_by, batch.closed_at = reason.strip()[:300], by.reference, at
    batch.save(
        update_fields=[
            "state",
            "loss_grams",
            "difference_grams",
            "closing_grams",
            "reason",
            "closed_by",
            "closed_at",
        ]
    )
    closed = ledger.append(
        batch.id,
        facts.BatchClosed(
            number=batch.number,
            opening_grams=balance.opening,
            received_grams=balance.received,
            out_grams=balance.out,
            loss_grams=balance.loss,
            closing_grams=balance.closing,
            difference_grams=before.difference,
            variance=str(before.variance),
            reason=batch.reason or None,
            units=len(units),
            units_root=root_of(entry.digest for entry in entries),
        ),
        by=by,
        at=at,
        hub=batch.hub_id,
    )
    if balance.loss:
        mass(batch, "loss", balance.loss, entry=closed, key=f"loss:{batch.id}", at=at, unexplained=before.difference)
    share(batch, units, entries, [member.grams for member in members], closed=closed, at=at)
    return batch


def root_of(digests: Iterable[str]) -> str:
    return merkle.root([bytes.fromhex(digest) for digest in digests]).hex()


def share(
    batch: Batch,
    units: Sequence[Device],
    entries: Sequence[Entry],
    grams: Sequence[int],
    *,
    closed: Entry,
    at: datetime,
) -> None:
    """Divide what the fractions brought and cost among the units by weight, to the cent; a batch without units keeps it itself."""
    currency = parameters.in_force(at).currency
    amounts = [(money.rounded(row.amount, currency)) for row in batch.fractions.all()]
    for account, total in (
        ("material", sum((amount for amount in amounts if amount > 0), Decimal(0))),
        ("treatment", sum((amount for amount in amounts if amount < 0), Decimal(0))),
    ):
        if not total:
            continue
        if not units:
            books.post(
                entry=closed, account=account, amount=total, currency=currency, at=at,
                key=f"recycling:{account}:{batch.id}",
            )  # fmt: skip
            continue
        for unit, entry, part in zip(units, entries, money.divide(total, grams, currency), strict=True):
            if part:
                books.post(
                    entry=entry, account=account, amount=part, currency=currency, device=unit, at=at,
                    key=f"recycling:{account}:{batch.id}:{unit.id}",
                )  # fmt: skip
