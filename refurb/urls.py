from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from refurb.views import bench, stock

urlpatterns: list[URLPattern | URLResolver] = [
    path("", bench.worklist, name="bench"),
    path("work/<uuid:pk>/", bench.work, name="bench_work"),
    path("quote/<str:tag>/", bench.quote, name="bench_quote"),
    path("check/<uuid:pk>/", bench.check, name="bench_check"),
    path("harvest/<uuid:pk>/", bench.harvesting, name="bench_harvest"),
    path("parts/", stock.stock, name="bench_parts"),
    path("parts/<uuid:pk>/", stock.part, name="bench_part"),
    path("panels/<str:tag>/parts/", bench.panel, name="refurb_panel_parts"),
]
