"""What returns of businesses say on the ledger. Numbers of papers, lots and amounts; never what people wrote to each other."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact

# Of the RMA -------------------------------------------------------------------------------------------------------------------------


class BusinessAnnounced(
    Fact,
    kind="returns.business_announced",
    staff=_("Announced by {customer}: {lines:line|lines}, {quantity:piece|pieces}."),
    client=_("Announced by {customer}: {lines:line|lines}, {quantity:piece|pieces}."),
):
    customer: str
    lines: int
    quantity: int
    reference: str | None = None
    po: str | None = None
    invoice: str | None = None
    delivery: str | None = None
    wrong_lots: int
    """Lines whose lot we never sent them and that a person accepted."""
    steps: int


class BoxesCounted(
    Fact,
    kind="returns.boxes_counted",
    staff=_("{boxes:box|boxes} taken in unopened, {damaged} damaged; {total} in all."),
    client=_("{boxes:box|boxes} taken in unopened, {damaged} damaged; {total} in all."),
):
    boxes: int
    damaged: int
    total: int
    announced: int | None = None
    hub: str


class LinesCounted(
    Fact,
    kind="returns.lines_counted",
    staff=_("{pieces:piece|pieces} of {lines:line|lines} counted out of the boxes."),
    client=_("{pieces:piece|pieces} of {lines:line|lines} counted out of the boxes."),
):
    lines: int
    pieces: int
    counted: list[str]
    """For each count: position of the line, lot (``-`` without one), pieces, tag."""


class LinesInspected(
    Fact,
    kind="returns.lines_inspected",
    staff=_("{pieces:piece|pieces} inspected."),
    client=_("{pieces:piece|pieces} inspected."),
):
    pieces: int
    found: list[str]
    """For each unit: position of the line, tag, condition, pieces."""


class ReceiptComplete(
    Fact,
    kind="returns.receipt_complete",
    staff=_("Nothing more is expected; {missing:piece is|pieces are} missing."),
    client=_("Nothing more is expected; {missing:piece is|pieces are} missing."),
):
    missing: int


class LineDisputed(
    Fact,
    kind="returns.line_disputed",
    staff=_("Line {position} is disputed: {amount!m} {currency}."),
    client=_("Line {position} is disputed: {amount!m} {currency}."),
):
    dispute: str
    line: str
    position: int
    why: list[str]
    amount: str
    currency: str


class DisputeAnswered(
    Fact,
    kind="returns.dispute_answered",
    staff=_("Something was said about line {position}."),
    client=_("Something was said about line {position}."),
):
    dispute: str
    position: int
    by_customer: bool
    evidence: str | None = None
    """Digest of the file that was sent with it."""


class LineDecided(
    Fact,
    kind="returns.line_decided",
    staff=_("Line {position} decided: {amount!m} {currency}."),
    client=_("Line {position} decided: {amount!m} {currency}."),
):
    dispute: str
    line: str
    position: int
    ended_as: str
    amount: str
    currency: str


class MemoProposed(
    Fact,
    kind="returns.memo_proposed",
    staff=_("Proposed: {memo_kind!w} over {amount!m} {currency}. Another person approves it."),
):
    memo: str
    memo_kind: str
    lines: int
    amount: str
    currency: str


class MemoRejected(
    Fact,
    kind="returns.memo_rejected",
    staff=_("Rejected: {memo_kind!w} over {amount!m} {currency}."),
):
    memo: str
    memo_kind: str
    amount: str
    currency: str


class MemoDue(
    Fact,
    kind="returns.memo_due",
    staff=_("Being made: {memo_kind!w} over {amount!m} {currency} for {lines:line|lines}."),
    client=_("Being made: {memo_kind!w} over {amount!m} {currency} for {lines:line|lines}."),
):
    memo: str
    memo_kind: str
    lines: int
    credited: list[str]
    """For each line: its position, pieces, amount."""
    amount: str
    currency: str
    corrects: str | None = None
    """Number of the document that it corrects."""


class MemoIssued(
    Fact,
    kind="returns.memo_issued",
    staff=_("Issued: {memo_kind!w} {number} over {amount!m} {currency}."),
    client=_("Issued: {memo_kind!w} {number} over {amount!m} {currency}."),
):
    memo: str
    memo_kind: str
    number: str
    amount: str
    currency: str


class MemoSettled(
    Fact,
    kind="returns.memo_settled",
    staff=_("{number} settled: {amount!m} {currency}, {reference}."),
    client=_("{number} settled: {amount!m} {currency}, {reference}."),
):
    memo: str
    number: str
    amount: str
    currency: str
    reference: str


class InterchangeTaken(
    Fact,
    kind="returns.interchange_taken",
    staff=_("Came with interchange {control}."),
    client=_("Came with interchange {control}."),
):
    control: str
    digest: str


class InterchangeSent(
    Fact,
    kind="returns.interchange_sent",
    staff=_("Told by interchange {control}."),
    client=_("Told by interchange {control}."),
):
    control: str
    digest: str


class InterchangeAnswered(
    Fact,
    kind="returns.interchange_answered",
    staff=_("Their system says of interchange {control}: {verdict!w}."),
    client=_("Your system says of interchange {control}: {verdict!w}."),
):
    control: str
    verdict: str


# Of a unit --------------------------------------------------------------------------------------------------------------------------


class LotFound(
    Fact,
    kind="returns.lot_found",
    staff=_("Lot {lot} found on it, for line {position} of the return."),
    client=_("Lot {lot} found on it, for line {position} of the return."),
):
    rma: str
    line: str
    position: int
    lot: str
    expires_on: str | None = None
    lot_sent: bool
    """False when we never sent this lot to the customer."""


class UnitInspected(
    Fact,
    kind="returns.unit_inspected",
    staff=_("Inspected: {condition!w}, {quantity:piece|pieces}."),
    client=_("Inspected: {condition!w}, {quantity:piece|pieces}."),
):
    rma: str
    line: str
    position: int
    condition: str
    quantity: int
