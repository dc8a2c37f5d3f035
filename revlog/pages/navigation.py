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
    permission: str | tuple[str, ...] | None = None
    """Which is needed; of several, any."""
    group: str = "stages"
    inside: bool = False
    """For the people of the company that runs the install alone, whatever others may do."""


ROWS: tuple[Row, ...] = (
    Row(_("My work"), "checklist", "my_work", None, "top"),
    Row(_("Exceptions"), "alert-triangle", "exceptions", "exceptions.view", "top"),
    Row(_("Board"), "device-tv", "board", "devices.locate", "top", inside=True),
    Row(_("Acts of tablets"), "device-tablet", "floor_acts", "exceptions.view", "top", inside=True),
    Row(_("Returns"), "receipt-refund", "returns", "returns.view"),
    Row(_("Business returns"), "packages", "business", "client.request"),
    Row(_("Vendors"), "building", "vendors", "returns.answer"),
    Row(_("Support"), "headphones", "desk", "returns.desk"),
    Row(_("Counter"), "building", "counter", "returns.receive"),
    Row(_("Pickups"), "truck-delivery", "run", "logistics.drive"),
    Row(_("Floor"), "scan", "floor", "devices.locate", inside=True),
    Row(_("Dock plan"), "calendar", "dock_plan", "logistics.view", inside=True),
    Row(_("Transport"), "truck-delivery", "contracts", ("logistics.carriers", "money.view"), inside=True),
    Row(_("Containers"), "packages", "containers", "devices.locate", inside=True),
    Row(_("Labels"), "printer", "labels", "devices.locate", inside=True),
    Row(_("Hazards"), "alert-triangle", "hazards", "devices.hold", inside=True),
    Row(_("Transfers"), "arrows-exchange", "transfers", "logistics.view"),
    Row(_("Pick lists"), "list", "picks", "devices.picks", inside=True),
    Row(_("Counts"), "list-check", "counts", "devices.count", inside=True),
    Row(_("Packaging"), "box", "packaging", "devices.count", inside=True),
    Row(_("Receiving"), "clipboard-list", "receiving", "returns.receive", inside=True),
    Row(_("Triage"), "stethoscope", "triage", "triage.inspect"),
    Row(_("Sanitization"), "shield-lock", "itad", "itad.view"),
    Row(_("Bench"), "tools", "bench", "refurb.view"),
    Row(_("Sales"), "shopping-cart", "sales", "resale.view"),
    Row(_("Lots"), "packages", "sales_lots", "resale.bid"),
    Row(_("Recycling"), "recycle", "recycling", "recycling.view"),
    Row(_("Documents"), "certificate", "documents", "documents.view", "end"),
    Row(_("Reports"), "chart-bar", "reports", "reporting.view", "end"),
    Row(_("Settings"), "settings", "settings", "terms.view", "end"),
)


def entries(request: HttpRequest) -> list[dict[str, object]]:
    """``{label, icon, url, active, group}`` of the rows that this person may open."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        return []
    found: list[dict[str, object]] = []
    for row in ROWS:
        wanted = (row.permission,) if isinstance(row.permission, str) else row.permission
        if (wanted is not None and not any(map(actor.may, wanted))) or (row.inside and not actor.is_operator):
            continue
        try:
            url = reverse(row.route)
        except NoReverseMatch:
            continue
        active = request.path == url or (len(url) > 1 and request.path.startswith(url))
        found.append({"label": row.label, "icon": row.icon, "url": url, "active": active, "group": row.group})
    # Of two that fit, as `/floor/` and `/floor/acts/` do, the nearer one is where one stands.
    here = max((len(str(one["url"])) for one in found if one["active"]), default=0)
    for one in found:
        one["active"] = bool(one["active"]) and len(str(one["url"])) == here
    return found


@dataclass(frozen=True)
class SettingsRow:
    label: str | Promise
    about: str | Promise
    icon: str
    route: str
    permission: str
    inside: bool = False


SETTINGS: tuple[SettingsRow, ...] = (
    SettingsRow(_("People"), _("who works here, where, as what"), "users", "accounts_people", "accounts.manage"),
    SettingsRow(_("Roles"), _("what each role may do"), "id-badge-2", "accounts_roles", "accounts.manage"),
    SettingsRow(
        _("Service providers"), _("who serves whose customers"), "headphones", "accounts_providers", "accounts.hubs"
    ),
    SettingsRow(
        _("Companies"), _("addresses and VAT numbers on documents"), "building", "accounts_companies", "accounts.hubs"
    ),
    SettingsRow(_("API keys"), _("for partners' systems and test benches"), "key", "accounts_keys", "accounts.keys"),
    SettingsRow(_("Stations"), _("shared tablets and bench PCs"), "scan", "accounts_stations", "accounts.stations"),
    SettingsRow(
        _("Printers"),
        _("where labels come out, and for which stations"),
        "printer",
        "printers",
        "accounts.stations",
        inside=True,
    ),
    SettingsRow(
        _("Rules"),
        _("return windows, grading, decisions: each version with its dates"),
        "adjustments",
        "rules",
        "terms.view",
    ),
    SettingsRow(
        _("Prices"),
        _("what things are expected to bring: by hand, from lists, learned"),
        "chart-bar",
        "prices",
        "terms.view",
        inside=True,
    ),
    SettingsRow(
        _("Orders"), _("import what was sold, so that it can be returned"), "table", "orders_import", "orders.import"
    ),
    SettingsRow(
        _("Places"), _("zones, bins and benches of your hubs"), "map-pin", "places", "devices.locate", inside=True
    ),
    SettingsRow(
        _("Teams and shifts"),
        _("whose work is counted together, and when each shift begins"),
        "users",
        "shifts",
        "reporting.shifts",
        inside=True,
    ),
    SettingsRow(
        _("Ways to send it"),
        _("carriers, places where people bring things, when a van comes by"),
        "truck-delivery",
        "travel",
        "logistics.view",
    ),
    SettingsRow(
        _("Connection"), _("what it allows, and how a tablet comes to trust it"), "lock", "connection", "terms.view"
    ),
)


def settings_rows(actor: Actor) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for row in SETTINGS:
        if not actor.may(row.permission) or (row.inside and not actor.is_operator):
            continue
        try:
            found.append({"label": row.label, "about": row.about, "icon": row.icon, "url": reverse(row.route)})
        except NoReverseMatch:
            continue
    return found
