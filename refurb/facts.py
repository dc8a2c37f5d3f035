"""What the bench says: all but the stock's own movements stand on the unit's chain."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class RepairQuoted(
    Fact,
    kind="refurb.repair_quoted",
    staff=_("Repair quoted: {amount!m} {currency}."),
    customer=_("We reckoned what a repair costs."),
    client=_("Repair quoted: {amount!m} {currency}."),
):
    """What a repair would cost its owner, before anything is done: whoever speaks with the owner asks them."""

    lines: list[dict[str, str]]
    """{what, minutes, parts, amount}."""
    amount: str
    currency: str
    words: str | None = None


class WorkOpened(
    Fact,
    kind="refurb.work_opened",
    staff=_("Work order {work} opened ({work_kind!w})."),
    customer=_("We began to work on it."),
    client=_("Work begun ({work_kind!w})."),
):
    work: str
    work_kind: str
    faults: list[str]
    allowed_by: str | None = None
    """Digest of the entry that allowed a harvest under control."""


class OperationDone(
    Fact,
    kind="refurb.operation_done",
    staff=_("{operation!w}: {minutes} min ({work})."),
    client=_("Work done: {operation!w}."),
):
    work: str
    operation: str
    minutes: int
    measured: int
    fault: str | None = None
    round: int


class MinutesCorrected(
    Fact,
    kind="refurb.minutes_corrected",
    staff=_("Minutes of {operation!w} corrected from {before} to {minutes}: {reason}."),
):
    work: str
    operation: str
    before: int
    minutes: int
    reason: str


class PartUsed(
    Fact,
    kind="refurb.part_used",
    staff=_("Part put in: {quantity} × {name} ({number}), {amount!m} {currency}."),
    customer=_("Part replaced: {name}."),
    client=_("Part put in: {quantity} × {name}."),
):
    work: str
    number: str
    name: str
    condition: str
    quantity: int
    amount: str
    currency: str
    part: str
    """Chain of the stock it came from."""


class WorkFinished(
    Fact,
    kind="refurb.work_finished",
    staff=_("Work {work} finished, waiting for check."),
    client=_("Work finished, waiting for its check."),
):
    work: str
    round: int
    minutes: int


class WorkReturned(
    Fact,
    kind="refurb.work_returned",
    staff=_("Check not passed, back to the bench: {reason}."),
    client=_("Check not passed, worked on again."),
):
    work: str
    round: int
    reason: str


class WorkPassed(
    Fact,
    kind="refurb.work_passed",
    staff=_("Work {work} passed its check: {minutes} min, {parts:part|parts}."),
    customer=_("It is repaired and checked."),
    client=_("Work passed its check."),
):
    work: str
    minutes: int
    parts: int
    rounds: int
    cleared: list[str]


class WorkFailed(
    Fact,
    kind="refurb.work_failed",
    staff=_("Not repaired ({work}): {reason}."),
    customer=_("We could not repair it."),
    client=_("Not repaired: {reason}."),
):
    work: str
    reason: str
    minutes: int
    parts: int


class PartHarvested(
    Fact,
    kind="refurb.part_harvested",
    staff=_("Part taken out: {quantity} × {name} ({number}); {destination!w}."),
    client=_("Part taken out: {quantity} × {name}."),
):
    work: str
    number: str
    name: str
    quantity: int
    grams: int
    value: str
    currency: str
    usable: bool
    destination: str
    """part_to_stock, part_tracked, part_broken."""
    became: str | None = None


class Harvested(
    Fact,
    kind="refurb.harvested",
    staff=_("Harvested: {usable} of {taken} parts usable, worth {value!m} {currency}; {remaining_grams} g remain."),
    client=_("Parts taken out; {remaining_grams} g remain."),
):
    work: str
    taken: int
    usable: int
    value: str
    currency: str
    remaining_grams: int
    minutes: int
    under_control: bool


class PartStocked(
    Fact, kind="refurb.part_stocked", staff=_("{quantity} × {number} into stock ({source!w}); {on_hand} there now.")
):
    number: str
    condition: str
    quantity: int
    cost: str
    currency: str
    source: str
    """bought, harvest."""
    on_hand: int
    parent_chain: str | None = None
    parent_sequence: int | None = None
    parent_digest: str | None = None


class LotStocked(Fact, kind="refurb.lot_stocked", staff=_("They are of the maker's lot {lot}.")):
    """Said after ``PartStocked`` where the box names a lot: by it a recall finds the units that may have got one."""

    number: str
    lot: str
    quantity: int


class PartIssued(
    Fact, kind="refurb.part_issued", staff=_("{quantity} × {number} put into {tag}; {on_hand} there now.")
):
    number: str
    quantity: int
    tag: str
    work: str
    on_hand: int


class PartCounted(Fact, kind="refurb.part_counted", staff=_("{number} counted: {counted}, expected {expected}.")):
    number: str
    expected: int
    counted: int
    reason: str | None = None


class PartStopped(Fact, kind="refurb.part_stopped", staff=_("Stopped by recall {recall}: {title}.")):
    number: str
    recall: str
    title: str


class PartStopEnded(Fact, kind="refurb.part_stop_ended", staff=_("No longer stopped by recall {recall}: {reason}.")):
    number: str
    recall: str
    reason: str
