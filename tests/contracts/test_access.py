"""The access table against the whole site: every route has a row, and each row does what it says.

What the walk tries: nobody signed in, a person without any right, a person with the right (where no role can do both, the one who looks
and the one who acts), a key without and with the scope. Things that don't exist stand in for those of strangers.
"""

from __future__ import annotations

import uuid
from functools import cache

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.urls.converters import IntConverter, UUIDConverter
from django.urls.resolvers import RegexPattern, RoutePattern

from revlog.accounts import access, gate, permissions, tables
from revlog.accounts.access import Level, Route, Row
from revlog.accounts.models import User
from revlog.accounts.services import keys
from revlog.common import clock
from tests.cast import Cast
from tests.factories.accounts import UserFactory

# allauth turns away whoever has no such factor to confirm with, whatever their rights.
FOR_THOSE_WITH_A_FACTOR = frozenset({"mfa_reauthenticate", "mfa_reauthenticate_webauthn"})
STRANGE = uuid.UUID("00000000-0000-4000-8000-000000000000")
GUESSES = ("no-such-thing", "0", str(STRANGE), "json", "en")


def test_it_has_a_row_and_a_name_for_every_route() -> None:
    lost = [route.path or "/" for route in access.routes() if route.row is None or not route.name]

    assert lost == []


def test_it_names_only_permissions_and_scopes_that_exist() -> None:
    for route in access.routes():
        for name in {*route.row.read, *route.row.write} if route.row else ():
            assert name in permissions.PERMISSIONS or name in permissions.SCOPES or name in frozenset(Level), route.name


def test_it_tells_the_same_in_the_docs() -> None:
    page = tables.PAGE.read_text(encoding="utf-8")

    assert tables.rendered(page) == page, "run python manage.py access_table --write"


# --- the walk ---------------------------------------------------------------------------------------------------------


def address(route: Route) -> str | None:
    """An address of ``route`` at which there is nothing, or None when none can be guessed."""
    wanted: dict[str, object] = {}
    regular = False
    for pattern in (part.pattern for part in route.patterns):
        if isinstance(pattern, RoutePattern):
            for name, converter in pattern.converters.items():
                wanted[name] = (
                    STRANGE
                    if isinstance(converter, UUIDConverter)
                    else 987654321
                    if isinstance(converter, IntConverter)
                    else GUESSES[0]
                )
        elif isinstance(pattern, RegexPattern):
            regular = regular or bool(pattern.regex.groupindex)
            wanted |= dict.fromkeys(pattern.regex.groupindex, GUESSES[0])
    for guess in GUESSES if regular else GUESSES[:1]:
        try:
            found = reverse(
                route.name, kwargs={name: guess if value == GUESSES[0] else value for name, value in wanted.items()}
            )
        except NoReverseMatch:
            continue
        # Another route may stand before this one at the guessed address.
        try:
            if resolve(found).func is route.view:
                return found
        except Resolver404:
            continue
    return None


@cache
def walk() -> list[tuple[Route, Row, str]]:
    """Every route that has a row and a name, with an address of it."""
    return [
        (route, route.row, found)
        for route in access.routes()
        if route.row is not None and route.name and (found := address(route))
    ]


def is_open(needs: tuple[str, ...]) -> bool:
    return needs in {(Level.PUBLIC,), (Level.GUEST,)}


def call(client: Client, method: str, path: str, **headers: str) -> int:
    return getattr(client, method.lower())(path, **headers).status_code


def methods(route: Route) -> list[str]:
    """The methods worth trying: those of a view set's actions, else one to look and one to act."""
    actions = getattr(route.view, "actions", None)
    return (
        [method.upper() for method in actions if method in {"get", "post", "put", "patch", "delete"}]
        if actions
        else ["GET", "POST"]
    )


def needs_of(route: Route, row: Row, method: str) -> tuple[str, ...]:
    return row.needs(method, access.action_of(route.view, method))


def test_it_finds_an_address_for_nearly_every_route() -> None:
    unreached = [route.name for route in access.routes() if address(route) is None]

    assert unreached == []


def test_it_lets_nobody_in_who_is_not_signed_in(cast: Cast) -> None:
    client = Client()
    wrong = []
    for route, row, path in walk():
        for method in methods(route):
            needs = needs_of(route, row, method)
            if is_open(needs):
                continue
            status = call(client, method, path)
            expected = {401, 405} if row.is_api or path.startswith("/api/") else {302}
            if status not in expected:
                wrong.append((route.name, method, status))
    assert wrong == []


def test_it_lets_nobody_in_who_has_no_right(cast: Cast) -> None:
    client = Client()
    client.force_login(UserFactory())
    wrong = []
    for route, row, path in walk():
        for method in methods(route):
            needs = needs_of(route, row, method)
            if is_open(needs) or set(needs) & frozenset(Level):
                continue
            if (status := call(client, method, path)) not in {403, 405}:
                wrong.append((route.name, method, status))
    assert wrong == []


