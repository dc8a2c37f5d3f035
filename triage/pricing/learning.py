"""A price model: several candidates judged by cross-validation, their blend, and a band around what the best of them says.

Everything is seeded and runs in one thread: the same examples give the same model, figure for figure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor, HistGradientBoostingRegressor
from sklearn.feature_selection import VarianceThreshold
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, PowerTransformer, StandardScaler

from triage.pricing.encoding import Encoder, Matrix
from triage.pricing.scoring import Band, Vector, explained, interval_score, mean_miss
from triage.pricing.table import FEWEST_ROWS, Kind, Table, UnusableTable, number_of, targets

FOLDS = 5
SEED = 20
MANY_ROWS = 6_000
"""From here on the candidates that grow faster than the rows give way to binned ones."""
MOST_CURVED = 20
"""Measured columns that are still squared and multiplied with each other."""
MISSES = 0.2
MIDDLE = "middle"
BEYOND = 0.25
"""A prediction lies at most so much of the span of the examples beyond it: nobody has seen such a price."""
Estimator = Any  # scikit-learn ships no types


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A candidate's figures on examples that it had not seen while learning."""

    name: str
    r2: float
    mae: float


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What was learned, and how good each candidate was. ``weights`` says who speaks, and how loud; they sum to one."""

    encoder: Encoder
    judged: Sequence[Judged]
    weights: dict[str, float]
    fitted: dict[str, Estimator]
    logged: bool
    span: tuple[float, float]
    band: Callable[[Matrix, Vector], tuple[Vector, Vector]]
    rows: int

    def predict(self, table: Table) -> list[Band]:
        """A band for each row of ``table``, in the units of the examples. Columns are found by their names."""
        matrix = self.encoder.encode(table)
        middle = np.zeros(len(table.rows))
        for name, weight in self.weights.items():
            middle += weight * self.fitted[name].predict(matrix)
        middle = self._within(middle)
        low, high = (self._within(side) for side in self.band(matrix, middle))
        low, high = np.minimum(low, middle), np.maximum(high, middle)
        if self.logged:
            low, middle, high = np.exp(low), np.exp(middle), np.exp(high)
        return [
            Band(p10=float(p10), p50=float(p50), p90=float(p90))
            for p10, p50, p90 in zip(low, middle, high, strict=True)
        ]

    def _within(self, guess: Vector) -> Vector:
        least, most = self.span
        room = BEYOND * (most - least)
        return np.clip(guess, least - room, most + room)

    def familiar(self, table: Table) -> list[float]:
        """Which share of a row's cells was seen while learning (a category known, a number within the span seen): 1 is all."""
        table = table.arranged(self.encoder.columns)
        found = [0.0] * len(table.rows)
        asked = 0
        for name, kind in self.encoder.kinds.items():
            if kind not in {Kind.NUMBER, Kind.CATEGORY}:
                continue
            asked += 1
            for place, value in enumerate(table.column(name)):
                found[place] += self._seen(name, kind, value)
        return [count / asked if asked else 0.0 for count in found]

    def _seen(self, name: str, kind: Kind, value: str) -> bool:
        if kind is Kind.CATEGORY:
            return value.casefold() in self.encoder.categories[name]
        number = number_of(value)
        least, most = self.encoder.spans[name]
        return number is not None and least <= number <= most

    def effect(self, table: Table, column: str) -> dict[str, float]:
        """What each category of ``column`` brings on the average of ``table``'s rows, all else equal, dearest first."""
        at = table.columns.index(column)
        found = {}
        for category in sorted({row[at] for row in table.rows if row[at]}):
            rows = [[*row[:at], category, *row[at + 1 :]] for row in table.rows]
            found[category] = float(
                np.mean([band.p50 for band in self.predict(Table(columns=table.columns, rows=rows))])
            )
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))


# Candidates -----------------------------------------------------------------------------------------------------------------------------


