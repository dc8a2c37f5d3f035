"""Shapes that the API's endpoints share: what comes in is strict, what goes out never holds a row's number.

They stand here because each app's ``api.py`` lies beside its models, below ``revlog/api``, which only routes and guards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView
from typing_extensions import override

from revlog.common.money import Money, rounded

# What pages of a list are asked by, whatever the list filters on.
PAGING = frozenset({"cursor", "limit"})
LARGEST = 2**53 - 1
"""The largest whole number that JSON carries unharmed."""
RAW_BYTES = 20 * 1024 * 1024
"""Of a raw body, where the view doesn't say ``most_bytes``."""


class Input(serializers.Serializer[Any]):
    """What is sent in. A field that isn't known is refused by name: a slip of the pen must not be taken for silence."""

    @override
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := [name for name in data if name not in self.fields]):
            known = ", ".join(name for name, one in self.fields.items() if not one.read_only)
            told = {
                str(name)[:60]: [_("There is no such field here; there are %(known)s.") % {"known": known}]
                for name in unknown[:20]
            }
            raise serializers.ValidationError(told, code="unknown_field")
        return super().to_internal_value(data)


class Output(serializers.Serializer[Any]):
    """What is answered; nothing is written through it."""


_writers: dict[type[Output], Output] = {}


def told(shape: type[Output], thing: object) -> dict[str, Any]:
    """``thing`` in that shape, of which there is one instance for all requests: making its fields anew costs more than filling them."""
    if shape not in _writers:
        _writers[shape] = shape()
    found: dict[str, Any] = _writers[shape].to_representation(thing)
    return found


class Presence(serializers.BooleanField):
    """Whether there is anything, never what."""

    @override
    def to_representation(self, value: Any) -> bool:
        return bool(value)


def _moment(value: datetime) -> str:
    """As DRF writes it in UTC, which is what the API speaks."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


_WAYS: Mapping[type[serializers.Field[Any, Any, Any, Any]], Callable[[Any], Any] | None] = {
    serializers.CharField: None,
    serializers.IntegerField: None,
    serializers.ListField: None,
    serializers.UUIDField: str,
    serializers.DateTimeField: _moment,
}
"""How a column's value is told where the field's own way takes longer to say the same; None: as it is."""


class Columns:
    """A shape told from columns alone, for lists: no object is made of a row, and its fields aren't asked one by one.

    What it tells is what the shape tells of the same row. It takes shapes of plain fields, whose ``source`` is a column or one of a row
    that a foreign key leads to.
    """

    def __init__(self, shape: type[Output]) -> None:
        self._ways: list[tuple[str, str, Callable[[Any], Any] | None]] = []
        for name, one in shape().fields.items():
            if one.source is None or one.source == "*":
                raise TypeError(f"{shape.__name__}.{name} is made of more than one column.")
            way = _WAYS.get(type(one), one.to_representation)
            self._ways.append((name, one.source.replace(".", "__"), way))

    def read(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows as what their columns hold, and no others."""
        return rows.values(*(column for _name, column, _way in self._ways))

    def told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: row[column] if way is None or row[column] is None else way(row[column])
            for name, column, way in self._ways
        }


@extend_schema_field(
    {
        "type": "object",
        "required": ["amount", "currency"],
        "properties": {
            "amount": {"type": "string", "examples": ["129.00"]},
            "currency": {"type": "string", "examples": ["EUR"]},
        },
    }
)
class MoneyField(serializers.Field[Any, Any, Any, Any]):
    """``{"amount": "129.00", "currency": "EUR"}``: an amount is text, so that no reader makes a float of it."""

    def __init__(self, *, currency: str = "currency", **options: Any) -> None:  # noqa: ANN401 - DRF's own
        self._currency = currency
        self._amount = options.pop("source", None)
        super().__init__(source="*", read_only=True, **options)

    @override
    def to_representation(self, value: Any) -> dict[str, str] | None:
        amount = getattr(value, self._amount or self.field_name or "")
        if isinstance(amount, Money):
            return {"amount": str(rounded(amount.amount, amount.currency)), "currency": amount.currency}
        if amount is None:
            return None
        currency = getattr(value, self._currency)
        return {"amount": str(rounded(Decimal(amount), currency)), "currency": currency}


class Filters(DjangoFilterBackend):  # type: ignore[misc]
    """django-filter, but a filter that doesn't exist is refused instead of giving every row."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filters = self.get_filterset_class(view, queryset)
        known = set(filters.base_filters) if filters is not None else set()
        if unknown := [name for name in request.query_params if name not in known | PAGING]:
            names = ", ".join(sorted(known | PAGING))
            raise serializers.ValidationError(
                {
                    name[:60]: [_("There is no such filter; there are %(known)s.") % {"known": names}]
                    for name in unknown[:20]
                },
                code="unknown_filter",
            )
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found

    def get_filterset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> Any:  # noqa: ANN401 - django-filter's own
        """Of those filters alone that are asked by; none of ours does anything unasked, and copying all costs more than the query."""
        whole = self.get_filterset_class(view, queryset)
        if whole is None or not (asked := [name for name in whole.base_filters if name in request.query_params]):
            return None
        narrow = whole.__new__(whole)
        narrow.base_filters = {name: whole.base_filters[name] for name in asked}
        narrow.__init__(**self.get_filterset_kwargs(request, queryset, view))
        return narrow


class Raw(BaseParser):
    """The body as it is, whatever it says it is: for test reports, which are known by their content."""

    media_type = "*/*"

    @override
    def parse(  # type: ignore[override]
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> bytes:
        view = (parser_context or {}).get("view")
        most = int(getattr(view, "most_bytes", RAW_BYTES))
        data: bytes = stream.read(most + 1)
        if len(data) > most:
            raise RequestDataTooBig
        return data
