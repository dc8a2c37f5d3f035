"""The picture of a unit as a page and the API tell it: facts in words with their sources, contradictions with what to do. No verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.accounts.actors import Actor
from revlog.accounts.queries import names_of, who
from revlog.common import measures, words
from revlog.common.templatetags import ui
from revlog.common.words import word
from revlog.devices import classes
from triage.merging import FOR_A_PERSON, NOT_SEEN, Drive, Field, Picture, Rank, Source, Value
from triage.models import AgreementAlarm

WHY: Mapping[str, Promise] = {
    "settled": gettext_lazy("A person settled it."),
    "look": gettext_lazy("A person saw it; that counts before any reading."),
    "record": gettext_lazy("The unit is on record so."),
    "stated": gettext_lazy("A person stated it at the station."),
    "test": gettext_lazy("A test of the part counts before a list of parts."),
    "inventory": gettext_lazy("It stands in a list of parts."),
    "careful": gettext_lazy("Until somebody settles it, the worse counts."),
    "first": gettext_lazy("Until somebody settles it, what was said first counts."),
    "before_repair": gettext_lazy("It was read before the repair and decides nothing."),
    "taken_out": gettext_lazy("It was taken out and is a unit of its own."),
}
WHAT_TO_DO: Mapping[str, Promise] = {
    "serial": gettext_lazy("Read the serial on the thing itself, then say which is right."),
    "maker": gettext_lazy("Read the maker on the thing itself, then say which is right."),
    "model": gettext_lazy("Read the model on the label."),
    "number": gettext_lazy("Read the number in the settings of the thing or on its tray, then say which is right."),
    "drive": gettext_lazy("Open it and count the drives. One that is gone has to be found."),
    "health": gettext_lazy("Test this drive once more by itself."),
    "battery": gettext_lazy("Look at the battery and measure it once more."),
    "danger": gettext_lazy("Treat it as dangerous. No report takes that back, only another look."),
    "lock": gettext_lazy("Switch it on and see whether it asks for an account or a password."),
    "memory": gettext_lazy("Look at the memory in the firmware's own pages."),
    "processor": gettext_lazy("Look at the processor in the firmware's own pages."),
    "test": gettext_lazy("Try it by hand and tick what you see."),
}
_NUMBERS = frozenset({"imei", "meid", "eid", "udid", "uuid"})


@dataclass(frozen=True)
class Told:
    """A value in words, with who says it."""

    key: str
    text: str
    sources: list[dict[str, Any]]
    counts: bool
    earlier: bool
    look: bool


@dataclass(frozen=True)
class Row:
    """A field in words. ``also`` are the values that don't count."""

    name: str
    label: str
    value: Told
    also: list[Told]
    why: str
    clash: str
    todo: str

    @property
    def values(self) -> list[Told]:
        return [self.value, *self.also]

    @property
    def for_a_person(self) -> bool:
        return self.clash in FOR_A_PERSON


@dataclass(frozen=True)
class Panel:
    """What the page shows: ``clashes`` on top, then facts."""

    clashes: list[Row]
    facts: list[Row]

    @property
    def unsettled(self) -> list[str]:
        """What waits for a person's word before anything is decided."""
        return [row.label for row in self.clashes if row.for_a_person]


def panel(picture: Picture, *, inside: bool) -> Panel:
    """The picture in words: contradictions first, then one row a fact. Who looked or sent is named ``inside`` alone."""
    told = {source.by for one in picture.fields for value in one.values for source in value.sources}
    people = names_of(told) if inside else {}
    drives = {drive.presence.name: drive for drive in picture.drives}
    clashes = [_row(one, drives, people) for one in picture.clashes]
    facts = [
        _row(one, drives, people)
        for one in picture.fields
        if not one.clash and one.what not in {"test", "health"} and not (one.what == "drive" and _gone(one))
    ]
    return Panel(clashes=clashes, facts=[*facts, *_tested(picture, people)])


def _gone(one: Field) -> bool:
    return one.why == "settled" and one.counts.key == NOT_SEEN


def _row(one: Field, drives: Mapping[str, Drive], people: Mapping[str, str]) -> Row:
    values = [
        _told(one, value, drives, people, counts=place == 0 and not value.earlier)
        for place, value in enumerate(one.values)
    ]
    return Row(
        name=one.name,
        label=label_of(one),
        value=values[0],
        also=values[1:],
        why=str(WHY.get(one.why, "")),
        clash=one.clash,
        todo=str(todo_of(one)) if one.clash else "",
    )


def label_of(one: Field) -> str:
    """What a field is called: "Drive S4X1NB0K", "Lock: account"."""
    if one.what in {"drive", "health"}:
        return _("Drive %s") % one.subject if one.clash or one.what == "health" else word("picture.drive").capitalize()
    if one.what == "lock":
        return _("Lock: %s") % word(f"lock.{one.subject}")
    if one.what == "test":
        return _("Test: %s") % tried(one.subject)
    told = word(f"picture.{one.what}")
    return told if told.isupper() else told[:1].upper() + told[1:]


def tried(code: str) -> str:
    """What a test is called, or the fault that it looks for."""
    return word(f"test.{code}") if words.known(f"test.{code}") else word(code)


def todo_of(one: Field) -> Promise | str:
    """What somebody does about a contradiction."""
    if one.what in _NUMBERS:
        return WHAT_TO_DO["number"]
    if one.what == "battery" and one.counts.rank == Rank.LOOK:
        return WHAT_TO_DO["danger"] if one.counts.key in {"battery_swollen", "battery_leaking"} else ""
    if one.counts.rank == Rank.LOOK:
        return ""
    return WHAT_TO_DO.get(one.what, "")


