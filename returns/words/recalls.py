"""What people call what recalls say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from returns.models.recalls import Answer, Made, Range, RecallKind, RecallStatus, Remedy, Severity
from returns.models.supplier_claims import ClaimAsks, ClaimStatus
from revlog.common import words
from revlog.common.words import Audience

S, C = Audience.STAFF, Audience.CUSTOMER

words.add({f"recall.{one.value}": one.label for one in RecallStatus})
words.add({f"recall_kind.{one.value}": one.label for one in RecallKind})
words.add({f"severity.{one.value}": one.label for one in Severity})
words.add({f"remedy.{one.value}": one.label for one in Remedy})
words.add({f"range.{one.value}": one.label for one in Range})
words.add({f"claim.{one.value}": one.label for one in ClaimStatus})
words.add({f"claim_asks.{one.value}": one.label for one in ClaimAsks})
words.add({f"recall_made.{one.value}": one.label for one in Made})
words.add(
    {
        f"recall_answer.{Answer.SENDS.value}": {S: _("sends it back"), C: _("you send it back")},
        f"recall_answer.{Answer.GONE.value}": {S: _("doesn't have it any more"), C: _("you don't have it any more")},
        f"recall_answer.{Answer.SCRAPPED.value}": {S: _("has thrown it away"), C: _("you have thrown it away")},
        "recall_how.model": _("model"),
        "recall_how.variant": _("variant"),
        "recall_how.lot": _("lot"),
        "recall_how.serials": _("listed serial number"),
        "recall_how.between": _("serial number in range"),
        "recall_how.part": _("part inside"),
        "recall_how.part_serial": _("part inside, by its serial number"),
        "recall_how.part_lot": _("part of the lot may be inside"),
        "recall_how.part_out": _("taken out of a unit in range"),
        "recall_how.part_in": _("a part of a unit in range may be inside"),
        "recall_place.stock": _("in stock"),
        "recall_place.repair": _("in repair"),
        "recall_place.rma": _("in an open return"),
        "recall_place.expected": _("expected at the dock"),
        "recall_place.sold": _("sold"),
        "recall_place.deployed": _("deployed"),
        "recall_place.elsewhere": _("handed over elsewhere"),
        "recall_place.gone": _("recycled or lost"),
        "recalled": _("it is recalled"),
        "exception.recall_behind": _("recall behind its target"),
        "exception.recall_draft": _("recall waits to be opened"),
        "exception.recalled": _("recalled"),
        "exception.claim_overdue": _("claim without an answer"),
        "returns.claims": _("claims to suppliers and repeat repairs"),
    }
)
