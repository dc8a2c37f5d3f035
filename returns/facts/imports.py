"""Of an import of past orders and returns."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class ImportStarted(
    Fact,
    kind="returns.import_started",
    staff=_("Import of past orders of {seller!o} begun, by mapping {mapping}."),
    client=_("Import of past orders begun, by mapping {mapping}."),
):
    seller: str
    """Code of the organization that sold."""
    file: str
    """SHA-256 of the file, unpacked."""
    mapping: str
    mapping_digest: str


class ImportAsked(
    Fact,
    kind="returns.import_asked",
    staff=_("The worker was asked to go on behind {rows:row|rows}."),
    client=_("The import goes on behind {rows:row|rows}."),
):
    rows: int


class ImportStopped(
    Fact,
    kind="returns.import_stopped",
    staff=_("Stopped behind {rows:row|rows}."),
    client=_("The import was stopped behind {rows:row|rows}."),
):
    rows: int


class ImportMatchedLater(
    Fact,
    kind="returns.import_matched_later",
    staff=_(
        "Looked again: {rows:row|rows} matched now that weren't at first, with {pieces:piece|pieces} over {amount!m} {currency}."
    ),
    client=_(
        "Looked again: {rows:row|rows} matched now that weren't at first, with {pieces:piece|pieces} over {amount!m} {currency}."
    ),
):
    """The orders of another import, or of the shop, hold what these rows credit. The counts of the import stay as they were."""

    rows: int
    """Those that are matched whole now; pieces of others may have been found as well."""
    pieces: int
    amount: str
    currency: str
    run: str
    """The import behind which it was looked again; empty when somebody asked for it."""


class ImportFinished(
    Fact,
    kind="returns.import_finished",
    staff=_(
        "Import done: {order_lines:line|lines} of orders, {return_lines:line|lines} of returns, {matched} matched, {unmatched} unmatched, "
        "{refused:row|rows} refused."
    ),
    client=_(
        "Import done: {order_lines:line|lines} of orders, {return_lines:line|lines} of returns, {matched} matched, {unmatched} unmatched, "
        "{refused:row|rows} refused."
    ),
):
    order_lines: int
    return_lines: int
    matched: int
    unmatched: int
    refused: int
    order_total: str
    return_total: str
    currency: str
