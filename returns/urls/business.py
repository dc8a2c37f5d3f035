"""Routes of returns of businesses, under /returns/business/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from returns.views import business, business_counts, business_edi, business_money

urlpatterns: list[URLPattern | URLResolver] = [
    path("", business.listing, name="business"),
    path("new/", business.new, name="business_new"),
    path("edi/", business_edi.interchanges, name="business_edi"),
    path("edi/<uuid:pk>/", business_edi.interchange, name="business_interchange"),
    path("dispute/<uuid:pk>/", business_money.dispute, name="business_dispute"),
    path("evidence/<uuid:pk>.jpg", business_money.evidence, name="business_evidence"),
    path("memo/<uuid:pk>/", business_money.memo, name="business_memo"),
    path("<str:number>/", business.detail, name="business_return"),
    path("<str:number>/count/", business_counts.count, name="business_count"),
    path("<str:number>/inspect/", business_counts.inspect, name="business_inspect"),
    path("<str:number>/match.csv", business.export, name="business_match"),
    path("<str:number>/boxes", business.take_in, name="business_boxes"),
    path("<str:number>/open", business.open_boxes, name="business_open_boxes"),
    path("<str:number>/complete", business.complete, name="business_complete"),
    path("<str:number>/authorize", business_edi.authorize, name="business_authorize"),
    path("<str:number>/credit", business.credit, name="business_credit"),
]
