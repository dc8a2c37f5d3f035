"""Acts that weren't done: both stories for the person who made them, and what a lead decides."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.accounts import queries as people
from revlog.accounts.actors import Actor
from revlog.accounts.models import User
from revlog.common.errors import BadInput, DomainError, NotAllowed, NotFound, Reason
from revlog.common.lateness import Late
from revlog.scanning.models import Act, Outcome, Settled

if TYPE_CHECKING:
    from revlog.scanning.kept import Doing

HELD = {
    "refused": gettext_lazy("The page would not take it from this person."),
    "gone": gettext_lazy("The page for it isn't there any more."),
    "broken": gettext_lazy("A fault of the platform: nothing of it was recorded."),
    "lost": gettext_lazy("The tablet counted it, but has it no more."),
}
MOST_WHY = 300
ANSWERS_KEPT = timedelta(days=7)
"""So long an act that comes again is given its first answer; later, that it was done already."""
ACTS_KEPT = timedelta(days=90)
Teller = Callable[[uuid.UUID, datetime, str], "dict[str, Any] | None"]
STORIES: list[Teller] = []
NAMES: dict[str, Callable[[uuid.UUID], str]] = {}


def story(teller: Teller) -> Teller:
    """Declare who knows what others did to a thing since a moment: ``{what, by, at}``, or None. ``by`` is an actor's reference."""
    STORIES.append(teller)
    return teller


def named(kind: str) -> Callable[[Callable[[uuid.UUID], str]], Callable[[uuid.UUID], str]]:
    """Declare how a thing of this kind is called, so that a lead reads what an act was about."""

    def declare(namer: Callable[[uuid.UUID], str]) -> Callable[[uuid.UUID], str]:
        NAMES[kind] = namer
        return namer

    return declare


def about(hand: dict[str, str]) -> str:
    """What lay in the hand, by its name; empty where nobody knows one."""
    kind, _colon, told = hand.get("last", "").partition(":")
    try:
        return NAMES[kind](uuid.UUID(told)) if kind in NAMES else ""
    except ValueError:
        return ""


class AlreadySettled(DomainError):
    """Somebody was faster."""

    code = "settled"


def others(doing: Doing, late: Late) -> dict[str, Any] | None:
    """What somebody else did to the thing in the hand since the act was made."""
    _kind, _colon, told = doing.hand.get("last", "").partition(":")
    try:
        thing = uuid.UUID(told)
    except ValueError:
        return None
    for teller in STORIES:
        if (found := teller(thing, late.made_at, late.by)) is not None:
            return found
    return None


def stories(act: Act) -> dict[str, Any]:
    """Both stories, as they are shown."""
    theirs = act.story.get("theirs") or {}
    return {
        "act": act,
        "outcome": Outcome(act.outcome).label,
        "said": act.story.get("said", ""),
        "mine": act.label or act.url,
        "about": act.story.get("about", ""),
        "theirs": {
            "what": theirs.get("what", ""),
            "by": people.who(theirs["by"]) if theirs.get("by") else "",
            "at": parse_datetime(theirs["at"]) if theirs.get("at") else None,
        }
        if theirs
        else None,
    }


def shown(request: HttpRequest | None, act: Act, header: str) -> HttpResponse:
    response = HttpResponse(render_to_string("floor/_conflict.html", stories(act), request=request), status=409)
    response.headers[header] = act.outcome.replace("_", "-")
    return response


def done_again(key: str, *, person: Any, by: Actor, at: datetime) -> None:  # noqa: ANN401 - a request's user
    Act.objects.open().filter(person=person, key=key).update(
        settled_at=at, settled_by=by.reference, settled_how=Settled.AGAIN
    )


def give_up(key: str, *, person: User, by: Actor, at: datetime) -> None:
    """The person lets an act of their own go. One that is settled already stays as it is."""
    if not Act.objects.filter(person=person, key=key).exists():
        raise NotFound(Reason("not_found", _("There is no such act.")))
    Act.objects.open().filter(person=person, key=key).update(
        settled_at=at, settled_by=by.reference, settled_how=Settled.GIVEN_UP
    )


def resolve(act: Act, *, why: str, by: Actor, at: datetime) -> None:
    """A lead says what became of it. The act itself is done by hand, where it still is to be done."""
    if not by.may("exceptions.resolve"):
        raise NotAllowed(Reason("not_allowed", _("Acts that weren't done are resolved by a lead.")))
    if not why.strip():
        raise BadInput(Reason("why", _("Say what was done about it."), "why"))
    rows = Act.objects.visible_to(by).open().filter(pk=act.pk)
    if not rows.update(
        settled_at=at, settled_by=by.reference, settled_how=Settled.RESOLVED, settled_why=why.strip()[:MOST_WHY]
    ):
        raise AlreadySettled(_("It is settled already."))


def forget(*, at: datetime) -> int:
    """Drop the answers of a week ago and the acts of a quarter ago, but not those that weren't done; how many rows went."""
    done = Act.objects.filter(outcome__in=[Outcome.ACCEPTED, Outcome.REFUSED])
    done.filter(taken_at__lte=at - ANSWERS_KEPT).exclude(body="").update(body="")
    return done.filter(taken_at__lte=at - ACTS_KEPT).delete()[0]
