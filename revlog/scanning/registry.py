"""What the floor knows: kinds of things that a code can name, jobs, command codes and undos. Each app says its own in its ``floor.py``.

A scan is answered in this order: a command code; the job at hand, if it has something to say; the first kind of thing that the code
names, with what is to be done next with it; what a wrong keyboard made of a code; what the job says to a new number; what is near.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files import File
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from revlog.accounts import permissions
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, NotFound, Reason
from revlog.scanning import codes, keyboards
from revlog.scanning.answers import Action, Answer
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here

Text = str | Promise


class TwiceRegistered(RuntimeError):
    """Two pieces of code claim one name: a mistake in the code, found at the start."""


@dataclass(frozen=True)
class Found:
    """What a code names: of which kind, and the thing; ``several`` when it can't be told which."""

    kind: str
    thing: Any = None
    several: Sequence[Any] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of thing with a code. ``find`` looks it up among what the person may see; ``answer`` says what is to be done with it."""

    name: str
    find: Callable[[Here, Reading], Found | None]
    answer: Callable[[Here, Reading, Found], Answer]
    order: int
    """The lower asks first: surest and cheapest look-ups stand before guesses."""


@dataclass(frozen=True)
class Signature:
    """What somebody signed without the net: drawn on the glass, with their name and the number that they signed for."""

    drawn: str
    signed_by: str
    counted: int


@dataclass(frozen=True)
class Job:
    """A piece of floor work that keeps the scanner for a while: receiving, putting away, counting.

    ``opened`` begins it and says so; ``answer`` takes a scan, or returns None for one that isn't the job's.
    """

    name: str
    label: Text
    about: Text
    icon: str
    permission: str
    command: str
    """The code on the sheet that opens it."""
    opened: Callable[[Here], Answer]
    answer: Callable[[Here, Reading], Answer | None]
    hint: Text = ""
    """Words in the empty box."""
    unknown: Callable[[Here, Reading], Answer] | None = None
    """What the job says to a code that nobody knows: the first time that a number is seen, a thing without announcement."""
    tally: Callable[[Here], tuple[int, int | None] | None] | None = None
    """How many are done, and of how many, for the head of the page."""
    template: str = "floor/_answer.html"
    """What shows its answers, where they need more than the floor's own; ``beside`` is the context that it needs."""
    beside: Callable[[Here], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Command:
    """A code on the sheet that does something with the thing last shown (HOLD, HAZARD, GRADE B)."""

    code: str
    label: Text
    icon: str
    permission: str
    run: Callable[[Here, Reading], Answer]
    danger: bool = False


KINDS: dict[str, Kind] = {}
JOBS: dict[str, Job] = {}
COMMANDS: dict[str, Command] = {}
UNDOING: dict[str, Callable[[Here, Mapping[str, str]], Answer]] = {}
NEXT: dict[str, list[tuple[int, Callable[[Here, Any], Sequence[Action]]]]] = {}
NEAR: list[Callable[[Here, Reading], Sequence[Action]]] = []
PREFIXES: dict[str, int] = {}
PICTURES: list[tuple[int, Callable[[Here, File[bytes]], Answer | None]]] = []
SIGNERS: list[Callable[[Here, Signature], Answer | None]] = []
_KEYBOARDS = {"fr": gettext_noop("French"), "de": gettext_noop("German")}


def kind(name: str, *, order: int, find: Callable[[Here, Reading], Found | None]) -> Callable[..., Any]:
    """Declare a kind of thing; decorates its answer."""

    def declare(answer: Callable[[Here, Reading, Found], Answer]) -> Callable[[Here, Reading, Found], Answer]:
        _once(KINDS, name)
        KINDS[name] = Kind(name, find, answer, order)
        return answer

    return declare


def job(made: Job) -> Job:
    _once(JOBS, made.name)
    JOBS[made.name] = made
    command(Command(made.command, made.label, made.icon, made.permission, lambda here, _reading: _open(here, made)))
    return made


def command(made: Command) -> Command:
    _once(COMMANDS, made.code)
    COMMANDS[made.code] = made
    return made


def undoing(name: str) -> Callable[..., Any]:
    """Declare the verb that takes back what ``answers.undo(name, ...)`` offered; it gets what was sent along."""

    def declare(verb: Callable[[Here, Mapping[str, str]], Answer]) -> Callable[[Here, Mapping[str, str]], Answer]:
        _once(UNDOING, name)
        UNDOING[name] = verb
        return verb

    return declare


def next_for(name: str, *, order: int = 50) -> Callable[..., Any]:
    """Declare what can be done next with a thing of kind ``name``: the decorated function gets the thing, gives buttons; the first
    primary one among all is the biggest on the page."""

    def declare(offers: Callable[[Here, Any], Sequence[Action]]) -> Callable[[Here, Any], Sequence[Action]]:
        NEXT.setdefault(name, []).append((order, offers))
        NEXT[name].sort(key=lambda pair: pair[0])
        return offers

    return declare


def look(here: Here, reading: Reading, *, among: Sequence[str] = ()) -> Found | None:
    """What the code names: the first kind that knows it, in order. ``among`` asks those kinds alone."""
    for one in _in_order(among):
        if (found := one.find(here, reading)) is not None:
            return found
    return None


def actions_for(here: Here, name: str, thing: object) -> list[Action]:
    """All that the apps offer for a thing, one primary."""
    found: list[Action] = []
    for _place, offers in NEXT.get(name, []):
        for one in offers(here, thing):
            if one.get("primary") and any(other.get("primary") for other in found):
                one = {**one, "primary": False}  # noqa: PLW2901
            found.append(one)
    return sorted(found, key=lambda one: not one.get("primary"))


def near(offers: Callable[[Here, Reading], Sequence[Action]]) -> Callable[[Here, Reading], Sequence[Action]]:
    """Declare what is offered where nobody knows a code: things whose number is like it, a search."""
    NEAR.append(offers)
    return offers


def pictured(*, order: int) -> Callable[..., Any]:
    """Declare who takes a picture of what lies in the hand; None where it isn't theirs. The lower asks first."""

    def declare(taker: Callable[[Here, File[bytes]], Answer | None]) -> Callable[[Here, File[bytes]], Answer | None]:
        PICTURES.append((order, taker))
        PICTURES.sort(key=lambda pair: pair[0])
        return taker

    return declare


def picture(here: Here, upload: File[bytes]) -> Answer:
    """Keep a picture of what lies in the hand. Raises NotFound where nothing there takes one."""
    for _order, taker in PICTURES:
        if (said := taker(here, upload)) is not None:
            return said
    raise NotFound(Reason("nothing_shown", _("No picture is kept of this here. Scan the thing first.")))


def printed(prefix: str, groups: tuple[int, ...] = (4, 4)) -> None:
    """Declare that codes of ours begin with ``prefix`` and have so many letters: one that is shorter is half of one."""
    PREFIXES[prefix] = sum(groups)


def signed(taker: Callable[[Here, Signature], Answer | None]) -> Callable[[Here, Signature], Answer | None]:
    """Declare who takes the signature for what lies open in the hand; None where it isn't theirs."""
    SIGNERS.append(taker)
    return taker


def signature(here: Here, told: Signature) -> Answer:
    """Take a signature that was given without the net. Raises NotFound where nothing is signed for."""
    for taker in SIGNERS:
        if (said := taker(here, told)) is not None:
            return said
    raise NotFound(Reason("nothing_shown", _("Nothing is signed for here.")))


def agree(told: Signature, counted: int) -> None:
    """Nobody is bound to a number that they didn't see. Raises BadInput where it isn't the one that was signed for."""
    if told.counted != counted:
        raise BadInput(
            Reason(
                "counted",
                _("It was signed for %(signed)s, and %(counted)s were counted.")
                % {"signed": told.counted, "counted": counted},
                "counted",
            )
        )


def is_half(text: str) -> bool:
    """Whether this is the beginning of a code that we print: the scanner stopped, or the label is torn."""
    bare = "".join(letter for letter in text.upper() if letter.isalnum())
    for prefix, length in PREFIXES.items():
        body = bare[len(prefix) :]
        if bare.startswith(prefix) and 0 < len(body) < length and set(body) <= set(ids.ALPHABET):
            return True
    return False


def answer(here: Here, reading: Reading) -> Answer:
    """What the floor says to a scan. Raises DomainError for what is refused, NotFound never: an unknown code has an answer too."""
    if (named := COMMANDS.get(reading.code)) is not None:
        _require(here, named.permission)
        return named.run(here, reading)
    at_hand = _at_hand(here)
    if at_hand is not None and (said := at_hand.answer(here, reading)) is not None:
        return said
    if (found := look(here, reading)) is not None:
        return KINDS[found.kind].answer(here, reading, found)
    return _garbled(here, reading) or _unknown(here, reading)


def begin(here: Here, name: str) -> None:
    """The job ``name`` is at hand from now on, as if its command had been scanned."""
    made = JOBS.get(name)
    if made is None:
        raise NotFound(Reason("unknown", _("There is no such job.")))
    _require(here, made.permission)
    if here.job != name:
        _open(here, made)


def leave(here: Here) -> Answer:
    """The job at hand is over: from now on, scans are answered by what can be done with the thing."""
    made = JOBS.get(here.job)
    here.keep(job=None)
    if made is None:
        raise NotFound(Reason("no_job", _("No piece of work is begun; scan anything.")))
    return {"tone": "accepted", "title": _("Done with: %s") % made.label, "text": _("Scan anything.")}


def _at_hand(here: Here) -> Job | None:
    made = JOBS.get(here.job)
    return made if made is not None and here.by.may(made.permission) else None


def _garbled(here: Here, reading: Reading) -> Answer | None:
    """The thing that was meant, where the scanner types by another keyboard than it is set to. Nothing is done with it but shown."""
    for layout, text in keyboards.meant(reading.raw):
        meant = codes.read(text)
        if (found := look(here, meant)) is not None:
            said = KINDS[found.kind].answer(here, meant, found)
            told = _("The scanner's keyboard is set to %(layout)s: set it to US.") % {"layout": _(_KEYBOARDS[layout])}
            return {**said, "tone": "attention", "text": told}
    return None


def _unknown(here: Here, reading: Reading) -> Answer:
    """A code that nobody knows: half of one of ours, or what the job makes of it, with what is near."""
    at_hand = _at_hand(here)
    said = at_hand.unknown(here, reading) if at_hand is not None and at_hand.unknown is not None else None
    offered = [one for offers in NEAR for one in offers(here, reading)]
    half = is_half(reading.text)
    if said is not None and not half:
        return {**said, "actions": [*said.get("actions", []), *offered]}
    still: list[Action] = [{**one, "primary": False} for one in (said or {}).get("actions", [])]
    return {
        "tone": "attention",
        "title": _("Half a code") if half else _("Nobody knows this code"),
        "text": reading.text,
        "todo": _("Scan it again, slowly and from nearer.") if half else _("Scan it again, or look for it by name."),
        "actions": [*still, *offered],
    }


def jobs_of(here: Here) -> list[Job]:
    return [one for one in JOBS.values() if here.by.may(one.permission)]


def commands_of(here: Here) -> list[Command]:
    return [one for one in COMMANDS.values() if not one.permission or here.by.may(one.permission)]


def sheet(here: Here) -> list[tuple[str, list[Command]]]:
    """The commands to print for a person: jobs first, then what is done with the thing in the hand."""
    openers = {one.command for one in JOBS.values()}
    mine = commands_of(here)
    return [
        (_("Begin a piece of work"), [one for one in mine if one.code in openers]),
        (_("With the thing that was scanned last"), [one for one in mine if one.code not in openers]),
    ]


def _open(here: Here, made: Job) -> Answer:
    here.keep(job=made.name)
    return made.opened(here)


def _require(here: Here, permission: str) -> None:
    if permission and not here.by.may(permission):
        raise NotAllowed(
            Reason("not_allowed", _("This needs the right to %(act)s.") % {"act": permissions.sentence(permission)})
        )


def _in_order(among: Sequence[str]) -> Iterator[Kind]:
    for one in sorted(KINDS.values(), key=lambda one: one.order):
        if not among or one.name in among:
            yield one


def _once(table: Mapping[str, object], name: str) -> None:
    if name in table:
        raise TwiceRegistered(f"{name!r} is registered twice.")
