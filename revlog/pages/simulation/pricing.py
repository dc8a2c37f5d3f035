"""Anouk teaches prices: a market monitor's list, a model learned of it and of our own sales, then a second list: the market fell."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from revlog.devices.models import ProductModel
from revlog.pages.simulation import catalog
from revlog.pages.simulation.machines import dice
from revlog.pages.simulation.world import World
from revlog.terms.models import PriceModel
from revlog.terms.models.lists import ListKind
from revlog.terms.services import learned, pricelists
from triage.services import pricing

SOURCE = "Market monitor"
WATCHED = ("T480-16-256", "T14-16-512", "L5420-8-256", "IP13-128", "GS22-128")
GRADES = {"A": 0.72, "B": 0.6, "C": 0.46, "D": 0.22}
CHANNELS = {"own_shop": 1.0, "marketplace": 1.09}
FELL = 0.78
"""What the market pays of what it paid, by the second list."""
HEADER = "id,maker,model,grade,channel,amount,date,battery,kind"


def tell(world: World) -> None:
    """In the last month; what the model says is in the book since, and the sales of the last days show that it says too much."""
    end = world.at
    if PriceModel.objects.exists():
        return
    for days, first, last, level, each in ((24, 180, 26, 1.0, 2), (2, 20, 3, FELL, 1)):
        world.at = end - timedelta(days=days)
        _send(world, f"market-{world.at:%Y-%m}.csv", _list(world, first, last, level, each))
        if level == 1:
            run = learned.ask(by=world.anouk, at=world.at)
            finish = pricing.learn(run, at=world.at)
            if finish is not None:
                finish()
            world.settle()
    world.at = end - timedelta(hours=8)
    learned.watch(by=world.anouk, at=world.at)
    world.settle()
    world.at = end


def _list(world: World, first: int, last: int, level: float, each: int) -> str:
    """Sales from ``first`` to ``last`` days ago: so many of each model, grade and channel, and two lines that can't be taken."""
    drawn = dice(f"market:{world.seed}:{first}")
    lines = [HEADER]
    known = set(ProductModel.objects.values_list("manufacturer", "name"))
    end = world.end.date()
    for sku in WATCHED:
        model = catalog.BY_SKU[sku]
        if (model.maker, model.name) not in known:
            continue
        for grade, factor in GRADES.items():
            for channel, way in CHANNELS.items():
                for number in range(each):
                    amount = float(model.price) * factor * way * level * drawn.uniform(0.93, 1.07)
                    day = end - timedelta(days=drawn.randint(last, first))
                    lines.append(
                        f"{sku}-{grade}-{channel}-{first}-{number},{model.maker},{model.name},{grade},{channel},"
                        f"{Decimal(amount):.2f},{day.isoformat()},{drawn.randint(78, 99)},sale"
                    )
    lines.append(f"x-{first}-1,Nokia,3310,B,marketplace,39.00,{(end - timedelta(days=first)).isoformat()},,offer")
    lines.append(f"x-{first}-2,Apple,iPhone 13,E,marketplace,12.00,{(end - timedelta(days=first)).isoformat()},,offer")
    return "\n".join(lines) + "\n"


def _send(world: World, name: str, text: str) -> None:
    row = pricelists.send(
        text.encode(), name=name, kind=ListKind.OBSERVATIONS.value, source=SOURCE, currency="EUR", by=world.anouk,
        at=world.at,
    )  # fmt: skip
    pricelists.take(row, by=world.anouk, at=world.at)
    world.settle()
