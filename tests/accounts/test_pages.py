"""The account pages: signing in, one's own account, settings of administrators and leads."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client

from revlog.accounts import gate
from revlog.accounts.models import ApiKey, Badge, Membership, Role, Station, User
from revlog.accounts.services import keys, people, stations
from revlog.common import clock
from tests.cast import AT, PIN, Cast

PASSWORD = "a long and odd password"


class DeadMail(BaseEmailBackend):
    """A mail server that refuses the connection: the far end of somebody else's network."""

    def send_messages(self, email_messages: object) -> int:
        raise ConnectionRefusedError


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def signed_in(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def with_password(cast: Cast, name: str) -> User:
    user = cast.user(name)
    user.set_password(PASSWORD)
    user.save()
    return user


# --- signing in -------------------------------------------------------------------------------------------------------


def test_it_signs_in_with_e_mail_and_password_and_goes_back(cast: Cast) -> None:
    ines = with_password(cast, "ines")
    client = Client()

    page = client.get("/account/login/?next=/me/")
    answer = client.post("/account/login/", {"login": ines.email.upper(), "password": PASSWORD, "next": "/me/"})

    assert page.status_code == 200
    assert "Accounts are opened by invitation" in page.content.decode()
    assert (answer.status_code, answer["Location"]) == (302, "/me/")


def test_it_refuses_a_wrong_password_and_after_some_tries_the_right_one_too(cast: Cast) -> None:
    ines = with_password(cast, "ines")
    client = Client()

    for _ in range(5):
        assert client.post("/account/login/", {"login": ines.email, "password": "wrong"}).status_code == 200
    answer = client.post("/account/login/", {"login": ines.email, "password": PASSWORD})

    assert answer.status_code == 200
    assert client.get("/me/").status_code == 302


def test_it_opens_no_account_to_passers_by(db: None) -> None:
    client = Client()

    client.post("/account/signup/", {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD})

    assert not User.objects.exists()
    assert "opened by invitation" in client.get("/account/signup/").content.decode()


def test_it_offers_passkeys_where_the_connection_allows_them_alone(db: None) -> None:
    client = Client()

    for options, offered in (
        ({"HTTP_HOST": "dock.lan"}, False),
        ({"HTTP_HOST": "localhost:8000"}, True),
        ({"secure": True}, True),
    ):
        page = client.get("/account/login/", **options).content.decode()
        assert ('id="passkey_login"' in page) is offered
        assert ("Passkeys work where this address begins with https" in page) is not offered


def test_it_asks_for_the_code_of_the_authenticator_app_after_the_password(cast: Cast) -> None:
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.totp.internal import auth as totp

    ines = with_password(cast, "ines")
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(ines, secret)
    client = Client()

    answer = client.post("/account/login/", {"login": ines.email, "password": PASSWORD})
    assert answer["Location"] == "/account/2fa/authenticate/"
    assert client.get("/account/2fa/authenticate/").status_code == 200
    assert client.get("/me/").status_code == 302
    client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert client.get("/me/").status_code == 302

    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    client.post("/account/2fa/authenticate/", {"code": code})
    assert client.get("/me/").status_code == 200
    assert get_adapter().is_mfa_enabled(ines)


@pytest.mark.parametrize(
    "path",
    [
        "/account/2fa/",
        "/account/2fa/totp/activate/",
        "/account/2fa/webauthn/add/",
        "/account/2fa/webauthn/",
        "/account/password/change/",
        "/account/email/",
        "/account/logout/",
    ],
)
def test_it_shows_the_pages_of_one_s_sign_in_after_the_password_was_asked_again(cast: Cast, path: str) -> None:
    with_password(cast, "ines")
    client = signed_in(cast, "ines")

    answer = client.get(path, follow=True)
    if answer.redirect_chain:
        assert "/reauthenticate/" in answer.redirect_chain[-1][0]
        answer = client.post(answer.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)

    assert answer.status_code == 200
    text = answer.content.decode()
    assert text.count("<h1") == 1
    assert "style=" not in text
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", text)


def test_it_resets_a_forgotten_password_by_mail(cast: Cast) -> None:
    ines = with_password(cast, "ines")
    client = Client()

    assert client.get("/account/password/reset/").status_code == 200
    client.post("/account/password/reset/", {"email": ines.email})
    link = re.search(r"/account/password/reset/key/\S+", mail.outbox[0].body)
    assert link is not None
    page = client.get(link[0], follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": "another odd password", "password2": "another odd password"})

    assert User.objects.get(pk=ines.pk).check_password("another odd password")


def test_it_tells_nobody_whether_an_address_is_known(cast: Cast) -> None:
    client = Client()

    known = client.post("/account/password/reset/", {"email": cast.user("ines").email})
    unknown = client.post("/account/password/reset/", {"email": "who@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mail.outbox) == 1


def test_it_survives_a_dead_mail_server_when_a_password_is_reset(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.accounts.test_pages.DeadMail"

    assert Client().post("/account/password/reset/", {"email": cast.user("ines").email}).status_code == 302


# --- the demo's cards -------------------------------------------------------------------------------------------------


def test_it_signs_in_a_demo_person_with_one_click(cast: Cast) -> None:
    client = Client()

    answer = client.post("/demo/sign-in", {"person": "ravi", "next": "/me/"})

    assert (answer.status_code, answer["Location"]) == (302, "/me/")
    assert "Ravi Menon" in client.get("/me/").content.decode()


def test_it_signs_in_nobody_else_and_nobody_where_there_is_no_demo(cast: Cast, settings: Any) -> None:
    client = Client()

    for person in ("", "alex", "nobody", "1"):
        assert client.post("/demo/sign-in", {"person": person}).status_code == 404
    assert client.get("/demo/sign-in").status_code == 405
    settings.DEMO = False
    assert client.post("/demo/sign-in", {"person": "ravi"}).status_code == 404


# --- one's own session ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "http:///evil.example"]
)
def test_it_never_leads_off_our_own_pages(cast: Cast, evil: str) -> None:
    client = signed_in(cast, "maria")

    for path, fields in (
        ("/language", {"language": "de"}),
        ("/hub/switch", {"hub": str(cast.leipzig.pk)}),
        ("/demo/sign-in", {"person": "ines"}),
    ):
        assert client.post(path, {**fields, "next": evil})["Location"] == "/"


def test_it_switches_to_another_hub_of_one_s_own(cast: Cast) -> None:
    maria = signed_in(cast, "maria")

    answer = maria.post("/hub/switch", {"place": f"{cast.operator.pk}/{cast.rotterdam.pk}", "next": "/me/"})

    assert answer.status_code == 302
    assert maria.session[gate.SESSION_HUB] == str(cast.rotterdam.pk)
    assert maria.get("/hub/switch").status_code == 405


@pytest.mark.parametrize(
    "fields", [{}, {"hub": "nonsense"}, {"place": "/"}, {"hub": "00000000-0000-0000-0000-000000000000"}]
)
def test_it_switches_to_nothing_else(cast: Cast, fields: dict[str, str]) -> None:
    ines = signed_in(cast, "ines")

    assert ines.post("/hub/switch", fields).status_code == 404
    assert ines.post("/hub/switch", {"hub": str(cast.leipzig.pk)}).status_code == 404


def test_it_keeps_the_language_with_the_person_and_in_the_browser(cast: Cast) -> None:
    ines = signed_in(cast, "ines")

    answer = ines.post("/language", {"language": "fr", "next": "/me/"})

    assert answer.cookies["django_language"].value == "fr"
    assert cast.user("ines").language == "fr"
    assert ines.get("/me/")["Content-Language"] == "fr"
    assert ines.post("/language", {"language": "tlh"}).status_code == 422
    assert cast.user("ines").language == "fr"


def test_it_lets_a_visitor_choose_a_language(db: None) -> None:
    client = Client()

    client.post("/language", {"language": "es"})

    assert client.get("/account/login/")["Content-Language"] == "es"


def test_it_changes_one_s_pin(cast: Cast) -> None:
    ines = signed_in(cast, "ines")
    assert cast.badge("ines") in ines.get("/me/").content.decode()

    refused = ines.post("/me/pin", {"pin": "1111"})
    changed = ines.post("/me/pin", {"pin": "8520"})

    assert refused.status_code == 422
    assert "guessed at the first try" in refused.content.decode()
    assert changed.status_code == 302
    assert stations.sign_in(station=cast.station().station, badge=cast.badge("ines"), pin="8520", at=AT) == cast.user(
        "ines"
    )


# --- stations ---------------------------------------------------------------------------------------------------------


def test_it_makes_a_device_a_station_and_leaves_the_lead_signed_out(cast: Cast) -> None:
    device = signed_in(cast, "aisha")

    assert device.get("/station/register/").status_code == 200
    answer = device.post("/station/register/", {"name": "Dock 4", "hub": str(cast.rotterdam.pk)})

    assert answer["Location"] == "/station/"
    cookie = answer.cookies[gate.STATION_COOKIE]
    assert cookie["httponly"]
    assert cookie["max-age"] > 300 * 24 * 3600
    assert Station.objects.get().name == "Dock 4"
    page = device.get("/station/")
    assert "Sign in at Dock 4" in page.content.decode()
    assert gate.SESSION_STATION not in device.session
    assert device.get("/me/")["Location"].startswith("/station/")


def test_it_says_what_is_wrong_with_a_station(cast: Cast) -> None:
    device = signed_in(cast, "aisha")

    answer = device.post("/station/register/", {"name": "", "hub": str(cast.leipzig.pk)})

    assert answer.status_code == 422
    assert not Station.objects.exists()


def test_it_shows_who_is_signed_in_and_lets_them_lock_the_station(cast: Cast) -> None:
    tablet = Client()
    tablet.cookies[gate.STATION_COOKIE] = cast.station().token
    tablet.post("/station/", {"badge": cast.badge("ines"), "pin": PIN})

    assert "Ines Duarte is signed in. The next badge takes over." in tablet.get("/station/").content.decode()
    assert tablet.post("/station/lock")["Location"] == "/station/"
    assert "Ines Duarte" not in tablet.get("/station/").content.decode()


def test_it_says_when_a_badge_is_locked(cast: Cast) -> None:
    tablet = Client()
    tablet.cookies[gate.STATION_COOKIE] = cast.station().token

    answers = [tablet.post("/station/", {"badge": cast.badge("ines"), "pin": "0000"}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [403] * 4 + [429]
    assert "Too many wrong PINs for this badge. Try again in 1 minute" in answers[-1].content.decode()
    assert "0000" not in answers[-1].content.decode()


@pytest.mark.parametrize(
    "fields",
    [{}, {"badge": "x"}, {"pin": "1"}, {"badge": "\x00", "pin": "\x00"}, {"badge": "B" * 5000, "pin": "1" * 5000}],
)
def test_it_says_what_is_missing_at_the_badge_page(cast: Cast, fields: dict[str, str]) -> None:
    tablet = Client()
    tablet.cookies[gate.STATION_COOKIE] = cast.station().token

    assert tablet.post("/station/", fields).status_code == 422


def test_it_lists_and_retires_stations_of_one_s_own_hub(cast: Cast) -> None:
    dock = cast.station("Dock 2").station
    bench = cast.station("Bench 1", hub=cast.leipzig).station
    aisha = signed_in(cast, "aisha")

    page = aisha.get("/settings/stations/").content.decode()
    assert "Dock 2" in page
    assert "Bench 1" not in page
    assert aisha.post("/settings/stations/retire", {"station": str(bench.pk)}).status_code == 404
    assert aisha.post("/settings/stations/retire", {"station": "x"}).status_code == 404
    assert aisha.post("/settings/stations/retire", {"station": str(dock.pk)}).status_code == 302
    assert set(Station.objects.filter(active=True)) == {bench}


# --- people and keys --------------------------------------------------------------------------------------------------


def invitation(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        "email": "nina@example.org",
        "name": "Nina Roth",
        "organization": str(cast.operator.pk),
        "role": Role.PACKER.value,
        "hub": str(cast.rotterdam.pk),
    } | changes


def test_it_invites_by_mail_and_the_link_leads_to_a_first_password(cast: Cast) -> None:
    answer = signed_in(cast, "admin").post("/settings/people/", invitation(cast))

    assert "The invitation went to nina@example.org." in answer.content.decode()
    [message] = mail.outbox
    assert message.subject == "You are invited to Revlog at Revlog Operator"
    link = re.search(r"http://testserver(/account/\S+)", message.body)
    assert link is not None
    assert link[1] not in answer.content.decode()
    invited = Client()
    page = invited.get(link[1], follow=True)
    invited.post(page.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    assert invited.post("/account/login/", {"login": "nina@example.org", "password": PASSWORD}).status_code == 302
    assert "packer, Revlog Operator, Rotterdam" in invited.get("/me/").content.decode()


def test_it_shows_the_link_to_hand_over_when_the_mail_server_is_dead(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.accounts.test_pages.DeadMail"

    page = signed_in(cast, "admin").post("/settings/people/", invitation(cast)).content.decode()

    assert "The mail to nina@example.org could not be sent" in page
    assert "/account/password/reset/key/" in page.replace("<wbr>", "")
    assert User.objects.filter(email="nina@example.org").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "nina"}, "Enter a valid email address."),
        ({"role": "king"}, "king is not one of the available choices"),
        ({"role": "client_user"}, "People of Revlog Operator can&#x27;t be client user."),
        ({"role": "auditor"}, "An external auditor is let in until a date"),
        ({"hub": "00000000-0000-4000-8000-000000000000"}, "Select a valid choice"),
        ({"until": "2001-01-01"}, "That day has passed."),
    ],
)
def test_it_says_what_is_wrong_with_an_invitation(cast: Cast, changes: dict[str, str], sentence: str) -> None:
    answer = signed_in(cast, "admin").post("/settings/people/", invitation(cast, **changes))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not User.objects.filter(email="nina@example.org").exists()
    assert mail.outbox == []


def test_it_finds_people_and_takes_a_role(cast: Cast) -> None:
    admin = signed_in(cast, "admin")
    membership = Membership.objects.get(user=cast.user("ines"))

    page = admin.get("/settings/people/?q=duarte").content.decode()
    assert "Ines Duarte" in page
    assert "Ravi Menon" not in page
    assert "Vera Stahl" in admin.get("/settings/people/?organization=demo").content.decode()
    assert "Nobody is found" in admin.get("/settings/people/?q=zzz&page=99").content.decode()
    admin.post("/settings/people/remove-role", {"membership": str(membership.pk)})
    assert not Membership.objects.filter(pk=membership.pk).exists()
    assert "Bram Jansen took the role warehouse (Ines Duarte" in " ".join(
        admin.get("/settings/people/").content.decode().split()
    )


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "9" * 40, "²"])
def test_it_finds_no_role_to_take_by_a_number_that_is_none(cast: Cast, number: str) -> None:
    assert signed_in(cast, "admin").post("/settings/people/remove-role", {"membership": number}).status_code == 404


def test_it_lets_a_lead_hand_out_badges_and_not_roles(cast: Cast) -> None:
    aisha = signed_in(cast, "aisha")
    membership = Membership.objects.get(user=cast.user("ines"))
    old = Badge.objects.get(user=cast.user("ravi")).code

    assert 'id="invite"' not in aisha.get("/settings/people/").content.decode()
    assert aisha.post("/settings/people/", invitation(cast)).status_code == 403
    assert aisha.post("/settings/people/remove-role", {"membership": str(membership.pk)}).status_code == 403
    aisha.post("/settings/people/badge", {"person": str(cast.user("ravi").pk), "pin": "1234"})
    assert Badge.objects.get(user=cast.user("ravi")).code == old
    aisha.post("/settings/people/badge", {"person": str(cast.user("ravi").pk), "pin": "8520"})
    assert Badge.objects.get(user=cast.user("ravi")).code != old


def test_it_shows_a_new_key_once(cast: Cast) -> None:
    admin = signed_in(cast, "admin")
    fields = {"name": "Vega's ERP", "organization": str(cast.vega.pk), "scopes": ["devices:read", "rmas:read"]}

    answer = admin.post("/settings/keys/", fields)

    plain = re.search(r"rl_[A-Za-z0-9_-]{43}", answer.content.decode())
    assert plain is not None
    assert "no-store" in answer["Cache-Control"]
    assert keys.authenticate(plain[0], clock.now()) is not None
    assert plain[0] not in admin.get("/settings/keys/").content.decode()


def test_it_replaces_and_revokes_keys(cast: Cast) -> None:
    admin = signed_in(cast, "admin")
    made = keys.create(organization=cast.vega, scopes=["all"], by=cast.admin, at=clock.now())

    page = admin.post("/settings/keys/rotate", {"key": str(made.key.pk)}).content.decode()
    new = re.search(r"rl_[A-Za-z0-9_-]{43}", page)
    assert new is not None
    admin.post("/settings/keys/revoke", {"key": str(made.key.pk)})

    assert keys.authenticate(made.plain, clock.now()) is None
    assert keys.authenticate(new[0], clock.now()) is not None
    assert admin.post("/settings/keys/rotate", {"key": str(made.key.pk)}, follow=True).status_code == 200
    assert ApiKey.objects.count() == 2
    assert admin.post("/settings/keys/revoke", {"key": "x"}).status_code == 404


@pytest.mark.parametrize(
    "changes", [{"scopes": ["moves:write"]}, {"scopes": []}, {"expires_on": "2001-01-01"}, {"organization": "x"}]
)
def test_it_says_what_is_wrong_with_a_key(cast: Cast, changes: dict[str, object]) -> None:
    fields = {"name": "ERP", "organization": str(cast.vega.pk), "scopes": ["devices:read"]} | changes

    assert signed_in(cast, "admin").post("/settings/keys/", fields).status_code == 422
    assert not ApiKey.objects.exists()


def test_it_shows_what_each_role_may_do(cast: Cast) -> None:
    assert (
        "approve refunds and other payments to customers"
        in signed_in(cast, "admin").get("/settings/roles/").content.decode()
    )


def test_it_escapes_a_hostile_name(cast: Cast) -> None:
    people.invite(
        email="mallory@example.org",
        name="<script>alert(1)</script>",
        organization=cast.operator,
        role=Role.PACKER,
        by=cast.admin,
        at=AT,
    )

    assert "<script>alert(1)" not in signed_in(cast, "admin").get("/settings/people/?q=mallory").content.decode()
