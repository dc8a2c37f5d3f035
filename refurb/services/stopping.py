"""Stocks of parts that a recall names: stopped by its fact, and free again when it ends or a person sorted them out."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from refurb import facts
from refurb.models import Part, PartStop
from refurb.services.orders import UnableToWork, need
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.custody.services import ledger

RECALLS = actors.system("refurb.recalls")


def reasons_against_taking(part: Part) -> list[Reason]:
    """The recalls that stop it, by name."""
    return [
        Reason(
            "recalled",
            _("%(name)s is in recall %(number)s: %(title)s")
            % {"name": part.name, "number": one.number, "title": one.title},
        )
        for one in part.stops.filter(ended_at=None)
    ]


def stop(parts: Iterable[uuid.UUID], *, recall: uuid.UUID, number: str, title: str, at: datetime) -> int:
    """Stop these stocks, each once a campaign; gives how many were new."""
    done = 0
    for pk in sorted(parts):
        with transaction.atomic():
            part = Part.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
            if part is None or part.stops.filter(recall=recall).exists():
                continue
            PartStop.objects.create(id=ids.new(at), part=part, recall=recall, number=number, title=title, since=at)
            fact = facts.PartStopped(number=part.number, recall=number, title=title.rstrip("."))
            ledger.append(part.pk, fact, by=RECALLS, at=at, key=f"stop:{recall}", hub=part.hub_id)
            done += 1
    return done


def _end(row: PartStop, part: Part, *, reason: str, by: Actor, at: datetime) -> None:
    row.ended_at, row.ended_by, row.ended_why = at, by.reference, reason
    row.save(update_fields=["ended_at", "ended_by", "ended_why"])
    fact = facts.PartStopEnded(number=part.number, recall=row.number, reason=reason.rstrip("."))
    ledger.append(part.pk, fact, by=by, at=at, key=f"stop_ended:{row.recall}", hub=part.hub_id)


def end_all(recall: uuid.UUID, *, reason: str, at: datetime) -> None:
    """The campaign is over: what it stopped is free again."""
    for pk in PartStop.objects.filter(recall=recall, ended_at=None).order_by("part").values_list("part", flat=True):
        with transaction.atomic():
            part = Part.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
            row = part.stops.filter(recall=recall, ended_at=None).first()
            if row is not None:
                _end(row, part, reason=reason, by=RECALLS, at=at)


@transaction.atomic
def sort_out(*, part: Part, recall: uuid.UUID, reason: str, by: Actor, at: datetime) -> PartStop:
    """Somebody looked through the stock: what the recall means isn't (any more) among it. With the reason, on its chain."""
    need(by, "refurb.parts")
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say what became of the recalled ones."), "reason"))
    part = Part.objects.select_for_update(no_key=True, of=("self",)).get(pk=part.pk)
    row = part.stops.filter(recall=recall).first()
    if row is None or row.ended_at is not None:
        raise UnableToWork(Reason("not_stopped", _("that recall doesn't stop it (any more)")))
    _end(row, part, reason=" ".join(reason.split())[:200], by=by, at=at)
    return row
