"""Warranties of a unit, claims to suppliers with the money in the right book once, and repairs of ours that didn't last."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client

from refurb.services import checking
from returns import genealogy
from returns.models import SupplierClaim
from returns.queries import claims as queries_claims
from returns.services import supplier_claims as claims
from returns.services.answering import case_for, footing
from returns.services.supplier_claims import UnableToClaim
from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices import facts as device_facts
from revlog.devices.journey import Disposition
from revlog.devices.models import Device, Posting
from revlog.devices.services import arrivals, moves, standing
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from revlog.terms import queries as terms_queries
from revlog.terms.models import Order, Warranty, WarrantyKind
from revlog.terms.services import warranties
from tests.cast import Cast
from tests.factories import devices, refurb, terms
from tests.factories import recalls as make
from tests.returns.test_recalls import harvested


def proof(at: datetime) -> Artifact:
    return artifacts.keep(b"%PDF-1.4 warranty card", media_type="application/pdf", at=at)


def noted(cast: Cast, device: Device, *, at: datetime, **changes: object) -> Warranty:
    values: dict[str, object] = {"months": 36, "starts_on": date(2025, 1, 10), "proof": proof(at)} | changes
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        return warranties.note(taken, WarrantyKind.MAKER, by=cast.henrik, at=at, **values)  # type: ignore[arg-type]


def supplier(at: datetime) -> Organization:
    return Organization.objects.get_or_create(
        code="lenovo-service", defaults={"name": "Lenovo Service", "kind": "supplier", "created_at": at}
    )[0]


def claim(cast: Cast, device: Device, *, at: datetime, amount: str = "120.00") -> SupplierClaim:
    return claims.draft(
        device, supplier=supplier(at), asks="repair_cost", defect="Battery worn after a year.", amount=Decimal(amount),
        by=cast.henrik, at=at,
    )  # fmt: skip


# Warranties -------------------------------------------------------------------------------------------------------------------------


def test_a_maker_s_warranty_is_noted_with_the_document_that_shows_it(cast: Cast, at: datetime) -> None:
    unit = devices.laptop(cast)

    with pytest.raises(BadInput, match="Add the document that shows it"):
        noted(cast, unit, at=at, proof=None)
    with pytest.raises(BadInput, match="can't begin after today"):
        noted(cast, unit, at=at, starts_on=date(2027, 1, 1))
    row = noted(cast, unit, at=at)
    again = noted(cast, unit, at=at, months=12)

    assert (row.ends_on, row.order_line, again.pk) == (date(2028, 1, 10), None, row.pk)
    entry = Entry.objects.get(chain_id=unit.pk, kind="terms.warranty_noted")
    assert (entry.payload["proof"], entry.payload["months"]) == (proof(at).digest, 36)


def test_the_rules_give_a_maker_s_warranty_without_a_document(cast: Cast, at: datetime) -> None:
    unit = devices.laptop(cast)
    strange = devices.laptop(cast, serial="PF2BCDEF", device_class="apparel", manufacturer="Tailor")

    with transaction.atomic():
        row = warranties.note_by_rule(moves.take_one(unit.pk), starts_on=date(2025, 1, 10), by=cast.henrik, at=at)
        nothing = warranties.note_by_rule(
            moves.take_one(strange.pk), starts_on=date(2025, 1, 10), by=cast.henrik, at=at
        )

    assert row is not None
    assert (row.rule, row.months) == ("business_computers", 36)
    assert nothing is None


def test_one_panel_knows_maker_seller_and_what_ended_with_a_resale(cast: Cast, at: datetime) -> None:
    unit = devices.laptop(cast)
    first = terms.order(cast, "PS-1", terms.laptop_line(), at=at, days=900)
    warranties.grant(order_line=first.lines.get(), months=36, starts_on=date(2026, 1, 1), by=cast.henrik, at=at)
    Warranty.objects.update(transferable=False)
    second = terms.order(cast, "PS-2", terms.laptop_line(), at=at, days=5)
    warranties.grant(order_line=second.lines.get(), months=12, starts_on=date(2026, 10, 28), by=cast.henrik, at=at)
    noted(cast, unit, at=at, months=12)

    found = terms_queries.entitlements(unit, at=at)

    assert [(one.warranty.kind, one.in_force, one.passed_on) for one in found] == [
        ("commercial", True, True),
        ("commercial", False, False),
        ("maker", False, True),
    ]


# Claims -----------------------------------------------------------------------------------------------------------------------------


def test_a_claim_is_sent_answered_and_its_difference_written_off_once(cast: Cast, at: datetime) -> None:
    unit = devices.laptop(cast)
    row = claim(cast, unit, at=at)
    assert not Posting.objects.filter(device=unit).exists()

    claims.send(row, theirs="RMA-77", by=cast.henrik, at=at)
    claims.send(row, by=cast.henrik, at=at)
    sent = SupplierClaim.objects.get()
    assert (sent.status, sent.answer_by, sent.theirs) == ("sent", at + timedelta(days=30), "RMA-77")
    with pytest.raises(UnableToClaim, match="Say why not all"):
        claims.answer(row, granted=Decimal(80), by=cast.henrik, at=at)
    with pytest.raises(UnableToClaim, match="between nothing and what was claimed"):
        claims.answer(row, granted=Decimal(121), text="x", by=cast.henrik, at=at)
    done = claims.answer(row, granted=Decimal(80), text="wear is not covered", by=cast.henrik, at=at)
    with pytest.raises(UnableToClaim, match="is granted in part"):
        claims.answer(row, granted=Decimal(120), by=cast.henrik, at=at)

    assert (done.status, done.granted) == ("partly", Decimal("80.00"))
    postings = Posting.objects.filter(device=unit).order_by("key")
    assert [(one.account, one.amount, one.book, one.party) for one in postings] == [
        ("claim", Decimal("120.000"), "ours", supplier(at)),
        ("write_off", Decimal("-40.000"), "ours", supplier(at)),
    ]


def test_a_claim_for_a_client_s_unit_is_in_the_client_s_book(cast: Cast, at: datetime) -> None:
    unit = arrivals.arrive(
        what=arrivals.Description(device_class="laptop", serial="PF1ABCDE"),
        stay=devices.stay(cast, owner=cast.vega.id),
        by=cast.ines,
        at=at,
    )
    row = claim(cast, unit, at=at)
    claims.send(row, by=cast.henrik, at=at)

    claims.withdraw(row, reason="repaired for free", by=cast.henrik, at=at)

    assert {one.book for one in Posting.objects.filter(device=unit)} == {"client"}
    assert sum(one.amount for one in Posting.objects.filter(device=unit)) == 0


def test_a_claim_for_a_unit_that_was_sold_is_in_the_book_of_whose_it_was(cast: Cast, at: datetime) -> None:
    unit = devices.sold(devices.for_sale(cast))
    buyers = Organization.objects.create(code="buyers", name="Buyers", kind="buyer", created_at=at)
    with transaction.atomic():
        standing.pass_title(moves.take_one(unit.pk), buyers, by=cast.anouk, at=at)

    claims.send(claim(cast, unit, at=at), by=cast.henrik, at=at)

    assert [one.book for one in Posting.objects.filter(device=unit)] == ["ours"]


def test_a_second_open_claim_to_the_same_supplier_is_refused_by_the_number_of_the_first(
    cast: Cast, at: datetime
) -> None:
    unit = devices.laptop(cast)
    row = claim(cast, unit, at=at)

    with pytest.raises(UnableToClaim, match=row.number):
        claim(cast, unit, at=at)
    with pytest.raises(NotAllowed):
        claims.send(row, by=cast.ines, at=at)
    with pytest.raises(BadInput, match="An amount is like"):
        claim(cast, devices.laptop(cast, serial="PF2BCDEF"), at=at, amount="0")


def test_evidence_is_of_the_unit_itself(cast: Cast, at: datetime) -> None:
    unit, other = devices.laptop(cast), devices.laptop(cast, serial="PF2BCDEF")
    ours = artifacts.attach(proof(at), chain=unit.pk, use="report", by=cast.ines, at=at)
    theirs = artifacts.attach(proof(at), chain=other.pk, use="report", by=cast.ines, at=at)

    def drafted(evidence: list[object]) -> SupplierClaim:
        return claims.draft(
            unit, supplier=supplier(at), asks="credit", defect="dead", amount=Decimal(5), evidence=evidence,  # type: ignore[arg-type]
            by=cast.henrik, at=at,
        )  # fmt: skip

    with pytest.raises(BadInput, match="Evidence is of the unit itself"):
        drafted([theirs])
    assert list(drafted([ours]).evidence.all()) == [ours]


def test_a_claim_without_an_answer_in_time_is_in_the_inbox(cast: Cast, at: datetime) -> None:
    row = claim(cast, devices.laptop(cast), at=at)
    claims.send(row, by=cast.henrik, at=at)

    assert queries_claims.exceptions(cast.henrik, at=at + timedelta(days=29)) == []
    late = queries_claims.exceptions(cast.henrik, at=at + timedelta(days=31))
    assert [(one.kind, one.money_at_risk) for one in late] == [("exception.claim_overdue", Decimal("120.00"))]
    assert queries_claims.exceptions(cast.vera, at=at + timedelta(days=31)) == []


# Repeat repairs ---------------------------------------------------------------------------------------------------------------------


def repaired_and_sent_back(cast: Cast, *, at: datetime) -> Device:
    """A laptop that Jakob repaired, Mei checked, and its owner got back on the same day."""
    unit = refurb.to_refurbish(cast, disposition=Disposition.REPAIR_AND_RETURN, at=at)
    order = refurb.finished(cast, unit, at=at)
    checking.accept(order=order, by=cast.mei, at=at + timedelta(hours=2))
    with transaction.atomic():
        taken = moves.take_one(unit.pk)
        moves.advance(
            taken,
            moves.SEND_BACK,
            fact=device_facts.SentToTriage(reason="sent"),
            by=cast.luca,
            at=at + timedelta(hours=3),
        )
    return taken


def here_again(cast: Cast, unit: Device, *, at: datetime) -> Device:
    arrivals.arrive_again(unit, stay=devices.stay(cast), by=cast.ines, at=at)
    make.drain(at, ["fast"])
    return Device.objects.select_related("visit").get(pk=unit.pk)


def test_a_unit_that_is_here_again_soon_after_our_repair_says_so(cast: Cast, at: datetime) -> None:
    unit = repaired_and_sent_back(cast, at=at)

    back = here_again(cast, unit, at=at + timedelta(days=40))

    told = queries_claims.repeat_of(back)
    assert told is not None
    assert (told.payload["days"], told.payload["visit"], told.payload["repaired"]) == (39, 2, 1)
    make.drain(at + timedelta(days=41), ["fast"])
    assert Entry.objects.filter(kind="returns.repeat_repair").count() == 1


def test_after_the_days_of_the_figures_it_is_no_repeat(cast: Cast, at: datetime) -> None:
    unit = repaired_and_sent_back(cast, at=at)

    back = here_again(cast, unit, at=at + timedelta(days=100))

    assert queries_claims.repeat_of(back) is None


def test_a_return_without_a_repair_of_ours_is_no_repeat(cast: Cast, at: datetime) -> None:
    unit = devices.sold(devices.for_sale(cast))

    assert queries_claims.repeat_of(here_again(cast, unit, at=at + timedelta(days=5))) is None


def test_return_rules_know_of_a_repair_shortly_before(cast: Cast, at: datetime) -> None:
    repaired_and_sent_back(cast, at=at)
    order = terms.order(cast, "PS-1", terms.laptop_line(serials=("PF1ABCDE",)), at=at)
    other = terms.order(cast, "PS-2", terms.laptop_line(serials=("PF9OTHER",)), at=at)

    def flag(of: Order, after: int) -> object:
        on = footing(of, at=at + timedelta(days=after))
        return case_for(of.lines.get(), on=on, reason="POWER").inputs()["repeat_repair"]

    assert (flag(order, 10), flag(order, 100), flag(other, 10)) == (True, False, False)


# Pages and genealogy ----------------------------------------------------------------------------------------------------------------


def as_(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def test_a_claim_goes_from_the_unit_s_page_to_the_money(cast: Cast) -> None:
    at = clock.now()
    unit = devices.laptop(cast, at=at)
    supplier(at)
    henrik = as_(cast, "henrik")
    day = (at - timedelta(days=30)).date().isoformat()

    noted_by_rule = henrik.post(f"/returns/unit/{unit.tag}/warranty/note", {"how": "rule", "starts_on": day})
    assert noted_by_rule.status_code == 302
    sent = henrik.post(
        f"/returns/unit/{unit.tag}/claim",
        {"supplier": "lenovo-service", "asks": "credit", "amount": "99,50", "defect": "dead"},
    )
    assert sent.headers["Location"].endswith("?tab=origin")
    row = SupplierClaim.objects.get()
    assert (row.amount, row.warranty) == (Decimal("99.50"), Warranty.objects.get())
    panel = henrik.get(f"/returns/unit/{unit.tag}/warranty").content.decode()
    assert row.number in panel
    assert "36 months" in panel

    page = f"/returns/supplier-claims/{row.number}/"
    assert henrik.post(f"{page}act", {"act": "answer", "granted": "10"}).status_code == 409
    assert henrik.post(f"{page}act", {"act": "send", "theirs": "X-1"}).status_code == 302
    assert henrik.post(f"{page}act", {"act": "answer", "granted": "99.50"}).status_code == 302
    assert "Granted" in henrik.get(page).content.decode()
    assert row.number in henrik.get("/returns/supplier-claims/").content.decode()
    for name, status in (("ines", 403), ("sam", 403), ("vera", 403)):
        assert as_(cast, name).get(page).status_code == status, name


def test_the_tree_of_a_unit_leads_both_ways(cast: Cast) -> None:
    at = clock.now()
    unit, screen = harvested(cast, at=at)
    order = refurb.at_bench(cast, refurb.to_refurbish(cast, serial="PF2BCDEF", drive="D2", at=at), at=at)
    refurb.parts.put_in_now(
        order=order, part=refurb.Part.objects.get(number="BAT-T480", condition="harvested"), by=cast.jakob, at=at
    )
    henrik = as_(cast, "henrik")

    down = henrik.get(f"/returns/unit/{unit.tag}/origin").content.decode()
    up = henrik.get(f"/returns/unit/{order.device.tag}/origin").content.decode()
    part = henrik.get(f"/returns/unit/{screen.tag}/origin").content.decode()

    assert screen.tag in down
    assert f"may be in {order.device.tag}" in " ".join(down.split())
    assert f"may be from {unit.tag}" in " ".join(up.split())
    assert f"Taken out of {unit.tag}" in " ".join(part.split())
    assert as_(cast, "vera").get(f"/returns/unit/{unit.tag}/origin").status_code == 404


def test_a_lot_is_traced_from_the_dock_to_the_orders_it_went_out_with(cast: Cast, at: datetime) -> None:
    here = devices.laptop(cast, serial="PF1ABCDE", lot="L-07")
    sold = devices.sold(devices.for_sale(cast, serial="PF2BCDEF", drive="D2", lot="L-07"))
    order = terms.order(cast, "PS-1", terms.laptop_line(serials=("PF2BCDEF",)), at=at)
    devices.laptop(cast, serial="PF3CDEFG", lot="L-08")

    found = genealogy.trace("lot", "l-07", cast.henrik)

    assert {one.device.tag: one.order for one in found} == {here.tag: None, sold.tag: order}
    assert genealogy.trace("lot", "l-07", cast.vera) == []
    page = as_(cast, "henrik").get("/returns/trace/?by=lot&q=L-07").content.decode()
    assert here.tag in page
    assert "PS-1" in page
