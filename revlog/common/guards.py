"""What PostgreSQL's guards refused, turned into the same kind of sentence as any other refusal."""

from __future__ import annotations

from django.db import IntegrityError

from revlog.common.errors import DomainError, Reason

SENTENCES = {
    "one_entry_a_place": "Somebody else acted on this at the same moment; look again and repeat.",
    "nothing_with_data_is_for_sale": "A unit whose data is not cleared can't be put up for sale.",
    "a_sold_device_has_a_grade": "A unit without a grade can't be sold.",
    "one_taker_at_a_time": "The unit is promised to another.",
    "one_open_visit": "The unit is with us already.",
    "a_quantity_is_not_negative": "There are not that many.",
}


class RefusedByGuard(DomainError):
    """A guard in the database stopped it; nothing was written."""

    code = "refused_by_guard"


def name_of(error: IntegrityError) -> str:
    """The constraint that was violated, empty when the server didn't say."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnostics, "constraint_name", None) or "")


def refusal(error: IntegrityError) -> DomainError | None:
    """The refusal that a guard's error stands for; None when the error is of another kind and must not be hidden."""
    name = name_of(error)
    if name in SENTENCES:
        return RefusedByGuard(Reason(name, SENTENCES[name]))
    first = str(error).splitlines()[0] if str(error) else ""
    if name and first.startswith(f"{name}: "):
        return RefusedByGuard(Reason(name, first.removeprefix(f"{name}: ").capitalize()))
    return None
