"""The bytes of a report, read lazily in each shape that a recogniser may ask for, always within limits.

Only bytes are looked at, never a file name. What can't be read raises UnreadableReport with the place; the ``*_or_none``
forms are for recognisers, which must not raise.
"""

from __future__ import annotations

import codecs
import json
import re
import zlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import defusedxml.ElementTree
import yaml
from defusedxml.common import DefusedXmlException

from triage.reports import loose
from triage.reports.normal import UnreadableReport

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Value: TypeAlias = Any  # whatever a foreign file holds

LARGEST_BYTES = 20 * 1024 * 1024
LARGEST_YAML_BYTES = 2 * 1024 * 1024
DEEPEST = 100
MOST_NODES = 2_000_000
MOST_ALIASES = 1000
HEAD_CHARACTERS = 64 * 1024
TEXT_PER_STRANGE = 100
"""A text that is in no Unicode has at least so many signs for each control sign that no text holds."""

_COMPRESSED = {
    b"PK\x03\x04": "a ZIP archive",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ\x00": "xz data",
    b"(\xb5/\xfd": "Zstandard data",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
}
_BINARY_KINDS = {
    b"%PDF-": "a PDF document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x7fELF": "a program",
    b"SQLite format 3\x00": "a database file",
}
_GZIP = b"\x1f\x8b"
_ZLIB = (b"x\x01", b"x\x9c", b"x\xda")
# The document type of Apple's property lists, word for word and without declarations of its own: it names nothing that is read.
_PLIST_TYPE = re.compile(
    r"""\A\s*(?:<!--[^<>]{0,2000}-->\s*)?(<!DOCTYPE\s+plist\s+(?:PUBLIC\s+"-//Apple(?:\sComputer)?//DTD\sPLIST\s1\.0//EN"
    \s+"https?://www\.apple\.com/DTDs/PropertyList-1\.0\.dtd"|SYSTEM\s+"file://localhost/System/Library/DTDs/PropertyList\.dtd")\s*>)""",
    re.VERBOSE,
)
_NOT_IN_XML = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_IN_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class Sniff:
    """A report's bytes. Reading a shape is done once and kept, errors too.

    Raises UnreadableReport at once for EMPTY, TOO_LARGE and COMPRESSED; one level of gzip is opened within the limit.
    """

    def __init__(self, data: bytes) -> None:
        if not data:
            raise UnreadableReport("EMPTY", "The file is empty.", "offset 0")
        if len(data) > LARGEST_BYTES:
            raise UnreadableReport("TOO_LARGE", f"The file has {len(data)} bytes; at most {LARGEST_BYTES} are read.")
        self.data = _gunzip(data) if data.startswith(_GZIP) else _inflated(data)
        for mark, name in _COMPRESSED.items():
            if self.data.startswith(mark):
                raise UnreadableReport("COMPRESSED", f"The file is {name}; send the report inside it.", "offset 0")
        self.encoding = "utf-8"
        self.is_mended = False

    @cached_property
    def text(self) -> str:
        """The whole text, line ends as they are, without a byte order mark. Raises EMPTY, NOT_TEXT, BAD_ENCODING."""
        for mark, name in _BINARY_KINDS.items():
            if self.data.startswith(mark):
                raise UnreadableReport("NOT_TEXT", f"The file is {name}, not a report in text form.", "offset 0")
        # A power cut leaves logs that end in zero bytes; zero bytes elsewhere are no text.
        text = self._decoded().rstrip("\x00")
        if (zero := text.find("\x00")) >= 0 or (not text and self.data):
            if zero < 0 or "\x00\x00" in text or text.count("\x00") * TEXT_PER_STRANGE > len(text):
                raise UnreadableReport("NOT_TEXT", "The file is not text.", f"offset {max(zero, 0)}")
            # One zero here and there closes a field that a tool printed with its end; a hole has more than one.
            text = text.replace("\x00", " ")
        if not text.strip("\ufeff \t\r\n"):
            raise UnreadableReport("EMPTY", "The file holds nothing but blanks.", "offset 0")
        return text

    def _decoded(self) -> str:
        data = self.data
        self.encoding, skip = _encoding(data)
        try:
            return data[skip:].decode(self.encoding)
        except UnicodeDecodeError as error:
            place = f"offset {error.start + skip}"
            if self.encoding != "utf-8" or skip:
                raise UnreadableReport(
                    "BAD_ENCODING", f"The file says it is {self.encoding.upper()} but isn't.", place
                ) from None
            # A tool that prints a stretch of memory (nwipe, for a serial that isn't there) writes a text all the same.
            strange = [found.start() for found in _NOT_IN_TEXT.finditer(data.rstrip(b"\x00"))]
            if len(strange) * TEXT_PER_STRANGE > len(data):
                raise UnreadableReport("NOT_TEXT", "The file is not text.", f"offset {strange[0]}") from None
        # Tools on old machines print serials and makers in the code page of the day; Latin-1 never fails and keeps every byte.
        self.encoding = "latin-1"
        return data.decode("latin-1")

    @cached_property
    def head(self) -> str:
        """The first characters, without leading blanks: enough to recognise a format by."""
        return self.text[:HEAD_CHARACTERS].lstrip("\ufeff \t\r\n")

    @property
    def looks_like_json(self) -> bool:
        return bool(re.match(r"[{\[]\s*(?:[\"{\[}\]]|-?\d+\s*[,\]]|$)", self.head[:2000]))

    @cached_property
    def _json(self) -> Value:
        try:
            return _load_json(self.text)
        except UnreadableReport as error:
            value = _load_loose(self.text) if error.code == "BAD_JSON" else None
            self.is_mended = value is not None
            return error if value is None else value

    @property
    def json(self) -> Value:
        """The parsed JSON; a list, if several documents follow each other. Of double keys the last counts; NaN is null.

        Raises BAD_JSON, TRUNCATED, TOO_DEEP.
        """
        if isinstance(self._json, UnreadableReport):
            raise self._json
        return self._json

    @property
    def json_or_none(self) -> Value:
        try:
            return self.json if self.looks_like_json or loose.start(self.text) is not None else None
        except UnreadableReport:
            return None

    @property
    def json_object(self) -> dict[str, Any]:
        """The JSON object at the top of the file, or an empty one when the file is something else."""
        value = self.json_or_none
        return value if isinstance(value, dict) else {}

    @cached_property
    def _yaml(self) -> Value:
        try:
            return _load_yaml(self.text)
        except UnreadableReport as error:
            return error

    @property
    def yaml(self) -> Value:
        """The parsed YAML (first document). Numbers and dates stay as printed, so that serial 0012 keeps its zeros.

        Raises BAD_YAML, TOO_DEEP, TOO_LARGE.
        """
        if isinstance(self._yaml, UnreadableReport):
            raise self._yaml
        return self._yaml

    @property
    def looks_like_yaml(self) -> bool:
        start = re.sub(r"\A(?:#.*(?:\n|\Z)|\s*\n)+", "", self.head[:4000])
        return bool(re.match(r"---\s|[{\[]", start) or re.search(r"^[\w.@\"'-]+:(?:\s|$)", start, re.MULTILINE))

    @property
    def yaml_object(self) -> dict[str, Any]:
        """The mapping at the top of a YAML file, or an empty one when the file is something else."""
        if self.looks_like_json or not self.looks_like_yaml:
            return {}
        try:
            value = self.yaml
        except UnreadableReport:
            return {}
        return value if isinstance(value, dict) else {}

    @classmethod
    def holding(cls, value: object) -> Sniff:
        """A sniff of JSON that is already read: a report that stands inside another one."""
        sniff = cls(b"{}")
        sniff.__dict__.update(_json=value, text="{}", head="{}")
        return sniff

    @property
    def document(self) -> dict[str, Any]:
        """The object at the top of a JSON or YAML file, or an empty one.

        YAML may be written with braces, with comments and bare words in it: what is no JSON may still be YAML, as a whole.
        """
        if not self.looks_like_json:
            found = self.json_or_none
            return found if isinstance(found, dict) else self.yaml_object
        value = self._json
        if isinstance(value, UnreadableReport) and value.code == "BAD_JSON" and len(self.text) <= LARGEST_YAML_BYTES:
            value = self._yaml
        return value if isinstance(value, dict) else {}

    @property
    def looks_like_xml(self) -> bool:
        return self.head.startswith("<")

    @cached_property
    def _xml(self) -> Value:
        try:
            return _load_xml(self.text)
        except UnreadableReport as error:
            return error

    @property
    def xml(self) -> Element:
        """The root element. No DTD, no entities, nothing fetched. Raises BAD_XML, HOSTILE_XML, TRUNCATED, TOO_DEEP."""
        if isinstance(self._xml, UnreadableReport):
            raise self._xml
        root: Element = self._xml
        return root

    @property
    def xml_or_none(self) -> Element | None:
        try:
            return self.xml if self.looks_like_xml else None
        except UnreadableReport:
            return None

    def complaint(self) -> UnreadableReport | None:
        """Why a file that looks like JSON, XML or YAML could not be read as that; None when it could, or looks like none."""
        if self.looks_like_json:
            found = self._json
        elif self.looks_like_xml:
            found = self._xml
        elif re.search(r"^['\"]?@?(?:type|device|components|software|uuid)['\"]?:", self.head, re.MULTILINE):
            # Many a text has lines with colons; only one with a snapshot's words is missed as a snapshot.
            found = self._yaml
        else:
            return None
        return found if isinstance(found, UnreadableReport) else None


