"""Every message that the demo sent, as its reader would see it."""

from __future__ import annotations

import uuid

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from revlog.accounts.access import PUBLIC, allow
from revlog.pages import demo
from revlog.terms.models import Message


def _message(pk: uuid.UUID) -> Message:
    if not settings.DEMO:
        raise Http404
    return get_object_or_404(Message, pk=pk)


@allow(PUBLIC)
@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    return render(request, "pages/mailbox.html", {"mails": demo.mails()})


@allow(PUBLIC)
@require_GET
def mail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return render(request, "pages/mail.html", {"mail": _message(pk)})


@allow(PUBLIC)
@require_GET
@xframe_options_sameorigin
@csp_replace(  # type: ignore[arg-type]  # its types know no view with arguments
    {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"], "frame-ancestors": ["'self'"]}
)
def mail_html(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The mail's own HTML, under a policy of its own: mail programs know no stylesheets, so its styles stand inline."""
    return HttpResponse(_message(pk).html)
