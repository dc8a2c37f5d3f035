"""The mail to the leads of the two sites of a transfer that is late."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.dateparse import parse_datetime

from revlog.accounts.models import Membership, Role, User
from revlog.common import clock
from revlog.custody.models import Entry
from revlog.logistics.models import Carrier, Transfer


def late(entry: Entry) -> None:
    """One mail to each lead who works at either site, in their language."""
    transfer = Transfer.objects.select_related("origin__organization", "destination", "receiver").get(pk=entry.chain_id)
    told = entry.payload
    carrier = Carrier.objects.filter(code=told["carrier"]).first()
    hubs = [one for one in (transfer.origin, transfer.destination) if one is not None]
    memberships = Membership.objects.in_force(clock.now().date()).filter(
        Q(hub__in=hubs) | Q(hub=None), role=Role.LEAD, organization=transfer.origin.organization_id
    )
    for person in User.objects.filter(pk__in=memberships.values("user"), is_active=True).order_by("pk"):
        when = parse_datetime(str(told["due"]))
        with translation.override(person.language):
            context = {
                "number": transfer.number,
                "shipment": told["shipment"],
                "carrier": carrier.name if carrier is not None else told["carrier"],
                "place": told["place"],
                "due": transfer.origin.calendar.local(when) if when is not None else None,
                "link": settings.BASE_URL.rstrip("/") + reverse("transfer", args=[transfer.number]),
            }
            subject = " ".join(render_to_string("logistics/mail/late.subject.txt", context).split())
            text = render_to_string("logistics/mail/late.txt", context)
        EmailMultiAlternatives(subject, text, to=[person.email]).send()
