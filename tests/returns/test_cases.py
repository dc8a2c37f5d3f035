"""Support cases: opened, noted, closed once; minutes, cost and the right book; what is personal goes with the person."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from returns.models import CaseNote, Channel, Result, SupportCase
from returns.services import desk, troubleshooting
from returns.services.desk import UnableToServe
from revlog.accounts import queries as people
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import Posting
from revlog.terms.services import orders, rules
from tests.cast import Cast
from tests.factories import desk as desks
from tests.factories import returns, terms
from tests.factories.desk import AT

pytestmark = pytest.mark.django_db


def orla(cast: Cast) -> Actor:
    return people.actor_of(cast.user("orla"), at=AT)


def kinds(chain: uuid.UUID) -> list[str]:
    return list(Entry.objects.filter(chain_id=chain).order_by("sequence").values_list("kind", flat=True))


def test_a_case_is_opened_noted_and_closed_with_its_minutes_and_cost(cast: Cast) -> None:
    case = desks.case(cast, note="Kim says that it buzzes.")
    desk.note(case, text="Tried another cable.", by=cast.sam, at=AT + timedelta(minutes=5))

    done = desk.close(case, result=Result.INFORMATION, by=cast.sam, at=AT + timedelta(minutes=11, seconds=10))

    assert (done.measured, done.minutes, done.cost, done.currency) == (12, 12, Decimal("6.00"), "EUR")
    assert list(CaseNote.objects.values_list("text", flat=True)) == ["Kim says that it buzzes.", "Tried another cable."]
    assert kinds(case.pk) == ["returns.case_opened", "returns.case_closed"]
    told = str([entry.payload for entry in Entry.objects.filter(chain_id=case.pk)])
    assert "Kim" not in told
    assert "cable" not in told


def test_the_minutes_cost_whose_people_spent_them_and_only_once(cast: Cast) -> None:
    ours, theirs = desks.case(cast), desks.case(
        cast, terms.order(cast, "PS-2", desks.phone_line(serials=("PX2",)), at=AT), by=orla(cast)
    )  # fmt: skip
    later = AT + timedelta(minutes=10)
    for _twice in range(2):
        desk.close(ours, result=Result.INFORMATION, by=cast.sam, at=later)
        desk.close(theirs, result=Result.INFORMATION, by=orla(cast), at=later)

    rows = {row.chain_id: row for row in Posting.objects.filter(account="labor")}
    assert len(rows) == Posting.objects.count() == 2
    assert (rows[ours.pk].book, rows[ours.pk].amount) == ("ours", Decimal("-5.00"))
    assert (rows[theirs.pk].book, rows[theirs.pk].amount) == ("seller", Decimal("-5.00"))
    assert rows[ours.pk].party == rows[theirs.pk].party == cast.retailer
    with pytest.raises(UnableToServe, match="closed"):
        desk.close(ours, result=Result.DECLINED, by=cast.sam, at=later)


def test_the_rate_is_a_figure_that_is_published(cast: Cast) -> None:
    draft = rules.draft(kind="returns.desk", body={"parameters": {"desk_per_hour": "60.00"}}, by=cast.admin, at=AT)
    rules.publish(draft, by=cast.maria, at=AT)
    case = desks.case(cast)

    assert desk.close(case, result=Result.INFORMATION, by=cast.sam, at=AT + timedelta(minutes=10)).cost == Decimal(
        "10.00"
    )


def test_nobody_talks_for_a_night_and_other_minutes_need_a_reason(cast: Cast) -> None:
    night = AT + timedelta(hours=14)
    case = desks.case(cast)
    assert desk.minutes_of(case, at=night) == 60
    with pytest.raises(UnableToServe, match="Say why the minutes"):
        desk.close(case, result=Result.INFORMATION, minutes=8, by=cast.sam, at=night)
    with pytest.raises(UnableToServe, match="0 to 600"):
        desk.close(case, result=Result.INFORMATION, minutes=601, why="long", by=cast.sam, at=night)

    done = desk.close(case, result=Result.INFORMATION, minutes=8, why="I forgot to close it.", by=cast.sam, at=night)

    assert (done.measured, done.minutes, done.minutes_why, done.cost) == (
        60,
        8,
        "I forgot to close it.",
        Decimal("4.00"),
    )


def test_fixed_is_counted_on_the_order_with_the_way_that_led_there(cast: Cast) -> None:
    case = desks.case(cast)
    troubleshooting.begin(case, reason="POWER", by=cast.sam, at=AT)
    for node, option in (("safe", "no"), ("first", "yes"), ("press", "works")):
        troubleshooting.answer(case, node=node, option=option, by=cast.sam, at=AT)

    desk.close(case, result=Result.FIXED, by=cast.sam, at=AT + timedelta(minutes=6))
    desk.close(case, result=Result.FIXED, by=cast.sam, at=AT + timedelta(minutes=7))

    entry = Entry.objects.get(kind="returns.fixed_without_return")
    assert entry.payload["minutes"] == 6
    assert (entry.payload["tree"], entry.payload["reason"], entry.payload["position"]) == ("handheld_power", "POWER", 1)


def test_fixed_needs_a_thing_and_a_tree_that_ended_so(cast: Cast) -> None:
    order = terms.order(cast, "PS-9", desks.phone_line(serials=("PX9",)), at=AT)
    bare = desk.open_case(contact=order.contact, seller=order.seller, channel=Channel.MAIL, by=cast.sam, at=AT)
    with pytest.raises(UnableToServe, match="which thing"):
        desk.close(bare, result=Result.FIXED, by=cast.sam, at=AT)
    case = desks.case(cast, order)
    troubleshooting.begin(case, reason="POWER", by=cast.sam, at=AT)
    troubleshooting.answer(case, node="safe", option="yes", by=cast.sam, at=AT)
    with pytest.raises(UnableToServe, match="ended otherwise"):
        desk.close(case, result=Result.FIXED, by=cast.sam, at=AT)
    assert desk.close(case, result=Result.DECLINED, by=cast.sam, at=AT).result == "declined"
    assert not Entry.objects.filter(kind="returns.fixed_without_return").exists()


def test_a_return_announced_in_it_is_kept_and_one_of_somebody_else_is_not(cast: Cast) -> None:
    case = desks.case(cast)
    with pytest.raises(UnableToServe, match="No return was announced"):
        desk.close(case, result=Result.RMA_OPENED, by=cast.sam, at=AT)
    other = returns.rma(
        cast, order=terms.order(cast, "PS-7", terms.laptop_line(serials=("PF7LEE01",)), at=AT, email="lee@example.com")
    )
    with pytest.raises(UnableToServe, match="somebody else"):
        desk.announced(case, other, by=cast.sam, at=AT)
    assert case.order is not None
    rma = returns.rma(cast, order=case.order, by=cast.sam)
    desk.announced(case, rma, by=cast.sam, at=AT)
    done = desk.close(case, result=Result.RMA_OPENED, by=cast.sam, at=AT)
    assert done.rma == rma
    assert Entry.objects.get(chain_id=case.pk, kind="returns.case_closed").payload["rma"] == str(rma.pk)


def test_a_case_is_about_this_customer_s_things_of_this_seller(cast: Cast) -> None:
    mine = terms.order(cast, "PS-1", desks.phone_line(), at=AT)
    lee = terms.order(cast, "PS-2", desks.phone_line(serials=("PX2",)), at=AT, email="lee@example.com")
    with pytest.raises(UnableToServe, match="somebody else"):
        desk.open_case(contact=mine.contact, seller=mine.seller, order=lee, channel=Channel.CALL, by=cast.sam, at=AT)
    with pytest.raises(UnableToServe, match="one seller"):
        desk.open_case(contact=mine.contact, seller=cast.vega, order=mine, channel=Channel.CALL, by=cast.sam, at=AT)
    with pytest.raises(UnableToServe, match="isn't part of the order"):
        desk.open_case(
            contact=mine.contact, seller=mine.seller, order=mine, line=lee.lines.get(), channel=Channel.CALL, by=cast.sam, at=AT
        )  # fmt: skip
    again = terms.order(cast, "PS-3", desks.phone_line(serials=("PX3",)), at=AT)
    case = desks.case(cast, mine)
    assert desk.choose(case, line=again.lines.get(), by=cast.sam, at=AT).order == again
    with pytest.raises(UnableToServe, match="somebody else"):
        desk.choose(case, line=lee.lines.get(), by=cast.sam, at=AT)


def test_who_may_serve_whom(cast: Cast) -> None:
    case = desks.case(cast)
    vegas = desks.case(cast, terms.order(cast, "VG-1", desks.phone_line(serials=("PXV",)), seller=cast.vega, at=AT))

    assert set(SupportCase.objects.visible_to(orla(cast))) == {case}
    assert set(SupportCase.objects.visible_to(cast.sam)) == {case, vegas}
    assert not SupportCase.objects.visible_to(people.guest({f"order:{case.order_id}"})).exists()
    for stranger in (cast.ines, cast.remco, cast.vera):
        with pytest.raises(NotAllowed):
            desk.note(case, text="Hello", by=stranger, at=AT)
        with pytest.raises(NotAllowed):
            desk.close(case, result=Result.INFORMATION, by=stranger, at=AT)
    for act in (
        lambda: desk.note(vegas, text="Hello", by=orla(cast), at=AT),
        lambda: desk.close(vegas, result=Result.INFORMATION, by=orla(cast), at=AT),
        lambda: desk.open_case(contact=vegas.contact, seller=cast.vega, channel=Channel.CALL, by=orla(cast), at=AT),
    ):
        with pytest.raises(NotAllowed):
            act()
    desk.note(case, text="Hello", by=orla(cast), at=AT)


def test_a_note_says_something_and_a_closed_case_takes_none(cast: Cast) -> None:
    case = desks.case(cast)
    with pytest.raises(BadInput, match="Write something"):
        desk.note(case, text="  ", by=cast.sam, at=AT)
    with pytest.raises(BadInput, match="4,000"):
        desk.note(case, text="x" * 4001, by=cast.sam, at=AT)
    desk.close(case, result=Result.INFORMATION, by=cast.sam, at=AT)
    with pytest.raises(UnableToServe, match="closed"):
        desk.note(case, text="One more thing", by=cast.sam, at=AT)


def test_what_was_noted_goes_when_the_customer_is_erased(cast: Cast) -> None:
    case = desks.case(cast, note="Kim lives above the bakery.")
    other = desks.case(
        cast, terms.order(cast, "PS-2", desks.phone_line(serials=("PX2",)), at=AT, email="lee@example.com"), note="Lee is fine."
    )  # fmt: skip

    orders.erase_contact(case.contact_id, by=cast.admin, at=AT)

    assert [note.text for note in case.notes.all()] == [""]
    assert [note.text for note in other.notes.all()] == ["Lee is fine."]
    assert kinds(case.pk) == ["returns.case_opened", "terms.contact_erased"]
    with pytest.raises(UnableToServe, match="erased"):
        desk.note(case, text="More", by=cast.sam, at=AT)
    with pytest.raises(UnableToServe, match="erased"):
        desk.open_case(contact=case.contact, seller=cast.retailer, channel=Channel.CALL, by=cast.sam, at=AT)
