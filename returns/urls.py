"""Routes of returns: the portal under /return/, the dock under /dock/, the desk under /returns/, orders under /orders/."""

from __future__ import annotations

from django.urls import include, path

from returns.views import announcing, dock, doors, following, office, portal, queues, talking, troubles, why

urlpatterns = [
    path("return/", doors.start, name="portal"),
    path("return/link/", doors.ask, name="portal_link"),
    path("return/mine/", doors.mine, name="portal_mine"),
    path("return/order/<uuid:pk>/", portal.lines, name="portal_lines"),
    path("return/order/<uuid:pk>/why/", why.why, name="portal_why"),
    path("return/order/<uuid:pk>/why/<uuid:line>/", why.outcomes, name="portal_outcomes"),
    path("return/order/<uuid:pk>/check/", portal.check, name="portal_check"),
    path("return/link/<str:token>/", doors.link, name="returns_link"),
    path("return/<str:number>/", following.status, name="portal_status"),
    path("return/<str:number>/labels/", following.labels, name="portal_labels"),
    path("return/<str:number>/label/<uuid:parcel>.pdf", following.label, name="portal_label"),
    path("return/<str:number>/photo/<uuid:pk>.jpg", following.photo, name="portal_photo"),
    path("return/<str:number>/cancel", following.cancel, name="portal_cancel"),
    path("return/<str:number>/handed-in", following.hand_over, name="portal_hand_over"),
    path("return/<str:number>/message", following.message, name="portal_message"),
    path("return/<str:number>/parcel", following.add_parcel, name="portal_parcel"),
    path("dock/", dock.dock, name="dock"),
    path("dock/scan", dock.scan, name="dock_scan"),
    path("dock/receive", dock.receive, name="dock_receive"),
    path("dock/wrong", dock.wrong, name="dock_wrong"),
    path("dock/unannounced", dock.unannounced, name="dock_unannounced"),
    path("dock/parcel", dock.parcel, name="dock_parcel"),
    path("dock/undeliverable", dock.undeliverable, name="dock_undeliverable"),
    path("dock/empty", dock.empty, name="dock_empty"),
    path("returns/", office.listing, name="returns"),
    path("returns/new/", announcing.new, name="returns_new"),
    path("returns/queue/<str:name>/", queues.queue, name="returns_queue"),
    path("returns/restock", queues.restock, name="returns_restock"),
    path("returns/send-back", queues.send_back, name="returns_send_back"),
    path("returns/trouble/<uuid:pk>/", troubles.trouble, name="returns_trouble"),
    path("returns/<str:number>/", office.detail, name="returns_rma"),
    path("returns/<str:number>/message", talking.write, name="returns_message"),
    path("returns/<str:number>/read", talking.read, name="returns_read"),
    path("returns/<str:number>/photo/<uuid:pk>.jpg", talking.photo, name="returns_photo"),
    path("returns/<str:number>/approve", office.approve, name="returns_approve"),
    path("returns/<str:number>/refuse", office.refuse, name="returns_refuse"),
    path("returns/<str:number>/cancel", office.cancel, name="returns_cancel"),
    path("returns/<str:number>/give-up", office.give_up, name="returns_give_up"),
    path("returns/<str:number>/accept", office.accept_unit, name="returns_accept"),
    path("returns/<str:number>/refuse-unit", office.refuse_unit, name="returns_refuse_unit"),
    path("returns/<str:number>/found", office.found, name="returns_found"),
    path("returns/<str:number>/propose", office.propose, name="returns_propose"),
    path("returns/<str:number>/refund", office.decide_refund, name="returns_refund"),
    path("orders/", include("revlog.terms.urls")),
]
