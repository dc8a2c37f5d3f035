from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from revlog.accounts.actors import system
from revlog.common.errors import BadInput, DomainError, NotAllowed
from revlog.custody.models import Entry
from revlog.terms.models import Contact, Order, OrderLine
from revlog.terms.services import importing, orders
from tests.cast import Cast
from tests.factories import terms

HEAD = "order,email,ordered,sku,price,quantity,delivered,serials,description,class\n"
ROW = "PS-1,kim@example.com,2026-10-25,T480,449.00,1,2026-10-28,PF1ABCDE,ThinkPad T480,laptop\n"


def load(cast: Cast, text: str | bytes, at: datetime) -> orders.Placed:
    data = text if isinstance(text, bytes) else text.encode()
    return importing.import_csv(io.BytesIO(data), seller=cast.retailer, by=system("test"), at=at)


def refusals(cast: Cast, text: str | bytes, at: datetime) -> list[str]:
    with pytest.raises(BadInput) as refusal:
        load(cast, text, at)
    assert not Order.objects.exists()
    assert not Contact.objects.exists()
    return [reason.sentence for reason in refusal.value.reasons]


def test_rows_with_one_number_are_lines_of_one_order(cast: Cast, at: datetime) -> None:
    done = load(
        cast, HEAD + ROW + 'ps-1,kim@example.com,2026-10-25,CAB,2.50,3,2026-10-29,,"Cable, 1 m",accessory\n', at
    )

    assert [order.number for order in done.placed] == ["PS-1"]
    order = Order.objects.get()
    assert [(line.sku, line.quantity, line.price) for line in order.lines.all()] == [
        ("T480", 1, Decimal("449.00")),
        ("CAB", 3, Decimal("2.50")),
    ]
    first, second = order.lines.all()
    assert (first.serials, first.device_class, second.description) == (["PF1ABCDE"], "laptop", "Cable, 1 m")
    assert first.delivered_at == datetime(2026, 10, 28, 12, tzinfo=UTC)
    entry = Entry.objects.get(chain_id=order.pk)
    assert (entry.kind, entry.payload["lines"], entry.owner_id) == ("terms.order_placed", 2, cast.retailer.pk)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_common_delimiter_and_a_byte_order_mark_are_read(cast: Cast, at: datetime, delimiter: str) -> None:
    load(cast, b"\xef\xbb\xbf" + (HEAD + ROW).replace(",", delimiter).encode(), at)

    assert Order.objects.get().number == "PS-1"


def test_the_same_file_once_more_changes_nothing(cast: Cast, at: datetime) -> None:
    load(cast, HEAD + ROW, at)

    again = load(cast, HEAD + ROW, at)

    assert (len(again.placed), len(again.known)) == (0, 1)
    assert (Order.objects.count(), Entry.objects.filter(kind="terms.order_placed").count()) == (1, 1)


def test_an_order_is_not_changed_by_importing_another_with_its_number(cast: Cast, at: datetime) -> None:
    load(cast, HEAD + ROW, at)

    with pytest.raises(BadInput, match="Line 2: Order PS-1 is here already and says something else"):
        load(cast, HEAD + ROW.replace("449.00", "1.00"), at)


def test_another_seller_may_use_the_same_number(cast: Cast, at: datetime) -> None:
    load(cast, HEAD + ROW, at)
    importing.import_csv(io.BytesIO((HEAD + ROW).encode()), seller=cast.operator, by=system("test"), at=at)

    assert Order.objects.filter(number="PS-1").count() == 2


def test_all_mistakes_are_named_with_their_lines_and_nothing_is_imported(cast: Cast, at: datetime) -> None:
    wrong = (
        ROW
        + "PS-3,kim@example.com,25.10.2026,T480,449.00,1,,,,laptop\n"
        + "PS-4,kim@example.com,2026-10-25,T480,449,50,1,,,,laptop\n"
    )

    said = refusals(cast, HEAD + wrong, at)

    assert [one[:24] for one in said] == ["Line 3: “25.10.2026” is ", "Line 4: There are more c"]
    said = refusals(cast, HEAD + ROW + "PS-2,no-mail,2026-10-25,T480,-1,0,,,,sofa\n", at)
    assert [one.partition(":")[0] for one in said] == ["Line 3"] * 4
    assert any("“no-mail” is no e-mail address" in one for one in said)
    assert any("There is no class sofa" in one for one in said)


