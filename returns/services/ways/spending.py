"""How many labels a carrier on the net was asked for one order in a day: each may cost postage, also when it is called off again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from returns import policy
from returns.models import Rma
from revlog.accounts.models import Hub
from revlog.common.errors import Reason
from revlog.logistics.models import Booking
from revlog.terms import queries as terms
from revlog.terms.models import Order
from revlog.terms.ruling import Ruling

if TYPE_CHECKING:
    from returns.services.answering import Footing

A_DAY = 3
"""Where the rules say nothing (``labels_a_day``). After so many a person decides."""


def most(rules: Ruling) -> int:
    return int(rules.parameters.get("labels_a_day", A_DAY))


def asked_today(orders: Iterable[Order], *, hub: Hub, at: datetime) -> int:
    """How many labels were asked for returns of these orders on this day of the site, whatever became of them."""
    begins = datetime.combine(hub.calendar.local(at).date(), time.min, tzinfo=hub.calendar.tz)
    return _asked(Rma.objects.filter(lines__order_line__order__in=list(orders)), begins)


def _asked(rmas: QuerySet[Rma], begins: datetime) -> int:
    keys = [f"rma:{key}" for key in rmas.distinct().values_list("pk", flat=True)]
    if not keys:
        return 0
    return Booking.objects.filter(
        parcel__shipment__reference__in=keys, asked_at__gte=begins, asked_at__lt=begins + timedelta(days=1)
    ).count()


def used_up(on: Footing, orders: Iterable[Order]) -> int:
    """How many were asked today where no more may be without a person; 0 while another one may."""
    asked = asked_today(orders, hub=on.hub, at=on.at)
    return asked if asked >= most(on.ruling) else 0


def reasons_against_another(rma: Rma, *, at: datetime) -> list[Reason]:
    """Why its customer gets no other label today."""
    orders = Order.objects.filter(lines__rma_lines__rma=rma).distinct()
    rules = terms.in_force(policy.KIND, at=at, organization=rma.seller_id)
    if asked_today(orders, hub=rma.hub, at=at) < most(rules):
        return []
    return [Reason("often", _("We made many labels for this order today. Use the one that you have, or write to us."))]
