"""Who and what is on which list, under what somebody is looked for there, and what the rules in force make of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from returns import policy
from returns.fraud import people
from returns.fraud import rules as risk_rules
from returns.models import ListedKind, Listing, Rma, RmaLine
from returns.models.lists import ListingQuerySet
from returns.policy import business as business_rules
from returns.policy import tradein as tradein_rules
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.devices import identifiers
from revlog.terms import queries as terms
from revlog.terms.models import Contact, OrderLine, SoldSerial

ACCOUNT = "account"
LISTS = ("blocked", "review")
"""The lists that the shipped rules read; a seller's own rules may read others."""
READ_BY = (policy.KIND, risk_rules.KIND, tradein_rules.KIND, business_rules.OPENING)
"""The kinds of rules that compare ``lists``."""
PAGE = 100


def keys_of(seller: uuid.UUID, contact: Contact) -> list[str]:
    """Under what a customer may be listed at this seller: their mailbox, and their account."""
    keys = [people.digest(seller, ACCOUNT, str(contact.pk))]
    if (mailbox := people.mailbox(contact.email)) != "":
        keys.append(people.digest(seller, people.MAILBOX, mailbox))
    return keys


def subject_of(seller: uuid.UUID, kind: str, text: str) -> str:
    """What a text is compared as; empty where it is no such thing."""
    bare = " ".join(text.split())
    match kind:
        case ListedKind.CUSTOMER:
            mailbox = people.mailbox(bare)
            return people.digest(seller, people.MAILBOX, mailbox) if mailbox else ""
        case ListedKind.SERIAL:
            name = identifiers.imei(bare) or identifiers.serial(bare)
            return name.normal_form if name is not None else ""
        case ListedKind.PRODUCT | ListedKind.ORDER:
            return bare.upper()[:120]
        case _:
            return ""


def on_lists(
    seller: uuid.UUID,
    *,
    day: date,
    customers: Iterable[str] = (),
    orders: Iterable[str] = (),
    products: Iterable[str] = (),
    serials: Iterable[str] = (),
) -> dict[tuple[str, str], list[str]]:
    """Of these keys and numbers those that are on lists of a seller on a day: by kind and what is compared, the lists' names."""
    sought = {
        ListedKind.CUSTOMER.value: [*customers],
        ListedKind.ORDER.value: [one.upper() for one in orders],
        ListedKind.PRODUCT.value: [one.upper() for one in products],
        ListedKind.SERIAL.value: [*serials],
    }
    wanted = Q(pk=None)
    for kind, subjects in sought.items():
        if subjects:
            wanted |= Q(kind=kind, subject__in=subjects)
    rows = Listing.objects.on(day).filter(wanted, seller=seller).exclude(subject="").order_by("name")
    found: dict[tuple[str, str], list[str]] = {}
    for kind, subject, name in rows.values_list("kind", "subject", "name"):
        found.setdefault((kind, subject), []).append(name)
    return found


def of_rma(rma: Rma, lines: Iterable[RmaLine], *, day: date) -> list[str]:
    """The lists on which a return's customer, order, products and serial numbers sold are."""
    sold = [line.order_line_id for line in lines]
    rows = OrderLine.objects.filter(pk__in=sold).values_list("sku", "order__number")
    serials = SoldSerial.objects.filter(order_line__in=sold).values_list("normal_form", flat=True)
    found = on_lists(
        rma.seller_id,
        day=day,
        customers=keys_of(rma.seller_id, rma.contact),
        orders={number for _sku, number in rows},
        products={sku for sku, _number in rows},
        serials=serials,
    )
    return sorted({name for names in found.values() for name in names})


def sellers(by: Actor) -> QuerySet[Organization]:
    """Whose lists somebody may keep: whoever sells, and we ourselves."""
    kinds = [OrganizationKind.RETAILER, OrganizationKind.OPERATOR, OrganizationKind.CLIENT]
    return Organization.objects.visible_to(by).filter(kind__in=kinds, active=True)


