"""A store credit that nobody spent in time: given by the outlet, whose credits end after one month, and income since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from returns import policy
from returns.models import Origin, Outcome, StoreCredit
from returns.services import credits, opening
from returns.services.opening import Wish
from revlog.accounts.models import Organization
from revlog.pages.simulation import catalog, stories
from revlog.pages.simulation.steps.wanting import TILL
from revlog.pages.simulation.world import World
from revlog.terms.services import rules
from revlog.terms.services.new_orders import NewLine

Going = Iterator[datetime]
SELLER = "outlet"
MONTHS = 1


def sellers(at: datetime) -> None:
    """The outlet, which sells on the side."""
    Organization.objects.get_or_create(
        code=SELLER, defaults={"name": "Polder Outlet", "kind": "retailer", "country": "NL", "created_at": at}
    )


def lapsed(world: World) -> Going:
    """A third of it is spent at the till, and then its month is over."""
    seller = world.organizations[SELLER]
    body = {**policy.SHIPPED, "parameters": {**policy.SHIPPED["parameters"], "credit_months": MONTHS}}
    draft = rules.draft(
        kind=policy.KIND, body=body, organization=seller.pk, note="Credits of the outlet end after a month", by=world.admin,
        at=world.at,
    )  # fmt: skip
    yield world.at + timedelta(hours=2)
    rules.publish(draft, by=world.maria, at=world.at)
    yield world.at + timedelta(days=1)
    sku, name, price, kind = catalog.CABLE
    line = NewLine(sku=sku, description=name, price=price, quantity=2, device_class=kind, tracking="counted")
    order = stories.shop_sold(world, [line], seller)
    yield world.at + timedelta(days=2)
    wish = Wish(line=order.lines.get().pk, quantity=2, reason="NOT_AS_DESCRIBED", wanted=Outcome.CREDIT.value)
    opening.open_rmas(order=order, wishes=[wish], origin=Origin.STAFF, by=world.sam, at=world.at)
    world.drain()
    yield world.at + timedelta(days=5)
    credit = StoreCredit.objects.get(refund__line__rma__order=order)
    part = (credit.balance / 3).quantize(Decimal("0.01"))
    number = f"WEB-{world.number('till'):05d}"
    credits.spend(
        credit, key=f"till:{number}", amount=part, currency=credit.currency, reference=number, by=TILL, at=world.at
    )
    world.drain()
    yield world.at + timedelta(days=31)
    credits.lapse(credit.pk, at=world.at)
    world.drain()


def stories_of(world: World) -> list[tuple[datetime, Going]]:
    """When it begins: early enough to be over before the end."""
    if world.half.name != "south":
        return []
    return [(world.at + timedelta(days=1), lapsed(world))]
