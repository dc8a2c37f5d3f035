"""Which of many rules can match a case at all: told from one comparison of each, looked up and not tried. Pure.

Most rules of a long list compare a country, a tag, a SKU or a reason with a few texts. Each such rule is filed under those texts, and a
case asks only the rules filed under what it has, and those that compare nothing of the kind. A set of rules is a whole number, of which
bit n stands for rule n, so that rules stay in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from revlog.terms.conditions import Inputs, Key


@dataclass
class _Drawer:
    """The rules that are filed by one fact: text -> rules, and all of them."""

    by_text: dict[str, int] = field(default_factory=dict)
    all: int = 0


class Index:
    """Made of one key a rule, in their order; None for a rule that is tried on every case."""

    def __init__(self, keys: Sequence[Key | None]) -> None:
        self.always = 0
        self.equal: dict[str, _Drawer] = {}
        self.containing: dict[str, _Drawer] = {}
        for place, key in enumerate(keys):
            if key is None:
                self.always |= 1 << place
                continue
            drawers = self.containing if key.contains else self.equal
            drawer = drawers.setdefault(key.fact, _Drawer())
            drawer.all |= 1 << place
            for text in key.texts:
                drawer.by_text[text] = drawer.by_text.get(text, 0) | 1 << place

    def candidates(self, inputs: Inputs) -> int:
        """The rules that may match; every one that does is among them."""
        found = self.always
        get = inputs.get
        for fact, drawer in self.equal.items():
            left = get(fact)
            if left is not None:
                found |= drawer.by_text.get(left if type(left) is str else str(left), 0)
        for fact, drawer in self.containing.items():
            left = get(fact)
            if isinstance(left, list | tuple):
                for one in left:
                    found |= drawer.by_text.get(one if type(one) is str else str(one), 0)
            elif isinstance(left, str):
                found |= drawer.all
        return found
