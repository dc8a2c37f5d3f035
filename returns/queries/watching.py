"""What is known of whoever returns something, as numbers that rules of the kind ``returns.risk`` compare: counted in one query."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from returns import reasons
from returns.fraud import people, scoring
from returns.fraud.scoring import Score
from returns.models import Origin
from returns.policy.cases import History
from revlog.common.prepared import Prepared
from revlog.terms.models import Order, OrderSource
from revlog.terms.ruling import Ruling

UNSCORED = frozenset(
    {Origin.UNDELIVERABLE.value, Origin.REFUSED.value, Origin.RECALL.value, Origin.IMPORT.value, Origin.EDI.value}
)
"""What comes back by itself, by a recall, from the past, or from a business: nobody's behaviour is in it."""
MOST_PEOPLE, MOST_RETURNS, MOST_ORDERS = 200, 200, 20

PERSON = """
WITH me AS (
    SELECT id FROM terms_contact WHERE id = %(contact)s
    UNION SELECT id FROM (SELECT id FROM terms_contact WHERE email = %(email)s AND email <> '' LIMIT %(people)s) same
), shared AS (
    SELECT kind, contact_id FROM returns_personkey
    WHERE digest = ANY(%(digests)s) AND contact_id NOT IN (SELECT id FROM me) LIMIT %(people)s
), links AS (
    SELECT shared.kind, shared.contact_id, COALESCE(NULLIF(c.email, ''), c.id::text) AS account
    FROM shared JOIN terms_contact c ON c.id = shared.contact_id WHERE c.email <> %(email)s
), mine AS (
    SELECT id, opened_at FROM returns_rma
    WHERE contact_id IN (SELECT id FROM me) AND seller_id = %(seller)s AND id <> %(without)s AND opened_at <= %(at)s
        AND opened_at > %(year)s AND status NOT IN ('cancelled', 'refused')
    ORDER BY opened_at DESC LIMIT %(returns)s
), bought AS (
    SELECT o.id, COALESCE(SUM(l.price * l.quantity), 0) AS paid
    FROM (
        SELECT id FROM terms_order
        WHERE contact_id IN (SELECT id FROM me) AND seller_id = %(seller)s AND ordered_at <= %(at)s AND ordered_at > %(year)s
        ORDER BY ordered_at DESC LIMIT %(orders)s
    ) o JOIN terms_orderline l ON l.order_id = o.id GROUP BY o.id
)
SELECT
    (SELECT COUNT(*) FROM mine WHERE opened_at > %(week)s),
    (SELECT COUNT(*) FROM mine WHERE opened_at > %(month)s),
    (SELECT COUNT(DISTINCT l.rma_id) FROM returns_rmaline l JOIN mine ON mine.id = l.rma_id WHERE l.reason = ANY(%(not_here)s)),
    (SELECT COUNT(DISTINCT d.rma_id) FROM returns_discrepancy d JOIN mine ON mine.id = d.rma_id WHERE d.kind = 'empty_box'),
    (SELECT COUNT(*) FROM returns_rmaline l JOIN mine ON mine.id = l.rma_id
        JOIN returns_charge c ON c.line_id = l.id WHERE l.wanted = 'advance' AND c.kept > 0),
    (SELECT COUNT(*) FROM returns_review v JOIN returns_rma r ON r.id = v.rma_id WHERE v.status = 'confirmed'
        AND r.contact_id IN (SELECT id FROM me) AND r.seller_id = %(seller)s AND r.id <> %(without)s),
    (SELECT COUNT(*) FROM returns_review v JOIN returns_rma r ON r.id = v.rma_id WHERE v.status = 'confirmed'
        AND r.contact_id IN (SELECT contact_id FROM links) AND r.seller_id = %(seller)s),
    (SELECT COUNT(*) FROM returns_rma r WHERE r.contact_id IN (SELECT contact_id FROM links) AND r.seller_id = %(seller)s
        AND r.opened_at > %(month)s AND r.opened_at <= %(at)s),
    (SELECT COUNT(DISTINCT account) FROM links WHERE kind = 'address'),
    (SELECT COUNT(DISTINCT account) FROM links WHERE kind = 'mailbox'),
    (SELECT COUNT(DISTINCT account) FROM links WHERE kind = 'payment'),
    (SELECT ROUND(AVG(paid), 2) FROM bought WHERE id <> %(order)s),
    (SELECT SUM(paid) FROM bought)
"""
NAMES = (
    "returns_7",
    "returns_30",
    "claims_before",
    "empty_boxes_before",
    "advances_kept",
    "confirmed_before",
    "linked_confirmed",
    "linked_returns_30",
    "same_address",
    "same_mailbox",
    "same_payment",
)
TAKES = {
    "contact": "uuid",
    "email": "text",
    "digests": "text[]",
    "seller": "uuid",
    "order": "uuid",
    "without": "uuid",
    "at": "timestamptz",
    "week": "timestamptz",
    "month": "timestamptz",
    "year": "timestamptz",
    "not_here": "text[]",
    "people": "bigint",
    "returns": "bigint",
    "orders": "bigint",
}
ASKED = Prepared(PERSON, TAKES)
NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True)
class Watch:
    """The rules in force and what is known of the person; a score for a wish costs no query any more."""

    ruling: Ruling | None = None
    person: Mapping[str, Any] = field(default_factory=dict)
    usual: Decimal | None = None

    def known(
        self, reasons_told: Sequence[str], *, value: Decimal, origin: str, gift: bool, lists: Iterable[str] = ()
    ) -> dict[str, Any]:
        """What the rules compare for a wish: the person, and the wish itself with the lists that it or its customer is on."""
        share = int(100 * value / self.usual) if self.usual else None
        return {
            **self.person,
            "value": value,
            "value_percent": share,
            "not_here": any(one in reasons.NOT_HERE for one in reasons_told),
            "origin": origin,
            "gift": gift,
            "lists": sorted(lists),
        }

    def score_of(
        self, reasons_told: Sequence[str], *, value: Decimal, origin: str, gift: bool, lists: Iterable[str] = ()
    ) -> Score | None:
        """None where there is nobody to score."""
        if self.ruling is None or origin in UNSCORED:
            return None
        known = self.known(reasons_told, value=value, origin=origin, gift=gift, lists=lists)
        return scoring.score(self.ruling, known)


BLIND = Watch()


def watch(order: Order, *, history: History, ruling: Ruling, at: datetime, without: uuid.UUID = NOBODY) -> Watch:
    """What is known of whoever placed the order, in one query; businesses are watched by their agreement, not here."""
    if order.customer_id is not None:
        return BLIND
    contact = order.contact
    told = people.keys(
        order.seller_id,
        email=contact.email,
        lines=contact.address,
        country=contact.country,
        payment="" if order.source == OrderSource.EXCHANGE else order.payment,
    )
    values: dict[str, Any] = {
        "contact": contact.pk,
        "email": contact.email,
        "digests": list(told.values()),
        "seller": order.seller_id,
        "order": order.pk,
        "without": without,
        "at": at,
        "week": at - timedelta(days=7),
        "month": at - timedelta(days=30),
        "year": at - timedelta(days=365),
        "not_here": sorted(reasons.NOT_HERE),
        "people": MOST_PEOPLE,
        "returns": MOST_RETURNS,
        "orders": MOST_ORDERS,
    }
    *counts, usual, bought = ASKED.rows(**values)[0]
    person = {
        **dict(zip(NAMES, counts, strict=True)),
        **vars(history),
        "first_order": history.orders <= 1,
        "refund_share": int(100 * history.refunded / bought) if bought else None,
    }
    return Watch(ruling, person, usual)
