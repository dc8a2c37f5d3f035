"""Each outcome to its end: what settles as what, who gets which money, what is ordered, and what stands in which book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from returns import policy, telling
from returns.models import (
    Charge,
    ChargeFor,
    ChargeStatus,
    Discrepancy,
    Payout,
    Refund,
    Rma,
    RmaLine,
    RmaStatus,
    StoreCredit,
    UnitStatus,
)
from returns.services import (
    accepting,
    approval,
    awaiting,
    charges,
    closing,
    deadlines,
    keeping,
    leaving,
    opening,
    receiving,
    troubles,
    wishes,
)
from returns.services.approval import UnableToDecide
from returns.services.keeping import UnableToConfirm
from returns.services.owing import UnableToSettle
from returns.services.wishes import UnableToChange
from revlog.accounts.queries import guest
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import reactions
from revlog.devices.models import Posting, ProductModel, Variant
from revlog.terms.models import Order, Warranty
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import returns, terms
from tests.factories.proof import kim

ALL = ["refund", "credit", "exchange", "advance", "repair", "replace"]
LATER = timedelta(days=60)


def ruled(cast: Cast, at: datetime, **then: Any) -> None:
    """From now one rule holds: everything is allowed, on these terms."""
    body = {
        "mode": "first",
        "parameters": dict(policy.SHIPPED["parameters"]),
        "rules": [{"id": "all", "then": {"allow": True, "approval": "auto", "outcomes": ALL} | then, "why": "Yes."}],
    }
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)


def opened(cast: Cast, wanted: str, at: datetime, *, quantity: int = 1, **changes: Any) -> Rma:
    """Kim's laptop (or so many cables) with a wish, and what follows from the approval."""
    line = terms.laptop_line() if quantity == 1 else terms.cable_line(quantity)
    order = terms.order(cast, f"PS-{wanted}", line, at=at)
    rma = returns.rma(cast, wanted=wanted, reason="POWER", quantity=quantity, order=order, at=at)
    if changes:
        rma.lines.update(**changes)
    reactions.drain(at=at)
    return rma


def line_of(rma: Rma) -> RmaLine:
    return rma.lines.get()


def fresh(rma: Rma) -> Rma:
    return Rma.objects.get(pk=rma.pk)


def pay(cast: Cast, at: datetime, *purposes: ChargeFor) -> None:
    """Esra sees the money on the account."""
    for charge in Charge.objects.filter(status=ChargeStatus.ASKED, purpose__in=purposes or list(ChargeFor)):
        charges.confirm(charge, by=cast.esra, at=at)
    reactions.drain(at=at)


def came(cast: Cast, rma: Rma, at: datetime, *, counted: int | None = None) -> None:
    """It arrives, is as sold, and all that follows is done."""
    unit = returns.unit_of(rma)
    serial = "" if counted is not None else "PF1ABCDE"
    done = receiving.receive(unit, hub=cast.rotterdam, serial=serial, counted=counted, by=cast.ines, at=at)
    returns.graded(done.device, grade="NA" if counted is not None else "B", at=at)
    reactions.drain(at=at)


def refused(cast: Cast, rma: Rma, at: datetime) -> None:
    """It arrives, is not taken back, and goes to Kim again."""
    device = returns.received(cast, rma, at=at).device
    accepting.refuse_unit(returns.unit_of(rma), reason="It was opened and is broken.", by=cast.aisha, at=at)
    awaiting.ask_back(returns.unit_of(rma), by=kim(rma), at=at)
    leaving.send_back(device, hub=cast.rotterdam, by=cast.luca, at=at)
    reactions.drain(at=at)


def books() -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for row in Posting.objects.all():
        found[row.account] = found.get(row.account, Decimal(0)) + row.amount
    return found


def paid_out() -> Decimal:
    return sum((row.amount for row in Payout.objects.all()), Decimal(0))


def exchanged() -> list[tuple[int, Decimal]]:
    """What was ordered for returns: pieces and price of each."""
    return [
        (line.quantity, line.price) for order in Order.objects.filter(source="exchange") for line in order.lines.all()
    ]


def rival(price: str = "509.00") -> dict[str, Any]:
    """Another variant that is wanted instead, at a price."""
    product = ProductModel.objects.create(
        manufacturer="Lenovo", name="ThinkPad T490", device_class="laptop", created_at=returns.AT
    )
    variant = Variant.objects.create(product=product, name="16 GB", sku="T490-16-512", created_at=returns.AT)
    return {"new_variant": variant, "new_price": Decimal(price)}


