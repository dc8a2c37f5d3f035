from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from resale import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="sales"),
    path("pools/<uuid:pk>/", views.pool, name="sales_pool"),
    path("orders/", views.orders, name="sales_orders"),
    path("orders/<uuid:pk>/", views.order, name="sales_order"),
    path("ship/", views.ship, name="sales_ship"),
    path("panels/<str:tag>/offer/", views.panel, name="resale_panel_offer"),
]
