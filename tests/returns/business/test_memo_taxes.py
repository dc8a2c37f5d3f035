"""What a credit memo says of VAT: by line and in all, by the rate at which it was sold, and what the law wants said of what has none."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.test import Client

from returns.models import Memo, MemoKind
from returns.services.business import correcting, memos
from returns.services.business.correcting import Correction
from revlog.accounts.models import Organization
from revlog.custody.services import reactions
from revlog.devices.models import Posting
from revlog.evidence.models import Document
from revlog.terms import vat
from revlog.terms.services import rules
from tests.api.callers import caller
from tests.cast import Cast
from tests.factories import business as make

D = Decimal


def issued(cast: Cast, at: datetime, *lines: object) -> Memo:
    make.order(cast, "B-1", *lines)  # type: ignore[arg-type]
    told = [make.told(place, sku=line.sku, quantity=10, lot=line.lot) for place, line in enumerate(lines, 2)]  # type: ignore[attr-defined]
    rma = make.rma(cast, *told)
    make.came(cast, rma)
    reactions.drain(at=at, queues=["documents"])
    return Memo.objects.select_related("document").get(rma=rma)


def said(document: Document | None) -> dict[str, object]:
    assert document is not None
    return dict(document.context)


def test_each_line_bears_the_tax_at_which_it_was_sold_and_all_of_it_adds_up(cast: Cast, at: datetime) -> None:
    memo = issued(
        cast, at,
        make.toner(price=D("3.33"), tax="standard"),
        make.toner("L-2", sku="BOOK-1", price=D("1.07"), tax="reduced"),
        make.toner("L-3", sku="USED-1", price=D("50.00"), tax="margin"),
        make.toner("L-4", sku="CHIP-1", price=D("20.00"), tax="reverse_charge"),
    )  # fmt: skip

    assert [(row.amount, row.net, row.tax, row.tax_rate) for row in memo.lines.order_by("line__line__position")] == [
        (D("33.30"), D("27.52"), D("5.78"), D(21)),
        (D("10.70"), D("9.82"), D("0.88"), D(9)),
        (D("500.00"), D("500.00"), D(0), None),
        (D("200.00"), D("200.00"), D(0), None),
    ]
    told = said(memo.document)
    assert (told["net"], told["tax"], told["total"]) == ("737.34", "6.66", "744.00")
    assert (
        told["notes"]
        == [
            "Margin scheme, second-hand goods: no VAT is shown.",
            "Reverse charge: the recipient owes the tax.",
        ]
        or len(told["notes"]) == 2
    )  # type: ignore[arg-type] # in the buyer's language once it is translated
    assert told["invoices"] == [{"invoice": "INV-B-1", "order": "B-1", "ordered_on": "2026-10-25"}]
    seller, customer = told["seller"], told["customer"]
    assert isinstance(seller, dict)
    assert isinstance(customer, dict)
    assert (seller["vat_id"], seller["address_lines"][:2]) == ("NL999999999B02", ["Polderweg 88", "1093 KN Amsterdam"])
    assert customer["vat_id"] == "ESB99999999"
    # One posting for each way of being taxed, so that each is booked with its key.
    assert [
        (row.tax, row.amount, row.base_tax) for row in Posting.objects.filter(account="credit").order_by("key")
    ] == [
        ("standard", D("-33.30"), D("-5.78")),
        ("reduced", D("-10.70"), D("-0.88")),
        ("margin", D("-500.00"), D(0)),
        ("reverse_charge", D("-200.00"), D(0)),
    ]

    # A debit note takes back with the tax of what it corrects, whatever the rules say by now.
    drafted = rules.draft(kind=vat.KIND, body={**vat.SHIPPED, "rates": {}}, by=cast.admin, at=at)
    rules.publish(drafted, by=cast.maria, at=at)
    note = correcting.correct(
        memo, MemoKind.DEBIT, [Correction(position=1, amount=D("12.10"))], why="One was used.", key="k",
        by=cast.maria, at=at,
    )  # fmt: skip
    memos.approve(note, by=cast.esra, at=at)
    reactions.drain(at=at, queues=["documents"])
    note.refresh_from_db()
    told = said(note.document)
    assert (told["net"], told["tax"], told["total"]) == ("10.00", "2.10", "12.10")
    assert told["corrects"] == memo.document.number  # type: ignore[union-attr]

    client = Client()
    client.force_login(cast.user("maria"))
    page = client.get(f"/returns/business/memo/{memo.pk}/").content.decode()
    assert "27.52" in page
    assert "Margin scheme" in page
    assert "INV-B-1" in page
    answer = caller(cast, "rmas:read").get(f"/business-returns/{memo.rma.number}/").json()
    [first, second] = sorted(answer["memos"], key=lambda one: str(one["corrects"] or ""))
    assert [(one["tax"], *(one[sum_]["amount"] for sum_ in ("net", "vat", "gross"))) for one in first["taxes"]][:2] == [
        ("standard", "27.52", "5.78", "33.30"), ("reduced", "9.82", "0.88", "10.70"),
    ]  # fmt: skip
    assert (second["corrects"], second["lines"][0]["vat"]["amount"]) == (memo.document.number, "2.10")  # type: ignore[union-attr]


def test_what_goes_to_another_country_of_the_eu_has_no_tax_and_what_nobody_knows_shows_none(
    cast: Cast, at: datetime
) -> None:
    memo = issued(cast, at, make.toner())
    told = said(memo.document)
    assert (told["tax"], [row.tax_kind for row in memo.lines.all()]) == ("0.00", ["intra_community"])
    assert len(told["notes"]) == 1  # type: ignore[arg-type]

    Organization.objects.filter(code="retailer").update(country="")
    make.order(cast, "B-2", make.toner("L-9"))
    rma = make.rma(cast, make.told(lot="L-9"))
    make.came(cast, rma)
    reactions.drain(at=at, queues=["documents"])
    told = said(Memo.objects.get(rma=rma).document)
    assert (told["taxes"], told["tax"], told["notes"]) == ([], "", [])
