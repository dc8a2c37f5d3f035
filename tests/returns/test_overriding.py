"""Overriding the rules: more than they give and never less, with a reason, a limit, and another person above it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from returns.models import Origin, Rma, RmaStatus
from returns.services import approval, opening, overriding
from returns.services.opening import UnableToOpen, Wish
from revlog.accounts import queries as people
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.terms.models import Order
from revlog.terms.services import orders, rules
from tests.cast import Cast
from tests.factories import returns, terms
from tests.factories.returns import AT

pytestmark = pytest.mark.django_db
LATE = 1200
"""Days after delivery: neither window nor guarantee hold any more."""


def late(cast: Cast, price: str = "99.00", number: str = "PS-1001", **changes: object) -> Order:
    return terms.order(cast, number, terms.laptop_line(price=Decimal(price)), days=LATE, **changes)  # type: ignore[arg-type]


def opened(order: Order, by: Actor, *, why: str = "A loyal customer.", waive: bool = False, **changes: object) -> Rma:
    wish = returns.wish(order, **({"override": overriding.person(by, why=why, waive_fee=waive)} | changes))  # type: ignore[arg-type]
    return opening.open_rma(order=order, wishes=[wish], origin=Origin.STAFF, by=by, at=AT)


def fee_rules(cast: Cast) -> None:
    """Every return costs 10 percent."""
    body = {
        "mode": "first",
        "parameters": {},
        "rules": [{"id": "always", "then": {"allow": True, "fee_percent": "10", "outcomes": ["refund", "exchange"]}}],
    }
    rules.publish(rules.draft(kind="returns.policy", body=body, by=cast.admin, at=AT), by=cast.maria, at=AT)


def test_what_the_rules_block_is_allowed_with_a_reason_that_stays_with_the_line(cast: Cast) -> None:
    order = late(cast)
    with pytest.raises(UnableToOpen):
        returns.rma(cast, order=order, by=cast.sam)

    rma = opened(order, cast.sam)

    assert rma.status == RmaStatus.APPROVED
    line = rma.lines.get()
    kept = overriding.of_line(line)
    assert line.decision["rule"] == "override"
    assert (kept["by"], kept["why"]) == (cast.sam.reference, "A loyal customer.")
    assert (kept["blocked"], kept["value"], kept["above"]) == (True, "99.00", False)
    assert kept["was"] not in {"", "override"}
    fact = Entry.objects.get(chain_id=rma.pk, kind="returns.rules_overridden")
    assert fact.actor == cast.sam.reference
    assert fact.payload["value"] == "99.00"
    assert "loyal" not in str(fact.payload)


def test_an_outcome_that_the_rules_do_not_offer_can_be_given(cast: Cast) -> None:
    order = terms.order(cast, "PS-5", terms.laptop_line(price=Decimal("80.00")), days=400)
    with pytest.raises(UnableToOpen, match="offer"):
        returns.rma(cast, order=order, by=cast.sam, reason="POWER", wanted="refund")

    line = opened(order, cast.sam, reason="POWER", wanted="refund").lines.get()

    assert line.wanted == "refund"
    assert line.decision["law"]["guarantee"]


def test_a_fee_is_waived_and_its_cost_told(cast: Cast) -> None:
    fee_rules(cast)
    order = terms.order(cast, "PS-6", terms.laptop_line(price=Decimal("449.00")), country="US")

    plain = opening.quote(order, [returns.wish(order)], origin="staff", at=AT)
    assert plain.lines[0][2].fee == Decimal("44.90")
    rma = opened(order, cast.sam, waive=True)

    line = rma.lines.get()
    assert (rma.status, line.fee) == (RmaStatus.APPROVED, Decimal(0))
    assert overriding.of_line(line)["fee_waived"] == "44.90"
    assert overriding.of_line(line)["value"] == "44.90"


def test_nothing_is_overridden_where_the_rules_give_it_anyway(cast: Cast) -> None:
    line = opened(terms.order(cast), cast.sam).lines.get()

    assert line.decision["rule"] != "override"
    assert not Entry.objects.filter(kind="returns.rules_overridden").exists()


def test_what_the_law_gives_is_never_taken_away_by_it(cast: Cast) -> None:
    order = terms.order(cast, days=5)
    plain = opening.quote(order, [returns.wish(order)], origin="staff", at=AT).lines[0][2]
    wish = returns.wish(order, override=overriding.person(cast.sam, why="No reason to be kind."))
    overridden = opening.quote(order, [wish], origin="staff", at=AT).lines[0][2]

    assert overridden == plain
    faulty = terms.order(cast, "PS-8", terms.laptop_line(price=Decimal("80.00")), days=400)
    before = opening.quote(faulty, [returns.wish(faulty, reason="POWER", wanted="repair")], origin="staff", at=AT)
    after = opening.quote(
        faulty,
        [returns.wish(faulty, reason="POWER", wanted="refund", override=overriding.person(cast.sam, why="Kind."))],
        origin="staff",
        at=AT,
    )
    assert set(before.lines[0][2].outcomes) < set(after.lines[0][2].outcomes)
    assert after.lines[0][2].law == before.lines[0][2].law


def test_above_the_limit_it_waits_for_a_lead_who_did_not_open_it(cast: Cast) -> None:
    rma = opened(late(cast, "449.00"), cast.sam)

    assert rma.status == RmaStatus.REQUESTED
    with pytest.raises(approval.UnableToDecide, match="opened"):
        approval.approve(rma, by=cast.sam, at=AT)
    assert not cast.sam.may("returns.override_any")
    other = Actor(
        kind=cast.sam.kind,
        id="other",
        organization_id=cast.operator.pk,
        is_operator=True,
        permissions=cast.sam.permissions,
    )
    with pytest.raises(approval.UnableToDecide, match="a lead has to approve"):
        approval.approve(rma, by=other, at=AT)
    assert approval.approve(rma, by=cast.aisha, at=AT).status == RmaStatus.APPROVED


def test_a_lead_s_own_override_above_the_limit_waits_for_another_lead(cast: Cast) -> None:
    rma = opened(late(cast, "449.00"), cast.maria)

    with pytest.raises(approval.UnableToDecide, match="opened"):
        approval.approve(rma, by=cast.maria, at=AT)
    assert approval.approve(rma, by=cast.aisha, at=AT).status == RmaStatus.APPROVED


def test_anybody_who_decides_may_refuse_it(cast: Cast) -> None:
    rma = opened(late(cast, "449.00"), cast.maria)

    assert approval.refuse(rma, reason="Too much.", by=cast.sam, at=AT).status == RmaStatus.REFUSED


def test_the_limit_is_a_figure_that_is_published(cast: Cast) -> None:
    draft = rules.draft(kind="returns.desk", body={"parameters": {"override_value": "500.00"}}, by=cast.admin, at=AT)
    rules.publish(draft, by=cast.maria, at=AT)

    assert opened(late(cast, "449.00"), cast.sam).status == RmaStatus.APPROVED


def test_who_may_not_and_who_says_not_why(cast: Cast) -> None:
    order = late(cast)
    for stranger in (cast.ines, cast.remco, returns.kim(order)):
        with pytest.raises(NotAllowed, match="Overriding"):
            opened(order, stranger)
    with pytest.raises(NotAllowed, match="Overriding"):
        wish = returns.wish(order, override=overriding.person(cast.maria, why="Maria said so."))
        opening.open_rma(order=order, wishes=[wish], origin=Origin.STAFF, by=cast.sam, at=AT)
    with pytest.raises(BadInput, match="Say why"):
        opened(order, cast.sam, why="  ")
    assert not Rma.objects.exists()
    orla = people.actor_of(cast.user("orla"), at=AT)
    assert opened(order, orla).status == RmaStatus.APPROVED
    foreign = late(cast, number="VG-1", seller=cast.vega)
    with pytest.raises(NotAllowed):
        opened(foreign, orla)


def test_some_things_no_override_gives(cast: Cast) -> None:
    unsent = terms.order(cast, "PS-7", terms.laptop_line(price=Decimal("80.00")), shipped_at=None, delivered_at=None)
    with pytest.raises(UnableToOpen, match="sent"):
        opened(unsent, cast.sam)
    order = late(cast)
    with pytest.raises(UnableToOpen, match="only 1"):
        opened(order, cast.sam, quantity=2)
    with pytest.raises(UnableToOpen, match="isn't part"):
        other: Wish = returns.wish(unsent, override=overriding.person(cast.sam, why="Kind."))
        opening.open_rma(order=order, wishes=[other], origin=Origin.STAFF, by=cast.sam, at=AT)


def test_the_reason_goes_when_the_customer_is_erased(cast: Cast) -> None:
    rma = opened(late(cast), cast.sam, why="Kim's dog ate the label.")

    orders.erase_contact(rma.contact_id, by=cast.admin, at=AT)

    kept = overriding.of_line(rma.lines.get())
    assert (kept["why"], kept["value"], kept["by"]) == ("", "99.00", cast.sam.reference)
    assert "dog" not in str(rma.lines.values_list("decision", flat=True))


def test_the_page_offers_it_and_shows_who_overrode_and_what_it_costs(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.user("sam"))
    order = terms.order(cast, "PS-1001", terms.laptop_line(price=Decimal("99.00")), days=LATE, at=clock.now())
    key = str(order.lines.get().pk)
    page = client.get("/returns/new/?order=PS-1001").content.decode()
    assert "The rules say:" in page
    told = {
        "order": "PS-1001",
        "lines": key,
        f"{key}-quantity": "1",
        f"{key}-reason": "CHANGED_MIND",
        f"{key}-wanted": "refund",
    }

    assert client.post("/returns/new/", told).status_code == 422
    assert client.post("/returns/new/", told | {"override": "1"}).status_code == 422
    done = client.post("/returns/new/", told | {"override": "1", "override_why": "A loyal customer."})

    assert done.status_code == 302
    shown = client.get(done["Location"]).content.decode()
    assert "Sam Okafor overrode the rules" in shown
    assert "A loyal customer." in shown
    assert "99.00" in shown
