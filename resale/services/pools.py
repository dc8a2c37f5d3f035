"""Pools: a unit that comes to be sold joins those it can't be told apart from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from resale import facts
from resale.models import Offer, Pool, PoolUnit
from revlog.accounts.actors import Actor
from revlog.accounts.models import OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.services import moves
from revlog.terms import instructions
from revlog.terms.instructions import NONE, Instructions


class UnableToPool(DomainError):
    """The unit can't join a pool."""

    code = "unable_to_pool"


def need(by: Actor, permission: str) -> None:
    if not by.may(permission):
        raise NotAllowed(Reason("not_allowed", _("This needs a right that you don't have; ask your lead.")))


def _likeness(device: Device) -> dict[str, Any]:
    """What makes units alike: by catalog where it knows them, else by the names their maker gave."""
    known = device.variant_id is not None or device.product_id is not None
    return {
        "owner_id": device.owner_id,
        "hub_id": device.hub_id,
        "variant_id": device.variant_id,
        "product_id": device.product_id,
        "manufacturer": "" if known else device.manufacturer,
        "model": "" if known else device.model,
        "memory_bytes": None if device.variant_id is not None else device.memory_bytes,
        "grade": device.grade,
    }


def _pool_for(device: Device, *, by: Actor, at: datetime) -> Pool:
    alike = _likeness(device)
    found = Pool.objects.filter(**alike).first()
    if found is not None:
        return found
    pool = Pool(
        id=ids.new(at),
        code=ids.code("PL"),
        device_class=device.device_class,
        name=(str(device.variant) if device.variant else device.face)[:240],
        warranty_months=12 if device.owner.kind == OrganizationKind.OPERATOR else 0,
        created_at=at,
        **alike,
    )
    try:
        with transaction.atomic():
            pool.save(force_insert=True)
            ledger.begin(
                "pool",
                pool.id,
                facts.PoolOpened(
                    pool=pool.code, name=pool.name, grade=pool.grade, warranty_months=pool.warranty_months
                ),
                by=by,
                at=at,
                owner=pool.owner_id,
                hub=pool.hub_id,
            )
    except IntegrityError:
        # Its like came to be sold at the same moment, and opened the pool.
        return Pool.objects.get(**alike)
    return pool


def by_contract(tag: str, why: str) -> Reason:
    """What a contract forbids for this unit, with its own sentence."""
    reason = instructions.refusal(why)
    return Reason(reason.code, f"{tag}: {reason.sentence}")


def reasons_against_entering(device: Device, told: Instructions = NONE) -> list[Reason]:
    """Why it can't join a pool. ``told`` is what its owner's contract says of it."""
    found = [by_contract(device.tag, told.sale)] if told.sale else []
    if State(device.state) != State.TO_SELL:
        found.append(Reason("not_for_sale", _("%(tag)s is not for sale") % {"tag": device.tag}))
    if device.hub_id is None:
        found.append(Reason("nowhere", _("%(tag)s is at no hub") % {"tag": device.tag}))
    return found


@transaction.atomic
def enter(*, unit: Device, by: Actor, at: datetime) -> PoolUnit:
    """Put a unit that waits for a buyer into the pool of its like, opened where there is none yet; said once a stay.

    Raises UnableToPool; also where its contract forbids a channel in which that pool is offered.
    """
    need(by, "resale.pool")
    device = moves.take_one(unit.id)
    told = instructions.of_one(device.pk, at=at)
    if reasons := reasons_against_entering(device, told):
        raise UnableToPool(reasons)
    pool = _pool_for(device, by=by, at=at)
    if told.channels:
        offered = Offer.objects.filter(pool=pool, ended_at=None).order_by("channel").values_list("channel", flat=True)
        if shut := [told.channels[channel] for channel in offered if channel in told.channels]:
            raise UnableToPool(by_contract(device.tag, why) for why in dict.fromkeys(shut))
    stay = PoolUnit.objects.filter(device=device, left_at=None).first()
    if stay is not None and stay.pool_id == pool.pk and stay.entered_at >= device.state_since:
        return stay
    # An older stay is of an earlier visit, or of another grade or owner.
    PoolUnit.objects.filter(device=device, left_at=None).update(left_at=at)
    stay = PoolUnit.objects.create(pool=pool, device=device, entered_at=at)
    moves.note(device, fact=facts.Pooled(pool=pool.code, name=pool.name, grade=pool.grade), by=by, at=at)
    return stay


@transaction.atomic
def set_warranty(*, pool: Pool, months: int, by: Actor, at: datetime) -> Pool:
    """What buyers of this pool are promised from now on; what was sold keeps what it was sold with."""
    need(by, "resale.pool")
    if not 0 <= months <= 120:
        raise BadInput(Reason("months", _("A warranty lasts 0 to 120 months."), "months"))
    Pool.objects.filter(pk=pool.pk).update(warranty_months=months)
    pool.warranty_months = months
    return pool
