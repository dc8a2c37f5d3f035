from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from recycling import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="recycling"),
    path("batches/<uuid:pk>/", views.batch, name="recycling_batch"),
    path("batches/<uuid:pk>/fill/", views.fill, name="recycling_fill"),
    path("batches/<uuid:pk>/leave/", views.leave, name="recycling_leave"),
    path("balances/", views.balance, name="recycling_balances"),
    path("panels/<str:tag>/batch/", views.panel, name="recycling_panel_batch"),
]
