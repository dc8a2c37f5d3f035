"""Learning prices: a run gathers what was observed, learns, tries what was learned on what came later, and fills the price book.

``learn`` is slow and belongs to a worker of the jobs; it changes nothing. What it returns writes everything at once: a crash between the
two leaves the model in force and its prices as they were, and a run that was done is not done again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Max, Q

from revlog.accounts.actors import system
from revlog.common import ids
from revlog.custody.services import ledger
from revlog.devices.models import ProductModel
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from revlog.terms import facts
from revlog.terms import queries as terms
from revlog.terms.models import Observation, Price, PriceModel, Training
from revlog.terms.models.learned import ModelStatus, TrainingStatus
from revlog.terms.models.prices import Basis
from triage import figures
from triage.figures import Figures
from triage.pricing import examples as what
from triage.pricing.examples import Example
from triage.pricing.table import FEWEST_ROWS, UnusableTable

if TYPE_CHECKING:
    from triage.pricing.learning import Learned
    from triage.pricing.trying import Said

LEARNER = system("price_model")
RECIPE = {"recipe": 1, "columns": list(what.COLUMNS)}
MOST_ROWS = 5_000
"""The newest observations that a model learns from."""
FEWEST = FEWEST_ROWS + FEWEST_ROWS // 2
"""With fewer there is too little to learn from and to try it on."""
OLDEST = timedelta(days=3 * 365)
NEWEST = 0.2
"""Which share of them is held back to try it on ..."""
FEWEST_TRIED = 15
"""... and how many at least."""
BLOCKS = (0.4, 0.6)
"""Where earlier parts of the back-test begin, when there is enough to learn from before."""
FEWEST_FOR_BLOCKS = 200
MOST_FOR_BLOCKS = 1_500
MARGIN = Decimal("0.03")
"""A challenger replaces the model in force when it misses by so much less, on the same newest rows."""
KEEPS = timedelta(days=60)
"""A learned price ends by itself when nobody learns anew."""


@dataclass(kw_only=True)
class Made:
    """What a run came to, before anything is written."""

    status: TrainingStatus
    rows: int = 0
    why: str = ""
    trouble: str = ""
    model: PriceModel | None = None
    wins: bool = False
    speaks: PriceModel | None = None
    said: Sequence[Said] = field(default_factory=list)


def learn(training: Training, *, at: datetime) -> Callable[[], object] | None:
    """Learn as a run asks; what it returns writes what came of it. None when it was done before."""
    if training.status != TrainingStatus.ASKED:
        return None
    made = _made(at=at)
    return lambda: _write(training, made, at=at)


def _made(*, at: datetime) -> Made:
    examples = gathered(at=at)
    champion = PriceModel.objects.filter(status=ModelStatus.CHAMPION).first()
    if len(examples) < FEWEST:
        trouble = f"{len(examples)} / {FEWEST}"
        return Made(status=TrainingStatus.TOO_FEW, rows=len(examples), why="learning.too_few", trouble=trouble)
    digest = what.digest_of(examples, RECIPE)
    last = PriceModel.objects.order_by("-number").first()
    if champion is not None and last is not None and last.made.get("of") == digest:
        # Nothing to learn: what the model in force says stands for as long as it was said to.
        return Made(status=TrainingStatus.UNCHANGED, rows=len(examples), why="learning.unchanged")
    # Only here: a page never loads what learns.
    from triage.pricing import trying  # noqa: PLC0415

    try:
        return _learned(examples, champion, digest, libraries=trying.libraries(), at=at)
    except UnusableTable as error:
        return Made(status=TrainingStatus.FAILED, rows=len(examples), why="learning.failed", trouble=str(error)[:300])


def _learned(
    examples: Sequence[Example],
    champion: PriceModel | None,
    digest: str,
    *,
    libraries: Mapping[str, str],
    at: datetime,
) -> Made:
    from triage.pricing import trying  # noqa: PLC0415

    known = read(champion) if champion is not None and champion.made.get("libraries") == libraries else None
    past, held, by = _parted(examples, champion if known else None)
    if champion is not None and known is not None and len(held) < FEWEST_TRIED:
        # Too little is newer than what the model in force learned from: nothing could be compared. It speaks on.
        said = trying.prices(known, what.cells(examples, _ages(examples, at)), champion.made.get("stretch", 1.0))
        trouble = f"{len(held)} / {FEWEST_TRIED}"
        return Made(
            status=TrainingStatus.UNCHANGED, rows=len(examples), why="learning.unchanged", trouble=trouble,
            speaks=champion, said=said,
        )  # fmt: skip
    before = trying.learn(past)
    stretch = trying.stretch_of(before, held)
    tried = [*_earlier(past), trying.tried(before, held) | {"by": by}]
    verdict: dict[str, Any] = {"code": "verdict.first", "mine": tried[-1]["mae"], "rows": len(held)}
    wins = True
    if champion is not None and known is not None:
        theirs = trying.tried(known, held)["mae"]
        wins = tried[-1]["mae"] < float(1 - MARGIN) * theirs
        verdict |= {"code": "verdict.better" if wins else "verdict.kept", "theirs": theirs, "margin": str(MARGIN)}
    elif champion is not None:
        verdict["code"] = "verdict.unreadable"
    final = trying.learn(examples)
    model = PriceModel(
        id=ids.new(at),
        number=1 + (PriceModel.objects.aggregate(last=Max("number"))["last"] or 0),
        status=ModelStatus.CHAMPION if wins else ModelStatus.CHALLENGER,
        artifact=_kept(trying.dumped(final), at=at),
        currency=settings.BASE_CURRENCY,
        rows=len(examples),
        begins_on=examples[0].day,
        ends_on=examples[-1].day,
        made={
            "of": digest,
            "stretch": round(stretch, 4),
            "columns": final.encoder.names,
            "judged": [{"name": one.name, "r2": round(one.r2, 4), "mae": round(one.mae, 4)} for one in final.judged],
            "weights": {name: round(weight, 4) for name, weight in final.weights.items()},
            "libraries": dict(libraries),
            **RECIPE,
        },
        tried=tried,
        verdict=verdict,
        trained_at=at,
        in_force_at=at if wins else None,
    )
    speaker, speaks = (final, model) if wins or champion is None or known is None else (known, champion)
    said = trying.prices(speaker, what.cells(examples, _ages(examples, at)), float(speaks.made.get("stretch", 1.0)))
    return Made(status=TrainingStatus.DONE, rows=len(examples), model=model, wins=wins, speaks=speaks, said=said)


def _parted(
    examples: Sequence[Example], champion: PriceModel | None
) -> tuple[Sequence[Example], Sequence[Example], str]:
    """What came before and what is held back: the newest, none of which the model in force has seen either.

    Where all was seen on a few days there is no before: every fifth is held back then, and that is said.
    """
    past, held = what.parted(examples, NEWEST, FEWEST_TRIED)
    if champion is not None and held and held[0].day <= champion.ends_on:
        since = [each for each in examples if each.day > champion.ends_on]
        if len(since) < FEWEST_TRIED:
            return [], since, "time"
        # What is new is shared: the challenger learns from the earlier half of it, or it could know nothing that the other doesn't.
        past, held = what.parted(examples, 0, max(FEWEST_TRIED, len(since) // 2))
        return past, held, "time"
    if len(past) >= FEWEST_ROWS:
        return past, held, "time"
    return (
        [each for place, each in enumerate(examples) if place % 5],
        [each for place, each in enumerate(examples) if place % 5 == 0],
        "chance",
    )


def _earlier(past: Sequence[Example]) -> list[dict[str, Any]]:
    """Earlier parts, each tried by what was known before it; only where that is cheap and there is enough."""
    from triage.pricing import trying  # noqa: PLC0415

    if not FEWEST_FOR_BLOCKS <= len(past) <= MOST_FOR_BLOCKS:
        return []
    found = []
    ends = [*(past[int(share * len(past))].day for share in BLOCKS), past[-1].day + timedelta(days=1)]
    for begins, until in pairwise(ends):
        seen = [each for each in past if each.day < begins]
        held = [each for each in past if begins <= each.day < until]
        if len(seen) >= FEWEST_ROWS and len(held) >= FEWEST_TRIED:
            found.append(trying.tried(trying.learn(seen), held) | {"by": "time"})
    return found


def read(model: PriceModel) -> Learned:
    """A version by the digest that its row names; other bytes are not looked at."""
    from triage.pricing import trying  # noqa: PLC0415

    return trying.loaded(artifacts.read(model.artifact))


def _kept(data: bytes, *, at: datetime) -> Artifact:
    return artifacts.keep(data, media_type="application/octet-stream", at=at, limit="model")


# What it learns from ------------------------------------------------------------------------------------------------------------------


def gathered(*, at: datetime) -> list[Example]:
    """The newest observations, oldest first, in the install's money; those in money without a rate are left out."""
    rows = Observation.objects.filter(void_at=None, sold_on__gte=(at - OLDEST).date(), noted_at__lte=at)
    newest = rows.select_related("product", "variant").order_by("-sold_on", "-id")[:MOST_ROWS]
    known = figures.figures_of(terms.in_force(figures.KIND, at=at))
    rates: dict[str, Decimal | None] = {}
    found = []
    for row in reversed(newest):
        if row.currency not in rates:
            rates[row.currency] = terms.rate(row.currency, at=at)
        rate = rates[row.currency]
        if rate is not None:
            found.append(_example(row, rate, known))
    return found


