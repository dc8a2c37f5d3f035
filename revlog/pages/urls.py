from __future__ import annotations

from django.urls import path
from django.views.generic import TemplateView

from revlog.accounts.access import SIGNED_IN, allow
from revlog.pages.views import connection, desk, mailbox, numbers, places, samples, travel, units

styleguide = allow(SIGNED_IN)(TemplateView.as_view(template_name="styleguide.html"))

urlpatterns = [
    path("", desk.front, name="front"),
    path("welcome/", desk.welcome, name="welcome"),
    path("welcome/codes/", desk.codes, name="demo_codes"),
    path("welcome/mailbox/", mailbox.mailbox, name="demo_mailbox"),
    path("welcome/mailbox/<uuid:pk>/", mailbox.mail, name="demo_mail"),
    path("welcome/mailbox/<uuid:pk>/html", mailbox.mail_html, name="demo_mail_html"),
    path("samples/<str:name>", samples.sample, name="sample"),
    path("work/", desk.my_work, name="my_work"),
    path("search/", desk.search, name="search"),
    path("exceptions/", desk.exceptions, name="exceptions"),
    path("exceptions/retry", desk.retry, name="exceptions_retry"),
    path("connection/", connection.connection, name="connection"),
    path("settings/", desk.settings, name="settings"),
    path("settings/places/", places.listing, name="places"),
    path("settings/places/change", places.change, name="place_change"),
    path("settings/places/<slug:hub>/<str:code>/", places.place, name="place"),
    path("settings/travel/", travel.listing, name="travel"),
    path("unit/<str:tag>/", units.unit, name="unit"),
    path("unit/<str:tag>/hold", units.hold, name="unit_hold"),
    path("unit/<str:tag>/release", units.release, name="unit_release"),
    path("unit/<str:tag>/put", units.put, name="unit_put"),
    path("unit/<str:tag>/photos/<uuid:pk>", units.photo, name="unit_photo"),
    path("unit/<str:tag>/export", units.export, name="unit_export"),
    path("unit/<str:tag>/verify", units.verify, name="unit_verify"),
    path("unit/<str:tag>/numbers/", numbers.numbers, name="unit_numbers"),
    path("styleguide/", styleguide, name="styleguide"),
]
