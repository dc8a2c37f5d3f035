"""Apple's property lists in XML, as plain values. The document type that Apple's tools write is known and names nothing to fetch;
any other is refused by the sniff as in every XML."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from triage.reports.sniff import Sniff

Value: TypeAlias = Any  # whatever a foreign file holds


def root_of(sniff: Sniff) -> Value:
    """The value at the top of a property list; None when the file is none. Never raises."""
    root = sniff.xml_or_none
    if root is None or root.tag != "plist" or not len(root):
        return None
    return value(root[0])


def value(element: Element) -> Value:
    """The element as a dict, list, string, int, float, bool or bytes. Depth is bounded by the sniff, so recursion is."""
    tag, text = element.tag, element.text or ""
    if tag == "dict":
        return _members(element)
    if tag == "array":
        return [value(child) for child in element]
    if tag in {"true", "false"}:
        return tag == "true"
    if tag in {"integer", "real"}:
        return _number(text.strip(), whole=tag == "integer")
    if tag == "data":
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            return b""
    return text


def _members(element: Element) -> dict[str, Value]:
    members: dict[str, Value] = {}
    key: str | None = None
    for child in element:
        if child.tag == "key":
            key = child.text or ""
        elif key is not None:
            members[key] = value(child)
            key = None
    return members


def _number(text: str, *, whole: bool) -> int | float | str:
    try:
        if whole and len(text) <= 40:
            return int(text, 16) if text.lower().startswith("0x") else int(text)
        return float(text)
    except ValueError:
        return text
