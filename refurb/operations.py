"""What is done at the bench: the operations a technician books, and how long one may count at most. No database, no clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class OperationKind:
    """``cap_minutes`` is the most that one booking counts: a scan that was forgotten must not make a repair cost a night."""

    code: str
    label: str | Promise
    icon: str
    cap_minutes: int


_all = (
    OperationKind("diagnose", _("find the fault"), "search", 45),
    OperationKind("clean", _("clean"), "eraser", 30),
    OperationKind("replace_battery", _("replace battery"), "battery-2", 60),
    OperationKind("replace_display", _("replace display"), "device-laptop", 90),
    OperationKind("replace_keyboard", _("replace keyboard"), "keyboard", 60),
    OperationKind("replace_storage", _("replace storage"), "database", 45),
    OperationKind("replace_memory", _("replace memory"), "cpu", 30),
    OperationKind("replace_port", _("replace port"), "plug", 90),
    OperationKind("replace_housing", _("replace housing"), "box", 90),
    OperationKind("board_repair", _("board repair"), "cpu", 180),
    OperationKind("software", _("set up software"), "refresh", 60),
    OperationKind("test", _("test"), "list-check", 45),
    OperationKind("disassemble", _("take apart"), "tools", 90),
    OperationKind("other", _("other work"), "tool", 60),
)
OPERATIONS: Mapping[str, OperationKind] = {each.code: each for each in _all}


def minutes_between(begun: datetime, ended: datetime, *, cap: int) -> int:
    """Whole minutes from one scan to the next, begun ones counting, at least 0 and at most ``cap``."""
    return max(0, min(cap, math.ceil((ended - begun).total_seconds() / 60)))
