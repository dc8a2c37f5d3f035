"""A client's units: a list of what is coming or has come, as rows or CSV, owned by the client, with leave by contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from itad.manifests import judging, refusals
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import tables
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.devices import classes, identifiers
from revlog.devices import queries as devices
from revlog.devices.identifiers import Name
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.services import arrivals, standing

MOST_ROWS = 2000
COLUMNS = ("serial", "manufacturer", "model", "class", "asset_tag")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One unit of the list; ``place`` is its line in the list, for messages."""

    place: int
    serial: str = ""
    manufacturer: str = ""
    model: str = ""
    device_class: str = "other"
    asset_tag: str = ""
    imeis: Sequence[str] = ()


@dataclass
class Taken:
    """What became of a list: new units, units that were announced before and are here now, units on a further visit."""

    new: list[Device] = field(default_factory=list)
    expected: list[Device] = field(default_factory=list)
    again: list[Device] = field(default_factory=list)

    @property
    def all(self) -> list[Device]:
        return [*self.new, *self.expected, *self.again]


def read(text: str) -> list[Line]:
    """The lines of a pasted list, read as a file of a client is. Raises BadInput, naming each bad line: a pasted list goes in whole."""
    found = judging.judged(tables.read(text.encode("utf-8", "replace"), most_rows=MOST_ROWS))
    problems, lines = [], []
    for one in found.lines:
        where = _("line %(place)s") % {"place": one.line}
        if one.reason:
            problems.append(Reason(one.reason, f"{where}: {refusals.refused(one.reason, one.told)}", "list"))
        elif not one.is_named:
            told = _("%(where)s: it only counts; upload the list as a file") % {"where": where}
            problems.append(Reason("only_counts", told, "list"))
        for name in (told for code, told in one.notes if code == "category"):
            known = ", ".join(sorted(classes.CLASSES))
            told = _("%(where)s: there is no class %(name)s; known are %(known)s") % {
                "where": where,
                "name": name,
                "known": known,
            }
            problems.append(Reason("unknown_class", told, "list"))
        lines.append(
            Line(
                place=one.line, serial=one.serial, manufacturer=one.manufacturer, model=one.model, device_class=one.device_class,
                asset_tag=one.asset_tag, imeis=tuple(one.imeis),
            )
        )  # fmt: skip
    if problems:
        raise BadInput(problems)
    return lines


def reasons_against(lines: Sequence[Line], known_units: Sequence[Device | None], *, here: bool) -> list[Reason]:
    """Every line that can't be taken, each with its reason; ``known_units`` holds for each line the unit that it names."""
    reasons = []
    seen: dict[str, int] = {}
    for line, known_unit in zip(lines, known_units, strict=True):
        where = _("line %(place)s") % {"place": line.place}
        if not line.serial and not line.asset_tag and not line.imeis:
            reasons.append(Reason("nameless", _("%(where)s: neither serial nor asset tag") % {"where": where}, "list"))
            continue
        if identifiers.is_placeholder(line.serial) and line.serial:
            reasons.append(
                Reason(
                    "placeholder",
                    _("%(where)s: %(serial)s is no serial") % {"where": where, "serial": line.serial},
                    "list",
                )
            )
        if line.device_class not in classes.CLASSES:
            known = ", ".join(sorted(classes.CLASSES))
            reasons.append(
                Reason(
                    "unknown_class",
                    _("%(where)s: there is no class %(name)s; known are %(known)s")
                    % {"where": where, "name": line.device_class, "known": known},
                    "list",
                )
            )
        key = identifiers.normal_serial(line.serial) or f"other:{line.asset_tag.lower()} {' '.join(line.imeis)}"
        if key in seen:
            reasons.append(
                Reason(
                    "twice",
                    _("%(where)s: the same unit as line %(first)s") % {"where": where, "first": seen[key]},
                    "list",
                )
            )
        seen.setdefault(key, line.place)
        if known_unit is None:
            continue
        if not here and (known_unit.has_ended or known_unit.state == State.DEPLOYED):
            reasons.append(
                Reason(
                    "was_here",
                    _("%(where)s: it was here before as %(tag)s; receive it when it comes")
                    % {"where": where, "tag": known_unit.tag},
                    "list",
                )
            )
        elif not (
            known_unit.has_ended or known_unit.state == State.DEPLOYED or (here and known_unit.state == State.EXPECTED)
        ):
            reasons.append(
                Reason(
                    "known",
                    _("%(where)s: %(serial)s is known as %(tag)s and with us, or announced, already")
                    % {"where": where, "serial": line.serial or line.asset_tag, "tag": known_unit.tag},
                    "list",
                )
            )
    return reasons


def _known(lines: Sequence[Line], *, client: Organization, by: Actor) -> list[Device | None]:
    """The client's own unit that each line names; another's unit with that serial is nobody's business here."""
    asked = []
    for line in lines:
        names = list(_names(line, client))
        if serial := identifiers.serial(line.serial, line.manufacturer):
            names.append(serial)
        asked.append((names, line.manufacturer))
    return [match.device for match in devices.by_names_each(asked, actor=by, owner=client.id)]


def _names(line: Line, client: Organization) -> list[Name]:
    name = identifiers.asset_tag(line.asset_tag, client.pk)
    phones = [found for text in line.imeis if (found := identifiers.imei(text)) is not None]
    return [*([name] if name else []), *phones]


@transaction.atomic
def take_in(
    *,
    client: Organization,
    lines: Sequence[Line],
    contract: str,
    reference: str = "",
    hub: Hub,
    here: bool,
    by: Actor,
    at: datetime,
) -> Taken:
    """Announce a client's units (``here`` False) or receive them. All lines or none.

    ``contract`` is what allows what can't be undone. Raises NotAllowed, and BadInput naming every bad line.
    """
    if not by.is_operator or not by.may("itad.jobs"):
        raise NotAllowed(_("this needs the right to open client jobs"))
    problems = [] if contract.strip() else [Reason("no_contract", _("Name the contract that allows it."), "contract")]
    if client.is_operator:
        problems.append(Reason("own", _("A client job is for another organization."), "client"))
    known_units = _known(lines, client=client, by=by)
    if problems := problems + reasons_against(lines, known_units, here=here):
        raise BadInput(problems)
    stay = arrivals.Stay(
        why="itad",
        owner=client.id,
        hub=hub.id,
        custodian=hub.organization_id if here else client.id,
        reference=f"job:{(reference or contract).strip()}"[:60],
    )
    taken = Taken()
    fresh = []
    for line, known in zip(lines, known_units, strict=True):
        if known is None or not (known.state == State.EXPECTED or here):
            fresh.append(_description(line, client))
            continue
        if known.state == State.EXPECTED:
            arrivals.receive(known, hub=hub.id, custodian=hub.organization_id, by=by, at=at)
            taken.expected.append(known)
        else:
            arrivals.arrive_again(known, stay=stay, by=by, at=at)
            taken.again.append(known)
    begin = arrivals.arrive_many if here else arrivals.announce_many
    taken.new += begin(what=fresh, stay=stay, by=by, at=at)
    standing.authorize_many(taken.all, ground="contract", reference=contract.strip()[:60], by=by, at=at)
    return taken


def _description(line: Line, client: Organization) -> arrivals.Description:
    return arrivals.Description(
        device_class=line.device_class,
        manufacturer=line.manufacturer,
        model=line.model,
        serial=line.serial,
        names=_names(line, client),
    )
