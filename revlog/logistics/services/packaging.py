"""What comes back and goes out with a truck or a shipment: posted once to the partner's account, under a key made of the paper."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common.errors import BadInput, Reason
from revlog.logistics.models import Delivery, Direction, Shipment
from revlog.storage.models import PackagingMove, PackagingMoveKind, PackagingType
from revlog.storage.services import packaging


def _key(paper: Delivery | Shipment, type: PackagingType, partner: Organization, kind: PackagingMoveKind) -> str:
    name = "delivery" if isinstance(paper, Delivery) else "shipment"
    return f"{name}:{paper.pk}:{type.pk}:{partner.code}:{kind.value}"[:120]


def reasons_against_writing_down(
    paper: Delivery | Shipment, type: PackagingType, partner: Organization, kinds: tuple[PackagingMoveKind, ...]
) -> list[Reason]:
    """A paper brings or takes one kind of packaging of one partner once; what was miscounted is answered by a move of its own."""
    keys = [_key(paper, type, partner, kind) for kind in kinds]
    earlier = PackagingMove.objects.filter(key__in=keys).first()
    if earlier is None:
        return []
    told = {"count": earlier.quantity, "what": type.name, "paper": paper.number}
    return [
        Reason(
            "already",
            _("%(count)s × %(what)s stand on %(paper)s already. Post a difference under Packaging.") % told,
            "type",
        )
    ]


@transaction.atomic
def brought(
    delivery: Delivery,
    type: PackagingType,
    *,
    partner: Organization,
    whole: int,
    damaged: int = 0,
    by: Actor,
    at: datetime,
) -> list[PackagingMove]:
    """A truck brought so many back of what ``partner`` had. Raises UnableToPost where that was written down before."""
    kinds = (PackagingMoveKind.BACK, PackagingMoveKind.BACK_DAMAGED)
    if whole < 0 or damaged < 0 or not whole + damaged:
        raise BadInput(Reason("quantity", _("Say how many came, whole or damaged."), "whole"))
    row = Delivery.objects.select_for_update(no_key=True, of=("self",)).select_related("hub").get(pk=delivery.pk)
    if found := reasons_against_writing_down(row, type, partner, kinds):
        raise packaging.UnableToPost(found)
    return [
        packaging.post(
            type, kind, hub=row.hub, quantity=count, partner=partner, reference=row.number,
            key=_key(row, type, partner, kind), by=by, at=at,
        )
        for kind, count in zip(kinds, (whole, damaged), strict=True)
        if count
    ]  # fmt: skip


@transaction.atomic
def went(
    shipment: Shipment, type: PackagingType, *, partner: Organization, quantity: int, by: Actor, at: datetime
) -> PackagingMove:
    """So many went out with a shipment, and ``partner`` has them now. Raises UnableToPost where that was written down before."""
    row = Shipment.objects.select_for_update(no_key=True, of=("self",)).select_related("hub").get(pk=shipment.pk)
    if row.direction != Direction.OUTBOUND:
        raise BadInput(Reason("inbound", _("What comes in is written down with its delivery."), "type"))
    kind = PackagingMoveKind.GIVEN
    if found := reasons_against_writing_down(row, type, partner, (kind,)):
        raise packaging.UnableToPost(found)
    return packaging.post(
        type, kind, hub=row.hub, quantity=quantity, partner=partner, reference=row.number,
        key=_key(row, type, partner, kind), by=by, at=at,
    )  # fmt: skip
