"""What the number on a certificate or report is answered with."""

from __future__ import annotations

import re

from django.urls import reverse
from django.utils.translation import gettext as _

from revlog.common.words import word
from revlog.evidence.models import Document
from revlog.scanning import registry
from revlog.scanning.answers import Answer, leads
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Found

_NUMBER = re.compile(r"[A-Z]{1,6}-(?:[A-Z0-9]+-)*\d{6,}")
_CHECKED_AT = re.compile(r"/verify/(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)


def _find(here: Here, reading: Reading) -> Found | None:
    """By its printed number, or by the address in the code on its first page."""
    if not here.by.may("documents.view"):
        return None
    rows = Document.objects.visible_to(here.by).select_related("replaced_by")
    if checked := _CHECKED_AT.search(reading.text):
        row = rows.filter(pk=checked["id"]).first()
    elif _NUMBER.fullmatch(reading.code):
        row = rows.filter(number=reading.code).first()
    else:
        return None
    return Found("document", row) if row is not None else None


@registry.kind("document", order=70, find=_find)
def answer(here: Here, reading: Reading, found: Found) -> Answer:
    row: Document = found.thing
    here.show("document", row.pk)
    replaced = row.replaced_by
    return {
        "tone": "attention" if replaced is not None else "accepted",
        "title": row.number,
        "text": word(row.kind),
        "todo": _("It was replaced by %s.") % replaced.number if replaced is not None else "",
        "actions": [
            leads(_("Open it"), reverse("document", args=[row.pk]), primary=True, icon="certificate"),
            *registry.actions_for(here, "document", row),
        ],
    }
