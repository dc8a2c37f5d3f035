"""What can be said of labels: of a job, that it was asked for and what became of it; of a thing, that it got another label."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class PrintAsked(
    Fact, kind="labels.print_asked", staff=_("{things:label|labels} asked for: {label!w}[, at {printer}].")
):
    label: str
    things: int
    copies: int
    printer: str | None = None
    reason: str | None = None


class PrintAskedAgain(Fact, kind="labels.print_asked_again", staff=_("Tried again.")):
    attempt: int


class PrintSent(Fact, kind="labels.print_sent", staff=_("Sent to {printer}.")):
    printer: str


class PrintFailed(Fact, kind="labels.print_failed", staff=_("Not printed at {printer}: {why}.")):
    printer: str
    why: str


class LabelReprinted(
    Fact, kind="labels.label_reprinted", staff=_("Label printed again ({label!w}): {reason!w}[; {printer}].")
):
    label: str
    reason: str
    copies: int
    printer: str | None = None
