from __future__ import annotations

from django.urls import path

from revlog.labels.views import floor, jobs, printers

urlpatterns = [
    path("labels/", jobs.listing, name="labels"),
    path("labels/print", jobs.ask, name="print_labels"),
    path("labels/floor", floor.act, name="labels_floor"),
    path("labels/<uuid:pk>/", jobs.one, name="print_job"),
    path("labels/<uuid:pk>/file", jobs.file, name="print_file"),
    path("labels/<uuid:pk>/retry", jobs.retry, name="print_retry"),
    path("settings/printers/", printers.listing, name="printers"),
    path("settings/printers/<uuid:pk>/", printers.one, name="printer"),
]
