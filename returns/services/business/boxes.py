"""Boxes first: taken in as a count, unopened, and opened when there is time. Nothing is known of what is in them until then."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns.facts import business as business_facts
from returns.models import BoxCount, BusinessCase
from returns.models.rma import COMING
from returns.services import approval, unloading
from returns.services.unloading import UnableToReceive
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.words import word
from revlog.logistics.models import Parcel

MOST_BOXES = 10_000


def lock_case(case: BusinessCase) -> BusinessCase:
    """The case fresh and locked; its RMA is locked before."""
    return (
        BusinessCase.objects.select_for_update(no_key=True, of=("self",))
        .select_related("rma", "customer")
        .get(pk=case.pk)
    )


def take_in(
    case: BusinessCase,
    *,
    boxes: int,
    damaged: int = 0,
    hub: Hub,
    key: str,
    parcel: Parcel | None = None,
    by: Actor,
    at: datetime,
) -> BoxCount:
    """So many boxes stand on the dock: the return has arrived, and each box waits to be opened. The same ``key`` again counts once."""
    unloading.may_receive(by)
    mistakes = []
    if not 1 <= boxes <= MOST_BOXES:
        mistakes.append(Reason("boxes", _("Count the boxes: 1 to %s.") % f"{MOST_BOXES:,}", "boxes"))
    if not 0 <= damaged <= max(boxes, 0):
        mistakes.append(Reason("damaged", _("No more boxes can be damaged than came."), "damaged"))
    if mistakes:
        raise BadInput(mistakes)
    with transaction.atomic():
        rma = approval.lock(case.rma_id)
        row = lock_case(case)
        known = BoxCount.objects.filter(case=row, key=key).first()
        if known is not None:
            return known
        if rma.status not in {status.value for status in COMING}:
            raise UnableToReceive(
                Reason(
                    "not_coming",
                    _("Return %(number)s is %(status)s. Put the boxes on the hold shelf.")
                    % {"number": rma.number, "status": word(f"rma.{rma.status}")},
                )
            )
        parcel = unloading.open_return(rma, parcel=parcel, hub=hub, by=by, at=at)
        made = BoxCount.objects.create(
            id=ids.new(at),
            case=row,
            hub=hub,
            parcel=parcel,
            key=key[:80],
            boxes=boxes,
            damaged=damaged,
            counted_by=by.reference,
            counted_at=at,
        )
        row.boxes_counted += boxes
        row.save(update_fields=["boxes_counted"])
        approval.say(
            rma,
            business_facts.BoxesCounted(
                boxes=boxes, damaged=damaged, total=row.boxes_counted, announced=row.boxes_announced, hub=hub.code
            ),
            by=by,
            at=at,
        )
    return made


def open_boxes(count: BoxCount, boxes: int, *, by: Actor, at: datetime) -> BoxCount:
    """So many of the counted boxes were opened; what was in them is counted line by line."""
    unloading.may_receive(by)
    with transaction.atomic():
        approval.lock(count.case.rma_id)
        row = BoxCount.objects.select_for_update(no_key=True).get(pk=count.pk)
        left = row.boxes - row.opened
        if not 1 <= boxes <= left:
            raise BadInput(Reason("boxes", _("%s of these boxes are still closed.") % left, "boxes"))
        row.opened += boxes
        row.save(update_fields=["opened"])
    return row


def closed_boxes(case: BusinessCase) -> int:
    """How many boxes of a case stand there unopened."""
    return sum(row.boxes - row.opened for row in case.box_counts.all())
