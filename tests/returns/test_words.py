"""What customers read is there in all four languages, and no raw code stands in it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings as configured
from django.test import Client
from django.utils import translation
from django.utils.translation import template, trans_real

from returns import facts, policy, reasons
from returns.models import RefundStatus, RmaStatus, Trouble, UnitStatus
from returns.services import labels
from returns.services.business import papers
from revlog.common import clock, words
from revlog.common.words import Audience
from revlog.custody.facts import kinds
from revlog.terms.models import Tax
from tests.cast import Cast
from tests.factories import returns, terms

ROOT = Path(configured.ROOT)
LANGUAGES = ("de", "fr", "es")
PLACES = re.compile(r"%\(\w+\)s|%s|\{\w+(?:!\w)?")  # of {n:photo|photos} the nouns are translated


def catalog(language: str) -> Catalog:
    path = ROOT / "returns" / "locale" / language / "LC_MESSAGES" / "django.po"
    return read_po(io.BytesIO(path.read_bytes()), locale=language, abort_invalid=True)


def of_templates() -> set[str]:
    folder = ROOT / "templates" / "returns"
    sold = (folder / "tradein" / f"{page}.html" for page in ("start", "thing", "quote", "code"))
    pages = [*folder.glob("*portal_*.html"), folder / "counter_receipt.html", *sold, *(folder / "mail").iterdir()]
    found: set[str] = set()
    for page in pages:
        code = template.templatize(page.read_text(), origin=page.name)
        for _line, _name, message, _comments in extract_python(io.BytesIO(code.encode()), ["_", "gettext"], [], {}):
            found.add(message if isinstance(message, str) else message[0])
    return found


def of_code() -> set[str]:
    asked = {str(told) for name in reasons.ASKED for told in reasons.GROUPS[name].values()}
    rules = {str(rule["why"]) for rule in policy.SHIPPED["rules"]}
    said = {
        str(fact.sentences[Audience.CUSTOMER])
        for kind, fact in kinds().items()
        if kind.startswith("returns.") and Audience.CUSTOMER in fact.sentences
    }
    taxes = {words.word(f"tax.{one}") for one in Tax.values} | {str(note) for note in papers.NOTES.values()}
    return asked | rules | said | taxes


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_a_customer_reads_is_translated_with_its_places(language: str) -> None:
    with translation.override("en"):
        wanted = of_templates() | of_code()
    known = catalog(language)

    missing = sorted(text for text in wanted if not (found := known.get(text)) or not found.string)
    assert missing == []
    for message in known:
        if isinstance(message.id, str) and message.id:
            assert sorted(PLACES.findall(message.id)) == sorted(PLACES.findall(str(message.string))), message.id


def test_every_code_that_pages_show_has_a_word() -> None:
    codes = [f"reason.{code}" for code in reasons.CODES] + [f"reason_group.{name}" for name in reasons.GROUPS]
    codes += [f"rma.{value}" for value in RmaStatus.values] + [f"rma_unit.{value}" for value in UnitStatus.values]
    codes += [f"refund.{value}" for value in RefundStatus.values] + list(Trouble.values)

    assert [code for code in codes if not words.known(code)] == []


def test_facts_tell_staff_without_raw_codes() -> None:
    for kind, fact in kinds().items():
        if kind.startswith(("returns.", "logistics.", "terms.")):
            assert fact.sentences[Audience.STAFF], kind
            assert fact.version == 1


@pytest.fixture
def german(tmp_path: Path, settings: object) -> Iterator[None]:
    """The German catalog compiled, as ``make setup`` does it."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalog("de"))
    settings.LOCALE_PATHS = [tmp_path]  # type: ignore[attr-defined]
    trans_real._translations.clear()
    yield
    trans_real._translations.clear()


def test_the_portal_speaks_german(cast: Cast, client: Client, german: None) -> None:
    order = terms.order(cast, at=clock.now())
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    client.post("/return/", {"order": "PS-1001", "email": terms.EMAIL})

    assert "Etwas zurückgeben" in client.get("/return/").content.decode()
    page = client.get(f"/return/order/{order.pk}/").content.decode()
    assert "Was möchten Sie zurückgeben?" in page
    assert "Rückgabe bis" in page


def test_the_label_is_in_the_customers_language(cast: Cast, german: None) -> None:
    order = terms.order(cast, at=clock.now(), language="de")
    rma = returns.rma(cast, order=order, at=clock.now())
    link = rma.parcel_links.select_related("parcel__shipment__carrier").get()
    with translation.override("de"):
        record = labels._record(rma, link, 1, 1, at=clock.now())

    assert record.hand_in == "jede Postfiliale oder jeder Paketshop"
    assert "UN 3481" in record.warning
    assert facts.LabelIssued.kind == "returns.label_issued"
