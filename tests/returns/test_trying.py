"""Something to try before a thing comes back: offered in the portal, skipped in one click, and counted where it helps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from returns import desk
from returns.models import Rma
from returns.services import doors, troubleshooting
from returns.services.desk import UnableToServe
from revlog.accounts.actors import system
from revlog.common import clock, ids
from revlog.custody.models import Entry
from revlog.terms.models import Order
from tests.cast import Cast
from tests.factories import desk as desks
from tests.factories import terms

KIND = "returns.fixed_without_return"


def asked_why(cast: Cast, client: Client, reason: str = "POWER") -> tuple[Order, str]:
    """An order of one phone, opened by its shop's link, with the reason given: what the next page is."""
    order = terms.order(cast, "PS-77", desks.phone_line(serials=("PX77",)), at=clock.now())
    client.get(doors.order_link(order, at=clock.now()).partition("8000")[2])
    return order, why(client, order, reason)


def why(client: Client, order: Order, reason: str) -> str:
    key = order.lines.get().pk
    told = {f"{key}-quantity": "1", f"{key}-reason": reason, f"{key}-asked": reason}
    told[f"{key}-wanted"] = "refund" if reason == "CHANGED_MIND" else "repair"
    return client.post(f"/return/order/{order.pk}/why/", told).headers["Location"]


def press(client: Client, path: str, **told: str) -> str:
    """Press a button of the page; what the next page says, or its address where it is another."""
    answer = client.post(path, told)
    return client.get(path).content.decode() if answer.headers["Location"] == path else answer.headers["Location"]


def test_a_fault_is_tried_first_and_fixed_is_counted_once_without_a_return(cast: Cast, client: Client) -> None:
    order, path = asked_why(cast, client)
    assert path == f"/return/order/{order.pk}/try/{order.lines.get().pk}/"
    first = client.get(path).content.decode()
    assert "Something to try first" in first
    assert "too hot to hold" in first

    assert "Charge it for 30 minutes" in press(client, path, node="safe", option="no")
    # Pressed twice, or in another tab, the first question is answered once.
    assert "Charge it for 30 minutes" in press(client, path, node="safe", option="yes")
    press(client, path, node="first", option="yes")
    assert "It works again. Nothing has to come back." in press(client, path, node="press", option="works")
    assert "Nothing has to come back" in press(client, path, act="fixed")
    client.post(path, {"act": "fixed"})

    entry = Entry.objects.get(kind=KIND)
    assert (entry.payload["tree"], entry.payload["reason"], entry.payload.get("case")) == (
        "handheld_power",
        "POWER",
        None,
    )
    assert not Rma.objects.exists()
    assert desk.day(cast.sam, since=clock.now() - timedelta(hours=1)).by_customers == 1
    assert "works again" in client.get(path).content.decode()
    # All the same it may come back.
    assert "Return until" in client.get(f"/return/order/{order.pk}/").content.decode()


def test_it_is_skipped_in_one_click_and_not_offered_again(cast: Cast, client: Client) -> None:
    order, path = asked_why(cast, client)
    check = f"/return/order/{order.pk}/check/"

    assert press(client, path, act="skip") == check
    assert why(client, order, "POWER") == check
    assert why(client, order, "DISPLAY") == path  # for another fault there are other steps
    assert why(client, order, "CHANGED_MIND") == check
    assert not Entry.objects.filter(kind=KIND).exists()


def test_what_turns_out_unsafe_goes_on_as_a_case_of_safety(cast: Cast, client: Client) -> None:
    order, path = asked_why(cast, client)

    assert "Stop." in press(client, path, node="safe", option="yes")
    check = f"/return/order/{order.pk}/check/"
    assert press(client, path, act="unsafe") == check
    assert "Make it safe first" in client.get(check).content.decode()
    client.post(check)

    rma = Rma.objects.get()
    assert "take it to a parcel shop" in client.get(f"/return/{rma.number}/").content.decode()
    assert rma.lines.get().reason == "SWOLLEN_BATTERY"
    assert rma.status == "requested"  # a person first says how it is packed


def test_nothing_is_fixed_before_the_steps_end_so(cast: Cast) -> None:
    line = terms.order(cast, "PS-78", desks.phone_line(serials=("PX78",)), at=clock.now()).lines.get()
    walk = troubleshooting.walk(line, reason="POWER", answers=["no"], at=clock.now())
    assert walk is not None

    with pytest.raises(UnableToServe, match="didn't end"):
        troubleshooting.fixed_by_customer(
            line, walk, reason="POWER", key=ids.new(clock.now()), by=system("t"), at=clock.now()
        )
    assert not Entry.objects.filter(kind=KIND).exists()


def test_the_desk_goes_on_where_the_customer_came_to(cast: Cast, client: Client) -> None:
    order, path = asked_why(cast, client)
    line = order.lines.get()
    press(client, path, node="safe", option="no")
    press(client, path, act="skip")
    case = desks.case(cast, order, at=clock.now())

    client.force_login(cast.user("sam"))
    page = client.get(f"/desk/case/{case.number}/").content.decode()
    assert "The customer tried this in the portal" in page
    assert "They went past the rest." in page
    assert '<option value="POWER" selected>' in page
    other = desks.case(cast, order, at=clock.now())
    assert troubleshooting.begin(other, reason="DISPLAY", by=cast.sam, at=clock.now()).answers == []
    walk = troubleshooting.begin(case, reason="POWER", by=cast.sam, at=clock.now())
    assert (walk.answers, walk.here.id) == (["no"], "first")
    found = troubleshooting.tried_first(line)
    assert found is not None
    assert found[0].skipped
    page = client.get(f"/desk/case/{case.number}/").content.decode()
    assert "The customer tried this in the portal" not in page, "its answers stand in the steps now"
