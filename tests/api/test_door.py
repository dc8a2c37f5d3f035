"""What every endpoint shares: keys, problems, idempotency, limits."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from revlog.accounts import queries
from revlog.accounts.models import ApiKey
from revlog.api import idempotency, problems, reference
from revlog.api.models import IdempotentRequest
from revlog.common import clock
from revlog.common.errors import BadInput, Reason
from revlog.devices.models import Device
from tests import cast as casting
from tests.api.callers import Caller, caller, problem
from tests.cast import Cast
from tests.factories import devices as make

NEW = {"device_class": "laptop", "manufacturer": "Lenovo", "serial": "PF0NEW01"}


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    cache.clear()


# Who asks --------------------------------------------------------------------------------------------------------------------------


def test_it_knows_nobody_without_a_key(cast: Cast) -> None:
    told = problem(Caller().get("/devices/"), 401)

    assert told["code"] == "not_authenticated"
    assert Caller().get("/devices/").headers["WWW-Authenticate"].startswith("Bearer")
    problem(Caller({"Authorization": "Bearer rl_" + "x" * 43}).get("/devices/"), 401)
    problem(Caller({"Authorization": "Bearer"}).get("/devices/"), 401)


def test_it_ends_a_revoked_key_at_once(cast: Cast) -> None:
    them = caller(cast)
    ApiKey.objects.update(revoked_at=clock.now())

    problem(them.get("/devices/"), 401)


def test_it_takes_a_session_with_its_csrf_token_alone(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.user("admin"))

    assert client.get("/api/v1/devices/").status_code == 200
    told = problem(client.post("/api/v1/devices/", NEW, content_type="application/json"), 403)
    assert told["code"] == "csrf"


def test_it_looks_a_key_up_once(cast: Cast) -> None:
    them = caller(cast)
    them.get("/devices/")
    with CaptureQueriesContext(connection) as seen:
        them.get("/devices/")

    assert sum(queries.LIVE_KEY.name in query["sql"] for query in seen.captured_queries) == 1


# Problems --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "raw", "form", "status"),
    [
        ("/devices/", b"{", "application/json", 400),
        ("/devices/", b'{"a": NaN}', "application/json", 400),
        ("/devices/", b'{"a": 1, "a": 2}', "application/json", 400),
        ("/devices/", b"\xff\xfe{}", "application/json", 400),
        ("/devices/", rb'{"device_class": "\ud800"}', "application/json", 422),
        ("/devices/", rb'{"\udfff": 1}', "application/json", 422),
        ("/devices/", b"[" * 100_000, "application/json", 400),
        ("/devices/", b'{"a":' * 200 + b"1" + b"}" * 200, "application/json", 400),
        ("/devices/", b'{"a": ' + b"9" * 5000 + b"}", "application/json", 400),
        ("/devices/", b"[]", "application/json", 422),
        ("/devices/", b"null", "application/json", 422),
        ("/devices/", b'"text"', "application/json", 422),
        ("/devices/", b"a=b", "application/x-www-form-urlencoded", 415),
        ("/devices/", b"<a/>", "application/xml", 415),
        ("/devices/", b'{"model": "' + b"x" * (3 * 1024 * 1024) + b'"}', "application/json", 413),
        ("/nothing/", b"{}", "application/json", 404),
        ("/devices", b"{}", "application/json", 404),
    ],
)
def test_it_answers_every_bad_request_with_a_problem(cast: Cast, path: str, raw: bytes, form: str, status: int) -> None:
    problem(caller(cast).post(path, raw=raw, form=form), status)

    assert not Device.objects.exists()


def test_it_names_line_and_column_of_broken_json(cast: Cast) -> None:
    told = problem(caller(cast).post("/devices/", raw=b'{\n  "serial": }', form="application/json"), 400)

    assert "line 2" in told["detail"]


def test_it_names_the_missing_slash(cast: Cast) -> None:
    assert "/api/v1/devices/" in problem(caller(cast).get("/devices"), 404)["detail"]


def test_it_answers_a_method_that_is_not_taken(cast: Cast) -> None:
    them = caller(cast)
    for method in ("put", "patch", "delete"):
        problem(getattr(them.client, method)("/api/v1/devices/", headers=them.headers), 405)


@pytest.mark.parametrize(
    "path",
    [
        "/devices/%00/",
        "/devices/?q=%00",
        "/devices/lookup/?code=a%00b",
        "/devices/?%00=1",
        "/rmas/%00/",
        "/documents/a%00/",
    ],
)
def test_it_refuses_what_no_text_can_hold(cast: Cast, path: str) -> None:
    assert caller(cast).get(path).status_code in {404, 422}


def test_it_speaks_the_language_that_is_asked_for(cast: Cast) -> None:
    told = problem(caller(cast).get("/devices/nothing/", **{"Accept-Language": "de"}), 404)

    assert told["title"]
    assert told["code"] == "not_found"


def test_it_leads_from_a_problem_to_its_line_in_the_docs(cast: Cast) -> None:
    told = problem(caller(cast).get("/devices/nothing/"), 404)

    answer = Client().get(told["type"])
    assert answer.headers["Location"] == "/api/v1/docs/#problem-not-found"
    problem(Client().get("/api/v1/problems/no-such-code"), 404)
    assert {"not-found", "bad-input"} <= set(reference.PROBLEMS)


def test_it_points_where_a_reason_names_a_field_and_says_the_place_where_not() -> None:
    told = problems.of_domain(
        BadInput([Reason("a", "A.", "orders[3].lines[0].price"), Reason("b", "B.", "line 7"), Reason("c", "C.")])
    )

    assert [one.get("pointer") or one.get("place") for one in told["reasons"]] == [
        "/orders/3/lines/0/price",
        "line 7",
        None,
    ]


# Once ------------------------------------------------------------------------------------------------------------------------------


def test_it_does_once_what_is_sent_twice_with_one_key(cast: Cast) -> None:
    them = caller(cast)

    first = them.post("/devices/", NEW, Idempotency_Key="a-1")
    again = them.post("/devices/", NEW, Idempotency_Key="a-1")

    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Device.objects.count() == 1


def test_it_refuses_one_key_for_two_requests(cast: Cast) -> None:
    them = caller(cast)
    them.post("/devices/", NEW, Idempotency_Key="a-1")

    told = problem(them.post("/devices/", NEW | {"serial": "PF0NEW02"}, Idempotency_Key="a-1"), 422)

    assert told["code"] == "idempotency_key_reused"
    assert Device.objects.count() == 1


def test_it_keeps_the_keys_of_two_callers_apart(cast: Cast) -> None:
    one, other = caller(cast, organization=cast.vega), caller(cast, organization=cast.altair)

    first, second = (them.post("/devices/", NEW, Idempotency_Key="a-1").json() for them in (one, other))

    assert first["id"] != second["id"]


def test_it_forgets_what_was_refused_and_lets_it_be_tried_again(cast: Cast) -> None:
    them = caller(cast)
    twin = make.laptop(cast, serial="PF0NEW01", manufacturer="Lenovo")
    problem(them.post("/devices/", NEW, Idempotency_Key="a-1"), 409)
    assert not IdempotentRequest.objects.exists()
    Device.objects.filter(pk=twin.pk).update(owner=cast.vega)

    assert them.post("/devices/", NEW | {"serial": "PF0NEW09"}, Idempotency_Key="a-1").status_code == 201


def test_it_writes_nothing_of_an_act_that_is_refused_halfway(cast: Cast) -> None:
    device = make.laptop(cast)
    before = Device.objects.values().get(pk=device.pk)

    problem(
        caller(cast).post(
            f"/devices/{device.id}/moves/", {"move": "put", "location": "NOWHERE"}, Idempotency_Key="m-1"
        ),
        422,
    )

    assert Device.objects.values().get(pk=device.pk) == before


@pytest.mark.parametrize("key", ["", "x" * 201, "two words", "schlüssel"])
def test_it_takes_no_key_that_is_none(cast: Cast, key: str) -> None:
    told = problem(caller(cast).post("/devices/", NEW, Idempotency_Key=key), 400)

    assert told["code"] == "bad_idempotency_key"
    assert not Device.objects.exists()


def test_it_lets_a_key_be_used_anew_after_a_day_and_sweeps_the_old(cast: Cast) -> None:
    them = caller(cast)
    them.post("/devices/", NEW, Idempotency_Key="a-1")
    IdempotentRequest.objects.update(created_at=clock.now() - timedelta(hours=25))

    assert them.post("/devices/", NEW | {"serial": "PF0NEW02"}, Idempotency_Key="a-1").status_code == 201
    assert idempotency.forget(at=clock.now()) == 0
    assert idempotency.forget(at=clock.now() + timedelta(hours=25)) == 1


def test_it_tells_one_form_from_another_by_its_parts(cast: Cast) -> None:
    them = caller(cast)
    sent = [
        them.client.post(
            "/api/v1/reports/",
            {"file": SimpleUploadedFile("a.txt", text)},
            headers=them.headers | {"Idempotency-Key": "r-1"},
        )
        for text in (b"one report", b"one report", b"another")
    ]

    assert [answer.status_code for answer in sent] == [202, 202, 422]
    assert sent[0].json()["id"] == sent[1].json()["id"]


@pytest.mark.django_db(transaction=True)
def test_it_makes_a_twin_wait_and_tells_it_the_same() -> None:
    cast = casting.make()
    them = caller(cast)
    answers: list[tuple[int, bytes, bool]] = []
    together = threading.Barrier(4)

    def send() -> None:
        mine = Caller(them.headers)
        together.wait()
        answer = mine.post("/devices/", NEW, Idempotency_Key="race-1")
        answers.append((answer.status_code, answer.content, "Idempotency-Replayed" in answer.headers))
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert {status for status, _body, _replayed in answers} == {201}
    assert len({body for _status, body, _replayed in answers}) == 1
    assert sorted(replayed for _status, _body, replayed in answers) == [False, True, True, True]
    assert Device.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_makes_two_of_it_without_the_key() -> None:
    """What the race above would do: counted goods have no serial by which a twin is known."""
    cast = casting.make()
    them = caller(cast)
    cables = {"device_class": "accessory", "tracking": "counted", "quantity": 400, "model": "USB-C cable"}

    for _ in range(2):
        them.post("/devices/", cables)
    assert Device.objects.count() == 2
    for _ in range(2):
        them.post("/devices/", cables, Idempotency_Key="cables-1")
    assert Device.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_it_loses_key_and_effect_together() -> None:
    cast = casting.make()
    them = caller(cast)
    with transaction.atomic():
        them.post("/devices/", NEW, Idempotency_Key="a-1")
        assert Device.objects.count() == IdempotentRequest.objects.count() == 1
        transaction.set_rollback(True)

    assert Device.objects.count() == IdempotentRequest.objects.count() == 0


# How much --------------------------------------------------------------------------------------------------------------------------


def test_it_says_how_many_requests_are_left_and_when_to_come_again(cast: Cast) -> None:
    them, other = caller(cast), caller(cast)
    with override_settings(API_REQUESTS_PER_MINUTE=3):
        answers = [them.get("/devices/") for _ in range(3)]
        refused = them.get("/devices/")
        fine = other.get("/devices/")

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.headers["RateLimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0"]
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=3;w=60'
    problem(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert fine.status_code == 200
