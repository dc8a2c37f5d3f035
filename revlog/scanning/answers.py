"""What the floor answers to a scan: one band, one thing, one big next action (``templates/components/answer.html``)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

Tone = Literal["accepted", "attention", "refused"]

LEAD = gettext_noop("your lead")
UNDO_SECONDS = 30
# Words of grace: an undo pressed in its last second may take the net some seconds, or wait for it.
UNDO_GRACE = 15
_SALT = "revlog.scanning.undo"


class Action(TypedDict):
    """A button of the floor. ``code`` is scanned instead of pressed; ``sends`` goes along; with ``href`` it leads to a page instead."""

    label: str
    url: NotRequired[str]
    href: NotRequired[str]
    code: NotRequired[str]
    icon: NotRequired[str]
    primary: NotRequired[bool]
    danger: NotRequired[bool]
    sends: NotRequired[dict[str, str]]


class Undo(TypedDict):
    url: str
    seconds: int
    token: str
    text: str


class Photo(TypedDict):
    """A picture that is asked for: taken or chosen, it is sent at once as ``photo``, beside ``sends``."""

    label: str
    url: str
    sends: dict[str, str]


class Sign(TypedDict):
    """A signature on the glass: sent as ``signature`` (a PNG as ``data:`` URI) and ``signed_by``, beside ``sends``. ``says`` is what is
    signed for, line by line; ``unsigned`` labels the way out where nobody signs (``unsigned_why``)."""

    url: str
    sends: dict[str, str]
    says: list[str]
    label: str
    unsigned: str


class Answer(TypedDict, total=False):
    """``title`` is what happened in two or three words, ``text`` one line, ``todo`` what to do with the thing in the hand; ``steps``
    what is done now, one after the other.

    ``done`` of ``goal`` stands on the floor's head, ``recent`` [{text, tone, url}] below; untold, the job's and the hand's own stand there.
    """

    tone: Tone
    title: str
    text: str
    todo: str
    call: str
    unit: dict[str, Any] | None
    goes_to: str
    steps: list[str]
    actions: list[Action]
    undo: Undo
    count: dict[str, Any]
    photo: Photo
    sign: Sign
    done: int
    goal: int
    recent: list[dict[str, Any]]
    stands: bool
    """What was done stands, for all the red of the answer: a danger is frozen, a recalled thing received."""
    leaves_to: str
    """The address of a page that must be opened instead of an answer: the sign-in of the person whose badge it is."""


def action(
    label: str,
    route: str,
    code: str = "",
    *,
    primary: bool = False,
    danger: bool = False,
    icon: str = "",
    **sends: object,
) -> Action:
    """A button that posts ``sends`` to ``route`` and is answered like a scan."""
    return {
        "label": label,
        "url": reverse(route),
        "code": code,
        "icon": icon,
        "primary": primary,
        "danger": danger,
        "sends": {name: str(value) for name, value in sends.items() if value is not None},
    }


def leads(label: str, address: str, *, code: str = "", primary: bool = False, icon: str = "") -> Action:
    """A button that opens the page where the work is done."""
    return {"label": label, "href": address, "code": code, "icon": icon, "primary": primary}


def in_job(label: str, job: str, text: str, code: str = "", *, primary: bool = False, icon: str = "") -> Action:
    """A button that begins a job and answers the code ``text`` in it, as if it had been scanned there."""
    made = action(label, "floor_scan", code, primary=primary, icon=icon, job=job)
    made["sends"]["code"] = text
    return made


def undo(name: str, text: str, **facts: object) -> Undo:
    """The offer to take an act back for half a minute: ``text`` names it ("Undo: laptop RL-7K3M put in bin A-04").

    ``name`` is one of ``registry.undoing``; ``facts`` is all that its verb needs, sent along signed, so that nobody undoes what was
    never offered.
    """
    told = {"name": name, **{key: str(value) for key, value in facts.items()}}
    token = signing.dumps(told, salt=_SALT, compress=True)
    return {"url": reverse("floor_undo"), "seconds": UNDO_SECONDS, "token": token, "text": text}


def undone(token: str, *, pending: int = 0) -> dict[str, str]:
    """What an undo's token says. Raises ``signing.BadSignature`` when it is none of ours or its time is over.

    ``pending`` seconds are forgiven: so long the press waited on the tablet for the net.
    """
    found: dict[str, str] = signing.loads(token, salt=_SALT, max_age=UNDO_SECONDS + UNDO_GRACE + pending)
    return found


def refused(sentence: str, *, title: str = "", call: str = LEAD) -> Answer:
    """A refusal: what is wrong in one sentence, and whom to call."""
    return {"tone": "refused", "title": title or _("Not possible"), "text": sentence, "call": _(call)}
