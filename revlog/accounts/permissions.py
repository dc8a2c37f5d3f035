"""What may be done, who may do it by their role, and what an API key's scopes open. Tables and no cleverness.

A permission's name is ``<area>.<act>``; its sentence is what a person reads when they are refused, or asked to grant it. A role holds a
set of permissions (`revlog/accounts/roles.py`) and has effect at one hub, or at all hubs of the organization. Separations (who may never
do something to their own work) are not permissions: they are in ``revlog/accounts/separations.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revlog.accounts.models import Role
from revlog.accounts.roles import EITHER_ROLES, INSIDE_ROLES, OUTSIDE_ROLES, ROLES

__all__ = [
    "ALL_SCOPES",
    "EITHER_ROLES",
    "INSIDE_ROLES",
    "NEVER_AT_A_STATION",
    "OPERATOR_SCOPES",
    "OUTSIDE_ROLES",
    "PERMISSIONS",
    "ROLES",
    "SCOPES",
    "SCOPE_SENTENCES",
    "UnknownPermission",
    "expand_scopes",
    "grantable_scopes",
    "key_permissions",
    "role_permissions",
    "sentence",
    "with_scopes",
]

Text = str | Promise

PERMISSIONS: Mapping[str, Text] = {
    "devices.view": _("see units and their story"),
    "devices.register": _("give a unit its tag and first record"),
    "devices.locate": _("move units between bins, containers and zones"),
    "devices.hold": _("put a hold on a unit"),
    "devices.release": _("release a hold"),
    "devices.catalog": _("keep the catalog of models and variants"),
    "devices.count": _("count bins and report differences"),
    "devices.adjust": _("accept count differences, split and merge lots"),
    "devices.picks": _("release pick lists and hand them to people"),
    "devices.write_off": _("write off a unit that is lost"),
    "devices.allocate": _("promise a unit to an order"),
    "devices.correct": _("correct a wrong entry by a new one"),
    "logistics.view": _("see shipments, parcels and pickups"),
    "logistics.plan": _("plan pickups and routes"),
    "logistics.handover": _("hand over and accept parcels and loads"),
    "logistics.accept": _("take in what a transfer brings to one's own place"),
    "logistics.drive": _("confirm pickups on the road"),
    "logistics.ship": _("book carriers and send parcels"),
    "logistics.carriers": _("keep carriers and their accounts"),
    "orders.view": _("see forward orders"),
    "orders.import": _("import forward orders"),
    "terms.view": _("read agreements, policies, rules and prices"),
    "terms.edit": _("draft agreements, policies, rules and prices"),
    "terms.publish": _("publish rules and prices"),
    "returns.view": _("see RMAs"),
    "returns.open": _("open an RMA"),
    "returns.approve": _("approve or refuse an RMA"),
    "returns.receive": _("receive parcels and units at the dock"),
    "returns.settle": _("settle an RMA line"),
    "returns.refund": _("approve refunds and other payments to customers"),
    "returns.fraud": _("see risk scores, and decide about returns that may be fraud"),
    "returns.lists": _("put customers, serial numbers, products and orders on lists that rules read"),
    "returns.credits": _("look up and spend store credit"),
    "returns.appeal": _("answer a customer's appeal"),
    "returns.send_back": _("send refused units back"),
    "returns.restock": _("hand units over to stock"),
    "returns.desk": _("work at the support desk: find customers, and keep cases"),
    "returns.override": _("override the return rules for a customer, with a reason"),
    "returns.override_any": _("approve overrides of the return rules of any value"),
    "returns.recall": _("open and run recalls"),
    "returns.vendor": _("claim from vendors and send units back to them"),
    "returns.answer": _("answer for one's own organization what it is asked to take back"),
    "triage.report": _("bring in test reports"),
    "triage.inspect": _("inspect units and record faults"),
    "triage.grade": _("grade units"),
    "triage.regrade": _("decide a disputed grade"),
    "triage.dispose": _("decide where a unit goes next"),
    "triage.override": _("override the computed disposition, with a reason"),
    "refurb.view": _("see work orders"),
    "refurb.plan": _("open and assign work orders"),
    "refurb.work": _("work at the bench"),
    "refurb.check": _("check finished repairs"),
    "refurb.harvest": _("harvest parts"),
    "refurb.parts": _("keep the stock of parts"),
    "itad.view": _("see ITAD jobs and what became of their media"),
    "itad.jobs": _("open and plan ITAD jobs"),
    "itad.manifest": _("upload the list of what is coming"),
    "itad.authorize": _("authorize destruction, sale or donation as the owner"),
    "itad.sanitize": _("sanitize media"),
    "itad.verify": _("verify sanitization"),
    "itad.destroy": _("destroy media"),
    "itad.witness": _("witness a destruction"),
    "itad.except": _("work under supervision on units that still hold data"),
    "itad.certify": _("issue certificates"),
    "itad.settle": _("settle ITAD jobs with their clients"),
    "itad.donate": _("donate units"),
    "itad.deploy": _("send units out under contract"),
    "resale.view": _("see what is for sale"),
    "resale.pool": _("pool units for sale"),
    "resale.price": _("set prices"),
    "resale.offer": _("publish offers on channels"),
    "resale.sell": _("sell units"),
    "resale.ship": _("pack and ship sold units"),
    "resale.lots": _("make up and sell lots"),
    "resale.bid": _("bid for lots"),
    "recycling.view": _("see recycling batches and balances"),
    "recycling.batch": _("fill recycling batches"),
    "recycling.weigh": _("weigh batches and fractions"),
    "recycling.close": _("close batches and certify them"),
    "recycling.hazard": _("assess and pack hazardous goods"),
    "recycling.load": _("send loads to downstream vendors"),
    "recycling.vendors": _("approve downstream vendors"),
    "money.view": _("see costs and income"),
    "money.post": _("post costs and income"),
    "money.correct": _("correct postings"),
    "evidence.view": _("see photos and files"),
    "evidence.attach": _("attach photos and files"),
    "evidence.erase": _("erase files that must not be kept"),
    "documents.view": _("see certificates and reports"),
    "documents.issue": _("issue documents"),
    "documents.revoke": _("replace or revoke documents"),
    "custody.view": _("read the raw ledger"),
    "custody.export": _("export chains for audit"),
    "exceptions.view": _("see the exceptions inbox"),
    "exceptions.resolve": _("resolve exceptions"),
    "exceptions.assign": _("hand exceptions to others"),
    "reporting.view": _("see dashboards and figures"),
    "reporting.export": _("export figures"),
    "reporting.persons": _("see figures about single persons"),
    "reporting.goals": _("set goals"),
    "reporting.shifts": _("set up teams and shifts, and hand shifts over"),
    "messages.view": _("read messages sent to customers and clients"),
    "messages.send": _("write to customers and clients"),
    "persons.erase": _("erase a person's data on request"),
    "reactions.retry": _("retry parked work"),
    "webhooks.manage": _("set up webhooks"),
    "accounts.manage": _("invite people and give them roles"),
    "accounts.keys": _("make and revoke API keys"),
    "accounts.stations": _("register shared stations"),
    "accounts.badges": _("hand out badges and PINs"),
    "accounts.hubs": _("set up organizations and hubs"),
    # For a customer of the install: they concern the own units, orders and RMAs of one's organization.
    "client.units": _("see one's own organization's units"),
    "client.request": _("ask for returns, pickups and quotes for one's own organization"),
}

# A PIN is a few digits on a shared screen: these wait for a sign-in with password (and second factor) on one's own device.
NEVER_AT_A_STATION = frozenset(
    {
        "accounts.manage",
        "accounts.keys",
        "accounts.hubs",
        "webhooks.manage",
        "terms.publish",
        "returns.refund",
        "returns.fraud",
        "returns.lists",
        "money.correct",
        "persons.erase",
        "evidence.erase",
        "reporting.persons",
    }
)

SCOPES: Mapping[str, frozenset[str]] = {
    "devices:read": frozenset({"devices.view", "evidence.view"}),
    "devices:write": frozenset({"devices.register", "devices.locate", "devices.hold", "evidence.attach"}),
    "moves:write": frozenset(
        {
            "returns.receive",
            "returns.restock",
            "returns.send_back",
            "devices.release",
            "devices.write_off",
            "triage.grade",
            "triage.dispose",
            "triage.override",
            "refurb.work",
            "refurb.check",
            "refurb.harvest",
            "itad.sanitize",
            "itad.verify",
            "itad.destroy",
            "itad.donate",
            "itad.deploy",
            "resale.offer",
            "resale.sell",
            "resale.ship",
            "recycling.batch",
        }
    ),
    "counts:read": frozenset({"devices.view"}),
    "counts:write": frozenset({"devices.count", "devices.adjust"}),
    "entries:read": frozenset({"custody.view", "custody.export"}),
    "orders:read": frozenset({"orders.view"}),
    "orders:write": frozenset({"orders.import"}),
    "rmas:read": frozenset({"returns.view"}),
    "rmas:write": frozenset({"returns.open"}),
    "rmas:decide": frozenset({"returns.approve", "returns.settle", "returns.appeal"}),
    "rmas:override": frozenset({"returns.override"}),
    "reviews:read": frozenset({"returns.fraud"}),
    "reviews:decide": frozenset({"returns.fraud"}),
    "lists:read": frozenset({"returns.lists"}),
    "lists:write": frozenset({"returns.lists"}),
    "cases:read": frozenset({"returns.desk"}),
    "cases:write": frozenset({"returns.desk", "returns.open"}),
    "accounting:read": frozenset({"money.post"}),
    "accounting:write": frozenset({"money.post"}),
    "claims:read": frozenset({"returns.vendor"}),
    "claims:write": frozenset({"returns.vendor"}),
    "rtvs:read": frozenset({"returns.answer"}),
    "rtvs:write": frozenset({"returns.vendor"}),
    "rtvs:answer": frozenset({"returns.answer"}),
    "recalls:read": frozenset({"returns.view"}),
    "credits:read": frozenset({"returns.view"}),
    "credits:write": frozenset({"returns.credits"}),
    "reports:read": frozenset({"devices.view", "evidence.view"}),
    "reports:write": frozenset({"triage.report"}),
    "plans:read": frozenset({"triage.override"}),
    "plans:write": frozenset({"triage.dispose", "triage.override"}),
    "documents:read": frozenset({"documents.view"}),
    "jobs:read": frozenset({"itad.view"}),
    "jobs:write": frozenset({"itad.manifest"}),
    "shipments:read": frozenset({"logistics.view"}),
    "shipments:write": frozenset({"logistics.handover"}),
    "freight:read": frozenset({"money.view"}),
    "freight:write": frozenset({"money.post", "money.view"}),
    "transfers:accept": frozenset({"logistics.accept"}),
    "offers:read": frozenset({"resale.view"}),
    "lots:read": frozenset({"resale.view"}),
    "lots:write": frozenset({"resale.lots", "resale.ship"}),
    "lots:bid": frozenset({"resale.bid"}),
    "batches:read": frozenset({"recycling.view"}),
    "figures:read": frozenset({"reporting.view"}),
    "webhooks:write": frozenset({"webhooks.manage"}),
}
ALL_SCOPES = "all"

SCOPE_SENTENCES: Mapping[str, Text] = {
    "devices:read": _("read units, photos and where they are"),
    "devices:write": _("register units, move and hold them"),
    "moves:write": _("move units through the stages"),
    "counts:read": _("read counts of places"),
    "counts:write": _("have places counted and count them"),
    "entries:read": _("read and export ledger entries"),
    "orders:read": _("read forward orders"),
    "orders:write": _("import forward orders"),
    "rmas:read": _("read RMAs"),
    "rmas:write": _("open RMAs"),
    "rmas:decide": _("approve, refuse and settle RMAs"),
    "rmas:override": _("override the return rules when an RMA is opened"),
    "reviews:read": _("read risk scores of returns"),
    "reviews:decide": _("decide about returns that may be fraud"),
    "lists:read": _("read the lists that return rules compare"),
    "lists:write": _("put things on lists that return rules compare, and take them off"),
    "cases:read": _("read support cases"),
    "cases:write": _("open, note and close support cases"),
    "accounting:read": _("read what was handed to the accountant"),
    "accounting:write": _("hand the books over to the accountant"),
    "claims:read": _("read claims to suppliers"),
    "claims:write": _("claim from suppliers and write their answers down"),
    "rtvs:read": _("read returns to vendors"),
    "rtvs:write": _("prepare returns to vendors, ask for them and ship them"),
    "rtvs:answer": _("authorize, refuse and credit returns to vendors"),
    "recalls:read": _("read recalls and what they found"),
    "credits:read": _("look up store credit"),
    "credits:write": _("spend store credit"),
    "reports:read": _("read test reports"),
    "reports:write": _("send in test reports"),
    "plans:read": _("read plans of a day"),
    "plans:write": _("have a day planned, and send its units on their way"),
    "documents:read": _("read certificates and reports"),
    "jobs:read": _("read ITAD jobs"),
    "jobs:write": _("send in the lists of ITAD jobs"),
    "shipments:read": _("read shipments"),
    "shipments:write": _("hand over and accept shipments"),
    "freight:read": _("read transport contracts, and what carriage costs"),
    "freight:write": _("send carriers' bills in, and write down what carriers answer to claims"),
    "transfers:accept": _("take in transfers"),
    "offers:read": _("read offers"),
    "lots:read": _("read lots"),
    "lots:write": _("make up, award and ship lots"),
    "lots:bid": _("offer for lots"),
    "batches:read": _("read recycling batches"),
    "figures:read": _("read figures"),
    "webhooks:write": _("set up webhooks"),
}

# What moves a unit is the act of whoever has it in hand, and that is the operator: a partner's key never declares its own drives wiped.
# Nor does a seller's key decide on returns to itself, or read what its customers were scored.
OPERATOR_SCOPES = frozenset(
    {
        "moves:write",
        "rmas:decide",
        "accounting:read",
        "accounting:write",
        "rtvs:write",
        "lots:write",
        "freight:read",
        "freight:write",
        "reviews:read",
        "reviews:decide",
        "lists:read",
        "lists:write",
        "counts:read",
        "counts:write",
        "plans:read",
        "plans:write",
    }
)


class UnknownPermission(LookupError):
    """A name that the table doesn't have; raised where a view is declared, so a slip of the pen never reaches a request."""


