"""Zero bytes and half surrogates in what a browser sends: a page that says so, never a fault."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Cast
from tests.factories import devices as make


@pytest.fixture
def browser(cast: Cast, client: Client) -> Client:
    client.raise_request_exception = False
    client.force_login(cast.user("tomas"))
    return client


@pytest.mark.parametrize("text", ["\x00", "RL-\x00"])
def test_a_search_for_no_text_is_a_bad_request(browser: Client, text: str) -> None:
    assert browser.get("/search/", {"q": text}).status_code == 400
    assert browser.get("/search/", {text: "x"}).status_code < 500


def test_a_form_with_no_text_in_it_changes_nothing(cast: Cast, browser: Client) -> None:
    device = make.laptop(cast)
    before = device.state_sequence

    answer = browser.post(f"/unit/{device.tag}/put", {"place": "\x00"})

    assert answer.status_code == 400
    assert b"read" in answer.content
    device.refresh_from_db()
    assert device.state_sequence == before


def test_an_address_with_no_text_in_it_is_no_address(browser: Client) -> None:
    for path in ("/unit/%00/", "/verify/%00/", "/return/%00/", "/itad/units/RL-%00/"):
        assert browser.get(path).status_code == 404, path


def test_half_a_surrogate_in_a_form_is_a_character_and_no_fault(browser: Client) -> None:
    answer = browser.post("/search/", b"q=%ed%a0%80", content_type="application/x-www-form-urlencoded")
    assert answer.status_code < 500
