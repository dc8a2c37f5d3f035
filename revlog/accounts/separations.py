"""Separation of duties: what nobody may do to their own work. One table, asked by every service that accepts, checks or releases.

A separation compares persons, not roles: a manager who holds every permission is refused like anybody else.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revlog.accounts.actors import Actor, ActorKind
from revlog.common.errors import Reason


@dataclass(frozen=True)
class Separation:
    """``doer`` did something, and so may not do ``act`` to it; ``sentence`` is what they are told."""

    act: str
    doer: str
    permission: str
    sentence: str | Promise


SEPARATIONS: Mapping[str, Separation] = {
    "refund_approval": Separation(
        "approve a refund",
        "proposed or receives it",
        "returns.refund",
        _("nobody approves their own refund; another person must"),
    ),
    "payout_release": Separation(
        "release a file of payments",
        "drew it up",
        "returns.refund",
        _("nobody releases a file of payments that they drew up; another person must"),
    ),
    "charge_confirmation": Separation(
        "say that a customer's payment came",
        "opened the return",
        "returns.refund",
        _("nobody says of a return that they opened that its money came; another person must"),
    ),
    "rma_approval": Separation(
        "approve an RMA",
        "opened it",
        "returns.approve",
        _("nobody approves an RMA that they opened; another person must"),
    ),
    "second_approval": Separation(
        "approve the second step of an RMA",
        "approved the first",
        "returns.approve",
        _("nobody approves both steps of an RMA; another person must"),
    ),
    "fraud_review": Separation(
        "decide whether a return is fraud",
        "announced it, received it, or decided it before the objection",
        "returns.fraud",
        _(
            "nobody decides whether a return is fraud that they announced, received or decided before; another person must"
        ),
    ),
    "receiving_hand_off": Separation(
        "sign for what was received",
        "unpacked it",
        "returns.receive",
        _("nobody takes over what they unpacked themselves; the next person signs, or it is put on a shelf"),
    ),
    "shift_hand_over": Separation(
        "take over a shift",
        "handed it over",
        "reporting.shifts",
        _("nobody takes over a shift that they handed over; the lead of the next shift does"),
    ),
    "match_decision": Separation(
        "decide a disputed line of a return",
        "counted or inspected it",
        "returns.settle",
        _("nobody decides a dispute about what they counted or inspected; another person must"),
    ),
    "wipe_sampling": Separation(
        "sample a wipe", "ran the wipe", "itad.verify", _("nobody samples their own wipe; a second person must")
    ),
    "wipe_verification": Separation(
        "verify a wipe", "ran the wipe", "itad.verify", _("nobody verifies their own wipe; a second person must")
    ),
    "destruction_witness": Separation(
        "witness a destruction",
        "did it",
        "itad.witness",
        _("nobody witnesses their own destruction; a second person must"),
    ),
    "exception_supervision": Separation(
        "allow supervised work on a unit with data",
        "asked for it",
        "itad.except",
        _("nobody allows their own supervised work; another data technician or lead must"),
    ),
    "bin_count": Separation(
        "count a bin", "put things into it", "devices.count", _("nobody counts their own bin; somebody else must")
    ),
    "recount": Separation(
        "count a bin again",
        "counted it before",
        "devices.count",
        _("nobody counts a bin again that they counted; another person must"),
    ),
    "count_approval": Separation(
        "accept a count difference",
        "counted",
        "devices.adjust",
        _("nobody accepts their own count; another person must"),
    ),
    "write_off_approval": Separation(
        "write off a lost unit",
        "reported it missing",
        "devices.write_off",
        _("nobody writes off a unit that they reported missing; another person must"),
    ),
    "grade_appeal": Separation(
        "decide a disputed grade",
        "gave the grade",
        "triage.regrade",
        _("nobody decides an appeal against their own grade; another person must"),
    ),
    "second_look": Separation(
        "make the second look at a unit that was drawn for one",
        "made the first",
        "triage.inspect",
        _("it was drawn for a second look, and nobody makes both; another person looks at it"),
    ),
    "second_look_settling": Separation(
        "settle two looks that are far apart",
        "made one of them",
        "triage.regrade",
        _("nobody settles two looks of which one is theirs; another person must"),
    ),
    "hold_release": Separation(
        "release a hold",
        "placed it",
        "devices.release",
        _("nobody releases a hold that they placed; another person must"),
    ),
    "hazard_assessment": Separation(
        "assess a hazard",
        "reported it",
        "recycling.hazard",
        _("nobody assesses a hazard that they reported; another assessor must"),
    ),
    "repair_check": Separation(
        "check a repair", "did it", "refurb.check", _("nobody checks their own repair; another person must")
    ),
    "weight_correction": Separation(
        "accept a corrected weight",
        "weighed it",
        "recycling.close",
        _("nobody accepts their own correction of a weight; another person must"),
    ),
    "recall_opening": Separation(
        "open a recall",
        "drafted it",
        "returns.recall",
        _("nobody opens a recall that they drafted; another person must"),
    ),
    "action_verification": Separation(
        "verify a corrective action",
        "said that it is done",
        "returns.vendor",
        _("nobody verifies a corrective action that they called done; another person must"),
    ),
    "rules_publication": Separation(
        "publish rules",
        "drafted them",
        "terms.publish",
        _("nobody publishes rules that they drafted; another person must"),
    ),
    "rates_publication": Separation(
        "publish a carrier's rates",
        "drafted them",
        "logistics.carriers",
        _("nobody publishes rates of a carrier that they drafted; another person must"),
    ),
    "bill_approval": Separation(
        "approve a carrier's bill, or end a dispute about it",
        "entered it or decided its lines",
        "money.post",
        _("nobody approves a carrier's bill that they entered or decided; another person must"),
    ),
    "exception_resolution": Separation(
        "close an exception about a person's work",
        "caused it",
        "exceptions.resolve",
        _("nobody closes an exception about their own work; another person must"),
    ),
    "access_grant": Separation(
        "change a person's roles",
        "is that person",
        "accounts.manage",
        _("nobody changes their own roles; another administrator must"),
    ),
    "badge_issue": Separation(
        "hand out a badge",
        "is its holder",
        "accounts.badges",
        _("nobody hands out a badge to themselves; another lead must"),
    ),
}


def reasons_against(separation: str, *, doer: Iterable[str | uuid.UUID | None], by: Actor) -> list[Reason]:
    """Why ``by`` may not do the act of ``separation``, empty when they may.

    ``doer`` names everyone whose own work it is, as actor references (``user:<uuid>``) or bare ids; None stands for nobody known. The
    platform itself is nobody's colleague and is never refused. An unknown separation is a KeyError.
    """
    rule = SEPARATIONS[separation]
    if by.kind == ActorKind.SYSTEM:
        return []
    own = {by.reference, str(by.id)}
    if any(one is not None and str(one) in own for one in doer):
        return [Reason(separation, str(rule.sentence))]
    return []
