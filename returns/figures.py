"""The figures of claims and repeat repairs, published like any other rules."""

from __future__ import annotations

from revlog.terms.parameters import Figures

CLAIMS = Figures("returns.claims", {"answer_days": 30, "repeat_days": 90}, {"answer_days": 3650, "repeat_days": 3650})
"""``answer_days``: how long a supplier may take; ``repeat_days``: how soon after our repair a unit that is here again counts as one."""
