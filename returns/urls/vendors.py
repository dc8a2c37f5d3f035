"""Routes of unsold goods, returns to suppliers, suppliers and corrective actions, under /vendors/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from returns.views.vendors import answering, rtvs, stock, suppliers
from revlog.terms.views import agreements

urlpatterns: list[URLPattern | URLResolver] = [
    path("", suppliers.listing, name="vendors"),
    path("purchases", stock.bring_purchases, name="vendor_purchases"),
    path("unsold/", stock.listing, name="unsold"),
    path("unsold/send", stock.send, name="unsold_send"),
    path("unsold/look", stock.look, name="unsold_look"),
    path("unsold/<uuid:pk>/", stock.one, name="unsold_one"),
    path("returns/", rtvs.listing, name="rtvs"),
    path("returns/new/", rtvs.new, name="rtv_new"),
    path("returns/<str:number>/", rtvs.detail, name="rtv"),
    path("returns/<str:number>/act", rtvs.act, name="rtv_act"),
    path("answer/link/<str:token>/", answering.link, name="vendor_answer_link"),
    path("answer/<uuid:rtv>/", answering.page, name="vendor_answer"),
    path("actions/", suppliers.action_list, name="corrective_actions"),
    path("actions/<str:number>/", suppliers.action, name="corrective_action"),
    path("actions/<str:number>/act", suppliers.act, name="corrective_action_act"),
    path("<slug:code>/", suppliers.detail, name="vendor"),
    path("<slug:code>/agreement/", agreements.agreement, name="vendor_agreement"),
    path("<slug:code>/lifecycle", suppliers.set_lifecycle, name="vendor_lifecycle"),
    path("<slug:code>/action", suppliers.new_action, name="vendor_action_new"),
]
