"""An act on the floor: an ordinary POST that is answered with ``components/answer.html``, or with the refusal's sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from revlog.common.errors import DomainError
from revlog.scanning import answers, registry
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here

BESIDE = ("done", "goal", "recent")
"""What an answer says beside itself: how many of how many, and the last few scans."""


def at_floor(verb: Callable[[HttpRequest, Here], Answer | HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A POST on the floor: the verb's answer, or the refusal's sentence with its status; never a page of its own."""

    def view(request: HttpRequest) -> HttpResponse:
        try:
            here = Here(request)
            found = verb(request, here)
        except DomainError as error:
            status = error.status if error.status in {403, 404, 409, 422} else 409
            return render(request, "floor/_answer.html", {"answer": answers.refused(error.sentence)}, status=status)
        return found if isinstance(found, HttpResponse) else respond(request, here, found)

    view.__name__, view.__doc__ = verb.__name__, verb.__doc__
    return view


def respond(request: HttpRequest, here: Here, answer: Answer | None) -> HttpResponse:
    """The answer alone for a page that has the box already, else the page with it."""
    fragment = bool(getattr(request, "htmx", False))
    context: dict[str, Any] = {"answer": answer, **({} if fragment else page_context(here))}
    context |= {name: answer[name] for name in BESIDE if answer and name in answer}  # type: ignore[literal-required]
    return render(request, "floor/_answer.html" if fragment else "floor/box.html", context)


def page_context(here: Here) -> dict[str, Any]:
    at_hand = registry.JOBS.get(here.job)
    return {
        "scan_url": reverse("floor_scan"),
        "scan_hint": (at_hand.hint if at_hand else "") or _("scan anything"),
        "leave_url": reverse("my_work"),
        "job": at_hand,
        "jobs": registry.jobs_of(here),
    }
