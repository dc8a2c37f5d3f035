"""What every endpoint of the API begins with: who asks, when, and what they may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.functional import cached_property
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.queries import ANONYMOUS
from revlog.common import clock

Row = TypeVar("Row", bound=Model)


_readers: dict[type[BaseSerializer[Any]], BaseSerializer[Any]] = {}


def _reader(shape: type[BaseSerializer[Any]]) -> BaseSerializer[Any]:
    """One instance for all requests: it keeps nothing of what it checks, and making its fields anew costs more than checking."""
    if shape not in _readers:
        _readers[shape] = shape()
    return _readers[shape]


class Endpoint(viewsets.GenericViewSet[Any]):
    """A view set whose rows are those that the caller may see; everything else is "not found" to them.

    ``scopes`` is its row in the access table, ``tag`` its chapter in the docs. Lists are ordered by ``order``: a time and an id.
    """

    scopes: ClassVar[dict[str, str]]
    tag: ClassVar[str]
    order: ClassVar[tuple[str, str]] = ("created_at", "id")
    lookup_value_regex = "[^/]+"

    @cached_property
    def actor(self) -> Actor:
        actor = getattr(self.request._request, "actor", None)
        return actor if isinstance(actor, Actor) else ANONYMOUS

    @cached_property
    def at(self) -> datetime:
        """The moment of the request: the clock is asked once, here at the edge."""
        return clock.now()

    @override
    def get_queryset(self) -> QuerySet[Any]:
        rows: Any = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()  # type: ignore[no-any-return]
        return rows.visible_to(self.actor)  # type: ignore[no-any-return]

    def read(self, request: Request, shape: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """What was sent, checked by ``shape``. Raises a ValidationError that names every field at fault."""
        try:
            told: dict[str, Any] = _reader(shape).run_validation(request.data)
        except serializers.ValidationError:
            # Said once more by the way that finds the words for everything, absent content included.
            found = shape(data=request.data)
            found.is_valid(raise_exception=True)
            told = found.validated_data
        return told

    def one(self, rows: QuerySet[Row]) -> Row:
        """The one row. Raises Http404 when there is none that the caller may see."""
        found = rows.first()
        if found is None:
            raise Http404
        return found
