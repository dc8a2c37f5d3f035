"""Figures as pictures: what `templates/components/{figures,chart}.html` draw, each mark with the address of the units behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting import queries, statistics
from reporting.filters import Filters
from reporting.queries import Dwell, Figures, Flow, Share, Week
from revlog.common import looks, measures
from revlog.common.templatetags import ui
from revlog.common.words import word
from revlog.devices.journey import State

BACKWARDS = "again"
RANKS: Mapping[str, int] = {
    "": 0, "EXPECTED": 1, "RECEIVED": 2, "IN_TRIAGE": 3, "TO_SANITIZE": 4, "TO_DESTROY": 5, "TO_REFURBISH": 5, "TO_HARVEST": 5,
    "TO_SELL": 6, "TO_RESTOCK": 6, "TO_DONATE": 6, "TO_RETURN": 6, "TO_DEPLOY": 6, "TO_RECYCLE": 7, "DEPLOYED": 8, "SOLD": 9,
    "RESTOCKED": 9, "DONATED": 9, "RETURNED": 9, "RECYCLED": 9, "NOT_RECEIVED": 9, "WRITTEN_OFF": 9,
}  # fmt: skip
"""How far along a state lies. A picture of flow can't run in circles: a step back is drawn into an end of its own."""


def units_url(filters: Filters, what: str, **more: object) -> str:
    return f"{reverse('reports_units')}?{filters.query(what=what, **more)}"


def state_name(state: str) -> str:
    return word(f"state.{state}") if state else _("new here")


def clock_name(clock: str) -> str:
    return _("our clock") if clock == "ours" else word(clock)


def _change(now: float | None, before: float | None) -> dict[str, Any]:
    """Words for a change in percent; nothing when there is nothing to compare with."""
    if now is None or not before:
        return {}
    share = (now - before) / abs(before)
    if abs(share) < 0.005:
        return {"change": _("as before")}
    return {
        "change": _("%(share)s than before") % {"share": f"{'+' if share > 0 else '−'}{ui.percent(abs(share))}"},
        "direction": "up" if share > 0 else "down",
    }


def _points(now: Share, before: Share) -> dict[str, Any]:
    if now.value is None or before.value is None:
        return {}
    points = (now.value - before.value) * 100
    if abs(points) < 0.05:
        return {"change": _("as before")}
    return {
        "change": _("%(points)s points") % {"points": f"{'+' if points > 0 else '−'}{ui.number(abs(points), 1)}"},
        "direction": "up" if points > 0 else "down",
        "better": points > 0,
    }


def interval(share: Share) -> str:
    """What a share of few can be trusted for: its Wilson interval, below one hundred."""
    if not 0 < share.of < 100:
        return ""
    low, high = statistics.wilson(share.hits, share.of)
    return _("95 %% interval %(low)s to %(high)s") % {"low": ui.percent(low), "high": ui.percent(high)}


def figures(now: Figures, before: Figures, weeks: Sequence[Week], filters: Filters) -> list[dict[str, Any]]:
    """The six, in the shape of ``components/figures.html``."""
    cycle = now.cycle.total_seconds() if now.cycle is not None else None
    cycle_before = before.cycle.total_seconds() if before.cycle is not None else None
    slower = _change(cycle, cycle_before)
    if "direction" in slower:
        slower["better"] = slower["direction"] == "down"
    rows: list[dict[str, Any]] = [
        {
            "label": _("Received"), "value": ui.number(now.received), "n": now.received,
            "url": units_url(filters, "received"), "trend": [week.received for week in weeks],
            **_change(now.received, before.received),
        },
        {
            "label": _("Finished"), "value": ui.number(now.ended), "n": now.ended,
            "url": units_url(filters, "ended"), "trend": [week.ended for week in weeks],
            **_change(now.ended, before.ended),
        },
        {
            "label": _("With us"), "value": ui.number(now.here), "n": now.here,
            "url": units_url(filters, "here"), "trend": [week.here for week in weeks],
            **_change(now.here, before.here),
        },
        {
            "label": _("From dock to end, median"), "value": measures.span(cycle) if cycle is not None else "—",
            "n": now.cycle_n, "url": units_url(filters, "ended"),
            "trend": [week.cycle.total_seconds() if week.cycle is not None else None for week in weeks], **slower,
        },
    ]  # fmt: skip
    if now.recovery is not None or now.recovery_n == 0:
        mean = float(now.recovery) if now.recovery is not None else None
        change = _change(mean, float(before.recovery) if before.recovery is not None else None)
        if "direction" in change:
            change["better"] = change["direction"] == "up"
        rows.append(
            {
                "label": _("Recovery per unit"), "value": ui.money(now.recovery, _currency()), "n": now.recovery_n,
                "url": units_url(filters, "valued"),
                "trend": [float(week.recovery) if week.recovery is not None else None for week in weeks], **change,
            }
        )  # fmt: skip
    else:
        rows.append(
            {
                "label": _("Used again"), "value": ui.percent(now.reuse.value), "n": now.reuse.of,
                "url": units_url(filters, "reused"), "note": interval(now.reuse), **_points(now.reuse, before.reuse),
            }
        )  # fmt: skip
    rows.append(
        {
            "label": _("Media cleared"), "value": ui.percent(now.sanitization.value, 1), "n": now.sanitization.of,
            "url": units_url(filters, "sanitized"), "note": interval(now.sanitization),
            "trend": [week.cleared.value for week in weeks], **_points(now.sanitization, before.sanitization),
        }
    )  # fmt: skip
    return rows


