from __future__ import annotations

from django.urls import path

from revlog.terms import views

urlpatterns = [
    path("", views.listing, name="orders"),
    path("import/", views.import_orders, name="orders_import"),
    path("<uuid:pk>/", views.detail, name="order"),
]
