"""Examples to a model: texts with their labels, several candidates, the best by honest cross-validation, probabilities that hold.

A linear support vector machine over words, pairs of words and pieces of words, and beside them what our own phrases say for each of the
house's faults: so that ``Akku`` and ``accu``, which share no example, speak for the same label. What comes out is a ``light.Model``.

Loads scikit-learn: only jobs and commands import this.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from triage.complaints import features, light
from triage.complaints.light import Model
from triage.complaints.scoring import accuracy, macro_f1

Matrix = Any
Vector = NDArray[Any]
FOLDS = 5
FEWEST = 30
"""With fewer examples, or one label alone, nothing is learned."""
MOST = 60_000
"""Of more examples, evenly spread ones are learned from: what the last ones would add isn't worth the hour."""
MOST_FEATURES = 80_000
SHARPNESS = tuple(float(value) for value in np.geomspace(0.5, 12, 24))
SEED = 20260101


class TooLittle(Exception):
    """There are too few examples to learn from; the sentence says how many there are."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """How a model is fitted: how much an error costs, how loud our phrases speak, how far rare labels are lifted."""

    cost: float
    phrases: float
    lift: float


CANDIDATES = (
    Candidate(cost=0.5, phrases=6.0, lift=0.3),
    Candidate(cost=0.5, phrases=4.0, lift=0.3),
    Candidate(cost=0.5, phrases=4.0, lift=0.0),
)


@dataclass(frozen=True, kw_only=True)
class Learned:
    """A model, and how it did on examples that it hadn't seen."""

    model: Model
    candidate: Candidate
    accuracy: float
    macro_f1: float
    n: int


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """Texts as counted once: features, and what our phrases say."""

    counted: Sequence[Counter[str]]
    told: NDArray[np.float64]

    def at(self, places: Sequence[int] | Vector) -> _Seen:
        return _Seen(counted=[self.counted[place] for place in places], told=self.told[places])


def learn(
    texts: Sequence[str], labels: Sequence[str], *, version: str = "learned", least: int = 1, always: int = 0
) -> Learned:
    """The best model for these examples. Raises TooLittle.

    What is in fewer than ``least`` texts isn't learned as a word (pairs and pieces: at least two). The first ``always`` examples are
    learned from in every fold and never asked: they aren't what will come.
    """
    kept = list(range(len(texts)))
    if len(texts) > MOST:
        kept = [*range(always), *(int(place) for place in np.linspace(always, len(texts) - 1, MOST - always))]
    truth: Vector = np.array([labels[place] for place in kept], dtype=np.object_)
    if len(kept) - always < FEWEST or len(set(truth)) < 2:
        raise TooLittle(f"{len(kept) - always} examples of {len(set(truth))} labels are too few to learn from.")
    seen = _seen([texts[place] for place in kept])
    judged = [(_by_folds(seen, truth, one, least=least, always=always), one) for one in CANDIDATES]
    found = max(judged, key=lambda pair: pair[0].score)
    return Learned(
        model=_fitted(seen, truth, found[1], least=least).light(
            version=version, sharpness=_sharpness(found[0]), texts=seen.counted
        ),
        candidate=found[1],
        accuracy=found[0].accuracy,
        macro_f1=found[0].macro_f1,
        n=len(kept) - always,
    )


def by_folds(
    texts: Sequence[str], labels: Sequence[str], *, candidate: Candidate, least: int, always: int, known: Sequence[bool]
) -> tuple[float, float]:
    """Accuracy and macro F1 of a way of fitting on examples it hasn't seen, where it may learn from ``known`` ones alone."""
    found = _by_folds(
        _seen(texts), np.array(labels, dtype=np.object_), candidate, least=least, always=always, known=np.array(known)
    )
    return found.accuracy, found.macro_f1


def on_phrases(
    texts: Sequence[str], labels: Sequence[str], *, candidate: Candidate, least: int, always: int, known: Sequence[bool]
) -> dict[str, tuple[int, int]]:
    """Of the first ``always`` examples how many are right, and of how many, by label: each half is asked of what was fitted on the other
    half and on those later ones that are ``known``."""
    seen, truth, usable = _seen(texts), np.array(labels, dtype=np.object_), np.array(known)
    usable[:always] = True
    asked_of: Counter[str] = Counter(labels[:always])
    right: Counter[str] = Counter()
    for half in range(2):
        asked = np.arange(half, always, 2)
        train = np.setdiff1d(np.flatnonzero(usable), asked)
        fitted = _fitted(seen.at(train), truth[train], candidate, least=least)
        found = fitted.scores(seen.at(asked))
        right.update(
            str(truth[place])
            for place, row in zip(asked, found, strict=True)
            if fitted.codes[int(np.argmax(row))] == truth[place]
        )
    return {label: (right[label], count) for label, count in asked_of.items()}


