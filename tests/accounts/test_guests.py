"""Signed links of guests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.http import Http404, HttpRequest

from revlog.accounts import guests, queries
from tests.cast import AT


class Memory(SessionBase):
    """A session that is nowhere stored."""


def request() -> HttpRequest:
    made = HttpRequest()
    made.session = Memory()
    made.actor = queries.ANONYMOUS
    return made


def test_it_opens_what_was_signed_until_its_end() -> None:
    token = guests.sign({"rma:7", "document:9"}, until=AT + timedelta(days=1))

    assert guests.read(token, at=AT) == {"rma:7", "document:9"}
    assert guests.read(token, at=AT + timedelta(days=1)) == frozenset()


def test_it_opens_nothing_by_a_token_that_was_tampered_with() -> None:
    token = guests.sign({"rma:7"}, until=AT + timedelta(days=1))

    for forged in ("", "x", token[:-1], token.swapcase(), "." + token):
        assert guests.read(forged, at=AT) == frozenset()


def test_it_admits_a_guest_to_the_thing_of_their_link_alone() -> None:
    asked = request()

    guests.admit(asked, {"rma:7"})

    assert guests.require(asked, "rma:7").scope == {"rma:7"}
    with pytest.raises(Http404):
        guests.require(asked, "rma:8")


def test_it_tells_someone_without_a_link_that_there_is_nothing() -> None:
    with pytest.raises(Http404):
        guests.require(request(), "rma:7")


def test_it_keeps_earlier_things_open_and_forgets_the_oldest() -> None:
    asked = request()

    for number in range(guests.MOST + 1):
        guests.admit(asked, {f"rma:{number}"})

    assert guests.require(asked, "rma:1")
    with pytest.raises(Http404):
        guests.require(asked, "rma:0")
