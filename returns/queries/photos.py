"""Photos that rules want of a thing and that its customer hasn't sent yet, as where it was announced by telephone or by a shop's system."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from returns import facts
from returns.models import Origin, Rma, RmaLine, RmaStatus
from revlog.accounts.actors import ActorKind
from revlog.custody.models import Entry
from revlog.evidence.models import Attachment

WITHOUT_CAMERA = (Origin.STAFF, Origin.API)
"""Announced where none could be sent along; the portal asks for them at once."""
BEFORE = timedelta(days=3)
"""How long before its last day a customer is reminded."""


def still_wanted(rma: Rma, lines: Sequence[RmaLine]) -> int:
    """How many photos are still to come, while it is with its customer and they matter."""
    if rma.origin not in WITHOUT_CAMERA or rma.status not in {RmaStatus.REQUESTED, RmaStatus.APPROVED}:
        return 0
    wanted = sum(_of(line) for line in lines)
    return max(wanted - sent(rma), 0) if wanted else 0


def _of(line: RmaLine) -> int:
    found = line.decision.get("outcome", {}).get("photos", 0)
    return found if isinstance(found, int) else 0


def sent(rma: Rma) -> int:
    """How many its customer has sent: with a message, or when they announced it."""
    rows = Attachment.objects.filter(chain_id=rma.pk, use__startswith="photo", audience="customer")
    return rows.filter(added_by__startswith=ActorKind.GUEST.value).count()


def to_remind(*, at: datetime) -> QuerySet[Rma]:
    """Returns whose time to be handed in ends soon, that rules wanted photos of, and whose customer wasn't reminded yet."""
    reminded = Entry.objects.filter(chain_id=OuterRef("pk"), kind=facts.PhotosReminded.kind)
    return (
        Rma.objects.filter(
            origin__in=WITHOUT_CAMERA,
            status=RmaStatus.APPROVED,
            hand_in_by__gt=at,
            hand_in_by__lte=at + BEFORE,
            lines__decision__outcome__photos__gte=1,
        )
        .exclude(Exists(reminded))
        .order_by("hand_in_by")
        .distinct()
    )
