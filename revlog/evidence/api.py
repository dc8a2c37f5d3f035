"""Documents over the API: certificates and reports that were issued, and their signed files."""

from __future__ import annotations

import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import override

from revlog.accounts.endpoints import Endpoint
from revlog.common.errors import DomainError, Reason
from revlog.common.shapes import Output
from revlog.evidence import queries
from revlog.evidence.models import Document
from revlog.evidence.services import artifacts


class NotAsIssued(DomainError):
    """The store holds other bytes than were issued, or none."""

    code = "not_as_issued"


class PdfRenderer(BaseRenderer):
    """``application/pdf``; a refusal is JSON whatever was asked for."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None
    render_style = "binary"

    @override
    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        rendered: bytes = data if isinstance(data, bytes) else JSONRenderer().render(data)
        return rendered


class SubjectOut(Output):
    tag = serializers.CharField()
    name = serializers.CharField()


class DocumentOut(Output):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="As printed, such as `CS-2026-000123`.")
    kind = serializers.CharField(
        help_text="certificate_of_sanitization, certificate_of_destruction, chain_of_custody ..."
    )
    language = serializers.CharField()
    owner = serializers.SerializerMethodField(help_text="Code of the organization it was made out to.")
    units = serializers.SerializerMethodField(help_text="The units it speaks of.")
    chain = serializers.UUIDField(source="chain_id", help_text="The thing whose chain it cites.")
    sequence = serializers.IntegerField(help_text="The last entry of the chain that it holds.")
    head_digest = serializers.CharField(help_text="Digest of that entry.")
    sha256 = serializers.CharField(source="artifact_id", help_text="Digest of the signed file.")
    size = serializers.IntegerField(source="artifact.size", help_text="Bytes of the signed file.")
    issued_at = serializers.DateTimeField()
    replaced_by = serializers.SerializerMethodField(help_text="Number of the document that took its place.")
    file = serializers.SerializerMethodField(help_text="Where its PDF is.")
    verify = serializers.SerializerMethodField(help_text="The public page that checks it.")

    def get_owner(self, row: Document) -> str | None:
        return row.owner.code if row.owner else None

    @extend_schema_field(SubjectOut(many=True))
    def get_units(self, row: Document) -> Any:  # noqa: ANN401
        return [{"tag": one.tag, "name": one.name} for one in queries.subjects(row)]

    def get_replaced_by(self, row: Document) -> str | None:
        return row.replaced_by.number if row.replaced_by else None

    def get_file(self, row: Document) -> str:
        return self._address("api-document-file", row)

    def get_verify(self, row: Document) -> str:
        return self._address("verify", row)

    def _address(self, name: str, row: Document) -> str:
        path = reverse(name, args=[row.pk])
        request = self.context.get("request")
        return request.build_absolute_uri(path) if isinstance(request, Request) else path


class DocumentFilter(django_filters.FilterSet):  # type: ignore[misc]
    kind = django_filters.CharFilter(max_length=40)
    number = django_filters.CharFilter(lookup_expr="iexact", max_length=30)
    chain = django_filters.UUIDFilter(field_name="chain_id", help_text="Id of the unit, batch or job.")
    issued_after = django_filters.IsoDateTimeFilter(
        field_name="issued_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class DocumentsEndpoint(mixins.ListModelMixin, Endpoint):
    """Documents that were issued: certificates of sanitization, destruction and recycling, reports of custody."""

    scopes = {"read": "documents:read"}
    tag = "documents"
    order = ("issued_at", "id")
    queryset = Document.objects.select_related("owner", "artifact", "replaced_by")
    serializer_class = DocumentOut
    filterset_class = DocumentFilter

    @override
    def get_object(self) -> Document:
        rows: QuerySet[Document] = self.get_queryset()
        name = str(self.kwargs["pk"])
        try:
            return self.one(rows.filter(pk=uuid.UUID(name)))
        except ValueError:
            return self.one(rows.filter(number__iexact=name[:30]))

    @extend_schema(summary="List documents, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="One document, by its id or number", responses=DocumentOut, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(DocumentOut(self.get_object(), context={"request": request}).data)

    @extend_schema(
        summary="The signed PDF, byte for byte as it was issued",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, methods=["get"], renderer_classes=[PdfRenderer, JSONRenderer], pagination_class=None)
    def file(self, request: Request, pk: str) -> HttpResponse:
        row = self.get_object()
        try:
            data = artifacts.read(row.artifact)
        except (OSError, ValueError) as error:
            raise NotAsIssued(
                Reason(
                    "not_as_issued", _("The file that we keep is not the one that was issued, so it isn't handed out.")
                )
            ) from error
        answer = HttpResponse(data, content_type="application/pdf")
        answer.headers["Content-Disposition"] = f'attachment; filename="{row.number}.pdf"'
        answer.headers["ETag"] = f'"{row.artifact_id}"'
        return answer
