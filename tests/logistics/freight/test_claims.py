"""Claims to carriers: no more than they are liable for, told in time, and what they pay in the book once."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.test import Client

from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed, NotFound
from revlog.custody.services import reactions
from revlog.evidence.models import Document
from revlog.evidence.services import artifacts
from revlog.logistics import queries
from revlog.logistics.models import CarrierClaim, Discrepancy
from revlog.logistics.services import scanning_off, signing_off
from revlog.logistics.services.freight import claiming
from revlog.logistics.services.freight.claiming import UnableToClaimFromCarrier
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.evidence.test_pdf_render import text_of
from tests.logistics.freight.test_accruals import in_book, sent
from tests.logistics.freight.test_contracts import agreed
from tests.logistics.test_scanning_off import coming, glass, photo


def letter_went_out(client: Client, claim: CarrierClaim, url: str) -> None:
    """The carrier has it by mail, the very bytes that are kept; the claim's page leads to it."""
    assert claim.parcel is not None
    assert claim.delivery is not None
    sent_mail = mail.outbox[-1]
    assert sent_mail.to == ["claims@post.example"]
    assert claim.delivery.number in sent_mail.body
    letter = Document.objects.get(kind="claim_letter")
    kept = artifacts.read(letter.artifact)
    assert sent_mail.attachments == [(f"{letter.number}.pdf", kept, "application/pdf")]
    assert all(
        part in text_of(kept)
        for part in (claim.number, claim.parcel.tracking, "28.74 EUR", claim.evidence.get().pk[:16])
    )
    assert "data:image" not in str(letter.context)
    assert letter.number in client.get(url).content.decode()
    assert client.get(f"/documents/{letter.pk}/").status_code == 200


def outsiders_learn_nothing(cast: Cast, client: Client, claim: CarrierClaim, url: str) -> None:
    problem(caller(cast, "freight:read", hub=cast.leipzig).get(f"/carrier-claims/{claim.pk}/"), 404)
    shown = claim.evidence.get().pk
    for outsider in ("vera", "remco", "ines"):
        client.force_login(cast.user(outsider))
        assert client.get(url).status_code in {403, 404}
        assert client.get(f"{url}photos/{shown}").status_code in {403, 404}
        assert client.post(url, {"act": "give_up", "reason": "No."}).status_code in {403, 404}
    letter = Document.objects.get(kind="claim_letter")
    # Ravi and Ines see documents, and no prices; Jonas's site isn't the claim's.
    for outsider in ("vera", "ines", "ravi", "jonas"):
        client.force_login(cast.user(outsider))
        assert client.get(f"/documents/{letter.pk}/").status_code == 404, outsider
        assert letter.number not in client.get("/documents/").content.decode(), outsider
    problem(caller(cast, "documents:read", hub=cast.rotterdam).get(f"/documents/{letter.pk}/"), 404)
    caller(cast, "documents:read", "freight:read", hub=cast.rotterdam).get(f"/documents/{letter.pk}/")
    theirs = Organization.objects.get(code="carrier")
    Document.objects.filter(pk=letter.pk).update(owner=theirs)
    carriers = dataclasses.replace(cast.dirk, organization_id=theirs.pk)
    assert list(Document.objects.visible_to(carriers)) == [letter]


def test_damage_is_claimed_from_the_driver_s_sheet_to_the_money(cast: Cast, at: datetime, client: Client) -> None:
    contract = agreed(cast, at)
    parcel = coming(cast, contract.carrier, at=at)[0]
    delivery = scanning_off.begin(hub=cast.rotterdam, carrier=contract.carrier, by=cast.ines, at=at)
    scanning_off.scan(delivery, [parcel.tracking], by=cast.ines, at=at)
    scanning_off.damaged(delivery, parcel.tracking, by=cast.ines, at=at)
    scanning_off.photograph(delivery, parcel.tracking, photo(), by=cast.ines, at=at)
    signing_off.end(delivery, signature=glass(), signed_by="D. Jansen", by=cast.ines, at=at)
    reactions.drain(at=at)
    found = queries.exceptions(cast.henrik)
    assert [(one.kind, one.due) for one in found] == [("exception.damage_unclaimed", at + timedelta(days=1))]
    assert queries.exceptions(cast.ines) == []

    client.force_login(cast.user("henrik"))
    told = {
        "kind": "damage",
        "apparent": "on",
        "since": f"{at:%Y-%m-%d}",
        "grams": "3000",
        "value": "180.00",
        "text": "Crushed.",
    }
    assert "delivery" in client.get(found[0].url).content.decode()
    assert client.post(found[0].url, told | {"grams": "0"}).status_code == 422
    made = client.post(found[0].url, told)
    claim = CarrierClaim.objects.get()
    # 3 kg x 8.33 SDR x 1.15 is all that the carrier is liable for.
    assert (claim.value, claim.limit, claim.claimed) == (Decimal("180.00"), Decimal("28.74"), Decimal("28.74"))
    assert (claim.delivery, claim.notice_by, claim.evidence.count()) == (delivery, at + timedelta(days=1), 1)
    url = made["Location"]
    assert client.post(found[0].url, told).status_code == 422
    waits = queries.exceptions(cast.henrik)
    assert [(one.kind, one.due, one.money_at_risk) for one in waits] == [
        ("exception.claim_to_file", claim.notice_by, claim.claimed)
    ]
    assert f"{url}photos/" in client.get(url).content.decode()
    assert client.get(f"{url}photos/{claim.evidence.get().pk}").headers["Content-Type"] == "image/jpeg"
    assert client.get(f"{url}photos/{'0' * 64}").status_code == 404

    assert client.post(url, {"act": "pay", "paid": "28.74"}).status_code in {403, 409}
    assert client.post(url, {"act": "file"}).status_code == 302
    assert client.post(url, {"act": "file"}).status_code == 409
    reactions.drain(at=clock.now())
    letter_went_out(client, claim, url)
    assert client.post(url, {"act": "answer", "offered": "99"}).status_code == 422
    assert (
        client.post(url, {"act": "answer", "offered": "20.00", "theirs": "K-9", "text": "Packed badly."}).status_code
        == 302
    )
    assert client.post(url, {"act": "pay", "paid": "20.00"}).status_code == 403
    client.force_login(cast.user("esra"))
    assert client.post(url, {"act": "pay", "paid": "20.00"}).status_code == 302
    assert client.post(url, {"act": "pay", "paid": "20.00"}).status_code == 409
    assert in_book(account="freight_claim") == Decimal("20.00")
    assert "K-9" in client.get(url).content.decode()
    assert claim.number in client.get("/transport/claims/").content.decode()
    problem(caller(cast, "freight:write").post(f"/carrier-claims/{claim.pk}/answer/", {"offered": "9.00"}), 409)
    told_by_api = caller(cast, "freight:read").get("/carrier-claims/").json()["results"]
    assert [(one["number"], one["status"], one["paid"]) for one in told_by_api] == [(claim.number, "paid", "20.00")]
    outsiders_learn_nothing(cast, client, claim, url)


