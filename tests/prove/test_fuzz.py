"""Every operation of the API under as much hostile input as fits into its share of the time; tests/api/test_fuzz.py has the short form."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from django.db import transaction

from tests.api.test_fuzz import OPERATIONS, hammer
from tests.cast import Cast
from tests.prove.results import SECONDS, SEED, keep

pytestmark = pytest.mark.prove
ROUND = 40


class _Back(Exception):
    """Takes a round's rows back, so that the next one begins with the same things."""


def test_no_operation_falls_over_however_long_it_is_hammered(cast: Cast) -> None:
    share = min(SECONDS, 1200) / len(OPERATIONS)
    told: dict[str, Any] = {}
    for method, path, operation in OPERATIONS:
        seen: Counter[int] = Counter()
        until, number = time.monotonic() + share, 0
        while number == 0 or time.monotonic() < until:
            number += 1
            try:
                with transaction.atomic():
                    seen.update(hammer(cast, method, path, operation, seed=f":{SEED}:{number}", tries=ROUND))
                    raise _Back
            except _Back:
                pass
        told[f"{method} {path}"] = {str(status): count for status, count in sorted(seen.items())}
    requests = sum(sum(counts.values()) for counts in told.values())
    keep("fuzz", {"seed": SEED, "requests": requests, "operations": told})
    assert requests >= ROUND * len(OPERATIONS)
