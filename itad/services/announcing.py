"""The lines of a manifest become units: known ones are found by any of their names, the others announced, all of a batch set-based."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from itad.manifests.judging import Line
from itad.models import ManifestRow, ManifestRun, RowOutcome
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.devices import identifiers
from revlog.devices import queries as devices
from revlog.devices.identifiers import Name
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.models.device import Tracking
from revlog.devices.queries import Match
from revlog.devices.services import arrivals, moves, standing
from revlog.devices.services.arrivals import Description, Stay

PLATFORM = actors.system("itad.manifests")
"""Who looks for what is known already: the platform, whatever the person may see."""


@dataclass
class _Known:
    """The client's units that a line names: by serial or IMEI, and by asset tag."""

    by_number: Match
    by_tag: Match
    crossed: Match
    """By the serial as an asset tag and the asset tag as a serial."""


@dataclass
class _Batch:
    run: ManifestRun
    by: Actor
    at: datetime
    rows: list[ManifestRow] = field(default_factory=list)
    fresh: list[tuple[ManifestRow, list[Description]]] = field(default_factory=list)
    joins: list[tuple[ManifestRow, Device, list[Name]]] = field(default_factory=list)
    arrived: list[Device] = field(default_factory=list)


def take(run: ManifestRun, lines: Sequence[Line], *, by: Actor, at: datetime) -> list[ManifestRow]:
    """Take these lines of a locked run in; gives the rows to be kept, one a line, in their order. Nothing is guessed: what two units
    could be meant by is refused."""
    batch = _Batch(run, by, at)
    good = [line for line in lines if not line.reason and line.is_named]
    known = dict(zip((id(line) for line in good), _known(run, good), strict=True))
    counted = _counted_before(run, [line.key for line in lines if line.key])
    for line in lines:
        row = ManifestRow(
            run=run, sheet=line.sheet[:60], line=line.line, outcome=RowOutcome.CREATED, key=line.key,
            notes=[list(one) for one in line.notes],
        )  # fmt: skip
        batch.rows.append(row)
        if line.reason:
            _refuse(row, line, line.reason, line.told)
        elif not line.is_named:
            _count(batch, row, line, counted.get(line.key))
        else:
            _name(batch, row, line, known[id(line)])
    _write(batch)
    return batch.rows


def _refuse(row: ManifestRow, line: Line, reason: str, told: str = "") -> None:
    row.outcome, row.reason, row.told = RowOutcome.REFUSED, reason, told[:200]
    row.cells = [cell[:500] for cell in line.cells[:60]]


# Known or not -------------------------------------------------------------------------------------------------------------------------


def _numbers(line: Line) -> list[Name]:
    found = [name for text in line.imeis if (name := identifiers.imei(text)) is not None]
    if (name := identifiers.serial(line.serial, line.manufacturer)) is not None:
        found.append(name)
    return found


def _known(run: ManifestRun, lines: Sequence[Line]) -> list[_Known]:
    """Two questions for any number of lines. Another owner's unit with that number is nobody's business here."""
    client = run.client_id
    asked: list[tuple[Sequence[Name], str]] = []
    for line in lines:
        tag = identifiers.asset_tag(line.asset_tag, client)
        as_tag = identifiers.asset_tag(line.serial, client) if tag and line.serial else None
        as_serial = identifiers.serial(line.asset_tag, line.manufacturer) if as_tag else None
        asked += [
            (_numbers(line), line.manufacturer),
            ([tag] if tag else [], str(client)),
            ([as_tag] if as_tag else [], str(client)),
            ([as_serial] if as_serial else [], line.manufacturer),
        ]
    own = devices.by_names_each(asked, actor=PLATFORM, owner=client, shown_with=())
    return [
        _Known(own[place], own[place + 1], _same(own[place + 2], own[place + 3])) for place in range(0, len(own), 4)
    ]


def _same(one: Match, other: Match) -> Match:
    """Both names of one unit, or nothing."""
    return one if one.device is not None and one.device == other.device else Match()


def _counted_before(run: ManifestRun, keys: Sequence[str]) -> dict[str, ManifestRow]:
    """Lines that said the same for the same job, and whose units are still to come: the list was sent again."""
    if not keys:
        return {}
    rows = ManifestRow.objects.filter(
        key__in=keys, outcome=RowOutcome.CREATED, run__client=run.client_id, run__reference=run.reference,
        run__contract=run.contract,
    ).exclude(run=run)  # fmt: skip
    found = {row.key: row for row in rows.order_by("id")}
    wanted = {one for row in found.values() for one in row.devices}
    coming = {str(pk) for pk in Device.objects.filter(pk__in=wanted, state=State.EXPECTED).values_list("pk", flat=True)}
    return {key: row for key, row in found.items() if coming.intersection(row.devices)}


# What a line becomes ------------------------------------------------------------------------------------------------------------------


