"""Routes for the tests of the gate: one of each kind of row, one forgotten."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views import View
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from revlog.accounts.access import GUEST, PERSONAL, PUBLIC, SIGNED_IN, STATION, allow


def answer(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"actor": request.actor.reference, "hub": str(request.actor.hub_id)})


@allow(PUBLIC)
def home(request: HttpRequest) -> HttpResponse:
    return answer(request)


@allow("devices.view", write="devices.hold")
def unit(request: HttpRequest) -> HttpResponse:
    return answer(request)


@allow("returns.receive", "triage.grade", passive=True)
def either(request: HttpRequest) -> HttpResponse:
    return answer(request)


@allow("itad.sanitize")
class Wipe(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return answer(request)


class Things(ViewSet):
    authentication_classes: list = []
    permission_classes: list = []
    throttle_classes: list = []
    scopes = {"read": "devices:read", "write": "devices:write", "advance": "moves:write"}

    def list(self, request: Request) -> Response:
        return Response({"actor": request._request.actor.reference})

    def create(self, request: Request) -> Response:
        return Response({"actor": request._request.actor.reference}, status=201)

    def advance(self, request: Request) -> Response:
        return Response({"moved": True})


@allow(GUEST)
def guest(request: HttpRequest) -> HttpResponse:
    return answer(request)


@allow(SIGNED_IN)
def signed_in(request: HttpRequest) -> HttpResponse:
    return answer(request)


@allow(PERSONAL)
def personal(request: HttpRequest) -> HttpResponse:
    return answer(request)


@allow(STATION)
def only_station(request: HttpRequest) -> HttpResponse:
    return answer(request)


def forgotten(request: HttpRequest) -> HttpResponse:
    return answer(request)


urlpatterns = [
    path("", home, name="home"),
    path("unit", unit, name="unit"),
    path("either", either, name="either"),
    path("wipe", Wipe.as_view(), name="wipe"),
    path("guest", guest, name="guest"),
    path("signed-in", signed_in, name="signed_in"),
    path("personal", personal, name="personal"),
    path("only-station", only_station, name="only_station"),
    path("forgotten", forgotten, name="forgotten"),
    path("api/things", Things.as_view({"get": "list", "post": "create"}), name="things"),
    path("api/things/advance", Things.as_view({"post": "advance"}), name="things-advance"),
    path("", include("revlog.accounts.urls")),
]