# The table --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class End:
    """How a return ended: of one laptop of 449.00 (or 400 cables of 2.50), with a bonus of a tenth."""

    status: str
    settled_as: str
    amount: str = "0"
    books: tuple[tuple[str, str], ...] = ()
    paid_out: str = "0"
    ordered: tuple[tuple[int, str], ...] = ()
    credit: str = ""
    deposit: str = ""


CLOSED, CANCELLED, EXPIRED = RmaStatus.CLOSED.value, RmaStatus.CANCELLED.value, RmaStatus.EXPIRED.value
TABLE: dict[tuple[str, str], End] = {
    ("refund", "happy"): End(CLOSED, "refund", "449.00", (("refund", "-449.00"),), "449.00"),
    ("refund", "refused"): End(CLOSED, "refused"),
    ("refund", "cancelled"): End(CANCELLED, ""),
    ("refund", "never came"): End(EXPIRED, ""),
    ("refund", "partly"): End(CLOSED, "refund", "970.00", (("refund", "-970.00"),), "970.00"),
    ("credit", "happy"): End(
        CLOSED, "credit", "493.90", (("credit", "-449.00"), ("credit_bonus", "-44.90")), credit="493.90"
    ),
    ("credit", "refused"): End(CLOSED, "refused"),
    ("credit", "cancelled"): End(CANCELLED, ""),
    ("credit", "never came"): End(EXPIRED, ""),
    ("credit", "partly"): End(
        CLOSED, "credit", "1067.00", (("credit", "-970.00"), ("credit_bonus", "-97.00")), credit="1067.00"
    ),
    ("exchange", "happy"): End(CLOSED, "exchange", ordered=((1, "449.00"),)),
    ("exchange", "refused"): End(CLOSED, "refused"),
    ("exchange", "cancelled"): End(CANCELLED, ""),
    ("exchange", "never came"): End(EXPIRED, ""),
    ("exchange", "partly"): End(CLOSED, "exchange", ordered=((388, "2.50"),)),
    ("replace", "happy"): End(CLOSED, "replace", ordered=((1, "0.00"),)),
    ("replace", "refused"): End(CLOSED, "refused"),
    ("replace", "cancelled"): End(CANCELLED, ""),
    ("replace", "never came"): End(EXPIRED, ""),
    ("replace", "partly"): End(CLOSED, "replace", ordered=((388, "0.00"),)),
    ("advance", "happy"): End(
        CLOSED, "advance", paid_out="449.00", ordered=((1, "449.00"),), deposit=ChargeStatus.RELEASED.value
    ),
    ("advance", "refused"): End(
        CLOSED, "refused", books=(("deposit", "449.00"),), ordered=((1, "449.00"),), deposit=ChargeStatus.PAID.value
    ),
    ("advance", "cancelled"): End(CANCELLED, "", deposit=ChargeStatus.CANCELLED.value),
    ("advance", "never came"): End(
        CLOSED, "not_received", books=(("deposit", "449.00"),), ordered=((1, "449.00"),), deposit=ChargeStatus.PAID.value
    ),
    ("advance", "partly"): End(
        CLOSED, "advance", books=(("deposit", "30.00"),), paid_out="970.00", ordered=((400, "2.50"),),
        deposit=ChargeStatus.PAID.value,
    ),
    ("repair", "refused"): End(CLOSED, "refused"),
    ("repair", "cancelled"): End(CANCELLED, ""),
    ("repair", "never came"): End(EXPIRED, ""),
}  # fmt: skip


