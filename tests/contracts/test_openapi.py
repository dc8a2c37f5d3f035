"""The OpenAPI document against the routes: valid, complete, and each operation guarded as it says."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.urls import resolve
from drf_spectacular.validation import validate_schema

from revlog.accounts import access, permissions
from revlog.accounts.access import Level, Route
from revlog.api import reference
from revlog.api.schema import document
from tests.api.callers import Caller, caller, problem
from tests.cast import Cast

# What the API serves beside its endpoints, open to everybody.
NO_ENDPOINTS = frozenset({"api-root-document", "api-schema", "api-docs", "api-problem", "api-nothing"})
METHODS = ("get", "post", "put", "patch", "delete")
STRANGE = "00000000-0000-4000-8000-000000000000"


def routes() -> list[Route]:
    return [route for route in access.routes() if route.path.startswith("api/")]


def filled(path: str) -> str:
    return "/".join(STRANGE if part.startswith("{") else part for part in path.split("/"))


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, item[method])
        for path, item in document()["paths"].items()
        for method in METHODS
        if method in item
    ]


def scope_of(method: str, path: str) -> str:
    match = resolve(filled(path))
    row = access.row_of(match.func, match.view_name)
    assert row is not None, path
    (scope,) = row.needs(method.upper(), access.action_of(match.func, method.upper()))
    return scope


def test_it_is_a_valid_document_of_openapi_31() -> None:
    validate_schema(document())

    assert document()["openapi"].startswith("3.1")


def test_it_has_every_route_and_method_of_the_api() -> None:
    told = {(resolve(filled(path)).view_name, method) for method, path, _operation in operations()}
    there = {
        (route.name, method)
        for route in routes()
        if route.name not in NO_ENDPOINTS
        for method in getattr(route.view, "actions", {})
    }

    assert told == {(name, method) for name, method in there if method in METHODS}
    assert {route.name for route in routes()} >= NO_ENDPOINTS


def test_it_names_for_each_operation_the_scope_that_opens_it() -> None:
    for method, path, operation in operations():
        scope = scope_of(method, path)
        assert scope in permissions.SCOPES, (method, path)
        assert f"Scope: `{scope}`" in operation["description"], (method, path)


def test_it_tells_of_each_operation_what_it_does_and_how_it_refuses() -> None:
    ids = [operation["operationId"] for _method, _path, operation in operations()]
    assert len(set(ids)) == len(ids)
    for method, path, operation in operations():
        assert operation.get("summary"), (method, path)
        assert {"400", "401", "403", "422", "429"} <= set(operation["responses"]), (method, path)
        if method != "get":
            assert "409" in operation["responses"], (method, path)
            assert any(one["name"] == "Idempotency-Key" for one in operation["parameters"]), (method, path)


def test_it_names_rows_by_no_number_of_the_database() -> None:
    for name, schema in document()["components"]["schemas"].items():
        told = schema.get("properties", {}).get("id")
        if told is not None:
            assert told.get("format") == "uuid", name


def called(them: Caller, method: str, path: str) -> Any:
    return them.get(path) if method == "get" else them.post(path, {})


def test_it_opens_each_operation_to_its_scope_alone_and_shows_a_stranger_nothing(cast: Cast) -> None:
    keys = {scope: caller(cast, scope) for scope in permissions.SCOPES}
    strangers = {
        scope: caller(cast, scope, organization=cast.altair)
        for scope in permissions.grantable_scopes(is_operator=False)
    }
    for method, path, _operation in operations():
        scope, address = scope_of(method, path), filled(path).removeprefix("/api/v1")
        other = next(each for each in sorted(permissions.SCOPES) if each != scope)
        problem(called(Caller(), method, address), 401)
        problem(called(keys[other], method, address), 403)
        let_in = called(keys[scope], method, address).status_code
        assert let_in not in {401, 403} and let_in < 500, (method, path, let_in)
        if "{" in path and method == "get" and scope in strangers:
            problem(called(strangers[scope], method, address), 404)


def test_it_is_served_as_json_and_as_a_page_that_the_policy_lets_through(cast: Cast) -> None:
    client = Client()
    served = client.get("/api/v1/schema/")
    page = client.get("/api/v1/docs/")
    text = page.content.decode()

    assert json.loads(served.content) == json.loads(json.dumps(document()))
    assert page.status_code == 200
    assert "<style" not in text and " style=" not in text
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    for _method, path, operation in operations():
        assert f'id="{operation["operationId"]}"' in text
        assert path in text
    for scope in permissions.SCOPES:
        assert f"<code>{scope}</code>" in text
    assert client.get("/api/v1/").json()["docs"] == "/api/v1/docs/"


def test_it_has_a_line_for_each_level_of_access_it_uses() -> None:
    for route in routes():
        assert route.row is not None, route.path
        if route.name in NO_ENDPOINTS:
            assert route.row.read == (Level.PUBLIC,)
        else:
            assert route.row.is_api, route.name


def test_it_follows_a_reference_and_makes_a_call_to_copy() -> None:
    made = reference.of(document(), base="https://revlog.example/")
    devices = next(chapter for chapter in made.chapters if chapter.tag == "devices")
    create = next(one for one in devices.operations if one.method == "POST" and one.path == "/api/v1/devices/")

    assert "https://revlog.example/api/v1/devices/" in create.curl
    assert "Idempotency-Key" in create.curl
    assert {"device_class", "identifiers[].scheme"} <= {field.name for field in create.body}
    assert create.scope == "devices:write"
