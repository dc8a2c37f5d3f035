"""What the client's contract says of its units: published as rules of its own, so that paths are shut with its sentences."""

from __future__ import annotations

from typing import Any

from revlog.accounts.models import Organization
from revlog.pages.simulation.world import World
from revlog.terms.services import rules
from triage import sop

RULES: list[dict[str, Any]] = [
    {
        "id": "loose_drives",
        "when": {"fact": "device_class", "op": "==", "value": "storage"},
        "then": {"only": ["DESTROY"]},
        "why": "VEGA-2026, 4.2: All loose drives are destroyed.",
    },
    {
        "id": "not_to_the_public",
        "then": {"forbid_channels": ["marketplace", "own_shop"]},
        "why": "VEGA-2026, 5.1: Our equipment is sold to dealers and companies alone.",
    },
    {
        "id": "used_again_from_c",
        "then": {"least_grade": "C"},
        "why": "VEGA-2026, 5.3: Nothing below grade C is used again.",
    },
    {
        "id": "no_gifts",
        "then": {"forbid": ["DONATE", "REFURBISH_AND_DONATE"]},
        "why": "VEGA-2026, 5.4: Nothing is given away without our word.",
    },
]


def tell(world: World) -> None:
    """As the contract has it, drafted by one and published by another. In force for whoever decides after this step."""
    client = Organization.objects.get(code="demo")
    body = {"mode": "collect", "rules": RULES}
    draft = rules.draft(
        kind=sop.KIND, body=body, organization=client.pk, note="As the contract of 2026 has it", by=world.admin, at=world.at
    )  # fmt: skip
    rules.publish(draft, by=world.maria, at=world.at)
