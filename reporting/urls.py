from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from reporting.views import accounting, board, handing, shifts
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

board_urls: list[URLPattern | URLResolver] = [
    path("", board.board, name="board"),
    path("queue/", board.queue, name="board_queue"),
    path("work/", board.work, name="board_work"),
    path("alarms/<slug:code>/", board.alarms, name="board_alarms"),
    path("wall/", board.wall, name="board_wall"),
    path("wall/station/", board.station_wall, name="board_station_wall"),
    path("hand-over/", handing.hand_over, name="hand_over"),
    path("hand-over/<str:number>/", handing.detail, name="hand_over_detail"),
    path("hand-over/<str:number>/take", handing.take, name="hand_over_take"),
    path("hand-over/<str:number>/tick", handing.tick, name="hand_over_tick"),
]
shift_urls: list[URLPattern | URLResolver] = [
    path("", shifts.settings, name="shifts"),
    path("change", shifts.change, name="shifts_change"),
]
