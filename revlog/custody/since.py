"""What others did to a thing since a moment: asked for acts that were made without the net and arrive late."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from revlog.accounts import queries as people
from revlog.common import lateness
from revlog.common.lateness import ChangedSince
from revlog.common.words import Audience
from revlog.custody.models import Entry

THINGS = frozenset({"unit"})
"""Chains of things that lie in one place and are in one hand. A truck, a session or a container is many people's at a time."""


def others(chain: uuid.UUID, *, since: datetime, by: str) -> Entry | None:
    """The last entry that another person wrote on the chain after ``since``."""
    rows = Entry.objects.filter(chain_id=chain, recorded_at__gt=since, actor__startswith="user:").exclude(actor=by)
    return rows.order_by("-sequence").first()


def story(entry: Entry) -> dict[str, Any]:
    """``by`` is an actor's reference: names are looked up where they are shown."""
    return {
        "what": entry.told_to(Audience.STAFF) or entry.kind,
        "by": entry.actor,
        "at": entry.recorded_at.isoformat(),
    }


def refuse_when_changed(kind: str, chain: uuid.UUID) -> None:
    """Raises ChangedSince, where the act at hand is late and somebody else has been at the thing since it was made."""
    told = lateness.current()
    if told is None or kind not in THINGS:
        return
    entry = others(chain, since=told.made_at, by=told.by)
    if entry is not None:
        told.story = story(entry)
        raise ChangedSince(_("%(who)s has done something to it since.") % {"who": people.who(entry.actor)})