def _inflated(data: bytes) -> bytes:
    """What an inventory agent packed for its server (zlib without gzip's header); anything else as it is."""
    if not data.startswith(_ZLIB):
        return data
    engine = zlib.decompressobj()
    try:
        plain = engine.decompress(data, LARGEST_BYTES + 1)
    except zlib.error:
        return data
    if len(plain) > LARGEST_BYTES:
        raise UnreadableReport("TOO_LARGE", f"The file unpacks to more than {LARGEST_BYTES} bytes.")
    if not engine.eof:
        raise UnreadableReport("TRUNCATED", "The packed data stop before their end.", f"offset {len(data)}")
    if not plain:
        raise UnreadableReport("EMPTY", "The file unpacks to nothing.", "offset 0")
    return plain


def _gunzip(data: bytes) -> bytes:
    plain, rest = b"", data
    # What is packed piece by piece (a log that grows) unpacks piece by piece.
    while rest.startswith(_GZIP):
        engine = zlib.decompressobj(wbits=31)
        try:
            plain += engine.decompress(rest, LARGEST_BYTES + 1 - len(plain))
        except zlib.error:
            raise UnreadableReport("COMPRESSED", "The file is gzip data that doesn't unpack.") from None
        if len(plain) > LARGEST_BYTES:
            raise UnreadableReport("TOO_LARGE", f"The file unpacks to more than {LARGEST_BYTES} bytes.")
        if not engine.eof:
            raise UnreadableReport("TRUNCATED", "The gzip data stop before their end.", f"offset {len(data)}")
        rest = engine.unused_data
    if not plain:
        raise UnreadableReport("EMPTY", "The file unpacks to nothing.", "offset 0")
    if plain.startswith(_GZIP):
        raise UnreadableReport("COMPRESSED", "The file is packed more than once; send the report inside it.")
    return plain


