"""X12 interchanges: envelopes, separators and control numbers, read and written. Pure functions; they raise X12Error and nothing else.

An interchange is ISA, groups (GS ... GE), IEA; a group holds transaction sets (ST ... SE). Separators are taken from the ISA, which has
a fixed length. Every count and control number in a trailer has to agree with what is there: half of an interchange is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

MOST_BYTES = 5 * 1024 * 1024
MOST_SEGMENTS = 200_000
ISA_LENGTH = 106
_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
"""Of the elements of an ISA, in characters."""


class X12Error(ValueError):
    """What is wrong, and in which segment: counted from 1, the ISA being the first. 0 where it is none in particular.

    The rest is what an acknowledgment says of it. ``ta1``: its note code, of an envelope. ``trailer``: the code of AK5 or AK9, of a set or
    a group. ``segment_code`` (AK304), ``element`` and ``code`` (AK401, AK403), ``value``: of a segment. ``minor``: it can be left out.
    """

    def __init__(
        self,
        segment: int,
        sentence: str,
        *,
        ta1: str = "022",
        trailer: str = "",
        segment_code: str = "8",
        element: int = 0,
        code: str = "7",
        value: str = "",
        minor: bool = False,
    ) -> None:
        super().__init__(f"Segment {segment}: {sentence}" if segment else sentence)
        self.segment, self.sentence = segment, sentence
        self.ta1, self.trailer, self.segment_code = ta1, trailer, segment_code
        self.element, self.code, self.value, self.minor = element, code, value, minor


@dataclass(frozen=True)
class Separators:
    element: str = "*"
    component: str = ">"
    segment: str = "~"

    def problems(self) -> list[str]:
        told = (self.element, self.component, self.segment)
        if len(set(told)) != 3 or any(len(one) != 1 for one in told):
            return ["Separators of elements, components and segments are three different characters."]
        if any(one.isalnum() or one == " " for one in told):
            return ["A letter, digit or space can't separate anything."]
        return []


@dataclass(frozen=True)
class Segment:
    """``elements`` are those after the id; ``at(1)`` is the first. ``number`` is its place in the interchange, for messages."""

    id: str
    elements: tuple[str, ...] = ()
    number: int = field(default=0, compare=False)

    def at(self, place: int) -> str:
        return self.elements[place - 1] if 0 < place <= len(self.elements) else ""


@dataclass(frozen=True)
class TransactionSet:
    """What stands between ST and SE."""

    code: str
    control: str
    segments: tuple[Segment, ...]
    number: int = field(default=0, compare=False)
    faults: tuple[X12Error, ...] = field(default=(), compare=False)
    """Of its trailer, where it is read ``lenient``."""


@dataclass(frozen=True)
class Group:
    code: str
    sender: str
    receiver: str
    date: str
    time: str
    control: str
    agency: str
    version: str
    sets: tuple[TransactionSet, ...]
    faults: tuple[X12Error, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Interchange:
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    date: str
    time: str
    control: str
    groups: tuple[Group, ...]
    standard: str = "U"
    version: str = "00401"
    acknowledge: str = "0"
    usage: str = "P"
    separators: Separators = field(default_factory=Separators)
    notices: tuple[Segment, ...] = ()
    """TA1: what the other side says of an envelope of ours. They stand before the groups."""


# Reading ----------------------------------------------------------------------------------------------------------------------------


def read(data: bytes, *, lenient: bool = False) -> Interchange:
    """The interchange in ``data``: exactly one, whole. Raises X12Error.

    With ``lenient`` what is wrong in the trailers of groups and sets is kept with them, for each is acknowledged by itself.
    """
    segments, separators = _taken_apart(data)
    isa, *rest = segments
    if len(isa.elements) != len(_WIDTHS):
        raise X12Error(1, "An ISA has 16 elements.")
    if not rest or rest[-1].id != "IEA":
        raise X12Error(len(segments), "The interchange isn't ended by an IEA.", ta1="023")
    if not _is_control(isa.at(13), 9):
        raise X12Error(1, "The control number of the interchange has nine digits.", ta1="018")
    noticed = next((place for place, one in enumerate(rest) if one.id != "TA1"), len(rest))
    groups = tuple(_groups(rest[noticed:-1]))
    if faults := _disagreements(rest[-1], len(groups), isa.at(13), ("groups", "interchange"), ("021", "001")):
        raise faults[0]
    controls = [group.control for group in groups]
    if len(set(controls)) != len(controls):
        raise X12Error(rest[-1].number, "Two groups have the same control number.")
    if not lenient:
        for group in groups:
            for fault in (*(one for told in group.sets for one in told.faults), *group.faults):
                raise fault
    return _headed(isa, separators, groups=groups, notices=tuple(rest[:noticed]))


def envelope(data: bytes) -> Interchange | None:
    """Who sent it to whom, by its ISA alone: of an interchange that can't be read. None where not even that can be."""
    try:
        text = data[: MOST_BYTES + 1].decode("utf-8-sig", errors="replace").lstrip()
        separators = _separators(text)
    except X12Error:
        return None
    elements = text[: ISA_LENGTH - 1].split(separators.element)[1:]
    if len(elements) != len(_WIDTHS) or not _is_control(elements[12], 9):
        return None
    return _headed(Segment("ISA", tuple(elements), 1), separators)


