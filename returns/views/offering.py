"""What can be had for a reason: the choices of the why page with their money, questions, photos, and what may be sent instead."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from returns import reasons
from returns.forms import OUTCOMES, WhyForm
from returns.models import Goods, Outcome
from returns.policy import Answer
from returns.services import answering, choosing, opening
from returns.services.answering import Footing
from returns.services.choosing import Choice
from returns.views.drafts import Draft
from returns.views.visitors import Visit
from revlog.common.templatetags.ui import money
from revlog.terms.models import Order, OrderLine

NEW_ONE = frozenset({Outcome.EXCHANGE.value, Outcome.ADVANCE.value})


@dataclass
class Offered:
    """What stands below the reason of one thing: questions, photos, choices with their money, and why something isn't offered."""

    asked: str
    """The reason it is for; empty while none is chosen."""
    options: list[dict[str, Any]] = field(default_factory=list)
    photos: int = 0
    have: int = 0
    why: str = ""
    refused: bool = False
    waits: bool = False
    fee: str = ""
    missing: str = ""
    goods: str = Goods.BACK.value
    may_choose: bool = False
    """Whether something else than the same again may be had for it."""
    instead: list[dict[str, Any]] = field(default_factory=list)
    looked: bool = False
    found_nothing: bool = False
    focus: bool = False
    """Whether the cursor goes to the first question: it has just come."""

    @property
    def may_burn(self) -> bool:
        return self.asked in reasons.MAY_BURN

    @property
    def other(self) -> bool:
        return any(one["checked"] for one in self.instead)

    @property
    def chosen(self) -> dict[str, Any] | None:
        return next((one for one in self.options if one["checked"]), None)


@dataclass
class Page:
    """The forms of the page, with what each is judged on."""

    visit: Visit
    draft: Draft
    beside: Sequence[Order]
    on: Footing
    forms: list[WhyForm]
    at: datetime

    @property
    def currency(self) -> str:
        return self.visit.order.currency


def value(form: WhyForm, name: str) -> str:
    return str(form[name].value() or "")


def _count(form: WhyForm) -> int:
    quantity = value(form, "quantity")
    return int(quantity) if quantity.isdigit() and len(quantity) < 7 else 1


def offered(form: WhyForm, page: Page) -> Offered:
    """What can be had for the reason chosen so far, with the money; nothing while none is chosen."""
    reason, line = value(form, "reason"), form.line
    have = len(page.draft.told.get(str(form.prefix), {}).get("photos", []))
    if not reasons.may_ask(reason, line.device_class):
        return Offered("", have=have)
    answers = {
        one.id: "yes" if told is True or told == "on" else str(told)
        for one in form.asked
        if (told := form[one.field].value())
    }
    count, kind = _count(form), opening.kind_for(reason)
    together = sum(
        (one.line.value * _count(one) for one in page.forms if opening.kind_for(value(one, "reason")) == kind),
        Decimal(0),
    )
    judged = {
        wanted: answering.answer_for(
            line,
            on=page.on,
            reason=reason,
            wanted=wanted,
            answers=answers,
            quantity=count,
            value=together,
            kind=kind.value,
            gift=page.visit.gift,
        )
        for wanted, _words in OUTCOMES
    }
    allowed = [wanted for wanted, answer in judged.items() if answer.allowed]
    first = judged[allowed[0]] if allowed else judged[Outcome.REFUND.value]
    chosen = value(form, "wanted")
    found = Offered(
        reason,
        photos=first.photos if allowed else 0,
        have=have,
        why=first.why,
        refused=not allowed,
        waits=bool(allowed) and first.needs_person,
        goods=first.goods,
        fee=money(first.taken_off * count, line.currency) if first.taken_off and not page.visit.gift else "",
    )
    found.options = [
        {"value": wanted, "words": words, **_brings(wanted, judged[wanted], line, count, gift=page.visit.gift)}
        | {"checked": wanted == (chosen if chosen in allowed else allowed[0])}
        for wanted, words in OUTCOMES
        if wanted in allowed
    ]
    if allowed and Outcome.REFUND.value not in allowed and not page.visit.gift:
        found.missing = _("Money back isn't offered here. %s") % judged[allowed[0]].why
    if not NEW_ONE.isdisjoint(allowed):
        looked = bool(value(form, "find").strip())
        found.instead = _instead(form, page)
        found.may_choose = bool(found.instead) or not page.visit.gift
        found.looked = looked or found.other or bool(form.is_bound and form["new_variant"].errors)
        found.found_nothing = looked and not any(one["found"] for one in found.instead)
    return found


