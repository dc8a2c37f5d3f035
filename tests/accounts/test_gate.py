"""The gate: who is let in, who is turned away, and with which words."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from revlog.accounts import access, gate, permissions
from revlog.accounts.models import Membership, Organization, Role, Station
from revlog.accounts.services import keys, stations
from revlog.common import clock
from tests.cast import PIN, Cast

pytestmark = pytest.mark.urls("tests.accounts.gate_urls")


@pytest.fixture
def client() -> Client:
    return Client()


def signed_in(cast: Cast, name: str, **options: object) -> Client:
    client = Client(**options)
    client.force_login(cast.user(name))
    return client


def bearer(cast: Cast, *scopes: str, organization: Organization | None = None) -> dict[str, str]:
    made = keys.create(organization=organization or cast.operator, scopes=scopes, by=cast.admin, at=clock.now())
    return {"HTTP_AUTHORIZATION": f"Bearer {made.plain}"}


def at_station(cast: Cast, name: str) -> Client:
    client = Client()
    client.cookies[gate.STATION_COOKIE] = cast.station().token
    answer = client.post("/station/", {"badge": cast.badge(name), "pin": PIN})
    assert answer.status_code == 302, answer.content
    return client


# --- pages ------------------------------------------------------------------------------------------------------------


def test_it_refuses_a_route_that_has_no_row(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="revlog.accounts.gate"):
        answer = signed_in(cast, "maria").get("/forgotten")

    assert answer.status_code == 404
    assert "no row in the access table for route 'forgotten'" in caplog.text


def test_it_says_so_aloud_to_a_developer(cast: Cast, settings: Any) -> None:
    settings.DEBUG = True

    with pytest.raises(ImproperlyConfigured, match="'forgotten' has no row"):
        signed_in(cast, "maria").get("/forgotten")


@pytest.mark.django_db
def test_it_leads_an_anonymous_visitor_to_the_sign_in_page_and_back(client: Client) -> None:
    answer = client.get("/unit?tab=data")

    assert answer.status_code == 302
    assert answer["Location"] == "/account/login/?next=%2Funit%3Ftab%3Ddata"


@pytest.mark.django_db
def test_it_does_not_lead_back_to_an_address_that_took_a_post(client: Client) -> None:
    assert client.post("/unit")["Location"] == "/account/login/"


@pytest.mark.django_db
def test_it_tells_htmx_to_leave_the_page_and_come_back_to_it(client: Client) -> None:
    answer = client.get("/unit", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/work?q=1")

    assert answer["HX-Redirect"] == "/account/login/?next=%2Fwork%3Fq%3D1"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/guest"])
def test_it_lets_everybody_into_public_and_guest_routes(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.json()["actor"] == "guest:nobody"


def test_it_lets_in_who_has_the_right_to_look_and_not_to_act(cast: Cast) -> None:
    noor = signed_in(cast, "noor")

    assert noor.get("/unit").status_code == 200
    refused = noor.post("/unit")
    assert refused.status_code == 403
    assert "This needs the right to put a hold on a unit." in refused.content.decode()
    assert signed_in(cast, "ines").post("/unit").status_code == 200


@pytest.mark.parametrize(("name", "status"), [("ines", 200), ("ravi", 200), ("tomas", 403), ("vera", 403)])
def test_it_takes_one_of_several_rights(cast: Cast, name: str, status: int) -> None:
    assert signed_in(cast, name).get("/either").status_code == status


@pytest.mark.parametrize(("name", "status"), [("tomas", 200), ("ines", 403), ("alex", 403)])
def test_it_reads_the_row_of_a_class(cast: Cast, name: str, status: int) -> None:
    assert signed_in(cast, name).get("/wipe").status_code == status


def test_it_answers_a_refused_fragment_with_a_fragment(cast: Cast) -> None:
    refused = signed_in(cast, "ines").get("/wipe", HTTP_HX_REQUEST="true")

    assert refused.status_code == 403
    assert "<html" not in refused.content.decode()
    assert "sanitize media" in refused.content.decode()


def test_it_shuts_out_a_person_whose_role_was_taken_at_the_next_page(cast: Cast) -> None:
    ines = signed_in(cast, "ines")
    assert ines.post("/unit").status_code == 200

    Membership.objects.filter(user=cast.user("ines")).delete()

    assert ines.post("/unit").status_code == 403


def test_it_speaks_the_person_s_language_and_shows_the_hub_s_time(cast: Cast) -> None:
    type(cast.user("ines")).objects.filter(pk=cast.user("ines").pk).update(language="de")

    answer = signed_in(cast, "ines").get("/signed-in", HTTP_ACCEPT_LANGUAGE="fr")

    assert answer["Content-Language"] == "de"
    assert timezone.get_current_timezone_name() == "UTC"  # nothing is left behind for the next request


# --- keys and the API -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_asks_the_api_s_caller_for_a_key(client: Client) -> None:
    answer = client.get("/api/things")

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "not_authenticated"


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer rl_" + "a" * 43, "Bearer ", "bearer \u0000"])
def test_it_refuses_a_key_that_is_none(client: Client, header: str) -> None:
    answer = client.get("/api/things", HTTP_AUTHORIZATION=header)

    assert answer.status_code == 401
    assert "unknown, revoked or has ended" in answer.json()["detail"]


def test_it_lets_a_key_read_and_write_by_its_scopes(cast: Cast, client: Client) -> None:
    reading = bearer(cast, "devices:read")

    assert client.get("/api/things", **reading).status_code == 200
    refused = client.post("/api/things", **reading)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert "register units, move and hold them" in refused.json()["detail"]
    assert client.post("/api/things", **bearer(cast, "devices:write")).status_code == 201


def test_it_asks_an_action_for_its_own_scope(cast: Cast, client: Client) -> None:
    assert client.post("/api/things/advance", **bearer(cast, "devices:write")).status_code == 403
    assert client.post("/api/things/advance", **bearer(cast, "moves:write")).status_code == 200


def test_it_never_lets_a_partner_s_key_move_units(cast: Cast, client: Client) -> None:
    everything = bearer(cast, "all", organization=cast.vega)

    assert client.get("/api/things", **everything).status_code == 200
    assert client.post("/api/things/advance", **everything).status_code == 403


def test_it_keeps_keys_off_pages(cast: Cast, client: Client) -> None:
    everything = bearer(cast, "all")

    for path in ("/unit", "/signed-in", "/personal"):
        assert client.get(path, **everything).status_code == 403


def test_it_does_not_fall_back_to_the_session_when_a_key_is_bad(cast: Cast) -> None:
    maria = signed_in(cast, "maria")

    assert maria.get("/api/things", HTTP_AUTHORIZATION="Bearer rl_" + "a" * 43).status_code == 401
    assert maria.get("/api/things").status_code == 200


def test_it_wants_the_csrf_token_of_a_session_that_writes_to_the_api_and_none_of_a_key(cast: Cast) -> None:
    careful = signed_in(cast, "aisha", enforce_csrf_checks=True)

    refused = careful.post("/api/things")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")

    careful.get("/account/login/")
    careful.get("/me/")
    token = careful.cookies["csrftoken"].value
    assert careful.post("/api/things", HTTP_X_CSRFTOKEN=token).status_code == 201
    assert Client(enforce_csrf_checks=True).post("/api/things", **bearer(cast, "devices:write")).status_code == 201


def test_it_answers_405_to_a_method_that_a_view_set_lacks(cast: Cast, client: Client) -> None:
    assert client.delete("/api/things", **bearer(cast, "all")).status_code == 405


# --- stations ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_opens_the_badge_page_on_a_registered_station_alone(client: Client) -> None:
    assert client.get("/only-station")["Location"] == "/station/register/"
    client.cookies[gate.STATION_COOKIE] = "forged:token"
    assert client.get("/only-station")["Location"] == "/station/register/"


def test_it_leads_to_badge_and_pin_on_a_station(cast: Cast, client: Client) -> None:
    client.cookies[gate.STATION_COOKIE] = cast.station().token

    assert client.get("/unit")["Location"] == "/station/?next=%2Funit"


def test_it_works_at_the_station_s_hub_without_what_a_pin_is_too_weak_for(cast: Cast) -> None:
    maria = at_station(cast, "maria")

    assert maria.get("/unit").json() == {"actor": cast.maria.reference, "hub": str(cast.rotterdam.pk)}
    assert maria.get("/personal").status_code == 403
    assert maria.get("/account/password/change/").status_code == 403
    assert maria.get("/account/2fa/").status_code == 403


def test_it_switches_to_the_next_person_in_one_scan_and_a_pin(cast: Cast) -> None:
    tablet = at_station(cast, "ines")
    before = tablet.session.session_key

    tablet.post("/station/", {"badge": cast.badge("ravi"), "pin": PIN})

    assert tablet.get("/signed-in").json()["actor"] == cast.ravi.reference
    assert tablet.session.session_key != before


def test_it_keeps_the_present_person_when_the_next_one_s_pin_is_wrong(cast: Cast) -> None:
    tablet = at_station(cast, "ines")

    answer = tablet.post("/station/", {"badge": cast.badge("ravi"), "pin": "0000"})

    assert answer.status_code == 403
    assert "match. Scan the badge again" in answer.content.decode()
    assert tablet.get("/signed-in").json()["actor"] == cast.ines.reference


def test_it_locks_a_station_that_nobody_touches(cast: Cast, settings: Any) -> None:
    tablet = at_station(cast, "ines")
    session = tablet.session
    session[gate.SESSION_SEEN] = (clock.now() - timedelta(seconds=settings.STATION_IDLE_SECONDS + 1)).timestamp()
    session.save()

    assert tablet.get("/unit")["Location"] == "/station/?next=%2Funit"
    assert tablet.get("/signed-in").status_code == 302


def test_it_counts_a_page_that_polls_as_nobody_s_touch(cast: Cast) -> None:
    tablet = at_station(cast, "ines")
    session = tablet.session
    seen = (clock.now() - timedelta(seconds=120)).timestamp()
    session[gate.SESSION_SEEN] = seen
    session.save()

    tablet.get("/either")
    assert tablet.session[gate.SESSION_SEEN] == seen
    tablet.get("/unit")
    assert tablet.session[gate.SESSION_SEEN] > seen


def test_it_signs_out_whoever_is_on_a_station_that_is_retired(cast: Cast) -> None:
    tablet = at_station(cast, "ines")

    stations.retire(station=Station.objects.get(), by=cast.aisha, at=clock.now())

    assert tablet.get("/unit").status_code == 302
    assert tablet.get("/only-station")["Location"] == "/station/register/"


# --- the table itself -------------------------------------------------------------------------------------------------


def test_it_refuses_a_permission_that_is_misspelt_when_the_view_is_declared() -> None:
    with pytest.raises(permissions.UnknownPermission, match=r"devices\.veiw"):
        access.allow("devices.veiw")
    with pytest.raises(permissions.UnknownPermission):
        access.allow("devices.view", write="devices.hodl")
    with pytest.raises(permissions.UnknownPermission):
        access.allow()
    with pytest.raises(permissions.UnknownPermission, match="stands alone"):
        access.allow(access.PUBLIC, "devices.view")


def test_it_refuses_a_scope_that_is_misspelt() -> None:
    class Misspelt:
        scopes = {"read": "device:read"}

    with pytest.raises(permissions.UnknownPermission, match="device:read"):
        access.row_of(Misspelt, "misspelt")


def test_it_lists_every_route_with_its_row() -> None:
    found = {route.name: route for route in access.routes()}

    assert found["forgotten"].row is None
    assert found["unit"].row == access.row("devices.view", write="devices.hold")
    assert found["things"].row is not None
    assert found["things"].row.is_api
    assert found["account_login"].row == access.row(access.PUBLIC)
    assert found["mfa_activate_totp"].row == access.row(access.PERSONAL)


def test_it_gives_a_role_to_each_person_of_the_cast(cast: Cast) -> None:
    for role in Role:
        if role not in {Role.FIELD_ENGINEER, Role.BENEFICIARY}:
            assert cast.with_role(role)