@pytest.mark.parametrize(("wanted", "course"), sorted(TABLE))
def test_each_outcome_ends_as_the_table_says(cast: Cast, at: datetime, wanted: str, course: str) -> None:
    ruled(cast, at, bonus_percent="10")
    quantity = 400 if course == "partly" else 1
    rma = opened(cast, wanted, at, quantity=quantity)
    if course == "cancelled":
        approval.cancel(rma, by=cast.sam, at=at)
    else:
        pay(cast, at)
    later = at + timedelta(days=2)
    if course == "happy":
        came(cast, rma, later)
    elif course == "partly":
        came(cast, rma, later, counted=388)
        # Twelve are missing: it stays open until somebody has decided about them.
        assert fresh(rma).status == RmaStatus.ARRIVED
        troubles.resolve(Discrepancy.objects.get(), resolution="Twelve never came.", by=cast.aisha, at=later)
        reactions.drain(at=later)
    elif course == "refused":
        refused(cast, rma, later)
    elif course == "never came":
        if wanted == "advance":
            deadlines.run(at=at + LATER)
            reactions.drain(at=at + LATER)
            deadlines.run(at=at + LATER + timedelta(days=8))
        else:
            closing.give_up(rma, by=cast.sam, at=at + LATER)
    last = at + 2 * LATER
    reactions.drain(at=last)
    end = TABLE[wanted, course]

    def found() -> End:
        line, deposit = line_of(rma), Charge.objects.filter(purpose="deposit").first()
        credit = StoreCredit.objects.first()
        return End(
            fresh(rma).status,
            line.settled_as,
            str(line.settled_amount or 0) if line.settled_amount else "0",
            tuple(sorted((account, f"{amount:.2f}") for account, amount in books().items())),
            str(paid_out()) if paid_out() else "0",
            tuple((count, str(price)) for count, price in exchanged()),
            str(credit.amount) if credit else "",
            deposit.status if deposit else "",
        )

    assert found() == end
    # Whatever a worker does twice, and whatever the clock looks at again, changes nothing.
    for reaction in Reaction.objects.filter(handler__startswith="returns.").exclude(handler__contains="write_to"):
        again(reaction, last)
    deadlines.run(at=last)
    reactions.drain(at=last)
    assert found() == end


def again(reaction: Reaction, at: datetime) -> None:
    """The same reaction once more, as a worker does that doesn't know that it was done."""
    from revlog.custody import outbox

    handler = outbox.named(reaction.handler)
    assert handler is not None
    finish = outbox.call(handler, reaction.entry, at)
    if finish is not None:
        finish()


# Nothing comes back -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("goods", ["keep", "none"])
@pytest.mark.parametrize("wanted", ["refund", "credit", "exchange", "replace"])
def test_what_needn_t_come_back_is_settled_upon_approval(cast: Cast, at: datetime, goods: str, wanted: str) -> None:
    ruled(cast, at, goods=goods)

    rma = opened(cast, wanted, at)

    assert not rma.parcel_links.exists()
    assert not line_of(rma).units.exists()
    assert fresh(rma).hand_in_by is None
    assert (fresh(rma).status, line_of(rma).settled_as) == (RmaStatus.CLOSED, wanted)
    assert paid_out() == (Decimal("449.00") if wanted == "refund" else 0)
    assert [credit.amount for credit in StoreCredit.objects.all()] == (
        [Decimal("449.00")] if wanted == "credit" else []
    )
    assert len(exchanged()) == (1 if wanted in {"exchange", "replace"} else 0)
    keeping.begin(rma.pk, at=at)
    assert Refund.objects.count() + len(exchanged()) == 1


def test_what_stays_waits_for_the_person_who_has_to_say_yes(cast: Cast, at: datetime) -> None:
    ruled(cast, at, goods="keep", approval="person")
    rma = opened(cast, "refund", at)
    assert not Refund.objects.exists()

    approval.approve(rma, by=cast.sam, at=at)
    reactions.drain(at=at)

    assert (fresh(rma).status, paid_out()) == (RmaStatus.CLOSED, Decimal("449.00"))


def test_what_is_to_be_given_away_is_paid_when_the_customer_says_that_it_was(cast: Cast, at: datetime) -> None:
    ruled(cast, at, goods="donate")
    rma = opened(cast, "refund", at)
    own = guest({f"rma:{rma.pk}"})
    assert not Refund.objects.exists()
    assert fresh(rma).hand_in_by is not None

    with pytest.raises(NotAllowed):
        keeping.give_away(line_of(rma), by=guest({"rma:another"}), at=at)
    keeping.give_away(line_of(rma), by=own, at=at)
    keeping.give_away(line_of(rma), by=own, at=at)
    reactions.drain(at=at)
    keeping.give_away(line_of(rma), by=own, at=at)

    assert (fresh(rma).status, paid_out(), Refund.objects.count()) == (RmaStatus.CLOSED, Decimal("449.00"), 1)
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.given_away").count() == 1


