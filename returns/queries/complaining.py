"""The customer's own words about a unit that came back: their reason, note and answers, and what they wrote where it can mean no other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import override

from returns import reasons
from returns.models import Kind, RmaLine, RmaUnit
from revlog.devices import complaints
from revlog.devices.complaints import Said
from revlog.devices.models import Device, Visit

MOST_MESSAGES = 5
OF_FAULTS = frozenset({"fault", "safety"})


@complaints.source
def told_of(device: Device, visit: Visit) -> Sequence[str]:
    """What was said for this visit. A trade-in has no complaint: its answers tell a condition."""
    unit = (
        RmaUnit.objects.filter(device=device, visit=visit.number)
        .exclude(line__rma__kind=Kind.TRADE)
        .select_related("line__rma")
        .order_by("-received_at")
        .first()
    )
    if unit is None:
        return []
    line = unit.line
    told = [_reason(line.reason), line.note, *_answers(line.answers)]
    if line.rma.lines.count() == 1 and line.quantity == 1:
        written = line.rma.case_messages.filter(by_customer=True).order_by("written_at", "id")
        told += written.values_list("text", flat=True)[:MOST_MESSAGES]
    return [each for each in told if each]


@complaints.of_returns
def said_in(announced: UUID) -> list[Said]:
    """What was said of each line when it was announced, where anything was."""
    lines = RmaLine.objects.filter(rma=announced).exclude(rma__kind=Kind.TRADE).select_related("order_line")
    told = {line: [_reason(line.reason), line.note, *_answers(line.answers)] for line in lines}
    return [
        Said(line=line.pk, device_class=line.order_line.device_class, words=[each for each in words if each])
        for line, words in told.items()
        if any(words)
    ]


def _reason(code: str) -> str:
    """The reason in the words that it is chosen by; that somebody changed their mind says nothing of a fault."""
    if reasons.group(code) not in OF_FAULTS:
        return ""
    with override("en"):
        return str(reasons.CODES[code])


def _answers(answers: dict[str, Any]) -> list[str]:
    """What was written, not chosen: an answer of several words."""
    return [each for each in answers.values() if isinstance(each, str) and " " in each.strip()]
