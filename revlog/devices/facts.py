"""What can be said of a unit whatever its stage."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class Announced(
    Fact,
    kind="devices.announced",
    staff=_("Announced: {what}."),
    customer=_("We expect your {what}."),
    client=_("Announced: {what}."),
):
    what: str
    why: str
    reference: str | None = None


class Arrived(
    Fact,
    kind="devices.arrived",
    staff=_("Arrived: {what} ({why!w})."),
    customer=_("We have your {what}."),
    client=_("Arrived: {what}."),
):
    what: str
    why: str
    visit: int
    reference: str | None = None


class ArrivedAgain(
    Fact,
    kind="devices.arrived_again",
    staff=_("Arrived again, visit {visit}; what was known of its data no longer holds."),
    customer=_("We have your {what}."),
    client=_("Arrived again: {what}, visit {visit}."),
):
    what: str
    why: str
    visit: int
    reference: str | None = None


class NotReceived(
    Fact,
    kind="devices.not_received",
    staff=_("Never arrived: {reason}."),
    customer=_("It did not reach us."),
    client=_("Never arrived: {reason}."),
):
    reason: str


class Identified(
    Fact,
    kind="devices.identified",
    staff=_("Known by {scheme!w} {printed}."),
    client=_("Known by {scheme!w} {printed}."),
):
    scheme: str
    printed: str


class NumberDisputed(
    Fact,
    kind="devices.number_disputed",
    staff=_(
        "{scheme!w} {printed} was found on it, which is {other}'s. Somebody has to say whether they are one thing."
    ),
):
    scheme: str
    printed: str
    other: str
    """Tag of the unit that has the number."""


class NumberSettled(
    Fact,
    kind="devices.number_settled",
    staff=_("{scheme!w} {printed}, {other}: {outcome!w}. {reason}"),
):
    """On both units' chains."""

    scheme: str
    printed: str
    other: str
    outcome: str
    reason: str


class Described(Fact, kind="devices.described", staff=_("Recognised as {what}."), client=_("Recognised as {what}.")):
    what: str
    source: str


class Located(Fact, kind="devices.located", staff=_("Put in {place}.")):
    place: str
    hub: str
    before: str | None = None


class Decontaminated(
    Fact,
    kind="devices.decontaminated",
    staff=_("Decontaminated on {done_on!d}: {method!w}, paper {paper}. It may be opened."),
    client=_("Decontaminated on {done_on!d}: {method!w}, paper {paper}."),
):
    method: str
    done_on: str
    paper: str
    photo: str | None = None
    """Digest of a photo of the paper."""


class Missed(
    Fact,
    kind="devices.missed",
    staff=_("Not found where it should be ({place})."),
    client=_("Not found where it should be; we are looking for it."),
):
    place: str | None = None


class Held(
    Fact,
    kind="devices.held",
    staff=_("On hold: {hold!w}, {reason}."),
    customer=_("We need to look closer before we go on."),
    client=_("On hold: {hold!w}, {reason}."),
):
    hold: str
    reason: str


class HoldReleased(
    Fact,
    kind="devices.hold_released",
    staff=_("Hold released: {hold!w}, {reason}."),
    client=_("Hold released: {hold!w}."),
):
    hold: str
    reason: str


class HoldTakenBack(
    Fact,
    kind="devices.hold_taken_back",
    staff=_("Hold taken back, it was placed by mistake: {hold!w}."),
    client=_("Hold taken back, it was placed by mistake: {hold!w}."),
):
    hold: str
    corrects: str
    """The digest of the entry that placed it."""


class PutTakenBack(Fact, kind="devices.put_taken_back", staff=_("Not put in {place} after all; it is back in {back}.")):
    place: str
    back: str | None
    corrects: str


class WaitBegun(
    Fact,
    kind="devices.wait_begun",
    staff=_("Waiting for {party!w}: {asked}."),
    customer=_("We asked: {asked}."),
    client=_("Waiting for {party!w}: {asked}."),
):
    party: str
    asked: str
    due: str | None = None


class WaitEnded(
    Fact,
    kind="devices.wait_ended",
    staff=_("No longer waiting for {party!w}."),
    client=_("No longer waiting for {party!w}."),
):
    party: str


class MediumFound(
    Fact,
    kind="devices.medium_found",
    staff=_("Storage found: {type!w}[ {model}][ {serial}]."),
    client=_("Storage found: {type!w}[ {model}][ {serial}]."),
):
    medium: str
    type: str
    model: str | None = None
    serial: str | None = None
    capacity_bytes: int | None = None
    source: str
    incident: bool | None = None
    """True when the unit had already left with it, or was called clear of data."""


class MediumRemoved(
    Fact,
    kind="devices.medium_removed",
    staff=_("Storage {serial} taken out; it travels on as {became}."),
    client=_("Storage {serial} taken out; it travels on as {became}."),
):
    medium: str
    serial: str | None = None
    became: str
    reason: str


class SeenWithoutStorage(
    Fact,
    kind="devices.seen_without_storage",
    staff=_("Seen to hold no storage: {how!w}."),
    client=_("Seen to hold no storage: {how!w}."),
):
    how: str
    """bay_seen_empty, maker_seal_unbroken."""
    photo: str