def _brings(wanted: str, answer: Answer, line: OrderLine, count: int, *, gift: bool) -> dict[str, Any]:
    """What a choice brings: the amount that is paid back, where any is, and a sentence."""
    back = (line.value - answer.taken_off) * count
    bonus = answer.bonus * count
    amount: Decimal | None = None
    told = ""
    match wanted:
        case Outcome.REFUND:
            amount, told = back, money(back, line.currency)
        case Outcome.CREDIT:
            amount, told = back + bonus, _("%s to spend with us") % money(back + bonus, line.currency)
            if bonus:
                told = _("%(amount)s to spend with us, %(more)s more than money back") % {
                    "amount": money(back + bonus, line.currency),
                    "more": money(bonus, line.currency),
                }
        case Outcome.EXCHANGE:
            told = _("We send it when yours is here.")
        case Outcome.ADVANCE:
            told = _("We hold a deposit until yours is here.")
        case Outcome.REPAIR:
            told = _("If it costs something, we ask you first.")
        case Outcome.REPLACE:
            told = _("The same model, at no cost.")
    if gift and wanted == Outcome.CREDIT:
        told = _("You see how much on the next page.")
    return {"told": told, "amount": amount}


def _instead(form: WhyForm, page: Page) -> list[dict[str, Any]]:
    """What may be sent instead of the same again: other variants, and what was looked for."""
    line, chosen = form.line, value(form, "new_variant")
    rows = {one.variant.pk: (one, False) for one in choosing.variants_of(line, at=page.at)}
    if not page.visit.gift:
        for one in choosing.search(line, value(form, "find"), at=page.at):
            rows[one.variant.pk] = (one, True)
    wanted = _uuid(chosen)
    if wanted is not None and wanted not in rows and (kept := choosing.choice(line, wanted, at=page.at)):
        rows[wanted] = (kept, False)
    return [
        {
            "value": str(pk),
            "words": str(one.variant),
            "told": "" if page.visit.gift else _price(one, line),
            "checked": str(pk) == chosen,
            "found": found,
        }
        for pk, (one, found) in rows.items()
        if not page.visit.gift or one.more_than(line) <= 0
    ]


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _price(one: Choice, line: OrderLine) -> str:
    more = one.more_than(line)
    price = money(one.price, one.currency)
    if more > 0:
        return _("%(price)s, you pay %(more)s more") % {"price": price, "more": money(more, one.currency)}
    if more < 0:
        return _("%(price)s, that is %(less)s less") % {"price": price, "less": money(-more, one.currency)}
    return _("%s, the same price") % price


def amount(page: Page, rows: Sequence[Offered]) -> dict[str, str]:
    """The money that stands at the foot of the page: what is known, or at most. Who got a gift sees it on the next page."""
    if page.visit.gift:
        return {}
    total, known = Decimal(0), True
    for form, offered in zip(page.forms, rows, strict=True):
        chosen = offered.chosen
        known = known and (chosen is not None or offered.refused)
        if chosen is not None:
            total += chosen["amount"] or Decimal(0)
        elif not offered.refused:
            total += form.line.value * form.left
    if known and all(one.chosen is None or one.chosen["amount"] is None for one in rows):
        return {"label": "", "value": ""}  # a repair or another thing: there is no money to show
    label = _("You'll get back") if known else _("You'll get back up to")
    return {"label": label, "value": str(money(total, page.currency))}
