"""What is called back in the demo: a real recall that is behind, a mock one that is done, a draft, and a claim nobody answers.

The real one names things that lie still: what is on hold anyway, and what was sold and stays with its buyers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from refurb.services import parts
from returns.models import Answer, Recall, RecallUnit, RmaUnit
from returns.services import recall_owners, recall_units, recalls
from returns.services import supplier_claims as claims
from returns.services.recalls import NewCriterion, NewRecall
from revlog.accounts.queries import guest
from revlog.devices.journey import ON_HAND, State
from revlog.devices.models import Device, ProductModel
from revlog.pages.simulation.world import World

Going = Iterator[datetime]


def _drafted(world: World, title: str, *criteria: NewCriterion, mock: bool = False, days: int = 2) -> Recall:
    return recalls.draft(
        NewRecall(
            title=title,
            kind="safety",
            severity="stop",
            remedy="refund",
            why="The battery may overheat while it charges.",
            what_to_do="Stop charging it, keep it away from what burns, and send it back.",
            issued_by="Lenovo",
            reference="" if mock else "PSB-2026-14",
            starts_on=world.at.date(),
            target_percent=90,
            target_on=None if mock else (world.at + timedelta(days=days)).date(),
            mock=mock,
            translations={
                "de": {
                    "title": "Akkus können beim Laden überhitzen",
                    "why": "Der Akku kann beim Laden überhitzen.",
                    "what_to_do": "Laden Sie ihn nicht mehr, halten Sie ihn von Brennbarem fern und senden Sie ihn zurück.",
                }
            },
            criteria=criteria,
        ),
        by=world.henrik,
        at=world.at,
    )


def _serials(world: World, *, most: int = 4) -> list[str]:
    """Of things that nobody works on: some on hold here, some with their buyers and in no return."""
    mine = Device.objects.filter(pk__in=list(world.machines)).exclude(serial="").order_by("pk")
    returned = (
        RmaUnit.objects.filter(status__in=["expected", "received", "refused"]).exclude(device=None).values("device_id")
    )
    held = mine.filter(state__in=[state.value for state in ON_HAND]).exclude(holds=[])
    away = mine.filter(state=State.SOLD).exclude(pk__in=returned)
    return [serial for rows in (held, away) for serial in itertools.islice(rows.values_list("serial", flat=True), most)]


def mock_recall(world: World) -> Going:
    """How long does it take until every unit of a model is located?"""
    product = ProductModel.objects.filter(name__icontains="T480").order_by("name").first()
    if product is None:
        return
    recall = _drafted(world, "Exercise: every ThinkPad T480", NewCriterion(range="model", product=product), mock=True)
    yield world.at + timedelta(minutes=4)
    recalls.open_version(recall, by=world.maria, at=world.at)
    world.drain()
    yield world.at + timedelta(minutes=37)
    for unit in RecallUnit.objects.filter(recall=recall, located_at=None).select_related("recall").order_by("pk"):
        recall_units.locate(unit, where="seen on the shelf", by=world.henrik, at=world.at)
    recalls.close(recall, reason="Every unit was located; two lay in the wrong aisle.", by=world.henrik, at=world.at)


def real_recall(world: World) -> Going:
    """One owner sends theirs back, one hasn't got it any more, the others are silent; what is here waits on the hold shelf.

    Of the parts in stock a lot of the same batteries is stopped.
    """
    parts.stock(
        hub=world.hubs["rotterdam"], number="BAT-L17", name="Battery L17, 45 Wh", quantity=6, cost=Decimal("31.00"),
        lot="H-11", by=world.henrik, at=world.at,
    )  # fmt: skip
    recall = _drafted(
        world, "Batteries may overheat while charging", NewCriterion(range="serials", serials=_serials(world)),
        NewCriterion(range="part_lot", text="H-11"),
    )  # fmt: skip
    yield world.at + timedelta(minutes=25)
    recalls.open_version(recall, by=world.maria, at=world.at)
    world.drain()
    yield world.at + timedelta(hours=3)
    owners = list(
        RecallUnit.objects.filter(recall=recall, contact__isnull=False, device__state=State.SOLD)
        .select_related("recall", "contact", "rma", "order_line__order")
        .order_by("pk")
    )
    for unit, given in zip(owners, (Answer.SENDS, Answer.GONE), strict=False):
        if unit.contact is None:
            continue
        visitor = guest({recall_owners.scope(recall, unit.contact)})
        if given == Answer.SENDS:
            recall_owners.send_back(recall, unit.contact, [unit], by=visitor, at=world.at)
        else:
            recall_units.answer(unit, given, by=visitor, at=world.at)
        world.drain()


def drafted_recall(world: World) -> Going:
    """Drafted, and nobody else has looked at it."""
    _drafted(world, "Batteries of lot H-12 may overheat", NewCriterion(range="part_lot", text="H-12"), days=30)
    yield from ()


def unanswered_claim(world: World) -> Going:
    """A claim to a supplier that is silent for longer than it may be."""
    device = (
        Device.objects.filter(pk__in=list(world.machines), state__in=["SOLD", "RECYCLED", "RETURNED"])
        .order_by("pk")
        .first()
    )
    if device is None:
        return
    row = claims.draft(
        device, supplier=world.organizations["supplier"], asks="repair_cost",
        defect="Battery worn out within the maker's warranty.", amount=Decimal("74.50"), by=world.henrik, at=world.at,
    )  # fmt: skip
    yield world.at + timedelta(hours=2)
    claims.send(row, theirs="ND-20418", by=world.henrik, at=world.at)


def campaigns(world: World) -> list[tuple[datetime, Going]]:
    """When each begins; told by one half, of its own units alone."""
    if world.half.name != "north":
        return []
    end = world.end

    def when(**before: int) -> datetime:
        return max(world.at, end - timedelta(**before))

    return [
        (when(days=40), unanswered_claim(world)),
        (when(hours=30), mock_recall(world)),
        (when(hours=28), drafted_recall(world)),
        (when(hours=26), real_recall(world)),
    ]
