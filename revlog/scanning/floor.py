"""What the floor itself answers: badges, and the code that takes the last act back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.accounts import queries as people
from revlog.accounts.models import User
from revlog.accounts.services import stations
from revlog.common import ids
from revlog.common.errors import NotFound, Reason
from revlog.scanning import registry, undoing
from revlog.scanning.answers import Answer
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Command, Found


def _find_badge(here: Here, reading: Reading) -> Found | None:
    """Any well-formed badge: whether it is anybody's is told by the sign-in alone, after the PIN."""
    for text in reading.candidates("person"):
        if (code := ids.normal(text, stations.PREFIX)) is not None:
            return Found("badge", code)
    return None


@registry.kind("badge", order=20, find=_find_badge)
def badge(here: Here, reading: Reading, found: Found) -> Answer:
    """Another person's badge: they sign in by their PIN and come back to the same page, with a hand of their own."""
    user = here.request.user
    own = people.badge_of(user) if isinstance(user, User) else None
    if own is not None and own.code == found.thing:
        return {"tone": "accepted", "title": here.by.name, "text": _("You are signed in here.")}
    if here.station is None:
        return {
            "tone": "attention",
            "title": _("A badge"),
            "text": _("This isn't a shared station: sign out, and sign in as the other person."),
        }
    asked = urlencode({"badge": found.thing, "next": reverse("floor")})
    return {
        "tone": "accepted",
        "title": _("Switch person"),
        "leaves_to": f"{reverse('accounts_station')}?{asked}",
    }


def _undo(here: Here, reading: Reading) -> Answer:
    if not here.open.get("undo"):
        raise NotFound(Reason("nothing", _("There is nothing to undo.")))
    return undoing.take_back(here, here.open["undo"])


registry.command(Command("UNDO", gettext_lazy("Undo the last act"), "arrow-back-up", "", _undo))
registry.command(
    Command("DONE", gettext_lazy("Done with this work"), "check", "", lambda here, _reading: registry.leave(here))
)
registry.printed(stations.PREFIX)
