"""What customers are written: one mail a fact, its first sentence the one that stands on top of the status page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.conf import settings
from django.utils import translation

from returns import telling
from returns.models import Rma
from returns.services import doors
from revlog.accounts.models import Organization
from revlog.custody.models import Entry
from revlog.terms.models import Contact, Message
from revlog.terms.services import messages

LINK_DAYS = 365
FIRST_ONLY = frozenset({"arrived"})
"""Mails that go once for an RMA, however many parcels and units there are."""


def link(rma: Rma, *, at: datetime) -> str:
    """The signed address of the status page; whoever has it sees this one return and nothing else."""
    return doors.address({f"rma:{rma.pk}"}, until=at + timedelta(days=LINK_DAYS))


def written(day: date) -> str:
    """A day as the reader's language writes it: Monday, 16 November."""
    return str(format_date(day, format="EEEE, d MMMM", locale=(translation.get_language() or "en").replace("-", "_")))


def brief(day: date) -> str:
    """The same on a small card: 16 Nov."""
    return str(format_date(day, format="d MMM", locale=(translation.get_language() or "en").replace("-", "_")))


def day(moment: datetime | None, zone: str) -> str:
    """The last day before ``moment``, which is the end of one at a place in ``zone``."""
    return "—" if moment is None else written((moment - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date())


def write(rma: Rma, entry: Entry, name: str, *, at: datetime, more: dict[str, Any] | None = None) -> Message | None:
    """The mail ``name`` for what ``entry`` says, rendered in the customer's language; None when there is nobody to write to."""
    contact = rma.contact
    with translation.override(contact.language if contact.language in dict(settings.LANGUAGES) else "en"):
        saying = telling.saying(rma, day=lambda moment: day(moment, rma.hub.zone))
        context = {
            "rma": rma,
            "lines": list(rma.lines.select_related("order_line").order_by("position")),
            "saying": saying,
            "link": link(rma, at=at),
            **(more or {}),
        }
    key = f"rma:{rma.pk}:{name}" if name in FIRST_ONLY else f"{entry.digest}:{name}"
    return messages.write(
        key=key,
        template=f"returns/mail/{name}",
        contact=contact,
        organization=rma.seller,
        thing=f"rma:{rma.pk}",
        context=context,
        at=at,
    )


def write_link(contact: Contact, seller: Organization, entry: Entry, *, at: datetime) -> Message | None:
    """The link to all that belongs to an e-mail, as its reader asked for it."""
    return messages.write(
        key=f"{entry.digest}:link",
        template="returns/mail/link",
        contact=contact,
        organization=seller,
        thing=f"contact:{contact.pk}",
        context={"link": doors.contact_link(contact, at=at), "days": doors.LINK_DAYS},
        at=at,
    )
