"""Who scans, where, when, and what lies open in their hand."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cached_property

from django.http import HttpRequest
from django.utils.translation import gettext as _

from revlog.accounts import gate
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Station, User
from revlog.common import clock
from revlog.common.errors import BadInput, Reason
from revlog.scanning.models import Hand

TABLET = "Act-Device"
_SHAPE = re.compile(r"[0-9A-Za-z-]{8,64}")


class Here:
    """One request on the floor. Raises BadInput where no site is chosen: there is nowhere to put anything."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.by: Actor = gate.actor_for(request)
        self.at: datetime = clock.now()
        hub = Hub.objects.filter(pk__in=[self.by.hub_id], active=True).select_related("organization").first()
        if hub is None:
            raise BadInput(Reason("no_hub", _("Choose the site where you work first; there is nowhere to receive.")))
        self.hub: Hub = hub
        self.station: Station | None = getattr(request, "station", None)

    @cached_property
    def tablet(self) -> str:
        told = self.request.headers.get(TABLET, "") or self.request.COOKIES.get("revlog_tablet", "")
        if _SHAPE.fullmatch(told):
            return told
        return str(self.station.pk) if self.station is not None else ""

    @cached_property
    def open(self) -> dict[str, str]:
        user = self.request.user
        if not isinstance(user, User):
            return {}
        row = Hand.objects.filter(person=user, tablet=self.tablet).values_list("open", flat=True).first()
        return dict(row or {})

    def keep(self, **changes: object) -> None:
        """Remember what lies open; None forgets."""
        before = self.open
        self.open = {name: value for name, value in before.items() if name not in changes} | {
            name: str(value) for name, value in changes.items() if value is not None
        }
        user = self.request.user
        if self.open != before and isinstance(user, User):
            Hand.objects.update_or_create(
                person=user, tablet=self.tablet, defaults={"open": self.open, "changed_at": self.at}
            )

    def show(self, kind: str, id: object) -> None:
        """What lies in the hand from now on: a command code that follows (HOLD, GRADE B) is about it."""
        self.keep(last=f"{kind}:{id}")

    def shown(self, kind: str) -> list[str]:
        """The id of what lies in the hand, where it is of that kind; else nothing."""
        told, _colon, id = self.open.get("last", "").partition(":")
        return [id] if told == kind and id else []

    @property
    def job(self) -> str:
        """The floor job at hand, by its name in ``registry``; empty when nothing is begun."""
        return self.open.get("job", "")
