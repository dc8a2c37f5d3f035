"""What each role holds: one set of permission names per role, and which side of the house a role belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from revlog.accounts.models import Role

_LOOK = {"devices.view", "evidence.view", "documents.view", "exceptions.view"}
_FLOOR = _LOOK | {"devices.locate", "devices.hold", "devices.count", "evidence.attach"}
_DESK = _LOOK | {
    "returns.view",
    "orders.view",
    "terms.view",
    "logistics.view",
    "refurb.view",
    "itad.view",
    "resale.view",
    "recycling.view",
    "reporting.view",
}
_WAREHOUSE = _FLOOR | {
    "devices.register",
    "returns.view",
    "returns.receive",
    "returns.restock",
    "returns.send_back",
    "logistics.view",
    "logistics.handover",
    "logistics.accept",
    "orders.view",
    "exceptions.resolve",
}
_INSPECTOR = _FLOOR | {
    "returns.view",
    "triage.report",
    "triage.inspect",
    "triage.grade",
    "triage.dispose",
    "exceptions.resolve",
}
_TECHNICIAN = _FLOOR | {"triage.report", "refurb.view", "refurb.work", "refurb.check", "refurb.harvest"}
_DATA_TECHNICIAN = _FLOOR | {
    "triage.report",
    "itad.view",
    "itad.sanitize",
    "itad.verify",
    "itad.destroy",
    "itad.witness",
    "itad.except",
    "refurb.view",
    "refurb.harvest",
    "exceptions.resolve",
}
_PACKER = _FLOOR | {
    "orders.view",
    "logistics.view",
    "logistics.ship",
    "logistics.handover",
    "logistics.accept",
    "resale.view",
    "resale.ship",
    "returns.send_back",
    "itad.deploy",
}
_SELLER = _LOOK | {
    "devices.allocate",
    "orders.view",
    "orders.import",
    "terms.view",
    "resale.view",
    "resale.pool",
    "resale.price",
    "resale.offer",
    "resale.sell",
    "resale.lots",
    "money.view",
    "reporting.view",
    "messages.view",
    "messages.send",
}
_RECYCLER = _FLOOR | {
    "recycling.view",
    "recycling.batch",
    "recycling.weigh",
    "recycling.load",
    "refurb.view",
    "refurb.harvest",
    "logistics.view",
    "logistics.handover",
    "logistics.accept",
}
_SAFETY_ASSESSOR = _FLOOR | {"devices.release", "recycling.view", "recycling.hazard", "exceptions.resolve"}
_SUPPORT = _LOOK | {
    "devices.hold",
    "returns.view",
    "returns.open",
    "returns.approve",
    "returns.credits",
    "returns.appeal",
    "returns.desk",
    "returns.override",
    "orders.view",
    "terms.view",
    "logistics.view",
    "messages.view",
    "messages.send",
    "evidence.attach",
    "exceptions.resolve",
}
_FINANCE = _DESK | {
    "returns.settle",
    "returns.refund",
    "returns.fraud",
    "returns.lists",
    "messages.send",
    "returns.credits",
    "itad.settle",
    "money.view",
    "money.post",
    "money.correct",
    "reporting.export",
    "exceptions.resolve",
}
_PLANNER = _DESK | {
    "devices.picks",
    "orders.import",
    "logistics.plan",
    "logistics.ship",
    "logistics.carriers",
    "refurb.plan",
    "refurb.parts",
    "itad.jobs",
    "itad.manifest",
    "itad.deploy",
    "returns.vendor",
    "returns.answer",
    "returns.recall",
    "reporting.export",
    "exceptions.resolve",
    "messages.send",
}
_QUALITY = _DESK | {
    "returns.recall",
    "devices.hold",
    "devices.release",
    "devices.correct",
    "evidence.attach",
    "triage.regrade",
    "refurb.check",
    "itad.verify",
    "itad.witness",
    "itad.certify",
    "documents.issue",
    "documents.revoke",
    "recycling.vendors",
    "custody.view",
    "custody.export",
    "reporting.export",
    "exceptions.resolve",
    "exceptions.assign",
}
_LEAD = (
    _WAREHOUSE
    | _INSPECTOR
    | _TECHNICIAN
    | _PACKER
    | _RECYCLER
    | _DESK
    | {
        "devices.release",
        "devices.adjust",
        "devices.picks",
        "devices.write_off",
        "devices.allocate",
        "devices.catalog",
        "devices.correct",
        "returns.approve",
        "returns.settle",
        "returns.fraud",
        "returns.lists",
        "messages.send",
        "returns.override",
        "returns.override_any",
        "triage.regrade",
        "triage.override",
        "refurb.plan",
        "refurb.parts",
        "itad.jobs",
        "itad.verify",
        "itad.witness",
        "itad.except",
        "itad.donate",
        "recycling.close",
        "documents.issue",
        "exceptions.assign",
        "reactions.retry",
        "reporting.shifts",
        "accounts.stations",
        "accounts.badges",
    }
)
_MANAGER = (
    _LEAD
    | _SUPPORT
    | _SELLER
    | _PLANNER
    | _FINANCE
    | _QUALITY
    | {
        "terms.edit",
        "terms.publish",
        "itad.certify",
        "reporting.persons",
        "reporting.goals",
        "evidence.erase",
    }
)
# Runs the install, not the work: an administrator gives rights out and so must not hold those of the floor as well.
_ADMINISTRATOR = _DESK | {
    "accounts.manage",
    "accounts.keys",
    "accounts.stations",
    "accounts.badges",
    "accounts.hubs",
    "webhooks.manage",
    "reactions.retry",
    "terms.edit",
    "devices.catalog",
    "logistics.carriers",
    "messages.view",
    "persons.erase",
    "custody.view",
    "custody.export",
}
_AUDITOR = _DESK - {"exceptions.view"} | {"custody.view", "custody.export", "terms.view"}
_CLIENT_USER = {
    "client.units",
    "client.request",
    "devices.view",
    "evidence.view",
    "documents.view",
    "custody.view",
    "custody.export",
    "itad.view",
    "itad.manifest",
    "itad.authorize",
    "returns.view",
    "returns.open",
    "returns.credits",
    "orders.view",
    "orders.import",
    "logistics.view",
    "logistics.accept",
    "recycling.view",
    "reporting.view",
    "reporting.export",
    "terms.view",
    "triage.report",
}
_SUPPLIER = {
    "client.units",
    "returns.answer",
    "devices.view",
    "returns.view",
    "documents.view",
    "evidence.view",
    "logistics.view",
    "logistics.accept",
    "terms.view",
}
_DRIVER = {"logistics.view", "logistics.drive", "logistics.handover", "evidence.attach"}
_FIELD_ENGINEER = {
    "client.units",
    "devices.view",
    "devices.locate",
    "logistics.view",
    "logistics.drive",
    "logistics.handover",
    "itad.view",
    "evidence.view",
    "evidence.attach",
}
_LOT_BUYER = {"resale.bid", "documents.view", "client.request"}
# A seller's own support, or a service provider's that works for sellers: they see orders and returns, decide none, and touch no unit.
_DESK_AGENT = {
    "returns.view",
    "returns.open",
    "returns.desk",
    "returns.override",
    "orders.view",
    "messages.send",
}
_BENEFICIARY = {"client.units", "documents.view"}

ROLES: Mapping[Role, frozenset[str]] = {
    Role.WAREHOUSE: frozenset(_WAREHOUSE),
    Role.INSPECTOR: frozenset(_INSPECTOR),
    Role.TECHNICIAN: frozenset(_TECHNICIAN),
    Role.DATA_TECHNICIAN: frozenset(_DATA_TECHNICIAN),
    Role.PACKER: frozenset(_PACKER),
    Role.SELLER: frozenset(_SELLER),
    Role.RECYCLER: frozenset(_RECYCLER),
    Role.SAFETY_ASSESSOR: frozenset(_SAFETY_ASSESSOR),
    Role.SUPPORT: frozenset(_SUPPORT),
    Role.FINANCE: frozenset(_FINANCE),
    Role.PLANNER: frozenset(_PLANNER),
    Role.QUALITY: frozenset(_QUALITY),
    Role.LEAD: frozenset(_LEAD),
    Role.MANAGER: frozenset(_MANAGER),
    Role.ADMINISTRATOR: frozenset(_ADMINISTRATOR),
    Role.CLIENT_USER: frozenset(_CLIENT_USER),
    Role.SUPPLIER: frozenset(_SUPPLIER),
    Role.DRIVER: frozenset(_DRIVER),
    Role.FIELD_ENGINEER: frozenset(_FIELD_ENGINEER),
    Role.AUDITOR: frozenset(_AUDITOR),
    Role.LOT_BUYER: frozenset(_LOT_BUYER),
    Role.BENEFICIARY: frozenset(_BENEFICIARY),
    Role.DESK_AGENT: frozenset(_DESK_AGENT),
}

# Roles of people who don't work for the operator. Drivers and field engineers may belong to either, auditors visit either.
OUTSIDE_ROLES = frozenset({Role.CLIENT_USER, Role.SUPPLIER, Role.LOT_BUYER, Role.BENEFICIARY, Role.DESK_AGENT})
EITHER_ROLES = frozenset({Role.DRIVER, Role.FIELD_ENGINEER, Role.AUDITOR})
INSIDE_ROLES = frozenset(Role) - OUTSIDE_ROLES - EITHER_ROLES
