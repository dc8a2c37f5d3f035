"""What recalls say: of the campaign on its own chain, of each unit on the unit's."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class RecallDrafted(
    Fact, kind="returns.recall_drafted", staff=_("Recall {number} drafted ({recall_kind!w}, {severity!w}).")
):
    number: str
    recall_kind: str
    severity: str
    remedy: str
    mock: bool


class RecallAmended(Fact, kind="returns.recall_amended", staff=_("Version {edition} drafted: {why}.")):
    number: str
    edition: int
    why: str


class RecallOpened(Fact, kind="returns.recall_opened", staff=_("Version {edition} opened; the search begins.")):
    number: str
    edition: int
    mock: bool


class RecallDropped(Fact, kind="returns.recall_dropped", staff=_("Draft dropped: {reason}.")):
    number: str
    reason: str


class RecallSwept(
    Fact,
    kind="returns.recall_swept",
    staff=_("Everything searched: {found:unit|units} found, {fresh} of them new; {held} stopped."),
):
    number: str
    edition: int
    found: int
    fresh: int
    held: int
    root: str
    """SHA-256 over the ids of all that is found, in order: by it a list of today is the list of then."""


class RecallNoticeDue(Fact, kind="returns.recall_notice_due", staff=_("An owner is written to: {units:unit|units}.")):
    recall: str
    contact: str
    edition: int
    units: int


class RecallLocated(
    Fact, kind="returns.recall_located", staff=_("Every unit is located, {minutes} min after the start.")
):
    number: str
    minutes: int
    units: int


class RecallClosed(
    Fact, kind="returns.recall_closed", staff=_("Recall {number} closed: {done} of {found} done. {reason}.")
):
    number: str
    found: int
    done: int
    reason: str


class PartsRecalled(Fact, kind="returns.parts_recalled", staff=_("Parts in stock are stopped: {names}.")):
    """On the campaign's chain; ``parts`` are the chains of the stocks, which the bench stops."""

    recall: str
    number: str
    title: str
    parts: list[str]
    names: str


class RecallAnswered(Fact, kind="returns.recall_answered", staff=_("An owner answered: {answer!w}.")):
    """On the campaign's chain, for things that are no devices of ours."""

    unit: str
    answer: str


class RecallMade(Fact, kind="returns.recall_made", staff=_("Done for one that was sold: {made!w}. {reason}.")):
    """On the campaign's chain, for things that are no devices of ours."""

    unit: str
    made: str
    reason: str


# Of a unit --------------------------------------------------------------------------------------------------------------------------


class Recalled(
    Fact,
    kind="returns.recalled",
    staff=_("In recall {number} ({how!w}[: {through}])."),
    customer=_("It is called back by {issuer}."),
    client=_("In recall {number} of {issuer} ({recall_kind!w}, {severity!w})."),
):
    recall: str
    number: str
    edition: int
    recall_kind: str
    severity: str
    issuer: str
    how: str
    through: str | None = None


class RecallRemedied(
    Fact,
    kind="returns.recall_remedied",
    staff=_("Recall {number}: {made!w}[. {reason}]."),
    customer=_("The recall is settled: {made!w}."),
    client=_("Recall {number}: {made!w}."),
):
    recall: str
    number: str
    made: str
    reason: str | None = None


class RecallDestroyed(
    Fact,
    kind="returns.recall_destroyed",
    staff=_("To be destroyed by recall {number}."),
    client=_("To be destroyed by recall {number}."),
):
    recall: str
    number: str


# Claims to suppliers ------------------------------------------------------------------------------------------------------------------


class ClaimDrafted(
    Fact,
    kind="returns.claim_drafted",
    staff=_("Claim {number} to {supplier!o} prepared: {asks!w}, {amount!m} {currency}."),
):
    claim: str
    number: str
    supplier: str
    asks: str
    amount: str
    currency: str


class ClaimSent(
    Fact,
    kind="returns.claim_sent",
    staff=_("Claim {number} sent to {supplier!o}: {amount!m} {currency}; to be answered by {answer_by!d}."),
):
    claim: str
    number: str
    supplier: str
    amount: str
    currency: str
    theirs: str | None = None
    answer_by: str


class ClaimAnswered(
    Fact,
    kind="returns.claim_answered",
    staff=_("Claim {number}: {supplier!o} grants {granted!m} of {amount!m} {currency}[. {answer}]."),
):
    claim: str
    number: str
    supplier: str
    granted: str
    amount: str
    currency: str
    answer: str | None = None


class ClaimWithdrawn(Fact, kind="returns.claim_withdrawn", staff=_("Claim {number} withdrawn: {reason}.")):
    claim: str
    number: str
    reason: str


class RepeatRepair(
    Fact,
    kind="returns.repeat_repair",
    staff=_("Here again {days:day|days} after our repair."),
    client=_("Here again {days:day|days} after our repair."),
):
    """Of a visit that opened so soon after a repair of ours that the repair is to be looked at."""

    visit: int
    repaired: int
    """Number of the visit on which it was repaired."""
    days: int
    work: str | None = None
