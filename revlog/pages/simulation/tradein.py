"""Used phones that people sell us, as a day leaves them: a quote that waits for a price, one that may be taken, things on their way, one
without a document, one on a list, one whose seller is asked, and some that were bought."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from returns.models import Charity, Rma, RmaUnit, TradeIn, UnitStatus
from returns.queries import payouts
from returns.services import offers, receiving
from returns.services.tradein import agreeing, blocking, buying, charities, paying, quoting
from returns.services.tradein.agreeing import Seller
from returns.services.tradein.quoting import Told
from revlog.accounts.queries import guest
from revlog.common import ids
from revlog.devices.models import Device, ProductModel
from revlog.pages.simulation.steps import leaving, looking
from revlog.pages.simulation.stories import _dock
from revlog.pages.simulation.world import World
from revlog.terms.services import prices
from triage.services import inspection
from triage.services.inspection import Finding

Going = Iterator[datetime]
MODELS = (
    ("Fairphone", "Fairphone 5", ("429.00", "369.00", "279.00", "110.00")),
    ("Samsung", "Galaxy S21", ("319.00", "259.00", "189.00", "70.00")),
    ("Apple", "iPhone 14", ("529.00", "459.00", "359.00", "150.00")),
)
GOOD = {
    "powers_on": "yes",
    "screen": "clean",
    "body": "light",
    "battery": "good",
    "account": "yes",
    "carrier_lock": "free",
}
LISTED = "356938035643809"
IBANS = {
    "NL": "NL91ABNA0417164300",
    "DE": "DE89370400440532013000",
    "AT": "AT611904300234573201",
    "BE": "BE68539007547034",
}


def stories(world: World) -> list[Going]:
    """One for each place at which a trade-in can stand still, and some that went their whole way."""
    if world.half.name == "north":
        return []
    return [
        asked(world),
        quoted(world),
        *(
            sold(world, upto)
            for upto in ("agreed", "undocumented", "listed", "countered", "declined", "bought", "credit")
        ),
        paid_by_bank(world),
    ]


def _model(world: World, place: int) -> ProductModel:
    maker, name, amounts = MODELS[place % len(MODELS)]
    found, made = ProductModel.objects.get_or_create(
        manufacturer=maker,
        name=name,
        defaults={"id": ids.new(world.at), "device_class": "phone", "created_at": world.at},
    )
    if made:
        for grade, amount in zip("ABCD", amounts, strict=True):
            prices.set_price(
                product=found,
                grade=grade,
                amount=Decimal(amount),
                currency="EUR",
                source="market",
                by=world.anouk,
                at=world.at,
            )
    return found


def _quote(world: World, place: int, *, channel: str = "portal", serial: str = "", **answers: str) -> TradeIn:
    return quoting.quote(
        Told(product=_model(world, place).pk, serial=serial, answers=GOOD | answers),
        buyer=world.organizations["operator"],
        key=ids.new(world.at),
        channel=channel,
        hub=world.hubs["rotterdam"] if channel == "kiosk" else None,
        at=world.at,
    )


def asked(world: World) -> Going:
    """Nobody knows a price for it, and nobody has set one yet."""
    yield max(world.at, world.end - timedelta(hours=world.dice.uniform(20, 40)))
    quoting.quote(
        Told(
            what="Nokia 8110 4G",
            device_class="phone",
            note="Hardly used.",
            email="collector@example.org",
            name="Jo Bakker",
        ),
        buyer=world.organizations["operator"],
        key=ids.new(world.at),
        at=world.at,
    )


def quoted(world: World) -> Going:
    """Quoted in the last days: one on the web, one at a kiosk; they may still be taken."""
    yield max(world.at, world.end - timedelta(days=3))
    _quote(world, 0)
    yield world.working(2, 20)
    _quote(world, 1, channel="kiosk", battery="worn")


def paid_by_bank(world: World) -> Going:
    """A file that the bank has paid, one that waits for a second person, and a charity that waits for the next."""
    for place, (days, upto) in enumerate(((6, "paid"), (4, "drawn"), (1.5, "waits"))):
        yield max(world.at, world.end - timedelta(days=days))
        row = _quote(world, place)
        given = upto == "waits"
        if given and not Charity.objects.exists():
            charities.add(
                organization=None,
                name="Schools Online",
                account=IBANS["BE"],
                since=world.at.date(),
                by=world.esra,
                at=world.at,
            )
        rma = _agreed(world, row, country="AT", payout="charity" if given else "bank")
        device = _in(world, rma)
        row.refresh_from_db()
        if buying.needs_identity(row, at=world.at):
            buying.identify(
                row, document="passport", number="P7310W2K5", of_age=True, by=_dock(world, rma.hub), at=world.at
            )
        yield world.working(2, 6)
        _looked(world, device)
        world.drain()
        yield world.working(1, 3)
        if upto == "waits" or not payouts.waiting():
            continue
        file = paying.draw_up(by=world.esra, at=world.at)
        if upto == "paid":
            yield world.working(1, 3)
            paying.release(file, execute_on=world.at.date(), by=world.maria, at=world.at)
            yield world.working(8, 10)
            paying.paid(file, by=world.esra, at=world.at)


def _agreed(world: World, row: TradeIn, *, country: str, payout: str = "bank") -> Rma:
    email, name, address, _country, language = leaving.customer(world)
    seller = Seller(
        name=name, email=email, address=address, country=country, language=language, payout=payout,
        iban=IBANS[country] if payout == "bank" else "", declared=True,
        charity=Charity.objects.values_list("pk", flat=True).first() if payout == "charity" else None,
    )  # fmt: skip
    return agreeing.accept(row, seller, by=guest({f"tradein:{row.pk}"}), at=world.at)


def _in(world: World, rma: Rma, serial: str = "") -> Device:
    unit = RmaUnit.objects.get(line__rma=rma)
    return receiving.receive(unit, hub=rma.hub, serial=serial, by=_dock(world, rma.hub), at=world.at).device


def _looked(world: World, device: Device, *findings: Finding) -> None:
    taken = Device.objects.get(pk=device.pk)
    taken.hub = world.device(device.pk).hub
    inspection.record(
        device=taken,
        findings=list(findings),
        works="yes",
        tests=looking.tried(taken, findings),
        photos=looking.shots(world, taken, findings),
        by=looking.inspector(world, taken),
        at=world.at,
    )


def sold(world: World, upto: str) -> Going:
    country = {"undocumented": "NL", "bought": "NL", "declined": "BE"}.get(upto, "AT")
    place = ("agreed", "undocumented", "listed", "countered", "declined", "bought", "credit").index(upto)
    serial = LISTED if upto == "listed" else ""
    row = _quote(world, place, channel="kiosk" if upto in {"bought", "undocumented"} else "portal", serial=serial)
    yield world.working(0.2, 4)
    if upto == "agreed":
        yield max(world.at, world.end - timedelta(days=2))
        row = _quote(world, place)
    if upto == "countered":
        yield max(world.at, world.end - timedelta(days=5))
        row = _quote(world, place)
    rma = _agreed(world, row, country=country, payout="credit" if upto == "credit" else "bank")
    if upto == "agreed":
        return
    if upto == "listed":
        listed = f"number,why\n{LISTED},reported stolen\n".encode()
        blocking.import_list(listed, source="Police", by=world.sam, at=world.at)
    yield world.working(20, 60)
    device = _in(world, rma, serial)
    if upto == "listed":
        return
    row.refresh_from_db()
    if upto in {"countered", "declined", "credit"} and buying.needs_identity(row, at=world.at):
        buying.identify(
            row, document="identity_card", number="IL7P20X41", of_age=True, by=_dock(world, rma.hub), at=world.at
        )
    yield world.working(2, 20)
    worse = upto in {"countered", "declined"}
    _looked(world, device, *([Finding(code="crack", zone="screen", severity="major")] if worse else []))
    world.drain()
    if upto == "undocumented":
        return
    if upto == "bought":
        yield world.working(1, 6)
        row.refresh_from_db()
        buying.identify(
            row, document="passport", number="NX4R72K19", of_age=True, by=_dock(world, rma.hub), at=world.at
        )
        world.drain()
    if upto == "declined":
        yield world.working(4, 40)
        unit = RmaUnit.objects.get(line__rma=rma)
        offer = unit.offers.filter(status="open").first()
        if offer is not None and unit.status == UnitStatus.RECEIVED:
            offers.answer(offer, accept=False, path="send_back", by=guest({f"rma:{rma.pk}"}), at=world.at)
