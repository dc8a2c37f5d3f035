"""What clients' contracts say of very units, for those who sell and who clear media: asked here, answered by triage.

What was said when a unit was decided and what is said now bind both: whatever either shuts is shut, with the contract's own sentence.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from revlog.common.errors import Reason


@dataclass(frozen=True, kw_only=True)
class Instructions:
    """Of one unit. What is shut stands with the sentence that shuts it; an empty sentence shuts nothing."""

    version: str = ""
    channels: Mapping[str, str] = field(default_factory=dict)
    """Ways of selling in which it isn't sold."""
    sale: str = ""
    """Why it isn't sold by itself, in whichever channel."""
    lot: str = ""
    """Why it isn't sold in a lot."""
    drives: str = ""
    """Why its media are destroyed and never wiped."""
    by_lot: bool = False
    """Whether it was decided on this stay that it is sold in a lot."""

    def against(self, channel: str) -> str:
        """Why it isn't sold by itself in this channel."""
        return self.sale or self.channels.get(channel, "")


NONE = Instructions()
Reader = Callable[..., Mapping[uuid.UUID, Instructions]]
_readers: list[Reader] = []


def answered_by(reader: Reader) -> Reader:
    """From now on ``reader`` answers."""
    _readers[:] = [reader]
    return reader


def of(devices: Collection[uuid.UUID], *, at: datetime) -> Mapping[uuid.UUID, Instructions]:
    """What is said of each of these: a handful of queries for one as for many. Each that was asked for is in the answer."""
    found = _readers[0](devices, at=at) if _readers and devices else {}
    return {each: found.get(each, NONE) for each in devices}


def of_one(device: uuid.UUID, *, at: datetime) -> Instructions:
    return of([device], at=at)[device]


def refusal(why: str) -> Reason:
    """The contract's sentence, as whoever wants what it forbids is told."""
    return Reason("contract", _("its owner's contract forbids it: %(why)s") % {"why": why.rstrip(".")})
