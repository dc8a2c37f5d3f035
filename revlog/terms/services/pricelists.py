"""Lists that somebody sends on a page: looked through at once, taken when they say so. The same reading as by the commands."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.evidence.services import artifacts
from revlog.terms import facts
from revlog.terms.models import PriceList
from revlog.terms.models.lists import ListKind
from revlog.terms.services import observing, pricebook
from revlog.terms.services.lists import Taken

CHAIN = "price_list"
MOST_BYTES = 2 * 1024 * 1024
"""Longer lists are taken by the command: a page would keep its reader waiting."""
MOST_SHOWN = 200
READERS: dict[str, Callable[..., Taken]] = {
    ListKind.PRICES: pricebook.take,
    ListKind.OBSERVATIONS: observing.take,
}


class UnableToTake(DomainError):
    """This list can't be taken."""

    code = "unable_to_take"


def send(data: bytes, *, name: str, kind: str, source: str, currency: str, by: Actor, at: datetime) -> PriceList:
    """Look a list through and keep it with what can't be taken of it; nothing of the book changes. Raises NotAllowed, BadInput."""
    _may(by)
    if kind not in READERS:
        raise BadInput(Reason("kind", _("Say what the list holds."), "kind"))
    if len(data) > MOST_BYTES:
        text = _("A list sent here has at most %s MB; longer ones are taken by the command.") % (MOST_BYTES // 2**20)
        raise BadInput(Reason("too_large", text, "file"))
    clean = "".join(letter for letter in name if letter.isprintable())[-200:]
    source = source.strip()[:60] or clean[:60]
    told = READERS[kind](io.BytesIO(data), source=source, currency=currency, keep=False, by=by, at=at)
    artifact = artifacts.keep(data, media_type="text/csv", at=at, limit="table")
    row = PriceList(
        id=ids.new(at), kind=kind, artifact=artifact, name=clean, source=source, currency=currency, lines=told.lines, good=told.taken,
        refused=[[each.line, each.sentence] for each in told.refused[:MOST_SHOWN]], sent_by=by.reference, sent_at=at,
    )  # fmt: skip
    fact = facts.PriceListSent(
        what=f"list.{kind}", source=source, lines=told.lines, refused=told.refused_count, digest=artifact.digest
    )
    with transaction.atomic():
        row.save(force_insert=True)
        ledger.begin(CHAIN, row.pk, fact, by=by, at=at)
    return row


def take(row: PriceList, *, by: Actor, at: datetime) -> PriceList:
    """Take a list that was looked through, but for what can't be. Pressed again, nothing happens. Raises NotAllowed, UnableToTake."""
    _may(by)
    with transaction.atomic():
        found = PriceList.objects.select_for_update().select_related("artifact").get(pk=row.pk)
        if found.taken_at is not None:
            return found
        if not found.good:
            raise UnableToTake([Reason("empty", _("No line of it can be taken."))])
        data = artifacts.read(found.artifact)
        told = READERS[found.kind](io.BytesIO(data), source=found.source, currency=found.currency, by=by, at=at)
        found.taken_by, found.taken_at = by.reference, at
        found.save(update_fields=["taken_by", "taken_at"])
        fact = facts.PriceListTaken(what=f"list.{found.kind}", source=found.source, taken=told.taken)
        ledger.append(found.pk, fact, by=by, at=at)
    return found


def _may(by: Actor) -> None:
    if not by.is_operator or not pricebook.may_set(by):
        raise NotAllowed(Reason("not_allowed", _("Setting prices needs the right to set them.")))
