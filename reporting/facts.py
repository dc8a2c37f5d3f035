"""What the read side says itself: that money was handed to the accountant."""

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
