"""What somebody asks for when they give something back, and what is wrong with it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns import reasons
from returns.models import Origin, Outcome
from returns.policy import Answer, questions
from returns.policy.questions import Question
from returns.services import choosing
from returns.services.choosing import Choice
from returns.services.overriding import Override
from revlog.common.errors import Reason
from revlog.terms.models import OrderLine


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants to give back: so many of an order line, why, and what for.

    ``photos`` are digests of artifacts, ``answers`` the values chosen by question id, ``new_variant`` what is wanted instead where
    another thing is wanted than the same again.
    """

    line: uuid.UUID
    quantity: int = 1
    reason: str
    wanted: str = Outcome.REFUND.value
    note: str = ""
    photos: Sequence[str] = field(default_factory=tuple)
    answers: Mapping[str, str] = field(default_factory=dict)
    override: Override | None = None
    new_variant: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Somebody who got it as a gift and gives it back: what is written about it, is written to them."""

    name: str
    email: str
    language: str = "en"
    address: Sequence[str] = ()
    """Where another thing is sent to; not needed for store credit."""


def instead_of(line: OrderLine, wish: Wish, *, at: datetime) -> tuple[Wish, Choice | None]:
    """The wish with what can be had instead: only an exchange names anything, and the same again is named by nothing."""
    names = wish.wanted in {Outcome.EXCHANGE, Outcome.ADVANCE}
    if not names or wish.new_variant is None or wish.new_variant == line.variant_id:
        return replace(wish, new_variant=None), None
    return wish, choosing.choice(line, wish.new_variant, at=at)


def wrong_answers(line: OrderLine, wish: Wish, answer: Answer, asked: Sequence[Question], origin: str) -> list[Reason]:
    """What the rules say against a wish, and what they still want to know of it.

    Photos are asked of a customer who can take some; questions of whoever announces it from outside.
    """
    found = []
    if origin in {Origin.PORTAL, Origin.API}:
        found += questions.wrong_with(asked, wish.answers)
    if not answer.allowed:
        found.append(Reason("not_allowed_by_rules", f"{line.description}: {answer.why}", "reason"))
    elif origin == Origin.PORTAL and len(wish.photos) < answer.photos:
        found.append(
            Reason(
                "photos",
                ngettext("Add %(count)s photo of %(what)s.", "Add %(count)s photos of %(what)s.", answer.photos)
                % {"count": answer.photos, "what": line.description},
                "photos",
            )
        )
    return found


def looked_at(answer: Answer, wish: Wish, origin: str) -> Answer:
    """Where the rules want photos and none could be sent along, a person looks at it instead."""
    if origin == Origin.API and len(wish.photos) < answer.photos:
        return replace(answer, steps=max(answer.steps, 1))
    return answer


def wrong_with(wish: Wish, line: OrderLine | None, gone: Mapping[uuid.UUID, int]) -> list[Reason]:
    if line is None:
        return [Reason("no_line", _("This line isn't part of the order."), "line")]
    found = []
    if wish.reason not in reasons.CODES:
        found.append(Reason("reason", _("Say why %s comes back.") % line.description, "reason"))
    if wish.wanted not in Outcome.values:
        found.append(Reason("wanted", _("Say what you would like instead of %s.") % line.description, "wanted"))
    if len(wish.note) > 1000:
        found.append(Reason("note", _("A note has at most 1,000 characters."), "note"))
    left = line.quantity - gone.get(line.pk, 0)
    if wish.quantity < 1:
        found.append(Reason("quantity", _("Say how many of %s come back.") % line.description, "quantity"))
    elif left < 1:
        found.append(Reason("taken", _("%s was announced as a return already.") % line.description, "quantity"))
    elif wish.quantity > left:
        found.append(
            Reason(
                "too_many",
                ngettext(
                    "Of %(what)s only %(left)s can still come back.",
                    "Of %(what)s only %(left)s can still come back.",
                    left,
                )
                % {"what": line.description, "left": left},
                "quantity",
            )
        )
    return found
