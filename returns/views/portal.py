"""The portal up to the announced return: what comes back, and the last look before it is announced. Works without script."""

from __future__ import annotations

import uuid
from collections.abc import Container, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from returns import reasons
from returns.models import Goods, Outcome, Rma
from returns.policy import Answer
from returns.policy.ways import Option
from returns.services import announcing, attempts, letters, opening
from returns.services.answering import UnableToOpen
from returns.services.opening import Quote, Wish
from returns.services.ways.choosing import UnableToTravel
from returns.views import doors, drafts, ways
from returns.views.common import text
from returns.views.drafts import Draft
from returns.views.visitors import Visit, held, issuer, order_of, proven, visit_of
from revlog.accounts import guests
from revlog.accounts.access import GUEST, allow
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.templatetags.ui import money
from revlog.common.words import Audience, word
from revlog.logistics.services.pickups import UnableToPickUp
from revlog.terms import queries as terms
from revlog.terms.models import Order, OrderLine

STEPS = ("which", "why", "check")
PAID = frozenset({Outcome.REFUND.value, Outcome.CREDIT.value})
"""Wishes that bring money; of others there is no sum to show."""
MOST_LINES = 50
MOST_ORDERS = 5
"""How many other orders come back with one."""


def steps(now: str) -> list[dict[str, str]]:
    labels = {"which": _("Which"), "why": _("Why"), "check": _("How")}
    place = STEPS.index(now)
    return [
        {"label": labels[step], "status": "done" if at < place else "now" if at == place else "ahead"}
        for at, step in enumerate(STEPS)
    ]


def others(request: HttpRequest, order: Order, draft: Draft) -> list[Order]:
    """The other orders of the draft: those that this browser may still see."""
    return [order_of(request, uuid.UUID(pk))[0] for pk in draft.others if pk != str(order.pk)]


