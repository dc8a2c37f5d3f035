"""Questions about trade-ins: the desk's list, one by its number, and what waits for a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from returns.models import BlockedNumber, TradeIn, TradeInStatus, UnitStatus
from returns.policy import tradein_law
from revlog.accounts.actors import Actor
from revlog.devices.exceptions import ExceptionRow
from revlog.terms import queries as terms

MOST = 500


def listed(actor: Actor, *, status: str = "", text: str = "") -> QuerySet[TradeIn]:
    """Newest first; by its number, its RMA's, or the thing's name or number."""
    rows = TradeIn.objects.visible_to(actor).select_related("rma", "hub").order_by("-made_at", "-id")
    if status:
        rows = rows.filter(status=status)
    if text:
        bare = text.strip()
        rows = (
            rows.filter(number__iexact=bare)
            | rows.filter(rma__number__iexact=bare)
            | rows.filter(what__icontains=bare)
            | rows.filter(serial__iexact=bare)
        )
    return rows


def by_number(number: str, actor: Actor) -> TradeIn | None:
    return (
        TradeIn.objects.visible_to(actor)
        .filter(number=number)
        .select_related("rma__hub", "hub", "contact", "buyer", "product", "document", "hold")
        .first()
    )


def lists() -> list[tuple[str, int]]:
    """The lists of blocked numbers, with how many they hold."""
    found: dict[str, int] = {}
    for source in BlockedNumber.objects.filter(lifted_at=None).values_list("source", flat=True):
        found[source] = found.get(source, 0) + 1
    return sorted(found.items())


def exceptions(actor: Actor, *, at: datetime) -> list[ExceptionRow]:
    return [*_asked(actor), *_without_document(actor, at), *_blocked(actor)]


def _asked(actor: Actor) -> list[ExceptionRow]:
    rows = TradeIn.objects.visible_to(actor).filter(status=TradeInStatus.ASKED).order_by("made_at")[:MOST]
    return [
        ExceptionRow(
            key=f"tradein:{row.pk}",
            kind="tradein_asked",
            sentence=_("Somebody waits for our price: %s.") % row.what,
            thing=row.number,
            url=reverse("tradeins_one", args=[row.number]),
            owner=_("support"),
            since=row.made_at,
            due=row.made_at + timedelta(days=2),
            currency=row.currency,
            next_action=_("Set a sum"),
        )
        for row in rows
    ]


def _here(actor: Actor) -> QuerySet[TradeIn]:
    """Trade-ins whose thing is with us and not bought yet."""
    return (
        TradeIn.objects.visible_to(actor)
        .filter(status=TradeInStatus.ACCEPTED, bought_at=None, rma__lines__units__status=UnitStatus.RECEIVED)
        .select_related("rma__hub")
        .order_by("accepted_at")
        .distinct()
    )


def _without_document(actor: Actor, at: datetime) -> list[ExceptionRow]:
    law = terms.in_force(tradein_law.KIND, at=at)
    rows = []
    for row in _here(actor).filter(identity=None, business=False)[:MOST]:
        since = (row.rma.arrived_at if row.rma is not None else None) or row.made_at
        day = (row.accepted_at or at).date()
        site = row.rma.hub.country if row.rma is not None else ""
        if row.amount and tradein_law.at_site(law, row.country, site, day).asks_identity(row.amount):
            rows.append(
                ExceptionRow(
                    key=f"identity:{row.pk}",
                    kind="tradein_identity",
                    sentence=_("It is here, and nobody has looked at its seller's document yet."),
                    thing=row.number,
                    url=reverse("tradeins_one", args=[row.number]),
                    owner=_("support"),
                    since=since,
                    due=row.rma.hub.calendar.after_hours(since, 16) if row.rma is not None else None,
                    money_at_risk=row.amount,
                    currency=row.currency,
                    next_action=_("Ask for the document"),
                )
            )
    return rows


def _blocked(actor: Actor) -> list[ExceptionRow]:
    rows = _here(actor).filter(rma__lines__units__device__holds__contains=["fraud"])
    return [
        ExceptionRow(
            key=f"blocked:{row.pk}",
            kind="tradein_blocked",
            sentence=_("A number on it is on a list of lost, stolen or blocked things."),
            thing=row.number,
            url=reverse("tradeins_one", args=[row.number]),
            owner=_("lead"),
            since=(row.rma.arrived_at if row.rma is not None else None) or row.made_at,
            money_at_risk=row.amount,
            currency=row.currency,
            next_action=_("Call the police or its owner"),
        )
        for row in rows[:MOST]
    ]
