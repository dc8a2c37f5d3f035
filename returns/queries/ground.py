"""What a wish is decided on, read in a statement each: the lines of its orders with what became of them, and the customer's history."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from refurb import facts as refurb_facts
from returns.models import Kind, RmaStatus
from returns.models.rma import DEAD
from returns.policy.cases import History
from returns.queries import lists
from revlog.accounts.models import Hub, OrganizationKind
from revlog.common.prepared import Prepared
from revlog.common.rows import Part, Together
from revlog.devices.models import ProductModel
from revlog.terms.models import Order, OrderLine
from revlog.terms.models.orders import TRADED_IN

YEAR = timedelta(days=365)
_ALIVE = ", ".join(f"'{one.value}'" for one in RmaStatus if one not in {RmaStatus.REFUSED, RmaStatus.CANCELLED})
_DEAD = ", ".join(f"'{one.value}'" for one in DEAD)

_GROUND = Together(
    (
        Part("line", OrderLine, "t.order_id = ANY(%(orders)s)", "line.position"),
        Part("product", ProductModel, "t.id IN (SELECT product_id FROM line)"),
        Part(
            "hub",
            Hub,
            "t.active AND EXISTS (SELECT 1 FROM accounts_organization o "  # noqa: S608 - SQL of ours
            f"WHERE o.id = t.organization_id AND o.kind = '{OrganizationKind.OPERATOR.value}')",
            "hub.secured DESC, hub.code",
        ),
    ),
    takes={"orders": "uuid[]", "day": "date", "since": "timestamptz", "at": "timestamptz", "people": "text[]"},
    also={
        # What never came may be announced again.
        # From each line on: joined as one set, the planner may read all returns there are for the few of these.
        "taken": f"""SELECT json_object_agg(line.id, own.total) FROM line CROSS JOIN LATERAL (
            SELECT sum(r.quantity) - coalesce(sum(r.quantity) FILTER (WHERE r.settled_as = 'not_received'), 0) AS total
            FROM returns_rmaline r
            WHERE r.order_line_id = line.id AND (SELECT a.status FROM returns_rma a WHERE a.id = r.rma_id) NOT IN ({_DEAD})) own
            WHERE own.total IS NOT NULL""",  # noqa: S608 - SQL of ours
        "warranted": """SELECT json_agg(DISTINCT w.order_line_id) FROM terms_warranty w
            WHERE w.order_line_id IN (SELECT id FROM line) AND w.starts_on <= %(day)s AND w.ends_on >= %(day)s""",
        "repaired": f"""SELECT json_agg(DISTINCT s.order_line_id) FROM terms_soldserial s
            JOIN devices_identifier i ON i.normal_form = s.normal_form AND i.scheme IN ('serial', 'imei')
            JOIN custody_entry e ON e.chain_id = i.device_id AND e.kind = '{refurb_facts.WorkPassed.kind}'
                 AND e.occurred_at >= %(since)s AND e.occurred_at <= %(at)s
            WHERE s.order_line_id IN (SELECT id FROM line)""",  # noqa: S608 - SQL of ours
        "listed": """SELECT json_agg(DISTINCT jsonb_build_array(t.line, l.name)) FROM (
                SELECT id AS line, order_id, 'product' AS kind, upper(sku) AS subject FROM line
                UNION ALL SELECT line.id, o.id, 'order', upper(o.number) FROM line JOIN terms_order o ON o.id = line.order_id
                UNION ALL SELECT line.id, line.order_id, 'customer', p.digest FROM line CROSS JOIN unnest(%(people)s) AS p (digest)
                UNION ALL SELECT s.order_line_id, line.order_id, 'serial', s.normal_form
                    FROM terms_soldserial s JOIN line ON line.id = s.order_line_id) t
            JOIN terms_order o ON o.id = t.order_id
            JOIN returns_listing l ON l.seller_id = o.seller_id AND l.kind = t.kind AND l.subject = t.subject AND l.lifted_at IS NULL
                 AND l.since <= %(day)s AND (l.until IS NULL OR l.until >= %(day)s)""",
    },
)


@dataclass(frozen=True)
class Ground:
    """The lines of some orders, by their id in the order of their positions, each with its order; and what is known of them."""

    lines: Mapping[uuid.UUID, OrderLine]
    hubs: Sequence[Hub]
    """Sites that take returns: a secured one first, since what comes may hold data."""
    taken: Mapping[uuid.UUID, int]
    """How many of each line are in returns that weren't refused, called off or given up."""
    warranted: frozenset[uuid.UUID]
    """Lines of which a warranty is in force."""
    repaired: frozenset[uuid.UUID]
    """Lines of which a thing left a repair of ours so shortly before."""
    listed: Mapping[uuid.UUID, Sequence[str]] = field(default_factory=dict)
    """The lists on which a line is: with its customer, order, product or a serial number of it."""


