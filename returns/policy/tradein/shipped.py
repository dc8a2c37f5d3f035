"""Trade-in rules as the code ships them."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from revlog.terms.ruling import Body

GRADES = ("A", "B", "C", "D")
"""From the best that a private person's thing can be down; what is worse than D is worth nothing here."""
PERCENTS = ("uplift_percent", "tolerance_percent", "most_of_recovery")
DAYS = ("valid_days", "ship_days", "answer_days")
SUMS = ("least", "tolerance")

_HAND = ["phone", "tablet"]
_WITH_SCREEN = ["phone", "tablet", "laptop", "monitor"]
_WITH_BATTERY = ["phone", "tablet", "laptop"]

SHIPPED: Body = {
    "mode": "first",
    "parameters": {
        "best_grade": "A",
        "valid_days": 14,
        "ship_days": 7,
        "answer_days": 7,
        "least": "5.00",
        "uplift_percent": 10,
        "tolerance": "3.00",
        "tolerance_percent": 3,
        "phone_margin": 30,
        "usual_margin": 38,
        "handling": "12.00",
        "most_of_recovery": 100,
    },
    "rules": [
        {
            "id": "phones",
            "when": {"fact": "device_class", "op": "in", "value": _HAND},
            "then": {"margin_percent": {"param": "phone_margin"}, "handling": {"param": "handling"}},
            "why": gettext_noop("What we keep for selling it again, with its guarantee."),
        },
        {
            "id": "all",
            "then": {"margin_percent": {"param": "usual_margin"}, "handling": {"param": "handling"}},
            "why": gettext_noop("What we keep for selling it again, with its guarantee."),
        },
    ],
    "questions": [
        {
            "id": "powers_on",
            "kind": "choice",
            "text": gettext_noop("Does it turn on and work?"),
            "required": True,
            "choices": [
                {"id": "yes", "text": gettext_noop("Yes, everything works")},
                {
                    "id": "partly",
                    "text": gettext_noop("It turns on, but something doesn't work"),
                    "grade": "D",
                    "percent": 15,
                    "why": gettext_noop("Something on it doesn't work."),
                },
                {
                    "id": "no",
                    "text": gettext_noop("No"),
                    "grade": "D",
                    "percent": 50,
                    "why": gettext_noop("It doesn't turn on."),
                },
            ],
        },
        {
            "id": "screen",
            "kind": "choice",
            "text": gettext_noop("How is the screen?"),
            "classes": _WITH_SCREEN,
            "required": True,
            "choices": [
                {"id": "clean", "text": gettext_noop("No scratches")},
                {"id": "light", "text": gettext_noop("Light scratches"), "grade": "B"},
                {"id": "deep", "text": gettext_noop("Scratches that can be felt"), "grade": "C"},
                {
                    "id": "broken",
                    "text": gettext_noop("Cracked, or with spots"),
                    "grade": "D",
                    "percent": 20,
                    "why": gettext_noop("The screen has to be replaced."),
                },
            ],
        },
        {
            "id": "body",
            "kind": "choice",
            "text": gettext_noop("How does it look otherwise?"),
            "required": True,
            "choices": [
                {"id": "clean", "text": gettext_noop("Like new")},
                {"id": "light", "text": gettext_noop("Light marks of use"), "grade": "B"},
                {"id": "worn", "text": gettext_noop("Dents or deep scratches"), "grade": "C"},
                {"id": "bent", "text": gettext_noop("Bent, or parts are missing"), "grade": "D"},
            ],
        },
        {
            "id": "battery",
            "kind": "choice",
            "text": gettext_noop("How is the battery?"),
            "classes": _WITH_BATTERY,
            "required": True,
            "choices": [
                {"id": "good", "text": gettext_noop("It lasts, or shows 80 % or more")},
                {
                    "id": "worn",
                    "text": gettext_noop("It runs down fast, or shows less than 80 %"),
                    "amount": "25.00",
                    "why": gettext_noop("The battery has to be replaced."),
                },
                {
                    "id": "swollen",
                    "text": gettext_noop("It is swollen or gets hot"),
                    "stop": gettext_noop(
                        "A swollen battery must not travel. Don't charge it; bring it to a collection point for batteries."
                    ),
                },
            ],
        },
        {
            "id": "account",
            "kind": "choice",
            "text": gettext_noop("Are your accounts and locks removed from it?"),
            "classes": _WITH_BATTERY,
            "required": True,
            "choices": [
                {"id": "yes", "text": gettext_noop("Yes, or I'll do it before I hand it in")},
                {
                    "id": "no",
                    "text": gettext_noop("No, I can't"),
                    "stop": gettext_noop(
                        "We can't buy it while it is locked to an account. Remove the lock and ask again."
                    ),
                },
            ],
        },
        {
            "id": "carrier_lock",
            "kind": "choice",
            "text": gettext_noop("Does it work with SIM cards of every provider?"),
            "classes": ["phone"],
            "required": True,
            "choices": [
                {"id": "free", "text": gettext_noop("Yes")},
                {
                    "id": "locked",
                    "text": gettext_noop("No, with one provider's only"),
                    "percent": 10,
                    "why": gettext_noop("It works with one provider's SIM cards only."),
                },
                {"id": "unsure", "text": gettext_noop("I don't know")},
            ],
        },
        {
            "id": "charger",
            "kind": "choice",
            "text": gettext_noop("Is the charger there?"),
            "classes": ["laptop"],
            "required": True,
            "choices": [
                {"id": "yes", "text": gettext_noop("Yes")},
                {
                    "id": "no",
                    "text": gettext_noop("No"),
                    "amount": "15.00",
                    "why": gettext_noop("The charger is missing."),
                },
            ],
        },
    ],
    "findings": [
        {
            "id": "locked",
            "codes": ["locked", "firmware_password", "reported_stolen", "account_lock", "LOCKED"],
            "percent": 100,
            "why": gettext_noop("It is locked, so it can only be recycled."),
        },
        {
            "id": "other_thing",
            "codes": ["SWAPPED", "COUNTERFEIT", "WRONG_ITEM", "EMPTY_BOX"],
            "percent": 100,
            "why": gettext_noop("It is another thing than the one you told us of."),
        },
        {
            "id": "liquid",
            "codes": ["liquid", "LIQUID"],
            "percent": 60,
            "why": gettext_noop("There was liquid in it."),
        },
        {
            "id": "charger",
            "codes": ["power_adapter"],
            "unless": {"question": "charger", "answer": "no"},
            "amount": "15.00",
            "why": gettext_noop("The charger is missing."),
        },
        {
            "id": "battery",
            "codes": ["battery", "battery_worn", "battery_missing"],
            "unless": {"question": "battery", "answer": "worn"},
            "amount": "25.00",
            "why": gettext_noop("The battery has to be replaced."),
        },
    ],
}
