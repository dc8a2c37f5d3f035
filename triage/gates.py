"""What shuts a path: holds, authority, data, locks, danger, kind and grade, contradictions, the owner's contract. Pure.

No override gets past any of these.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.devices.journey import Disposition
from revlog.terms.instructions import refusal
from triage.cases import Case
from triage.defects import Axis, axis_of
from triage.figures import Figures

GRADED = ("NEW", "A", "B", "C", "D")
LOT = "LOT"
"""Sold as it is, in a lot with others: a path of its own in the sums, on the way of what is sold as it is."""
BY_THE_LOT = "lot"
"""The channel of the same name."""
TO_THE_OWNER = (Disposition.REPAIR_AND_RETURN, Disposition.RETURN_TO_OWNER)
SALES = frozenset({Disposition.RESELL, Disposition.REFURBISH, LOT})
REUSE = frozenset(
    {
        Disposition.RESTOCK,
        Disposition.RESELL,
        LOT,
        Disposition.REFURBISH,
        Disposition.DONATE,
        Disposition.REFURBISH_AND_DONATE,
        Disposition.DEPLOY,
    }
)
BENCH = frozenset({Disposition.REFURBISH, Disposition.REFURBISH_AND_DONATE, Disposition.REPAIR_AND_RETURN})
UNTOUCHED_DATA = frozenset({Disposition.DESTROY, *TO_THE_OWNER})
"""What may be done with a unit whose data can't be cleared."""


def better(grade: str, than: str) -> bool:
    """Whether one grade is above another; what isn't graded is below all."""
    if grade not in GRADED:
        return False
    return than not in GRADED or GRADED.index(grade) < GRADED.index(than)


def against(path: str, case: Case, figures: Figures) -> list[Reason]:
    """Every reason why ``case`` may not take this path (a disposition, or ``LOT``); no override gets past them."""
    reasons: list[Reason] = []
    axes = {axis_of(fault.code) for fault in case.faults}
    back = path in TO_THE_OWNER
    if case.holds:
        kinds = case.held or ", ".join(word(f"hold.{kind}") for kind in case.holds)
        reasons.append(Reason("on_hold", _("it is on hold (%(holds)s)") % {"holds": kinds}))
    if case.contradicts and not back:
        told = _("its sources differ on which thing it is (%(fields)s); that is settled first")
        reasons.append(Reason("identity", told % {"fields": ", ".join(case.contradicts)}))
    if case.asked and case.authority and not back:
        reasons.append(Reason("not_ours", _("its owner wants it back; they allowed its repair and nothing else")))
    if not case.authority and not back:
        reasons.append(
            Reason(
                "no_authority",
                _("nobody entitled has allowed what can't be undone: it is neither ours nor released by its owner"),
            )
        )
    if not case.clearable and path not in UNTOUCHED_DATA:
        reasons.append(Reason("data_stays", _("its data can't be cleared while its storage can't be driven")))
    if Axis.LOCK in axes and path in REUSE:
        locks = ", ".join(word(fault.code) for fault in case.faults if axis_of(fault.code) is Axis.LOCK)
        reasons.append(Reason("locked", _("nobody could use it (%(locks)s)") % {"locks": locks}))
    if Axis.HAZARD in axes and (path in REUSE | BENCH or path == Disposition.HARVEST or back):
        hazards = ", ".join(word(fault.code) for fault in case.faults if axis_of(fault.code) is Axis.HAZARD)
        reasons.append(Reason("hazard", _("it is hazardous goods (%(hazards)s)") % {"hazards": hazards}))
    return [*reasons, *_by_contract(path, case), *_unfit(path, case, figures)]


def _by_contract(path: str, case: Case) -> list[Reason]:
    """What the owner's instructions forbid, each with its sentence."""
    told = case.contract
    found = []
    if path in told.forbidden:
        found.append(refusal(told.forbidden[path]))
    # A drive that is the unit, or part of its board, can't be destroyed apart from it.
    inseparable = case.device_class == "storage" or case.soldered
    if told.drives == "destroy" and case.uncleared and inseparable and path not in UNTOUCHED_DATA:
        found.append(refusal(told.drives_why))
    # What is mended to be sold is asked for each grade it may be mended to (``against_sale``); to be given away, it is mended to one.
    graded = path in REUSE and path != Disposition.REFURBISH
    grade = case.target if path == Disposition.REFURBISH_AND_DONATE else case.grade
    if told.least_grade and graded and grade != told.least_grade and not better(grade, told.least_grade):
        found.append(refusal(told.least_why))
    return found


def _unfit(path: str, case: Case, figures: Figures) -> list[Reason]:
    """What its grade and kind rule out."""
    found: list[Reason] = []
    single = case.tracking == "serialized"
    if path == Disposition.RESTOCK and single and case.grade not in {"NEW", "A"}:
        found.append(Reason("not_as_new", _("only sealed or like-new goods go back to stock")))
    if path in {Disposition.RESELL, LOT} and single and case.grade not in GRADED:
        found.append(Reason("not_graded", _("it has no grade")))
    if path in {Disposition.REFURBISH, Disposition.REFURBISH_AND_DONATE}:
        if not single:
            found.append(Reason("not_single", _("only single things go to the bench")))
        elif not case.mendable or not better(case.target, case.grade):
            found.append(Reason("nothing_to_mend", _("no repair would lift its grade")))
    if path == Disposition.HARVEST and (not single or not figures.has("harvest_share", case.device_class)):
        found.append(Reason("no_parts", _("it has no parts worth taking out")))
    if path == Disposition.DESTROY and case.device_class == "materials":
        found.append(Reason("no_data_to_destroy", _("there is nothing on it to destroy")))
    if path == Disposition.REPAIR_AND_RETURN and not case.mendable:
        found.append(Reason("nothing_to_mend", _("no fault is known that the bench could mend")))
    return found


def against_sale(channel: str, grade: str, case: Case, figures: Figures) -> list[Reason]:
    """Why a unit may not be sold in this channel in this grade."""
    found = []
    if channel in case.contract.channels:
        found.append(refusal(case.contract.channels[channel]))
    least = figures.word("channel_least", channel)
    if case.tracking == "serialized" and least and better(least, grade):
        told = {"channel": word(f"channel.{channel}"), "least": word(f"grade.{least}")}
        found.append(Reason("below_channel", _("%(channel)s takes it from %(least)s up") % told))
    floor = case.contract.least_grade
    if floor and better(floor, grade):
        found.append(refusal(case.contract.least_why))
    return found