def _linear() -> Estimator:
    return make_pipeline(VarianceThreshold(), StandardScaler(), RidgeCV(np.logspace(-2, 4, 13)))


def _curved(measured: int) -> Estimator:
    """Measured columns are straightened, squared and multiplied with each other, then all are weighed together."""
    steps = [_Clipped(), PowerTransformer()]
    if measured <= MOST_CURVED:
        steps.append(PolynomialFeatures(2, include_bias=False))
    measures = make_pipeline(*steps)
    columns = ColumnTransformer([("measures", measures, slice(0, measured))], remainder="passthrough")
    return make_pipeline(columns, VarianceThreshold(), RidgeCV(np.logspace(-1, 4, 11)))


class _Clipped(StandardScaler):  # type: ignore[misc]
    """Scales, and holds later values to what was seen: a square of the unseen runs away."""

    def transform(self, X: Matrix, copy: bool | None = None) -> Matrix:  # noqa: N803, FBT001 - scikit-learn's names
        scaled: Matrix = super().transform(X, copy)
        return np.clip(scaled, -4, 4)


def _trees() -> Estimator:
    return ExtraTreesRegressor(150, min_samples_leaf=2, max_features=0.5, random_state=SEED)


def _boosted(rows: int, *, quantile: float | None = None) -> Estimator:
    if rows > MANY_ROWS:
        loss = {"loss": "quantile", "quantile": quantile} if quantile else {}
        return HistGradientBoostingRegressor(
            learning_rate=0.05, max_iter=300, max_leaf_nodes=24, l2_regularization=1, random_state=SEED, **loss
        )
    told = {"loss": "quantile", "alpha": quantile} if quantile else {}
    return GradientBoostingRegressor(
        n_estimators=150 if quantile else 300, learning_rate=0.05, max_depth=3 if quantile else 4, subsample=0.6,
        max_features=0.4, min_samples_leaf=8, random_state=SEED, **told,
    )  # fmt: skip


def candidates(encoder: Encoder, rows: int) -> dict[str, Estimator]:
    """Who competes, by name. Who only says the middle is always there: a model that can't beat it knows nothing."""
    found = {MIDDLE: DummyRegressor(strategy="median")}
    if rows < FEWEST_ROWS:
        return found
    found["linear"] = _linear()
    if encoder.measured:
        found["curved"] = _curved(encoder.measured)
    if rows <= MANY_ROWS:
        found["trees"] = _trees()
    found["boosted"] = _boosted(rows)
    return found


# Learning -------------------------------------------------------------------------------------------------------------------------------


def learn(table: Table, target: str) -> Learned:
    """A model of ``target`` from the other columns of ``table``. Raises UnusableTable."""
    truth = np.array(targets(table, target))
    if len(truth) < FOLDS:
        raise UnusableTable(f"{len(truth)} rows are too few to learn from.")
    encoder = Encoder(table.without(target))
    matrix = encoder.encode(table)
    logged = _is_skewed(truth)
    wanted = np.log(truth) if logged else truth
    folds = list(KFold(FOLDS, shuffle=True, random_state=SEED).split(matrix))
    competing = candidates(encoder, len(wanted))
    unseen = {name: _out_of_fold(one, matrix, wanted, folds) for name, one in competing.items()}
    weights, guess = _choose(unseen, wanted, folds)

    def said(values: Vector) -> Vector:
        return np.exp(values) if logged else values

    judged = [
        Judged(name=name, r2=explained(truth, said(found)), mae=mean_miss(truth, said(found)))
        for name, found in [*unseen.items(), ("chosen", guess)]
    ]
    return Learned(
        encoder=encoder,
        judged=judged,
        weights=weights,
        fitted={name: competing[name].fit(matrix, wanted) for name in weights},
        logged=logged,
        span=(float(wanted.min()), float(wanted.max())),
        band=_band(matrix, wanted, guess, folds),
        rows=len(wanted),
    )


