"""Pages of carriage: contracts and rates, what something would cost."""

from __future__ import annotations

from django.urls import path

from revlog.logistics.views.freight import accruals, calculator, contracts

urlpatterns = [
    path("", contracts.listing, name="contracts"),
    path("contracts/new", contracts.new, name="contract_new"),
    path("contracts/<str:number>/", contracts.detail, name="contract"),
    path("contracts/<str:number>/edit", contracts.edit, name="contract_edit"),
    path("contracts/<str:number>/draft", contracts.draft, name="contract_draft"),
    path("contracts/<str:number>/cards/<int:version>/", contracts.card, name="rate_card"),
    path("contracts/<str:number>/cards/<int:version>/card.csv", contracts.csv, name="rate_card_csv"),
    path("accruals/", accruals.listing, name="accruals"),
    path("accruals/accruals.csv", accruals.csv, name="accruals_csv"),
    path("calculator/", calculator.calculator, name="freight_calculator"),
]