def _currency() -> str:
    return str(settings.BASE_CURRENCY)


def sentence(now: Figures, dwell: Sequence[Dwell]) -> str:
    """What the whole page says, in one breath."""
    if not now.received and not now.ended and not now.here:
        return _("Nothing came and nothing is here.")
    said = ngettext(
        "%(received)s unit came in, %(ended)s went out, %(here)s are with us.",
        "%(received)s units came in, %(ended)s went out, %(here)s are with us.",
        now.received,
    ) % {"received": ui.number(now.received), "ended": ui.number(now.ended), "here": ui.number(now.here)}
    slow = max((row for row in dwell if not row.clock and row.n >= 3), key=lambda row: row.median, default=None)
    if slow is not None:
        said += " " + _("Slowest: %(state)s, half of them longer than %(span)s.") % {
            "state": state_name(slow.state),
            "span": measures.span(slow.median.total_seconds()),
        }
    return said


def flow(flows: Sequence[Flow], filters: Filters) -> dict[str, Any] | None:
    """The way of units between states; a step back (a stop failed) ends in a node of its own, since circles can't be drawn."""
    nodes: dict[str, dict[str, Any]] = {}
    links = []

    def node(state: str, *, back: bool = False) -> str:
        key = f"{state}-{BACKWARDS}" if back else state or "new"
        if key not in nodes:
            nodes[key] = {
                "id": key,
                "name": _("back: %(state)s") % {"state": state_name(state)} if back else state_name(state),
                "look": looks.look_of(state).value if state else "coming",
                "url": units_url(filters, "moved", state=state) if state else None,
            }
        return key

    for each in flows:
        back = RANKS[each.state] <= RANKS[each.came_from]
        came_from, state = node(each.came_from), node(each.state, back=back)
        links.append(
            {
                "source": came_from,
                "target": state,
                "value": each.moves,
                "url": f"{units_url(filters, 'moved', state=each.state)}&came_from={each.came_from}",
            }
        )
    if not links:
        return None
    top = flows[0]
    return {
        "id": "flow",
        "title": _("The way of units"),
        "say": _("Most travelled: “%(a)s” to “%(b)s”, %(n)s moves.")
        % {"n": ui.number(top.moves), "a": state_name(top.came_from), "b": state_name(top.state)},
        "height": "tall",
        "data": {"kind": "flow", "unit": _("moves"), "nodes": list(nodes.values()), "links": links},
    }


def throughput(weeks: Sequence[Week], filters: Filters) -> dict[str, Any] | None:
    if not any(week.received or week.ended for week in weeks):
        return None
    parts = [Filters(week.first, week.last, filters.hub, filters.organization) for week in weeks]
    outcomes = [state.value for state in State if any(week.outcomes.get(state.value) for week in weeks)]
    came, went = sum(week.received for week in weeks), sum(week.ended for week in weeks)
    return {
        "id": "throughput",
        "title": _("Throughput by week"),
        "say": _("%(came)s came, %(went)s went.") % {"came": ui.number(came), "went": ui.number(went)},
        "data": {
            "kind": "columns",
            "unit": _("units"),
            "categories": [week.first.isoformat() for week in weeks],
            "series": [
                {
                    "name": _("received"),
                    "values": [week.received for week in weeks],
                    "urls": [units_url(part, "received") for part in parts],
                },
                *(
                    {
                        "name": state_name(outcome),
                        "look": looks.look_of(outcome).value,
                        "values": [week.outcomes.get(outcome, 0) for week in weeks],
                        "urls": [units_url(part, "ended", outcome=outcome) for part in parts],
                    }
                    for outcome in outcomes
                ),
            ],
        },
    }


def _hours(span: timedelta) -> float:
    return round(span.total_seconds() / 3600, 1)


