"""Routes of the API: the endpoints of every app, its OpenAPI document and its docs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from revlog.api import views
from revlog.api.routing import Router
from revlog.custody.api import EntriesEndpoint
from revlog.devices.api import DevicesEndpoint

router = Router()
router.register("devices", DevicesEndpoint, basename="api-device")
router.register("entries", EntriesEndpoint, basename="api-entry")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.root, name="api-root-document"),
    path("schema/", views.schema, name="api-schema"),
    path("docs/", views.docs, name="api-docs"),
    path("problems/<slug:code>", views.problem, name="api-problem"),
    *router.urls,
    path("<path:rest>", views.nothing, name="api-nothing"),
]
