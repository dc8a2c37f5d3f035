"""Routes of trade-ins: the sellers' pages, the kiosk's, and the desk's."""

from __future__ import annotations

from django.urls import path

from returns.views import charities, following, payouts, tradein, tradein_account, tradein_prices, tradeins

urlpatterns = [
    path("trade-in/", tradein.start, name="tradein"),
    path("trade-in/model/<uuid:pk>/", tradein.model, name="tradein_model"),
    path("trade-in/other/", tradein.other, name="tradein_other"),
    path("trade-in/quote/<str:number>/", tradein.quote, name="tradein_quote"),
    path("trade-in/quote/<str:number>/end", tradein.end, name="tradein_end"),
    path("return/<str:number>/purchase.pdf", following.purchase, name="portal_purchase"),
    path("return/<str:number>/account", tradein_account.tell, name="portal_account"),
    path("kiosk/", tradein.kiosk_start, name="kiosk"),
    path("kiosk/model/<uuid:pk>/", tradein.kiosk_model, name="kiosk_model"),
    path("kiosk/other/", tradein.kiosk_other, name="kiosk_other"),
    path("kiosk/quote/<str:number>/", tradein.kiosk_quote, name="kiosk_quote"),
    path("kiosk/quote/<str:number>/end", tradein.kiosk_end, name="kiosk_end"),
    path("returns/trade-ins/", tradeins.listing, name="tradeins"),
    path("returns/trade-ins/blocked", tradeins.blocklist, name="tradeins_blocklist"),
    path("returns/trade-ins/prices/", tradein_prices.grid, name="tradeins_prices"),
    path("returns/trade-ins/prices/set", tradein_prices.set_price, name="tradeins_price_set"),
    path("returns/trade-ins/charities/", charities.listing, name="charities"),
    path("returns/trade-ins/charities/<uuid:pk>/end", charities.end, name="charity_end"),
    path("returns/trade-ins/payments/", payouts.listing, name="payouts"),
    path("returns/trade-ins/payments/draw-up", payouts.draw_up, name="payouts_draw_up"),
    path("returns/trade-ins/payments/<str:number>/", payouts.detail, name="payout_file"),
    path("returns/trade-ins/payments/<str:number>/release", payouts.release, name="payout_file_release"),
    path("returns/trade-ins/payments/<str:number>/drop", payouts.drop, name="payout_file_drop"),
    path("returns/trade-ins/payments/<str:number>/paid", payouts.paid, name="payout_file_paid"),
    path("returns/trade-ins/payments/<str:number>/<int:pk>/bounced", payouts.bounced, name="payout_bounced"),
    path("returns/trade-ins/payments/<str:number>/file.xml", payouts.load, name="payout_file_load"),
    path("returns/trade-ins/<str:number>/", tradeins.detail, name="tradeins_one"),
    path("returns/trade-ins/<str:number>/price", tradeins.price, name="tradeins_price"),
    path("returns/trade-ins/<str:number>/document", tradeins.identify, name="tradeins_identify"),
]