def test_what_was_never_given_away_is_given_up_and_only_that_kind_is_asked_for(cast: Cast, at: datetime) -> None:
    ruled(cast, at, goods="donate")
    rma = opened(cast, "refund", at)

    closing.give_up(rma, by=cast.sam, at=at + LATER)

    assert (fresh(rma).status, line_of(rma).settled_as) == (RmaStatus.EXPIRED, "not_received")
    with pytest.raises(UnableToConfirm, match="never came"):
        keeping.give_away(line_of(rma), by=cast.sam, at=at + LATER)
    other = returns.rma(cast, order=terms.order(cast, "PS-77", terms.cable_line(10), at=at), quantity=10, at=at)
    other.lines.update(goods="keep")
    with pytest.raises(UnableToConfirm, match="isn't to be given away"):
        keeping.give_away(line_of(other), by=cast.sam, at=at)


def mixed(cast: Cast, at: datetime) -> Rma:
    """One line comes back, one stays: cables of little worth, by a rule of their own."""
    body = {
        "mode": "first",
        "parameters": dict(policy.SHIPPED["parameters"]),
        "rules": [
            {
                "id": "small",
                "when": {"fact": "price", "op": "<", "value": "10"},
                "then": {"allow": True, "approval": "auto", "outcomes": ALL, "goods": "keep"},
                "why": "Keep it.",
            },
            {"id": "rest", "then": {"allow": True, "approval": "auto", "outcomes": ALL}, "why": "Yes."},
        ],
    }
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)
    order = terms.order(cast, "PS-M", terms.laptop_line(), terms.cable_line(10), at=at)
    rma = returns.rma(cast, returns.wish(order, 1), returns.wish(order, 2, quantity=10), order=order, at=at)
    reactions.drain(at=at)
    return rma


def test_a_return_may_mix_what_comes_back_and_what_stays(cast: Cast, at: datetime) -> None:
    rma = mixed(cast, at)

    assert [bool(line.settled_at) for line in rma.lines.order_by("position")] == [False, True]
    assert paid_out() == Decimal("25.00")
    assert (fresh(rma).status, rma.parcel_links.count()) == (RmaStatus.APPROVED, 1)
    with pytest.raises(UnableToDecide, match="can't be called off any more"):
        approval.cancel(rma, by=cast.sam, at=at)
    came(cast, rma, at)

    assert (fresh(rma).status, paid_out()) == (RmaStatus.CLOSED, Decimal("474.00"))


def test_what_was_paid_for_is_not_free_again_when_the_rest_never_comes(cast: Cast, at: datetime) -> None:
    rma = mixed(cast, at)

    closing.give_up(rma, by=cast.sam, at=at + LATER)

    assert fresh(rma).status == RmaStatus.CLOSED
    assert [line.settled_as for line in rma.lines.order_by("position")] == ["not_received", "refund"]


# A price difference -----------------------------------------------------------------------------------------------------------------


def test_a_dearer_thing_is_ordered_when_the_difference_is_paid(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "exchange", at, **rival())
    came(cast, rma, at)
    charge = Charge.objects.get()
    assert (charge.purpose, charge.amount, charge.status) == ("difference", Decimal("60.00"), ChargeStatus.ASKED)
    assert exchanged() == []
    assert fresh(rma).status == RmaStatus.ARRIVED

    pay(cast, at)

    assert exchanged() == [(1, Decimal("509.00"))]
    order = Order.objects.get(source="exchange")
    assert (order.lines.get().sku, order.contact_id) == ("T490-16-512", rma.contact_id)
    assert books() == {"difference": Decimal("60.00")}
    assert (fresh(rma).status, line_of(rma).settled_as) == (RmaStatus.CLOSED, "exchange")


def test_the_bonus_lowers_the_difference_and_is_never_paid_out(cast: Cast, at: datetime) -> None:
    ruled(cast, at, bonus_percent="10")
    rma = opened(cast, "exchange", at, **rival("480.00"))

    came(cast, rma, at)

    # 480.00 for 449.00 and a bonus of 44.90: nothing is to be paid, and 13.90 of the bonus lapse.
    assert not Charge.objects.exists()
    assert (exchanged(), paid_out()) == ([(1, Decimal("480.00"))], 0)
    assert fresh(rma).status == RmaStatus.CLOSED