def dwell(rows: Sequence[Dwell], filters: Filters) -> list[dict[str, Any]]:
    """Two pictures: how long units stay by stage, and on whose clock."""
    whole = [row for row in rows if not row.clock]
    if not whole:
        return []
    slow = max(whole, key=lambda row: row.median)
    clocks = sorted({row.clock for row in rows if row.clock}, key=lambda clock: (clock != "ours", clock))
    states = [row.state for row in whole]
    return [
        {
            "id": "dwell",
            "title": _("Time in each stage"),
            "say": _("Longest: %(state)s, half of them more than %(span)s, one in ten more than %(p90)s (n = %(n)s).")
            % {
                "state": state_name(slow.state), "span": measures.span(slow.median.total_seconds()),
                "p90": measures.span(slow.p90.total_seconds()), "n": ui.number(slow.n),
            },
            "data": {
                "kind": "bars",
                "unit": _("hours"),
                "categories": [f"{state_name(row.state)} (n = {ui.number(row.n)})" for row in whole],
                "series": [
                    {
                        "name": name, "values": [_hours(getattr(row, part)) for row in whole],
                        "urls": [units_url(filters, "stayed", state=row.state) for row in whole],
                    }
                    for name, part in ((_("median"), "median"), (_("90 % are faster than"), "p90"))
                ],
            },
        },
        {
            "id": "clocks",
            "title": _("On whose clock"),
            "say": _("Median hours of a stretch, by who was waited for."),
            "data": {
                "kind": "heat",
                "unit": _("hours"),
                "x": [clock_name(clock) for clock in clocks],
                "y": [state_name(state) for state in states],
                "cells": [
                    {
                        "x": clocks.index(row.clock), "y": states.index(row.state), "value": _hours(row.median),
                        "url": units_url(filters, "stayed", state=row.state, clock=row.clock),
                    }
                    for row in rows
                    if row.clock and row.state in states
                ],
            },
        },
    ]  # fmt: skip


def recovery(rows: Sequence[queries.Recovery], filters: Filters) -> dict[str, Any] | None:
    if not rows:
        return None
    best = rows[0]
    return {
        "id": "recovery",
        "title": _("Recovery per unit, by how it ended"),
        "say": _("%(outcome)s brought most: %(total)s in all, %(mean)s each.")
        % {
            "outcome": state_name(best.outcome).capitalize(), "total": ui.money(best.total, _currency()),
            "mean": ui.money(best.mean, _currency()),
        },
        "data": {
            "kind": "bars",
            "unit": _currency(),
            "categories": [f"{state_name(row.outcome)} (n = {ui.number(row.n)})" for row in rows],
            "series": [
                {
                    "name": name, "values": [round(float(getattr(row, part)), 2) for row in rows],
                    "urls": [units_url(filters, "valued", outcome=row.outcome) for row in rows],
                }
                for name, part in ((_("mean"), "mean"), (_("median"), "median"))
            ],
        },
    }  # fmt: skip


def grades(rows: Sequence[tuple[str, int]], filters: Filters) -> dict[str, Any] | None:
    total = sum(n for _grade, n in rows)
    if not total:
        return None
    top, most = max(rows, key=lambda row: row[1])
    return {
        "id": "grades",
        "title": _("Grades"),
        "say": _("%(share)s of %(n)s graded units are %(grade)s.")
        % {"share": ui.percent(most / total), "n": ui.number(total), "grade": word(f"grade.{top}")},
        "data": {
            "kind": "columns",
            "unit": _("units"),
            "categories": [word(f"grade.{grade}") for grade, _n in rows],
            "series": [
                {
                    "name": _("units"),
                    "values": [n for _grade, n in rows],
                    "urls": [units_url(filters, "graded", grade=grade) for grade, _n in rows],
                }
            ],
        },
    }


def sanitization(
    rows: Sequence[queries.Attempts], overall: Share, first: Share, filters: Filters
) -> dict[str, Any] | None:
    if not overall.of:
        return None
    said = _("%(good)s of %(n)s media cleared (%(share)s), %(first)s at the first attempt.") % {
        "good": ui.number(overall.hits), "n": ui.number(overall.of), "share": ui.percent(overall.value, 1),
        "first": ui.percent(first.value, 1),
    }  # fmt: skip
    if text := interval(overall):
        said += f" {text}."
    return {
        "id": "sanitization",
        "title": _("Attempts to clear media"),
        "say": said,
        "data": {
            "kind": "bars",
            "unit": _("attempts"),
            "stacked": True,
            "categories": [word(row.medium_type) for row in rows],
            "series": [
                {
                    "name": name, "look": look, "values": [getattr(row, part) for row in rows],
                    "urls": [units_url(filters, "sanitized", result=part) for _row in rows],
                }
                for name, look, part in (
                    (_("wiped and verified"), "ready", "verified"), (_("destroyed"), "done", "destroyed"),
                    (_("failed"), "held", "failed"),
                )
            ],
        },
    }  # fmt: skip