def _example(row: Observation, rate: Decimal, known: Figures) -> Example:
    product = row.product
    listed = (row.variant.list_price if row.variant else None) or product.list_price
    months = row.months if row.months is not None else months_between(product.released_at, row.sold_on)
    return Example(
        product=str(product.pk),
        variant=str(row.variant_id or ""),
        device_class=product.device_class,
        maker=product.manufacturer,
        model=product.name,
        version=row.variant.name if row.variant else "",
        grade=row.grade,
        channel=row.channel,
        kind=row.kind,
        months=months,
        battery=row.battery,
        listed=float(listed) if listed is not None else None,
        day=row.sold_on,
        amount=float(row.amount * rate),
        without=_without(product.device_class, row.grade, listed, months, known),
    )


def _without(kind: str, grade: str, listed: Decimal | None, months: int | None, known: Figures) -> float:
    """What a decision takes where the book says nothing: list price, worn by the months, by the grade's factor."""
    new = listed if listed is not None else known.of("list_price", kind)
    age = months if months is not None else int(known.of("age_months", kind))
    return float(new * (1 - known.of("monthly_decay", kind)) ** age * known.of("grade_factor", grade))


def months_between(released: date | None, day: date) -> int | None:
    if released is None:
        return None
    return max(0, (day.year - released.year) * 12 + day.month - released.month)


