from __future__ import annotations

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import path
from rest_framework import generics, pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.bare.app.models import Device, Event


class DeviceSerializer(serializers.ModelSerializer[Device]):
    class Meta:
        model = Device
        fields = ["id", "tag", "manufacturer", "model", "serial", "state", "created_at"]


class ByKey(pagination.CursorPagination):
    page_size = 50
    ordering = "-id"


class Create(generics.ListCreateAPIView[Device]):
    """Made, and listed by key, fifty a page."""

    serializer_class = DeviceSerializer
    pagination_class = ByKey

    def get_queryset(self) -> Any:
        rows = Device.objects.all()
        return rows.filter(state=state) if (state := self.request.GET.get("state")) else rows

    def perform_create(self, serializer: Any) -> None:
        with transaction.atomic():
            device = serializer.save()
            Event.objects.create(device=device, kind="created", payload={"tag": device.tag})


class BySerial(APIView):
    def get(self, request: Request, serial: str) -> Response:
        return Response(DeviceSerializer(get_object_or_404(Device, serial=serial)).data)


class Move(APIView):
    def post(self, request: Request, pk: str) -> Response:
        with transaction.atomic():
            device = Device.objects.select_for_update().get(pk=pk)
            device.state = "IN_TRIAGE" if device.state != "IN_TRIAGE" else "TO_RETURN"
            device.save(update_fields=["state"])
            Event.objects.create(device=device, kind="moved", payload={"to": device.state})
        return Response(DeviceSerializer(device).data)


urlpatterns = [
    path("devices/", Create.as_view()),
    path("devices/by-serial/<str:serial>/", BySerial.as_view()),
    path("devices/<uuid:pk>/moves/", Move.as_view()),
]