# Fitting ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Fitted:
    machine: LinearSVC
    rarity: dict[str, float]
    places: dict[str, int]
    candidate: Candidate

    @property
    def codes(self) -> list[str]:
        return [str(code) for code in self.machine.classes_]

    def scores(self, seen: _Seen) -> NDArray[np.float64]:
        scores = np.asarray(self.machine.decision_function(_matrix(seen, self.rarity, self.places, self.candidate)))
        return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores

    def light(self, *, version: str, sharpness: float, texts: Sequence[Counter[str]]) -> Model:
        rows, bias = self.machine.coef_, self.machine.intercept_
        if len(rows) == 1:
            rows, bias = np.vstack([-rows, rows]), np.concatenate([-bias, bias])
        weight = np.abs(rows[:, : len(self.places)]).max(axis=0)
        kept = set(np.argsort(-weight)[:MOST_FEATURES].tolist())
        none = array("f", [0.0] * len(rows))
        usual = Counter(name[2:] for each in texts for name in each if name.startswith(features.WORD))
        return Model(
            version=version,
            codes=tuple(self.codes),
            rarity=self.rarity,
            weights={
                name: array("f", rows[:, place].tolist()) if place in kept else none
                for name, place in self.places.items()
            },
            bias=bias.tolist(),
            sharpness=sharpness,
            public=light.own_words() | {word for word, count in usual.items() if count >= light.PUBLIC_FROM},
            under=light.shipped(),
            lift=(rows[:, len(self.places) :] * self.candidate.phrases).T.tolist(),
        )


def _fitted(seen: _Seen, truth: Vector, candidate: Candidate, *, least: int) -> _Fitted:
    common: Counter[str] = Counter()
    for each in seen.counted:
        common.update(each.keys())
    rarity = {
        name: value
        for name, value in light.rarities(seen.counted).items()
        if common[name] >= (least if name.startswith(features.WORD) else max(least, 2))
    }
    places = {name: place for place, name in enumerate(rarity)}
    counts = Counter(truth)
    weights = {code: (max(counts.values()) / count) ** candidate.lift for code, count in counts.items()}
    machine = LinearSVC(C=candidate.cost, class_weight=weights, random_state=SEED)
    machine.fit(_matrix(seen, rarity, places, candidate), truth.astype(str))
    return _Fitted(machine=machine, rarity=rarity, places=places, candidate=candidate)


def _seen(texts: Sequence[str]) -> _Seen:
    known = light.shipped()
    return _Seen(
        counted=[features.counts(told) for told in texts],
        told=np.array([known.scores(told) for told in texts]).reshape(len(texts), len(known.codes)),
    )


def _matrix(seen: _Seen, rarity: dict[str, float], places: Mapping[str, int], candidate: Candidate) -> Matrix:
    rows, columns, values = [], [], []
    for row, counted in enumerate(seen.counted):
        for name, value in features.weighed(counted, rarity).items():
            rows.append(row)
            columns.append(places[name])
            values.append(value)
    counted_part = sparse.csr_matrix((values, (rows, columns)), shape=(len(seen.counted), len(places)))
    return sparse.hstack([counted_part, sparse.csr_matrix(seen.told * candidate.phrases)]).tocsr()


# Judging ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Judged:
    accuracy: float
    macro_f1: float
    scores: Sequence[tuple[Sequence[float], int]]
    """Of each example, what was said for each label, and the place of the true one (-1 where the fold didn't know it)."""

    @property
    def score(self) -> float:
        return self.accuracy + self.macro_f1


def _by_folds(
    seen: _Seen, truth: Vector, candidate: Candidate, *, least: int, always: int, known: Vector | None = None
) -> _Judged:
    told = np.empty(len(truth), dtype=np.object_)
    scores: list[tuple[Sequence[float], int]] = []
    for train, test in _folds(truth, always):
        usable = train if known is None else train[known[train]]
        fitted = _fitted(seen.at(usable), truth[usable], candidate, least=least)
        found = fitted.scores(seen.at(test))
        for place, row in zip(test, found, strict=True):
            told[place] = fitted.codes[int(np.argmax(row))]
            true = str(truth[place])
            scores.append((row.tolist(), fitted.codes.index(true) if true in fitted.codes else -1))
    asked = slice(always, None)
    right, guess = truth[asked].tolist(), told[asked].tolist()
    return _Judged(accuracy=accuracy(right, guess), macro_f1=macro_f1(right, guess), scores=scores)


def _folds(truth: Vector, always: int) -> Iterator[tuple[Vector, Vector]]:
    """Each example asked once, each label spread evenly over the folds; the first ``always`` ones are in every training part."""
    shuffled = np.random.default_rng(SEED).permutation(np.arange(always, len(truth)))
    order = np.array(sorted(shuffled, key=lambda place: str(truth[place])), dtype=int)
    for fold in range(FOLDS):
        asked = order[fold::FOLDS]
        yield np.setdiff1d(np.arange(len(truth)), asked), asked


def _sharpness(judged: _Judged) -> float:
    """How sharp scores are to be made so that a probability is as often right as it says: the least surprise on unseen examples."""

    def surprise(sharpness: float) -> float:
        lost = 0.0
        for row, place in judged.scores:
            share = light.softmax(row, sharpness)[place] if place >= 0 else 0.0
            lost -= float(np.log(max(share, 1e-6)))
        return lost

    return min(SHARPNESS, key=surprise)


# What a plain model would say -----------------------------------------------------------------------------------------------------------


def plain_linear(texts: Sequence[str], labels: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The usual linear model of texts: words weighed by tf-idf, a linear support vector machine, all as they come."""
    words = TfidfVectorizer()
    machine = LinearSVC(random_state=SEED)
    machine.fit(words.fit_transform(texts), list(labels))
    return [str(code) for code in machine.predict(words.transform(asked))]
