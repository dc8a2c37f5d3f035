"""The signals of a return that has to be looked at closely, and what each counts: rules of the kind ``returns.risk``. Pure.

Each rule is one signal: what it compares, the ``points`` it gives and the ``group`` whose cap it counts under; its ``why`` is what a
reviewer reads. All that match add up (``collect``). The figures that we ship are our own assumptions, not measured ones: a seller
publishes others once its own reviews say which signals were right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from returns.policy.vocabulary import FACTS as RETURN_FACTS
from revlog.common.errors import Reason
from revlog.terms import ruling, wording
from revlog.terms.ruling import Body, Kind
from revlog.terms.wording import Vocabulary, Word

KIND = "returns.risk"
GROUPS = ("history", "links", "receipt")

SHIPPED: Body = {
    "mode": "collect",
    "parameters": {
        "look_from": 40,
        "hold_from": 70,
        "cap_history": 80,
        "cap_links": 60,
        "cap_receipt": 100,
        "address_accounts": 2,
        "weight_tolerance": 5,
        "short_from": 20,
        "decide_days": 5,
        "escalate_days": 2,
        "object_days": 14,
    },
    "rules": [
        {
            "id": "returned_often_this_week",
            "when": {"fact": "returns_7", "op": ">=", "value": 3},
            "then": {"points": 10, "group": "history"},
            "why": gettext_noop("Several returns within a week."),
        },
        {
            "id": "returned_often_this_month",
            "when": {"fact": "returns_30", "op": ">=", "value": 5},
            "then": {"points": 15, "group": "history"},
            "why": gettext_noop("Many returns within a month."),
        },
        {
            "id": "sends_most_back",
            "when": {
                "all": [{"fact": "orders", "op": ">=", "value": 4}, {"fact": "return_rate", "op": ">=", "value": 75}]
            },
            "then": {"points": 15, "group": "history"},
            "why": gettext_noop("Of most orders something came back."),
        },
        {
            "id": "gets_most_back",
            "when": {
                "all": [{"fact": "orders", "op": ">=", "value": 4}, {"fact": "refund_share", "op": ">=", "value": 60}]
            },
            "then": {"points": 10, "group": "history"},
            "why": gettext_noop("Most of what was paid in a year went back."),
        },
        {
            "id": "never_sent",
            "when": {"fact": "never_came", "op": ">=", "value": 3},
            "then": {"points": 10, "group": "history"},
            "why": gettext_noop("Returns were announced and never sent."),
        },
        {
            "id": "keeps_things",
            "when": {"fact": "kept_before", "op": ">=", "value": 3},
            "then": {"points": 20, "group": "history"},
            "why": gettext_noop("Several things stayed with them within a year, and they were paid for them."),
        },
        {
            "id": "first_order_of_value",
            "when": {
                "all": [
                    {"fact": "first_order", "op": "==", "value": True},
                    {"fact": "value", "op": ">=", "value": "300.00"},
                ]
            },
            "then": {"points": 10, "group": "history"},
            "why": gettext_noop("A first order of some value comes back."),
        },
        {
            "id": "first_order_not_here",
            "when": {
                "all": [
                    {"fact": "first_order", "op": "==", "value": True},
                    {"fact": "not_here", "op": "==", "value": True},
                ]
            },
            "then": {"points": 15, "group": "history"},
            "why": gettext_noop("Something of a first order is said never to have arrived."),
        },
        {
            "id": "far_above_usual",
            "when": {
                "all": [
                    {"fact": "value_percent", "op": ">=", "value": 400},
                    {"fact": "value", "op": ">=", "value": "200.00"},
                ]
            },
            "then": {"points": 10, "group": "history"},
            "why": gettext_noop("Worth far more than what this customer usually buys."),
        },
        {
            "id": "not_here_again",
            "when": {
                "all": [
                    {"fact": "not_here", "op": "==", "value": True},
                    {"fact": "claims_before", "op": ">=", "value": 2},
                ]
            },
            "then": {"points": 25, "group": "history"},
            "why": gettext_noop("Once more something is said never to have arrived."),
        },
        {
            "id": "empty_box_before",
            "when": {"fact": "empty_boxes_before", "op": ">=", "value": 1},
            "then": {"points": 30, "group": "history"},
            "why": gettext_noop("A box of theirs was empty before."),
        },
        {
            "id": "advance_kept",
            "when": {"fact": "advances_kept", "op": ">=", "value": 1},
            "then": {"points": 25, "group": "history"},
            "why": gettext_noop("A new one was sent first, and the old one never came."),
        },
        {
            "id": "confirmed_before",
            "when": {"fact": "confirmed_before", "op": ">=", "value": 1},
            "then": {"points": 70, "group": "history"},
            "why": gettext_noop("A reviewer confirmed fraud on this account before."),
        },
        {
            "id": "same_address",
            "when": {"fact": "same_address", "op": ">=", "value": {"param": "address_accounts"}},
            "then": {"points": 15, "group": "links"},
            "why": gettext_noop("Several other accounts have the same address."),
        },
        {
            "id": "same_mailbox",
            "when": {"fact": "same_mailbox", "op": ">=", "value": 1},
            "then": {"points": 15, "group": "links"},
            "why": gettext_noop("Another account has the same mailbox, written differently."),
        },
        {
            "id": "same_payment",
            "when": {"fact": "same_payment", "op": ">=", "value": 1},
            "then": {"points": 25, "group": "links"},
            "why": gettext_noop("Another account has an order with the same payment."),
        },
        {
            "id": "linked_returns",
            "when": {"fact": "linked_returns_30", "op": ">=", "value": 5},
            "then": {"points": 20, "group": "links"},
            "why": gettext_noop("Accounts that share something with this one return much, too."),
        },
        {
            "id": "linked_confirmed",
            "when": {"fact": "linked_confirmed", "op": ">=", "value": 1},
            "then": {"points": 40, "group": "links"},
            "why": gettext_noop("A reviewer confirmed fraud on an account that shares something with this one."),
        },
        {
            "id": "photo_used_before",
            "when": {"fact": "photos_reused", "op": ">=", "value": 1},
            "then": {"points": 40, "group": "links"},
            "why": gettext_noop("A photo or receipt was shown in another person's return."),
        },
        {
            "id": "wrong_serial",
            "when": {"fact": "wrong_serials", "op": ">=", "value": 1},
            "then": {"points": 50, "group": "receipt"},
            "why": gettext_noop("Another serial number came than was sold."),
        },
        {
            "id": "serial_never_sold",
            "when": {"fact": "serial_never_sold", "op": "==", "value": True},
            "then": {"points": 20, "group": "receipt"},
            "why": gettext_noop("The serial number that came was never sold by this seller."),
        },
        {
            "id": "serial_unreadable",
            "when": {"fact": "no_serials", "op": ">=", "value": 1},
            "then": {"points": 10, "group": "receipt"},
            "why": gettext_noop("The serial number can't be read."),
        },
        {
            "id": "empty_box",
            "when": {"fact": "empty_boxes", "op": ">=", "value": 1},
            "then": {"points": 70, "group": "receipt"},
            "why": gettext_noop("The box was empty."),
        },
        {
            "id": "fewer_came",
            "when": {"fact": "short_percent", "op": ">=", "value": {"param": "short_from"}},
            "then": {"points": 25, "group": "receipt"},
            "why": gettext_noop("Clearly fewer came than were announced."),
        },
        {
            "id": "too_light",
            "when": {"fact": "weight_missing", "op": ">", "value": {"param": "weight_tolerance"}},
            "then": {"points": 35, "group": "receipt"},
            "why": gettext_noop("The parcel weighs less than what was to be in it."),
        },
        {
            "id": "reported_lost_or_stolen",
            "when": {"fact": "on_a_list", "op": ">=", "value": 1},
            "then": {"points": 60, "group": "receipt"},
            "why": gettext_noop("A number on it was reported lost or stolen."),
        },
        {
            "id": "imei_of_another_model",
            "when": {"fact": "imei_of_another_model", "op": "==", "value": True},
            "then": {"points": 40, "group": "receipt"},
            "why": gettext_noop("Its IMEI is of another model than was sold."),
        },
    ],
}

NUMBERS: Mapping[str, tuple[int, int]] = {
    "look_from": (1, 101),
    "hold_from": (1, 101),
    "cap_history": (0, 100),
    "cap_links": (0, 100),
    "cap_receipt": (0, 100),
    "address_accounts": (1, 1000),
    "weight_tolerance": (0, 100),
    "short_from": (0, 100),
    "decide_days": (1, 30),
    "escalate_days": (0, 30),
    "object_days": (1, 365),
}
"""The parameters that are read, each with its least and most."""


def _check(body: Body) -> list[Reason]:
    found: list[Reason] = []
    if body.get("mode") != "collect":
        found.append(Reason("mode", "Signals add up: the mode is collect.", "body.mode"))
    parameters = body.get("parameters", {})
    for name, value in parameters.items():
        where = f"body.parameters.{name}"
        if name not in NUMBERS:
            found.append(Reason("unknown", f"Nothing reads {name}; known are {', '.join(NUMBERS)}.", where))
            continue
        least, most = NUMBERS[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            found.append(Reason("number", f"{name} is a whole number from {least} to {most}.", where))
    if not found and parameters.get("look_from", 101) > parameters.get("hold_from", 101):
        found.append(Reason("bands", "look_from is not above hold_from.", "body.parameters.look_from"))
    for place, rule in enumerate(body.get("rules", [])):
        found += _wrong_rule(rule, f"body.rules[{place}]")
    return found


def _wrong_rule(rule: Mapping[str, Any], where: str) -> list[Reason]:
    then, found = rule.get("then", {}), []
    points = then.get("points") if isinstance(then, Mapping) else None
    if isinstance(points, bool) or not isinstance(points, int) or not 0 <= points <= 100:
        found.append(Reason("points", "A signal gives 0 to 100 points.", f"{where}.then.points"))
    if not isinstance(then, Mapping) or then.get("group") not in GROUPS:
        found.append(Reason("group", f"The group is one of {', '.join(GROUPS)}.", f"{where}.then.group"))
    if not str(rule.get("why") or "").strip():
        found.append(Reason("why", "Say in a sentence what was seen; reviewers read it.", f"{where}.why"))
    return found


RISK = ruling.register(Kind(KIND, SHIPPED, _check, trials="trials_of_draft"))

_COUNT = "number"
FACTS: Mapping[str, Word] = {
    **{
        name: RETURN_FACTS[name]
        for name in ("orders", "returns", "return_rate", "refunded", "never_came", "kept_before", "value", "origin", "gift")
    },
    "lists": RETURN_FACTS["lists"],
    "returns_7": Word(_("Customer's returns in 7 days"), _COUNT),
    "returns_30": Word(_("Customer's returns in 30 days"), _COUNT),
    "refund_share": Word(_("Paid back, of what was bought in a year"), "percent", "%"),
    "first_order": Word(_("It is their first order"), "flag"),
    "value_percent": Word(_("Value, of what they usually buy"), "percent", "%"),
    "not_here": Word(_("Something is said never to have arrived"), "flag"),
    "claims_before": Word(_("Earlier returns of what never arrived"), _COUNT),
    "empty_boxes_before": Word(_("Earlier returns with an empty box"), _COUNT),
    "advances_kept": Word(_("New ones sent first whose old one never came"), _COUNT),
    "confirmed_before": Word(_("Frauds confirmed on this account"), _COUNT),
    "same_address": Word(_("Other accounts with the same address"), _COUNT),
    "same_mailbox": Word(_("Other accounts with the same mailbox"), _COUNT),
    "same_payment": Word(_("Other accounts with the same payment"), _COUNT),
    "linked_returns_30": Word(_("Returns of linked accounts in 30 days"), _COUNT),
    "linked_confirmed": Word(_("Frauds confirmed on linked accounts"), _COUNT),
    "photos_reused": Word(_("Photos that another person showed before"), _COUNT),
    "wrong_serials": Word(_("Units with a wrong serial"), _COUNT),
    "serial_never_sold": Word(_("The serial that came was never sold"), "flag"),
    "no_serials": Word(_("Units with an unreadable serial"), _COUNT),
    "empty_boxes": Word(_("Empty boxes"), _COUNT),
    "short_percent": Word(_("Missing, of what was announced"), "percent", "%"),
    "weight_missing": Word(_("Weight missing, of what was to come"), "percent", "%"),
    "on_a_list": Word(_("Units on a list of lost and stolen things"), _COUNT),
    "imei_of_another_model": Word(_("The IMEI is of another model"), "flag"),
}  # fmt: skip
GROUP_WORDS = {
    "history": _("history"),
    "links": _("links to other accounts"),
    "receipt": _("what was found on arrival"),
}
OUTCOMES: Mapping[str, Word] = {
    "points": Word(_("Points"), _COUNT),
    "group": Word(_("Counts as"), "choice", choices=GROUP_WORDS),
}
PARAMETERS: Mapping[str, Word] = {
    "look_from": Word(_("A person looks from a score of"), _COUNT),
    "hold_from": Word(_("Money is held from a score of"), _COUNT),
    "cap_history": Word(_("History counts at most"), _COUNT),
    "cap_links": Word(_("Links to other accounts count at most"), _COUNT),
    "cap_receipt": Word(_("What was found on arrival counts at most"), _COUNT),
    "address_accounts": Word(_("Other accounts at one address that count"), _COUNT),
    "weight_tolerance": Word(_("A parcel may be lighter by"), "percent", "%"),
    "short_from": Word(_("Missing counts from"), "percent", "%"),
    "decide_days": Word(_("Time in which a person decides"), "days", _("days")),
    "escalate_days": Word(_("Goes to the manager before it is due by"), "days", _("days")),
    "object_days": Word(_("Time in which the customer may object"), "days", _("days")),
}
WORDS = Vocabulary(FACTS, OUTCOMES, PARAMETERS)
wording.register(KIND, WORDS)
