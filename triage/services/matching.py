"""Whose report is it? Found among what the sender may see, by the surest name first; two candidates are unmatched, both named.

Tag, then IMEI, then maker and serial, then the serial of a drive, then a MAC address. A lower name never outvotes a higher one: a drive
known in one machine, in the report of a machine with another serial, is no match; nor is a phone's number against its serial.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.devices import identifiers
from revlog.devices.identifiers import Name
from revlog.devices.models import Device, Identifier, Medium, MediumState
from revlog.devices.services import tacs
from triage.kinds import OUTSIDE, agree, is_of_drives, seen_in
from triage.reports.normal import IdentifierKind, Report

MOST_NAMES = 64


@dataclass(frozen=True, kw_only=True)
class UnitFound:
    """One unit that the report is of. ``serials`` are the drives (normal form) that are its own, None for the whole report."""

    device: uuid.UUID
    tag: str
    how: str
    serials: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """The units, or why there is none: ``code``, a sentence, and the tags between which it can't be told apart."""

    units: Sequence[UnitFound] = field(default_factory=tuple)
    code: str = ""
    sentence: str = ""
    candidates: Sequence[str] = field(default_factory=tuple)
    left: Sequence[str] = field(default_factory=tuple)
    """Serials of drives that belong to no known unit, while others do."""


def find(report: Report, *, sender: Actor, meant_for: Device | None = None) -> Found:
    """The unit or units that ``report`` is of, as far as ``sender`` can see."""
    if meant_for is not None:
        return _chosen(report, sender, meant_for)
    if is_of_drives(report):
        return _by_drives(report, sender)
    for candidates, how in _machine(report, sender):
        if len(candidates) == 1:
            ((device, tag),) = candidates.items()
            return Found(units=[UnitFound(device=device, tag=tag, how=how)])
        if candidates:
            return _ambiguous(candidates.values(), how)
    return _unknown(report)


def _machine(report: Report, sender: Actor) -> Iterable[tuple[dict[uuid.UUID, str], str]]:
    if (tag := identifiers.tag(report.asset_tag or "")) is not None:
        yield _named([tag], sender), "tag"
    numbers = [name for one in imeis(report) if (name := identifiers.imei(one))]
    yield _not_contradicting(_named(numbers, sender), report), "imei"
    wanted = identifiers.serial(report.serial or "")
    if wanted is not None:
        yield _by_serial(wanted, report.manufacturer or "", sender), "serial"
    drives = [each.serial or "" for each in report.media if each.type not in OUTSIDE]
    found: dict[uuid.UUID, str] = {}
    for units in _drives(drives, sender).values():
        found |= units
    yield _not_contradicting(found, report), "drive"
    addresses = [name for text in report.macs if (name := identifiers.mac(text))]
    yield _not_contradicting(_named(addresses, sender), report), "mac"


def imeis(report: Report) -> list[str]:
    """The IMEIs of a report whose check digit is right; any other names nothing."""
    return [one.value for one in report.identifiers if one.kind is IdentifierKind.IMEI and one.valid]


def held_against_lists(report: Report) -> Report:
    """The report with a warning where a list gives the first digits of its IMEI to another maker. A code in no list says nothing."""
    for number in imeis(report):
        name = identifiers.imei(number)
        known = tacs.of(name.normal_form) if name else None
        if known is not None and not agree(known.manufacturer, report.manufacturer or ""):
            said = (
                f"The IMEI {number} begins like one of a {known.manufacturer} {known.model}".rstrip()
                + f"; the report is of {report.manufacturer}."
            )
            # A report that waits for its unit is looked at again.
            report = replace(report, warnings=tuple(dict.fromkeys((*report.warnings, said))))
    return report


def _named(names: Sequence[Name], sender: Actor) -> dict[uuid.UUID, str]:
    if not names:
        return {}
    forms = [name.normal_form for name in names[:MOST_NAMES]]
    rows = Identifier.objects.filter(scheme=names[0].scheme, normal_form__in=forms).values("device_id")
    return dict(Device.objects.visible_to(sender).filter(pk__in=rows).order_by("tag").values_list("pk", "tag"))


def _by_serial(wanted: Name, made_by: str, sender: Actor) -> dict[uuid.UUID, str]:
    rows = (
        Device.objects.visible_to(sender)
        .filter(identifiers__scheme="serial", identifiers__normal_form=wanted.normal_form)
        .order_by("tag")
        .values_list("pk", "tag", "identifiers__issuer")
    )
    return {pk: tag for pk, tag, issuer in rows if agree(issuer, made_by)}


def _drives(serials: Iterable[str], sender: Actor) -> dict[str, dict[uuid.UUID, str]]:
    """Per drive serial (normal form), the units in which that drive is, or which it is itself."""
    wanted = {
        identifiers.normal_serial(serial): serial.strip()
        for serial in serials
        if serial and not identifiers.is_placeholder(serial)
    }
    wanted = dict(list(wanted.items())[:MOST_NAMES])
    if not wanted:
        return {}
    spellings = {form for pair in wanted.items() for form in (*pair, pair[1].lower())}
    found: dict[str, dict[uuid.UUID, str]] = {}
    inside = (
        Medium.objects.filter(serial__in=spellings, device__in=Device.objects.visible_to(sender))
        .exclude(state=MediumState.REMOVED)
        .values_list("serial", "device_id", "device__tag")
    )
    loose = Identifier.objects.filter(
        scheme="serial",
        normal_form__in=wanted,
        device__device_class="storage",
        device__in=Device.objects.visible_to(sender),
    ).values_list("normal_form", "device_id", "device__tag")
    for serial, device, tag in (*inside, *loose):
        found.setdefault(identifiers.normal_serial(serial), {})[device] = tag
    return found


