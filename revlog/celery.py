"""The Celery application. Imported first by manage, wsgi and asgi, so that a task published there finds its broker."""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revlog.settings.dev")
# `make check` makes Django's checks. They would load every page and form into each worker, two fifths of the time of its start.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("revlog")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _leave_logging_to_django(**_kwargs: object) -> None:
    """Django's LOGGING is the one place that says what is logged."""


@worker_ready.connect
def _say_alive(sender: object, **_kwargs: object) -> None:
    """At once, so that /healthz needn't wait for beat's first message."""
    app.send_task("custody.heartbeat", retry=False)


@app.on_after_finalize.connect
def _schedule(sender: Celery, **_kwargs: object) -> None:
    from django.conf import settings  # noqa: PLC0415 - settings need the environment that the entry point prepares

    sender.add_periodic_task(settings.SEQUENCER_SECONDS, sender.signature("custody.sequence"), expires=5)
    sender.add_periodic_task(settings.SWEEP_SECONDS, sender.signature("custody.sweep"), expires=10)
    sender.add_periodic_task(settings.CHECKPOINT_SECONDS, sender.signature("custody.checkpoint"), expires=60)
    sender.add_periodic_task(5, sender.signature("reporting.follow"), expires=10)
    sender.add_periodic_task(10, sender.signature("custody.heartbeat"), expires=10)
    sender.add_periodic_task(600, sender.signature("api.forget"), expires=300)
    sender.add_periodic_task(3600, sender.signature("scanning.forget"), expires=1800)
    sender.add_periodic_task(600, sender.signature("returns.deadlines"), expires=300)
    sender.add_periodic_task(3600, sender.signature("returns.after"), expires=1800)
    sender.add_periodic_task(300, sender.signature("logistics.transfers_late"), queue="outside", expires=240)
    sender.add_periodic_task(1800, sender.signature("logistics.tracking"), queue="outside", expires=900)
    sender.add_periodic_task(600, sender.signature("triage.second_looks"), expires=300)
    sender.add_periodic_task(crontab(hour=4, minute=10), sender.signature("triage.outturns"), expires=3600)
    sender.add_periodic_task(crontab(hour=2, minute=20), sender.signature("itad.drafts"), expires=3600)
    sender.add_periodic_task(crontab(hour=3, minute=10), sender.signature("returns.unsold"), expires=3600)
    sender.add_periodic_task(crontab(hour=2, minute=40), sender.signature("returns.links"), expires=3600)
    sender.add_periodic_task(crontab(hour=3, minute=40), sender.signature("returns.recalls"), expires=3600)
    sender.add_periodic_task(crontab(hour=4, minute=10), sender.signature("triage.watch_prices"), expires=3600)
    sender.add_periodic_task(
        crontab(hour=1, minute=40, day_of_week="sun"), sender.signature("triage.train_prices"), expires=3600
    )
    sender.add_periodic_task(
        crontab(hour=4, minute=20), sender.signature("triage.complaints"), queue="jobs", expires=3600
    )
