"""How many examples a property is tried with: a quarter in every run, all of them in `make prove`."""

from __future__ import annotations

from hypothesis import settings

PROOF = "proof"
"""The profile of `make prove`: ``--hypothesis-profile=proof``."""


def examples(many: int) -> int:
    return many if settings.get_current_profile_name() == PROOF else many // 4


def profiles() -> None:
    # The machine that runs the tests is shared: a deadline would make a slow moment look like a bug.
    settings.register_profile("revlog", deadline=None, max_examples=50)
    settings.register_profile(PROOF, deadline=None, max_examples=500)
    settings.load_profile("revlog")
