"""Questions about carriers' bills."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.actors import Actor
from revlog.devices.exceptions import ExceptionRow
from revlog.logistics.models import Bill, BillStatus

WAITS = Q(lines__decision="")
DISPUTED = Q(lines__decision="dispute", lines__settled_at=None)


def bills(actor: Actor) -> QuerySet[Any]:
    """The newest first, each with its sum, how many lines wait, and what is in dispute."""
    return (
        Bill.objects.visible_to(actor)
        .select_related("carrier", "contract")
        .annotate(
            sum=Sum("lines__amount"),
            waiting=Count("lines", filter=WAITS),
            disputed=Sum(F("lines__amount") - F("lines__paid"), filter=DISPUTED),
        )
        .order_by("-dated", "-entered_at")
    )


def bill(number: str, actor: Actor) -> Bill | None:
    return (
        Bill.objects.visible_to(actor)
        .select_related("carrier", "contract__carrier", "file")
        .filter(number=number.upper())
        .first()
    )


def exceptions(actor: Actor) -> list[ExceptionRow]:
    """Bills with lines that somebody has to look at, and those that wait for another person's approval."""
    if not actor.may("money.post"):
        return []
    found = []
    for row in bills(actor).filter(status=BillStatus.OPEN)[:100]:
        if row.sum is None:
            continue
        count = row.waiting
        told = (
            ngettext("%s line of it isn't as expected.", "%s lines of it aren't as expected.", count) % count
            if count
            else _("It is decided, and waits for another person's approval.")
        )
        found.append(
            ExceptionRow(
                key=f"bill:{row.pk}", kind="exception.carrier_bill", sentence=told, thing=f"{row.carrier.name} {row.theirs}",
                url=reverse("bill", args=[row.number]), owner=_("finance"), since=row.entered_at,
                money_at_risk=row.sum or Decimal(0), currency=row.contract.currency,
                next_action=_("Look at its lines") if count else _("Approve it"),
            )
        )  # fmt: skip
    return found
