from __future__ import annotations

from django.urls import path

from revlog.terms.views import editing, orders, prices, rules

urlpatterns = [
    path("", orders.listing, name="orders"),
    path("import/", orders.import_orders, name="orders_import"),
    path("<uuid:pk>/", orders.detail, name="order"),
]

# Under settings/, not under orders/.
rules_urls = [
    path("", rules.listing, name="rules"),
    path("publish/<uuid:pk>", rules.publish, name="rules_publish"),
    path("<str:kind>/edit/", editing.edit, name="rules_edit"),
    path("<str:kind>/rules.json", editing.download, name="rules_file"),
    path("<str:kind>/", rules.detail, name="rules_kind"),
]

price_urls = [
    path("", prices.listing, name="prices"),
    path("lists/", prices.sent, name="price_lists"),
    path("lists/<uuid:pk>/", prices.preview, name="price_list"),
    path("lists/<uuid:pk>/take/", prices.take, name="price_list_take"),
    path("<uuid:pk>/", prices.detail, name="prices_of_model"),
]
