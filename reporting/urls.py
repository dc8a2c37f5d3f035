from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from reporting.views import accounting
from reporting.views import dashboard as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.dashboard, name="reports"),
    path("units/", views.units, name="reports_units"),
    path("units.csv", views.units_csv, name="reports_units_csv"),
    path("figures.csv", views.figures_csv, name="reports_figures_csv"),
    path("accounting/", accounting.listing, name="accounting"),
    path("accounting/chart/", accounting.chart, name="accounting_chart"),
    path("accounting/<int:number>/", accounting.run, name="accounting_run"),
    path("accounting/<int:number>/<str:kind>", accounting.download, name="accounting_file"),
]