@dataclass(frozen=True)
class Page:
    rows: Sequence[Listing]
    total: int


def listed(by: Actor, *, name: str = "", kind: str = "", text: str = "", lifted: bool = False) -> Page:
    """What is on the lists, newest first; ``text`` is an e-mail, a number, an SKU or an order."""
    rows: ListingQuerySet = Listing.objects.visible_to(by).filter(lifted_at__isnull=not lifted)
    if name:
        rows = rows.filter(name=name)
    if kind in ListedKind.values:
        rows = rows.filter(kind=kind)
    if text:
        rows = rows.filter(_sought(text))
    total = rows.count()
    return Page(list(rows.select_related("seller", "contact", "rma")[:PAGE]), total)


def _sought(text: str) -> Q:
    sellers = Organization.objects.filter(listings__isnull=False).distinct()
    digests = [subject_of(one.pk, ListedKind.CUSTOMER, text) for one in sellers] if "@" in text else []
    number = subject_of(uuid.UUID(int=0), ListedKind.SERIAL, text)
    plain = Q(subject__icontains=" ".join(text.split())) & ~Q(kind=ListedKind.CUSTOMER)
    return plain | Q(subject__in=[*digests, number or "-"]) | Q(contact__name__icontains=text)


def names(by: Actor) -> list[str]:
    """The lists there are: those that the shipped rules read, and those on which something is."""
    used = Listing.objects.visible_to(by).order_by().values_list("name", flat=True).distinct()
    return [*LISTS, *sorted(set(used) - set(LISTS))]


def of_customer(seller: uuid.UUID, contact: Contact) -> list[str]:
    """The lists on which a customer is now or later."""
    found = Listing.objects.filter(seller=seller, subject__in=keys_of(seller, contact), lifted_at=None)
    return sorted(found.order_by().values_list("name", flat=True))


@dataclass(frozen=True)
class Follows:
    """What a rule in force makes of being on a list."""

    name: str
    rule: str
    then: str
    """block, review or allow a return, count in its score, drop a trade-in or price it otherwise."""
    why: str
    seller: str
    """Of whose own rules it is; empty where they are everybody's."""


def follows(sellers: Iterable[Organization], *, at: datetime) -> list[Follows]:
    """Of each seller's rules in force those that compare ``lists``, with the list they name."""
    found: dict[tuple[str, object, str, str], Follows] = {}
    for seller in sellers:
        rulings = terms.in_force_each([(kind, seller.pk) for kind in READ_BY], at=at)
        for ruling in rulings:
            for rule in ruling.compiled.rules:
                for name in _named(rule.when):
                    own = seller.name if ruling.organization is not None else ""
                    then, why = _then(ruling.kind, rule.then), rule.why or str(rule.then.get("stop") or "")
                    found[ruling.kind, ruling.rule_set, rule.id, name] = Follows(name, rule.id, then, why, own)
    return list(found.values())


def _then(kind: str, outcome: Mapping[str, Any]) -> str:
    if kind == risk_rules.KIND:
        return "score"
    if kind == tradein_rules.KIND:
        return "drop" if outcome.get("stop") else "price"
    if kind == business_rules.OPENING and outcome.get("allow"):
        return "review" if outcome.get("steps") else "allow"
    if outcome.get("allow") is False:
        return "block"
    return "review" if outcome.get("approval", "auto") != "auto" else "allow"


def _named(condition: Any) -> list[str]:  # noqa: ANN401 - a condition
    """The lists that a condition names, however deep."""
    if not isinstance(condition, dict):
        return []
    if condition.get("fact") == "lists":
        value = condition.get("value")
        return [str(one) for one in value] if isinstance(value, list) else [str(value)]
    parts = [*condition.get("all", ()), *condition.get("any", ()), condition.get("not")]
    return [name for part in parts for name in _named(part)]
