"""From a record to the bytes of a PDF/A-3u.

The bytes depend on the arguments and on nothing else: no clock, no network, no database. The same arguments give the same bytes
with the same fonts and library versions; a document is therefore made once and kept, never made again to be compared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.template import Context, Engine
from django.utils import translation

from revlog.common.errors import DomainError

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = ROOT / "templates"
FOLDER = "documents/"
DEEPEST = 12  # levels of mappings and lists in a context: the records need six
# Characters that XML 1.0 can't carry: a serial read from a broken drive may hold any of them.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

Primitive = str | int | bool | None | Sequence["Primitive"] | Mapping[str, "Primitive"]


class UnableToRender(DomainError):
    """The document can't be made from what was given."""

    status = 422
    code = "unable_to_render"


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file to embed. ``name`` is plain ASCII without folders; its ending tells the media type."""

    name: str
    data: bytes
    description: str = ""


def render(
    *,
    template: str,
    context: Mapping[str, object],
    attachments: Sequence[AttachedFile],
    title: str,
    language: str,
    created_at: datetime,
    identifier: str,
) -> bytes:
    """The document as PDF/A-3u: fonts embedded, ``attachments`` with the relationship Data, unsigned.

    ``template`` is a name below ``templates/documents/`` ("documents/return_label.html"), ``context`` the primitives it reads
    (``contexts.context_of``), ``created_at`` an instant with a zone, ``identifier`` a text that is the document's own (its id).
    Raises ``UnableToRender`` for a context that holds anything but text, whole numbers, booleans, None, lists and mappings, for an
    address outside our own folder, for a bad name or time. Not for threads: the layout engine's font map is shared.
    """
    # Imported here, because WeasyPrint and the libraries behind it cost a web worker more memory than it may have.
    from revlog.evidence.pdf import layout  # noqa: PLC0415

    if created_at.tzinfo is None:
        raise UnableToRender("the time of a document needs a zone")
    if not identifier:
        raise UnableToRender("a document needs an identifier")
    names = [attached.name for attached in attachments]
    for name in names:
        if not PLAIN_NAME.fullmatch(name):
            raise UnableToRender(f"“{name}” is not a plain file name, so it can't be embedded")
    if len(set(names)) != len(names):
        raise UnableToRender("two embedded files have the same name")
    html = render_html(template=template, context=context, language=language)
    return layout.write(
        html,
        # PDF readers look names up in a sorted tree.
        attachments=sorted(attachments, key=lambda attached: attached.name),
        title=_printable(title),
        language=language,
        created_at=created_at,
        identifier=identifier,
    )


def render_html(*, template: str, context: Mapping[str, object], language: str) -> str:
    """The document as well-formed XHTML, in ``language``; raises as ``render`` does."""
    if not template.startswith(FOLDER) or ".." in template:
        raise UnableToRender(f"“{template}” is not a document template")
    values = primitives(context)
    with translation.override(language):
        return str(_engine().get_template(template).render(Context({**values, "language": language})))


def primitives(context: Mapping[str, object]) -> dict[str, Primitive]:
    """A copy of ``context`` that holds primitives alone, unprintable characters replaced by U+FFFD.

    Raises ``UnableToRender`` that names the place of the first value which is something else. Floats are something else: money,
    weights and shares come as text or whole numbers, which print the same everywhere.
    """
    return {_key(key, "context"): _primitive(value, key, depth=1) for key, value in context.items()}


def _primitive(value: object, where: str, *, depth: int) -> Primitive:
    if depth > DEEPEST:
        raise UnableToRender(f"the context is nested deeper than {DEEPEST} levels at {where}")
    # Exact types: a lazy translation or a model's enum is a str by inheritance, and would run code while it is printed.
    kind = type(value)
    if kind is str:
        return _printable(value)  # type: ignore[arg-type]
    if value is None or kind is int or kind is bool:
        return value  # type: ignore[return-value]
    if kind is dict:
        pairs = value.items()  # type: ignore[attr-defined]
        return {_key(key, where): _primitive(item, f"{where}.{key}", depth=depth + 1) for key, item in pairs}
    if kind is list or kind is tuple:
        return [_primitive(item, f"{where}.{index}", depth=depth + 1) for index, item in enumerate(value)]  # type: ignore[arg-type, var-annotated]
    raise UnableToRender(f"a document is made from plain values, and {where} is a {kind.__name__}")


def _key(key: object, where: str) -> str:
    if type(key) is not str:
        raise UnableToRender(
            f"a document is made from plain values, and {where} has the key {key!r}, which is not text"
        )
    return key


def _printable(text: str) -> str:
    return UNPRINTABLE.sub("\ufffd", text)


@lru_cache(maxsize=1)
def _engine() -> Engine:
    """An engine of its own: no context processors, no request, no template from an app can reach a document."""
    return Engine(
        dirs=[str(TEMPLATES)],
        autoescape=True,
        libraries={"i18n": "django.templatetags.i18n", "documents": "revlog.evidence.pdf.filters"},
        loaders=[("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])],
    )
