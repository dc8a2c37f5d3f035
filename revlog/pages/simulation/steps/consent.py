"""What is settled with customers: looked at with a photo, offered, quoted, answered, paid, appealed against and decided anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from refurb.services import quoting
from returns.models import (
    Appeal,
    AppealStatus,
    Charge,
    ChargeStatus,
    Offer,
    OfferKind,
    OfferStatus,
    Refund,
    RefundStatus,
    RmaUnit,
    UnitStatus,
)
from returns.services import appeals, awaiting, charges, deducting, offers, refunds
from revlog.accounts import queries
from revlog.accounts.actors import Actor
from revlog.devices.models import Device
from revlog.evidence.models import Artifact
from revlog.pages.simulation.steps import looking
from revlog.pages.simulation.world import World
from triage.services import disposition, inspection
from triage.services.inspection import Finding

Going = Iterator[datetime]
WORDS = "The charger is in the box, under the cardboard."


def _unit(device: Device) -> RmaUnit:
    return RmaUnit.objects.select_related("line__rma").filter(device=device).latest("received_at")


def _customer(unit: RmaUnit) -> Actor:
    return queries.guest({f"rma:{unit.line.rma_id}"})


def look(
    world: World, device: Device, *codes: str, works: str = "yes", by: Actor | None = None, photo: str = ""
) -> None:
    """Somebody inspects it, with a photo that its customer may see."""
    photos = [Artifact.objects.get(digest=world.photo(photo))] if photo else []
    inspection.record(
        device=device, findings=[Finding(code=code) for code in codes], works=works, photos=photos, shown=True,
        gone=["power_adapter"], by=by or looking.inspector(world, device), at=world.at,
    )  # fmt: skip
    world.drain()


def waits_for_answer(device: Device) -> bool:
    """Whether its customer has to say something, or somebody to look again for them."""
    return (
        Offer.objects.filter(unit__device=device, status=OfferStatus.OPEN).exists()
        or Appeal.objects.filter(unit__device=device, status=AppealStatus.OPEN).exists()
        or awaiting.is_kept(device)
    )


def go_on(world: World, device: Device) -> Going:
    """The customer answers an offer, pays what they agreed to, agrees to a deduction, or wants it back; an appeal is decided."""
    offer = Offer.objects.filter(unit__device=device, status=OfferStatus.OPEN).first()
    if offer is not None:
        yield from _answered(world, offer, device)
    appeal = Appeal.objects.filter(unit__device=device, status=AppealStatus.OPEN).first()
    if appeal is not None:
        yield from decided(world, appeal, device)
    if awaiting.is_kept(device):
        yield from _wanted_back(world, device)


def _wanted_back(world: World, device: Device) -> Going:
    """The customer doesn't wait until the time to appeal has ended: they want it back, or agree. Some who lost money say nothing."""
    with world.apart():
        moment = world.after(8, 60)
        says = world.chance(0.65)
    if _unit(device).status == UnitStatus.ACCEPTED and not says and device.waiting_due is not None:
        moment = device.waiting_due + timedelta(minutes=5)
    yield moment
    device = world.device(device.pk)
    if not awaiting.is_kept(device):
        return
    unit = _unit(device)
    if unit.status == UnitStatus.REFUSED:
        awaiting.ask_back(unit, by=_customer(unit), at=world.at)
    elif says:
        awaiting.agree(unit, by=_customer(unit), at=world.at)
    else:
        awaiting.lift(device.pk, at=world.at)
    world.drain()


def _answered(world: World, offer: Offer, device: Device) -> Going:
    with world.apart():
        moment = world.after(8, 60)
        yes = offer.kind != OfferKind.REDUCTION or world.chance(0.7)
    yield moment
    offer.refresh_from_db()
    if offer.status != OfferStatus.OPEN:
        return
    accepts = offers.ACCEPTED_BY[offer.kind]
    path = accepts[0] if yes else "send_back"
    offers.answer(offer, accept=yes, path=path, by=_customer(_unit(device)), at=world.at)
    world.drain()
    charge = Charge.objects.filter(line=offer.unit.line_id, status=ChargeStatus.ASKED).first()
    if charge is not None:
        with world.apart():
            moment = world.working(6, 30)
        yield moment
        charges.confirm(Charge.objects.get(pk=charge.pk), by=world.esra, at=world.at)
        world.drain()


