"""Who returned something before accounts were compared: contacts of which no digest is kept yet."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from returns.models import Kind, Origin
from returns.queries.watching import UNSCORED
from revlog.common.prepared import Prepared
from revlog.terms.models.orders import TRADED_IN

YEAR = timedelta(days=365)
NOBODY = frozenset(UNSCORED - {Origin.IMPORT.value})
"""Returns in which nobody's behaviour is. A past one that was imported is scored by nobody, but says that its customer returned it."""

_UNKEYED = Prepared(
    f"""WITH returned AS (
            SELECT DISTINCT r.contact_id, r.seller_id FROM returns_rma r JOIN terms_order o ON o.id = r.order_id
            WHERE r.kind <> '{Kind.TRADE.value}' AND r.origin <> ALL(%(nobody)s) AND o.customer_id IS NULL
        ), people AS (
            SELECT contact_id FROM returned
            UNION
            SELECT o.contact_id
            FROM (SELECT DISTINCT c.email, p.seller_id FROM returned p JOIN terms_contact c ON c.id = p.contact_id WHERE c.email <> '') e
            JOIN terms_contact c ON c.email = e.email
            JOIN terms_order o ON o.contact_id = c.id AND o.seller_id = e.seller_id
            WHERE o.ordered_at > %(since)s AND o.customer_id IS NULL AND o.reference NOT LIKE '{TRADED_IN}%%'
        ), missing AS MATERIALIZED (
            -- A difference of two sets costs the same whatever the planner believes of them, also just after all digests were dropped.
            SELECT contact_id FROM people EXCEPT SELECT contact_id FROM returns_personkey
        )
        SELECT c.id FROM missing JOIN terms_contact c ON c.id = missing.contact_id
        WHERE c.erased_at IS NULL
            AND (c.email <> '' OR c.address <> '[]' OR EXISTS (SELECT 1 FROM terms_order o WHERE o.contact_id = c.id AND o.payment <> ''))
        ORDER BY c.id LIMIT %(most)s""",  # noqa: S608 - SQL of ours
    takes={"nobody": "text[]", "since": "timestamptz", "most": "bigint"},
)


def unkeyed(*, at: datetime, most: int) -> list[uuid.UUID]:
    """Contacts of people who returned something, those of their other orders of a year too, of whom no digest is kept.

    Who never returned anything is compared with nobody, so none of them is here; nor is who was erased.
    """
    return [pk for (pk,) in _UNKEYED.rows(nobody=sorted(NOBODY), since=at - YEAR, most=most)]
