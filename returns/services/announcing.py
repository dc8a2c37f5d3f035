"""Announcing a return from a form that may be sent twice: a double click, two tabs, a try again after a time-out make one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from returns.models import Announcement, Rma
from returns.services import opening
from returns.services.opening import Recipient, Wish
from returns.services.ways.choosing import Choice
from revlog.accounts.actors import Actor
from revlog.common.errors import NotAllowed
from revlog.terms.models import Order


def announced(key: uuid.UUID, order: Order) -> list[Rma]:
    """The RMAs that the form of this key became, none when it wasn't sent yet (or is of another order)."""
    row = Announcement.objects.filter(key=key, order=order).first()
    if row is None:
        return []
    found = {str(rma.pk): rma for rma in Rma.objects.filter(pk__in=row.rmas)}
    return [found[pk] for pk in row.rmas]


def announce(
    *,
    key: uuid.UUID,
    order: Order,
    wishes: Sequence[Wish],
    others: Sequence[Order] = (),
    recipient: Recipient | None = None,
    choice: Choice | None = None,
    by: Actor,
    at: datetime,
) -> list[Rma]:
    """Open what is wished for, once for ``key``. Raises what `opening.open_rmas` raises.

    The key is looked up under the lock of the order, at which two senders of the same form meet: quantities alone wouldn't tell a form
    that was sent twice from a second piece of a line that comes back too.
    """
    if found := opening.reasons_against_opening(order, gift=recipient is not None, by=by):
        raise NotAllowed(found)
    with transaction.atomic():
        locked, *rest = opening.lock_orders(order, *others)
        if known := announced(key, locked):
            return known
        rmas = opening.open_rmas(
            order=locked, wishes=wishes, others=rest, recipient=recipient, choice=choice, by=by, at=at
        )
        Announcement.objects.create(key=key, order=locked, rmas=[str(rma.pk) for rma in rmas], made_at=at)
    return rmas
