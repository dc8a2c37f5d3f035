"""GS1 Digital Links: keys as a web address. Whose host it is says nothing, so any is read; no address is ever fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote, unquote_to_bytes

from revlog.scanning.gs1.elements import BadElements, Element, check
from revlog.scanning.gs1.table import BY_CODE

_SHAPE = re.compile(
    r"https?://(?P<host>[-.:\[\]A-Za-z0-9]+)(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?", re.IGNORECASE
)
_LEGAL = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*")
# GTINs of 8, 12 and 13 digits are written without the zeros before them by many.
_SHORT_GTINS = {8, 12, 13}


def parse_link(address: str, *, short_gtins: bool = True) -> list[Element]:
    """The elements that a Digital Link says: its key, the key's qualifiers, then what stands after the question mark. Raises BadElements.

    ``short_gtins`` reads GTINs without their leading zeros.
    """
    found = _SHAPE.fullmatch(address)
    if found is None or not _LEGAL.fullmatch(address):
        raise BadElements("This is no web address with a GS1 key in it.")
    elements = [
        *_path(found["path"], short_gtins=short_gtins),
        *_query(found["query"] or "", short_gtins=short_gtins),
    ]
    codes = [element.code for element in elements]
    if len(set(codes)) < len(codes):
        raise BadElements("An application identifier stands there twice.")
    for element in elements:
        check(element.code, BY_CODE[element.code], element.value)
    return elements


def _path(path: str, *, short_gtins: bool) -> list[Element]:
    """Key and qualifiers, which end the path; the key is looked for from the end, since anything may stand before it."""
    parts = path.split("/")[1:]
    for begins in range(len(parts) - 2, -1, -2):
        code = parts[begins]
        row = BY_CODE.get(code)
        if row is None or not row.key:
            continue
        pairs = [(parts[place], parts[place + 1]) for place in range(begins, len(parts), 2)]
        if not any(_in_order([code for code, _value in pairs[1:]], allowed.split()) for allowed in row.key):
            raise BadElements(f"What follows ({code}) doesn't belong there.")
        return [Element(code, _gtin(code, _plain(value), short=short_gtins)) for code, value in pairs]
    raise BadElements("There is no GS1 key in it.")


def _query(query: str, *, short_gtins: bool) -> list[Element]:
    found: list[Element] = []
    for pair in re.split("[&;]", query):
        code, equals, value = pair.partition("=")
        if not equals or not code.isdecimal():
            continue  # parameters of the web site's own
        row = BY_CODE.get(code)
        if row is None or not row.link:
            raise BadElements(f"({code}) is nothing that an address may say.")
        found.append(Element(code, _gtin(code, _plain(value.replace("+", " ")), short=short_gtins)))
    return found


def _in_order(codes: Sequence[str], allowed: Sequence[str]) -> bool:
    left = iter(allowed)
    return all(code in left for code in codes)


def _plain(text: str) -> str:
    return unquote_to_bytes(text).decode("latin-1")


def _gtin(code: str, value: str, *, short: bool) -> str:
    if code in {"01", "02"} and short and len(value) in _SHORT_GTINS:
        return value.rjust(14, "0")
    return value


def link(elements: Sequence[Element], stem: str = "https://id.gs1.org") -> str:
    """The Digital Link that says ``elements``: the first key with its qualifiers as path, the rest behind the question mark.

    Raises BadElements where no key is among them, or one can't stand in an address.
    """
    once = list(dict.fromkeys(elements))
    by_code = {element.code: element for element in once}
    key = next((element for element in once if (row := BY_CODE.get(element.code)) is not None and row.key), None)
    if key is None:
        raise BadElements("There is no GS1 key in it.")
    path = [key]
    for allowed in BY_CODE[key.code].key:
        path = max(path, [key, *(by_code[code] for code in allowed.split() if code in by_code)], key=len)
    rest = [element for element in once if element not in path]
    rest.sort(key=lambda element: element.code not in BY_CODE or not BY_CODE[element.code].fixed)
    for element in rest:
        if (allowed_row := BY_CODE.get(element.code)) is None or not allowed_row.link:
            raise BadElements(f"({element.code}) is nothing that an address may say.")
    address = stem.rstrip("/") + "".join(f"/{element.code}/{quote(element.value, safe='')}" for element in path)
    told = "&".join(f"{element.code}={quote(element.value, safe='')}" for element in rest)
    return f"{address}?{told}" if told else address
