"""How it went: five buttons on the status page, and a page of their own that a mail's link opens with its answer chosen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from returns.models import AfterReturn, Kind, MoneyState, Rma
from returns.queries import after as queries
from returns.services import after, letters, talking
from returns.services.tradein import correcting
from returns.views import thread
from returns.views.visitors import day, issuer, rma_of
from revlog.accounts.access import GUEST, allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.templatetags.ui import money
from revlog.common.words import Audience, word

FACES = {5: "mood-happy", 4: "mood-smile", 3: "mood-neutral", 2: "mood-sad", 1: "mood-cry"}
"""Icons, since not every device has the letters for them; what counts is the word beside it."""


def chosen(text: str) -> int | None:
    return int(text) if text in {str(score) for score in after.SCORES} else None


def context(rma: Rma, by: Actor) -> dict[str, Any]:
    """What the status page asks, or says of the answer that was given."""
    at = clock.now()
    row = AfterReturn.objects.filter(pk=rma.pk).first()
    may = not after.reasons_against_answering(rma, row, by=by, at=at)
    given = row.score if row is not None else None
    until = after.may_change_until(row, at=at) if row is not None else None
    return {
        "may_rate": may,
        "given": given,
        "given_words": word(f"score.{given}", Audience.CUSTOMER) if given else "",
        "change_until": day(until, rma) if until is not None and may else "",
        "scores": [
            {"score": score, "face": FACES[score], "words": word(f"score.{score}", Audience.CUSTOMER)}
            for score in reversed(after.SCORES)
        ],
    }


def where_is_the_money(rma: Rma) -> str:
    """What the status page answers before anybody asks: where the refund is, and by when to expect it."""
    found = queries.whereabouts(rma)
    row = found.refund
    told = {"sum": money(row.amount, row.currency) if row is not None else ""}
    match found.state:
        case MoneyState.NOT_DUE:
            if rma.check_by is not None:
                return _("Your money is due when we have checked what you sent, by %s.") % day(rma.check_by, rma)
            return _("Your money is due when what you send is here and we have checked it.")
        case MoneyState.WAITS:
            return _("A second person looks at your refund of %(sum)s before it is paid.") % told
        case MoneyState.DUE:
            return _("We are paying your %(sum)s now.") % told
        case MoneyState.FAILED if rma.kind == Kind.TRADE and correcting.missing_of(rma.trade_in) is not None:
            return (
                _("Our payment of %(sum)s came back. Tell us another account on this page, and we pay it again.") % told
            )
        case MoneyState.FAILED:
            return _("Our payment of %(sum)s didn't arrive. We pay it another way, and you needn't do anything.") % told
        case MoneyState.CREDIT:
            return _("You have your %(sum)s as store credit.") % told
        case MoneyState.PAID if row is not None and row.paid_at is not None:
            paid = letters.written(rma.hub.calendar.local(row.paid_at).date())
            return _(
                "We paid you %(sum)s on %(day)s. It takes up to three bank days; your bank finds it by %(reference)s."
            ) % {**told, "day": paid, "reference": row.reference}
    return ""


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """A GET shows the five with one chosen, and writes nothing; a POST is the answer, with words for the desk where there are any."""
    rma, by = rma_of(request, number)
    score = chosen((request.POST if request.method == "POST" else request.GET).get("score", ""))
    problem: DomainError | None = None
    if request.method == "POST":
        at = clock.now()
        try:
            if score is None:
                raise BadInput(Reason("score", _("Choose one of the five."), "score"))
            after.answer(rma, score=score, by=by, at=at)
            if request.POST.get("text", "").strip():
                talking.write(rma, **thread.told(request, at=at), by=by, at=at)
        except DomainError as refusal:
            problem = refusal
        else:
            return HttpResponseRedirect(f"{reverse('portal_status', args=[rma.number])}#opinion")
    shown = context(rma, by)
    told = {
        "rma": rma,
        "issuer": issuer(rma.order),
        "chosen": score or shown["given"],
        "problem": problem.sentence if problem else "",
        "message": thread.form(request),
        "may_write": not talking.reasons_against_writing(rma, by=by),
        **shown,
    }
    return render(request, "returns/portal_rate.html", told, status=problem.status if problem else 200)
