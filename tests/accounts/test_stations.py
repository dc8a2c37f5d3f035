"""Shared stations: badge and PIN, and what makes guessing them hopeless."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from revlog.accounts.models import Badge, Membership, Station
from revlog.accounts.services import stations
from revlog.common.errors import NotAllowed
from tests.cast import AT, PIN, Cast


def try_pins(cast: Cast, station: Station, *pins: str, at: datetime = AT) -> list[str]:
    """The code of each answer, ``ok`` for a sign-in."""
    answers = []
    for pin in pins:
        try:
            stations.sign_in(station=station, badge=cast.badge("ines"), pin=pin, at=at)
        except stations.UnableToSignIn as refusal:
            answers.append(refusal.reasons[0].code)
        else:
            answers.append("ok")
    return answers


def test_it_knows_a_station_by_its_token_and_keeps_the_digest_alone(cast: Cast) -> None:
    made = cast.station("Dock 2")

    assert stations.station_of(made.token) == made.station
    assert stations.holds_token(made.token)
    assert made.token.partition(":")[0] not in str(Station.objects.values())


def test_it_knows_no_station_by_a_token_that_was_tampered_with(cast: Cast) -> None:
    token = cast.station().token

    for forged in ("", "x", token[:-1] + ("a" if token[-1] != "a" else "b"), "other" + token):
        assert stations.station_of(forged) is None
        assert not stations.holds_token(forged)


def test_it_knows_a_retired_station_no_more(cast: Cast) -> None:
    made = cast.station()

    stations.retire(station=made.station, by=cast.aisha, at=AT)

    assert stations.station_of(made.token) is None


def test_it_lets_leads_register_stations_at_their_own_hub_alone(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="register shared stations"):
        stations.register(hub=cast.rotterdam, name="Dock 9", by=cast.ines, at=AT)
    with pytest.raises(stations.UnableToRegister) as refusal:
        stations.register(hub=cast.leipzig, name=" ", by=cast.aisha, at=AT)

    assert [reason.field for reason in refusal.value.reasons] == ["name", "hub"]
    with pytest.raises(NotAllowed, match="not at your hub"):
        stations.retire(station=cast.station().station, by=cast.jonas, at=AT)


def test_it_signs_in_with_badge_and_pin_however_the_badge_was_typed(cast: Cast) -> None:
    station = cast.station().station
    code = cast.badge("ines")

    for typed in (code, code.lower(), code.replace("-", "")):
        assert stations.sign_in(station=station, badge=typed, pin=PIN, at=AT) == cast.user("ines")


@pytest.mark.parametrize("badge", ["", "BD-0000-0000", "RL-7K3M-9QXA", "BD-" + "A" * 200])
def test_it_answers_the_same_to_a_badge_that_does_not_exist_as_to_a_wrong_pin(cast: Cast, badge: str) -> None:
    station = cast.station().station

    with pytest.raises(stations.UnableToSignIn) as unknown:
        stations.sign_in(station=station, badge=badge, pin=PIN, at=AT)
    with pytest.raises(stations.UnableToSignIn) as wrong:
        stations.sign_in(station=station, badge=cast.badge("ines"), pin="0000", at=AT)

    assert unknown.value.sentence == wrong.value.sentence


def test_it_locks_a_badge_after_five_wrong_pins_even_for_the_right_one(cast: Cast) -> None:
    station = cast.station().station

    answers = try_pins(cast, station, *["0000"] * 5, PIN)

    assert answers == ["wrong_badge_or_pin"] * 4 + ["locked"] * 2
    assert try_pins(cast, station, PIN, at=AT + timedelta(seconds=59)) == ["locked"]
    assert try_pins(cast, station, PIN, at=AT + timedelta(seconds=60)) == ["ok"]


def test_it_makes_each_further_wrong_pin_wait_twice_as_long_up_to_an_hour() -> None:
    waits = [stations.wait_after(wrong) // timedelta(minutes=1) for wrong in range(1, 14)]

    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert stations.wait_after(40_000) == timedelta(hours=1)


def test_it_counts_no_try_while_the_badge_waits(cast: Cast) -> None:
    station = cast.station().station
    try_pins(cast, station, *["0000"] * 5)

    try_pins(cast, station, *["0000"] * 20)

    badge = Badge.objects.get(user=cast.user("ines"))
    assert badge.wrong_pins == 5
    assert badge.locked_until == AT + timedelta(minutes=1)


def test_it_forgets_wrong_pins_after_a_right_one(cast: Cast) -> None:
    station = cast.station().station

    assert try_pins(cast, station, *["0000"] * 4, PIN, *["0000"] * 4, PIN) == (["wrong_badge_or_pin"] * 4 + ["ok"]) * 2


def test_it_says_how_long_to_wait_and_whom_to_ask(cast: Cast) -> None:
    station = cast.station().station
    try_pins(cast, station, *["0000"] * 5)

    with pytest.raises(stations.Locked, match=r"Try again in 1 minute, or ask a lead for a new PIN\.") as refusal:
        stations.sign_in(station=station, badge=cast.badge("ines"), pin=PIN, at=AT + timedelta(seconds=1))

    assert refusal.value.status == 429


def test_it_keeps_people_of_another_hub_out(cast: Cast) -> None:
    station = cast.station().station

    with pytest.raises(stations.UnableToSignIn, match="Katja Sommer has no role at Rotterdam"):
        stations.sign_in(station=station, badge=cast.badge("katja"), pin=PIN, at=AT)


def test_it_keeps_out_a_person_whose_role_has_ended_or_who_was_shut_out(cast: Cast) -> None:
    station = cast.station().station
    ines = cast.user("ines")

    Membership.objects.filter(user=ines).update(until=(AT - timedelta(days=1)).date())
    assert try_pins(cast, station, PIN) == ["wrong_badge_or_pin"]
    Membership.objects.filter(user=ines).update(until=None)
    type(ines).objects.filter(pk=ines.pk).update(is_active=False)
    assert try_pins(cast, station, PIN) == ["wrong_badge_or_pin"]


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "1111", "1234", "987654", "", "١٢٣٥", " 274"])
def test_it_refuses_a_pin_that_is_no_pin_or_guessed_at_once(pin: str) -> None:
    assert [reason.field for reason in stations.reasons_against_pin(pin)] == ["pin"]


@pytest.mark.parametrize("pin", ["2749", "1357", "00112233", "1123"])
def test_it_takes_a_pin_that_is_neither(pin: str) -> None:
    assert stations.reasons_against_pin(pin) == []


def test_it_hands_out_a_new_badge_in_place_of_the_old(cast: Cast) -> None:
    station = cast.station().station
    ines, old = cast.user("ines"), cast.badge("ines")

    badge = stations.issue_badge(user=ines, pin="8520", organization=cast.operator, by=cast.aisha, at=AT)

    assert badge.code != old
    assert stations.sign_in(station=station, badge=badge.code, pin="8520", at=AT) == ines
    with pytest.raises(stations.UnableToSignIn):
        stations.sign_in(station=station, badge=old, pin=PIN, at=AT)


def test_it_lets_nobody_hand_out_their_own_badge(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="nobody hands out a badge to themselves"):
        stations.issue_badge(user=cast.user("aisha"), pin="8520", organization=cast.operator, by=cast.aisha, at=AT)
    with pytest.raises(NotAllowed, match="hand out badges"):
        stations.issue_badge(user=cast.user("ravi"), pin="8520", organization=cast.operator, by=cast.ines, at=AT)


def test_it_lets_the_holder_alone_change_a_pin(cast: Cast) -> None:
    ines = cast.user("ines")

    stations.change_pin(user=ines, pin="8520", by=cast.ines, at=AT, organization=cast.operator)

    assert stations.sign_in(station=cast.station().station, badge=cast.badge("ines"), pin="8520", at=AT) == ines
    with pytest.raises(NotAllowed):
        stations.change_pin(user=ines, pin="8521", by=cast.aisha, at=AT, organization=cast.operator)
    with pytest.raises(stations.UnableToSetPin):
        stations.change_pin(user=ines, pin="1234", by=cast.ines, at=AT, organization=cast.operator)