def decided(world: World, appeal: Appeal, device: Device) -> Going:
    """A second look by somebody else, the decision, and the rest of the money by a third."""
    with world.apart():
        moment = world.working(6, 30)
    yield moment
    look(world, world.device(device.pk), by=world.maria, photo="a charger under cardboard")
    yield world.at + timedelta(hours=1)
    most = appeals.most(Appeal.objects.select_related("unit__line", "refund").get(pk=appeal.pk))
    appeals.decide(appeal, changed=True, amount=most, why="It was there, you are right.", by=world.carla, at=world.at)
    world.drain()
    yield world.at + timedelta(hours=2)
    for row in Refund.objects.filter(unit=appeal.unit_id, status=RefundStatus.PROPOSED):
        refunds.approve_refund(row, by=world.esra, at=world.at)
    world.drain()


# What returns are talked over for -------------------------------------------------------------------------------------------------------


def appealed(world: World, device: Device) -> Going:
    """No charger is found and something deducted; the customer says that it is there."""
    yield world.at + timedelta(hours=2)
    look(world, device, "power_adapter", photo="a box without a charger")
    yield world.at + timedelta(hours=20)
    unit = _unit(device)
    appeals.open_appeal(unit, words=WORDS, by=_customer(unit), at=world.at)
    world.drain()


def deducted(world: World, device: Device) -> Going:
    """It was sold as new and is scratched: less is paid, and it waits until its customer agrees or may no longer appeal."""
    yield world.at + timedelta(hours=2)
    inspection.record(
        device=device, findings=[Finding(code="scratch", zone="lid", severity="major")], works="yes",
        photos=[Artifact.objects.get(digest=world.photo("a scratched lid"))], shown=True,
        by=looking.inspector(world, device), at=world.at,
    )  # fmt: skip
    world.drain()


def appealed_and_decided(world: World, device: Device) -> Going:
    yield from appealed(world, device)
    yield from go_on(world, world.device(device.pk))


def offered(world: World, device: Device) -> Going:
    """It is locked: less money is offered, and the customer takes their time."""
    yield world.at + timedelta(hours=2)
    look(world, device, "locked", photo="a locked screen")
    soon = world.end - timedelta(days=6, hours=6)
    if world.at < soon:
        yield soon
    _offer(world, device)


def offered_and_answered(world: World, device: Device) -> Going:
    yield world.at + timedelta(hours=2)
    look(world, device, "locked", photo="a locked screen")
    _offer(world, device)
    yield from go_on(world, world.device(device.pk))


def _offer(world: World, device: Device) -> None:
    unit = _unit(device)
    amount = (unit.line.price * Decimal("0.7")).quantize(Decimal("0.01"))
    offers.make(
        unit, kind=OfferKind.REDUCTION, amount=amount, words="It is locked to an account; we can use it for parts only.",
        by=world.aisha, at=world.at,
    )  # fmt: skip
    world.drain()


def unquoted(world: World, device: Device) -> Going:
    """To be repaired at its owner's cost, and nobody has said yet what it costs."""
    yield world.at + timedelta(hours=2)
    deducting.confirm_reason(_unit(device).line, reason="CUSTOMER_DAMAGE", by=world.aisha, at=world.at)
    look(world, device, "keyboard", works="yes", photo="dead keys")
    disposition.decide(device=world.device(device.pk), by=looking.inspector(world, device), at=world.at)
    world.drain()


def quoted(world: World, device: Device) -> Going:
    """The bench says what it costs, the customer agrees and pays."""
    yield from unquoted(world, device)
    yield world.at + timedelta(hours=3)
    quoting.quote(
        unit=world.device(device.pk), lines=[quoting.Line(what="Keyboard", minutes=40, parts=Decimal("39.00"))],
        by=world.bench, at=world.at,
    )  # fmt: skip
    world.drain()
    yield from go_on(world, world.device(device.pk))
