"""Who scans, where, when, and what lies open in their hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from typing_extensions import override

from revlog.accounts import gate
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Station, User
from revlog.common import clock
from revlog.common.errors import BadInput, Reason
from revlog.scanning import kept, tablets
from revlog.scanning.answers import UNDO_SECONDS, Answer, Undo
from revlog.scanning.models import Act, Hand

MADE_AT, KEY = "Act-At", "Idempotency-Key"
LAST_ONES = 8
IN_HAND = timedelta(minutes=3)
"""So long a thing that was scanned is taken for the one in the hand, where the next scan alone does something with it."""
AT_ONCE = timedelta(seconds=1)
"""Two scans of one code within this time are one: a trigger held too long, a label read twice."""
_PASSING = frozenset({"undo", "undo_text", "undo_at", "heard"})
"""What the hand holds beside things."""


class Here:
    """One request on the floor. Raises BadInput where no site is chosen: there is nowhere to put anything."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.by: Actor = gate.actor_for(request)
        self.act = kept.of(request)
        self.at: datetime = self.act.at if self.act is not None else clock.now()
        """Now; of an act that waited on the tablet for the net, when it was made."""
        hub = self._hub(request)
        if hub is None:
            raise BadInput(Reason("no_hub", _("Choose the site where you work first; there is nowhere to receive.")))
        self.hub: Hub = hub
        self.station: Station | None = getattr(request, "station", None)

    def _hub(self, request: HttpRequest) -> Hub | None:
        """The site of the session, which the gate has read already."""
        place = request.standing.place if getattr(request, "standing", None) else None  # type: ignore[attr-defined]
        if place is not None and place.hub is not None and place.hub.pk == self.by.hub_id and place.hub.active:
            found: Hub = place.hub
            return found
        return Hub.objects.filter(pk__in=[self.by.hub_id], active=True).select_related("organization").first()

    @cached_property
    def tablet(self) -> str:
        return tablets.of(self.request)

    # The hand ------------------------------------------------------------------------------------------------------------------------

    _together = False
    _changed = False

    @cached_property
    def _hand(self) -> dict[str, Any]:
        user = self.request.user
        if not isinstance(user, User):
            return {}
        row = Hand.objects.filter(person=user, tablet=self.tablet).values("open", "recent").first()
        return dict(row) if row is not None else {}

    @cached_property
    def open(self) -> dict[str, str]:
        return dict(self._hand.get("open") or {})

    @cached_property
    def recent(self) -> list[dict[str, str]]:
        """What was answered last on this tablet to this person, newest first: ``{text, tone, url}``."""
        return list(self._hand.get("recent") or [])

    def keep(self, **changes: object) -> None:
        """Remember what lies open; None forgets."""
        before = self.open
        self.open = {name: value for name, value in before.items() if name not in changes} | {
            name: str(value) for name, value in changes.items() if value is not None
        }
        self._changed = self._changed or self.open != before
        self._save()

    @property
    def job_before(self) -> str:
        """The job that lay open when the request came."""
        found: dict[str, str] = self._hand.get("open") or {}
        return found.get("job", "")

    def tell(self, answer: Answer) -> None:
        """Put the answer on the list of the last ones, and keep its undo for as long as it is offered."""
        unit = answer.get("unit") or {}
        line = " ".join(part for part in (str(unit.get("tag") or ""), answer.get("title", "")) if part)
        if self.act is not None:
            self.act.answer = answer
        self.recent = [
            {"text": line, "tone": answer.get("tone", "accepted"), "url": str(unit.get("url") or "")},
            *self.recent,
        ][:LAST_ONES]
        self._changed = True
        if (offered := answer.get("undo")) is not None:
            self.keep(undo=offered["token"], undo_text=offered["text"], undo_at=self.at.isoformat())
        elif self.open.get("undo") and self.undo_left() is None:
            self.keep(undo=None, undo_text=None, undo_at=None)
        self._save()

    def undo_left(self) -> Undo | None:
        """The last undo that was offered here, with the seconds that are left of it."""
        begun = parse_datetime(self.open.get("undo_at", "")) if self.open.get("undo") else None
        left = UNDO_SECONDS - int((self.at - begun).total_seconds()) if begun is not None else 0
        if left <= 0:
            return None
        return {
            "url": reverse("floor_undo"),
            "seconds": left,
            "token": self.open["undo"],
            "text": self.open.get("undo_text", ""),
        }

    def repeats(self, code: str) -> bool:
        """Whether the same code was scanned a moment ago, by another pull of the trigger and not by a request sent again."""
        key = self.request.headers.get(KEY, "")
        before_key, _space, rest = self.open.get("heard", "").partition(" ")
        before_at, _space, before = rest.partition(" ")
        made = self.made_at
        self.keep(heard=f"{key} {made.isoformat()} {code}" if key else None)
        then = parse_datetime(before_at) if before_at else None
        return bool(key and key != before_key and before == code and then is not None and abs(made - then) < AT_ONCE)

    @property
    def made_at(self) -> datetime:
        """When the scan was made by the tablet's clock; now, where it doesn't tell."""
        told = parse_datetime(self.request.headers.get(MADE_AT, "")[:40]) if MADE_AT in self.request.headers else None
        return told if told is not None and told.tzinfo is not None else self.at

    @contextmanager
    def in_one_write(self) -> Iterator[None]:
        """Within, the hand is written once, at the end: also when the act was refused."""
        self._together = True
        if self.act is not None:
            self.act.hand_before = _lasting(self.open)
        try:
            yield
        finally:
            self._together = False
            if self.act is not None:
                self.act.hand, self.act.put_down = _lasting(self.open), self._save
            else:
                self._save()

    @contextmanager
    def as_at_first(self) -> Iterator[None]:
        """Within, an act that is done again has in the hand what lay there when it was first done, whatever was scanned since.

        Afterwards lies there what lay there now, but for what this act changed and nothing else did.
        """
        then = self._hand_at_first()
        if then is None or self.act is None:
            yield
            return
        self.act.hand_before = dict(then)
        now, changed = self.open, self._changed
        self.open = dict(then)
        if "last_at" in then:
            self.open["last_at"] = (
                self.made_at.isoformat()
            )  # whoever does it again says that it is still about this thing
        began, after = dict(self.open), now
        try:
            yield
            did = {name for name in {*began, *self.open} if began.get(name) != self.open.get(name)}
            mine = {name for name in did if name in _PASSING or now.get(name) == then.get(name)}
            after = {name: value for name, value in now.items() if name not in mine} | {
                name: value for name, value in self.open.items() if name in mine
            }
        finally:
            self.open, self._changed = after, changed or after != now

    def _hand_at_first(self) -> dict[str, str] | None:
        if self.act is None or not self.act.again:
            return None
        first = Act.objects.open().filter(person_id=self.request.user.pk, key=self.act.again).values("hand").first()
        return first["hand"] or None if first is not None else None

    def whole(self) -> AbstractContextManager[None]:
        """Around a verb: a refusal takes back whatever it did before, without the row that says that it came."""
        return transaction.atomic() if self.act is not None else nullcontext()

    @contextmanager
    def as_after(self, hand: dict[str, str]) -> Iterator[None]:
        """Within, what lay in the hand after an earlier act lies in it; afterwards what lay there now."""
        now, changed = self.open, self._changed
        self.open = dict(hand)
        try:
            yield
        finally:
            self.open, self._changed = now, changed

    def _save(self) -> None:
        user = self.request.user
        if self._together or not self._changed or not isinstance(user, User):
            return
        Hand.objects.bulk_create(
            [Hand(person=user, tablet=self.tablet, open=self.open, recent=self.recent, changed_at=self.at)],
            update_conflicts=True,
            unique_fields=["person", "tablet"],
            update_fields=["open", "recent", "changed_at"],
        )
        self._changed = False

    def show(self, kind: str, id: object) -> None:
        """What lies in the hand from now on: a command code that follows (HOLD, GRADE B) is about it."""
        self.keep(last=f"{kind}:{id}", last_at=self.made_at.isoformat())

    def shown(self, kind: str, *, within: timedelta | None = None) -> list[str]:
        """The id of what lies in the hand, where it is of that kind; else nothing.

        ``within`` forgets what was scanned longer ago: for acts that a scan alone does, since nobody remembers what they held before lunch.
        """
        told, _colon, id = self.open.get("last", "").partition(":")
        if told != kind or not id:
            return []
        since = parse_datetime(self.open.get("last_at", "")) if within is not None else None
        return [id] if within is None or (since is not None and self.made_at - since <= within) else []

    @property
    def job(self) -> str:
        """The floor job at hand, by its name in ``registry``; empty when nothing is begun."""
        return self.open.get("job", "")


class Elsewhere(Here):
    """Who asks what is to be done with a thing from where nobody scans (a test bench, a page): no tablet, and an empty hand."""

    def __init__(self, *, by: Actor, hub: Hub, at: datetime) -> None:
        self.by, self.hub, self.at = by, hub, at
        self.act = None
        self.station = None

    @cached_property
    @override
    def tablet(self) -> str:
        return ""

    @cached_property
    @override
    def _hand(self) -> dict[str, Any]:
        return {}

    @override
    def _save(self) -> None:
        """Nothing is kept: there is no hand."""


def _lasting(hand: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in hand.items() if name not in _PASSING}
