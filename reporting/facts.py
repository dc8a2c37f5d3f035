"""What the read side says itself: that money was handed to the accountant, and a shift to the next."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class AccountsExported(
    Fact,
    kind="reporting.accounts_exported",
    staff=_("Run {number} for the accountant: {postings:posting|postings} from {since} to {until}."),
):
    """Said on the run's own chain. ``sums`` is the sum by book as text; the digests are those of its files."""

    number: int
    since: str
    until: str
    postings: int
    late: int
    sums: Mapping[str, str]
    currency: str
    chart: int
    journal: str
    datev: str | None = None


class ShiftHandedOver(
    Fact,
    kind="reporting.shift_handed_over",
    staff=_("{shift} of {day} handed over: {open:thing|things} open, {alarms} of them too long."),
):
    """On the hand-over's own chain. ``digest`` is of what was open and of the notes and points, which stand beside the chain."""

    number: str
    hub: str
    shift: str
    day: str
    open: int
    alarms: int
    points: int
    digest: str


class ShiftTakenOver(Fact, kind="reporting.shift_taken_over", staff=_("Taken over by the next shift.")):
    number: str


class PointDone(Fact, kind="reporting.point_done", staff=_("Point {position} is done.")):
    number: str
    position: int


class PointReopened(Fact, kind="reporting.point_reopened", staff=_("Point {position} is not done after all.")):
    number: str
    position: int
