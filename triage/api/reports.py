"""Test reports over the API: sent in as they are, answered at once, read afterwards."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.endpoints import Endpoint
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.shapes import Output, Raw
from revlog.common.words import word
from revlog.devices import identifiers
from revlog.devices.models import Device
from triage import answering, nextsteps, queries, showing
from triage.models import ReportStatus, TestReport
from triage.reports import answer, encode
from triage.reports.registry import KEPT_KINDS
from triage.reports.sniff import LARGEST_BYTES
from triage.rubrics import AXES
from triage.services import grading, reports, sampling, shelf, worth
from triage.services.disposition import UnableToDecide


class ReportOut(Output):
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="File name, as sent.")
    status = serializers.ChoiceField(choices=ReportStatus.choices)
    kind = serializers.ChoiceField(
        choices=["", *KEPT_KINDS], help_text="Recognised by its content; empty until it is read."
    )
    sha256 = serializers.CharField(source="artifact_id", help_text="Digest of the bytes that were kept.")
    reason = serializers.CharField(
        source="answer", help_text="`CODE: sentence (place)`, when there is something to say."
    )
    part_of = serializers.UUIDField(source="part_of_id", allow_null=True, help_text="The table of which it is a row.")
    line = serializers.IntegerField(allow_null=True, help_text="Its line in that table.")
    units = serializers.SerializerMethodField(help_text="Tags of the units it is of.")
    candidates = serializers.ListField(
        child=serializers.CharField(), help_text="Tags that it can't be told apart between."
    )
    received_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    next = serializers.SerializerMethodField(help_text="What there is to do now, in a sentence.")
    address = serializers.SerializerMethodField(help_text="Where to ask what became of it.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_units(self, report: TestReport) -> list[str]:
        return sorted(unit.device.tag for unit in report.units.all())

    def get_next(self, report: TestReport) -> str:
        return what_next(report)

    def get_address(self, report: TestReport) -> str:
        path = reverse("api-report-detail", args=[report.pk])
        request = self.context.get("request")
        return request.build_absolute_uri(path) if isinstance(request, Request) else path


class NextStepOut(Output):
    unit = serializers.CharField(help_text="Tag of the unit.")
    code = serializers.CharField(
        help_text="What is done, for machines: `settle_drive`, `look_at_battery`, `to_sanitize`."
    )
    words = serializers.CharField(help_text="What is done, in a sentence.")
    why = serializers.CharField(help_text="What is behind it; empty where nothing is to be said.")
    address = serializers.CharField(help_text="The page where it is done.")


class Receipt(ReportOut):
    """``ReportOut`` with what is to be done next; each unit is asked about, so lists go without."""

    steps = serializers.SerializerMethodField(
        help_text="What comes next with each unit, the first first; empty until it is read, and for other than the operator's people."
    )

    _found: list[dict[str, str]] | None = None
    """Reckoned once an answer; a receipt is of one report."""

    @extend_schema_field(NextStepOut(many=True))
    def get_steps(self, report: TestReport) -> list[dict[str, str]]:
        return self._steps(report)

    @override
    def get_next(self, report: TestReport) -> str:
        steps = self._steps(report)
        if not steps:
            return what_next(report)
        first = {step["unit"]: step["words"] for step in reversed(steps)}
        return " ".join(f"{unit}: {words}" for unit, words in first.items())

    def _steps(self, report: TestReport) -> list[dict[str, str]]:
        actor = self.context.get("actor")
        if not isinstance(actor, Actor) or not actor.is_operator or report.status != ReportStatus.INGESTED:
            return []
        if self._found is None:
            request = self.context.get("request")
            at: datetime = self.context["at"]
            self._found = [
                {
                    "unit": device.tag,
                    "code": step.code,
                    "words": step.words,
                    "why": step.why,
                    "address": request.build_absolute_uri(step.url) if isinstance(request, Request) else step.url,
                }
                for device in queries.units_of(report, actor)
                for step in nextsteps.of(device, by=actor, at=at)
            ]
        return self._found


class WorthOut(Output):
    tag = serializers.CharField()
    chosen = serializers.CharField(allow_null=True, help_text="The path proposed; null where none is open.")
    because = serializers.CharField(help_text="By what: `asked`, `contract`, `money`, `reuse`; empty where none is.")
    ranked = serializers.ListField(
        child=serializers.DictField(),
        help_text="One entry a path: `path`, `recovery`, `low` and `high` where the price has a band, `currency`, `blocked_by` with "
        "`reasons` in words, `lines`, `channel`, `target`, `days`, `minutes` by skill, `parts`, `aside`, `others`, `weighed`.",
    )
    price = serializers.DictField(help_text="What one in its grade brings, and who says so, with a `sentence`.")
    repairs = serializers.ListField(
        child=serializers.DictField(), help_text="`target`, `faults`, `minutes`, `cost`, `gain` over a sale as it is."
    )
    supervised = serializers.ListField(child=serializers.DictField(), help_text="`kind`, `net`, `needs`, `against`.")
    versions = serializers.DictField(help_text="Of the figures, the rubric, the price and the owner's instructions.")


class PictureOut(Output):
    unit = serializers.CharField(help_text="Its tag.")
    contradictions = serializers.ListField(
        child=serializers.CharField(), help_text="Names of the fields whose sources contradict each other."
    )
    facts = serializers.ListField(
        child=serializers.DictField(),
        help_text="One entry a field: `field`, `contradiction` (`identity`, `drives`, `reading`, `names` or null), `why` the value counts, "
        "`todo`, and `values`, the one that counts first, each with its `sources` (`kind`, `report`, `by`, `at`).",
    )


class BookGradeOut(Output):
    grade = serializers.CharField(help_text="Code of a better grade.")
    called = serializers.CharField(help_text="Its name.")
    why = serializers.ListField(child=serializers.CharField(), help_text="Why it isn't that, each a sentence.")


class BookOut(Output):
    book = serializers.CharField(help_text="`house`, `backmarket`, `ctia` ...")
    name = serializers.CharField()
    publisher = serializers.CharField()
    edition = serializers.CharField()
    version = serializers.CharField(help_text="Of the rules by which it was judged.")
    certainty = serializers.CharField(
        help_text="How sure the book's content is: `own`, `read`, `secondary`, `known` or `uncertain`; `source` says more."
    )
    source = serializers.CharField()  # type: ignore[assignment]
    grade = serializers.CharField(
        allow_null=True, help_text="Code of the grade; empty where it reaches none, null where the book can't judge."
    )
    called = serializers.CharField(help_text="What the book calls it.")
    wanting = serializers.ListField(child=serializers.CharField(), help_text="Why the book can't judge.")
    better = BookGradeOut(many=True, help_text="Each better grade, the next first.")
    data_since = serializers.BooleanField(
        help_text="Whether its data was cleared since it was graded, and that counts."
    )


class GradeOut(Output):
    unit = serializers.CharField(help_text="Its tag.")
    grade = serializers.CharField(
        help_text="By our own rubric: NEW, A to D, U (not tested), NA (no rubric); empty for who looks a second time."
    )
    rubric = serializers.CharField(help_text="The version that judged; empty where none did.")
    at = serializers.DateTimeField(allow_null=True)
    axes = serializers.DictField(child=serializers.CharField(), help_text="Axis -> letter.")
    reasons = serializers.ListField(child=serializers.CharField())
    refused = serializers.ListField(child=serializers.CharField(), help_text="What refused the better grade.")
    books = BookOut(many=True, help_text="What it is called in other grade books.")


class ReportDetail(Receipt):
    content = serializers.SerializerMethodField(
        help_text="What it says, in the shape that `ingest_report --json` prints; null until it is read."
    )

    @extend_schema_field({"type": ["object", "null"], "additionalProperties": True})
    def get_content(self, report: TestReport) -> dict[str, Any] | None:
        if not report.summary:
            return None
        return answer.answer(
            encode.decode(report.summary), file=report.name, status=report.status, reason=report.answer or None
        )


def what_next(report: TestReport) -> str:
    """What whoever sent it does now."""
    match report.status:
        case ReportStatus.RECEIVED:
            return _("It is kept and will be read in a moment; ask again at its address.")
        case ReportStatus.INGESTED:
            units = ", ".join(
                f"{unit.device.tag} ({word(f'state.{unit.device.state}')})" for unit in report.units.all()
            )
            return _("It is on record with %(units)s; there is nothing to do.") % {"units": units}
        case ReportStatus.SPLIT:
            return _("Each of its rows is a report of its own; ask for those with `part_of` and its id.")
        case ReportStatus.UNMATCHED:
            return _("It is kept and waits for a person. Announce the unit, or take it in, and send the report again.")
        case _:
            return _("It is kept but can't be read. Make the report again and send that.")


class ReportFilter(django_filters.FilterSet):  # type: ignore[misc]
    unit = django_filters.CharFilter(
        field_name="units__device__tag", lookup_expr="iexact", max_length=20, help_text="Tag of the unit."
    )
    status = django_filters.MultipleChoiceFilter(choices=ReportStatus.choices, distinct=False)
    kind = django_filters.ChoiceFilter(choices=[(kind, kind) for kind in KEPT_KINDS])
    part_of = django_filters.UUIDFilter(help_text="Only the rows of this table.")
    sha256 = django_filters.CharFilter(field_name="artifact_id", max_length=64, help_text="Digest of the bytes.")
    received_after = django_filters.IsoDateTimeFilter(
        field_name="received_at", lookup_expr="gt", help_text="Only what is later than this moment."
    )


class ReportsEndpoint(mixins.ListModelMixin, Endpoint):
    """Reports of test benches and wipe stations: eReuse Workbench, smartctl, lshw, nwipe."""

    scopes = {"read": "reports:read", "create": "reports:write"}
    tag = "reports"
    order = ("received_at", "id")
    most_bytes = LARGEST_BYTES
    queryset = TestReport.objects.prefetch_related("units__device")
    serializer_class = ReportOut
    filterset_class = ReportFilter
    parser_classes = [MultiPartParser, Raw]

    @extend_schema(summary="List reports, newest first")
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="What became of a report", responses=ReportDetail, filters=False)
    def retrieve(self, request: Request, pk: str) -> Response:
        rows: QuerySet[TestReport] = self.get_queryset()
        try:
            report = self.one(rows.filter(pk=uuid.UUID(pk)))
        except ValueError:
            raise Http404 from None
        return Response(ReportDetail(report, context=self._context(request)).data)

    @extend_schema(
        summary="Send a test report in",
        description=(
            "The report as it is, as the body (whatever its `Content-Type`) or as the part `file` of a multipart form. It is recognised by "
            "its content, kept under its digest and answered 202; then it is read and matched to a unit: ask at `address` what became of "
            "it. With `wait=true` it is read before the answer, which is 200 then and says in `steps` what is to be done next with the "
            "unit. The same bytes again are the same report."
        ),
        parameters=[
            OpenApiParameter("unit", str, description="Id or tag of the unit it is of, where the sender knows it."),
            OpenApiParameter("name", str, description="File name, for people."),
            OpenApiParameter("wait", bool, description="Read it before the answer: some seconds at most."),
        ],
        request={
            "application/octet-stream": bytes,
            "multipart/form-data": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            },
        },
        responses={200: Receipt, 202: Receipt},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        data, name = _sent(request)
        verb = reports.receive_now if request.query_params.get("wait") in {"1", "true"} else reports.receive
        report = verb(
            data=data,
            name=request.query_params.get("name") or name,
            via="api",
            by=self.actor,
            at=self.at,
            unit=self._unit(request.query_params.get("unit")),
        )
        shown = Receipt(report, context=self._context(request)).data
        status = 202 if report.status == ReportStatus.RECEIVED else 200
        return Response(shown, status=status, headers={"Location": shown["address"]})

    @extend_schema(
        summary="One picture of a unit by all its reports",
        description=(
            "What all reports and looks of the unit's present stay say together, each value with its sources. Contradictions are not "
            "averaged: the value that counts stands first, `why` says by which rule, and the others follow."
        ),
        parameters=[OpenApiParameter("unit", str, required=True, description="Id or tag of the unit.")],
        responses=PictureOut,
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def picture(self, request: Request) -> Response:
        unit = self._unit(request.query_params.get("unit"))
        if unit is None:
            raise BadInput(Reason("no_unit", _("Say of which unit."), "unit"))
        known = sampling.evidence_for(unit, by=self.actor, at=self.at).picture
        told = {
            "unit": unit.tag,
            "contradictions": [one.name for one in known.clashes],
            "facts": showing.plain(known, inside=self.actor.is_operator),
        }
        return Response(told)

    @extend_schema(
        summary="What a unit is worth on each path",
        description=(
            "Every path with its sum, line by line, and what shuts it; the proposed one first. `others` are the channels and grades by "
            "which a path may be gone too, `repairs` the cheapest repair to each better grade, `supervised` what may be done under "
            "supervision with a unit whose data can't be cleared. Nothing is decided. For the operator's people alone."
        ),
        parameters=[OpenApiParameter("unit", str, required=True, description="Id or tag of the unit.")],
        responses=WorthOut,
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def worth(self, request: Request) -> Response:
        unit = self._unit(request.query_params.get("unit"))
        if unit is None:
            raise BadInput(Reason("no_unit", _("Say of which unit."), "unit"))
        if not self.actor.is_operator:
            raise NotAllowed(_("What a unit is worth is told to the operator's people alone."))
        if reasons := sampling.reasons_against_knowing(unit, by=self.actor, at=self.at):
            raise UnableToDecide(reasons)
        rubric = grading.rubric_for(unit, at=self.at)
        told = answering.answer(unit, worth.worth_of(unit, at=self.at), rubric.version if rubric else None)
        return Response({name: value for name, value in told.items() if name != "data"})

    @extend_schema(
        summary="The grade of a unit, by our rubric and in other grade books",
        description="The last grade of the unit's present stay with its reasons, and for each grade book why it isn't better.",
        parameters=[OpenApiParameter("unit", str, required=True, description="Id or tag of the unit.")],
        responses=GradeOut,
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def grade(self, request: Request) -> Response:
        unit = self._unit(request.query_params.get("unit"))
        if unit is None:
            raise BadInput(Reason("no_unit", _("Say of which unit."), "unit"))
        blind = sampling.is_blind(unit, by=self.actor, at=self.at)
        found = None if blind else queries.last_grading(unit)
        told = {
            "unit": unit.tag,
            "grade": "" if blind else unit.grade,
            "rubric": found.rubric if found else "",
            "at": found.at if found else None,
            "axes": {axis: letter for axis in AXES if found and (letter := getattr(found, axis))},
            "reasons": [each["sentence"] for each in queries.said(found.reasons)] if found else [],
            "refused": [each["sentence"] for each in queries.said(found.blocked)] if found else [],
            "books": shelf.told(found, unit),
        }
        return Response(GradeOut(told).data)

    def _context(self, request: Request) -> dict[str, Any]:
        return {"request": request, "actor": self.actor, "at": self.at}

    def _unit(self, name: str | None) -> Device | None:
        if not name:
            return None
        rows = Device.objects.visible_to(self.actor)
        try:
            tag = identifiers.tag(name)
            unit = rows.filter(tag=tag.normal_form).first() if tag else rows.filter(pk=uuid.UUID(name)).first()
        except ValueError:
            unit = None
        if unit is None:
            raise BadInput(Reason("unknown_unit", _("You have no unit of that id or tag."), "unit"))
        return unit


def _sent(request: Request) -> tuple[bytes, str]:
    """The bytes and their name. Raises BadInput when there are none."""
    body: Any = request.data
    if isinstance(body, bytes):
        data, name = body, ""
    else:
        file = request.FILES.get("file")
        if file is None:
            raise BadInput(
                Reason("no_file", _("Send the report as the body, or as the part “file” of a form."), "file")
            )
        data, name = file.read(LARGEST_BYTES + 1), file.name or ""
    if not data.strip():
        raise BadInput(Reason("empty", _("The report is empty."), "file"))
    return data, name