def _is_skewed(truth: Vector) -> bool:
    """Whether the examples spread by factors rather than by steps, as prices of unlike things do."""
    if truth.min() <= 0 or truth.std() == 0:
        return False

    def skew(values: Vector) -> float:
        spread = values.std()
        return abs(float(((values - values.mean()) ** 3).mean() / spread**3)) if spread else 0.0

    return skew(truth) > 1 and skew(np.log(truth)) < skew(truth)


Folds = Sequence[tuple[NDArray[np.int_], NDArray[np.int_]]]


def _out_of_fold(one: Estimator, matrix: Matrix, wanted: Vector, folds: Folds) -> Vector:
    """What the candidate says of each example, having learned from the others."""
    found = np.empty(len(wanted))
    for seen, held in folds:
        found[held] = clone(one).fit(matrix[seen], wanted[seen]).predict(matrix[held])
    return found


def _choose(unseen: dict[str, Vector], wanted: Vector, folds: Folds) -> tuple[dict[str, float], Vector]:
    """Who speaks: all alike, unless a blend by weight or a single one does better by more than chance.

    Weights are judged on folds whose truth didn't set them. Blends of equals err least on examples of another day.
    """
    competing = [name for name in unseen if name != MIDDLE] or [MIDDLE]
    guesses = np.column_stack([unseen[name] for name in competing])
    by_weight = np.empty(len(wanted))
    for seen, held in folds:
        by_weight[held] = guesses[held] @ _weights(guesses[seen], wanted[seen])
    contenders: list[tuple[dict[str, float], Vector]] = [
        (dict.fromkeys(competing, 1 / len(competing)), guesses.mean(axis=1)),
        (_loud(competing, _weights(guesses, wanted)), by_weight),
        *(({name: 1.0}, found) for name, found in unseen.items()),
    ]
    chosen = contenders[0]
    for other in contenders[1:]:
        gain = (chosen[1] - wanted) ** 2 - (other[1] - wanted) ** 2
        if gain.mean() > gain.std() / np.sqrt(len(gain)):
            chosen = other
    return chosen


def _loud(names: Sequence[str], weights: Vector) -> dict[str, float]:
    told = {name: float(weight) for name, weight in zip(names, weights, strict=True) if weight > 0.01}
    whole = sum(told.values())
    return {name: weight / whole for name, weight in told.items()}


def _weights(guesses: Matrix, wanted: Vector) -> Vector:
    found, _ = nnls(guesses - wanted.mean(), wanted - wanted.mean())
    whole = float(found.sum())
    return found / whole if whole else np.full(guesses.shape[1], 1 / guesses.shape[1])


# The band -------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Even:
    """The misses of unseen examples, the same for all."""

    below: float
    above: float

    def __call__(self, matrix: Matrix, middle: Vector) -> tuple[Vector, Vector]:
        return middle + self.below, middle + self.above


@dataclass(frozen=True, kw_only=True)
class _Scaled:
    """The misses of unseen examples, wider where misses are learned to be larger."""

    spread: Estimator
    least: float
    below: float
    above: float

    def __call__(self, matrix: Matrix, middle: Vector) -> tuple[Vector, Vector]:
        scale = np.maximum(self.spread.predict(matrix), self.least)
        return middle + self.below * scale, middle + self.above * scale


@dataclass(frozen=True, kw_only=True)
class _Quantiles:
    """Boosted quantiles, moved until they cover unseen examples as they say (conformalized quantile regression)."""

    low: Estimator
    high: Estimator
    below: float
    above: float

    def __call__(self, matrix: Matrix, middle: Vector) -> tuple[Vector, Vector]:
        return self.low.predict(matrix) - self.below, self.high.predict(matrix) + self.above


def _bound(misses: Vector, share: float) -> float:
    """The quantile of ``misses`` with the correction for as few examples as there are (split conformal prediction)."""
    place = min(1.0, np.ceil((len(misses) + 1) * share) / len(misses))
    return float(np.quantile(misses, place, method="higher"))


