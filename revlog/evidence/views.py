"""The public page that checks a document, and the list of documents with their files."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from revlog.accounts import gate
from revlog.accounts.access import PUBLIC, allow
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.evidence import limits, queries
from revlog.evidence.models import Document, closed_to
from revlog.evidence.pdf import validate
from revlog.evidence.services import artifacts, checking
from revlog.evidence.services.documents import SERIES

PAGE = 50
LOOKS_A_MINUTE = 60
UPLOADS_A_MINUTE = 12


@allow(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify_file(request: HttpRequest) -> HttpResponse:
    """Anybody's check of a PDF that they hold: what holds, what doesn't."""
    context: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        if limits.exceeded(request, of="verify_upload", most=UPLOADS_A_MINUTE):
            return _too_often(request)
        sent = request.FILES.get("file")
        if sent is None:
            context["problem"], status = _("Choose the PDF file that you want to check."), 422
        elif (sent.size or 0) > validate.LARGEST:
            context["problem"], status = _("The file is larger than any document of ours."), 413
        else:
            context |= _told(checking.check_file(sent.read(), at=clock.now()))
            context["file_name"] = sent.name
    return render(request, "evidence/verify_file.html", context, status=status)


@allow(PUBLIC)
@never_cache
@require_safe
def verify(request: HttpRequest, document: UUID) -> HttpResponse:
    """Where the QR code leads: the document checked live, without anybody's name."""
    if limits.exceeded(request, of="verify", most=LOOKS_A_MINUTE):
        return _too_often(request)
    row = Document.objects.select_related("artifact", "replaced_by").filter(pk=document).first()
    if row is None:
        return render(request, "evidence/verify_unknown.html", status=404)
    context = _told(checking.check_document(row, at=clock.now()))
    return render(request, "evidence/verify.html", context)


def _told(verdict: checking.Verdict) -> dict[str, object]:
    row = verdict.document
    return {
        "verdict": verdict,
        "document": row,
        "kind": word(row.kind) if row else "",
        "subjects": queries.subjects(row) if row else [],
        "answers": [
            {
                "what": word(f"check.{check.name}")
                if check.ok
                else _("%(check)s: does not hold") % {"check": word(f"check.{check.name}")},
                "detail": check.sentence,
                "look": "done" if check.ok else "held",
                "icon": "circle-check" if check.ok else "circle-x",
            }
            for check in verdict.checks
        ],
    }


def _too_often(request: HttpRequest) -> HttpResponse:
    answer = render(request, "evidence/verify_often.html", status=429)
    answer.headers["Retry-After"] = str(limits.WINDOW)
    return answer


@allow("documents.view")
@require_GET
def document_list(request: HttpRequest) -> HttpResponse:
    """Every document that one may see, newest first."""
    actor = gate.actor_for(request)
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "")
    rows = queries.documents(actor, kind=kind if kind in SERIES else "", text=text)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    closed = closed_to(actor) if actor.is_operator else []
    context = {
        "page": page,
        "rows": [{"document": row, "kind": word(row.kind), "subjects": queries.subjects(row)[:2]} for row in page],
        "kinds": [{"code": code, "word": word(code), "active": code == kind} for code in SERIES if code not in closed],
        "kind": kind,
        "text": text,
    }
    return render(request, "evidence/documents.html", context)


@allow("documents.view")
@require_safe
def document_file(request: HttpRequest, document: UUID) -> HttpResponseBase:
    """The signed PDF as it was issued."""
    actor = gate.actor_for(request)
    row = get_object_or_404(Document.objects.visible_to(actor).select_related("artifact"), pk=document)
    try:
        data = artifacts.read(row.artifact)
    except DomainError as error:
        return render(request, "evidence/gone.html", {"document": row, "sentence": error.sentence}, status=error.status)
    except (OSError, ValueError):
        sentence = _("The file that we keep is not the one that was issued, so it isn't handed out.")
        return render(request, "evidence/gone.html", {"document": row, "sentence": sentence}, status=409)
    answer = HttpResponse(data, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{row.number}.pdf"'
    return answer
