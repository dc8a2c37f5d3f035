"""The floor is usable in a second language: all that its pages and those of the office beside it say is there in German."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import template

ROOT = Path(settings.ROOT)
CODE = (
    "revlog/floor",
    "revlog/scanning",
    "revlog/storage",
    "revlog/labels",
    "revlog/logistics",
    "itad/manifests",
    "returns/floor",
)
PAGES = ("floor", "storage", "labels", "logistics", "reporting/board")
PLACES = re.compile(r"%\(\w+\)s|%s|%%|\{\w+(?:!\w)?")  # of {n:unit|units} the nouns are translated
TELLERS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2)}


def catalog(app: str) -> Catalog:
    path = ROOT / app / "locale" / "de" / "LC_MESSAGES" / "django.po"
    return read_po(io.BytesIO(path.read_bytes()), locale="de", abort_invalid=True)


def told() -> Iterator[str]:
    """Every text that is shown, wherever it stands."""
    code = (path for folder in CODE for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)
    pages = (path for folder in PAGES for path in (ROOT / "templates" / folder).rglob("*.*"))
    texts = [path.read_text() for path in code]
    # In brackets: a page's texts stand indented as its tags do.
    texts += [f"({template.templatize(path.read_text(), origin=path.name)})" for path in pages]
    for text in texts:
        for _line, _name, found, _comments in extract_python(io.BytesIO(text.encode()), list(TELLERS), [], {}):
            message = found if isinstance(found, str) or found is None else found[0]
            if message:
                yield message


def test_what_the_floor_and_its_office_say_is_there_in_german() -> None:
    known = {
        text
        for app in ("revlog/floor", "revlog/common", "revlog/evidence", "returns")
        for message in catalog(app)
        if message.string and all(message.string if isinstance(message.string, tuple) else [message.string])
        for text in [message.id if isinstance(message.id, str) else message.id[0]]
    }

    assert sorted(set(told()) - known) == []


def test_what_is_put_into_a_sentence_is_put_into_its_translation() -> None:
    for message in catalog("revlog/floor"):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        for english, german in zip(ids, strings, strict=True):
            assert sorted(PLACES.findall(english)) == sorted(PLACES.findall(german)), english