def _told(one: Field, value: Value, drives: Mapping[str, Drive], people: Mapping[str, str], *, counts: bool) -> Told:
    return Told(
        key=value.key,
        text=text_of(one, value.key, drives.get(one.name)),
        sources=[_said_by(source, people) for source in value.sources],
        counts=counts,
        earlier=value.earlier,
        look=value.rank == Rank.LOOK,
    )


def text_of(one: Field, key: str, drive: Drive | None = None) -> str:
    """A value in words."""
    if one.what == "drive":
        if one.clash or key == NOT_SEEN:
            return word(f"picture.{key}")
        parts = [word(drive.type.value), drive.model, drive.serial] if drive else [one.subject]
        size = measures.size(drive.capacity_bytes) if drive and drive.capacity_bytes else ""
        return " · ".join(part for part in (*parts, size) if part)
    if one.what == "memory":
        return measures.memory(int(key))
    if one.what == "battery":
        return _("%(share)s %% of its capacity") % {"share": key} if key.isdecimal() else word(_battery(key))
    if one.what == "lock":
        return word(f"picture.{key}")
    if one.what in {"test", "health"}:
        return _("passed") if key == "pass" else _("failed")
    if one.what in {"functionality", "appearance"}:
        return word(key)
    return key


def _battery(key: str) -> str:
    return key if key.startswith("battery") else f"battery.{key}"


def _said_by(source: Source, people: Mapping[str, str]) -> dict[str, Any]:
    return {
        "what": word("picture.look") if source.kind == "look" else word(source.kind),
        "kind": source.kind,
        "by": people.get(source.by, ""),
        "at": source.at,
        "report": source.ref if source.rank in {Rank.TEST, Rank.INVENTORY, Rank.STATED} else "",
    }


def _tested(picture: Picture, people: Mapping[str, str]) -> Iterable[Row]:
    """All tests that passed as one row, all that failed as another."""
    for verdict, label in (("fail", _("Failed")), ("pass", _("Passed"))):
        of_it = [
            one
            for one in picture.fields
            if one.what == "test" and not one.clash and one.counts.key == verdict and not one.counts.earlier
        ]
        if not of_it:
            continue
        named = ", ".join(tried(one.subject) for one in of_it)
        sources = list({source.ref or source.kind: source for one in of_it for source in one.counts.sources}.values())
        told = Told(
            key=verdict,
            text=named,
            sources=[_said_by(source, people) for source in sources],
            counts=True,
            earlier=False,
            look=False,
        )
        yield Row(f"tests:{verdict}", label, told, [], "", "", "")


def plain(picture: Picture, *, inside: bool) -> list[dict[str, Any]]:
    """The picture as the API tells it: codes and values, who says each, what contradicts and what to do. Who it was by name of the
    account is told ``inside`` alone."""
    drives = {drive.presence.name: drive for drive in picture.drives}
    return [
        {
            "field": one.name,
            "contradiction": one.clash or None,
            "why": one.why,
            "todo": str(todo_of(one)) or None if one.clash else None,
            "values": [
                {
                    "value": value.key,
                    "text": text_of(one, value.key, drives.get(one.name)),
                    "counts": place == 0 and not value.earlier,
                    "earlier": value.earlier,
                    "sources": [
                        {
                            "kind": source.kind,
                            "report": source.ref or None if source.rank != Rank.LOOK else None,
                            "by": (source.by or None) if inside else None,
                            "at": _iso(source.at),
                        }
                        for source in value.sources
                    ],
                }
                for place, value in enumerate(one.values)
            ],
        }
        for one in picture.fields
    ]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def in_short(kind: str, field: str, told: Sequence[Mapping[str, Any]]) -> str:
    """A contradiction in one sentence, from what is kept of it."""
    what, _colon, subject = field.partition(":")
    stub = Field(what=what, subject=subject, values=(Value(key="", sources=()),), clash=kind)
    named = [text_of(stub, str(one["key"])) for one in told]
    if len(named) == 1:
        return _("%(what)s %(value)s can't be right.") % {"what": label_of(stub), "value": named[0]}
    return _("%(what)s: the sources say %(values)s.") % {"what": label_of(stub), "values": _(" and ").join(named)}


# Agreement ------------------------------------------------------------------------------------------------------------------------------


def class_name(code: str) -> str:
    return str(classes.of(code).label).capitalize()


def whose_alarm(row: AgreementAlarm, actor: Actor) -> str:
    """Of a class its name; of an inspector the name to who may see figures of persons, to others the classes alone."""
    if row.scope == "class":
        return class_name(row.key)
    if actor.may("reporting.persons"):
        return who(row.key)
    return ", ".join(class_name(code) for code in row.classes)


def alarm(row: AgreementAlarm) -> str:
    """What is wrong, with the figures it rests on."""
    told = {
        "n": ui.number(row.n),
        "same": ui.number(row.same),
        "kappa": ui.number(row.kappa, 2),
        "before": ui.number(row.n_before),
        "same_before": ui.number(row.same_before),
    }
    if row.why == "fell":
        return (
            _(
                "First and second looks agree less than before: %(same)s of %(n)s, and %(same_before)s of %(before)s in the weeks before."
            )
            % told
        )
    return _("First and second looks agree too little: %(same)s of %(n)s, weighted kappa %(kappa)s.") % told
