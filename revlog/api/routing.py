"""Routes of endpoints: DRF's router, with every view put behind the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter
from typing_extensions import override

from revlog.api.door import endpoint


class Router(SimpleRouter):
    @override
    def get_urls(self) -> list[URLPattern | URLResolver]:
        found: list[Any] = super().get_urls()
        for entry in found:
            view: Callable[..., Any] = entry.callback
            entry.callback = endpoint(view)
        return found
