"""What the tablets of the demo left behind: a put that somebody else was faster with, and a photo from a page that was too old."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from revlog.custody import since
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.pages.simulation import pictures
from revlog.pages.simulation.world import World
from revlog.scanning.models import Act, ActFile, Outcome

Going = Iterator[datetime]


def campaigns(world: World) -> list[tuple[datetime, Going]]:
    if world.half.name == "north":
        return []
    return [(max(world.at, world.end - timedelta(hours=3)), left(world))]


def left(world: World) -> Going:
    """Ines was in the cellar without the net while Luca moved what she had in the hand."""
    hub = world.hubs["rotterdam"]
    unit = Device.objects.filter(hub=hub, location__isnull=False).order_by("state_since", "id").last()
    entry = Entry.objects.filter(chain_id=unit.pk).order_by("-sequence").first() if unit is not None else None
    if unit is None or entry is None or world.ines.person_id is None:
        return
    tablet = str(uuid.uuid5(hub.pk, "tablet 1"))
    made = world.at - timedelta(minutes=22)
    for place, (label, outcome, said, fields) in enumerate(
        (
            ("A-03", Outcome.CONFLICT, "It is refused now.", {"code": ["A-03"]}),
            ("Photo", Outcome.TOO_OLD, "The tablet's page was older than what is understood here. Load it anew.", {}),
        ),
        1,
    ):
        act = Act.objects.create(
            person_id=world.ines.person_id,
            key=uuid.uuid5(hub.pk, f"act {place}").hex,
            tablet=tablet,
            sequence=place,
            hub=hub,
            form="1-demo" if outcome == Outcome.CONFLICT else "0-demo",
            url="/floor/scan" if fields else "/floor/photo",
            label=label,
            told_at=made,
            offset_ms=0,
            made_at=made + timedelta(seconds=place),
            taken_at=world.at,
            outcome=outcome,
            status=409,
            fields=fields,
            story={"said": said, "about": unit.tag}
            | (
                {"theirs": {**since.story(entry), "at": (made + timedelta(minutes=6)).isoformat()}}
                if outcome == Outcome.CONFLICT
                else {}
            ),
        )
        if outcome == Outcome.TOO_OLD:
            ActFile.objects.create(
                act=act, field="photo", name="photo.jpg", kind="image/jpeg", content=pictures.drawn("a dented corner")
            )
    yield world.at