def test_for_a_cheaper_thing_the_rest_is_paid_back(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "exchange", at, **rival("399.00"))

    came(cast, rma, at)

    assert exchanged() == [(1, Decimal("399.00"))]
    assert (paid_out(), books()) == (Decimal("50.00"), {"refund": Decimal("-50.00")})
    assert (fresh(rma).status, line_of(rma).settled_as) == (RmaStatus.CLOSED, "exchange")
    assert line_of(rma).settled_amount == Decimal("50.00")


def test_a_difference_that_is_not_paid_by_its_date_becomes_money_back(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "exchange", at, **rival())
    came(cast, rma, at)

    deadlines.run(at=at + timedelta(days=3))
    assert line_of(rma).wanted == "exchange"
    deadlines.run(at=at + LATER)
    deadlines.run(at=at + LATER)
    reactions.drain(at=at + LATER)

    assert Charge.objects.get().status == ChargeStatus.CANCELLED
    assert (paid_out(), exchanged()) == (Decimal("449.00"), [])
    assert (fresh(rma).status, line_of(rma).settled_as) == (RmaStatus.CLOSED, "refund")
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.wish_changed").count() == 1


def test_nothing_is_deducted_from_an_exchange(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "exchange", at)
    returns.received(cast, rma, at=at)

    with pytest.raises(UnableToSettle, match="Nothing can be deducted from an exchange"):
        accepting.accept(returns.unit_of(rma), deduction=Decimal(5), why="worn", by=cast.aisha, at=at)


# Out of stock, and another wish -----------------------------------------------------------------------------------------------------


def test_what_is_not_in_stock_is_told_once_and_money_may_be_had_instead(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "OWN-7", seller=cast.operator, at=at)
    rma = returns.rma(cast, wanted="exchange", reason="POWER", order=order, at=at)
    rma.lines.update(**rival("449.00"))
    came(cast, rma, at)
    deadlines.run(at=at)
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.new_one_missing").count() == 1
    assert exchanged() == []

    wishes.change(line_of(rma), wanted="refund", by=guest({f"rma:{rma.pk}"}), at=at)
    reactions.drain(at=at)

    assert (fresh(rma).status, paid_out()) == (RmaStatus.CLOSED, Decimal("449.00"))


def test_what_was_out_of_stock_is_ordered_when_it_is_there(cast: Cast, at: datetime) -> None:
    from returns.services import exchanges

    order = terms.order(cast, "OWN-8", seller=cast.operator, at=at)
    rma = returns.rma(cast, wanted="exchange", reason="POWER", order=order, at=at)
    rma.lines.update(**rival("449.00"))
    came(cast, rma, at)
    assert exchanges.in_stock(line_of(rma), fresh(rma)) == 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchanges, "in_stock", lambda *_args: 1)
        assert deadlines.run(at=at + timedelta(days=1)) == 1

    assert exchanged() == [(1, Decimal("449.00"))]
    assert fresh(rma).status == RmaStatus.CLOSED


def test_a_wish_changes_before_it_arrives_and_not_after_it_was_met(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "exchange", at)
    own = guest({f"rma:{rma.pk}"})

    wishes.change(line_of(rma), wanted="credit", by=own, at=at)
    with pytest.raises(UnableToChange, match="isn't offered"):
        wishes.change(line_of(rma), wanted="advance", by=own, at=at)
    with pytest.raises(NotAllowed):
        wishes.change(line_of(rma), wanted="refund", by=cast.ines, at=at)
    came(cast, rma, at)

    assert (StoreCredit.objects.count(), line_of(rma).settled_as) == (1, "credit")
    with pytest.raises(UnableToChange):
        wishes.change(line_of(rma), wanted="refund", by=cast.aisha, at=at)


# The new one first ------------------------------------------------------------------------------------------------------------------


def test_the_new_one_is_ordered_when_the_deposit_is_held_and_not_before(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "advance", at)
    deposit = Charge.objects.get()
    assert (deposit.purpose, deposit.amount) == ("deposit", Decimal("449.00"))
    assert exchanged() == []

    pay(cast, at)

    assert exchanged() == [(1, Decimal("449.00"))]
    assert fresh(rma).status == RmaStatus.APPROVED
    assert not Posting.objects.exists()
    with pytest.raises(UnableToDecide, match="can't be called off any more"):
        approval.cancel(rma, by=cast.sam, at=at)


