"""Learned prices in decisions: tried by time, better or not at all, never before a person's word, and gone when they are stale."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from revlog.accounts.actors import system
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Device, ProductModel, Variant
from revlog.evidence.services import artifacts
from revlog.terms import bookreads
from revlog.terms import queries as terms
from revlog.terms.models import Observation, Price, PriceModel, Training
from revlog.terms.services import learned, observing, prices
from tests.cast import Cast
from tests.factories import triage as bench
from triage import pricetelling
from triage.pricing import examples as what
from triage.services import disposition, inspection, pricing, worth

GRADES = {"A": 0.72, "B": 0.6, "C": 0.46, "D": 0.2}
WAYS = {"own_shop": 1.0, "marketplace": 1.1}


def observed(
    product: ProductModel, at: datetime, count: int, *, seed: int = 1, level: float = 1.0, days: int = 200
) -> None:
    """Sales of a model over the ``days`` before ``at``; what they bring falls by grade and differs by channel."""
    drawn = random.Random(seed)
    rows = []
    for number in range(count):
        grade, channel = drawn.choice(sorted(GRADES)), drawn.choice(sorted(WAYS))
        amount = float(product.list_price or 0) * GRADES[grade] * WAYS[channel] * level * drawn.lognormvariate(0, 0.04)
        rows.append(
            Observation(
                id=f"00000000-0000-7000-8000-{seed:04d}{number:08d}", product=product, grade=grade, channel=channel,
                amount=Decimal(f"{amount:.2f}"), currency="EUR", kind="sale", source="test", own=f"{product.pk}{seed}-{number}",
                sold_on=at.date() - timedelta(days=days - days * number // count), noted_by="system:test", noted_at=at,
            )
        )  # fmt: skip
    Observation.objects.bulk_create(rows)


def trained(at: datetime) -> Training:
    """Asked for, and done by the worker of the jobs."""
    row = learned.ask(by=system("test"), at=at)
    reactions.drain(at=at, queues=["jobs"])
    row.refresh_from_db()
    return row


@pytest.fixture
def laptop(at: datetime) -> ProductModel:
    return ProductModel.objects.create(
        manufacturer="Lenovo", name="ThinkPad T480", device_class="laptop", list_price=Decimal(900),
        released_at=date(2023, 1, 10), created_at=at,
    )  # fmt: skip


@pytest.fixture
def only_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """One plain candidate: what is tried here isn't how well it learns."""
    from triage.pricing import learning

    monkeypatch.setattr(learning, "candidates", lambda _encoder, _rows: {"linear": learning._linear()})


@pytest.mark.usefixtures("only_lines")
def test_a_decision_rests_on_what_was_learned_says_so_and_is_reckoned_the_same_again(
    cast: Cast, at: datetime, laptop: ProductModel
) -> None:
    rare = ProductModel.objects.create(
        manufacturer="Dell", name="Rare", device_class="laptop", list_price=Decimal(500), created_at=at
    )
    observed(laptop, at, 90)
    observed(rare, at, 3, seed=2)
    row = trained(at)
    model = PriceModel.objects.get()

    assert (row.status, model.status, model.verdict["code"]) == ("done", "champion", "verdict.first")
    assert model.artifact_id == Entry.objects.get(kind="terms.prices_learned").payload["digest"]
    newest = model.tried[-1]
    assert (newest["by"], newest["share"] < newest["without"], newest["covered"] >= 0.7) == ("time", True, True)
    book = terms.expected_prices(at=at, product=laptop)
    assert [book[grade].amount for grade in "ABCD"] == sorted((book[g].amount for g in "ABCD"), reverse=True)
    shop, market = (
        terms.expected_prices(at=at, product=laptop, channel=name)["B"].amount for name in ("own_shop", "marketplace")
    )
    assert shop < book["B"].amount < market
    assert abs(book["B"].amount - 567) < 40
    assert not Price.objects.filter(product=rare).exists()  # three say nothing

    device = bench.tested(cast)
    Device.objects.filter(pk=device.pk).update(product=laptop)
    inspection.record(device=device, findings=[], works="yes", by=cast.ravi, at=at)
    device = Device.objects.get(pk=device.pk)
    kept = disposition.decide(device=device, by=cast.ravi, at=at).valuation
    assert kept.inputs["price_from"] == "learned_price"
    told = pricetelling.sentence(kept.inputs, currency="EUR")
    assert "learned from 90 sales and offers" in told
    assert "price model 1" in told
    Price.objects.update(amount=1, low=1, high=1)
    assert worth.again(kept) == kept.paths