@pytest.mark.parametrize(
    ("cell", "column"),
    [
        ("=1+1", "description"),
        ("@SUM(A1)", "description"),
        ("+31", "description"),
        ("-5", "description"),
        ("=cmd", "order"),
    ],
)
def test_what_a_spreadsheet_would_take_for_a_formula_is_refused(
    cast: Cast, at: datetime, cell: str, column: str
) -> None:
    row = ROW.replace("ThinkPad T480", cell) if column == "description" else ROW.replace("PS-1", cell)

    assert "Line 2:" in refusals(cast, HEAD + row, at)[0]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "The file is empty"),
        (HEAD.encode(), "holds no orders"),
        (b"order,email\n", "The column ordered, sku, price is missing."),
        ((HEAD.strip() + ",colour\n" + ROW).encode(), "Nothing here reads the column “colour”"),
        (("order," + HEAD + ROW).encode(), "A column is named twice."),
        (b"PK\x03\x04rest of a workbook", "This is no CSV file"),
        (b"%PDF-1.7\n", "This is no CSV file"),
        ((HEAD + ROW).encode("utf-16"), "not UTF-8"),
        (HEAD.encode() + ROW.replace("Think", "Thé").encode("latin-1"), "not UTF-8"),
        ((HEAD + 'PS-1,"kim@example.com,2026').encode(), "no CSV"),
        ((HEAD + 'PS-1,"kim"x,2026\n').encode(), "no CSV"),
        ((HEAD + ROW.replace("T480,449", "T\x00480,449")).encode(), "no CSV"),
        ((HEAD + ROW.strip() + ",more,cells\n").encode(), "more cells than columns"),
        ((HEAD + ROW.replace("kim@example.com", "")).encode(), "email is empty."),
        ((HEAD + ROW.replace("449.00", "1e999999999")).encode(), "Line 2"),
        ((HEAD + ROW.replace("449.00", "NaN")).encode(), "is no price"),
        ((HEAD + ROW.replace(",1,2026", ",1.5,2026")).encode(), "is no whole number"),
        ((HEAD + ROW.replace("2026-10-28", "2026-10-20")).encode(), "these dates say otherwise"),
        ((HEAD + ROW.replace("PF1ABCDE", "PF1|PF2")).encode(), "more serial numbers than pieces"),
        ((HEAD + ROW.replace("PF1ABCDE", "To Be Filled By O.E.M.")).encode(), "is no serial number"),
        ((HEAD + ROW.replace("ThinkPad T480", "x" * 201)).encode(), "at most 200 characters"),
        (b"\x00\x01\x02" * 100, "no CSV"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(cast: Cast, at: datetime, file: bytes, said: str) -> None:
    assert any(said in one for one in refusals(cast, file, at)), refusals(cast, file, at)


def test_a_file_too_large_stops_reading(cast: Cast, at: datetime) -> None:
    class Endless(io.RawIOBase):
        """A file that never ends; it must not be read to its end."""

        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.read_bytes += size
            assert self.read_bytes < 2 * importing.MOST_BYTES
            return (HEAD + ROW * 1000).encode()[:size].ljust(size, b"\n")

    with pytest.raises(BadInput):
        importing.import_csv(Endless(), seller=cast.retailer, by=system("test"), at=at)  # type: ignore[arg-type]


def test_rows_of_one_order_must_agree(cast: Cast, at: datetime) -> None:
    said = refusals(cast, HEAD + ROW + ROW.replace("kim@", "lee@"), at)

    assert said == ["Line 3: email differs from the other rows of order PS-1."]


def test_a_currency_without_a_rate_is_refused(cast: Cast, at: datetime) -> None:
    head = HEAD.strip() + ",currency\n"

    assert "There is no exchange rate from GBP to EUR" in refusals(cast, head + ROW.strip() + ",GBP\n", at)[0]


def test_a_thousand_orders_are_a_handful_of_statements(
    cast: Cast, at: datetime, django_assert_max_num_queries: object
) -> None:
    text = HEAD + "".join(ROW.replace("PS-1", f"PS-{n}").replace("PF1ABCDE", f"PF{n:06}X") for n in range(1000))

    with django_assert_max_num_queries(40):  # type: ignore[operator]
        load(cast, text, at)

    assert OrderLine.objects.count() == 1000


def test_a_seller_imports_its_own_orders_alone(cast: Cast, at: datetime) -> None:
    file = io.BytesIO((HEAD + ROW).encode())
    with pytest.raises(NotAllowed, match="your own organization alone"):
        importing.import_csv(file, seller=cast.operator, by=cast.remco, at=at)
    with pytest.raises(NotAllowed):
        importing.import_csv(file, seller=cast.retailer, by=cast.ines, at=at)
    assert importing.import_csv(file, seller=cast.retailer, by=cast.remco, at=at).placed


def test_the_page_imports_and_names_mistakes(cast: Cast, client: Client) -> None:
    client.force_login(cast.user("henrik"))
    assert client.get("/orders/import/").status_code == 200

    good = SimpleUploadedFile("orders.csv", (HEAD + ROW).encode())
    assert client.post("/orders/import/", {"seller": "retailer", "file": good}).status_code == 302
    assert "PS-1" in client.get("/orders/").content.decode()
    bad = SimpleUploadedFile("orders.csv", (HEAD + ROW.replace("449.00", "much")).encode())
    answer = client.post("/orders/import/", {"seller": "retailer", "file": bad})
    assert answer.status_code == 422
    assert "Line 2: “much” is no price" in answer.content.decode()
    assert client.post("/orders/import/", {"seller": "nobody"}).status_code == 422


def test_orders_are_seen_by_their_seller_and_the_operator(cast: Cast, client: Client, at: datetime) -> None:
    order = terms.order(cast, at=at)
    for name, status in (("henrik", 200), ("remco", 200), ("vera", 404), ("ines", 200), ("tomas", 403)):
        client.force_login(cast.user(name))
        assert client.get(f"/orders/{order.pk}/").status_code == status, name
    client.force_login(cast.user("ines"))
    assert "Kim Jansen" not in client.get(f"/orders/{order.pk}/").content.decode()
    client.force_login(cast.user("sam"))
    assert "Kim Jansen" in client.get(f"/orders/{order.pk}/").content.decode()


def test_the_command_imports_a_file_or_says_what_is_wrong(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(HEAD + ROW)
    out = io.StringIO()

    call_command("import_orders", str(file), "--seller", "retailer", stdout=out)

    assert out.getvalue() == "1 orders imported, 0 were here already.\n"
    file.write_text(HEAD + ROW.replace("449.00", "much"))
    with pytest.raises(CommandError, match="Line 2: “much” is no price"):
        call_command("import_orders", str(file), "--seller", "retailer")
    with pytest.raises(CommandError, match="no organization"):
        call_command("import_orders", str(file), "--seller", "nobody")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_orders", str(tmp_path / "none.csv"), "--seller", "retailer")


def test_erasing_a_person_leaves_the_order_and_its_chain_whole(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, at=at)
    with pytest.raises(NotAllowed):
        orders.erase_contact(order.contact_id, by=cast.sam, at=at)

    orders.erase_contact(order.contact_id, by=cast.admin, at=at)

    contact = Contact.objects.get()
    assert (contact.email, contact.name, contact.address, contact.erased_at) == ("", "", [], at)
    assert Entry.objects.filter(chain_id=order.pk, kind="terms.contact_erased").count() == 1
    orders.erase_contact(order.contact_id, by=cast.admin, at=at)
    assert Entry.objects.filter(chain_id=order.pk, kind="terms.contact_erased").count() == 1


def test_what_shipped_is_noted_once_and_never_more_than_was_sold(cast: Cast, at: datetime) -> None:
    line = terms.order(cast, "PS-2", terms.laptop_line(quantity=2, serials=()), at=at).lines.get()

    orders.ship_line(line, serials=["PF1", "PF2"], parcel_number="3S 1", by=cast.luca, at=at)
    line.refresh_from_db()
    assert (line.serials, line.parcel_number) == (["PF1", "PF2"], "3S1")
    with pytest.raises(DomainError, match="More pieces would ship"):
        orders.ship_line(line, serials=["PF3"], by=cast.luca, at=at)