def sentence(name: str) -> Text:
    """What ``name`` (a permission or a scope) lets one do, to stand after "This needs the right to ..."."""
    found = PERMISSIONS.get(name) or SCOPE_SENTENCES.get(name)
    if found is None:
        raise UnknownPermission(f"revlog/accounts/permissions.py has no permission or scope {name!r}.")
    return found


def role_permissions(role: str, *, is_operator: bool) -> frozenset[str]:
    """What ``role`` may do in an organization of that side; an inside role at an outside organization has no effect."""
    known = Role(role)
    if known not in EITHER_ROLES and (known in INSIDE_ROLES) is not is_operator:
        return frozenset()
    return ROLES[known]


def grantable_scopes(*, is_operator: bool) -> frozenset[str]:
    """The scopes that a key of such an organization can hold; for it, these are ``all``."""
    return frozenset(SCOPES) if is_operator else frozenset(SCOPES) - OPERATOR_SCOPES


def expand_scopes(scopes: Iterable[str], *, is_operator: bool) -> frozenset[str]:
    """The scopes that ``scopes`` amount to: ``all`` is every grantable one; unknown and no longer grantable ones drop out."""
    asked, grantable = set(scopes), grantable_scopes(is_operator=is_operator)
    return grantable if ALL_SCOPES in asked else grantable & asked


def key_permissions(scopes: Iterable[str], *, is_operator: bool) -> frozenset[str]:
    """The permissions behind ``scopes``, and the scopes' own names, by which `Actor.may` answers for API routes."""
    held = expand_scopes(scopes, is_operator=is_operator)
    return held.union(*(SCOPES[scope] for scope in held))


def with_scopes(held: Iterable[str]) -> frozenset[str]:
    """A person's permissions with the API scopes that they amount to, so that one question serves people and keys."""
    permissions = frozenset(held)
    return permissions | {scope for scope, needed in SCOPES.items() if needed <= permissions}
