"""What people call the work at the bench."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from refurb.operations import OPERATIONS
from revlog.common import words

words.add({kind.code: kind.label for kind in OPERATIONS.values()})
words.add(
    {
        "work.open": _("at the bench"),
        "work.to_check": _("waiting for check"),
        "work.passed": _("passed"),
        "work.failed": _("not repairable"),
        "work.harvested": _("harvested"),
        "work.cancelled": _("called away"),
        "refurbish": _("refurbish"),
        "repair": _("repair and return"),
        "harvest": _("harvest"),
        "controlled_harvest": _("harvest under control"),
        "repair_to_erase": _("repair to erase"),
        "new": _("new"),
        "harvested": _("harvested"),
        "bought": _("bought"),
        "part_to_stock": _("into the stock of parts"),
        "part_tracked": _("as a unit of its own"),
        "part_broken": _("broken, stays with the rest"),
        "use.reserved": _("reserved"),
        "use.used": _("put in"),
        "use.returned": _("given back"),
        "exception.work_waits_for_check": _("repair waits for its check"),
        "exception.work_idle": _("work stands still"),
        "exception.part_low": _("part runs out"),
        "refurb.parameters": _("bench rates"),
    }
)