def _band(
    matrix: Matrix, wanted: Vector, guess: Vector, folds: Folds
) -> Callable[[Matrix, Vector], tuple[Vector, Vector]]:
    """Of three ways to a band the one that scores best on unseen examples; each covers what it says on them."""
    misses = wanted - guess
    side = 1 - MISSES / 2
    even = _Even(below=-_bound(-misses, side), above=_bound(misses, side))
    found: list[tuple[float, Callable[[Matrix, Vector], tuple[Vector, Vector]]]] = [
        (interval_score(wanted, guess + even.below, guess + even.above), even)
    ]
    if len(wanted) >= 4 * FEWEST_ROWS:
        found.append(_scaled(matrix, wanted, misses, folds))
        found.append(_quantiles(matrix, wanted, folds))
    return min(found, key=lambda pair: pair[0])[1]


def _scaled(matrix: Matrix, wanted: Vector, misses: Vector, folds: Folds) -> tuple[float, _Scaled]:
    size = np.abs(misses)
    model = _boosted(len(wanted), quantile=0.5)
    least = float(np.quantile(size, 0.1)) or 1e-9
    scale = np.maximum(_out_of_fold(model, matrix, size, folds), least)
    side = 1 - MISSES / 2
    below, above = -_bound(-misses / scale, side), _bound(misses / scale, side)
    guess = wanted - misses
    score = interval_score(wanted, guess + below * scale, guess + above * scale)
    return score, _Scaled(spread=model.fit(matrix, size), least=least, below=below, above=above)


def _quantiles(matrix: Matrix, wanted: Vector, folds: Folds) -> tuple[float, _Quantiles]:
    sides = {share: _boosted(len(wanted), quantile=share) for share in (MISSES / 2, 1 - MISSES / 2)}
    low, high = (_out_of_fold(model, matrix, wanted, folds) for model in sides.values())
    side = 1 - MISSES / 2
    below, above = _bound(low - wanted, side), _bound(wanted - high, side)
    score = interval_score(wanted, low - below, high + above)
    fitted = [model.fit(matrix, wanted) for model in sides.values()]
    return score, _Quantiles(low=fitted[0], high=fitted[1], below=below, above=above)


# What a plain model would say -------------------------------------------------------------------------------------------------------------


def baseline(train: Table, test: Table, target: str) -> Vector:
    """Ordinary least squares on all columns: numbers as they are (gaps at the median), every other value a column of its own."""
    import scipy.sparse  # noqa: PLC0415

    examples, asked = train.without(target), test.arranged(train.without(target).columns)
    parts: tuple[list[Any], list[Any]] = ([], [])
    for name in examples.columns:
        known, wanted = examples.column(name), asked.column(name)
        if _all_numbers(known):
            told = [number for value in known if (number := number_of(value)) is not None]
            middle = float(np.median(told)) if told else 0.0
            for part, values in zip(parts, (known, wanted), strict=True):
                numbers = [number_of(value) for value in values]
                part.append(np.array([[middle if number is None else number] for number in numbers]))
        else:
            encoder = OneHotEncoder(handle_unknown="ignore").fit([[value] for value in known])
            for part, values in zip(parts, (known, wanted), strict=True):
                part.append(encoder.transform([[value] for value in values]))
    seen, unseen = (scipy.sparse.hstack(part).tocsr() for part in parts)
    # A dense solution where it fits into memory: the sparse one is found by steps and stops a little before the least.
    if seen.shape[0] * seen.shape[1] <= 20_000_000:
        seen, unseen = seen.toarray(), unseen.toarray()
    return np.asarray(LinearRegression().fit(seen, np.array(targets(train, target))).predict(unseen))


def _all_numbers(values: Sequence[str]) -> bool:
    told = [value for value in values if value]
    return bool(told) and all(number_of(value) is not None for value in told)
