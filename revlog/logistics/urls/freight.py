"""Pages of carriage: contracts and rates, what something would cost."""

from __future__ import annotations

from django.urls import path

from revlog.logistics.views.freight import accruals, bills, calculator, claims, contracts

urlpatterns = [
    path("", contracts.listing, name="contracts"),
    path("contracts/new", contracts.new, name="contract_new"),
    path("contracts/<str:number>/", contracts.detail, name="contract"),
    path("contracts/<str:number>/edit", contracts.edit, name="contract_edit"),
    path("contracts/<str:number>/draft", contracts.draft, name="contract_draft"),
    path("contracts/<str:number>/cards/<int:version>/", contracts.card, name="rate_card"),
    path("contracts/<str:number>/cards/<int:version>/card.csv", contracts.csv, name="rate_card_csv"),
    path("bills/", bills.listing, name="bills"),
    path("bills/new", bills.new, name="bill_new"),
    path("bills/<str:number>/", bills.detail, name="bill"),
    path("claims/", claims.listing, name="carrier_claims"),
    path("claims/new", claims.new, name="carrier_claim_new"),
    path("claims/<str:number>/", claims.detail, name="carrier_claim"),
    path("claims/<str:number>/photos/<str:digest>", claims.photo, name="carrier_claim_photo"),
    path("accruals/", accruals.listing, name="accruals"),
    path("accruals/accruals.csv", accruals.csv, name="accruals_csv"),
    path("calculator/", calculator.calculator, name="freight_calculator"),
]
