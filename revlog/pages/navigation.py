"""The office's left column: my work first, then the stages in the order a unit travels. A row shows only to those who may open it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revlog.accounts.actors import Actor


@dataclass(frozen=True)
class Row:
    label: str | Promise
    icon: str
    route: str
    permission: str | None = None


ROWS: tuple[Row, ...] = (
    Row(_("My work"), "checklist", "my_work"),
    Row(_("Exceptions"), "alert-triangle", "exceptions", "exceptions.resolve"),
    Row(_("Returns"), "arrow-back-up", "returns", "returns.view"),
    Row(_("Dock"), "package-import", "dock", "returns.receive"),
    Row(_("Triage"), "stethoscope", "triage", "triage.grade"),
    Row(_("Sanitization"), "lock", "itad", "itad.sanitize"),
    Row(_("Bench"), "tool", "bench", "refurb.work"),
    Row(_("Sales"), "tag", "sales", "resale.offer"),
    Row(_("Recycling"), "recycle", "recycling", "recycling.batch"),
    Row(_("Reports"), "chart-bar", "reports", "reporting.view"),
    Row(_("Settings"), "settings", "settings", "accounts.manage"),
)


def entries(request: HttpRequest) -> list[dict[str, object]]:
    """``{label, icon, url, active}`` of the rows that this person may open."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        return []
    found: list[dict[str, object]] = []
    for row in ROWS:
        if row.permission is not None and not actor.may(row.permission):
            continue
        try:
            url = reverse(row.route)
        except NoReverseMatch:
            continue
        active = request.path == url or (len(url) > 1 and request.path.startswith(url))
        found.append({"label": row.label, "icon": row.icon, "url": url, "active": active})
    return found
