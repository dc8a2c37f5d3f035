"""The one module that touches WeasyPrint. Import it inside functions: it is for workers, not for web processes.

What costs time and stays the same between documents is kept: the font map and the parsed style sheets. Templates are well-formed
XML, so they are parsed by the C parser of the standard library instead of an HTML5 parser in Python (a fifth of the time of a
long document).
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import cssselect2
import pydyf
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from revlog.evidence.pdf.render import ROOT, AttachedFile, UnableToRender

if TYPE_CHECKING:
    from collections.abc import Sequence

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
            raise Refused(url)
        return super().fetch(path.as_uri(), headers)


class Refused(Exception):
    """An address a document may not load."""


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
    try:
        document = Page(xhtml).render(font_config=fonts(), stylesheets=list(sheets()))
    except ElementTree.ParseError as error:
        line, column = error.position
        raise UnableToRender(f"the template is not well-formed XML at line {line}, column {column}") from error
    except FatalURLFetchingError as error:
        refused = error.__cause__ if isinstance(error.__cause__, Refused) else "what can't be read"
        raise UnableToRender(f"the document refers to {str(refused)[:200]}, which a document may not load") from error
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
    return bytes(
        document.write_pdf(
            pdf_variant="pdf/a-3u",
            pdf_identifier=sha256(identifier.encode()).hexdigest()[:32].encode(),
            finisher=_name_each_file_once,
        ),
    )


def _name_each_file_once(_document: object, pdf: Any) -> None:  # noqa: ANN401
    """WeasyPrint enters an attachment in the catalog's AF array both by name and by object."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
