"""A model as plain weights: features, how rare each is, and what it says for each fault. Read and used with the standard library alone."""

from __future__ import annotations

import gzip
import io
import json
import math
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from triage.complaints import features
from triage.complaints import text as texts
from triage.complaints.labels import NOTHING
from triage.complaints.phrases import VERSION, phrases

FORMAT = "revlog.complaints/1"
FLOOR = 0.30
"""What is less likely than that isn't proposed: nobody is sent looking on a guess."""
MOST_PROPOSED = 3
LEAST_SHOWN = 0.08
MOST_WORDS = 4
FEW = 6
SHORT, LONG = 4, 30
"""Words of a usual phrase of ours, and of a text that isn't made sharper any more."""
PUBLIC_FROM = 10
"""A word of that many examples is nobody's own."""
MOST_BYTES = 40_000_000
"""A model's file, unpacked."""


class UnreadableModel(Exception):
    """The bytes are no model of ours; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A fault, how likely, and the words of the model's own vocabulary that spoke for it."""

    code: str
    share: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Model:
    """``weights[feature]`` are one number a code, in the order of ``codes``; ``sharpness`` makes scores into probabilities."""

    version: str
    codes: tuple[str, ...]
    rarity: Mapping[str, float]
    weights: Mapping[str, Sequence[float]]
    bias: Sequence[float]
    sharpness: float = 1.0
    grows: float = 0.0
    """How much sharper the scores of a long text are made: its length thins what each of its words says."""
    floor: float = FLOOR
    public: frozenset[str] = field(default_factory=frozenset)
    """Words that may be shown: those of our own phrases, and those that many examples have."""
    under: Model | None = None
    """The model of our phrases, whose scores for each of its codes are features too."""
    lift: Sequence[Sequence[float]] = ()
    """What each of those scores weighs for each code of this model."""

    def scores(self, told: str) -> list[float]:
        """What the words say for each code, before they are made probabilities."""
        counted = features.counts(told)
        return self._scores(counted, features.weighed(counted, self.rarity))

    def _scores(self, counted: Counter[str], weighed: Mapping[str, float]) -> list[float]:
        found = list(self.bias)
        for name, value in weighed.items():
            for place, weight in enumerate(self.weights[name]):
                found[place] += value * weight
        if self.under is not None:
            below = self.under._scores(counted, features.weighed(counted, self.under.rarity))
            for score, row in zip(below, self.lift, strict=True):
                for place, weight in enumerate(row):
                    found[place] += score * weight
        return found

    def _sharp(self, counted: Counter[str]) -> float:
        if not self.grows:
            return self.sharpness
        words = sum(count for name, count in counted.items() if name.startswith(features.WORD))
        return self.sharpness * float(max(1.0, (min(words, LONG) / SHORT) ** self.grows))

    def shares(self, told: str) -> dict[str, float]:
        """The probability of each code."""
        counted = features.counts(told)
        scores = self._scores(counted, features.weighed(counted, self.rarity))
        return dict(zip(self.codes, softmax(scores, self._sharp(counted)), strict=True))

    def propose(self, told: str, *, among: Iterable[str] | None = None) -> list[Proposal]:
        """The faults that the words point to, likeliest first; none where no clear fault is told.

        ``among`` are the codes that such a thing can have: the others share nothing.
        """
        counted = features.counts(told)
        weighed = features.weighed(counted, self.rarity)
        if not weighed:
            return []
        shares = softmax(self._scores(counted, weighed), self._sharp(counted))
        allowed = set(self.codes if among is None else among) | {NOTHING}
        told_of = {code: share for code, share in zip(self.codes, shares, strict=True) if code in allowed}
        whole = sum(told_of.values())
        if not whole:
            return []
        ranked = sorted(((share / whole, code) for code, share in told_of.items()), reverse=True)
        if ranked[0][1] == NOTHING or ranked[0][0] < self.floor:
            return []
        return [
            Proposal(code=code, share=share, words=self._spoke(weighed, code))
            for share, code in ranked[:MOST_PROPOSED]
            if code != NOTHING and (share >= LEAST_SHOWN or share == ranked[0][0])
        ]

    def _spoke(self, weighed: Mapping[str, float], code: str) -> tuple[str, ...]:
        """The whole words that said most for ``code``, beyond what they say for the others."""
        place = self.codes.index(code)
        said: dict[str, float] = {}
        for name, value in weighed.items():
            if name.startswith(features.WORD) and name[2:] in self.public and len(name) > 4:
                row = self.weights[name]
                said[name[2:]] = value * (row[place] - sum(row) / len(row))
        best = sorted(said, key=lambda word: (-said[word], word))[:MOST_WORDS]
        return tuple(word for word in best if said[word] > 0.25 * said[best[0]] > 0)