def _headed(
    isa: Segment, separators: Separators, *, groups: tuple[Group, ...] = (), notices: tuple[Segment, ...] = ()
) -> Interchange:
    return Interchange(
        sender_qualifier=isa.at(5),
        sender=isa.at(6).rstrip(),
        receiver_qualifier=isa.at(7),
        receiver=isa.at(8).rstrip(),
        date=isa.at(9),
        time=isa.at(10),
        control=isa.at(13),
        groups=groups,
        standard=isa.at(11),
        version=isa.at(12),
        acknowledge=isa.at(14),
        usage=isa.at(15),
        separators=separators,
        notices=notices,
    )


def _taken_apart(data: bytes) -> tuple[list[Segment], Separators]:
    if len(data) > MOST_BYTES:
        raise X12Error(0, f"An interchange has at most {MOST_BYTES // (1024 * 1024)} MB.", ta1="024")
    try:
        text = data.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError:
        raise X12Error(0, "This isn't text in UTF-8.", ta1="024") from None
    separators = _separators(text)
    return _segments(text, separators), separators


def _separators(text: str) -> Separators:
    if not text.startswith("ISA"):
        raise X12Error(0, "This is no X12 interchange: it doesn't begin with ISA.")
    if len(text) < ISA_LENGTH:
        raise X12Error(1, f"An ISA has {ISA_LENGTH} characters.")
    found = Separators(text[3], text[ISA_LENGTH - 2], text[ISA_LENGTH - 1])
    if problems := found.problems():
        raise X12Error(1, problems[0])
    place = 3
    for width in _WIDTHS:
        if text[place] != found.element:
            raise X12Error(1, "The elements of the ISA aren't as long as they have to be.")
        place += width + 1
    return found


def _segments(text: str, separators: Separators) -> list[Segment]:
    body, ended, tail = text.rpartition(separators.segment)
    if not ended or tail.strip():
        raise X12Error(0, "The last segment isn't ended.", ta1="023")
    found: list[Segment] = []
    for number, raw in enumerate(body.split(separators.segment), 1):
        if number > MOST_SEGMENTS:
            raise X12Error(number, f"An interchange has at most {MOST_SEGMENTS:,} segments.")
        told = raw.strip("\r\n") if number > 1 else raw
        name, *elements = told.split(separators.element)
        if not (name.isascii() and name.isalnum() and name.isupper() and 2 <= len(name) <= 3):
            raise X12Error(number, "This is no segment: its id has two or three capitals or digits.", ta1="024")
        if any(not letter.isprintable() for letter in told):
            raise X12Error(number, "It holds characters that can't be printed.", ta1="024")
        if name == "ISA" and number > 1:
            raise X12Error(number, "There is a second interchange in it; send each by itself.")
        found.append(Segment(name, _trimmed(elements) if number > 1 else tuple(elements), number))
    return found


def _trimmed(elements: Sequence[str]) -> tuple[str, ...]:
    """Without the empty elements at the end, which say nothing."""
    last = len(elements)
    while last and not elements[last - 1]:
        last -= 1
    return tuple(elements[:last])


def _is_control(text: str, width: int) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= len(text) <= width


def _disagreements(
    trailer: Segment, count: int, control: str, named: tuple[str, str], codes: tuple[str, str]
) -> list[X12Error]:
    """What is wrong with the count and the control number of a trailer, each with its code for the acknowledgment."""
    (what, of), found = named, []
    if not _is_control(trailer.at(1), 10) or int(trailer.at(1)) != count:
        sentence = f"It says {trailer.at(1)[:12] or 'nothing'}, but there are {count} {what}."
        found.append(X12Error(trailer.number, sentence, ta1=codes[0], trailer=codes[0]))
    if trailer.at(2).lstrip("0") != control.lstrip("0"):
        sentence = f"Its control number is {trailer.at(2)[:12] or 'missing'}, that of the {of} is {control}."
        found.append(X12Error(trailer.number, sentence, ta1=codes[1], trailer=codes[1]))
    return found


