"""Routes of receiving sessions, under /receiving/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from returns.views import checks, sessions

urlpatterns: list[URLPattern | URLResolver] = [
    path("", sessions.listing, name="receiving"),
    path("begin", sessions.begin, name="receiving_begin"),
    path("act", sessions.act, name="receiving_act"),
    path("found/", sessions.found_property, name="receiving_found"),
    path("unit/<str:tag>/checks/", checks.unit, name="receiving_checks"),
    path("<str:number>/", sessions.detail, name="receiving_session"),
    path("<str:number>/close", sessions.close, name="receiving_close"),
    path("<str:number>/sign", sessions.sign, name="receiving_sign"),
    path("<str:number>/<uuid:line>/photo/", sessions.photo, name="receiving_photo"),
    path("<str:number>/<uuid:line>/parts/", sessions.parts, name="receiving_parts"),
    path("<str:number>/photo/<uuid:pk>.jpg", sessions.picture, name="receiving_picture"),
]
