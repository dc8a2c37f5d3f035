"""Questions about units: the only reads that pages and the API use."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from django.db.models import Q

from revlog.accounts.actors import Actor
from revlog.common.prepared import Prepared
from revlog.common.rows import Joined
from revlog.common.words import Audience
from revlog.custody.models import Entry
from revlog.devices import identifiers
from revlog.devices.identifiers import Name
from revlog.devices.models import Device, Identifier


@dataclass(frozen=True)
class Match:
    """What a name was found to be: one unit, none, or several that can't be told apart (``candidates``, named to the person)."""

    device: Device | None = None
    candidates: Sequence[Device] = field(default_factory=tuple)

    @property
    def is_ambiguous(self) -> bool:
        return self.device is None and len(self.candidates) > 1


SHOWN_WITH = ("product", "location", "hub", "owner")
MOST_CANDIDATES = 5


def by_names(names: Sequence[Name], *, actor: Actor, maker: str = "", shown_with: Sequence[str] = SHOWN_WITH) -> Match:
    """The unit that these names are of, among those that ``actor`` may see.

    A tag decides, then an id unique by nature, then maker and serial. Two candidates are unmatched, both named; never across
    organizations, because only what the actor sees is looked at.
    """
    return by_names_each([(names, maker)], actor=actor, shown_with=shown_with)[0]


_NOTED = Prepared(
    "SELECT scheme, normal_form, issuer, device_id FROM devices_identifier "
    "WHERE scheme = ANY(%(schemes)s) AND normal_form = ANY(%(forms)s)",
    takes={"schemes": "text[]", "forms": "text[]"},
)


@cache
def _units_with(shown_with: tuple[str, ...]) -> Joined:
    refers = {name: Device._meta.get_field(name).related_model for name in shown_with}
    return Joined(Device, refers, "t.id = ANY(%(ids)s)", takes={"ids": "uuid[]"})  # type: ignore[arg-type]


def by_names_each(
    asked: Sequence[tuple[Sequence[Name], str]],
    *,
    actor: Actor,
    owner: uuid.UUID | None = None,
    shown_with: Sequence[str] = SHOWN_WITH,
) -> list[Match]:
    """``by_names`` for many things, each with its names and maker, of one owner or of all: two queries for any number.

    Names first and units by key then: as one question, the planner may walk all units by age for the few that it was asked for.
    """
    noted: dict[tuple[str, str], list[tuple[str, uuid.UUID]]] = {}
    wanted = {(name.scheme, name.normal_form) for names, _maker in asked for name in names}
    schemes, forms = {scheme for scheme, _form in wanted}, {form for _scheme, form in wanted}
    rows = _NOTED.rows(schemes=list(schemes), forms=list(forms)) if wanted else []
    for scheme, form, issuer, device in rows:
        if (scheme, form) in wanted:
            noted.setdefault((scheme, form), []).append((issuer, device))
    bearers = {device for found in noted.values() for _issuer, device in found}
    known: list[Device] = _units_with(tuple(shown_with)).all(ids=list(bearers)) if bearers else []
    units = {
        device.pk: device
        for device in known
        if device.is_visible_to(actor) and (owner is None or device.owner_id == owner)
    }
    return [_match(names, maker, noted, units) for names, maker in asked]


def _match(
    names: Sequence[Name],
    maker: str,
    noted: Mapping[tuple[str, str], Sequence[tuple[str, uuid.UUID]]],
    units: Mapping[uuid.UUID, Device],
) -> Match:
    for name in sorted(names, key=lambda name: (name.scheme != "tag", not name.unique_by_nature)):
        rows = noted.get((name.scheme, name.normal_form), ())
        if issuer := name.issuer or (maker.strip().lower() if name.scheme == "serial" else ""):
            rows = [row for row in rows if row[0] in {issuer, ""}]
        found = [units[device] for device in dict.fromkeys(device for _issuer, device in rows) if device in units]
        if len(found) == 1:
            return Match(found[0])
        if len(found) > 1:
            return Match(None, tuple(sorted(found, key=lambda device: device.created_at)[:MOST_CANDIDATES]))
    return Match()


def bearing(names: Sequence[Name], *, actor: Actor, owner: uuid.UUID) -> list[Device]:
    """Units that bear one of these names already, among what ``actor`` may see, in one query: who announces a thing must not make a twin.

    What isn't unique by nature counts within one owner, and a serial within one maker where both tell theirs.
    """
    told = Q()
    for name in names:
        same = Q(scheme=name.scheme, normal_form=name.normal_form)
        if not name.unique_by_nature:
            same &= Q(device__owner_id=owner)
            if name.issuer:
                same &= Q(issuer__in=[name.issuer, ""])
        told |= same
    if not told:
        return []
    bearers = Identifier.objects.filter(told).values("device_id")
    return list(Device.objects.visible_to(actor).filter(pk__in=bearers)[:5])


def scanned(text: str, actor: Actor) -> Match:
    """The unit that a scanned or typed code names exactly."""
    return by_names(identifiers.readings(text), actor=actor)


def find(text: str, actor: Actor, *, most: int = 20) -> list[Device]:
    """Units for the scan box, the search page and the API: exact identifier first, then by a part of one, then by maker and model."""
    bare = text.strip()
    if not bare:
        return []
    exact = scanned(bare, actor)
    if exact.device is not None:
        return [exact.device]
    visible = Device.objects.visible_to(actor).select_related("product", "location", "hub", "owner")
    found = list(exact.candidates)
    part = (
        identifiers.normal_serial(bare).replace("-", "") if identifiers.tag(bare) else identifiers.normal_serial(bare)
    )
    if len(part) >= 3:
        like = Identifier.objects.filter(normal_form__contains=part).values("device_id")
        found += list(visible.filter(pk__in=like).exclude(pk__in=[d.pk for d in found]).order_by("-created_at")[:most])
    if len(found) < most and len(bare) >= 2:
        named = Q()
        for piece in bare.split()[:5]:
            named &= Q(manufacturer__icontains=piece) | Q(model__icontains=piece)
        more = visible.filter(named).exclude(pk__in=[d.pk for d in found]).order_by("-created_at")
        found += list(more[: most - len(found)])
    return found[:most]


@dataclass(frozen=True)
class Line:
    """One line of a unit's story as an audience reads it."""

    entry: Entry
    sentence: str


def story(device: Device, audience: Audience, *, actor: Actor | None = None) -> list[Line]:
    """The unit's history in sentences, oldest first; what isn't for this audience is left out."""
    entries = Entry.objects.filter(chain_id=device.id).order_by("sequence")
    if actor is not None:
        entries = entries.visible_to(actor)
    return [Line(entry, told) for entry in entries if (told := entry.told_to(audience)) is not None]
