"""What is counted of a text: words, pairs of neighbours, and pieces of words, which carry over between languages and misspellings."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping

from triage.complaints import text as texts

SHORTEST, LONGEST = 2, 5
"""Letters in a piece of a word."""
LONGEST_WORD = 40
WORD, PAIR, PIECE = "w:", "p:", "c:"


def counts(told: str) -> Counter[str]:
    """How often each feature is in ``told``, which may be raw."""
    found = texts.words(texts.plain(told))
    counted: Counter[str] = Counter()
    for word in found:
        counted[WORD + word] += 1
        counted.update(pieces(word))
    counted.update(f"{PAIR}{first} {second}" for first, second in itertools.pairwise(found))
    return counted


def pieces(word: str) -> Iterable[str]:
    """Each run of letters of ``word`` between its edges."""
    edged = f" {word[:LONGEST_WORD]} "
    for size in range(SHORTEST, LONGEST + 1):
        if len(edged) <= size:
            yield PIECE + edged
            return
        for at in range(len(edged) - size + 1):
            yield PIECE + edged[at : at + size]


def weighed(counted: Counter[str], rarity: Mapping[str, float]) -> dict[str, float]:
    """Features with their weights, words and pieces each of length one: what isn't in ``rarity`` weighs nothing."""
    found = {name: (1 + math.log(count)) * rarity[name] for name, count in counted.items() if name in rarity}
    sizes = {True: 0.0, False: 0.0}
    for name, value in found.items():
        sizes[name.startswith(PIECE)] += value * value
    return {name: value / math.sqrt(sizes[name.startswith(PIECE)]) for name, value in found.items()}
