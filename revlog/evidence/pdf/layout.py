"""The one module that touches WeasyPrint. Import it inside functions: it is for workers, not for web processes.

What costs time and stays the same between documents is kept: the font map and the parsed style sheets. Templates are well-formed
XML, so they are parsed by the C parser of the standard library instead of an HTML5 parser in Python (a fifth of the time of a
long document).
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import cssselect2  # type: ignore[import-untyped]
import pydyf  # type: ignore[import-untyped]
from typing_extensions import override
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from revlog.evidence.pdf.render import ROOT, AttachedFile, UnableToRender

if TYPE_CHECKING:
    from collections.abc import Sequence

# Both tell each step of each document at level INFO.
for name in ("weasyprint.progress", "fontTools"):
    logging.getLogger(name).setLevel(logging.WARNING)

STATIC = (ROOT / "static" / "documents").resolve()
SHEETS = ("document.css",)
GENERATOR = "Revlog"


class Fetcher(URLFetcher):  # type: ignore[misc]
    """Gives a document our own folder and ``data:`` URIs; any other address stops the rendering.

    A style sheet, a logo or a value slipped into a template must not make the server call out or read its own files, and a
    document with a hole where a picture should be must not be signed.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data", "file"), allow_redirects=False, fail_on_errors=True)
        # Pictures inside pictures are drawn late, and a failure there is only logged: so what was refused is written down.
        self.refused: list[str] = []

    @override
    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        scheme = url.split(":", 1)[0].lower()
        if scheme == "data":
            return super().fetch(url, headers)
        path = (
            (STATIC / url.removeprefix(STATIC.as_uri()).lstrip("/")).resolve()
            if url.startswith(STATIC.as_uri() + "/")
            else None
        )
        if path is None or not path.is_relative_to(STATIC) or not path.is_file():
            self.refused.append(url)
            raise ValueError(url)
        return super().fetch(path.as_uri(), headers)


class Page(HTML):  # type: ignore[misc]
    """A document from well-formed XML: ``HTML`` without its HTML5 parser."""

    def __init__(self, xml: str) -> None:
        root = ElementTree.fromstring(xml)  # noqa: S314
        self.base_url = STATIC.as_uri() + "/"
        self.url_fetcher = fetcher()
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element


@lru_cache(maxsize=1)
def fetcher() -> Fetcher:
    return Fetcher()


@lru_cache(maxsize=1)
def fonts() -> FontConfiguration:
    return FontConfiguration()


@lru_cache(maxsize=1)
def sheets() -> tuple[CSS, ...]:
    return tuple(CSS(filename=str(STATIC / name), font_config=fonts(), url_fetcher=fetcher()) for name in SHEETS)


def write(
    xhtml: str,
    *,
    attachments: Sequence[AttachedFile],
    title: str,
    language: str,
    created_at: datetime,
    identifier: str,
) -> bytes:
    """Lay ``xhtml`` out and write it as PDF/A-3u. Raises ``UnableToRender``."""
    moment = created_at.astimezone(UTC)
    fetcher().refused.clear()
    try:
        document = Page(xhtml).render(font_config=fonts(), stylesheets=list(sheets()))
    except ElementTree.ParseError as error:
        line, column = error.position
        raise UnableToRender(f"the template is not well-formed XML at line {line}, column {column}") from error
    except FatalURLFetchingError as error:
        _refuse_what_was_refused()
        raise UnableToRender("the document holds a picture that can't be read") from error
    metadata = document.metadata
    metadata.title = title
    metadata.lang = language
    metadata.generator = GENERATOR
    metadata.created = metadata.modified = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata.attachments = [
        Attachment(
            string=attached.data,
            name=attached.name,
            description=attached.description,
            created=moment,
            modified=moment,
            relationship="Data",
        )
        for attached in attachments
    ]
    pdf = document.write_pdf(
        pdf_variant="pdf/a-3u",
        pdf_identifier=sha256(identifier.encode()).hexdigest()[:32].encode(),
        finisher=_name_each_file_once,
    )
    _refuse_what_was_refused()
    return bytes(pdf)


def _refuse_what_was_refused() -> None:
    if refused := fetcher().refused:
        raise UnableToRender(f"the document refers to {refused[0][:200]}, which a document may not load")


def _name_each_file_once(_document: object, pdf: Any) -> None:  # noqa: ANN401
    """WeasyPrint enters an attachment in the catalog's AF array both by name and by object."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
