from __future__ import annotations

from django.urls import path

from revlog.floor.views import acts, app, box

urlpatterns = [
    path("", box.page, name="floor"),
    path("scan", box.scan, name="floor_scan"),
    path("undo", box.undo, name="floor_undo"),
    path("commands/", box.commands, name="floor_commands"),
    path("photo", acts.photo, name="floor_photo"),
    path("signature", acts.signature, name="floor_signature"),
    path("worker.js", app.worker, name="floor_worker"),
    path("acts/", acts.listing, name="floor_acts"),
    path("acts/keep", acts.keep, name="floor_keep"),
    path("acts/give-up", acts.give_up, name="floor_give_up"),
    path("acts/<int:pk>/resolve", acts.resolve, name="floor_act_resolve"),
    path("acts/pictures/<int:pk>", acts.picture, name="floor_act_picture"),
]
