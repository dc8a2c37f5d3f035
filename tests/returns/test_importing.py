"""Past orders and returns from a file: what becomes of each row, and which purchase a credited one is matched with."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from returns.imports import mapping as mappings
from returns.imports import refusals
from returns.imports.reading import UnreadableFile, unpacked
from returns.models import CreditNote, ImportedMatch, ImportedRow, ImportRun, Rma, RmaLine
from returns.services import importing, opening
from revlog.accounts.models import Organization
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import reactions
from revlog.terms import queries as terms
from revlog.terms.models import Contact, Message, Order, OrderLine
from revlog.terms.services import orders
from tests.cast import Cast
from tests.factories import imports
from tests.factories.imports import row, source
from tests.factories.terms import order as placed

BUY, BACK = "2010-12-01 08:26:00", "2010-12-09 14:00:00"


def why(run: ImportRun, line: int) -> str:
    found = ImportedRow.objects.get(run=run, line=line)
    return refusals.sentence(found.reason, found.told) if found.reason else ""


def matches(run: ImportRun) -> list[tuple[int, str, int, int]]:
    """Line of the file, and order, position and pieces that it was matched with."""
    rows = ImportedMatch.objects.filter(row__run=run).order_by("row__line", "pk")
    return [
        (
            one.row.line,
            one.rma_line.order_line.order.number,
            one.rma_line.order_line.position,
            one.rma_line.quantity,
        )
        for one in rows.select_related("row", "rma_line__order_line__order")
    ]


# Orders -----------------------------------------------------------------------------------------------------------------------------


def test_rows_of_one_invoice_are_lines_of_one_order_also_when_a_stock_code_comes_twice(cast: Cast) -> None:
    run = imports.imported(
        source([row(), row(quantity=4), row(sku="71053", price="3.39", at="2010-12-01 08:27:00"), row("536366")])
    )

    order = Order.objects.get(number="536365")
    assert [(line.sku, line.quantity, line.price) for line in order.lines.all()] == [
        ("85123A", 6, Decimal("2.55")),
        ("85123A", 4, Decimal("2.55")),
        ("71053", 6, Decimal("3.39")),
    ]
    assert order.ordered_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert (order.currency, order.seller.code, order.seller.country) == ("GBP", "uci-online-retail", "GB")
    assert importing.figures(run) == {
        "order_lines": 4,
        "return_lines": 0,
        "matched": 0,
        "unmatched": 0,
        "refused": 0,
        "order_total": "61.14",
        "return_total": "0.00",
    }
    entry = Entry.objects.get(chain_id=order.pk)
    assert (entry.kind, entry.occurred_at) == ("terms.order_placed", order.ordered_at)


def test_rows_of_an_invoice_that_stand_apart_in_the_file_are_still_one_order(cast: Cast) -> None:
    imports.imported(source([row(), row("536366", "71053"), row(sku="84406B", at="2010-12-01 08:28:00")]))

    assert [line.sku for line in Order.objects.get(number="536365").lines.all()] == ["85123A", "84406B"]


def test_a_customer_is_one_person_of_the_seller_and_no_customer_is_nobody(cast: Cast) -> None:
    imports.imported(
        source([row(), row("536366", customer="17850.0"), row("536367", customer=""), row("536368", customer="")])
    )

    who = dict(Order.objects.values_list("number", "contact"))
    assert who["536365"] == who["536366"]
    assert len(set(who.values())) == 3
    assert Contact.objects.get(pk=who["536365"]).country == "GB"


def test_an_order_without_e_mail_is_no_door_for_a_guest(cast: Cast) -> None:
    imports.imported(source([row()]))

    assert not any(contact.email for contact in Contact.objects.filter(orders__number="536365"))
    assert terms.guests_order("536365", "") is None
    assert terms.guests_order("536365", "   ") is None


def test_an_invoice_of_over_a_thousand_lines_is_one_order(cast: Cast) -> None:
    imports.imported(source([row(sku=f"S{n}", quantity=1) for n in range(1_114)]))

    assert OrderLine.objects.filter(order__number="536365").count() == 1_114


def test_texts_are_kept_as_they_can_be(cast: Cast) -> None:
    imports.imported(
        source(
            [
                row(text="CAFÉ ÉTAGÈRE £5"),
                row(sku="2", text='"=HYPERLINK(1)\x07"'),
                row(sku="3", text=""),
                row(sku="4", text="  A   B  "),
            ]
        )
    )

    assert [line.description for line in Order.objects.get().lines.all()] == [
        "CAFÉ ÉTAGÈRE £5",
        "HYPERLINK(1)",
        "3",
        "A B",
    ]


def test_a_file_in_the_mappings_second_encoding_is_read(cast: Cast) -> None:
    imports.imported(source([row(text="GIN £5")], encoding="cp1252"))

    assert Order.objects.get().lines.get().description == "GIN £5"


@pytest.mark.parametrize(
    ("told", "code"),
    [("United Kingdom", "GB"), ("EIRE", "IE"), ("RSA", "ZA"), ("Germany", "DE"), ("Unspecified", ""), ("Atlantis", "")],
)
def test_countries_are_known_by_the_mapping_or_by_their_english_names(cast: Cast, told: str, code: str) -> None:
    imports.imported(source([row(country=told)]))

    assert Contact.objects.get(orders__number="536365").country == code


def test_a_charge_is_kept_as_what_was_billed_in_a_category_of_its_own(cast: Cast) -> None:
    imports.imported(source([row(), row(sku="POST", price="18.00", quantity=1)]))

    assert dict(OrderLine.objects.values_list("sku", "category")) == {"85123A": "", "POST": "service"}


def test_return_windows_of_past_orders_run_from_when_they_were_delivered(cast: Cast, at: datetime) -> None:
    imports.imported(source([row()]))

    only = opening.returnable(Order.objects.get(), at=at)[0]
    assert only.blocked == "The return window has ended."


# Refused rows -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "reason", "says"),
    [
        (row("536996", quantity=-20, price="0.0", customer=""), "write_off", "a write-off of stock"),
        (row("536997", quantity=20, price="0.0", customer=""), "stock_movement", "a movement of stock"),
        (row("A563185", "B", 1, "-11062.06", ""), "adjustment", "not a sale"),
        (row(price="-1.00"), "negative_price", "below zero: -1.00"),
        (row(quantity=0), "quantity", "“0” is no quantity"),
        (row(quantity="1.5"), "quantity", "“1.5” is no quantity"),
        (row(quantity=100_001), "quantity", "“100001” is no quantity"),
        (row(quantity="9" * 40), "quantity", "is no quantity"),
        (row(quantity="many"), "quantity", "“many” is no quantity"),
        (row("C536365", quantity=6), "quantity", "“6” is no quantity"),
        (row(price="two"), "price", "“two” is no price"),
        (row(price="NaN"), "price", "“NaN” is no price"),
        (row(price="0.015"), "price_too_fine", "a fraction of a cent that would be lost: 0.015"),
        (row(at="01-12-2010"), "date", "“01-12-2010” is no date"),
        (row(at="2031-12-01 08:26:00"), "in_future", "dated 2031-12-01 08:26:00, which is still to come"),
        (row(""), "document", "can't be the number of an order"),
        (row("=1+1"), "document", "“=1+1” can't be the number of an order"),
        (row(sku=""), "sku", "can't be a SKU"),
        ("536365,85123A,cut\n", "cells", "more or fewer cells"),
        ("a,b,c,1,2010-12-01 08:26:00,1,1,1,1,1,1\n", "cells", "more or fewer cells"),
    ],
)
def test_a_row_that_can_be_neither_is_refused_with_its_reason_and_the_others_go_in(
    cast: Cast, told: str, reason: str, says: str
) -> None:
    run = imports.imported(source([row("536300"), told]))

    assert (run.order_lines, run.refused, run.status) == (1, 1, "done")
    assert ImportedRow.objects.get(run=run, line=3).reason == reason
    assert says in why(run, 3)
    assert [order.number for order in Order.objects.all()] == ["536300"]


def test_a_free_thing_for_a_customer_is_a_line_of_its_order(cast: Cast) -> None:
    run = imports.imported(source([row(price="0.0")]))

    assert (run.order_lines, run.refused, run.order_total) == (1, 0, 0)


def test_a_price_finer_than_a_cent_is_kept_where_no_cent_is_lost(cast: Cast) -> None:
    run = imports.imported(source([row(price="0.001", quantity=1)]))

    assert (run.order_lines, run.order_total, OrderLine.objects.get().price) == (1, 0, 0)


def test_a_row_of_another_customer_on_the_same_invoice_is_refused(cast: Cast) -> None:
    run = imports.imported(source([row(), row(sku="71053", customer="13047.0")]))

    assert why(run, 3) == "The rest of its document is another customer's: 13047."
    assert [line.sku for line in OrderLine.objects.all()] == ["85123A"]


def test_totals_are_those_of_accepted_rows(cast: Cast) -> None:
    run = imports.imported(
        source(
            [
                row(quantity=3, price="0.10"),
                row("536997", quantity=-20, price="4.00", customer=""),
                row("C536998", quantity=-1, price="0.10", at=BACK),
                row("C536999", quantity=-7, price="1.11", customer="", at=BACK),
            ]
        )
    )

    assert importing.figures(run) == {
        "order_lines": 1,
        "return_lines": 2,
        "matched": 1,
        "unmatched": 1,
        "refused": 1,
        "order_total": "0.30",
        "return_total": "7.87",
    }
    lines = sum(line.price * line.quantity for line in OrderLine.objects.all())
    taken = sum(line.settled_amount for line in RmaLine.objects.all())
    listed = sum(
        one.price * (one.quantity - one.matched_quantity) for one in ImportedRow.objects.exclude(outcome="refused")
    )
    assert (lines, taken + listed) == (run.order_total, run.return_total)


# Matching ---------------------------------------------------------------------------------------------------------------------------


def test_a_credited_line_is_matched_with_the_latest_earlier_invoice(cast: Cast) -> None:
    run = imports.imported(
        source(
            [
                row("536365"),
                row("536400", at="2010-12-03 08:00:00"),
                row("C536500", quantity=-2, at=BACK),
                row("536600", at="2010-12-10 08:00:00"),
            ]
        )
    )

    assert matches(run) == [(4, "536400", 1, 2)]


def test_a_credited_line_may_take_pieces_of_several_lines_and_invoices(cast: Cast) -> None:
    run = imports.imported(
        source(
            [
                row("536365", quantity=5),
                row("536400", quantity=2, at="2010-12-03 08:00:00"),
                row("536400", quantity=1, at="2010-12-03 08:00:00"),
                row("C536500", quantity=-6, at=BACK),
            ]
        )
    )

    assert matches(run) == [(5, "536400", 1, 2), (5, "536400", 2, 1), (5, "536365", 1, 3)]
    assert (run.return_lines, run.matched) == (1, 1)
    rma = Rma.objects.get()
    assert (rma.order.number, rma.lines.count(), rma.contact) == (
        "536400",
        3,
        Order.objects.get(number="536365").contact,
    )


def test_what_was_credited_once_is_not_credited_again(cast: Cast) -> None:
    run = imports.imported(
        source(
            [
                row(quantity=2),
                row("C536500", quantity=-2, at=BACK),
                row("C536501", quantity=-1, at="2010-12-10 08:00:00"),
            ]
        )
    )

    assert (run.matched, run.unmatched) == (1, 1)
    assert why(run, 4) == "All that this customer had bought of it was credited before."


def test_of_more_than_was_bought_the_bought_pieces_are_taken_and_the_line_is_listed(cast: Cast) -> None:
    run = imports.imported(source([row(quantity=4), row("C536500", quantity=-10, at=BACK)]))

    assert (run.matched, run.unmatched) == (0, 1)
    assert matches(run) == [(3, "536365", 1, 4)]
    assert why(run, 3) == "Of these, 4 were bought before and not credited yet; the rest weren't."
    assert opening.taken(Order.objects.get()) == {OrderLine.objects.get().pk: 4}


@pytest.mark.parametrize(
    ("back", "says"),
    [
        (row("C536500", quantity=-1, customer="", at=BACK), "It names no customer"),
        (row("C536500", quantity=-1, customer="13047.0", at=BACK), "This customer hadn't bought it before"),
        (row("C536500", "71053", quantity=-1, at=BACK), "This customer hadn't bought it before"),
        (row("C536500", quantity=-1, at="2010-11-30 08:00:00"), "This customer hadn't bought it before"),
    ],
)
def test_a_credited_line_without_a_purchase_is_kept_and_listed_with_its_reason(
    cast: Cast, back: str, says: str
) -> None:
    run = imports.imported(source([row(), back]))

    assert (run.return_lines, run.matched, run.unmatched, run.refused) == (1, 0, 1, 0)
    assert why(run, 3).startswith(says)
    assert CreditNote.objects.get().number == "C536500"
    assert not Rma.objects.exists()


def test_of_one_moment_the_order_of_the_file_says_what_came_first(cast: Cast) -> None:
    run = imports.imported(
        source([row("C536500", quantity=-1), row("536501", quantity=1), row("C536502", quantity=-1)])
    )

    assert matches(run) == [(4, "536501", 1, 1)]
    assert why(run, 2) == "This customer hadn't bought it before, as far as the files go back."


def test_a_sellers_customers_are_not_another_sellers(cast: Cast) -> None:
    imports.imported(source([row()]), seller="retailer")

    run = imports.imported(source([row("C536500", quantity=-1, at=BACK)]), seller="demo")

    assert (run.matched, run.unmatched) == (0, 1)


def test_a_purchase_that_an_earlier_file_brought_is_found(cast: Cast) -> None:
    imports.imported(source([row()]))

    run = imports.imported(source([row("C536500", quantity=-1, at=BACK)]))

    assert matches(run) == [(2, "536365", 1, 1)]


def test_a_customers_number_goes_with_the_person_and_the_rows_stay(cast: Cast, at: datetime) -> None:
    told = source(
        [row(), row("C536500", quantity=-9, at=BACK), row("C536501", quantity=-1, customer="13047.0", at=BACK)]
    )
    imports.imported(told)

    orders.erase_contact(Order.objects.get().contact_id, by=cast.admin, at=at)
    reactions.drain(at=at)

    kept = dict(ImportedRow.objects.values_list("line", "customer"))
    assert kept == {3: "", 4: "13047"}
    grown = imports.imported(source([row(), row("C536500", quantity=-9, at=BACK), row("536600", at=BACK)]))
    assert (grown.known, grown.unmatched) == (2, 1)


# The returns that they become -------------------------------------------------------------------------------------------------------


def test_a_matched_credit_is_a_closed_return_with_one_entry_and_nothing_to_do(cast: Cast) -> None:
    run = imports.imported(
        source(
            [
                row(),
                row(sku="71053"),
                row("C536500", quantity=-2, at=BACK),
                row("C536500", "71053", -1, "3.39", at=BACK),
            ]
        )
    )

    rma = Rma.objects.get()
    assert (rma.status, rma.origin, rma.opened_at) == ("closed", "import", datetime(2010, 12, 9, 14, tzinfo=UTC))
    assert [(one.quantity, one.reason, one.settled_as, one.settled_amount) for one in rma.lines.all()] == [
        (2, "NOT_STATED", "refund", Decimal("5.10")),
        (1, "NOT_STATED", "refund", Decimal("3.39")),
    ]
    entry = Entry.objects.get(chain_id=rma.pk)
    assert entry.kind == "returns.return_imported"
    assert (entry.payload["note"], entry.payload["amount"], entry.payload["run"]) == ("C536500", "8.49", str(run.pk))
    assert entry.occurred_at == rma.opened_at
    assert "17850" not in str(entry.payload)
    assert not Reaction.objects.filter(entry__chain_id=rma.pk).exists()
    assert not Message.objects.exists()


def test_what_was_returned_in_the_past_can_not_be_returned_again(cast: Cast, at: datetime) -> None:
    imports.imported(source([row(quantity=2), row("C536500", quantity=-2, at=BACK)]))

    assert opening.returnable(Order.objects.get(), at=at)[0].left == 0


# Once more --------------------------------------------------------------------------------------------------------------------------


def counted() -> list[int]:
    return [
        model.objects.count()
        for model in (Order, OrderLine, Contact, Rma, RmaLine, CreditNote, ImportedRow, ImportedMatch, ImportRun, Entry)
    ]


def test_the_same_file_once_more_changes_nothing_however_it_is_packed(cast: Cast, tmp_path: object) -> None:
    import gzip

    told = source([row(), row("C536500", quantity=-2, at=BACK), row("C536501", quantity=-1, customer="", at=BACK)])
    first = imports.imported(told)
    before = counted()

    again = imports.imported(unpacked(gzip.compress(told.data), name="other.csv.gz"))

    assert (again.pk, counted()) == (first.pk, before)


def test_a_file_that_grew_brings_only_what_is_new_and_counts_what_is_known(cast: Cast) -> None:
    told = [row(), row("C536500", quantity=-2, at=BACK), row("C536501", quantity=-1, customer="", at=BACK)]
    first = imports.imported(source(told))
    sold, rmas = Order.objects.count(), Rma.objects.count()

    grown = imports.imported(source([*told, row("536600", at="2010-12-20 08:00:00")]))

    assert (Order.objects.count(), Rma.objects.count()) == (sold + 1, rmas)
    assert grown.pk != first.pk
    assert (grown.order_lines, grown.return_lines, grown.matched, grown.unmatched, grown.known) == (2, 2, 1, 1, 3)
    assert (grown.order_total, grown.return_total) == (Decimal("30.60"), Decimal("7.65"))
    assert why(grown, 4) == "It names no customer, so nobody's purchase can be meant."


def test_a_document_that_says_something_else_now_is_refused_and_the_first_stands(cast: Cast) -> None:
    imports.imported(source([row(), row("C536500", quantity=-2, at=BACK)]))

    run = imports.imported(source([row(quantity=7), row("C536500", quantity=-3, at=BACK)]))

    assert (run.order_lines, run.return_lines, run.refused) == (0, 0, 2)
    assert why(run, 2) == "536365 is here already and says something else; importing changes nothing that stands."
    assert why(run, 3).startswith("C536500 is here already")
    assert (OrderLine.objects.get().quantity, RmaLine.objects.get().quantity) == (6, 2)


def test_an_order_that_came_another_way_is_left_as_it_is(cast: Cast) -> None:
    placed(cast, "536365")

    run = imports.imported(source([row()]), seller="retailer")

    assert (run.order_lines, run.refused) == (0, 1)
    assert Order.objects.get().lines.get().sku == "T480-16-256"


# Sale and return in one row ---------------------------------------------------------------------------------------------------------

SHOP = (
    "Order_ID,Product_ID,User_ID,Order_Date,Return_Date,Product_Category,Product_Price,Order_Quantity,Return_Reason,"
    "Return_Status\n"
)


def shop(*rows: str) -> ImportRun:
    return imports.imported(
        source([f"{one}\n" for one in rows], head=SHOP), mappings.named("ecommerce-returns-synthetic")
    )


def test_a_row_may_be_sale_and_return_in_one(cast: Cast) -> None:
    run = shop(
        "O1,P1,U1,05-08-23,26-08-23,Clothing,411.59,3,Changed mind,Returned",
        "O2,P1,U1,06-08-23,,Clothing,5.5,1,,Not Returned",
    )

    assert matches(run) == [(2, "O1", 1, 3)]
    assert (run.order_lines, run.return_lines, run.matched) == (2, 1, 1)
    assert (run.order_total, run.return_total) == (Decimal("1240.27"), Decimal("1234.77"))
    line = RmaLine.objects.get()
    assert (line.reason, line.order_line.category) == ("CHANGED_MIND", "clothing")
    assert line.rma.opened_at == datetime(2023, 8, 26, 12, tzinfo=UTC)


def test_what_came_back_before_it_was_ordered_is_refused_whole_and_named_with_its_line(cast: Cast) -> None:
    run = shop(
        "O1,P1,U1,05-08-23,05-08-23,Clothing,411.59,3,Defective,Returned",
        "O2,P1,U1,06-08-23,05-08-23,Clothing,5.5,1,Defective,Returned",
    )

    assert (run.order_lines, run.return_lines, run.refused) == (1, 1, 1)
    assert why(run, 3) == (
        "It came back before it was ordered, which can't be; ordered and returned: 2023-08-06, 2023-08-05."
    )
    assert not Order.objects.filter(number="O2").exists()


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("O1,P1,U1,05-08-23,06-08-23,Books,5,1,Defective,Not Returned", "that it came back and that it didn't"),
        ("O1,P1,U1,05-08-23,,Books,5,1,Defective,Returned", "that it came back and that it didn't"),
        ("O1,P1,U1,05-08-23,31-02-24,Books,5,1,Defective,Returned", "“31-02-24” is no date"),
        ("O1,P1,U1,05-08-23,06-08-26,Books,5,1,Bored,Returned", "doesn't know the reason “Bored”"),
        ("O1,P1,U1,05-08-23,06-08-68,Books,5,1,Defective,Returned", "which is still to come"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(cast: Cast, told: str, says: str) -> None:
    run = shop(told)

    assert (run.order_lines, run.return_lines, run.refused) == (0, 0, 1)
    assert says in why(run, 2)


# Who may, and what isn't a file -----------------------------------------------------------------------------------------------------


def test_a_sellers_people_import_their_own_orders_and_nobody_elses(cast: Cast, at: datetime) -> None:
    told, how = source([row()]), imports.uci()
    own = importing.seller_for(how, code="retailer", by=cast.remco, at=at)

    run = importing.begin(source=told, mapping=how, seller=own, by=cast.remco, at=at)
    importing.carry_on(run, source=told, mapping=how, by=cast.remco, at=at)
    with pytest.raises(NotAllowed, match="your own organization alone"):
        importing.seller_for(how, code="demo", by=cast.remco, at=at)
    with pytest.raises(NotAllowed, match="your own organization alone"):
        importing.seller_for(how, by=cast.remco, at=at)
    with pytest.raises(NotAllowed, match="needs the right"):
        importing.seller_for(how, code="retailer", by=cast.ines, at=at)

    assert Order.objects.get().seller == cast.retailer
    assert not Organization.objects.filter(code="uci-online-retail").exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty"),
        (imports.HEAD.encode(), "names columns and holds no rows"),
        (b"a,b\n1,2\n", "has no column “InvoiceNo”"),
        (b"PK\x03\x04sheet", "This is no CSV file"),
        (b"\x1f\x8bbroken", "can't be unpacked"),
        ((imports.HEAD + row() + '1,"2,3\n').encode(), "Line 3: this is no CSV"),
        ((imports.HEAD.replace("Country", "InvoiceNo") + row()).encode(), "“InvoiceNo” is named twice"),
    ],
)
def test_what_is_no_table_is_refused_before_anything_is_written(cast: Cast, data: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        imports.imported(unpacked(data, name="past.csv"))

    assert says in refusal.value.sentence
    assert not Order.objects.exists()