def test_for_a_dearer_one_both_are_asked_and_both_are_needed(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "advance", at, **rival())
    assert {(row.purpose, row.amount) for row in Charge.objects.all()} == {
        ("deposit", Decimal("449.00")), ("difference", Decimal("60.00")),
    }  # fmt: skip

    pay(cast, at, ChargeFor.DEPOSIT)
    assert exchanged() == []
    pay(cast, at, ChargeFor.DIFFERENCE)
    assert exchanged() == [(1, Decimal("509.00"))]
    came(cast, rma, at)

    assert (books(), paid_out()) == ({"difference": Decimal("60.00")}, Decimal("449.00"))
    assert (fresh(rma).status, line_of(rma).settled_as) == (RmaStatus.CLOSED, "advance")


def test_a_deposit_that_is_not_paid_makes_it_an_ordinary_exchange(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "advance", at)

    deadlines.run(at=at + timedelta(days=12))
    reactions.drain(at=at + timedelta(days=12))

    assert line_of(rma).wanted == "exchange"
    assert Charge.objects.get().status == ChargeStatus.CANCELLED
    came(cast, rma, at + timedelta(days=13))
    assert (fresh(rma).status, exchanged()) == (RmaStatus.CLOSED, [(1, Decimal("449.00"))])


def test_what_comes_before_its_deposit_needs_none(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "advance", at)

    came(cast, rma, at)

    assert Charge.objects.get().status == ChargeStatus.CANCELLED
    assert (fresh(rma).status, exchanged()) == (RmaStatus.CLOSED, [(1, Decimal("449.00"))])


def test_a_deposit_is_never_kept_before_a_reminder(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "advance", at)
    pay(cast, at)

    deadlines.run(at=at + LATER)
    deadlines.run(at=at + LATER + timedelta(days=6))
    assert Charge.objects.get().status == ChargeStatus.HELD
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.hand_in_reminded").count() == 1

    # It comes in the days that the reminder gave.
    came(cast, rma, at + LATER + timedelta(days=6))
    assert Charge.objects.get().status == ChargeStatus.RELEASED
    assert paid_out() == Decimal("449.00")


def test_who_gets_both_back_is_told_why_the_deposit_was_kept(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "advance", at)
    pay(cast, at)

    refused(cast, rma, at)

    charge = Charge.objects.get()
    assert (charge.status, charge.kept, charge.why) == (
        ChargeStatus.PAID,
        Decimal("449.00"),
        "It was opened and is broken.",
    )


def test_calling_it_off_gives_back_what_is_held(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "advance", at, **rival())
    pay(cast, at, ChargeFor.DEPOSIT)

    approval.cancel(rma, by=cast.sam, at=at)
    reactions.drain(at=at)

    assert dict(Charge.objects.values_list("purpose", "status")) == {
        "deposit": ChargeStatus.RELEASED, "difference": ChargeStatus.CANCELLED,
    }  # fmt: skip
    assert (paid_out(), exchanged()) == (Decimal("449.00"), [])


# Under warranty ---------------------------------------------------------------------------------------------------------------------


def test_the_guarantee_goes_on_with_the_replacement(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "replace", at)
    came(cast, rma, at)

    granted = Warranty.objects.get(order_line__order__source="exchange")
    delivered = line_of(rma).order_line.delivered
    assert delivered is not None
    assert granted.kind == "statutory"
    assert granted.ends_on == delivered.date().replace(year=delivered.year + 2)
    assert Entry.objects.filter(
        chain_id=Order.objects.get(source="exchange").pk, kind="terms.warranty_granted"
    ).exists()


