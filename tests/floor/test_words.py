"""The floor is usable in other languages: in German with the office's pages beside it, in French and Spanish what it says itself."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
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
    "triage",
)
PAGES = ("floor", "storage", "labels", "logistics", "reporting/board", "triage")
OWN = (
    "revlog/floor", "revlog/scanning", "revlog/storage/floor", "revlog/logistics/floor.py", "revlog/logistics/scanoff.py",
    "revlog/logistics/crossing.py", "revlog/logistics/views/crossing.py", "revlog/logistics/views/floor.py", "revlog/labels/floor.py",
    "revlog/devices/floor.py", "returns/floor", "returns/views/dock.py", "itad/floor.py", "refurb/floor.py", "recycling/floor.py",
    "resale/floor.py", "triage/floor.py", "reporting/floor.py",
)  # fmt: skip
OWN_PAGES = (
    "layouts/floor.html", "returns/_dock_answer.html",
    *(f"components/{name}.html" for name in (
        "scan", "answer", "acts", "band", "camera", "kept", "photo", "sign", "tally", "recent", "says", "unit",
    )),
)  # fmt: skip
PLACES = re.compile(r"%\(\w+\)s|%s|%%|\{\w+(?:!\w)?")  # of {n:unit|units} the nouns are translated
TELLERS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2)}


def catalog(app: str, language: str) -> Catalog:
    path = ROOT / app / "locale" / language / "LC_MESSAGES" / "django.po"
    return read_po(io.BytesIO(path.read_bytes()), locale=language, abort_invalid=True)


def told(paths: Iterable[Path]) -> Iterator[str]:
    """Every text that is shown, wherever it stands."""
    for path in paths:
        # In brackets: a page's texts stand indented as its tags do.
        text = path.read_text()
        code = text if path.suffix == ".py" else f"({template.templatize(text, origin=path.name)})"
        for _line, _name, found, _comments in extract_python(io.BytesIO(code.encode()), list(TELLERS), [], {}):
            message = found if isinstance(found, str) or found is None else found[0]
            if message:
                yield message


def known(language: str) -> set[str]:
    return {
        text
        for app in ("revlog/floor", "revlog/common", "revlog/evidence", "returns", "triage")
        if (ROOT / app / "locale" / language).exists()
        for message in catalog(app, language)
        if message.string and all(message.string if isinstance(message.string, tuple) else [message.string])
        for text in [message.id if isinstance(message.id, str) else message.id[0]]
    }


def test_what_the_floor_and_its_office_say_is_there_in_german() -> None:
    code = (
        path
        for folder in CODE
        for path in (ROOT / folder).rglob("*.py")
        if not {"migrations", "management"} & set(path.parts)
    )
    pages = (path for folder in PAGES for path in (ROOT / "templates" / folder).rglob("*.*"))

    assert sorted(set(told([*code, *pages])) - known("de")) == []


@pytest.mark.parametrize("language", ["fr", "es"])
def test_what_the_floor_itself_says_is_there_in_french_and_spanish(language: str) -> None:
    """Its jobs, answers and pages; not yet what a verb says that refuses."""
    own = [ROOT / name for name in OWN]
    code = (path for one in own for path in ([one] if one.suffix == ".py" else one.rglob("*.py")))
    pages = [*(ROOT / "templates" / "floor").rglob("*.html"), *(ROOT / "templates" / name for name in OWN_PAGES)]

    assert sorted(set(told([*code, *pages])) - known(language)) == []


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_what_is_put_into_a_sentence_is_put_into_its_translation(language: str) -> None:
    for message in catalog("revlog/floor", language):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        for english, other in zip(ids, strings, strict=True):
            assert sorted(PLACES.findall(english)) == sorted(PLACES.findall(other)), english
