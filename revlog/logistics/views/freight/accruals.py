"""What carriage of a month is expected to cost, and the same as a file for the books."""

from __future__ import annotations

import csv as tables
import io
from datetime import timedelta

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from revlog.accounts.access import allow
from revlog.common import clock
from revlog.common.words import word
from revlog.logistics.forms.freight import today_of
from revlog.logistics.queries import freight as queries
from revlog.logistics.views.freight.common import insider, paged, tabs

PAGE = 40
LOOKS = {"open": "coming", "unrated": "held", "billed": "done", "cancelled": "done"}


@allow("money.view")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    by = insider(request)
    today = today_of(by, clock.now())
    first = queries.month(request.GET.get("month", ""), today)
    rows = queries.accruals(by, first)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "first": first,
        "before": first - timedelta(days=1),
        "after": first + timedelta(days=32),
        "sums": queries.sums(rows),
        "page": paged(page, month=f"{first:%Y-%m}"),
        "rows": [
            {"row": one, "look": LOOKS[one.status], "state": capfirst(word(f"accrual.{one.status}"))}
            for one in page.object_list
        ],
        "tabs": tabs("accruals", by),
    }
    return render(request, "logistics/freight/accruals.html", context)


@allow("money.view")
@require_safe
def csv(request: HttpRequest) -> HttpResponse:
    by = insider(request)
    first = queries.month(request.GET.get("month", ""), today_of(by, clock.now()))
    out = io.StringIO()
    table = tables.writer(out, lineterminator="\r\n")
    table.writerow(queries.HEADER)
    table.writerows(queries.lines(queries.accruals(by, first)))
    name = f"accruals-{first:%Y-%m}.csv"
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
