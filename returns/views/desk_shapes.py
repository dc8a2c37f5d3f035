"""What the desk's templates are given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from returns import desk as reads
from returns import finding, reasons
from returns.models import Result, Rma, SupportCase
from returns.services import desk, entitling, troubleshooting
from returns.services.opening import Returnable
from returns.troubleshooting import Walk
from revlog.accounts import queries as people
from revlog.accounts.actors import Actor
from revlog.common.templatetags.ui import money
from revlog.common.words import Audience, word
from revlog.custody.models import Entry
from revlog.terms.models import Order, OrderLine

LOOKS = {
    "requested": "work",
    "approved": "coming",
    "handed_over": "coming",
    "arrived": "here",
    "closed": "done",
    "refused": "held",
    "cancelled": "done",
    "expired": "held",
}
RESULT_LOOKS = {"": "work", "fixed": "ready", "rma_opened": "coming", "information": "done", "declined": "held"}
END_LOOKS = {"fixed": "accepted", "return": "note", "warranty": "note", "safety": "refused"}
PAGE = 50
MONTH = timedelta(days=30)


def order(row: Order, returnable: Sequence[Returnable] | None) -> dict[str, Any]:
    """An order with its lines and, where they were asked for, until when they may come back."""
    told = {one.line.pk: one for one in returnable or ()}
    return {
        "order": row,
        "url": reverse("order", args=[row.pk]),
        "asked": returnable is not None,
        "lines": [{"line": line, "told": told.get(line.pk)} for line in row.lines.all()],
    }


def rma(row: Rma) -> dict[str, Any]:
    lines = list(row.lines.all())
    first = lines[0] if lines else None
    what = first.order_line.description if first is not None else ""
    if len(lines) > 1:
        what += _(" and %s more") % (len(lines) - 1)
    return {
        "rma": row,
        "url": reverse("returns_rma", args=[row.number]),
        "what": what,
        "reason": word(f"reason.{first.reason}") if first is not None else "",
        "look": LOOKS[row.status],
        "status": word(f"rma.{row.status}"),
    }


def case(row: SupportCase, who: str = "") -> dict[str, Any]:
    return {
        "case": row,
        "url": reverse("desk_case", args=[row.number]),
        "about": row.line.description if row.line else row.rma.number if row.rma else "",
        "channel": word(row.channel),
        "look": RESULT_LOOKS[row.result],
        "status": word(row.result) if row.result else _("open"),
        "cost": money(row.cost, row.currency) if row.closed_at else "",
        "who": who,
    }


def cases_of(row: Rma, by: Actor) -> list[dict[str, Any]]:
    """The support cases about a return, for its page: who may work at the desk sees them, with what they cost."""
    if not by.may("returns.desk"):
        return []
    return _cases(list(row.support_cases.all().select_related("line", "rma")[:20]))


def _cases(rows: Sequence[SupportCase]) -> list[dict[str, Any]]:
    names = people.names_of({row.opened_by for row in rows})
    return [case(row, names.get(row.opened_by, "")) for row in rows]


# Home -------------------------------------------------------------------------------------------------------------------------------


def home(by: Actor, at: datetime) -> dict[str, Any]:
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    today = reads.day(by, since=midnight)
    offers, appeals = reads.near(by, at=at)
    listed = reverse("desk_cases")
    fixed = f"{listed}?{urlencode({'result': Result.FIXED.value})}"
    per_case = today.cost_per_case
    contacts, returns = reads.contacts_per_hundred(by, since=at - MONTH)
    currency = desk.currency(at)
    return {
        "figures": [
            {
                "label": _("Open cases"),
                "value": reads.cases(by).filter(closed_at=None).count(),
                "url": f"{listed}?result=open",
            },
            {"label": _("Cases opened today"), "value": today.opened, "url": listed},
            {
                "label": _("Fixed without a return"),
                "value": today.fixed + today.by_customers,
                "url": fixed,
                "note": _("%s by customers themselves") % today.by_customers if today.by_customers else "",
            },
            {"label": _("Minutes of closed cases"), "value": today.minutes, "url": listed, "n": today.closed},
            {
                "label": _("Cost per case"),
                "value": money(per_case, currency) if per_case is not None else "—",
                "url": listed,
                "n": today.closed,
            },
            {
                "label": _("Contacts for 100 returns"),
                "value": f"{contacts:.0f}" if contacts is not None else "—",
                "url": listed,
                "n": returns,
                "note": _("30 days"),
            },
        ],
        "mine": _cases(reads.mine(by)),
        "others": _cases(reads.others(by)),
        "unread": [
            {"rma": row, "url": reverse("returns_rma", args=[row.number]) + "#messages"} for row in reads.unread(by)
        ],
        "to_approve": [{"rma": row, "url": reverse("returns_rma", args=[row.number])} for row in reads.to_approve(by)]
        if by.may("returns.approve")
        else [],
        "clocks": [
            {"what": word(f"offer.{one.kind}"), "due": one.answer_by, "number": one.unit.line.rma.number}
            for one in offers
        ]
        + [{"what": _("appeal"), "due": one.decide_by, "number": one.unit.line.rma.number} for one in appeals],
        "may_approve": by.may("returns.approve"),
    }


def cases(by: Actor, chosen: str, page: str) -> dict[str, Any]:
    rows = reads.cases(by).order_by("-opened_at", "-id")
    if chosen == "open":
        rows = rows.filter(closed_at=None)
    elif chosen in Result.values:
        rows = rows.filter(result=chosen)
    else:
        chosen = ""
    shown = Paginator(rows, PAGE).get_page(page)
    tabs = [("", _("All")), ("open", _("Open")), *((one.value, capfirst(word(one.value))) for one in Result)]
    return {
        "page_of": shown,
        "rows": _cases(list(shown.object_list)),
        "chosen": chosen,
        "tabs": [
            {"label": label, "url": f"{reverse('desk_cases')}?{urlencode({'result': code})}", "active": code == chosen}
            for code, label in tabs
        ],
    }


# A thing and a reason ---------------------------------------------------------------------------------------------------------------


def entitlement(line: OrderLine, reason: str, case: SupportCase | None, by: Actor, at: datetime) -> dict[str, Any]:
    """What may be had for a line; ``case`` is where it goes on."""
    found = entitling.of_line(line, reason=reason, at=at)
    answer = found.answer
    announce = {"order": line.order.number} | ({"case": case.number} if case is not None and case.is_open else {})
    return {
        "line": line,
        "case": case,
        "reason": reason,
        "reasons": [
            (str(group), [(code, str(told)) for code, told in codes])
            for group, codes in reasons.asked(line.device_class)
        ],
        "found": found,
        "over": {
            "window": found.window_until is not None and found.window_until < found.today,
            "withdrawal": found.withdrawal_until is not None and found.withdrawal_until < found.today,
            "guarantee": found.guarantee_until is not None and found.guarantee_until < found.today,
        },
        "warranties": [
            {"row": row, "kind": word(row.kind), "over": row.ends_on < found.today} for row in found.warranties
        ],
        "offers": [
            {
                "what": capfirst(word(f"wanted.{one.outcome}")),
                "fee": money(one.fee, line.currency) if one.fee else "",
                "bonus": money(one.bonus, line.currency) if one.bonus else "",
            }
            for one in found.offers
        ]
        if found.left > 0
        else [],
        "why": answer.why if found.left > 0 else _("It was announced as a return already."),
        "steps": answer.steps,
        "photos": answer.photos,
        "has_tree": troubleshooting.tree_for(line, reason=reason, at=at) is not None,
        "announce_url": f"{reverse('returns_new')}?{urlencode(announce)}" if by.may("returns.open") else "",
    }


# One case ---------------------------------------------------------------------------------------------------------------------------


def one_case(row: SupportCase, by: Actor, at: datetime) -> dict[str, Any]:
    notes = list(row.notes.all())
    names = people.names_of({row.opened_by, row.closed_by} | {one.written_by for one in notes})
    walk = troubleshooting.of_case(row)
    erased = row.contact.erased_at is not None
    sold: list[OrderLine] = []
    if row.is_open and not erased:
        same = [one.pk for one in finding.same(row.contact, by)]
        orders = Order.objects.visible_to(by).filter(contact__in=same, seller=row.seller)
        sold = list(
            OrderLine.objects.filter(order__in=orders).select_related("order").order_by("-order__ordered_at")[:50]
        )
    line = (
        OrderLine.objects.select_related("order__seller", "order__contact", "product").get(pk=row.line.pk)
        if row.line is not None
        else None
    )
    reason = str(row.walk.get("reason") or "")
    if walk is not None and walk.here.reason:
        reason = walk.here.reason
    return {
        "case": row,
        "contact": row.contact,
        "erased": erased,
        "told": case(row, names.get(row.opened_by, "")),
        "opened_by": names.get(row.opened_by) or _("somebody"),
        "closed_by": names.get(row.closed_by) or _("somebody"),
        "may_work": row.is_open and not erased,
        "sold": sold,
        "line": line,
        "panel": entitlement(line, reason or "CHANGED_MIND", row, by, at) if line is not None else None,
        "reasons": [
            (str(group), [(code, str(told)) for code, told in codes])
            for group, codes in reasons.asked(line.device_class)
        ]
        if line is not None
        else [],
        "walk": _walk(walk) if walk is not None else None,
        "tried": _tried(row.line) if row.line is not None else None,
        "walk_reason": word(f"reason.{row.walk['reason']}") if row.walk else "",
        "notes": [{"note": one, "who": names.get(one.written_by) or _("somebody")} for one in notes],
        "measured": desk.minutes_of(row, at=at) if row.is_open else row.measured,
        "results": [(one.value, capfirst(word(one.value))) for one in Result],
        "suggested": _suggested(row, walk),
        "announce_url": f"{reverse('returns_new')}?{urlencode({'case': row.number})}"
        if row.is_open and row.order_id and by.may("returns.open")
        else "",
        "story": _story(row),
    }


def _suggested(row: SupportCase, walk: Walk | None) -> str:
    """The result that lies nearest."""
    if row.rma is not None and row.rma.opened_at >= row.opened_at:
        return Result.RMA_OPENED.value
    if walk is not None and walk.here.end == "fixed":
        return Result.FIXED.value
    return Result.INFORMATION.value


def _tried(line: OrderLine) -> dict[str, Any] | None:
    """What the customer tried in the portal before they asked."""
    found = troubleshooting.tried_first(line)
    if found is None:
        return None
    kept, walk = found
    return _walk(walk) | {
        "at": kept.tried_at,
        "for": word(f"reason.{kept.reason}"),
        "code": kept.reason,
        "skipped": kept.skipped,
    }


def _walk(walk: Walk) -> dict[str, Any]:
    return {
        "title": walk.tree.title,
        "version": walk.tree.version,
        "here": walk.here,
        "tone": END_LOOKS.get(walk.here.end, ""),
        "end": walk.here.end,
        "steps": [{"text": step.node.text, "said": step.option.text} for step in walk.steps],
        "wanted": word(f"wanted.{walk.here.wanted}") if walk.here.wanted else "",
        "reason": word(f"reason.{walk.here.reason}") if walk.here.reason else "",
    }


def _story(row: SupportCase) -> list[dict[str, Any]]:
    entries = list(Entry.objects.filter(chain_id=row.pk).order_by("-sequence"))
    names = people.names_of({entry.actor for entry in entries})
    return [
        {"what": entry.told_to(Audience.STAFF), "at": entry.occurred_at, "by": names.get(entry.actor, "")}
        for entry in entries
    ]
