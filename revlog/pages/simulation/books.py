"""What the accountant has of it: a chart of accounts, published by another than who drafted it, and the run of what is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from reporting.accounting import chart, waiting
from reporting.services import accounting
from revlog.pages.simulation.world import World
from revlog.terms.services import rules

COMPANY: dict[str, Any] = {"zone": "Europe/Amsterdam", "consultant": "29098", "client": "55003"}


def publish_chart(world: World) -> None:
    """As the tax adviser wants it. In force for whoever reads the rules after this step."""
    body = chart.proposal()
    draft = rules.draft(
        kind=chart.KIND,
        body={**body, "parameters": {**body["parameters"], **COMPANY}},
        note="As agreed with the tax adviser",
        by=world.admin,
        at=world.at,
    )
    rules.publish(draft, by=world.maria, at=world.at)


def hand_over(world: World) -> None:
    """The last whole month; where the simulated days lie in one month, all days up to yesterday."""
    now = chart.in_force(world.at)
    first = waiting.first_day(now)
    if first is None:
        return
    today = world.at.astimezone(now.tz).date()
    month = today.replace(day=1) - timedelta(days=1)
    until = month if first <= month else today - timedelta(days=1)
    if not accounting.preview(until=until, at=world.at).reasons:
        accounting.export(until=until, by=world.esra, at=world.at)