@pytest.mark.usefixtures("only_lines")
def test_a_person_s_price_goes_before_a_learned_one_which_ends_by_itself_and_can_be_left_out(
    cast: Cast, at: datetime, laptop: ProductModel
) -> None:
    observed(laptop, at, 70)
    prices.set_price(
        product=laptop, grade="A", amount=Decimal(333), currency="EUR", by=cast.maria, at=at, valid_from=at
    )
    trained(at)
    later = at + timedelta(days=1)
    assert terms.expected_prices(at=later, product=laptop)["A"].amount == 333
    assert not Price.objects.filter(basis="learned", grade="A").exists()
    prices.set_price(
        product=laptop, grade="B", amount=Decimal(222), currency="EUR", by=cast.maria, at=at - timedelta(days=9)
    )
    assert terms.expected_prices(at=later, product=laptop)["B"].amount == 222  # older, and a person's
    single = terms.expected_price(at=later, product=laptop, grade="B")
    assert single is not None
    assert single.basis == "set"
    # What a person says for all channels and versions silences what was learned for one of them, at once.
    assert Price.objects.filter(basis="learned", grade="B", channel="marketplace", ends_at__gt=later).exists()
    assert terms.expected_prices(at=later, product=laptop, channel="marketplace")["B"].amount == 222
    lines = terms.prices_in_force(at=later, products=[laptop.pk], channels=["", *WAYS])
    assert {(row.channel, row.basis) for row in lines if row.grade == "B"} == {("", "set")}
    assert {row.channel for row in lines if row.grade == "C"} == {"", *WAYS}
    assert lines == bookreads.in_force([laptop.pk], at=later)
    version = Variant.objects.create(product=laptop, name="16 GB", sku="T480-16", created_at=at)
    Price.objects.filter(basis="learned", grade="C", channel="marketplace").update(variant=version)
    prices.set_price(
        product=laptop, grade="C", channel="marketplace", amount=Decimal(111), currency="EUR", by=cast.maria, at=at
    )
    assert terms.expected_prices(at=later, product=laptop, variant=version, channel="marketplace")["C"].amount == 111
    assert set(terms.expected_prices(at=later, product=laptop, learned=False)) == {"A", "B"}
    assert set(terms.expected_prices(at=at + pricing.KEEPS, product=laptop)) == {"A", "B"}


@pytest.mark.usefixtures("only_lines")
def test_trained_twice_nothing_changes_and_a_crash_leaves_model_and_prices_as_they_were(
    cast: Cast, at: datetime, laptop: ProductModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    observed(laptop, at, 70)
    first = trained(at)
    before = list(Price.objects.order_by("pk").values())
    assert learned.ask(by=system("test"), at=at).pk != first.pk  # the first is done
    with connection.cursor() as cursor:
        mine = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND pid = pg_backend_pid()"
        cursor.execute(mine, [learned.LOCK])
        assert cursor.fetchone() == (1,)  # whoever else asks at this moment waits for this run
    assert pricing.learn(first, at=at) is None
    again = trained(at + timedelta(days=7))
    assert (again.status, again.model) == ("unchanged", None)
    assert list(Price.objects.order_by("pk").values()) == before

    observed(laptop, at + timedelta(days=40), 40, seed=3, level=0.6, days=30)
    row = learned.ask(by=system("test"), at=at + timedelta(days=41))
    finish = pricing.learn(row, at=at + timedelta(days=41))
    assert finish is not None
    monkeypatch.setattr(Price.objects, "bulk_create", lambda *_args, **_kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        finish()
    monkeypatch.undo()
    assert list(Price.objects.order_by("pk").values()) == before
    assert PriceModel.objects.get().status == "champion"

    with transaction.atomic():  # given to another worker, it is done
        finish()
    made = PriceModel.objects.get(number=2)
    assert (made.status, made.verdict["code"]) == ("champion", "verdict.better")  # the market fell, and it knows
    assert Decimal(made.verdict["margin"]) == pricing.MARGIN
    assert made.verdict["mine"] < 0.97 * made.verdict["theirs"]
    assert PriceModel.objects.get(number=1).status == "retired"
    assert Price.objects.filter(learned_by__number=1, ends_at__gt=at + timedelta(days=41)).count() == 0
    falling = terms.expected_prices(at=at + timedelta(days=41), product=laptop)
    assert falling["B"].amount < next(row["amount"] for row in before if row["grade"] == "B" and not row["channel"])


@pytest.mark.usefixtures("only_lines")
def test_prices_that_go_astray_are_told_once_and_somebody_settles_it(
    cast: Cast, at: datetime, laptop: ProductModel
) -> None:
    observed(laptop, at, 70)
    trained(at)
    for number in range(20):
        observing.note_sale(
            own=str(number), product=laptop, variant=None, grade="B", channel="own_shop", amount=Decimal(300),
            currency="EUR", by=system("test"), at=at + timedelta(days=1, minutes=number),
        )  # fmt: skip
    later = at + timedelta(days=2)
    for _again in range(2):
        model = learned.watch(by=system("test"), at=later)
    assert model is not None
    assert model.watched["rows"] == 20
    assert Entry.objects.filter(kind="terms.prices_drifted").count() == 1
    with pytest.raises(NotAllowed):
        learned.settle(model=model, by=cast.ravi, at=later)
    assert learned.settle(model=model, by=cast.maria, at=later).settled_at == later


def test_nothing_is_learned_of_too_little_and_other_bytes_than_ours_are_not_read(
    cast: Cast, at: datetime, laptop: ProductModel
) -> None:
    observed(laptop, at, 20)
    assert (trained(at).status, PriceModel.objects.exists()) == ("too_few", False)
    with pytest.raises(NotAllowed):
        learned.ask(by=cast.ravi, at=at)
    mine, theirs = (artifacts.keep(data, media_type="x", at=at) for data in (b"mine", b"theirs"))
    mine.stored_as = theirs.stored_as
    with pytest.raises(ValueError, match="other bytes"):
        pricing.read(PriceModel(artifact=mine))


def test_a_better_grade_is_never_cheaper_than_a_worse_one() -> None:
    assert what.falling([5, 7, 3, 4, 1]) == [6, 6, 3.5, 3.5, 1]
    assert what.falling([9, 5, 1]) == [9, 5, 1]
