"""What somebody may not get out of a trade-in: money for what was never sold, another one's quote, our time for their pictures."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from returns.models import Refund
from returns.queries import tradein as listing
from returns.services import accepting, approval, opening, receiving
from returns.services.answering import UnableToOpen
from returns.services.opening import Wish
from returns.services.owing import UnableToSettle
from returns.services.tradein import agreeing, buying, quoting
from revlog.accounts.gate import STATION_COOKIE
from revlog.accounts.queries import guest
from revlog.common import clock
from revlog.common.errors import BadInput
from revlog.custody.services import reactions
from revlog.devices.services import standing
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from revlog.pages.simulation import pictures
from revlog.terms import queries as terms
from revlog.terms.services import warranties
from tests.cast import Cast
from tests.factories import devices, returns, tradein
from tests.factories import terms as sales
from tests.factories.tradein import GOOD, quoted, robin, seller


def test_a_called_off_trade_in_is_no_order_of_which_something_comes_back(cast: Cast, at: datetime) -> None:
    unit = devices.laptop(cast)
    real = sales.order(cast, "PS-1", sales.laptop_line(), at=at - timedelta(days=90))
    warranties.grant(order_line=real.lines.get(), months=24, starts_on=at.date(), by=cast.henrik, at=at)
    real.lines.get().warranties.update(transferable=False)
    row = quoted(cast, at, serial="PF1ABCDE")
    rma = agreeing.accept(row, seller(), by=robin(row), at=at)
    approval.cancel(rma, by=guest({f"rma:{rma.pk}"}), at=at)
    order = rma.order

    assert terms.guests_order(row.number, "robin@example.org") is None
    assert terms.recipients_order(row.number, "3011 AA") is None
    assert [line.order for line in terms.lines_with_serial("PF1ABCDE", cast.aisha)] == [real]
    [only] = opening.returnable(order, at=at)
    assert "offered to us, not bought" in only.blocked
    never = Wish(line=order.lines.get().pk, reason="NEVER_ARRIVED", wanted="refund")
    for who in (guest({f"order:{order.pk}"}), cast.aisha):
        with pytest.raises(UnableToOpen, match="offered to us, not bought"):
            opening.open_rma(order=order, wishes=[never], by=who, at=at)
    assert Refund.objects.count() == 0

    # It is still its owner's, with the warranty; once it is ours, the warranty that can't be passed on has ended.
    for owner, passed_on in ((cast.retailer, True), (cast.operator, False)):
        standing.pass_title(unit, owner, by=cast.aisha, at=at)
        unit.refresh_from_db()
        assert [one.passed_on for one in terms.entitlements(unit, at=at)] == [passed_on]


def test_the_key_of_a_form_opens_nobody_elses_quote(cast: Cast, at: datetime) -> None:
    product, key = tradein.phone(cast, clock.now() - timedelta(days=1)), uuid.uuid4()
    told, at = tradein.told(product), clock.now()
    row = quoting.quote(told, buyer=cast.operator, key=key, at=at)
    assert quoting.quote(told, buyer=cast.operator, key=key, at=at) == row
    for other in (
        {"buyer": cast.retailer}, {"channel": "kiosk"}, {"channel": "api", "by": cast.ines}, {"hub": cast.rotterdam},
    ):  # fmt: skip
        with pytest.raises(BadInput, match="used by somebody else"):
            quoting.quote(told, **({"buyer": cast.operator, "key": key, "at": at} | other))  # type: ignore[arg-type]

    # On the web the key works in the browser in which the form was opened.
    form, sent = f"/trade-in/model/{product.pk}/", {f"answers.{name}": code for name, code in GOOD.items()}
    sent |= {"key": str(key)}
    mine, theirs = Client(), Client()
    urls = []
    for browser in (mine, mine, theirs):
        browser.get(form)
        urls.append(browser.post(form, sent).url)  # type: ignore[attr-defined]
    assert urls[0] == urls[1] != urls[2]
    assert theirs.get(urls[0]).status_code == 404

    # At a kiosk also only for whoever stood there: the next one may go back to the form.
    tablet, form = Client(), f"/kiosk/model/{product.pk}/"
    tablet.cookies[STATION_COOKIE] = cast.station("Kiosk 1").token
    urls = []
    for start in (True, False, True):
        if start:
            tablet.get("/kiosk/")
        urls.append(tablet.post(form, sent).url)  # type: ignore[attr-defined]
    assert urls[0] == urls[1] != urls[2]
    assert tablet.get(urls[0]).url == "/kiosk/"  # type: ignore[attr-defined]


def test_too_many_or_too_large_photos_are_refused_before_one_is_looked_at(
    cast: Cast, at: datetime, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = tradein.phone(cast, clock.now() - timedelta(days=1))
    form, sent = f"/trade-in/model/{product.pk}/", {f"answers.{name}": code for name, code in GOOD.items()}

    def photos(count: int) -> list[SimpleUploadedFile]:
        return [SimpleUploadedFile(f"{n}.jpg", pictures.drawn(f"phone {n}"), "image/jpeg") for n in range(count)]

    refused = client.post(form, sent | {"photos": photos(7)})
    assert (refused.status_code, "Add at most 6 photos." in refused.content.decode()) == (422, True)
    assert Artifact.objects.count() == 0
    assert client.post(form, sent | {"photos": photos(2)}).status_code == 302
    assert Artifact.objects.count() == 2

    large = photos(1)[0]
    monkeypatch.setitem(artifacts.MOST_BYTES, "photo", 100)
    with pytest.raises(artifacts.TooLarge):
        artifacts.keep_upload(large, at=at)
    assert large.tell() == 0


def test_at_a_dutch_site_another_country_spares_nobody_the_look_at_a_document(cast: Cast, at: datetime) -> None:
    product = tradein.phone(cast, at)
    row = quoting.quote(
        tradein.told(product), buyer=cast.operator, key=uuid.uuid4(), channel="kiosk", hub=cast.rotterdam, at=at
    )
    rma = agreeing.accept(row, seller(country="BE"), by=robin(row), at=at)
    row.refresh_from_db()
    got = receiving.receive(returns.unit_of(rma), hub=cast.rotterdam, serial="", by=cast.ines, at=at)
    returns.graded(got.device, at=at)
    assert "tradein_identity" in {one.kind for one in listing.exceptions(cast.aisha, at=at)}
    with pytest.raises(UnableToSettle, match="document first"):
        accepting.accept(returns.unit_of(rma), by=cast.aisha, at=at)
    with pytest.raises(BadInput, match="number of the document"):
        buying.identify(row, document="passport", of_age=True, by=cast.ines, at=at)
    check = buying.identify(row, document="passport", number="EH123456", of_age=True, by=cast.ines, at=at)
    reactions.drain(at=at, queues=["fast", "outside"])
    row.refresh_from_db()
    got.device.refresh_from_db()
    assert (bool(check.number), got.device.holds, row.vat_origin) == (True, ["legal"], "margin")
    assert row.hold_until == rma.hub.calendar.after_days(at, 3)