def _encoding(data: bytes) -> tuple[str, int]:
    """The encoding and the length of its mark. UTF-16 without a mark shows by its zero bytes, as ASCII has none."""
    marks = (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    )
    for mark, name in marks:
        if data.startswith(mark):
            return name, len(mark)
    start = data[:200]
    if len(start) >= 4 and not len(data) % 2:
        even, odd = start[0::2], start[1::2]
        if odd.count(0) == len(odd) and not even.count(0):
            return "utf-16-le", 0
        if even.count(0) == len(even) and not odd.count(0):
            return "utf-16-be", 0
    return "utf-8", 0


def _place(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return f"line {line}, column {column}, character {offset}"


def _load_json(text: str) -> Value:
    try:
        value = json.loads(text, parse_constant=lambda _: None, strict=False)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            end = len(text)
            raise UnreadableReport("TRUNCATED", "The JSON stops before its end.", _place(text, end)) from None
        raise UnreadableReport("BAD_JSON", f"The JSON is broken: {error.msg}.", _place(text, error.pos)) from None
    except RecursionError:
        raise UnreadableReport("TOO_DEEP", f"The JSON is nested more than {DEEPEST} levels deep.") from None
    except ValueError:
        # int() of thousands of digits; json gives no place for it.
        raise UnreadableReport("BAD_JSON", "The JSON holds a number that no tool prints.") from None
    _hold_limits(value, "JSON")
    return value


def _load_loose(text: str) -> Value:
    """What ``loose`` makes of a text that is no JSON as it stands, within the limits; None when that is nothing."""
    try:
        value = loose.read(text)
        _hold_limits(value, "JSON")
    except (UnreadableReport, RecursionError, ValueError):
        return None
    return value


def _hold_limits(value: object, name: str) -> None:
    """Refuse deep or (through aliases) endless structures, level by level so that nothing recurses."""
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    count = 0
    for _ in range(DEEPEST):
        below: list[Any] = []
        for outer in level:
            inside = outer.values() if isinstance(outer, dict) else outer
            below.extend([inner for inner in inside if isinstance(inner, dict | list)])
            if count + len(below) > MOST_NODES:
                raise UnreadableReport("TOO_COMPLEX", f"The {name} unfolds to more than {MOST_NODES} parts.")
        if not below:
            return
        count += len(below)
        level = below
    raise UnreadableReport("TOO_DEEP", f"The {name} is nested more than {DEEPEST} levels deep.")


class _Builder:
    """Puts YAML events together without recursion. Scalars stay as printed, but for null and the two booleans; tags make
    nothing, merge keys unfold nothing, and an alias is the very object it names, never one that is still open."""

    def __init__(self) -> None:
        self.root: Any = None
        self.open: list[Any] = []
        self.keys: list[Any] = []
        self.names: list[str | None] = []
        self.anchors: dict[str, Any] = {}
        self.aliases = 0

    def place(self, value: Value) -> None:
        if not self.open:
            self.root = value
        elif isinstance(self.open[-1], list):
            self.open[-1].append(value)
        elif self.keys[-1] is _NO_KEY:
            if isinstance(value, dict | list):
                raise UnreadableReport("BAD_YAML", "The YAML uses a structure as a key.")
            self.keys[-1] = "" if value is None else str(value)
        else:
            self.open[-1][self.keys[-1]] = value
            self.keys[-1] = _NO_KEY

    def scalar(self, event: Value) -> None:
        value: Any = event.value
        if not event.style:
            value = _YAML_WORDS.get(value.lower(), value)
        if event.anchor:
            self.anchors[event.anchor] = value
        self.place(value)

    def start(self, event: Value, value: Value) -> None:
        if len(self.open) >= DEEPEST:
            raise UnreadableReport("TOO_DEEP", f"The YAML is nested more than {DEEPEST} levels deep.")
        self.place(value)
        self.open.append(value)
        self.keys.append(_NO_KEY)
        self.names.append(event.anchor)

    def end(self) -> None:
        value = self.open.pop()
        self.keys.pop()
        if name := self.names.pop():
            self.anchors[name] = value

    def alias(self, event: Value) -> None:
        self.aliases += 1
        if self.aliases > MOST_ALIASES:
            raise UnreadableReport("TOO_COMPLEX", f"The YAML has more than {MOST_ALIASES} aliases.")
        if event.anchor not in self.anchors:
            raise UnreadableReport("BAD_YAML", "The YAML names an alias that isn't closed before it.")
        self.place(self.anchors[event.anchor])


_NO_KEY = object()
_YAML_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_YAML_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def _load_yaml(text: str) -> Value:
    if len(text) > LARGEST_YAML_BYTES:
        raise UnreadableReport("TOO_LARGE", f"The YAML has more than {LARGEST_YAML_BYTES} characters.")
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_YAML_LOADER):
            if isinstance(event, yaml.ScalarEvent):
                builder.scalar(event)
            elif isinstance(event, yaml.AliasEvent):
                builder.alias(event)
            elif isinstance(event, yaml.MappingStartEvent):
                builder.start(event, {})
            elif isinstance(event, yaml.SequenceStartEvent):
                builder.start(event, [])
            elif isinstance(event, yaml.CollectionEndEvent):
                builder.end()
            elif isinstance(event, yaml.DocumentEndEvent):
                break
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else None
        problem = getattr(error, "problem", None) or "it can't be read"
        raise UnreadableReport("BAD_YAML", f"The YAML is broken: {problem}.", place) from None
    except (ValueError, RecursionError):
        raise UnreadableReport("BAD_YAML", "The YAML can't be read.") from None
    _hold_limits(builder.root, "YAML")
    return builder.root


