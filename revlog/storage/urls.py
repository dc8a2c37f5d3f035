from __future__ import annotations

from django.urls import path

from revlog.storage.views import containers, counts, floor, hazards, packaging, picks

urlpatterns = [
    path("hold", floor.hold, name="storage_hold"),
    path("put", floor.put, name="storage_put"),
    path("all", floor.take_all, name="storage_take_all"),
    path("none", floor.let_go, name="storage_let_go"),
    path("containers/", containers.listing, name="containers"),
    path("containers/act", containers.act, name="container_floor"),
    path("containers/<str:number>/", containers.one, name="container"),
    path("take-on", floor.take_on, name="storage_take_on"),
    path("short", floor.short, name="storage_short"),
    path("count", floor.count, name="storage_count"),
    path("counts/", counts.listing, name="counts"),
    path("counts/new/", counts.choose, name="count_choose"),
    path("counts/request", counts.request, name="count_request"),
    path("counts/counts.csv", counts.table, name="counts_csv"),
    path("counts/<str:number>/", counts.detail, name="count"),
    path("counts/<str:number>/change", counts.change, name="count_change"),
    path("counts/<str:number>/settle", counts.settle, name="count_settle"),
    path("picks/", picks.listing, name="picks"),
    path("picks/new/", picks.wave, name="pick_wave"),
    path("picks/release", picks.release, name="pick_release"),
    path("picks/<str:number>/", picks.detail, name="pick_list"),
    path("picks/<str:number>/change", picks.change, name="pick_change"),
    path("hazards/", hazards.listing, name="hazards"),
    path("hazards/picture", hazards.picture, name="hazard_picture"),
    path("hazards/all-well", hazards.all_well, name="hazard_all_well"),
    path("hazards/steps/", hazards.steps, name="hazard_steps"),
    path("hazards/<str:number>/", hazards.detail, name="hazard"),
    path("hazards/<str:number>/photo", hazards.photo, name="hazard_photo"),
    path("hazards/<str:number>/unit", hazards.unit, name="hazard_unit"),
    path("packaging/", packaging.listing, name="packaging"),
    path("packaging/<slug:code>/", packaging.statement, name="packaging_statement"),
    path("packaging/<slug:code>/moves.csv", packaging.statement_csv, name="packaging_csv"),
]
