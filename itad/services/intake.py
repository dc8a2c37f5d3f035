"""A client's units: a list of what is coming or has come, as rows or CSV, owned by the client, with leave by contract."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.devices import classes, identifiers
from revlog.devices import queries as devices
from revlog.devices.identifiers import Name
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.services import arrivals, standing

MOST_ROWS = 2000
LONGEST_CELL = 200
COLUMNS = ("serial", "manufacturer", "model", "class", "asset_tag")
ALIASES = {
    "serial number": "serial",
    "serialnumber": "serial",
    "sn": "serial",
    "maker": "manufacturer",
    "vendor": "manufacturer",
    "brand": "manufacturer",
    "type": "class",
    "device_class": "class",
    "kind": "class",
    "asset": "asset_tag",
    "asset tag": "asset_tag",
    "inventory number": "asset_tag",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One unit of the list; ``place`` is its line in the list, for messages."""

    place: int
    serial: str = ""
    manufacturer: str = ""
    model: str = ""
    device_class: str = "other"
    asset_tag: str = ""


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
    """The lines of a pasted list: CSV with a header, separated by comma, semicolon or tab. Raises BadInput, naming each bad line."""
    text = text.lstrip("\ufeff").strip()
    if not text:
        raise BadInput(Reason("empty", _("The list is empty."), "list"))
    first = text.splitlines()[0]
    mark = max((",", ";", "\t"), key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=mark))
    except csv.Error as error:
        raise BadInput(Reason("not_csv", _("The list can't be read: %(why)s.") % {"why": error}, "list")) from error
    header = [ALIASES.get(name.strip().lower(), name.strip().lower()) for name in rows[0]]
    if "serial" not in header:
        known = ", ".join(COLUMNS)
        raise BadInput(
            Reason(
                "no_header",
                _("The first line names the columns; of %(known)s, serial is needed.") % {"known": known},
                "list",
            )
        )
    if len(rows) - 1 > MOST_ROWS:
        raise BadInput(Reason("too_long", _("A list has at most %(most)s lines.") % {"most": MOST_ROWS}, "list"))
    lines = []
    for place, cells in enumerate(rows[1:], start=2):
        row = {name: cell.strip()[:LONGEST_CELL] for name, cell in zip(header, cells, strict=False)}
        if not any(row.values()):
            continue
        lines.append(
            Line(
                place=place,
                serial=row.get("serial", ""),
                manufacturer=row.get("manufacturer", ""),
                model=row.get("model", ""),
                device_class=row.get("class", "").lower() or "other",
                asset_tag=row.get("asset_tag", ""),
            )
        )
    if not lines:
        raise BadInput(Reason("empty", _("The list has a header and no lines."), "list"))
    return lines


def reasons_against(lines: Sequence[Line], known_units: Sequence[Device | None], *, here: bool) -> list[Reason]:
    """Every line that can't be taken, each with its reason; ``known_units`` holds for each line the unit that it names."""
    reasons = []
    seen: dict[str, int] = {}
    for line, known_unit in zip(lines, known_units, strict=True):
        where = _("line %(place)s") % {"place": line.place}
        if not line.serial and not line.asset_tag:
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
        key = identifiers.normal_serial(line.serial) or f"asset:{line.asset_tag.lower()}"
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
    found = [match.device for match in devices.by_names_each(asked, actor=by)]
    return [device if device is not None and device.owner_id == client.id else None for device in found]


def _names(line: Line, client: Organization) -> list[Name]:
    name = identifiers.asset_tag(line.asset_tag, client.pk)
    return [name] if name else []


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
