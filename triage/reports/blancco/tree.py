"""Blancco writes the same tree in several ways: XML with ``entries`` and ``entry`` by name, JSON with arrays of objects that have a single
key beside ``@type``, and plain objects. All become nodes: a name leads to a list of texts and nodes. Names are read, never places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from triage.reports import values
from triage.reports.placeholders import clean

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Value: TypeAlias = Any  # whatever a foreign file holds
DEEPEST = 30


class Node(dict[str, list["Node | str"]]):
    """Members by name, in the order of the file."""

    def add(self, name: str, value: Node | str) -> None:
        self.setdefault(name, []).append(value)

    def text(self, *names: str) -> str | None:
        """The first of the names that has a text which is no placeholder."""
        return next(
            (line for name in names for one in self.get(name, []) if (line := clean(_bare(one))) is not None), None
        )

    def number(self, *names: str) -> int | None:
        """The first of the names that has a whole number; nought is one."""
        found = (values.whole(_bare(one)) for name in names for one in self.get(name, []))
        return next((number for number in found if number is not None), None)

    def nodes(self, *path: str) -> list[Node]:
        """Every node at the end of a path of names."""
        found = [self]
        for name in path:
            found = [inner for node in found for inner in node.get(name, []) if isinstance(inner, Node)]
        return found

    def node(self, *path: str) -> Node:
        """The members of all nodes there as one node, empty where there is none."""
        joined = Node()
        for one in self.nodes(*path):
            for name, inner in one.items():
                joined.setdefault(name, []).extend(inner)
        return joined

    def below(self, name: str, depth: int = 0) -> Iterator[Node]:
        """Every node of that name, wherever it stands."""
        for key, inner in self.items():
            for one in inner:
                if isinstance(one, Node):
                    if key == name:
                        yield one
                    elif depth < DEEPEST:
                        yield from one.below(name, depth + 1)


def _bare(value: Node | str) -> str | None:
    """A text, also where it stands as ``{"value": ...}``."""
    if isinstance(value, str):
        return value
    inner = value.get("value", [])
    return inner[0] if len(inner) == 1 and isinstance(inner[0], str) else None


def of_json(value: Value, depth: int = 0) -> list[Node | str]:
    """A value as nodes and texts: objects of a single key in a list belong together, others are each a node."""
    if depth > DEEPEST:
        return []
    if isinstance(value, dict):
        return [_object([value], depth)]
    if not isinstance(value, list):
        line = "true" if value is True else "false" if value is False else values.text(value, longest=2000)
        return [] if line is None else [line]
    objects = [one for one in value if isinstance(one, dict)]
    if objects and all(len(_keys(one)) <= 1 for one in objects) and len(objects) == len(value):
        return [_object(objects, depth)]
    return [inner for one in value for inner in of_json(one, depth + 1)]


def _keys(value: dict[str, Value]) -> list[str]:
    return [name for name in value if not str(name).startswith("@")]


def _object(parts: list[dict[str, Value]], depth: int) -> Node:
    node = Node()
    for part in parts:
        for name in _keys(part):
            for inner in of_json(part[name], depth + 1):
                node.add(_name(name), inner)
    return node


def of_xml(element: Element, depth: int = 0) -> Node:
    node = Node()
    for child in element:
        name = _name(child.get("name") or child.tag.rpartition("}")[2])
        if len(child) and depth < DEEPEST:
            node.add(name, of_xml(child, depth + 1))
        elif line := values.text(child.text, longest=2000):
            node.add(name, line)
    return node


def _name(name: object) -> str:
    return "_".join(str(name)[:100].lower().split())
