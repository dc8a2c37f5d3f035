from __future__ import annotations

from django.urls import path

from revlog.logistics.views import crossing, returning, transfers

urlpatterns = [
    path("", transfers.listing, name="transfers"),
    path("new/", transfers.new, name="transfer_new"),
    path("back/", returning.back, name="transfer_back"),
    path("grace/", transfers.grace, name="transfer_grace"),
    path("pictures/<uuid:pk>", transfers.picture, name="transfer_picture"),
    path("floor/join", crossing.join, name="transfer_join"),
    path("floor/load", crossing.load, name="transfer_load"),
    path("floor/unload", crossing.unload, name="transfer_unload"),
    path("floor/sign", crossing.sign, name="transfer_sign"),
    path("floor/release", crossing.release, name="transfer_release"),
    path("floor/broken", crossing.broken, name="transfer_broken"),
    path("floor/over", crossing.over, name="transfer_over"),
    path("floor/damaged", crossing.damaged, name="transfer_damaged"),
    path("floor/photo", crossing.photo, name="transfer_photo"),
    path("floor/close", crossing.close, name="transfer_close"),
    path("floor/accept", crossing.accept, name="transfer_accept"),
    path("<str:number>/", transfers.one, name="transfer"),
    path("<str:number>/way/", transfers.way, name="transfer_way"),
]
