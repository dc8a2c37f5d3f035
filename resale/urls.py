from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from resale import views
from resale.views import lots

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="sales"),
    path("pools/<uuid:pk>/", views.pool, name="sales_pool"),
    path("orders/", views.orders, name="sales_orders"),
    path("orders/<uuid:pk>/", views.order, name="sales_order"),
    path("lots/", lots.listing, name="sales_lots"),
    path("lots/new/", lots.new, name="sales_lot_new"),
    path("lots/<str:number>/", lots.detail, name="sales_lot"),
    path("lots/<str:number>/list.csv", lots.manifest, name="sales_lot_csv"),
    path("lots/<str:number>/list.pdf", lots.paper, name="sales_lot_pdf"),
    path("ship/", views.ship, name="sales_ship"),
    path("panels/<str:tag>/offer/", views.panel, name="resale_panel_offer"),
]