def _count(batch: _Batch, row: ManifestRow, line: Line, before: ManifestRow | None) -> None:
    if before is not None:
        row.outcome = RowOutcome.MATCHED
        row.devices = before.devices
        return
    pieces = line.count or 1
    described: dict[str, str] = {
        "device_class": line.device_class,
        "manufacturer": line.manufacturer,
        "model": line.model,
    }
    if line.is_lot:
        what = [Description(**described, tracking=Tracking.COUNTED.value, quantity=pieces)]  # type: ignore[arg-type]
    else:
        what = [Description(**described) for _piece in range(pieces)]  # type: ignore[arg-type]
    batch.fresh.append((row, what))


def _name(batch: _Batch, row: ManifestRow, line: Line, known: _Known) -> None:
    if known.by_number.is_ambiguous or known.by_tag.is_ambiguous:
        several = known.by_number.candidates or known.by_tag.candidates
        _refuse(row, line, "several", ", ".join(device.tag for device in several))
        return
    numbered, tagged = known.by_number.device, known.by_tag.device
    if numbered is None and tagged is None and known.crossed.device is not None:
        row.notes.append(["names_swapped", ""])
        _match(batch, row, known.crossed.device)
        return
    if numbered is not None and tagged is not None and numbered.pk != tagged.pk:
        _refuse(row, line, "two_units", f"{numbered.tag}, {tagged.tag}")
        return
    device = numbered or tagged
    tag = identifiers.asset_tag(line.asset_tag, batch.run.client_id)
    if device is None:
        what = Description(
            device_class=line.device_class, manufacturer=line.manufacturer, model=line.model, serial=line.serial,
            names=[*([tag] if tag else []), *(one for one in _numbers(line) if one.scheme == "imei")],
        )  # fmt: skip
        batch.fresh.append((row, [what]))
        return
    more: list[Name] = []
    if tagged is None and tag is not None:
        more.append(tag)
    if numbered is None:
        more += _numbers(line)
    if more and (reason := _contradicts(device, more)) is not None:
        _refuse(row, line, *reason)
        return
    _match(batch, row, device)
    if more:
        batch.joins.append((row, device, more))


def _contradicts(device: Device, more: Sequence[Name]) -> tuple[str, str] | None:
    """Whether the unit that one name is of has another of the kind that is to be noted."""
    schemes = {name.scheme for name in more}
    held = {row.scheme: row.printed for row in device.identifiers.filter(scheme__in=["asset_tag", "serial", "imei"])}
    if "asset_tag" in schemes and "asset_tag" in held:
        return "other_asset_tag", f"{held['asset_tag']} ({device.tag})"
    if "serial" in schemes and (device.serial or "serial" in held):
        return "other_serial", f"{device.serial or held['serial']} ({device.tag})"
    return None


def _match(batch: _Batch, row: ManifestRow, device: Device) -> None:
    row.outcome, row.device = RowOutcome.MATCHED, device
    if device.has_ended or device.state == State.DEPLOYED:
        row.notes.append(["was_here", ""])
    elif device.state != State.EXPECTED:
        row.notes.append(["is_here", ""])


# Writing ------------------------------------------------------------------------------------------------------------------------------


def _write(batch: _Batch) -> None:
    run, by, at = batch.run, batch.by, batch.at
    stay = Stay(
        why="itad", owner=run.client_id, hub=run.hub_id,
        custodian=run.hub.organization_id if run.here else run.client_id,
        reference=f"job:{run.reference or run.contract or run.file_name}"[:60],
    )  # fmt: skip
    matched = {row.device.pk: row.device for row in batch.rows if row.device is not None}
    changed = {device.pk for _row, device, _names in batch.joins}
    if run.here:
        changed |= {pk for pk, device in matched.items() if device.state == State.EXPECTED}
    taken = {device.pk: device for device in moves.take(sorted(changed))} if changed else {}
    for row, device, names in batch.joins:
        for name in names:
            arrivals.identify(taken[device.pk], name, by=by, at=at)
            if name.scheme in {"serial", "asset_tag"}:
                row.notes.append([f"{name.scheme}_joined", name.printed])
    if run.here:
        _receive(batch, matched, taken, stay)
    begin: Callable[..., list[Device]] = arrivals.arrive_many if run.here else arrivals.announce_many
    what = [each for _row, some in batch.fresh for each in some]
    made = begin(what=what, stay=stay, by=by, at=at) if what else []
    if run.contract and (made or batch.arrived):
        standing.authorize_many([*made, *batch.arrived], ground="contract", reference=run.contract, by=by, at=at)
    place = 0
    for row, some in batch.fresh:
        mine = made[place : place + len(some)]
        place += len(some)
        if row.key:
            row.devices = [str(device.pk) for device in mine]
        else:
            row.device = mine[0]


def _receive(batch: _Batch, matched: dict[uuid.UUID, Device], taken: dict[uuid.UUID, Device], stay: Stay) -> None:
    """What the list says is here: announced ones are received, those that were here before begin their next stay."""
    run, by, at = batch.run, batch.by, batch.at
    expected = [taken[pk] for pk, device in matched.items() if device.state == State.EXPECTED]
    arrivals.receive_many(expected, hub=run.hub_id, custodian=run.hub.organization_id, by=by, at=at)
    batch.arrived += expected
    for device in matched.values():
        if device.has_ended or device.state == State.DEPLOYED:
            arrivals.arrive_again(device, stay=stay, by=by, at=at)
            batch.arrived.append(device)
