"""What the workers do for the ledger. Each task asks the clock, makes one call, and may run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from revlog.common import clock
from revlog.custody import outbox
from revlog.custody.models import Heartbeat
from revlog.custody.services import checkpoints, reactions, sequencer, waking

# One wake-up works off at most this many, so that a worker that is told to stop gets to it.
MOST_AT_ONCE = 200


@shared_task(name="custody.work")
def work(queue: str, **_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Work off one queue: lease after lease until none is due."""
    done = 0
    while done < MOST_AT_ONCE:
        at = clock.now()
        held = reactions.lease(queues=[queue], at=at)
        if held is None:
            return done
        reactions.perform(held, at=at)
        done += 1
    waking.after_commit({queue})
    return done


@shared_task(name="custody.sweep")
def sweep(**_kwargs: Any) -> None:  # noqa: ANN401
    """The guarantee behind the wake-ups: whatever is due and held by nobody is called for again."""
    due = reactions.due_queues(at=clock.now())
    waking.after_commit({queue for queue in due if queue in outbox.QUEUES})


@shared_task(name="custody.sequence")
def sequence(**_kwargs: Any) -> int:  # noqa: ANN401
    return sequencer.sequence()


@shared_task(name="custody.checkpoint")
def checkpoint(**_kwargs: Any) -> int:  # noqa: ANN401
    made = checkpoints.make(at=clock.now())
    return made.size if made else 0


@shared_task(name="custody.heartbeat")
def heartbeat(**_kwargs: Any) -> None:  # noqa: ANN401
    """A worker took a message that beat sent: both live."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": clock.now()})
