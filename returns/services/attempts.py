"""How often a guest may guess: counted in the database, so that a broker that is down neither locks people out nor lets them in."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext as _

from revlog.common.errors import DomainError, Reason

log = logging.getLogger(__name__)

STRETCH = timedelta(minutes=10)
FROM_ONE_ADDRESS = 10
AT_ONE_ORDER = 5


class TooManyTries(DomainError):
    """Somebody guesses; they may go on later."""

    status = 429
    code = "too_many_tries"


def _key(kind: str, text: str) -> str:
    """A keyed digest: the table can't be read back into addresses or order numbers."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()


def _count(key: str, at: datetime) -> int:
    """One more; a stretch that is over begins anew. One statement, so that two at once count as two."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO returns_attempts (key, begun_at, count) VALUES (%s, %s, 1)
            ON CONFLICT (key) DO UPDATE SET
                count = CASE WHEN returns_attempts.begun_at < %s THEN 1 ELSE returns_attempts.count + 1 END,
                begun_at = CASE WHEN returns_attempts.begun_at < %s THEN EXCLUDED.begun_at ELSE returns_attempts.begun_at END
            RETURNING count
            """,
            [key, at, at - STRETCH, at - STRETCH],
        )
        return int(cursor.fetchone()[0])


def allow(*, address: str, order: str, door: str, at: datetime) -> None:
    """Count a try from this network address at this order number (or e-mail). Raises TooManyTries, the same for right and wrong answers.

    What is logged tells one guesser from another by a keyed digest, and nobody by name, number or address.
    """
    tries = (
        (_count(_key("address", address), at), FROM_ONE_ADDRESS),
        (_count(_key("order", order.strip().upper()), at), AT_ONE_ORDER),
    )
    if any(count > most for count, most in tries):
        log.warning(
            "portal: too many tries at the door %s, %s from one address, %s at one thing (guesser %s)",
            door, tries[0][0], tries[1][0], _key("address", address)[:12],
        )  # fmt: skip
        raise TooManyTries(Reason("too_many_tries", _("That were many tries. Wait ten minutes, or write to us.")))


WRONG_CODES = 10
"""How many codes one key or person may get wrong in one stretch."""


def guessing(kind: str, who: str) -> None:
    """Raises TooManyTries for who got too many codes of this kind wrong, whether the next one is right or not.

    Counted in the cache: what a keyed request of the API wrote is rolled back when it is refused, and its guess would be too.
    """
    if int(cache.get(f"guesses:{_key(kind, who)}", 0)) >= WRONG_CODES:
        log.warning("too many wrong codes (%s, guesser %s)", kind, _key(kind, who)[:12])
        raise TooManyTries(Reason("too_many_tries", _("That were many tries. Wait ten minutes, or write to us.")))


def guessed_wrong(kind: str, who: str) -> None:
    """One more code that there isn't."""
    place = f"guesses:{_key(kind, who)}"
    if not cache.add(place, 1, timeout=int(STRETCH.total_seconds())):
        with contextlib.suppress(ValueError):
            cache.incr(place)


def missed(*, address: str, door: str) -> None:
    """Somebody's answer was wrong: written down, so that guessing shows before it is stopped."""
    log.info("portal: a wrong answer at the door %s (guesser %s)", door, _key("address", address)[:12])


def forgive(*, order: str) -> None:
    """Who got in has done with guessing."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM returns_attempts WHERE key = %s", [_key("order", order.strip().upper())])
