"""Runs for the accountant over the API: listed, made, and their files."""

from __future__ import annotations

from typing import Any

import django_filters
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from reporting.accounting import datev, journal
from reporting.models import AccountingRun
from reporting.services import accounting
from revlog.accounts.endpoints import Endpoint
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, Output
from revlog.evidence.services import artifacts


class AccountingRunOut(Output):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    since = serializers.DateField()
    until = serializers.DateField()
    zone = serializers.CharField(help_text="Whose days these are.")
    postings = serializers.IntegerField()
    late = serializers.IntegerField(help_text="Postings of earlier days that came after the run before.")
    sums = serializers.DictField(child=serializers.CharField(), help_text="By book; positive is income.")
    currency = serializers.CharField()
    chart = serializers.IntegerField(help_text="Version of the chart of accounts.")
    journal = serializers.CharField(source="journal.digest", help_text="SHA-256 of the CSV.")
    datev = serializers.CharField(source="datev.digest", default=None, allow_null=True, help_text="SHA-256, or null.")
    made_at = serializers.DateTimeField()


class AccountingRunIn(Input):
    until = serializers.DateField(help_text="The last day. The run begins where the last one ended.")
    since = serializers.DateField(required=False, help_text="Checked against where the last run ended; leave it out.")


class AccountingRunFilter(django_filters.FilterSet):  # type: ignore[misc]
    until_after = django_filters.DateFilter(
        field_name="until", lookup_expr="gt", help_text="Only runs that end after this day."
    )


class AccountingRunsEndpoint(mixins.ListModelMixin, Endpoint):
    """Runs for the accountant. Each is named in addresses by its number."""

    scopes = {"read": "accounting:read", "create": "accounting:write"}
    tag = "accounting-runs"
    order = ("made_at", "id")
    queryset = AccountingRun.objects.select_related("journal", "datev")
    serializer_class = AccountingRunOut
    filterset_class = AccountingRunFilter

    @override
    def get_object(self) -> AccountingRun:
        name = str(self.kwargs["pk"])
        if not name.isascii() or not name.isdigit() or len(name) > 9:
            raise Http404
        found: AccountingRun = self.one(self.get_queryset().filter(number=int(name)))
        return found

    @extend_schema(summary="List runs for the accountant, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One run for the accountant", responses=AccountingRunOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(AccountingRunOut(self.get_object()).data)

    @extend_schema(
        summary="Hand the books over up to a day",
        description="All postings that no run holds yet, or a refusal that names each gap and each account without a number.",
        request=AccountingRunIn,
        responses={201: AccountingRunOut},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        told = self.read(request, AccountingRunIn)
        made = accounting.export(until=told["until"], since=told.get("since"), by=self.actor, at=self.at)
        address = reverse("api-accounting-run-detail", args=[made.number], request=request)
        return Response(AccountingRunOut(made).data, status=201, headers={"Location": address})

    @extend_schema(
        summary="A file of a run",
        description="`?kind=journal` (the CSV) or `?kind=datev`; the same bytes each time.",
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> HttpResponse:
        run = self.get_object()
        kind = request.query_params.get("kind", "journal")
        if kind not in {"journal", "datev"}:
            raise BadInput(Reason("kind", _("A file is journal or datev."), "kind"))
        artifact = run.journal if kind == "journal" else run.datev
        if artifact is None:
            raise Http404
        media = journal.MEDIA_TYPE if kind == "journal" else datev.MEDIA_TYPE
        return HttpResponse(artifacts.read(artifact), content_type=media)
