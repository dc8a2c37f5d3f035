"""Of a return's own page: whether it is looked at closely, and to whom that says more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from returns.facts import fraud as facts
from returns.models import Review, Rma
from returns.queries import fraud as queries
from returns.services.fraud import assessing
from returns.telling import Told
from revlog.accounts.actors import Actor
from revlog.common.words import word

SECRET = frozenset(
    fact.kind
    for fact in (facts.RiskScored, facts.ReviewOpened, facts.ReviewAsked, facts.ReviewEnded, facts.FraudConfirmed)
)
LOOKS = {
    "watched": "done",
    "open": "work",
    "cleared": "done",
    "confirmed": "held",
    "inspected": "done",
    "lapsed": "done",
    "ended": "done",
}


def readable(story: Sequence[Told], by: Actor) -> list[Told]:
    """The story of a return without what was scored and decided of its risk, but for those who decide it."""
    return [one for one in story if one.entry.kind not in SECRET or assessing.may_see(by)]


def panel(rma: Rma, by: Actor) -> dict[str, Any] | None:
    """What a return's own page shows: to those who decide the score with its signals, to all others only that money waits."""
    review = Review.objects.filter(rma=rma).first()
    if review is None:
        return None
    due = review.decide_by - timedelta(seconds=1) if review.decide_by else None
    if not assessing.may_see(by):
        return {"held": True, "due": due} if review.held else None
    last = queries.assessment(rma)
    return {
        "held": review.held,
        "due": due,
        "points": review.points,
        "look": LOOKS[review.status],
        "state": word(f"review.{review.status}"),
        "signals": [(_(one["why"]), one["counted"]) for one in last.signals] if last is not None else [],
        "url": reverse("fraud_case", args=[rma.number]),
    }
