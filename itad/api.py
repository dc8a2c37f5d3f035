"""Clients' lists over the API: sent in as a file, read by the client's saved columns, taken in by a worker, asked after."""

from __future__ import annotations

import uuid
from typing import Any

import django_filters
from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.utils.urls import replace_query_param
from typing_extensions import override

from itad import queries
from itad.manifests import refusals
from itad.models import ManifestRow, ManifestRun, ManifestStatus, RowOutcome
from itad.services import drafts, manifests
from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub, Organization
from revlog.common import tables
from revlog.common.errors import BadInput, Reason
from revlog.common.shapes import Input, Output, Raw


class CsvRenderer(BaseRenderer):
    """``text/csv``; a refusal is JSON whatever was asked for."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    @override
    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return JSONRenderer().render(data)


class ManifestOut(Output):
    id = serializers.UUIDField()
    name = serializers.CharField(source="file_name", help_text="File name, as sent.")
    client = serializers.CharField(source="client.code", help_text="Whose units they are.")
    hub = serializers.CharField(source="hub.code", help_text="Site that they come to.")
    reference = serializers.CharField(help_text="Number of the job.")
    sha256 = serializers.CharField(source="file_digest", help_text="Digest of the file.")
    mapping = serializers.CharField(
        source="mapping_name", help_text="Name of the saved columns by which it is read; empty where its headings tell."
    )
    columns = serializers.DictField(child=serializers.CharField(), help_text="Field -> heading, as it is read.")
    status = serializers.ChoiceField(choices=ManifestStatus.choices)
    position = serializers.IntegerField(help_text="Rows that are in.")
    rows = serializers.IntegerField(help_text="Rows of the file.")
    created = serializers.IntegerField(help_text="Rows whose units are new.")
    matched = serializers.IntegerField(help_text="Rows whose units are known already.")
    refused = serializers.IntegerField(help_text="Rows that were not taken.")
    units = serializers.IntegerField(help_text="Units and counted lots that the new rows made.")
    problem = serializers.CharField(help_text="Why it was stopped, where nobody asked for that.")
    started_at = serializers.DateTimeField()
    moved_at = serializers.DateTimeField(help_text="When the last rows came in.")
    finished_at = serializers.DateTimeField(allow_null=True)
    next = serializers.SerializerMethodField(help_text="What there is to do now, in a sentence.")
    address = serializers.SerializerMethodField(help_text="Where to ask how far it is.")

    def get_next(self, run: ManifestRun) -> str:
        return what_next(run)

    def get_address(self, run: ManifestRun) -> str:
        path = reverse("api-manifest-detail", args=[run.pk])
        request = self.context.get("request")
        return request.build_absolute_uri(path) if isinstance(request, Request) else path


class ManifestDetail(ManifestOut):
    warnings = serializers.SerializerMethodField(help_text="What a person should know of the file as a whole.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_warnings(self, run: ManifestRun) -> list[str]:
        return [refusals.warned(code, told) for code, told in run.warnings]


class ManifestRowOut(Output):
    place = serializers.SerializerMethodField(help_text="Sheet and line, as an editor or a spreadsheet shows them.")
    outcome = serializers.ChoiceField(choices=RowOutcome.choices)
    unit = serializers.CharField(
        source="device.tag", allow_null=True, default=None, help_text="Tag of the unit; null where the row only counts."
    )
    units = serializers.SerializerMethodField(help_text="Units and counted lots that it stands for.")
    code = serializers.CharField(source="reason", help_text="Why it was refused, for programs; empty where it wasn't.")
    detail = serializers.SerializerMethodField(help_text="Why it was refused, in a sentence.")
    notes = serializers.SerializerMethodField(help_text="What was noted of a row that was taken.")

    def get_place(self, row: ManifestRow) -> str:
        return queries.manifest_place(row)

    def get_units(self, row: ManifestRow) -> int:
        return 0 if row.outcome == RowOutcome.REFUSED else len(row.devices) or 1

    def get_detail(self, row: ManifestRow) -> str:
        return refusals.refused(row.reason, row.told) if row.reason else ""

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_notes(self, row: ManifestRow) -> list[str]:
        return [refusals.noted(code, told) for code, told in row.notes]


class ManifestRowsOut(Output):
    results = ManifestRowOut(many=True)
    next = serializers.CharField(allow_null=True, help_text="Address of the next page; null when there is none.")


class ManifestIn(Input):
    client = serializers.SlugField(max_length=40, required=False, default="", allow_blank=True)
    hub = serializers.SlugField(max_length=40, required=False, default="", allow_blank=True)
    mapping = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    reference = serializers.CharField(max_length=50, required=False, default="", allow_blank=True)
    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class ManifestNothing(Input):
    pass


PARAMETERS = [
    OpenApiParameter("client", str, description="Code of the client; a client's own key needs none."),
    OpenApiParameter(
        "hub", str, description="Code of the site that they come to; unless told that of the client's last list, or the only one."
    ),
    OpenApiParameter(
        "mapping", str,
        description="Name under which the columns were saved for the client. Without it the saved ones that fit the file, newest "
        "first, else its headings.",
    ),
    OpenApiParameter("reference", str, description="Number of the job."),
    OpenApiParameter("name", str, description="File name, for people."),
]  # fmt: skip
PLACES = [
    OpenApiParameter(
        "outcome", str, enum=RowOutcome.values, description="Which rows: `refused` unless told."
    ),
    OpenApiParameter("after", str, description="`place` of the last row of the page before."),
]  # fmt: skip


def what_next(run: ManifestRun) -> str:
    """What whoever sent it does now."""
    match run.status:
        case ManifestStatus.DRAFT:
            return _("Its columns wait for somebody to look at them in the browser; or drop it.")
        case ManifestStatus.RUNNING:
            return _("It is being taken in; ask again at its address.")
        case ManifestStatus.STOPPED:
            return _("It was stopped; what is in stays in. Have it go on, or send another file.")
        case _ if run.refused:
            return _("It is in, but for the refused rows. Mend those and send just them.")
        case _:
            return _("It is in; there is nothing to do.")


class ManifestFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=ManifestStatus.choices, distinct=False)
    client = django_filters.CharFilter(field_name="client__code", max_length=40)
    reference = django_filters.CharFilter(max_length=50)
    sha256 = django_filters.CharFilter(field_name="file_digest", max_length=64, help_text="Digest of the file.")
    started_after = django_filters.IsoDateTimeFilter(
        field_name="started_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class ManifestsEndpoint(mixins.ListModelMixin, Endpoint):
    """Clients' lists of what is coming. A client sees its own, the operator those of the sites where the key works."""

    scopes = {
        "read": "jobs:read",
        "create": "jobs:write",
        "stop": "jobs:write",
        "drop": "jobs:write",
        "go_on": "jobs:write",
    }
    tag = "manifests"
    order = ("started_at", "id")
    most_bytes = tables.MOST_BYTES
    most_a_minute = {"create": 30}
    queryset = ManifestRun.objects.select_related("client", "hub")
    serializer_class = ManifestOut
    filterset_class = ManifestFilter
    parser_classes = [MultiPartParser, Raw]

    @override
    def get_object(self) -> ManifestRun:
        rows: QuerySet[ManifestRun] = self.get_queryset()
        try:
            return self.one(rows.filter(pk=uuid.UUID(str(self.kwargs["pk"]))))
        except ValueError:
            raise Http404 from None

    def _shown(self, run: ManifestRun, *, status: int = 200) -> Response:
        fresh = ManifestRun.objects.select_related("client", "hub").get(pk=run.pk)
        told = ManifestDetail(fresh, context={"request": self.request}).data
        headers = {"Location": told["address"]} if status == 202 else None
        return Response(told, status=status, headers=headers)

    @extend_schema(summary="List clients' lists, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="How far a list is, and what became of it", responses=ManifestDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self.get_object())

    @extend_schema(
        summary="Send a list in",
        description=(
            "CSV or XLSX, as the body (whatever its `Content-Type`), or as the part `file` of a multipart form whose other parts may hold "
            "the parameters. What is no table, or names no columns, is refused at once; else it is answered 202 and taken in by a worker: "
            "ask at `address` how far it is. Its units are announced. The same file, read by the same columns for the same site and "
            "job, is the list that is under way or was done within 24 hours."
        ),
        parameters=PARAMETERS,
        request={
            "application/octet-stream": bytes,
            "multipart/form-data": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    **{one.name: {"type": "string"} for one in PARAMETERS},
                },
            },
        },
        responses={202: ManifestDetail},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        data, told = self._sent(request)
        client = self._client(told["client"])
        hub = self._hub(told["hub"], client)
        run = manifests.send(
            data=data,
            name=told["name"] or "list",
            client=client,
            hub=hub,
            mapping=told["mapping"],
            reference=told["reference"],
            by=self.actor,
            at=self.at,
        )
        return self._shown(run, status=202)

    @extend_schema(
        summary="What became of its rows",
        description=f"In the order of the file, {queries.MANIFEST_PAGE} a page.",
        parameters=PLACES,
        responses=ManifestRowsOut,
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def rows(self, request: Request, pk: str) -> Response:
        run = self.get_object()
        wanted = request.query_params.get("outcome") or RowOutcome.REFUSED.value
        if wanted not in RowOutcome.values:
            told = _("An outcome is one of %s.") % ", ".join(RowOutcome.values)
            raise BadInput(Reason("bad_outcome", told, "outcome"))
        after = 0
        if place := request.query_params.get("after"):
            row = queries.manifest_row_at(run, place)
            if row is None:
                raise BadInput(Reason("bad_place", _("The list has no row there; begin without one."), "after"))
            after = row.pk
        found = queries.manifest_rows(run, RowOutcome(wanted), after=after)
        page, following = found[: queries.MANIFEST_PAGE], None
        if len(found) > len(page):
            following = replace_query_param(request.build_absolute_uri(), "after", queries.manifest_place(page[-1]))
        return Response({"results": ManifestRowOut(page, many=True).data, "next": following})

    @extend_schema(
        summary="The refused rows as CSV, to be mended and sent in",
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, methods=["get"], renderer_classes=[CsvRenderer, JSONRenderer], pagination_class=None)
    def refused(self, request: Request, pk: str) -> HttpResponse:
        run = self.get_object()
        answer = HttpResponse(manifests.refused_csv(run).encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="refused-{run.pk}.csv"'
        return answer

    @extend_schema(
        summary="Stop it",
        description="What is in stays in.",
        request=ManifestNothing,
        responses=ManifestDetail,
        filters=False,
    )
    @action(detail=True, methods=["post"], parser_classes=api_settings.DEFAULT_PARSER_CLASSES)
    def stop(self, request: Request, pk: str) -> Response:
        self.read(request, ManifestNothing)
        return self._shown(manifests.ask_to_stop(self.get_object(), by=self.actor, at=self.at))

    @extend_schema(
        summary="Drop it",
        description="One whose columns wait for somebody (`draft`): it is gone with its file. What is under way is stopped instead.",
        request=ManifestNothing,
        responses={204: None},
        filters=False,
    )
    @action(detail=True, methods=["post"], parser_classes=api_settings.DEFAULT_PARSER_CLASSES)
    def drop(self, request: Request, pk: str) -> Response:
        self.read(request, ManifestNothing)
        drafts.drop(self.get_object(), by=self.actor)
        return Response(status=204)

    @extend_schema(
        summary="Have it go on behind the last row that is in",
        request=ManifestNothing,
        responses=ManifestDetail,
        filters=False,
    )
    @action(
        detail=True,
        methods=["post"],
        url_path="go-on",
        url_name="go-on",
        parser_classes=api_settings.DEFAULT_PARSER_CLASSES,
    )
    def go_on(self, request: Request, pk: str) -> Response:
        self.read(request, ManifestNothing)
        return self._shown(manifests.ask_to_go_on(self.get_object(), by=self.actor, at=self.at))

    def _sent(self, request: Request) -> tuple[bytes, dict[str, Any]]:
        """The bytes, and what was said of them in the address or the form. Raises BadInput where there are none."""
        body: Any = request.data
        said = {name: request.query_params[name] for name in request.query_params}
        name = ""
        if isinstance(body, bytes):
            data = body
        else:
            file = request.FILES.get("file")
            if file is None:
                told = _("Send the list as the body, or as the part “file” of a form.")
                raise BadInput(Reason("no_file", told, "file"))
            if (file.size or 0) > tables.MOST_BYTES:
                raise RequestDataTooBig
            said |= {part: body[part] for part in body if part not in request.FILES}
            data, name = file.read(), file.name or ""
        found: dict[str, Any] = ManifestIn().run_validation(said)
        return data, found | {"name": found["name"] or name[-200:]}

    def _client(self, code: str) -> Organization:
        rows = Organization.objects.visible_to(self.actor)
        if not self.actor.is_operator:
            rows = rows.filter(pk__in=[self.actor.organization_id])
            found = rows.filter(code=code).first() if code else rows.first()
        else:
            found = rows.filter(code=code).first()
        if found is None:
            told = _("You have no client %(code)s.") % {"code": code} if code else _("Say whose units they are.")
            raise BadInput(Reason("unknown_client", told, "client"))
        return found

    def _hub(self, code: str, client: Organization) -> Hub:
        found = queries.manifest_hub(client, code=code, by=self.actor)
        if found is None:
            told = _("There is no site %s.") % code if code else _("Say which site they come to.")
            raise BadInput(Reason("unknown_hub", told, "hub"))
        return found
