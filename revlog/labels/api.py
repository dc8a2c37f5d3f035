"""Labels over the API: one as PDF or ZPL for a system that prints by itself, and print jobs at the site's printers."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from typing_extensions import override

from revlog.accounts.endpoints import Endpoint
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, NotFound, Reason
from revlog.common.shapes import Input, Output
from revlog.evidence.api import PdfRenderer
from revlog.evidence.services import artifacts
from revlog.labels import queries, registry
from revlog.labels.drawing import pdf, zpl
from revlog.labels.drawing.shapes import STOCKS
from revlog.labels.models import JobStatus, Printer, PrintJob, Reprint
from revlog.labels.services import printing

STOCK_HELP = (
    "What it is printed on: " + ", ".join(f"`{name}`" for name in STOCKS) + ". By itself, what suits the label."
)


class ZplRenderer(PdfRenderer):
    """``text/plain``: what a label printer is sent."""

    media_type = "text/plain"
    format = "zpl"


class PrintItemOut(Output):
    name = serializers.CharField(help_text="The code on the label.")
    again = serializers.BooleanField(help_text="It had this label before.")


class PrintJobOut(Output):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    hub = serializers.CharField(source="hub.code")
    printer = serializers.CharField(
        source="printer.name", allow_null=True, default=None, help_text="Null: a PDF for who asked."
    )
    station = serializers.CharField(source="station.name", allow_null=True, default=None)
    stock = serializers.CharField()
    copies = serializers.IntegerField()
    reason = serializers.CharField(help_text="Why it was printed again; empty where nothing was.")
    status = serializers.ChoiceField(
        choices=JobStatus.choices, help_text="`sent` says that a printer took it, not that it came out."
    )
    attempts = serializers.IntegerField()
    why = serializers.CharField(help_text="What was in the way last.")
    asked_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    labels = PrintItemOut(source="items.all", many=True)


class HowIn(Input):
    printer = serializers.CharField(
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text="Name of a printer of the site; empty: a PDF.",
    )
    hub = serializers.SlugField(
        max_length=40, required=False, allow_blank=True, default="", help_text="Code of the site."
    )
    variant = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    stock = serializers.ChoiceField(
        choices=sorted(STOCKS), required=False, default=None, allow_null=True, help_text=STOCK_HELP
    )
    copies = serializers.IntegerField(min_value=1, max_value=printing.MOST_COPIES, required=False, default=1)
    start = serializers.IntegerField(
        min_value=1, max_value=40, required=False, default=1, help_text="First free label of a sheet."
    )
    reason = serializers.ChoiceField(
        choices=Reprint.choices,
        required=False,
        default=None,
        allow_null=True,
        help_text="Needed where one was printed before.",
    )


class PrintIn(HowIn):
    kind = serializers.CharField(max_length=30)
    things = serializers.ListField(
        child=serializers.CharField(max_length=200), min_length=1, max_length=printing.MOST,
        help_text="Codes. `A-01..A-20` is twenty places; the number of a container or a receiving session stands for its units.",
    )  # fmt: skip


def _kind(name: str) -> registry.Kind:
    found = registry.KINDS.get(name)
    if found is None:
        raise Http404
    return found


class _Printing(Endpoint):
    """What both endpoints do: make a job and show it."""

    def _make(self, kind: registry.Kind, texts: list[str], told: dict[str, Any]) -> Response:
        hub = self._hub(told["hub"])
        printer = self._printer(hub, told["printer"])
        variant = kind.variant(told["variant"])
        found = printing.things(kind, texts, variant=variant, by=self.actor)
        job = printing.ask(
            kind, found, hub=hub, printer=printer, stock=told["stock"] or "", variant=variant, copies=told["copies"],
            start=told["start"], reason=told["reason"] or "", by=self.actor, at=self.at,
        )  # fmt: skip
        where = reverse("api-print-job-detail", args=[job.pk], request=self.request)
        return Response(PrintJobOut(job).data, status=201, headers={"Location": where})

    def _hub(self, code: str) -> Hub:
        rows = Hub.objects.worked_by(self.actor).filter(active=True)
        mine = list(
            rows.filter(code=code) if code else rows.filter(pk=self.actor.hub_id) if self.actor.hub_id else rows[:2]
        )
        if len(mine) != 1:
            raise BadInput(Reason("hub", _("Say at which of your sites it is printed."), "hub"))
        return mine[0]

    def _printer(self, hub: Hub, name: str) -> Printer | None:
        if not name:
            return None
        row = queries.printers(self.actor).filter(hub=hub, name__iexact=name).first()
        if row is None:
            raise BadInput(Reason("printer", _("There is no printer of this name at the site."), "printer"))
        return row


class LabelsEndpoint(_Printing):
    """Labels of things. Each is named in addresses by its kind and the thing's code or id."""

    scopes = {"read": "devices:write", "print": "devices:write"}
    tag = "labels"
    queryset = PrintJob.objects.all()
    serializer_class = PrintJobOut

    @extend_schema(
        summary="A label as PDF or ZPL",
        description="For a system that prints by itself. It isn't counted as printed: what is, is asked for with `print`.",
        parameters=[
            OpenApiParameter(
                "kind", str, OpenApiParameter.PATH, description="Such as `unit`, `place`, `container`, `rma`, `parcel`."
            ),
            OpenApiParameter("thing", str, OpenApiParameter.PATH, description="Its code or id."),
            OpenApiParameter("format", str, enum=["pdf", "zpl"], description="`pdf` by itself."),
            OpenApiParameter("variant", str, description="Of kinds that have several: `UN3480`, `ion`."),
            OpenApiParameter("stock", str, enum=sorted(STOCKS), description=STOCK_HELP),
            OpenApiParameter("dpi", int, enum=list(zpl.DPI), description="Dots per inch, for ZPL."),
        ],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY, (200, "text/plain"): OpenApiTypes.STR},
        filters=False,
    )
    def retrieve(self, request: Request, kind: str, thing: str) -> HttpResponse:
        made, told = _kind(kind), request.query_params
        variant = made.variant(told.get("variant", ""))
        found = printing.things(made, [thing], variant=variant, by=self.actor)
        if len(found) != 1:
            raise NotFound(Reason("several", _("This code stands for several things. Ask for one.")))
        stock = STOCKS.get(told.get("stock") or made.stock)
        if (
            stock is None
            or told.get("format", "pdf") not in {"pdf", "zpl"}
            or told.get("dpi", "203") not in map(str, zpl.DPI)
        ):
            raise BadInput(
                Reason("unknown", _("The format is pdf or zpl, dpi is 203, 300 or 600, and the stock is one of ours."))
            )
        if found[0].stored is not None:
            if told.get("format") == "zpl":
                raise BadInput(
                    Reason("stored", _("The carrier gave its label as a PDF. Print it from the browser."), "format")
                )
            return HttpResponse(artifacts.read(found[0].stored), content_type=found[0].stored.media_type)
        if told.get("format") == "zpl":
            text = zpl.draw(found[0].label, stock, dpi=int(told.get("dpi", "203")))
            return HttpResponse(text.encode(), content_type="text/plain; charset=utf-8")
        data = pdf.draw([found[0].label], stock, title=found[0].name, at=self.at)
        return HttpResponse(data, content_type="application/pdf")

    @extend_schema(
        summary="Print a label",
        description="At a printer of the site, or as a PDF: `GET /print-jobs/{id}/file/` gives it for 15 minutes.",
        parameters=[
            OpenApiParameter("kind", str, OpenApiParameter.PATH),
            OpenApiParameter("thing", str, OpenApiParameter.PATH),
        ],
        request=HowIn,
        responses={201: PrintJobOut},
        filters=False,
    )
    def print(self, request: Request, kind: str, thing: str) -> Response:
        return self._make(_kind(kind), [thing], self.read(request, HowIn))


