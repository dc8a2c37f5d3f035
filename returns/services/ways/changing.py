"""Changing how a return travels, until it is handed over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns.models import Charge, Rma, RmaStatus, Way
from returns.models.money import PENDING
from returns.policy.ways import Option
from returns.services import approval
from returns.services.ways import choosing, spending
from returns.services.ways.choosing import Choice, UnableToTravel
from revlog.accounts.actors import Actor, ActorKind
from revlog.common.errors import NotAllowed, Reason
from revlog.common.rows import put
from revlog.common.words import word
from revlog.logistics.models import Shipment
from revlog.logistics.services import pickups

MOST_ASKED = 5
"""How often a carrier on the net is asked for one return at its customer's wish: each time it may cost postage."""


def reasons_against_choosing(rma: Rma, *, by: Actor, at: datetime) -> list[Reason]:
    """Why ``by`` can't change how it travels (any more)."""
    own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
    if not own and not by.may("returns.open") and not by.may("returns.approve"):
        return [Reason("not_allowed", _("Only who sends it can say how it travels."))]
    if rma.status != RmaStatus.APPROVED or not rma.way:
        return [
            Reason(
                "wrong_status",
                _("How it travels can't be changed: %(number)s is %(status)s.")
                % {"number": rma.number, "status": word(f"rma.{rma.status}")},
            )
        ]
    pickup = pickups.open_one(f"rma:{rma.pk}")
    if pickup is not None and own:
        return pickups.reasons_against_moving(pickup, at=at)
    return []


def choose(rma: Rma, choice: Choice, *, by: Actor, at: datetime) -> Rma:
    """Let it travel another way, or be picked up at another time. Chosen again as it is, nothing happens."""
    with transaction.atomic():
        row = approval.lock(rma.pk)
        if found := reasons_against_choosing(row, by=by, at=at):
            raise NotAllowed(found) if found[0].code == "not_allowed" else UnableToTravel(found)
        offer = choosing.offer_for(row, at=at)
        if found := choosing.reasons_against(offer, choice):
            raise UnableToTravel(found)
        if choice.name == row.way and choice.name != Way.PICKUP:
            return row
        again = by.kind == ActorKind.GUEST and choice.name in {Way.LABEL, Way.QR}
        if again and (found := spending.reasons_against_another(row, at=at)):
            raise UnableToTravel(found)
        if again and _asked(row) >= MOST_ASKED:
            raise UnableToTravel(
                Reason("often", _("It was changed many times already. Write to us if it has to travel another way."))
            )
        if (
            Charge.objects.filter(line__rma=row, status__in=[*PENDING, "paid"]).exists()
            and (offer.option(choice.name) or Option("")).fee
        ):
            raise UnableToTravel(Reason("paid", _("Money for it is on its way already, so this can't be chosen.")))
        if (before := pickups.open_one(f"rma:{row.pk}")) is not None:
            if choice.name == Way.PICKUP and choosing.slot_of(choice.slot) == (before.window, before.day):
                return row
            pickups.cancel(before, anyway=by.may("returns.approve"), by=by, at=at)
        links = choosing.take(row, offer, choice, said=True, by=by, at=at)
        row.save(update_fields=["way"])
        put(*links)
    return row


def _asked(rma: Rma) -> int:
    """How often a carrier on the net was asked for it, whatever was called off since."""
    sent = Shipment.objects.filter(reference=f"rma:{rma.pk}", parcels__booking__isnull=False)
    return sent.distinct().count()