class SealUnbroken(
    Fact,
    kind="devices.seal_unbroken",
    staff=_("The maker's seal is unbroken: it was never used, and its storage needs no wipe."),
    client=_("The maker's seal is unbroken: it was never used, and its storage needs no wipe."),
):
    """``media`` are those to which a wipe is not applicable, ``photo`` shows the seal."""

    photo: str
    media: list[str] | None = None


class SealBroken(
    Fact,
    kind="devices.seal_broken",
    staff=_("Opened: {how!w}. Its storage counts as used from now on."),
    client=_("Opened: its storage counts as used from now on."),
):
    how: str


class NeedsNoWipe(
    Fact,
    kind="devices.needs_no_wipe",
    staff=_("It goes on without a wipe: it was never used."),
    client=_("It goes on without a wipe: it was never used."),
):
    """A sealed unit that waited to be wiped goes on its way."""


class RemovedFrom(
    Fact, kind="devices.removed_from", staff=_("Taken out of {parent}."), client=_("Taken out of {parent}.")
):
    parent: str
    parent_chain: str
    parent_sequence: int
    parent_digest: str
    what: str


class Authorized(
    Fact,
    kind="devices.authorized",
    staff=_("What can't be undone is allowed: {ground!w}."),
    client=_("What can't be undone is allowed: {ground!w}."),
):
    ground: str
    """title_is_ours, owner_agreed, contract."""
    reference: str | None = None


class AuthorityWithdrawn(
    Fact,
    kind="devices.authority_withdrawn",
    staff=_("Nothing irreversible may happen for now: {reason}."),
    customer=_("While you decide, nothing happens to it that can't be undone."),
    client=_("Nothing irreversible may happen for now: {reason}."),
):
    reason: str


class Promised(Fact, kind="devices.promised", staff=_("Promised to {taker_label}.")):
    taker: str
    taker_label: str


class PromiseReleased(Fact, kind="devices.promise_released", staff=_("No longer promised to {taker_label}.")):
    taker: str
    taker_label: str
    reason: str


class Posted(Fact, kind="devices.posted", staff=_("{account!w}: {amount!m} {currency} ({book!w}).")):
    account: str
    amount: str
    currency: str
    book: str
    party: str | None = None


class FaultFound(
    Fact,
    kind="devices.fault_found",
    staff=_("Fault found: {code!w}."),
    customer=_("We found: {code!w}."),
    client=_("Fault found: {code!w}."),
):
    code: str
    zone: str | None = None
    severity: str
    source: str


class FaultCleared(
    Fact,
    kind="devices.fault_cleared",
    staff=_("Fault cleared: {code!w}."),
    customer=_("Repaired: {code!w}."),
    client=_("Fault cleared: {code!w}."),
):
    code: str


class SplitOff(Fact, kind="devices.split_off", staff=_("{quantity} split off to {to}.")):
    to: str
    quantity: int
    grams: int | None = None


class SplitFrom(Fact, kind="devices.split_from", staff=_("{quantity} split from {parent}.")):
    parent: str
    parent_chain: str
    parent_sequence: int
    parent_digest: str
    quantity: int
    grams: int | None = None


class Counted(
    Fact,
    kind="devices.counted",
    staff=_("Counted: {counted} of {expected}."),
    client=_("Counted: {counted} of {expected}."),
):
    expected: int
    counted: int


class WrittenOff(
    Fact,
    kind="devices.written_off",
    staff=_("Written off: {reason}."),
    customer=_("We could not recover it."),
    client=_("Written off: {reason}."),
):
    reason: str


class TitlePassed(
    Fact, kind="devices.title_passed", staff=_("Now belongs to {to!o}."), client=_("Title passed to {to!o}.")
):
    to: str
    before: str


class SentToTriage(
    Fact,
    kind="devices.sent_to_triage",
    staff=_("Back to triage: {reason}."),
    client=_("To be looked at again: {reason}."),
):
    reason: str


class PlaceAdded(Fact, kind="devices.place_added", staff=_("{place} set up at {hub!h}.")):
    place: str
    hub: str
    kind_of_place: str
    secured: bool
    capacity: int | None = None


class PlaceChanged(Fact, kind="devices.place_changed", staff=_("{place} at {hub!h} changed.")):
    place: str
    hub: str
    secured: bool
    active: bool


class PlaceProtected(
    Fact,
    kind="devices.place_protected",
    staff=_(
        "{place} at {hub!h} protected[, for what is {hazard!w} at worst][, at most {count:unit|units}][, at most {kilograms} kg]"
        "[, kept apart from {apart_from!z}][, {metres} m away][, insured up to {insured} {currency}]."
    ),
):
    """Which dangerous goods may lie there and up to how much of what, as of this entry."""

    place: str
    hub: str
    hazard: str | None = None
    count: int | None = None
    kilograms: str | None = None
    apart_from: str | None = None
    metres: str | None = None
    insured: str | None = None
    currency: str | None = None


class PlaceArranged(
    Fact,
    kind="devices.place_arranged",
    staff=_("{place} at {hub!h} arranged[, in {parent}][, for {purpose!w}][, kept for {client!o}][, {capacity} fit]."),
):
    """What a place is for, where it stands and for whom it is kept, as of this entry."""

    place: str
    hub: str
    parent: str | None = None
    purpose: str | None = None
    client: str | None = None
    capacity: int | None = None
