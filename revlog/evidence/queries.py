"""Questions about documents: the only reads that pages and the API use."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from revlog.accounts.actors import Actor
from revlog.evidence.models import Document, DocumentQuerySet


def documents(actor: Actor, *, kind: str = "", text: str = "") -> DocumentQuerySet:
    """The documents that ``actor`` may see, newest first; by kind, or by a part of their number or of the unit's tag."""
    found = Document.objects.visible_to(actor).select_related("owner", "artifact", "replaced_by")
    if kind:
        found = found.filter(kind=kind)
    if text := text.strip():
        found = found.filter(number__icontains=text) | found.filter(
            context__units__contains=[{"unit": {"tag": text.upper()}}]
        )
    return found.order_by("-issued_at", "-number")


def of_chain(chain: UUID, actor: Actor) -> list[Document]:
    """The documents about one thing, newest first, that ``actor`` may see."""
    return list(
        Document.objects.visible_to(actor).filter(chain_id=chain).select_related("artifact").order_by("-issued_at")
    )


@dataclass(frozen=True)
class Subject:
    """What a document is about, in words that may be public: no person, no whole serial number."""

    name: str
    tag: str
    media: tuple[str, ...]


def subjects(document: Document) -> list[Subject]:
    """The units that a document names, for the public page."""
    context = document.context if isinstance(document.context, dict) else {}
    units = context.get("units") or ([{"unit": context["unit"]}] if isinstance(context.get("unit"), dict) else [])
    found = []
    for item in units:
        unit = item.get("unit", {})
        media = tuple(_ending(one.get("medium", {})) for one in item.get("media", []))
        found.append(Subject(name=str(unit.get("name", "")), tag=str(unit.get("tag", "")), media=media))
    # What was handed over in containers is named by them.
    return found or [
        Subject(name="", tag=str(one["code"]), media=()) for one in context.get("things", []) if one.get("code")
    ]


def _ending(medium: dict[str, object]) -> str:
    serial = str(medium.get("serial") or medium.get("internal_id") or "")
    shown = f"… {serial[-4:]}" if len(serial) > 4 else serial
    return f"{medium.get('model') or ''} {shown}".strip()
