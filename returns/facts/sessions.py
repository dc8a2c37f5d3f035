"""Of a receiving session, on its own chain; of what was unpacked in it, on the unit's."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class SessionOpened(Fact, kind="returns.session_opened", staff=_("Receiving session {number} begun ({against!w}).")):
    number: str
    against: str
    station: str | None = None
    place: str | None = None
    client: str | None = None
    vendor_return: str | None = None


class UnpackedIn(Fact, kind="returns.unpacked_in", staff=_("Unpacked in session {session}: {outcome!w}.")):
    session: str
    outcome: str
    photos: int
    """How many photos the rules ask for."""


class ReceiptUndone(
    Fact,
    kind="returns.receipt_undone",
    staff=_("Receiving it was a slip and is taken back; it is expected again."),
    client=_("Receiving it was a slip and is taken back; it is expected again."),
):
    session: str
    corrects: str
    """Digest of the entry that is corrected."""


class ThingWeighed(Fact, kind="returns.thing_weighed", staff=_("Weighed: {grams} g ({how!w}).")):
    grams: int
    how: str
    session: str | None = None


class PartsCompared(
    Fact,
    kind="returns.parts_compared",
    staff=_("What belongs to it: {there} there, {missing} missing."),
):
    there: str
    missing: str
    session: str | None = None


class SessionClosed(
    Fact,
    kind="returns.session_closed",
    staff=_("Receiving session {number} closed: {received} received, {differing} not as announced."),
):
    number: str
    received: int
    differing: int
    root: str
    """Over the digests of its lines: what was expected and found of each thing."""


class SessionSigned(
    Fact,
    kind="returns.session_signed",
    staff=_("What was received in {number} was handed over and signed for."),
):
    number: str
    to: str
    signature: str | None = None
    """Digest of the picture of the signature; none where it was signed by being signed in."""


class NumberChecked(
    Fact,
    kind="returns.number_checked",
    staff=_("Looked up, {check!w}: {state!w} (says {source})."),
):
    check: str
    state: str
    source: str
    row: str
