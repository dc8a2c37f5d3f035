"""The account pages come from a package; our own words for them are kept in a catalog, which must not outlive what it translates."""

from __future__ import annotations

import io
from pathlib import Path

import allauth
from babel.messages.pofile import read_po
from django.conf import settings

CATALOG = Path(settings.ROOT) / "locale/en/LC_MESSAGES/django.po"


def test_the_package_still_says_what_we_say_otherwise() -> None:
    folder = Path(allauth.__file__).parent
    texts = (path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in {".html", ".py"})
    said = " ".join(" ".join(texts).split())
    catalog = read_po(io.BytesIO(CATALOG.read_bytes()), locale="en", abort_invalid=True)

    assert [message.id for message in catalog if message.id and message.id not in said] == []


def test_our_words_beg_nobody() -> None:
    catalog = read_po(io.BytesIO(CATALOG.read_bytes()), locale="en", abort_invalid=True)

    assert [message.string for message in catalog if message.id and "please" in str(message.string).lower()] == []
