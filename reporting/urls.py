from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from reporting import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.dashboard, name="reports"),
    path("units/", views.units, name="reports_units"),
    path("units.csv", views.units_csv, name="reports_units_csv"),
    path("figures.csv", views.figures_csv, name="reports_figures_csv"),
]