def holder(cast: Cast, needs: tuple[str, ...]) -> User | None:
    """Somebody of the cast who may: the first role whose person holds one of ``needs``."""
    for name in ("admin", "maria", "aisha", "tomas", "greta", "pavel", "vera", "dirk", "lola", "noor", "nils"):
        actor = getattr(cast, name)
        if any(actor.may(need) for need in needs) or set(needs) <= {Level.SIGNED_IN, Level.PERSONAL}:
            return cast.user(name)
    return None


def test_it_lets_in_who_has_the_right_and_falls_over_for_nobody(cast: Cast) -> None:
    User.objects.update(password=make_password("a long and odd password"))
    clients: dict[object, Client] = {}
    wrong = []
    for route, row, path in walk():
        needs = needs_of(route, row, "GET")
        if (
            "GET" not in methods(route)
            or is_open(needs)
            or needs == (Level.STATION,)
            or route.name in FOR_THOSE_WITH_A_FACTOR
        ):
            continue
        user = holder(cast, needs)
        assert user is not None, f"nobody in the cast may {needs}"
        if user.pk not in clients:
            clients[user.pk] = Client(raise_request_exception=False)
            clients[user.pk].force_login(user)
        status = call(clients[user.pk], "GET", path)
        if status in {401, 403} or status >= 500:
            wrong.append((route.name, user.name, status))
    assert wrong == []


def test_it_falls_over_for_nobody_on_open_routes(cast: Cast) -> None:
    client = Client(raise_request_exception=False)
    wrong = []
    for route, row, path in walk():
        if "GET" in methods(route) and is_open(needs_of(route, row, "GET")) and route.name != "healthz":
            status = call(client, "GET", path)
            if status in {401, 403} or status >= 500:
                wrong.append((route.name, status))
    assert wrong == []


def test_it_opens_the_api_to_a_key_by_the_scope_alone(cast: Cast) -> None:
    def header(*scopes: str) -> dict[str, str]:
        made = keys.create(organization=cast.operator, scopes=scopes, by=cast.admin, at=clock.now())
        return {"HTTP_AUTHORIZATION": f"Bearer {made.plain}"}

    headers = {scope: header(scope) for scope in permissions.SCOPES}
    client = Client(raise_request_exception=False)
    wrong = []
    for route, row, path in walk():
        if not row.is_api:
            continue
        for method in methods(route):
            needs = needs_of(route, row, method)
            if is_open(needs) or set(needs) & frozenset(Level):
                continue
            other = next(scope for scope in sorted(permissions.SCOPES) if scope not in needs)
            refused = call(client, method, path, **headers[other])
            let_in = call(client, method, path, **headers[needs[0]])
            if refused != 403 or let_in in {401, 403} or let_in >= 500:
                wrong.append((route.name, method, refused, let_in))
    assert wrong == []


def test_it_keeps_every_page_from_keys(cast: Cast) -> None:
    made = keys.create(organization=cast.operator, scopes=["all"], by=cast.admin, at=clock.now())
    client = Client()
    wrong = [
        (route.name, status)
        for route, row, path in walk()
        if not row.is_api and "GET" in methods(route) and not is_open(row.read) and row.read != (Level.STATION,)
        if (status := call(client, "GET", path, HTTP_AUTHORIZATION=f"Bearer {made.plain}")) != 403
    ]
    assert wrong == []


@pytest.mark.skipif(not apps.is_installed("revlog.api"), reason="this install has no API")
def test_it_has_a_row_for_every_operation_of_the_openapi_document() -> None:
    from drf_spectacular.generators import SchemaGenerator

    document = SchemaGenerator().get_schema(request=None, public=True)
    assert document["paths"], "the OpenAPI document names no path"
    for path, operations in document["paths"].items():
        parts = [name for name in operations if name in {"get", "post", "put", "patch", "delete"}]
        filled = "/".join(str(STRANGE) if part.startswith("{") else part for part in path.split("/"))
        match = resolve(filled)
        row = access.row_of(match.func, match.view_name)
        assert row is not None, path
        for method in parts:
            assert row.needs(method.upper(), access.action_of(match.func, method.upper())), (method, path)


def test_it_keeps_a_session_at_a_station_from_what_only_a_password_opens(cast: Cast) -> None:
    client = Client()
    client.cookies[gate.STATION_COOKIE] = cast.station().token
    client.post("/station/", {"badge": cast.badge("admin"), "pin": "2749"})
    assert client.get("/me/").status_code == 200
    for name in ("accounts_people", "accounts_keys", "mfa_index", "account_change_password"):
        row = access.row_of(resolve(reverse(name)).func, name)
        assert row is not None
        if not set(row.read) & {"accounts.badges"}:
            assert client.get(reverse(name)).status_code == 403, name


def test_it_uses_the_gate() -> None:
    # Behind it stands what runs the view of an act of the floor, once the gate has let it through.
    assert settings.MIDDLEWARE[-2:] == ["revlog.accounts.gate.Gate", "revlog.scanning.kept.OnceOnly"]