def softmax(scores: Sequence[float], sharpness: float) -> list[float]:
    most = max(scores)
    raised = [math.exp(sharpness * (score - most)) for score in scores]
    whole = sum(raised)
    return [one / whole for one in raised]


# As shipped ---------------------------------------------------------------------------------------------------------------------------

SHIPPED_SHARPNESS = 16.0
SHIPPED_GROWS = 0.35


@cache
def shipped() -> Model:
    """The model of a fresh install."""
    return of_phrases([(code, phrase) for code, _language, phrase in phrases()], version=f"phrases-{VERSION}")


def of_phrases(told: Sequence[tuple[str, str]], *, version: str) -> Model:
    """A model of (code, phrase): each fault is the middle of its phrases, and a text is what it lies nearest to."""
    counted = [(code, features.counts(phrase)) for code, phrase in told]
    rarity = rarities([each for _code, each in counted])
    codes = tuple(dict.fromkeys(code for code, _counted in counted))
    sums: dict[str, list[float]] = {name: [0.0] * len(codes) for name in rarity}
    for code, each in counted:
        place = codes.index(code)
        for name, value in features.weighed(each, rarity).items():
            sums[name][place] += value
    sizes = [math.sqrt(sum(row[place] ** 2 for row in sums.values())) or 1.0 for place in range(len(codes))]
    return Model(
        version=version,
        codes=codes,
        rarity=rarity,
        weights={
            name: array("f", [value / sizes[place] for place, value in enumerate(row)]) for name, row in sums.items()
        },
        bias=[0.0] * len(codes),
        sharpness=SHIPPED_SHARPNESS,
        grows=SHIPPED_GROWS,
        public=own_words(),
    )


@cache
def own_words() -> frozenset[str]:
    """The words of our own phrases, but for those that stand in phrases of many faults: they say nothing of one."""
    codes: dict[str, set[str]] = {}
    for code, _language, phrase in phrases():
        for word in texts.words(texts.plain(phrase)):
            codes.setdefault(word, set()).add(code)
    return frozenset(word for word, found in codes.items() if len(found) <= FEW)


def rarities(counted: Sequence[Counter[str]], *, least: int = 1) -> dict[str, float]:
    """How rare each feature is among these texts; what is in fewer than ``least`` isn't one."""
    seen: Counter[str] = Counter()
    for each in counted:
        seen.update(each.keys())
    return {name: math.log((1 + len(counted)) / (1 + count)) + 1 for name, count in seen.items() if count >= least}


# As bytes -----------------------------------------------------------------------------------------------------------------------------


def packed(model: Model) -> bytes:
    """The model as one compressed JSON object. Weights keep four digits: more would say nothing."""
    body = _plain(model) | {"format": FORMAT}
    return gzip.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


def _plain(model: Model) -> dict[str, Any]:
    return {
        "version": model.version,
        "codes": model.codes,
        "bias": [round(value, 4) for value in model.bias],
        "sharpness": round(model.sharpness, 4),
        "grows": model.grows,
        "floor": model.floor,
        "public": sorted(model.public),
        "features": {
            name: [round(model.rarity[name], 4), *(round(value, 4) for value in row)]
            for name, row in model.weights.items()
        },
        "under": _plain(model.under) if model.under else None,
        "lift": [[round(value, 4) for value in row] for row in model.lift],
    }


def unpacked(data: bytes) -> Model:
    """The model in ``data``. Raises UnreadableModel for anything else."""
    try:
        body: Any = json.loads(_inflated(data))
        if body["format"] != FORMAT:
            raise UnreadableModel("It is of another format.")
        return _read(body)
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error) as error:
        raise UnreadableModel(f"It can't be read: {error}") from error


def _read(body: Any) -> Model:  # noqa: ANN401 - plain data
    codes = tuple(str(code) for code in body["codes"])
    rows = {str(name): [float(value) for value in row] for name, row in body["features"].items()}
    lift = [[float(value) for value in row] for row in body["lift"]]
    under = _read(body["under"]) if body["under"] else None
    if any(len(row) != len(codes) + 1 for row in rows.values()) or len(body["bias"]) != len(codes):
        raise UnreadableModel("Its weights don't fit its faults.")
    if len(lift) != (len(under.codes) if under else 0) or any(len(row) != len(codes) for row in lift):
        raise UnreadableModel("Its weights don't fit our phrases.")
    return Model(
        version=str(body["version"]),
        codes=codes,
        rarity={name: row[0] for name, row in rows.items()},
        weights={name: array("f", row[1:]) for name, row in rows.items()},
        bias=[float(value) for value in body["bias"]],
        sharpness=float(body["sharpness"]),
        grows=float(body["grows"]),
        floor=float(body["floor"]),
        public=frozenset(str(word) for word in body["public"]),
        under=under,
        lift=lift,
    )


def _inflated(data: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UnreadableModel("It is too large to be one of ours.")
    return content
