"""Of rules that are tried over past cases."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class TrialStarted(
    Fact,
    kind="returns.trial_started",
    staff=_("These rules are tried on {cases:past case|past cases}."),
):
    """Said on the chain of the rules."""

    trial: str
    cases: int


class TrialStopped(
    Fact,
    kind="returns.trial_stopped",
    staff=_("The trial was stopped after {done} of {cases:case|cases}."),
):
    trial: str
    done: int
    cases: int


class TrialResumed(
    Fact,
    kind="returns.trial_resumed",
    staff=_("The trial goes on after {done} of {cases:case|cases}."),
):
    trial: str
    done: int
    cases: int


class TrialFinished(
    Fact,
    kind="returns.trial_finished",
    staff=_("The trial is done: of {cases:past case|past cases} {changed} would go another way."),
):
    trial: str
    cases: int
    changed: int