def _load_xml(text: str) -> Element:
    # The declared encoding counts no more, since the text is decoded already; expat would refuse a string that names one.
    body = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"), count=1)
    # Serials that hold control signs reach some tools' XML as they are; no XML may have them, and they name nothing.
    body = _NOT_IN_XML.sub(" ", body)
    if known := _PLIST_TYPE.match(body):
        body = body[: known.start(1)] + "\n" * known[1].count("\n") + body[known.end(1) :]
    try:
        root: Element = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise UnreadableReport(
            "HOSTILE_XML", "The XML declares a document type or entities; such files are not read."
        ) from None
    except defusedxml.ElementTree.ParseError as error:
        line, column = error.position
        code, sentence = ("BAD_XML", "The XML is broken.")
        if error.code in {3, 5, 14} and line >= body.rstrip().count("\n"):
            code, sentence = ("TRUNCATED", "The XML stops before its end.")
        raise UnreadableReport(code, sentence, f"line {line}, column {column + 1}") from None
    except (ValueError, LookupError):
        raise UnreadableReport("BAD_XML", "The XML can't be read.") from None
    level = [root]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level for inner in outer]
        if not level:
            return root
    raise UnreadableReport("TOO_DEEP", f"The XML is nested more than {DEEPEST} levels deep.")
