"""Cursor pagination: any page costs what the first costs, and nothing is counted."""

from __future__ import annotations

from rest_framework import pagination


class ByPosition(pagination.CursorPagination):
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    ordering = ("-created_at", "-id")
    cursor_query_param = "cursor"