def test_a_loss_of_a_transfer_is_claimed_and_may_be_rejected_or_given_up(cast: Cast, at: datetime) -> None:
    contract = agreed(cast, at)
    made = sent(cast, contract, at, grams=4000)
    lost = Discrepancy.objects.create(
        id=made.shipment.pk, shipment=made.shipment, kind="short", code="RL-1", noted_at=at, noted_by="user:1", settled="lost",
        settled_at=at,
    )  # fmt: skip
    assert [one.url for one in queries.exceptions(cast.esra)] == [f"/transport/claims/new?discrepancy={lost.pk}"]
    told = {"kind": "loss", "apparent": False, "since": at, "grams": 4000, "value": Decimal(20), "text": "Never came."}

    def draft(**more: object) -> CarrierClaim:
        return claiming.draft(made.shipment, **told | {"discrepancy": lost, "by": cast.henrik, "at": at} | more)  # type: ignore[arg-type]

    with pytest.raises(BadInput) as refusal:
        draft(kind="theft", grams=0, value=Decimal(0), text=" ", since=at + timedelta(days=1))
    assert {one.field for one in refusal.value.reasons} == {"kind", "grams", "value", "text", "since"}
    with pytest.raises(NotAllowed):
        draft(by=cast.ines)
    with pytest.raises(NotFound):
        draft(by=cast.henrik.__class__(**{**vars(cast.henrik), "hubs": frozenset({cast.leipzig.pk})}))
    first = draft()
    assert (first.claimed, first.notice_by) == (Decimal("20.00"), at + timedelta(days=365))
    with pytest.raises(UnableToClaimFromCarrier, match="open already"):
        draft()
    with pytest.raises(UnableToClaimFromCarrier, match="being prepared"):
        claiming.close(first, rejected=True, reason="No.", by=cast.henrik, at=at)
    claiming.file(first, by=cast.henrik, at=at)
    address = f"/carrier-claims/{first.pk}/answer/"
    problem(caller(cast, "freight:read").post(address, {"offered": "5.00"}), 403)
    problem(caller(cast, "freight:write").post(address, {"offered": "20.01"}), 422)
    answered = caller(cast, "freight:write").post(address, {"offered": "5.00", "theirs": "K-1"}).json()
    assert (answered["status"], answered["offered"]) == ("answered", "5.00")
    with pytest.raises(BadInput, match="Say why"):
        claiming.close(first, rejected=True, reason=" ", by=cast.henrik, at=at)
    assert claiming.close(first, rejected=True, reason="Packed badly.", by=cast.henrik, at=at).status == "rejected"
    second = draft(discrepancy=None)
    assert claiming.close(second, rejected=False, reason="Not worth it.", by=cast.henrik, at=at).status == "given_up"
    with pytest.raises(UnableToClaimFromCarrier, match="given up"):
        claiming.file(second, by=cast.henrik, at=at)
    assert in_book(account="freight_claim") == Decimal(0)


def test_what_travelled_by_no_contract_has_nobody_to_claim_from(cast: Cast, at: datetime) -> None:
    contract = agreed(cast, at, outbound=False)
    made = sent(cast, contract, at)
    with pytest.raises(BadInput, match="no contract"):
        claiming.draft(
            made.shipment,
            kind="delay",
            apparent=True,
            since=at,
            grams=100,
            value=Decimal(1),
            text="Late.",
            by=cast.henrik,
            at=at,
        )