def _groups(segments: Sequence[Segment]) -> Iterator[Group]:
    place = 0
    while place < len(segments):
        head = segments[place]
        if head.id != "GS":
            raise X12Error(head.number, f"A group begins here with GS, not with {head.id}.")
        if not _is_control(head.at(6), 9):
            raise X12Error(head.number, "The control number of a group has one to nine digits.")
        end = next((n for n in range(place + 1, len(segments)) if segments[n].id == "GE"), None)
        if end is None:
            raise X12Error(head.number, "The group isn't ended by a GE.")
        sets = tuple(_sets(segments[place + 1 : end]))
        faults = _disagreements(segments[end], len(sets), head.at(6), ("transaction sets", "group"), ("5", "4"))
        controls = [one.control for one in sets]
        if len(set(controls)) != len(controls):
            raise X12Error(segments[end].number, "Two transaction sets of the group have the same control number.")
        yield Group(
            code=head.at(1),
            sender=head.at(2),
            receiver=head.at(3),
            date=head.at(4),
            time=head.at(5),
            control=head.at(6),
            agency=head.at(7),
            version=head.at(8),
            sets=sets,
            faults=tuple(faults),
        )
        place = end + 1


def _sets(segments: Sequence[Segment]) -> Iterator[TransactionSet]:
    place = 0
    while place < len(segments):
        head = segments[place]
        if head.id != "ST":
            raise X12Error(head.number, f"A transaction set begins here with ST, not with {head.id}.")
        if not head.at(2):
            raise X12Error(head.number, "The transaction set has no control number.")
        end = next((n for n in range(place + 1, len(segments)) if segments[n].id in {"SE", "ST"}), None)
        if end is None or segments[end].id == "ST":
            raise X12Error(head.number, "The transaction set isn't ended by an SE.")
        faults = _disagreements(segments[end], end - place + 1, head.at(2), ("segments", "transaction set"), ("4", "3"))
        yield TransactionSet(
            code=head.at(1),
            control=head.at(2),
            segments=tuple(segments[place + 1 : end]),
            number=head.number,
            faults=tuple(faults),
        )
        place = end + 1


# Writing ----------------------------------------------------------------------------------------------------------------------------


def write(told: Interchange, *, newline: bool = True) -> bytes:
    """The interchange as text, with the counts and control numbers of its trailers. Raises X12Error for what no element can hold."""
    separators = told.separators
    if problems := separators.problems():
        raise X12Error(0, problems[0])
    rows: list[Segment] = list(told.notices)
    for group in told.groups:
        head = (
            group.code,
            group.sender,
            group.receiver,
            group.date,
            group.time,
            group.control,
            group.agency,
            group.version,
        )
        rows.append(Segment("GS", head))
        for one in group.sets:
            rows += [
                Segment("ST", (one.code, one.control)),
                *one.segments,
                Segment("SE", (str(len(one.segments) + 2), one.control)),
            ]
        rows.append(Segment("GE", (str(len(group.sets)), group.control)))
    rows.append(Segment("IEA", (str(len(told.groups)), told.control)))
    end = separators.segment + ("\n" if newline else "")
    text = _isa(told) + end + end.join(_line(row, number, separators) for number, row in enumerate(rows, 2)) + end
    return text.encode()


def _isa(told: Interchange) -> str:
    values = (
        "00", "", "00", "", told.sender_qualifier, told.sender, told.receiver_qualifier, told.receiver, told.date, told.time,
        told.standard, told.version, told.control, told.acknowledge, told.usage, told.separators.component,
    )  # fmt: skip
    for value, width in zip(values[:-1], _WIDTHS, strict=False):
        forbidden = (told.separators.element, told.separators.component, told.separators.segment)
        if len(value) > width or any(letter in value for letter in forbidden) or not value.isprintable():
            raise X12Error(1, f"“{value[:20]}” doesn't fit into the ISA.")
    return told.separators.element.join(
        ["ISA", *(value.ljust(width) for value, width in zip(values, _WIDTHS, strict=True))]
    )


def _line(row: Segment, number: int, separators: Separators) -> str:
    for value in row.elements:
        if any(letter in value for letter in (separators.element, separators.segment)) or not value.isprintable():
            raise X12Error(number, f"“{value[:20]}” holds a character that separates elements or segments.")
    return separators.element.join([row.id, *_trimmed(row.elements)])


def plain(text: str, separators: Separators | None = None, *, most: int = 80) -> str:
    """Text as an element can hold it: separators and what can't be printed become spaces."""
    told = separators or Separators()
    bad = {told.element, told.component, told.segment}
    return "".join(" " if letter in bad or not letter.isprintable() else letter for letter in text).strip()[:most]


def stamped(told: Interchange, at: datetime) -> Interchange:
    """The same with its date and time."""
    return replace(told, date=at.strftime("%y%m%d"), time=at.strftime("%H%M"))
