"""What customers and the desk write each other about a return."""

from __future__ import annotations

from returns.models import Rma
from returns.services import talking
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.pages.simulation.world import World

ASKED = (
    "How long does it take until you answer?",
    "May I use the box that it came in?",
    "Does the charger come back too?",
)
ANSWERED = "Thank you for asking. Yes, and we look at it the day after it arrives."


def asks(world: World, rma: Rma, by: Actor) -> None:
    """The customer writes, and waits."""
    talking.write(rma, text=world.dice.choice(ASKED), key=ids.new(world.at), by=by, at=world.at)
    world.drain()


def answers(world: World, rma: Rma) -> None:
    """Support has answered."""
    talking.write(rma, text=ANSWERED, key=ids.new(world.at), by=world.sam, at=world.at)
    world.drain()
