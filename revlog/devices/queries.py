"""Questions about units: the only reads that pages and the API use."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from revlog.accounts.actors import Actor
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


def by_names(names: Sequence[Name], *, actor: Actor, maker: str = "") -> Match:
    """The unit that these names are of, among those that ``actor`` may see.

    A tag decides, then an id unique by nature, then maker and serial. Two candidates are unmatched, both named; never across
    organizations, because only what the actor sees is looked at.
    """
    ordered = sorted(names, key=lambda name: (name.scheme != "tag", not name.unique_by_nature))
    for name in ordered:
        rows = Identifier.objects.filter(scheme=name.scheme, normal_form=name.normal_form)
        if name.scheme == "serial" and (issuer := name.issuer or maker.strip().lower()):
            told = rows.filter(Q(issuer=issuer) | Q(issuer=""))
            rows = told if told.exists() else rows.none() if rows.exclude(issuer="").exists() else rows
        found = list(
            Device.objects.visible_to(actor)
            .filter(pk__in=rows.values("device_id"))
            .select_related("product", "location", "hub", "owner")
            .order_by("created_at")[:5]
        )
        if len(found) == 1:
            return Match(found[0])
        if len(found) > 1:
            return Match(None, tuple(found))
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
