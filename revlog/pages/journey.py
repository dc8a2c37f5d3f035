"""docs/journey.md, rendered from the code: states and their owners, routes, moves, and who listens to whom."""

from __future__ import annotations

from django_fsm import Transition

from revlog.custody import outbox
from revlog.devices.journey import ANY, DEPARTED, ENDS, OWNERS, ROUTES, State
from revlog.devices.models import Device


def _moves() -> dict[tuple[str, str], str]:
    """(from, to) -> the name of the transition."""
    found: dict[tuple[str, str], str] = {}
    transition: Transition
    for transition in Device._meta.get_field("state").get_all_transitions(Device):
        found[str(transition.source), str(transition.target)] = transition.name
    return found


def document() -> str:
    moves = _moves()
    lines = [
        "# The journey",
        "",
        "Rendered from the code by `python manage.py journey_doc --write`; a test fails when it is out of date. The table is",
        "`revlog/devices/journey.py`, the moves are declared on `Device`, the reactions in each app's `reactions.py`.",
        "",
        "## States",
        "",
        "| state | queue of | |",
        "|---|---|---|",
    ]
    for state in State:
        about = (
            "end of a visit"
            if state in ENDS
            else "in use elsewhere, under contract"
            if state == State.DEPLOYED
            else "a queue"
        )
        if state in DEPARTED:
            about += "; the unit has left our custody"
        lines.append(f"| `{state.value}` | {OWNERS.get(state, '—')} | {about} |")
    lines += [
        "",
        "Travelling is an open handover, quarantined a hold, missing an unknown place, promised an allocation: none of them is a state.",
        "",
        "## Routes",
        "",
        "`TO_SANITIZE` is put in front of the first stop that refuses the unit's data. A stop that fails sends the unit back to triage.",
        "",
        "| disposition | stops | data that the first stop lets in |",
        "|---|---|---|",
    ]
    for disposition, route in ROUTES.items():
        stops = " → ".join(stop.name for stop in route)
        enter = "any" if route[0].enter == ANY else "cleared only"
        lines.append(f"| `{disposition.value}` | {stops} | {enter} |")
    lines += ["", "## Moves", "", "```mermaid", "stateDiagram-v2"]
    by_target: dict[tuple[str, str], list[str]] = {}
    for (source, target), name in sorted(moves.items()):
        by_target.setdefault((name, target), []).append(source)
    queues = {state.value for state in State if state not in ENDS | {State.EXPECTED, State.RECEIVED, State.DEPLOYED}}
    for (name, target), sources in sorted(by_target.items()):
        inner = set(sources) & queues
        shown = sorted(set(sources) - queues)
        if len(inner) > 3:
            shown.append("ANY_QUEUE")
        else:
            shown += sorted(inner)
        lines += [f"    {source} --> {target}: {name}" for source in shown]
    lines += [
        "```",
        "",
        "`ANY_QUEUE` stands for every queue but the target itself.",
        "",
        "## Who listens to whom",
        "",
        "| fact | what follows |",
        "|---|---|",
    ]
    for kind, names in outbox.listeners().items():
        if kind.startswith("test."):
            continue
        heard = ", ".join(f"`{name.replace('.reactions.', ': ')}`" for name in sorted(names))
        lines.append(f"| `{kind}` | {heard} |")
    return "\n".join(lines) + "\n"
