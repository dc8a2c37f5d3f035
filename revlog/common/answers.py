"""How a page answers an act: with what was done, or with the refusal beside the button, for script and plain forms alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from revlog.common import guards
from revlog.common.errors import BadInput, DomainError, Reason

Page = Callable[[dict[str, Any], int], HttpResponse]
"""Renders the page with an answer on top, under this status."""


def refused(refusal: DomainError, *, title: str = "", call: str = "") -> dict[str, Any]:
    """The answer of a refusal: what is wrong, and whom to call."""
    text = refusal.sentence
    return {"tone": "refused", "title": title or _("Not done"), "text": text[:1].upper() + text[1:], "call": call}


def accepted(title: str, text: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of the answer's context
    return {"tone": "accepted", "title": title, "text": text, **more}


def fragment(request: HttpRequest, answer: dict[str, Any], *, status: int = 200, **more: Any) -> HttpResponse:  # noqa: ANN401
    """The answer alone, as a scan or a button with script wants it."""
    return render(request, "components/answer.html", {"answer": answer, **more}, status=status)


def act(request: HttpRequest, do: Callable[[], str], *, to: str | Callable[[], str], page: Page) -> HttpResponse:
    """Do it, say what was done and go ``to``; or say why not, with its status, on the page it was asked from."""
    try:
        said = do()
    except DomainError as refusal:
        return refuse(request, refusal, page=page)
    except IntegrityError as error:
        # What only PostgreSQL saw is told in its guard's words; any other error is a fault and must show as one.
        found = guards.refusal(error)
        if found is None:
            raise
        return refuse(request, found, page=page)
    if said:
        messages.success(request, said)
    place = to if isinstance(to, str) else to()
    return HttpResponseClientRedirect(place) if _by_script(request) else HttpResponseRedirect(place)


def refuse(request: HttpRequest, refusal: DomainError, *, page: Page) -> HttpResponse:
    answer = refused(refusal)
    if _by_script(request):
        return fragment(request, answer, status=refusal.status)
    return page(answer, refusal.status)


def _by_script(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


# What forms send --------------------------------------------------------------------------------------------------------------------


def whole(request: HttpRequest, name: str, *, default: int | None = None) -> int:
    """A whole number of a form. Raises BadInput naming the field."""
    text = request.POST.get(name, "").strip().replace(" ", "")
    if not text and default is not None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise BadInput(Reason("number", _("“%(text)s” is no whole number.") % {"text": text[:40]}, name)) from None
    if abs(value) > 2_000_000_000:
        raise BadInput(Reason("number", _("“%(text)s” is too large a number.") % {"text": text[:40]}, name))
    return value


def decimal(request: HttpRequest, name: str, *, default: Decimal | None = None) -> Decimal:
    """A decimal of a form, with a point or a comma. Raises BadInput naming the field."""
    text = request.POST.get(name, "").strip().replace(" ", "")
    if not text and default is not None:
        return default
    try:
        value = Decimal(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text.replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= Decimal(10) ** 9:
        raise BadInput(Reason("number", _("“%(text)s” is no amount.") % {"text": text[:40]}, name))
    return value


def grams(request: HttpRequest, name: str = "kilos", *, default: int | None = None) -> int:
    """Whole grams from kilograms as they are read off a scale."""
    if not request.POST.get(name, "").strip() and default is not None:
        return default
    return int((decimal(request, name) * 1000).to_integral_value())


def day(text: str, *, default: date) -> date:
    """A day as ``2026-11-02``; what can't be read is the default."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return default
