from __future__ import annotations

from django.urls import path

from revlog.storage.views import floor

urlpatterns = [
    path("hold", floor.hold, name="storage_hold"),
    path("put", floor.put, name="storage_put"),
    path("all", floor.take_all, name="storage_take_all"),
    path("none", floor.let_go, name="storage_let_go"),
]
