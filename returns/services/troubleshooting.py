"""Walking a troubleshooting tree: for a thing and its reason, step by step, back where wanted, kept with the case."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts, reasons, troubleshooting
from returns.models import SupportCase, TriedFirst
from returns.services import desk
from returns.services.desk import UnableToServe
from returns.troubleshooting import Tree, Walk
from revlog.accounts.actors import Actor
from revlog.common.errors import Reason
from revlog.custody.services import ledger
from revlog.terms import queries as terms
from revlog.terms.models import OrderLine


def tree_for(line: OrderLine, *, reason: str, at: datetime) -> Tree | None:
    """The tree in force for a thing that was sold and why it is to come back; None where there is none. For portal and desk alike."""
    if reason not in reasons.CODES:
        return None
    found = terms.in_force(troubleshooting.KIND, at=at, organization=line.order.seller_id)
    delivered = line.delivered
    product = line.product
    return troubleshooting.chosen(
        found,
        troubleshooting.inputs(
            device_class=line.device_class,
            reason=reason,
            product=f"{product.manufacturer} {product.name}" if product is not None else "",
            sku=line.sku,
            category=line.category,
            tags=sorted({*line.order.tags, *line.tags}),
            days_since_delivery=(at - delivered).days if delivered is not None else None,
        ),
    )


def walk(line: OrderLine, *, reason: str, answers: Iterable[str] = (), at: datetime) -> Walk | None:
    """Where so many answers lead, with nothing kept: for a shopper who tries for themselves."""
    tree = tree_for(line, reason=reason, at=at)
    return tree.walk(answers) if tree is not None else None


def tried(line: OrderLine, walk: Walk, *, reason: str, skipped: bool = False, at: datetime) -> None:
    """Keep how far a customer came by themselves, so that the desk needn't ask it all again. The newest try of a thing counts."""
    found = terms.in_force(troubleshooting.KIND, at=at, organization=line.order.seller_id)
    TriedFirst.objects.update_or_create(
        line_id=line.pk,
        defaults={
            "reason": reason,
            "tree": walk.tree.id,
            "version": walk.tree.version,
            "organization": found.organization,
            "answers": walk.answers,
            "end": walk.here.end,
            "skipped": skipped,
            "tried_at": at,
        },
    )


def tried_first(line: OrderLine) -> tuple[TriedFirst, Walk] | None:
    """What the customer tried in the portal for a thing, as they saw it; None when nothing, or when its steps are gone."""
    kept = TriedFirst.objects.filter(line=line).first()
    if kept is None:
        return None
    found = terms.of_version(troubleshooting.KIND, kept.version, organization=kept.organization)
    tree = troubleshooting.named(found, kept.tree)
    return (kept, tree.walk(kept.answers)) if tree is not None else None


@transaction.atomic
def fixed_by_customer(line: OrderLine, walk: Walk, *, reason: str, key: uuid.UUID, by: Actor, at: datetime) -> None:
    """A customer put it right by our steps, before anything was announced: counted like what the desk puts right, once for ``key``."""
    if found := reasons_against_fixed(walk):
        raise UnableToServe(found)
    ledger.append(
        line.order_id,
        facts.FixedWithoutReturn(
            line=str(line.pk), position=line.position, reason=reason, tree=walk.tree.id, rules=walk.tree.version
        ),
        by=by,
        at=at,
        key=f"fixed:{line.pk}:{key}",
        owner=line.order.seller_id,
    )


def reasons_against_fixed(walk: Walk) -> list[Reason]:
    """Why it can't be said that nothing has to come back."""
    return [] if walk.here.end == "fixed" else [Reason("not_fixed", _("The steps didn't end with it working again."))]


def of_case(case: SupportCase) -> Walk | None:
    """Where a case stands in its tree, of the version that it began in; None when nothing was begun."""
    kept = case.walk
    if not kept:
        return None
    owner = uuid.UUID(kept["organization"]) if kept.get("organization") else None
    found = terms.of_version(troubleshooting.KIND, int(kept["version"]), organization=owner)
    tree = troubleshooting.named(found, str(kept["tree"]))
    return tree.walk(kept["answers"]) if tree is not None else None


def reasons_against_walking(case: SupportCase) -> list[Reason]:
    found = desk.reasons_against_working(case)
    if case.line_id is None:
        found.append(Reason("no_line", _("Say first which thing it is about.")))
    return found


def _locked(case: SupportCase, *, by: Actor) -> SupportCase:
    desk.require(by, case.seller_id)
    row = desk.lock(case.pk)
    if found := reasons_against_walking(row):
        raise UnableToServe(found)
    return row


@transaction.atomic
def begin(case: SupportCase, *, reason: str, by: Actor, at: datetime) -> Walk:
    """Begin the tree for the case's thing and this reason: where the customer came to in the portal, else at its start."""
    row = _locked(case, by=by)
    line = OrderLine.objects.select_related("order", "product").get(pk__in=[row.line_id])
    tree = tree_for(line, reason=reason, at=at)
    if tree is None:
        raise UnableToServe(Reason("no_tree", _("There are no steps for that; ask in your own words."), "reason"))
    found = terms.in_force(troubleshooting.KIND, at=at, organization=line.order.seller_id)
    before = tried_first(line)
    same = before is not None and (before[1].tree.id, before[1].tree.version) == (tree.id, tree.version)
    return _keep(
        row,
        tree.walk(before[1].answers if before is not None and same else ()),
        {
            "tree": tree.id,
            "version": tree.version,
            "organization": str(found.organization) if found.organization else None,
            "reason": reason,
        },
    )


@transaction.atomic
def answer(case: SupportCase, *, node: str, option: str, by: Actor, at: datetime) -> Walk:
    """Answer the question at ``node``. Said twice (a second press, another tab), the second changes nothing."""
    row = _locked(case, by=by)
    now = of_case(row)
    if now is None:
        raise UnableToServe(Reason("not_begun", _("Troubleshooting hasn't begun.")))
    if now.here.id != node:
        return now
    if all(one.id != option for one in now.here.options):
        raise UnableToServe(Reason("option", _("That can't be answered here."), "option"))
    return _keep(row, now.tree.walk([*now.answers, option]), row.walk)


@transaction.atomic
def back(case: SupportCase, *, by: Actor, at: datetime) -> Walk:
    """Take the last answer back."""
    row = _locked(case, by=by)
    now = of_case(row)
    if now is None:
        raise UnableToServe(Reason("not_begun", _("Troubleshooting hasn't begun.")))
    return _keep(row, now.tree.walk(now.answers[:-1]), row.walk)


def _keep(case: SupportCase, found: Walk, kept: dict[str, object]) -> Walk:
    case.walk = {**kept, "answers": found.answers, "end": found.here.end}
    case.save(update_fields=["walk"])
    return found
