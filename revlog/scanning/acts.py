"""An act on the floor: an ordinary POST that is answered with ``components/answer.html``, or with the refusal's sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from revlog.common.errors import DomainError
from revlog.scanning import answers, registry
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here

BESIDE = ("done", "goal", "recent")
"""What an answer says beside itself: how many of how many, and the last few scans."""
SHOWN_AS_THEY_ARE = frozenset({403, 404, 409, 422})


def at_floor(verb: Callable[[HttpRequest, Here], Answer | HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A POST on the floor: the verb's answer, or the refusal's sentence with its status.

    What the verb keeps in the person's hand, and the line that the answer leaves in the list of the last ones, are written at once.
    """

    def view(request: HttpRequest) -> HttpResponse:
        try:
            here = Here(request)
        except DomainError as error:
            return render(
                request, "floor/_answer.html", {"answer": answers.refused(error.sentence)}, status=_status(error)
            )
        status = 200
        with here.in_one_write():
            try:
                with here.whole(), here.as_at_first():
                    found = verb(request, here)
            except DomainError as error:
                found, status = answers.refused(error.sentence), _status(error)
            if isinstance(found, HttpResponse):
                return found
            here.tell(found)
        return respond(request, here, found, status=status)

    view.__name__, view.__doc__ = verb.__name__, verb.__doc__
    return view


def _status(error: DomainError) -> int:
    return error.status if error.status in SHOWN_AS_THEY_ARE else 409


def respond(request: HttpRequest, here: Here, answer: Answer | None, *, status: int = 200) -> HttpResponse:
    """The answer alone for a page that has the box already, else the page with it."""
    fragment = bool(getattr(request, "htmx", False))
    if answer is not None and (elsewhere := answer.get("leaves_to")):
        return HttpResponseClientRedirect(elsewhere) if fragment else HttpResponseRedirect(elsewhere)
    at_hand = registry.JOBS.get(here.job)
    template = at_hand.template if at_hand is not None else "floor/_answer.html"
    context: dict[str, Any] = {"recent": here.recent, **_of(at_hand, here)}
    if answer is not None:
        context |= {name: answer[name] for name in BESIDE if name in answer}  # type: ignore[literal-required]
        if "undo" not in answer and (offered := here.undo_left()) is not None:
            answer = {**answer, "undo": offered}
    context["answer"] = answer
    if fragment:
        response = render(request, template, context, status=status)
        if here.job != here.job_before:
            jobs = {**page_context(here), "swap": True}
            response.write(render_to_string("floor/_jobs.html", jobs, request=request))
        return response
    return render(
        request, "floor/box.html", {**context, **page_context(here), "answer_template": template}, status=status
    )


def _of(job: registry.Job | None, here: Here) -> dict[str, Any]:
    """What the job shows beside its answers: how many are done, and what lies open."""
    if job is None:
        return {}
    told = job.tally(here) if job.tally is not None else None
    return {**({"done": told[0], "goal": told[1]} if told else {}), **(job.beside(here) if job.beside else {})}


def page_context(here: Here) -> dict[str, Any]:
    at_hand = registry.JOBS.get(here.job)
    return {
        "scan_url": reverse("floor_scan"),
        "scan_hint": (at_hand.hint if at_hand else "") or _("scan anything"),
        "leave_url": reverse("my_work"),
        "job": at_hand,
        "jobs": registry.jobs_of(here),
    }
