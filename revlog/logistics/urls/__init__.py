from __future__ import annotations

from django.urls import path

from revlog.logistics.views import docks, floor, shipments

urlpatterns = [
    path("", docks.plan, name="dock_plan"),
    path("appointments/<str:number>/cancel", docks.cancel, name="appointment_cancel"),
    path("deliveries/<str:number>/", docks.delivery, name="delivery"),
    path("deliveries/<str:number>/photos/<int:line>", docks.photo, name="delivery_photo"),
    path("deliveries/<str:number>/packaging", shipments.brought, name="delivery_packaging"),
    path("shipments/<str:number>/", shipments.shipment, name="shipment"),
    path("waiting/", docks.waiting, name="parcels_waiting"),
    path("staging/", docks.rules, name="staging"),
    path("off/begin", floor.begin, name="scanoff_begin"),
    path("off/join", floor.join, name="scanoff_join"),
    path("off/take", floor.take, name="scanoff_take"),
    path("off/damaged", floor.damaged, name="scanoff_damaged"),
    path("off/photo", floor.photo, name="scanoff_photo"),
    path("off/sign", floor.sign, name="scanoff_sign"),
    path("off/end", floor.end, name="scanoff_end"),
]
