from __future__ import annotations

from django.urls import path

from revlog.storage.views import containers, floor

urlpatterns = [
    path("hold", floor.hold, name="storage_hold"),
    path("put", floor.put, name="storage_put"),
    path("all", floor.take_all, name="storage_take_all"),
    path("none", floor.let_go, name="storage_let_go"),
    path("containers/", containers.listing, name="containers"),
    path("containers/labels", containers.labels, name="container_labels"),
    path("containers/act", containers.act, name="container_floor"),
    path("containers/<str:number>/", containers.one, name="container"),
]
