from __future__ import annotations

from django.urls import path

from revlog.floor.views import box

urlpatterns = [
    path("", box.page, name="floor"),
    path("scan", box.scan, name="floor_scan"),
    path("undo", box.undo, name="floor_undo"),
    path("commands/", box.commands, name="floor_commands"),
]
