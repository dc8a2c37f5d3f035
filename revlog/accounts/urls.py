from __future__ import annotations

from django.urls import include, path

from revlog.accounts.views import companies, providers, sessions, settings, stations

urlpatterns = [
    path("me/", sessions.me, name="accounts_me"),
    path("me/pin", sessions.change_pin, name="accounts_pin"),
    path("hub/switch", sessions.switch_hub, name="accounts_hub_switch"),
    path("language", sessions.choose_language, name="accounts_language"),
    path("demo/sign-in", sessions.demo_sign_in, name="accounts_demo_sign_in"),
    path("station/", stations.sign_in, name="accounts_station"),
    path("station/lock", stations.lock, name="accounts_station_lock"),
    path("station/register/", stations.register, name="accounts_station_register"),
    path("settings/stations/", stations.index, name="accounts_stations"),
    path("settings/stations/retire", stations.retire, name="accounts_station_retire"),
    path("settings/people/", settings.people_page, name="accounts_people"),
    path("settings/people/remove-role", settings.remove_role, name="accounts_role_remove"),
    path("settings/people/badge", settings.issue_badge, name="accounts_badge_issue"),
    path("settings/roles/", settings.roles_page, name="accounts_roles"),
    path("settings/providers/", providers.providers, name="accounts_providers"),
    path("settings/companies/", companies.listing, name="accounts_companies"),
    path("settings/companies/<slug:code>/", companies.one, name="accounts_company"),
    path("settings/keys/", settings.keys_page, name="accounts_keys"),
    path("settings/keys/revoke", settings.revoke_key, name="accounts_key_revoke"),
    path("settings/keys/rotate", settings.rotate_key, name="accounts_key_rotate"),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
]
