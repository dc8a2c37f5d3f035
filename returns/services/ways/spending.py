"""How many labels a carrier on the net was asked for one order in a day: each may cost postage, also when it is called off again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from returns import policy
from returns.models import Rma
from revlog.accounts.models import Hub
from revlog.common.errors import Reason
from revlog.common.prepared import Prepared
from revlog.terms import queries as terms
from revlog.terms.models import Order
from revlog.terms.ruling import Ruling

if TYPE_CHECKING:
    from returns.services.answering import Footing

A_DAY = 3
"""Where the rules say nothing (``labels_a_day``). After so many a person decides."""


_ASKED = Prepared(
    """SELECT count(*) FROM logistics_shipment s
       JOIN logistics_parcel p ON p.shipment_id = s.id JOIN logistics_booking b ON b.parcel_id = p.id
       WHERE s.reference IN (
           SELECT 'rma:' || l.rma_id FROM returns_rmaline l JOIN terms_orderline o ON o.id = l.order_line_id
           WHERE o.order_id = ANY(%(orders)s)
       ) AND b.asked_at >= %(begins)s AND b.asked_at < %(ends)s""",
    takes={"orders": "uuid[]", "begins": "timestamptz", "ends": "timestamptz"},
)


def most(rules: Ruling) -> int:
    return int(rules.parameters.get("labels_a_day", A_DAY))


def asked_today(orders: Iterable[Order], *, hub: Hub, at: datetime) -> int:
    """How many labels were asked for returns of these orders on this day of the site, whatever became of them."""
    begins = datetime.combine(hub.calendar.local(at).date(), time.min, tzinfo=hub.calendar.tz)
    [(count,)] = _ASKED.rows(orders=[one.pk for one in orders], begins=begins, ends=begins + timedelta(days=1))
    return int(count)


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