def test_a_replacement_that_comes_back_is_worth_what_was_paid_and_it_is_paid_once(cast: Cast, at: datetime) -> None:
    first = opened(cast, "replace", at)
    came(cast, first, at)
    sent = Order.objects.get(source="exchange")
    new = sent.lines.get()
    assert (new.price, new.value, paid_out()) == (Decimal(0), Decimal("449.00"), Decimal(0))
    Order.objects.filter(pk=sent.pk).update(shipped_at=at, delivered_at=at)
    new.serials = ["PF1SECOND"]
    new.save(update_fields=["serials"])
    sent.refresh_from_db()

    # Long after the first one came nobody changes their mind about the second; what is faulty is another thing.
    late = at + timedelta(days=200)
    Order.objects.filter(pk=sent.pk).update(delivered_at=late)
    sent.refresh_from_db()
    with pytest.raises(opening.UnableToOpen):
        returns.rma(cast, order=sent, at=late)
    second = returns.rma(cast, order=sent, wanted="refund", reason="POWER", at=late)
    assert line_of(second).price == Decimal("449.00")
    if second.status == "requested":
        second = approval.approve(second, by=cast.maria, at=late)
    reactions.drain(at=late)
    returns.graded(returns.received(cast, second, serial="PF1SECOND", at=late).device, at=late)
    reactions.drain(at=late)

    assert paid_out() == Decimal("449.00")
    assert books()["refund"] == Decimal("-449.00")
    with pytest.raises(opening.UnableToOpen):
        returns.rma(cast, order=line_of(first).order_line.order, reason="POWER", at=late)


def test_what_was_promised_for_the_old_one_is_promised_for_the_new_one(cast: Cast, at: datetime) -> None:
    from revlog.accounts.actors import system
    from revlog.terms.services import warranties

    rma = opened(cast, "replace", at)
    day = at.date()
    old = warranties.grant(
        order_line=line_of(rma).order_line, months=36, starts_on=day - timedelta(days=30), by=system("test"), at=at
    )
    came(cast, rma, at)

    granted = Warranty.objects.get(order_line__order__source="exchange")
    assert (granted.kind, granted.starts_on, granted.ends_on) == (old.kind, day, old.ends_on)


def test_what_is_lost_with_us_is_replaced_where_another_was_wanted(cast: Cast, at: datetime) -> None:
    from django.db import transaction

    from revlog.devices.services import moves, standing

    rma = opened(cast, "replace", at)
    device = returns.received(cast, rma, at=at).device
    with transaction.atomic():
        standing.write_off(moves.take_one(device.pk), reason="stolen from the dock", by=cast.aisha, at=at)
    reactions.drain(at=at)

    assert returns.unit_of(rma).status == UnitStatus.WRITTEN_OFF
    assert (fresh(rma).status, len(exchanged()), paid_out()) == (RmaStatus.CLOSED, 1, 0)


# What the customer is told ----------------------------------------------------------------------------------------------------------


def test_the_customer_is_written_at_each_step_what_there_is_to_pay_and_what_became_of_it(
    cast: Cast, at: datetime
) -> None:
    rma = opened(cast, "advance", at)
    assert "449.00 EUR (deposit)" in telling.saying(fresh(rma)).sentence
    pay(cast, at)
    assert telling.saying(fresh(rma)).sentence == "The new one is ordered."
    came(cast, rma, at)

    told = [letter.subject for letter in mail.outbox]
    assert told == [
        f"You can send your return {rma.number}",
        f"We need a payment for {rma.number}",
        f"Your payment for {rma.number} is here",
        f"Your replacement for {rma.number}",
        f"Your deposit for {rma.number}",
    ]
    assert "You got your deposit back." in telling.saying(fresh(rma)).then


def test_who_needn_t_send_anything_is_told_so_and_gets_no_label(cast: Cast, at: datetime) -> None:
    ruled(cast, at, goods="donate")
    rma = opened(cast, "refund", at)

    said = telling.saying(fresh(rma))
    assert said.sentence == "You can give it away."
    assert mail.outbox[-1].subject == f"We agreed to your return {rma.number}"
    assert "label" not in mail.outbox[-1].body


def test_a_dearer_wish_that_lapsed_and_a_late_thing_are_written_about(cast: Cast, at: datetime) -> None:
    rma = opened(cast, "exchange", at, **rival())
    came(cast, rma, at)
    assert "60.00 EUR (price difference)" in telling.saying(fresh(rma)).sentence
    deadlines.run(at=at + LATER)
    reactions.drain(at=at + LATER)

    assert f"Your return {rma.number} has changed" in [letter.subject for letter in mail.outbox]

    late = opened(cast, "advance", at)
    pay(cast, at)
    deadlines.run(at=at + LATER)
    reactions.drain(at=at + LATER)
    letter = mail.outbox[-1]
    assert letter.subject == f"We still wait for your return {late.number}"
    assert "after that we keep your deposit" in letter.body
