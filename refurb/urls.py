from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from refurb import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.worklist, name="bench"),
    path("work/<uuid:pk>/", views.work, name="bench_work"),
    path("check/<uuid:pk>/", views.check, name="bench_check"),
    path("harvest/<uuid:pk>/", views.harvesting, name="bench_harvest"),
    path("parts/", views.stock, name="bench_parts"),
    path("parts/<uuid:pk>/", views.part, name="bench_part"),
    path("panels/<str:tag>/parts/", views.panel, name="refurb_panel_parts"),
]
