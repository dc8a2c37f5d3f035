"""What customers want for what they give back, and what they then pay, spend or never arrive with. Told with dice of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from returns import reasons
from returns.models import Charge, ChargeStatus, Origin, Outcome, StoreCredit
from returns.services import approval, charges, choosing, credits, deadlines, opening
from returns.services.opening import Wish
from revlog.accounts.actors import system
from revlog.devices.models import Variant
from revlog.pages.simulation.world import World
from revlog.terms.models import Order, OrderLine

Going = Iterator[datetime]
TILL = system("simulation.till")
WANTED = (("refund", 66), ("credit", 13), ("exchange", 11), ("replace", 5), ("advance", 5))
DEAR = Decimal(100)


def wish(world: World, line: OrderLine, reason: str) -> Wish:
    """Mostly money, now and then something else that the shipped rules offer for such a thing and reason."""
    wanted = world.dice.choices([one for one, _n in WANTED], [n for _one, n in WANTED])[0]
    group = reasons.group(reason)
    if wanted == "replace" and group not in {"fault", "mismatch", "fulfilment"}:
        wanted = "refund"
    if wanted == "advance" and (group != "fault" or line.price < DEAR):
        wanted = "exchange"
    return named(world, line, reason, wanted)


def named(world: World, line: OrderLine, reason: str, wanted: str, *, other: bool | None = None) -> Wish:
    """A wish for ``wanted``; every third exchange is for another variant, where the catalog has one."""
    found = None
    if wanted in {"exchange", "advance"} and (world.chance(0.35) if other is None else other):
        others = _others(world, line)
        found = world.dice.choice(others) if others else None
    return Wish(line=line.pk, reason=reason, wanted=wanted, new_variant=found)


def _others(world: World, line: OrderLine) -> list[uuid.UUID]:
    """What else of this half's catalog may be had instead; the other half's is sold beside it, at moments nobody knows."""
    skus = sorted(
        model.sku for model in world.half.sold if model.device_class == line.device_class and model.sku != line.sku
    )
    rows = {row.sku: row.pk for row in Variant.objects.filter(sku__in=skus)}
    return [rows[sku] for sku in skus if sku in rows and choosing.choice(line, rows[sku], at=world.at) is not None]


SAID: Mapping[str, Sequence[str]] = {
    "BATTERY": (
        "Der Akku hält nur noch eine Stunde.", "The battery drains overnight, even when it is off.",
        "La batterie se vide très vite.", "De accu is na een uur leeg.",
    ),
    "POWER": (
        "Lässt sich nicht mehr einschalten.", "It does not turn on any more, no lights at all.",
        "Ne s'allume plus depuis hier.", "Gaat niet meer aan, ook niet aan de lader.",
    ),
    "DISPLAY": (
        "Streifen im Bild, manchmal bleibt der Bildschirm schwarz.", "The screen flickers, then it goes black.",
        "L'écran reste noir.", "Het scherm is gebarsten na een val.",
    ),
    "KEYBOARD": ("Some keys do not work.", "Zwei Tasten klemmen.", "Plusieurs touches ne marchent plus."),
    "SOFTWARE": ("Very slow since the last update.", "Bleibt beim Logo hängen.", "Il redémarre en boucle."),
    "DOA": ("It never worked.", "Hat nie funktioniert.", "Wifi does not connect, everything else is fine."),
}  # fmt: skip
"""What customers write beside their reason."""
_SCREENED = frozenset({"laptop", "phone", "tablet", "monitor"})


def complained(world: World, wish: Wish, device_class: str) -> Wish:
    """The same wish with a note, as three of four customers leave one who say that it doesn't work."""
    if device_class not in _SCREENED or wish.reason not in SAID or not world.chance(0.75):
        return wish
    return replace(wish, note=world.dice.choice(SAID[wish.reason]))


def follow(world: World, order: Order, wanted: str) -> None:
    """What follows from a wish beside the way of the unit: somebody pays, or spends."""
    if wanted in {"exchange", "advance"}:
        world.spawn(world.talking(pays(world, order)))
    if wanted == "credit":
        world.spawn(world.talking(spends(world, order)))


def pays(world: World, order: Order, *, share: float = 0.8) -> Going:
    """What is asked for is paid after a day or two, and seen on the account; now and then it never is."""
    for _look in range(30):
        yield world.working(14, 40)
        for rma in order.rmas.order_by("opened_at", "id"):
            deadlines.run(at=world.at, rma=rma.pk)
            world.drain()
        for charge in Charge.objects.filter(line__rma__order=order, status=ChargeStatus.ASKED).order_by(
            "asked_at", "id"
        ):
            late = charge.asked_at + timedelta(days=3) < world.at
            if (
                not late
                and world.chance(share)
                and not charges.reasons_against_confirming(charge, charge.line.rma, by=world.esra)
            ):
                charges.confirm(charge, by=world.esra, at=world.at)
                world.drain()


def spends(world: World, order: Order) -> Going:
    """Store credit is spent at the shop's till, mostly in parts."""
    for _look in range(6):
        yield world.working(40, 200)
        for credit in StoreCredit.objects.filter(refund__line__rma__order=order, balance__gt=0).order_by("issued_at"):
            part = credit.balance if world.chance(0.4) else (credit.balance / 3).quantize(Decimal("0.01"))
            if part:
                number = f"WEB-{world.number('till'):05d}"
                credits.spend(
                    credit, key=f"till:{number}", amount=part, currency=credit.currency, reference=number, by=TILL, at=world.at
                )  # fmt: skip
                world.drain()


def never_arrived(world: World, order: Order, *, decided: bool) -> Going:
    """A claim: the parcel never came. What is dear waits until somebody asked the carrier."""
    yield world.working(20, 60)
    line = order.lines.first()
    if line is None:
        return
    wanted = world.dice.choice(("refund", "exchange"))
    (rma,) = opening.open_rmas(
        order=order, wishes=[Wish(line=line.pk, reason="NEVER_ARRIVED", wanted=wanted)], origin=Origin.STAFF, by=world.sam, at=world.at
    )  # fmt: skip
    world.drain()
    if decided and rma.status == "requested":
        yield world.working(6, 40)
        approval.approve(rma, why="The carrier lost it.", by=world.maria, at=world.at)
        world.drain()


def stays(world: World, order: Order) -> Going:
    """Cheap things that don't work needn't come back."""
    yield world.working(20, 90)
    line = order.lines.first()
    if line is None:
        return
    wanted = world.dice.choice((Outcome.REFUND.value, Outcome.CREDIT.value))
    wish = Wish(line=line.pk, quantity=line.quantity, reason="NOT_AS_DESCRIBED", wanted=wanted)
    opening.open_rmas(order=order, wishes=[wish], origin=Origin.STAFF, by=world.sam, at=world.at)
    world.drain()
