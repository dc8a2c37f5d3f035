"""The price model as people handle it: learning is asked for, its prices are watched, what went astray is settled.

Learning itself is a stage's (``triage/services/pricing.py``) and a worker's; nothing here loads what learns.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.terms import facts, queries
from revlog.terms.models import Observation, PriceModel, Training
from revlog.terms.models.learned import ModelStatus, Seen, TrainingStatus
from revlog.terms.services.pricebook import may_set

CHAIN = "training"
LOCK = 7_215_003
GIVEN_UP_AFTER = timedelta(hours=1)
"""A run that hasn't ended by then is asked for anew."""
WATCHED = 400
"""So many of the newest sales are looked at."""
FEWEST_WATCHED = 15
"""With fewer sales nobody is alarmed."""
ASTRAY = 1.5
"""An alarm is raised when the prices miss by so much more than their back-test did ..."""
UNCOVERED = 0.6
"""... or when the band, which promises eight of ten, holds fewer than these."""


class UnableToLearn(DomainError):
    """Prices can't be learned now."""

    code = "unable_to_learn"


def ask(*, by: Actor, at: datetime) -> Training:
    """Have prices learned from what was observed; asked twice at a time it is one run. Raises NotAllowed."""
    if not by.is_operator or not may_set(by):
        raise NotAllowed(Reason("not_allowed", _("Learning prices needs the right to set them.")))
    with transaction.atomic():
        # One asks at a time: while no run is open there is no row to hold.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        running = Training.objects.select_for_update().filter(
            status=TrainingStatus.ASKED, asked_at__gt=at - GIVEN_UP_AFTER
        )
        if (found := running.first()) is not None:
            return found
        row = Training.objects.create(id=ids.new(at), asked_by=by.reference, asked_at=at)
        ledger.begin(CHAIN, row.pk, facts.LearningAsked(training=str(row.pk)), by=by, at=at)
    return row


# Watching -----------------------------------------------------------------------------------------------------------------------------


def watch(*, by: Actor, at: datetime) -> PriceModel | None:
    """Hold the prices of the model in force against sales since, ours and those of lists; one that goes astray is told once.

    The model in force, where there is one.
    """
    model = PriceModel.objects.filter(status=ModelStatus.CHAMPION).first()
    if model is None:
        return None
    sales = Observation.objects.filter(
        kind=Seen.SALE, void_at=None, noted_at__gt=model.trained_at, sold_on__gt=model.ends_on, currency=model.currency
    ).order_by("-sold_on", "-id")[:WATCHED]
    missed: list[float] = []
    held = 0
    for sale in sales:
        told = queries.learned_price(
            model,
            product=sale.product_id,
            grade=sale.grade,
            channel=sale.channel,
            at=max(model.trained_at, datetime.combine(sale.sold_on, time(12), UTC)),
        )
        if told is None:
            continue
        missed.append(float(abs(sale.amount - told.amount) / sale.amount))
        held += (told.low or Decimal(0)) <= sale.amount <= (told.high or told.amount)
    share, covered = (sum(missed) / len(missed), held / len(missed)) if missed else (0.0, 0.0)
    watched = {"rows": len(missed), "share": round(share, 4), "covered": round(covered, 4), "at": at.isoformat()}
    with transaction.atomic():
        row = PriceModel.objects.select_for_update().get(pk=model.pk)
        row.watched = watched
        if row.drifted_at is None and astray(row):
            row.drifted_at = at
            fact = facts.PricesDrifted(
                model=row.number, rows=len(missed), percent=_percent(share), expected=_percent(expected_of(row.tried))
            )
            ledger.append(training_of(row).pk, fact, by=by, at=at)
        row.save(update_fields=["watched", "drifted_at"])
    return row


def expected_of(tried: Sequence[dict[str, float]]) -> float:
    """What a model's prices are expected to miss by, as a share: what it missed on the newest part of its back-test."""
    return float(tried[-1]["share"]) if tried else 0.0


def astray(model: PriceModel) -> bool:
    """Whether its prices miss sales by clearly more than they should, on enough of them."""
    told = model.watched
    if not told or told["rows"] < FEWEST_WATCHED:
        return False
    return bool(told["share"] > ASTRAY * max(expected_of(model.tried), 0.02) or told["covered"] < UNCOVERED)


def training_of(model: PriceModel) -> Training:
    """The run that made it."""
    return model.trainings.order_by("asked_at", "id")[0]


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"


def settle(*, model: PriceModel, by: Actor, at: datetime) -> PriceModel:
    """Somebody saw that the prices went astray and lets them stand for now. Raises NotAllowed, UnableToLearn."""
    if not by.is_operator or not may_set(by):
        raise NotAllowed(Reason("not_allowed", _("Settling this needs the right to set prices.")))
    with transaction.atomic():
        row = PriceModel.objects.select_for_update().get(pk=model.pk)
        if row.drifted_at is None:
            raise UnableToLearn([Reason("not_astray", _("Its prices are where they should be."))])
        if row.settled_at is None:
            row.settled_at, row.settled_by = at, by.reference
            row.save(update_fields=["settled_at", "settled_by"])
            ledger.append(training_of(row).pk, facts.DriftSettled(model=row.number), by=by, at=at)
    return row
