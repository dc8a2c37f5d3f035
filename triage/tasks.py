"""What the workers do for triage by the clock. It asks the clock, makes one call, and may run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from revlog.accounts.actors import system
from revlog.common import clock
from revlog.terms.services import learned
from triage.services import complaint_learning, drift, outturns, sampling


@shared_task(name="triage.train_prices")
def train_prices(**_kwargs: Any) -> str:  # noqa: ANN401 - a newer sender may say more
    """Have prices learned; a worker of the jobs does it."""
    return str(learned.ask(by=system("clock"), at=clock.now()).pk)


@shared_task(name="triage.watch_prices")
def watch_prices(**_kwargs: Any) -> None:  # noqa: ANN401 - a newer sender may say more
    """Hold learned prices against what was sold since."""
    learned.watch(by=system("clock"), at=clock.now())


@shared_task(name="triage.second_looks")
def second_looks(**_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Let go what waited long enough for a second look, and watch how far people agree."""
    at = clock.now()
    done = sampling.sweep(at=at)
    drift.watch(at=at)
    return done


@shared_task(name="triage.complaints")
def complaints_learned(**_kwargs: Any) -> str:  # noqa: ANN401 - a newer sender may say more
    """Learn anew what complaints mean, where enough was found since."""
    row = complaint_learning.learn(at=clock.now())
    return row.version if row else ""


@shared_task(name="triage.outturns")
def outturns_again(**_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Reckon anew what became of decisions to which money came later."""
    return outturns.refresh(at=clock.now())
