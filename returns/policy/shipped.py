"""The return rules as the code ships them: in force until an install publishes its own, and what the tests of the product speak of."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from returns.policy.statutes import EXEMPT
from revlog.terms.ruling import Body

WINDOW = {"days": {"param": "window_days"}, "from": {"param": "window_from"}}

POLICY: Body = {
    "mode": "first",
    "parameters": {
        "window_days": 30,
        "window_from": "delivery",
        "guarantee_days": 730,
        "hand_in_days": 14,
        "grace_days": 14,
        "check_days": 5,
        "excluded": list(EXEMPT),
        "refund_on": "acceptance",
        "bonus_percent": "0",
        "keep_below": "15.00",
        "keep_up_to": "60.00",
        "keep_times": 3,
        "claim_below": "25.00",
        "advance_from": "100.00",
        "review_risk": 70,
        "business_channels": ["b2b", "wholesale"],
    },
    "regions": {},
    "seasons": [],
    "rules": [
        {
            "id": "came_back_by_itself",
            "when": {"fact": "origin", "op": "in", "value": ["undeliverable", "refused"]},
            "then": {"allow": True, "approval": "auto", "outcomes": ["refund", "credit", "exchange"]},
            "why": gettext_noop("The parcel came back undelivered."),
        },
        {
            "id": "not_sent_yet",
            "when": {"fact": "sent", "op": "==", "value": False},
            "then": {"allow": False},
            "why": gettext_noop("It hasn't been sent yet."),
        },
        {
            "id": "not_safe",
            "when": {"fact": "reason_group", "op": "==", "value": "safety"},
            "then": {"allow": True, "approval": "person", "outcomes": ["refund", "credit", "exchange", "replace"]},
            "why": gettext_noop("What isn't safe comes back at any time; we first say how to pack it."),
        },
        {
            "id": "on_the_block_list",
            "when": {"fact": "lists", "op": "contains", "value": "blocked"},
            "then": {"allow": False},
            "why": gettext_noop(
                "We don't take this return online, because the order, product, serial number or account is on a list of ours."
            ),
        },
        {
            "id": "excluded_goods",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "==", "value": "remorse"},
                    {"fact": "category", "op": "in", "value": {"param": "excluded"}},
                ]
            },
            "then": {"allow": False},
            "why": gettext_noop("Goods of this kind can come back only when something is wrong with them."),
        },
        {
            "id": "on_the_review_list",
            "when": {"fact": "lists", "op": "contains", "value": "review"},
            "then": {
                "allow": True,
                "approval": "person",
                "window": WINDOW,
                "outcomes": ["refund", "credit", "exchange", "repair", "replace"],
            },
            "why": gettext_noop("A person looks at this return first."),
        },
        {
            "id": "looked_at_first",
            "when": {"fact": "risk", "op": ">=", "value": {"param": "review_risk"}},
            "then": {
                "allow": True,
                "approval": "person",
                "window": WINDOW,
                "outcomes": ["refund", "credit", "exchange", "repair", "replace"],
            },
            "why": gettext_noop("A person looks at this return first."),
        },
        {
            "id": "damaged_by_accident",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "==", "value": "fault"},
                    {
                        "any": [
                            {"fact": "answers.dropped", "op": "==", "value": "yes"},
                            {"fact": "answers.wet", "op": "==", "value": "yes"},
                        ]
                    },
                ]
            },
            "then": {"allow": True, "approval": "person", "outcomes": ["repair"]},
            "why": gettext_noop("It was dropped or got wet: we can repair it, and say first what that costs."),
        },
        {
            "id": "not_here_and_small",
            "when": {
                "all": [
                    {"fact": "reason", "op": "in", "value": ["NEVER_ARRIVED", "MISSING_ITEM"]},
                    {"fact": "value", "op": "<=", "value": {"param": "claim_below"}},
                ]
            },
            "then": {
                "allow": True,
                "approval": "auto",
                "window": WINDOW,
                "outcomes": ["refund", "credit", "exchange"],
                "goods": "none",
            },
            "why": gettext_noop("You needn't send anything."),
        },
        {
            "id": "not_here",
            "when": {"fact": "reason", "op": "in", "value": ["NEVER_ARRIVED", "MISSING_ITEM"]},
            "then": {
                "allow": True,
                "approval": "person",
                "window": WINDOW,
                "outcomes": ["refund", "credit", "exchange"],
                "goods": "none",
            },
            "why": gettext_noop("We ask the carrier first where it is."),
        },
        {
            "id": "kept_often",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "in", "value": ["fault", "mismatch"]},
                    {"fact": "reason", "op": "!=", "value": "WRONG_ITEM"},
                    {"fact": "value", "op": "<=", "value": {"param": "keep_up_to"}},
                    {"fact": "kept_before", "op": ">=", "value": {"param": "keep_times"}},
                ]
            },
            "then": {
                "allow": True,
                "approval": "person",
                "window": WINDOW,
                "outcomes": ["refund", "credit", "exchange", "repair", "replace"],
            },
            "why": gettext_noop("A person looks at this return first."),
        },
        {
            "id": "not_worth_the_way",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "in", "value": ["fault", "mismatch"]},
                    {"fact": "reason", "op": "!=", "value": "WRONG_ITEM"},
                    {"fact": "value", "op": "<=", "value": {"param": "keep_below"}},
                ]
            },
            "then": {
                "allow": True,
                "approval": "auto",
                "window": WINDOW,
                "outcomes": ["refund", "credit"],
                "goods": "keep",
                "photos": 1,
            },
            "why": gettext_noop("You needn't send it back."),
        },
        {
            "id": "not_worth_its_freight",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "in", "value": ["fault", "mismatch"]},
                    {"fact": "reason", "op": "!=", "value": "WRONG_ITEM"},
                    {"fact": "value", "op": "<=", "value": {"param": "keep_up_to"}},
                    {"fact": "holds_data", "op": "==", "value": False},
                    {"fact": "kept_before", "op": "<", "value": {"param": "keep_times"}},
                    {"fact": "worth_shipping", "op": "==", "value": False},
                ]
            },
            "then": {
                "allow": True,
                "approval": "auto",
                "window": WINDOW,
                "outcomes": ["refund", "credit"],
                "goods": "keep",
                "photos": 1,
            },
            "why": gettext_noop("You needn't send it back."),
        },
        {
            "id": "broken_in_window",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "==", "value": "fault"},
                    {"fact": "price", "op": ">=", "value": {"param": "advance_from"}},
                ]
            },
            "then": {
                "allow": True,
                "approval": "auto",
                "window": WINDOW,
                "outcomes": ["refund", "credit", "exchange", "advance", "repair", "replace"],
                "bonus_percent": {"param": "bonus_percent"},
            },
            "why": gettext_noop("It is within the return window."),
        },
        {
            "id": "wrong_in_window",
            "when": {"fact": "reason_group", "op": "in", "value": ["fault", "mismatch", "fulfilment"]},
            "then": {
                "allow": True,
                "approval": "auto",
                "window": WINDOW,
                "outcomes": ["refund", "credit", "exchange", "repair", "replace"],
                "bonus_percent": {"param": "bonus_percent"},
            },
            "why": gettext_noop("It is within the return window."),
        },
        {
            "id": "in_window",
            "then": {
                "allow": True,
                "approval": "auto",
                "window": WINDOW,
                "outcomes": ["refund", "credit", "exchange"],
                "bonus_percent": {"param": "bonus_percent"},
            },
            "why": gettext_noop("It is within the return window."),
        },
        {
            "id": "guarantee",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "in", "value": ["fault", "mismatch"]},
                    {
                        "any": [
                            {"fact": "warranty", "op": "==", "value": True},
                            {"fact": "days_since_delivery", "op": "<=", "value": {"param": "guarantee_days"}},
                        ]
                    },
                ]
            },
            "then": {"allow": True, "approval": "person", "outcomes": ["exchange", "repair", "replace"]},
            "why": gettext_noop("The return window has ended, but the guarantee holds."),
        },
        {
            "id": "too_late",
            "then": {"allow": False},
            "why": gettext_noop("The return window has ended."),
        },
    ],
}
