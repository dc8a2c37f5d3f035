"""Writing to suppliers: the request with the link that answers it, once, and once more before its day."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from returns.facts import vendors as facts
from returns.figures import VENDORS
from returns.models import RtvStatus, VendorReturn
from returns.services.vendors import returning
from revlog.accounts import actors, guests
from revlog.custody.models import Entry
from revlog.terms.models import Message
from revlog.terms.services import messages

CLOCK = actors.system("returns.clock")
LINK_AFTER = timedelta(days=60)
"""How long after the day on which they should have answered their link opens the page."""
MOST = 500


def link(rtv: VendorReturn, *, at: datetime) -> str:
    """The signed address of the page on which the supplier answers; whoever has it sees this return alone."""
    token = guests.sign({returning.scope(rtv)}, until=(rtv.answer_by or at) + LINK_AFTER)
    return f"{settings.BASE_URL or 'http://localhost:8000'}{reverse('vendor_answer_link', args=[token])}"


def write(rtv: VendorReturn, entry: Entry, *, again: bool) -> Message | None:
    """The mail that follows from an entry, once; None where the agreement names no mailbox, or they answered meanwhile."""
    if rtv.status != RtvStatus.ASKED:
        return None
    lines = list(rtv.lines.select_related("device__product"))
    return messages.write(
        key=f"{entry.digest}:vendor_asked",
        template="returns/mail/vendor_asked",
        to=rtv.agreement.says.mail,
        organization=rtv.hub.organization,
        thing=f"vendor_return:{rtv.pk}",
        context={
            "rtv": rtv,
            "lines": lines,
            "pieces": sum(one.quantity for one in lines),
            "expected": sum((one.expected for one in lines), Decimal(0)),
            "link": link(rtv, at=entry.occurred_at),
            "again": again,
        },
        at=entry.occurred_at,
    )


def due(*, at: datetime) -> list[uuid.UUID]:
    """Returns whose supplier should answer soon, has a mailbox, and wasn't reminded yet."""
    before = timedelta(days=int(VENDORS.in_force(at)["remind_days"]))
    reminded = Entry.objects.filter(chain_id=OuterRef("pk"), kind=facts.VendorReturnReminded.kind)
    rows = VendorReturn.objects.filter(status=RtvStatus.ASKED, answer_by__gt=at, answer_by__lte=at + before)
    rows = rows.exclude(agreement__terms__mail="").filter(agreement__terms__has_key="mail", asked_at__lt=at - before)
    return list(rows.exclude(Exists(reminded)).order_by("answer_by").values_list("pk", flat=True)[:MOST])


def remind(pk: uuid.UUID, *, at: datetime) -> bool:
    """Say that they are reminded, once; the mail follows. Who answered meanwhile isn't."""
    with transaction.atomic():
        row, _lines, _devices = returning.lock(VendorReturn.objects.get(pk=pk))
        if row.pk not in due(at=at) or row.answer_by is None:
            return False
        fact = facts.VendorReturnReminded(
            number=row.number, supplier=row.supplier.code, answer_by=row.answer_by.isoformat()
        )
        returning.say(row, fact, by=CLOCK, at=at, key="reminded")
    return True