class PrintJobsEndpoint(mixins.ListModelMixin, mixins.RetrieveModelMixin, _Printing):
    """Print jobs: labels that were asked for, and what became of them. Each is named in addresses by its id."""

    scopes = {"read": "devices:read", "create": "devices:write", "retry": "devices:write", "file": "devices:write"}
    tag = "labels"
    order = ("asked_at", "id")
    queryset = PrintJob.objects.select_related("hub", "printer", "station").prefetch_related("items")
    serializer_class = PrintJobOut
    filterset_fields: list[str] = []

    @extend_schema(summary="List print jobs, newest first")
    @override
    def list(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Get a print job")
    @override
    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().retrieve(request, *args, **kwargs)

    @override
    def get_object(self) -> PrintJob:
        rows: QuerySet[PrintJob] = self.get_queryset()
        try:
            return self.one(rows.filter(pk=uuid.UUID(str(self.kwargs["pk"]))))
        except ValueError:
            raise Http404 from None

    @extend_schema(summary="Print labels of many things at once", request=PrintIn, responses={201: PrintJobOut})
    def create(self, request: Request) -> Response:
        told = self.read(request, PrintIn)
        return self._make(_kind(told["kind"]), told["things"], told)

    @extend_schema(
        summary="Send a job that failed once more", request=None, responses={200: PrintJobOut}, filters=False
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        job = self.get_object()
        printing.retry(job, by=self.actor, at=self.at)
        return Response(PrintJobOut(self.get_object()).data)

    @extend_schema(
        summary="The labels of a job as a file",
        description="For 15 minutes, to who asked for them.",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY, (200, "text/plain"): OpenApiTypes.STR},
        filters=False,
    )
    @action(
        detail=True, methods=["get"], renderer_classes=[PdfRenderer, ZplRenderer, JSONRenderer], pagination_class=None
    )
    def file(self, request: Request, pk: str) -> HttpResponse:
        data, media = printing.opened(self.get_object(), by=self.actor, at=self.at)
        return HttpResponse(data, content_type=media)
