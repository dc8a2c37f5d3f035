"""Pages by position: any page costs what the first costs, nothing is counted, and rows that share a moment are never skipped.

DRF's own cursor compares the first column alone and steps over equal values by an offset; one import gives thousands of rows the same
moment. So a cursor here is the pair that the rows are ordered by, time and id, both compared.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView
from typing_extensions import override

MOST = 200
USUAL = 50


def cursor_after(moment: datetime, row: uuid.UUID) -> str:
    """Where a page ends: opaque to callers, so that it may change."""
    text = f"{moment.astimezone(UTC).isoformat()}|{row}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[datetime, uuid.UUID]:
    """The pair behind a cursor. Raises a ValidationError for one that we didn't give."""
    try:
        plain = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode("ascii")
        moment, _bar, row = plain.partition("|")
        when = datetime.fromisoformat(moment)
        if when.tzinfo is None:
            raise ValueError("A cursor's moment has a zone.")
        return when, uuid.UUID(row)
    except (ValueError, binascii.Error, OverflowError) as error:
        raise serializers.ValidationError(
            {"cursor": [_("This cursor was not given by us; begin without one.")]}, code="bad_cursor"
        ) from error


def read_limit(text: str | None, *, most: int = MOST, usual: int = USUAL) -> int:
    """How many rows are asked for. Raises a ValidationError naming the bounds."""
    if text is None or text == "":
        return usual
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= most:
        raise serializers.ValidationError(
            {"limit": [_("A limit is a whole number from 1 to %(most)s.") % {"most": most}]}, code="bad_limit"
        )
    return int(text)


class ByPosition(pagination.BasePagination):
    """``{"results": [...], "next": address or null}``, newest first. A view names its columns in ``order = ("issued_at", "id")``."""

    @override
    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: APIView | None = None) -> list[Any]:  # type: ignore[override]
        moment, row = getattr(view, "order", ("created_at", "id"))
        limit = read_limit(request.query_params.get("limit"))
        rows = queryset.order_by(f"-{moment}", f"-{row}")
        if text := request.query_params.get("cursor"):
            when, last = read_cursor(text)
            # The first condition is what an index by time is read by; the second decides among equals.
            rows = rows.filter(Q(**{f"{moment}__lte": when}), Q(**{f"{moment}__lt": when}) | Q(**{f"{row}__lt": last}))
        found = list(rows[: limit + 1])
        self._next = None
        if len(found) > limit:
            end = found[limit - 1]
            when, last = (end[moment], end[row]) if isinstance(end, dict) else (getattr(end, moment), getattr(end, row))
            cursor = cursor_after(when, last)
            self._next = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
        return found[:limit]

    @override
    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        return Response({"results": data, "next": self._next})

    @override
    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "Address of the next page; null when there is none.",
                },
            },
        }

    @override
    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "Where the page before ended, as its `next` has it. Opaque.",
            },
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
                "description": "Rows a page.",
            },
        ]