def read(orders: Sequence[Order], *, repeat_days: int, at: datetime) -> Ground:
    """``orders`` know their seller and contact, so that their lines do."""
    known = {order.pk: order for order in orders}
    people = sorted({key for order in orders for key in lists.keys_of(order.seller_id, order.contact)})
    told = _GROUND.read(orders=list(known), day=at.date(), since=at - timedelta(days=repeat_days), at=at, people=people)
    products = {row.pk: row for row in told["product"]}
    for line in told["line"]:
        line.order, line.product = known[line.order_id], products.get(line.product_id)
    return Ground(
        lines={line.pk: line for line in told["line"]},
        hubs=told["hub"],
        taken={uuid.UUID(pk): int(count) for pk, count in (told["taken"] or {}).items()},
        warranted=frozenset(uuid.UUID(pk) for pk in told["warranted"] or ()),
        repaired=frozenset(uuid.UUID(pk) for pk in told["repaired"] or ()),
        listed=_by_line(told["listed"] or ()),
    )


def _by_line(told: Iterable[tuple[str, str]]) -> dict[uuid.UUID, list[str]]:
    found: dict[uuid.UUID, list[str]] = {}
    for line, name in told:
        found.setdefault(uuid.UUID(line), []).append(name)
    return {line: sorted(names) for line, names in found.items()}


_HISTORY = Prepared(
    f"""WITH person AS (
            SELECT %(contact)s AS id UNION SELECT c.id FROM terms_contact c WHERE c.email = %(email)s AND %(email)s <> ''
        ), bought AS (
            SELECT o.id, o.ordered_at > %(since)s AND o.ordered_at <= %(at)s AS lately
            FROM person p JOIN terms_order o ON o.contact_id = p.id
            WHERE o.seller_id = %(seller)s AND o.reference NOT LIKE '{TRADED_IN}%%'
        ), returned AS (
            SELECT r.id, r.status, r.order_id,
                   r.opened_at > %(since)s AND r.opened_at <= %(at)s AS lately, r.seller_id = %(seller)s AS theirs
            FROM person p JOIN terms_order o ON o.contact_id = p.id JOIN returns_rma r ON r.order_id = o.id
            WHERE r.status IN ({_ALIVE}) AND r.kind <> '{Kind.TRADE.value}'
        ), counted AS (
            SELECT r.id, coalesce(bool_or(l.goods IN ('keep', 'donate')), false) AS kept,
                   r.status = 'expired' OR coalesce(bool_or(l.settled_as = 'not_received'), false) AS never,
                   sum(l.settled_amount) AS refunded
            FROM returned r LEFT JOIN returns_rmaline l ON l.rma_id = r.id WHERE r.lately AND r.theirs GROUP BY r.id, r.status
        )
        SELECT (SELECT count(*) FROM bought WHERE lately),
               (SELECT count(*) FROM bought b WHERE lately AND EXISTS (SELECT 1 FROM returned r WHERE r.order_id = b.id)),
               (SELECT count(*) FROM counted), (SELECT count(*) FROM counted WHERE never), (SELECT sum(refunded) FROM counted),
               (SELECT count(*) FROM counted WHERE kept)""",  # noqa: S608 - SQL of ours
    takes={"contact": "uuid", "email": "text", "seller": "uuid", "since": "timestamptz", "at": "timestamptz"},
)


def history_of(order: Order, *, at: datetime) -> History:
    """What whoever placed the order bought and sent back from this seller in the last 365 days, in one query; not what they sold us.

    A person may be several contacts: those of the same e-mail and seller count as one. Who was erased is only the one. All is found from
    the person on, so that it takes no longer beside a million orders of others.
    """
    [(orders, came_back, returns, never, refunded, kept)] = _HISTORY.rows(
        contact=order.contact_id, email=order.contact.email, seller=order.seller_id, since=at - YEAR, at=at
    )
    return History(
        orders=orders,
        return_rate=round(100 * came_back / orders) if orders else None,
        returns=returns,
        refunded=refunded or Decimal(0),
        never_came=never,
        kept_before=kept,
    )
