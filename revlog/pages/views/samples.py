"""The demo's sample files."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from revlog.accounts.access import PUBLIC, allow
from revlog.common import clock
from revlog.pages.simulation import samples


@allow(PUBLIC)
@require_GET
def sample(request: HttpRequest, name: str) -> HttpResponse:
    """One file, written now. The demo alone has any: elsewhere it would tell strangers about units."""
    content = samples.written(name, at=clock.now()) if settings.DEMO else None
    if content is None:
        raise Http404
    kind = "application/json" if name.endswith(".json") else "text/plain; charset=utf-8"
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