def _not_contradicting(found: dict[uuid.UUID, str], report: Report) -> dict[uuid.UUID, str]:
    """Leave out units that are known by another serial than the report names."""
    wanted = identifiers.serial(report.serial or "")
    if not found or wanted is None:
        return found
    known: dict[uuid.UUID, set[str]] = {}
    rows = Identifier.objects.filter(device_id__in=found, scheme="serial").values_list(
        "device_id", "normal_form", "issuer"
    )
    for device, form, issuer in rows:
        if agree(issuer, report.manufacturer or ""):
            known.setdefault(device, set()).add(form)
    return {device: tag for device, tag in found.items() if device not in known or wanted.normal_form in known[device]}


def _by_drives(report: Report, sender: Actor) -> Found:
    """A drive tool's report: each drive goes to the unit it is in; a station's log may be of several units."""
    serials = {
        identifiers.normal_serial(serial): serial.strip()
        for serial in (*(each.serial for each in report.media), *(each.serial for each in report.erasures))
        if serial and not identifiers.is_placeholder(serial)
    }
    found = _drives(serials.values(), sender)
    doubtful = {form: units for form, units in found.items() if len(units) > 1}
    if doubtful:
        return _ambiguous(sorted({tag for units in doubtful.values() for tag in units.values()}), "drive")
    own: dict[uuid.UUID, tuple[str, set[str]]] = {}
    for form, units in found.items():
        ((device, tag),) = units.items()
        own.setdefault(device, (tag, set()))[1].add(form)
    left = [printed for form, printed in serials.items() if form not in found]
    if own:
        own_units = [
            UnitFound(device=device, tag=tag, how="drive", serials=frozenset(forms))
            for device, (tag, forms) in sorted(own.items(), key=lambda item: item[1][0])
        ]
        if not left:
            return Found(units=own_units)
        return Found(
            units=own_units,
            left=left,
            code="DRIVES_UNKNOWN",
            sentence=_("%(count)s drives of it belong to no known unit: %(serials)s.")
            % {"count": len(left), "serials": ", ".join(left[:8])},
        )
    return _unknown(report, list(serials.values()))


def _chosen(report: Report, sender: Actor, unit: Device) -> Found:
    """Sent on a unit's page: taken for that unit's, unless it names another machine."""
    if not Device.objects.visible_to(sender).filter(pk=unit.pk).exists():
        return _unknown(report)
    one = {unit.pk: unit.tag}
    report = seen_in(report, unit.device_class)
    if not is_of_drives(report):
        if not _not_contradicting(one, report):
            return Found(
                code="OTHER_SERIAL",
                sentence=_("The report names the serial %(serial)s; %(tag)s is known by another.")
                % {"serial": report.serial, "tag": unit.tag},
                candidates=[unit.tag],
            )
        return Found(units=[UnitFound(device=unit.pk, tag=unit.tag, how="chosen")])
    elsewhere = {
        tag
        for units in _drives([each.serial or "" for each in report.media], sender).values()
        for pk, tag in units.items()
        if pk != unit.pk
    }
    if elsewhere:
        return Found(
            code="OTHER_UNIT",
            sentence=_("A drive of this report is on record in %(tags)s.") % {"tags": ", ".join(sorted(elsewhere))},
            candidates=sorted({unit.tag, *elsewhere}),
        )
    return Found(units=[UnitFound(device=unit.pk, tag=unit.tag, how="chosen")])


def _ambiguous(tags: Iterable[str], how: str) -> Found:
    named = sorted(set(tags))
    return Found(
        code="AMBIGUOUS",
        sentence=_("Several units fit (by %(how)s): %(tags)s.") % {"how": how, "tags": ", ".join(named[:8])},
        candidates=named[:20],
    )


def _unknown(report: Report, drives: Sequence[str] | None = None) -> Found:
    named: list[str] = []
    if not is_of_drives(report) and identifiers.serial(report.serial or ""):
        named.append(_("serial %(serial)s") % {"serial": report.serial})
    if numbers := imeis(report):
        named.append(_("IMEI %(numbers)s") % {"numbers": ", ".join(numbers[:2])})
    serials = (
        drives
        if drives is not None
        else [each.serial for each in report.media if each.serial and not identifiers.is_placeholder(each.serial)]
    )
    if serials:
        named.append(_("drive %(serials)s") % {"serials": ", ".join(serials[:4])})
    if not named:
        return Found(
            code="NO_IDENTITY",
            sentence=_("The report names no serial, no IMEI and no drive by which a unit could be found."),
        )
    return Found(
        code="UNKNOWN_UNIT",
        sentence=_("No unit that the sender may see is known by %(names)s.") % {"names": _(" or ").join(named)},
    )