def _ages(examples: Sequence[Example], at: datetime) -> dict[str, int | None]:
    """How old each model is today, where that is known; else as old as the last one seen."""
    told = dict(
        ProductModel.objects.filter(pk__in={each.product for each in examples}).values_list("pk", "released_at")
    )
    return {str(pk): months_between(released, at.date()) for pk, released in told.items() if released is not None}


# What is written ----------------------------------------------------------------------------------------------------------------------


def _write(training: Training, made: Made, *, at: datetime) -> None:
    """Everything that came of a run, in the caller's transaction."""
    row = Training.objects.select_for_update().get(pk=training.pk)
    if row.status != TrainingStatus.ASKED:
        return
    model = made.model
    if model is not None:
        replaced = [ModelStatus.CHALLENGER, *([ModelStatus.CHAMPION] if made.wins else [])]
        PriceModel.objects.filter(status__in=replaced).update(status=ModelStatus.RETIRED, retired_at=at)
        model.save(force_insert=True)
    written, ended = _fill(made.speaks, made.said, at=at) if made.speaks is not None else (0, 0)
    row.status, row.rows, row.model, row.made_at = made.status, made.rows, model, at
    row.written, row.ended, row.trouble = written, ended, made.trouble
    row.save()
    fact: facts.PricesLearned | facts.NothingLearned
    if model is not None:
        fact = facts.PricesLearned(
            model=model.number, digest=model.artifact_id, rows=made.rows, verdict=str(model.verdict["code"]),
            written=written, ended=ended,
        )  # fmt: skip
    else:
        fact = facts.NothingLearned(why=made.why, rows=made.rows, written=written)
    ledger.append(row.pk, fact, by=LEARNER, at=at)


def _fill(model: PriceModel, said: Sequence[Said], *, at: datetime) -> tuple[int, int]:
    """The prices of a model into the book, where nobody said one as near; what it no longer says ends. How many stand, how many ended."""
    products = {uuid.UUID(each.cell.product) for each in said}
    spoken = set(
        Price.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), product__in=products, valid_from__lte=at)
        .filter(organization=None, currency=model.currency)
        .exclude(basis=Basis.LEARNED)
        .values_list("product_id", "variant_id", "grade", "channel")
    )
    standing = {
        (row.product_id, row.variant_id, row.grade, row.channel): row
        for row in Price.objects.filter(basis=Basis.LEARNED, ends_at__gt=at, valid_from__lte=at)
    }
    fresh, kept = [], []
    for each in said:
        price = _price(model, each, at=at)
        key = (price.product_id, price.variant_id, price.grade, price.channel)
        if {(key[0], variant, key[2], way) for variant in (key[1], None) for way in (key[3], "")} & spoken:
            continue
        old = standing.get(key)
        if old is not None and _same(old, price):
            kept.append(standing.pop(key).pk)
        else:
            fresh.append(price)
    gone = [row.pk for row in standing.values()]
    Price.objects.filter(pk__in=kept).update(ends_at=at + KEEPS)
    Price.objects.filter(pk__in=gone).update(ends_at=at)
    # Somebody may set a price at this very moment: theirs stays.
    Price.objects.bulk_create(fresh, batch_size=1_000, ignore_conflicts=True)
    replaced = {(row.product_id, row.variant_id, row.grade, row.channel) for row in fresh}
    return len(fresh) + len(kept), sum(key not in replaced for key in standing)


def _same(one: Price, other: Price) -> bool:
    told = ("amount", "low", "high", "observations", "learned_by_id", "currency")
    return all(getattr(one, name) == getattr(other, name) for name in told)


def _price(model: PriceModel, said: Said, *, at: datetime) -> Price:
    cell, band = said.cell, said.band
    low, amount, high = (Decimal(str(round(value, 2))) for value in (band.p10, band.p50, band.p90))
    return Price(
        id=ids.new(at),
        product_id=uuid.UUID(cell.product),
        variant_id=uuid.UUID(cell.variant) if cell.variant else None,
        grade=cell.grade,
        channel=cell.channel,
        amount=amount,
        low=min(low, amount),
        high=max(high, amount),
        observations=cell.seen,
        basis=Basis.LEARNED,
        currency=model.currency,
        source=str(model.number),
        learned_by=model,
        valid_from=at,
        ends_at=at + KEEPS,
        set_by=LEARNER.reference,
        created_at=at,
    )
