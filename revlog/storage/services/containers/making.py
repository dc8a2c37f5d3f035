"""Containers begin, in batches, and end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.devices.models import Location, LocationKind
from revlog.storage.facts import containers as facts
from revlog.storage.models import Container, ContainerKind, ContainerState
from revlog.storage.queries import containers as reads
from revlog.storage.services.containers import keeping, sscc
from revlog.storage.services.containers.keeping import UnableToKeep

MOST = 200
MOST_GRAMS = 5_000_000


@transaction.atomic
def make(
    *,
    hub: Hub,
    kind: ContainerKind,
    count: int = 1,
    labels: Sequence[str] = (),
    secured: bool = False,
    capacity: int | None = None,
    tare_grams: int | None = None,
    owner: Organization | None = None,
    client: Organization | None = None,
    parent: Location | None = None,
    by: Actor,
    at: datetime,
) -> list[Container]:
    """So many containers alike, each with a number of its own. ``labels`` are the GRAIs or SSCCs that stand on them, one each; what
    travels gets an SSCC of ours where none is told and the company has a prefix.

    Raises BadInput for numbers that can't be, UnableToKeep for a label that another container has.
    """
    if not by.may("accounts.stations") or not Hub.objects.worked_by(by).filter(pk=hub.pk).exists():
        raise NotAllowed(Reason("not_allowed", _("Containers are set up by a lead or an administrator of the site.")))
    told = [one.strip() for one in labels if one.strip()]
    wrong = []
    if not 1 <= count <= MOST:
        wrong.append(Reason("count", _("Between 1 and %s containers are made at once.") % MOST, "count"))
    if told and (len(told) != count or len(set(told)) != count):
        wrong.append(Reason("labels", _("Give one label for each container, all different."), "labels"))
    if capacity is not None and capacity < 1:
        wrong.append(Reason("capacity", _("A container holds at least one unit."), "capacity"))
    if tare_grams is not None and not 0 <= tare_grams <= MOST_GRAMS:
        wrong.append(Reason("tare", _("An empty container weighs between 0 and 5,000 kg."), "tare"))
    if secured and not hub.secured:
        wrong.append(Reason("hub_not_secured", _("%(hub)s has no secured zone.") % {"hub": hub.name}, "secured"))
    if wrong:
        raise BadInput(wrong)
    if not told and kind in sscc.TRAVEL:
        told = sscc.fresh(count)
    taken = Container.objects.filter(label__in=told).values_list("label", flat=True).first() if told else None
    if taken:
        raise UnableToKeep(Reason("label", _("Another container has the label %s.") % taken, "labels"))
    numbers = ids.fresh(
        reads.PREFIX,
        count,
        taken=lambda some: Container.objects.filter(number__in=some).values_list("number", flat=True),
    )
    places = [
        Location(
            id=ids.new(at), hub=hub, parent=parent, code=number, kind=LocationKind.CONTAINER, capacity=capacity,
            secured=secured, client=client, created_at=at,
        )
        for number in numbers
    ]  # fmt: skip
    Location.objects.bulk_create(places)
    rows = [
        Container(
            location=place, number=place.code, kind=kind, label=label, owner=owner or hub.organization,
            tare_grams=tare_grams, made_at=at,
        )
        for place, label in zip(places, told or [""] * count, strict=True)
    ]  # fmt: skip
    try:
        with transaction.atomic():
            Container.objects.bulk_create(rows)
    except IntegrityError as raced:
        raise UnableToKeep(Reason("label", _("Another container has one of these labels."), "labels")) from raced
    entries = []
    for row in rows:
        head = ledger.Head(id=row.pk, kind=keeping.CHAIN)
        entry = ledger.draft(head, keeping.made(row), by=by, at=at)
        entry.hub_id = hub.pk
        entries.append(entry)
    ledger.write_many(entries, opening=keeping.CHAIN)
    return rows


def reasons_against_retiring(row: Container, *, reason: str = "-") -> list[Reason]:
    found = []
    if row.state == ContainerState.SEALED:
        found.append(Reason("sealed", keeping.state_sentence(row)))
    inside = keeping.contents(row)
    if inside.units or inside.containers:
        found.append(Reason("not_empty", _("%(container)s is not empty; empty it first") % {"container": row.number}))
    if not reason.strip():
        found.append(Reason("no_reason", _("Say why it goes out of use."), "reason"))
    return found


@transaction.atomic
def retire(container: Container, *, reason: str, by: Actor, at: datetime) -> Container:
    """An empty container goes out of use: broken, lost, worn. Its number stays taken."""
    keeping.require(by, container, "accounts.stations")
    row = keeping.locked(container)
    if row.state == ContainerState.RETIRED:
        return row
    if found := reasons_against_retiring(row, reason=reason):
        raise UnableToKeep(found)
    row.state, row.retired_at = ContainerState.RETIRED, at
    row.save(update_fields=["state", "retired_at"])
    Location.objects.filter(pk=row.pk).update(active=False)
    keeping.say(row, facts.ContainerRetired(container=row.number, reason=reason.strip()[:200]), by=by, at=at)
    return row


def _grams(value: int | None, name: str) -> list[Reason]:
    if value is None or 0 <= value <= MOST_GRAMS:
        return []
    return [Reason("grams", _("A weight is between 0 and 5,000 kg."), name)]


@transaction.atomic
def weigh(
    container: Container, *, gross_grams: int, tare_grams: int | None = None, by: Actor, at: datetime
) -> Container:
    """Put down what the scale shows, with what is in it and, where known anew, empty."""
    keeping.require(by, container)
    row = keeping.locked(container)
    tare = row.tare_grams if tare_grams is None else tare_grams
    wrong = _grams(gross_grams, "gross") + _grams(tare, "tare")
    if not wrong and tare is not None and gross_grams < tare:
        wrong.append(Reason("less", _("It can't weigh less than it does empty. Weigh it again."), "gross"))
    if wrong:
        raise BadInput(wrong)
    row.gross_grams, row.tare_grams, row.weighed_at = gross_grams, tare, at
    row.save(update_fields=["gross_grams", "tare_grams", "weighed_at"])
    fact = facts.ContainerWeighed(
        container=row.number, gross=str(gross_grams), tare=None if tare is None else str(tare)
    )
    keeping.say(row, fact, by=by, at=at)
    return row