# Which ------------------------------------------------------------------------------------------------------------------------------


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lines(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The things of the order (and of others that come back with it), each a card to tick; what can't come back says why."""
    visit = visit_of(request, pk)
    order, at = visit.order, clock.now()
    draft = drafts.of(request, order)
    if visit.gift and not draft.gift:
        return HttpResponseRedirect(reverse("portal_gift"))
    problem, status = "", 200
    if request.method == "POST":
        _choose(request, order, draft, at=at)
        if not visit.gift and (asked := _asked_for(request)):
            try:
                _add(request, order, draft, asked, at=at)
                return HttpResponseRedirect(f"{request.path}#{draft.others[-1] if draft.others else 'main'}")
            except DomainError as refusal:
                problem, status = refusal.sentence, refusal.status
        elif draft.lines:
            return HttpResponseRedirect(reverse("portal_why", args=[order.pk]))
        else:
            problem, status = _("Choose at least one thing."), 422
    beside = others(request, order, draft)
    found = [(one, opening.returnable(one, at=at)) for one in (order, *beside)]
    open_ones = [str(one.line.pk) for _order, rows in found for one in rows if not one.blocked]
    chosen = set(draft.lines) or (set(open_ones) if len(open_ones) == 1 and request.method != "POST" else set())
    context = {
        "order": order,
        "gift": visit.gift,
        "issuer": issuer(order),
        "steps": steps("which"),
        "groups": [
            {
                "order": one,
                "lines": [
                    card(row, chosen, gift=visit.gift) | {"begins": str(row.line.pk) in open_ones[:1]} for row in rows
                ],
                "key": str(one.pk),
            }
            for one, rows in found
        ],
        "any_open": bool(open_ones),
        "returns": _announced(request, visit, beside),
        "more": [] if visit.gift else _more(request, order, beside),
        "may_add": not visit.gift and len(beside) < MOST_ORDERS,
        "typed": text(request, "other", 60),
        "problem": problem,
    }
    return render(request, "returns/portal_lines.html", context, status=status)


def _choose(request: HttpRequest, order: Order, draft: Draft, *, at: datetime) -> None:
    """What is ticked goes into the draft, in the order in which it stands on the page; what can't come back doesn't."""
    ticked = set(request.POST.getlist("lines")[:MOST_LINES])
    rows = [row for one in (order, *others(request, order, draft)) for row in opening.returnable(one, at=at)]
    draft.lines = [str(row.line.pk) for row in rows if not row.blocked and str(row.line.pk) in ticked]
    drafts.keep(request, order, draft)


def _asked_for(request: HttpRequest) -> str:
    """The other order that is asked for: one that was typed, also when Enter was pressed in its field, or one that was listed."""
    return text(request, "other", 60) or request.POST.get("add", "")[:60]


def _add(request: HttpRequest, order: Order, draft: Draft, asked: str, *, at: datetime) -> None:
    """One more order into the draft. Raises BadInput, TooManyTries.

    By its number, beside the e-mail that was given for the first one; `visitors` says why the number alone has to do, and no list.
    """
    found: Order | None = None
    listed = {str(one.pk): one for one in _known(request, order)}
    if asked in listed:
        found = listed[asked]
    else:
        attempts.allow(address=doors.address(request), order=asked, door="other order", at=at)
        found = terms.guests_order(asked, order.contact.email)
        if found is None:
            attempts.missed(address=doors.address(request), door="other order")
            raise BadInput(
                Reason("no_order", _("We find no order with this number and the e-mail of the first one."), "other")
            )
        attempts.forgive(order=asked)
    beside = others(request, order, draft)
    if found.pk == order.pk or found in beside:
        raise BadInput(Reason("there", _("That order is on this page already."), "other"))
    if wrong := opening.reasons_against_together(order, [found]):
        raise BadInput(wrong)
    if len(beside) >= MOST_ORDERS:
        raise BadInput(Reason("orders", _("That are many orders at once. Announce the others by themselves."), "other"))
    guests.admit(request, {f"order:{found.pk}", *doors.returns_of(found)})
    draft.others = [*draft.others, str(found.pk)]
    drafts.keep(request, order, draft)


def _known(request: HttpRequest, order: Order) -> list[Order]:
    """Other orders of the same person that may be listed: only for somebody who proved that the mailbox is theirs."""
    mine = proven(request)
    if mine is None or not order.contact.email:
        return []
    rows = (
        Order.objects.sold()
        .filter(mine, contact__email=order.contact.email, seller=order.seller_id, currency=order.currency)
        .exclude(pk=order.pk)
    )
    return list(rows.prefetch_related("lines").order_by("-ordered_at")[:20])


def _more(request: HttpRequest, order: Order, beside: Sequence[Order]) -> list[dict[str, Any]]:
    return [
        {"key": str(one.pk), "number": one.number, "what": doors.several(one.lines.all())}
        for one in _known(request, order)
        if one not in beside
    ]


def card(one: opening.Returnable, chosen: Container[str] = (), *, gift: bool) -> dict[str, Any]:
    """A thing that was bought, as a customer reads it: its name, when and for how much, and until when it can come back."""
    line = one.line
    until = ""
    if one.only_when_faulty:
        until = _("Only when something is wrong with it")
    elif one.until is not None:
        until = _("Return until %s") % letters.brief(one.until)
    name = line.description if line.quantity == 1 else f"{line.quantity} × {line.description}"
    return {
        "value": str(line.pk),
        "name": name,
        "kind": line.device_class,
        "bought": None if gift else line.order.ordered_at.date(),
        "price": "" if gift else money(line.value, line.currency),
        "until": until,
        "blocked": one.blocked,
        "checked": str(line.pk) in chosen,
    }


def _announced(request: HttpRequest, visit: Visit, beside: Sequence[Order]) -> list[dict[str, str]]:
    """The returns of these orders: the buyer's for the buyer, and for who got a gift those that this browser announced."""
    rows = Rma.objects.filter(lines__order_line__order__in=[visit.order, *beside], gift=visit.gift)
    if visit.gift:
        rows = rows.filter(pk__in=[one.removeprefix("rma:") for one in held(request) if one.startswith("rma:")])
    rows = rows.order_by("-opened_at").distinct()
    return [
        {
            "number": rma.number,
            "url": reverse("portal_status", args=[rma.number]),
            "words": word(f"rma.{rma.status}", Audience.CUSTOMER),
        }
        for rma in rows[:20]
    ]


# Check ------------------------------------------------------------------------------------------------------------------------------


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What was said, the money line by line, and the button that makes it a return.

    The button carries the key of the form: pressed twice, or again after the answer was lost, it shows the return that it made.
    """
    visit = visit_of(request, pk)
    order, by, at = visit.order, visit.by, clock.now()
    if request.method == "POST" and (made := announcing.announced(_key(request), order)):
        return _show(request, order, made)
    draft = drafts.of(request, order)
    if not draft.is_whole or (visit.gift and not draft.gift):
        return HttpResponseRedirect(reverse("portal_lines", args=[order.pk]))
    beside = others(request, order, draft)
    problem, status = "", 200
    quote: Quote | None = None
    chosen, dearer = ways.chosen(request), False
    try:
        if request.method == "POST" and chosen is not None and request.POST.get("shown") != chosen.name:
            quote = opening.quote(order, draft.wishes(), others=beside, gift=visit.gift, at=at)
            dearer = ways.unseen(request, quote, draft, chosen, at=at)
        if request.method == "POST" and not dearer:
            key = uuid.UUID(draft.key)
            made = announcing.announce(
                key=key,
                order=order,
                wishes=draft.wishes(),
                others=beside,
                recipient=draft.recipient if visit.gift else None,
                choice=chosen,
                by=by,
                at=at,
            )
            return _show(request, order, made)
        quote = opening.quote(order, draft.wishes(), others=beside, gift=visit.gift, at=at)
        if draft.recipient is not None and (wrong := opening.reasons_against_recipient(draft.recipient, quote)):
            raise UnableToOpen(wrong)
    except DomainError as refusal:
        problem, status = refusal.sentence, refusal.status
        if isinstance(refusal, UnableToTravel | UnableToPickUp):
            # The return is right; only how it travels has to be chosen anew.
            quote = opening.quote(order, draft.wishes(), others=beside, gift=visit.gift, at=at)
    travel = ways.before(quote, draft, chosen, at=at)
    context = {
        "order": order,
        "issuer": issuer(order),
        "steps": steps("check"),
        "key": draft.key,
        "sums": _sums(quote, order, travel["chosen"]) if quote is not None else None,
        "dearer": dearer,
        "things": _things(quote) if quote is not None else [],
        "comes_back": quote is None or any(answer.goods == Goods.BACK for _line, _wish, answer in quote.lines),
        "waits": quote is not None and quote.needs_person,
        "may_burn": quote is not None and any(wish.reason in reasons.MAY_BURN for _line, wish, _answer in quote.lines),
        "problem": problem,
        "gift": visit.gift,
        **travel,
    }
    return render(request, "returns/portal_check.html", context, status=422 if dearer else status)


def _key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.UUID(int=0)


def _show(request: HttpRequest, order: Order, rmas: Sequence[Rma]) -> HttpResponse:
    """The page of what was announced; the draft is done with."""
    drafts.drop(request, order)
    guests.admit(request, {f"rma:{rma.pk}" for rma in rmas})
    _speak(rmas[0], request)
    return HttpResponseRedirect(reverse("portal_status", args=[rmas[0].number]))


def _speak(rma: Rma, request: HttpRequest) -> None:
    """From now on we write in the language in which they talked to us."""
    language = (translation.get_language() or "en")[:2]
    contact = rma.contact
    if language in dict(settings.LANGUAGES) and contact.language != language and contact.erased_at is None:
        contact.language = language
        contact.save(update_fields=["language"])


def _things(quote: Quote) -> list[dict[str, str]]:
    return [
        {
            "name": line.description if wish.quantity == 1 else f"{wish.quantity} × {line.description}",
            "kind": line.device_class,
            "reason": word(f"reason.{wish.reason}", Audience.CUSTOMER),
            "wanted": word(f"wanted.{wish.wanted}", Audience.CUSTOMER),
            "instead": str(quote.instead[line.pk].variant) if line.pk in quote.instead else "",
        }
        for line, wish, _answer in quote.lines
    ]


def _sums(quote: Quote, order: Order, way: Option | None) -> dict[str, Any]:
    """The money line by line: what comes back, what is added or taken off and why, and what is to be paid on top."""
    rows: list[dict[str, str]] = []
    total, credit, travel = Decimal(0), Decimal(0), Decimal(0)
    shares = iter(ways.shares_of(quote, way))
    for line, wish, answer in quote.lines:
        name = line.description if wish.quantity == 1 else f"{wish.quantity} × {line.description}"
        less = next(shares) * wish.quantity
        if wish.wanted not in PAID:
            rows.append({"label": name, "amount": word(f"wanted.{wish.wanted}", Audience.CUSTOMER)})
            rows += _on_top(quote, line, wish, answer)
            continue
        rows.append({"label": name, "amount": money(line.value * wish.quantity, line.currency)})
        back = (line.value - answer.taken_off) * wish.quantity
        if answer.taken_off:
            fee = money(-answer.taken_off * wish.quantity, line.currency)
            rows.append({"label": _("Fee"), "amount": fee, "reason": answer.why})
        if wish.wanted == Outcome.CREDIT and answer.bonus:
            back += answer.bonus * wish.quantity
            rows.append(
                {"label": _("For taking store credit"), "amount": money(answer.bonus * wish.quantity, line.currency)}
            )
        back -= less
        travel += less
        total += back
        credit += back if wish.wanted == Outcome.CREDIT else Decimal(0)
    if travel and way is not None:
        rows.append(
            {"label": str(ways.TITLES[way.name]), "amount": money(-travel, order.currency), "reason": str(ways.WHY)}
        )
    return {
        "lines": rows,
        "total_label": _("You'll get back"),
        "total": money(total, order.currency)
        if any(wish.wanted in PAID for _line, wish, _answer in quote.lines)
        else "",
        "note": _note(total, credit, order.currency),
    }


def _on_top(quote: Quote, line: OrderLine, wish: Wish, answer: Answer) -> list[dict[str, str]]:
    """What another thing costs more than the one that comes back."""
    other = quote.instead.get(line.pk)
    each = other.more_than(line, fee=answer.taken_off, bonus=answer.bonus) if other is not None else Decimal(0)
    if other is None or each <= 0:
        return []
    more = money(each * wish.quantity, line.currency)
    return [
        {
            "label": _("You pay for %s") % other.variant,
            "amount": more,
            "reason": _("It costs more than what comes back."),
        }
    ]


def _note(total: Decimal, credit: Decimal, currency: str) -> str:
    """How it is paid."""
    if not total:
        return ""
    if credit == total:
        return _("As store credit, once we have checked what comes.")
    if credit:
        return _("%s of it as store credit, the rest the way you paid us, once we have checked what comes.") % money(
            credit, currency
        )
    return _("Paid the way you paid us, once we have checked what comes.")
