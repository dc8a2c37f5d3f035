"""What people call the facts, outcomes and parameters of return rules, and rules to begin with."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from returns import policy, reasons
from returns.policy import tables, ways
from revlog.devices import classes
from revlog.terms import wording
from revlog.terms.wording import Template, Vocabulary, Word

Text = str | Promise
DAYS = _("days")
ANCHORS: Mapping[str, Text] = {"delivery": _("delivery"), "shipment": _("shipment"), "order": _("the order")}
OUTCOMES: Mapping[str, Text] = {
    "refund": _("money back"),
    "credit": _("store credit"),
    "exchange": _("exchange"),
    "advance": _("exchange, the new one first"),
    "repair": _("repair"),
    "replace": _("replacement under warranty"),
}
GOODS: Mapping[str, Text] = {
    "back": _("come back"),
    "keep": _("stay with the customer"),
    "donate": _("are given away by the customer"),
    "none": _("never arrived"),
}
GROUPS: Mapping[str, Text] = dict(reasons.GROUP_WORDS)
MOMENTS: Mapping[str, Text] = {
    "acceptance": _("when it is accepted"),
    "receipt": _("when it arrives"),
    "handover": _("when a carrier or counter has it"),
}
BANDS: Mapping[str, Text] = {
    "auto": _("nothing"),
    "look": _("that a person looks"),
    "hold": _("that money waits for an inspection"),
}


def _classes() -> Mapping[str, Text]:
    return dict(classes.CHOICES)


def _why() -> Mapping[str, Text]:
    return dict(reasons.CODES)


def _whys() -> Mapping[str, Text]:
    return {**GROUPS, **_why()}


FACTS: Mapping[str, Word] = {
    "reason_group": Word(_("Kind of reason"), "choice", choices=GROUPS),
    "reason": Word(_("Reason"), "choice", choices=_why),
    "wanted": Word(_("What is wanted"), "choice", choices=OUTCOMES),
    "kind": Word(_("Kind of case"), "choice", choices={"return": _("return"), "claim": _("claim")}),
    "days_since_delivery": Word(_("Time since delivery"), "days", DAYS),
    "days_since_shipment": Word(_("Time since shipment"), "days", DAYS),
    "days_since_order": Word(_("Time since the order"), "days", DAYS),
    "ordered_on": Word(_("Day of the order"), "text"),
    "in_season": Word(_("A season is open for it"), "flag"),
    "sent": Word(_("It was sent"), "flag"),
    "price": Word(_("Price of one piece"), "money"),
    "quantity": Word(_("Pieces"), "number"),
    "value": Word(_("Value of all that comes back"), "money"),
    "category": Word(_("Category"), "text"),
    "device_class": Word(_("Class of thing"), "choice", choices=_classes),
    "sku": Word(_("SKU"), "text"),
    "product": Word(_("Product"), "text"),
    "tags": Word(_("Tags of order and line"), "list"),
    "channel": Word(_("Channel of sale"), "text"),
    "country": Word(_("Country"), "text"),
    "region": Word(_("Region"), "text"),
    "consumer_law": Word(_("Consumer law"), "text"),
    "warranty": Word(_("A warranty runs"), "flag"),
    "repeat_repair": Word(_("We repaired it shortly before"), "flag"),
    "second_hand": Word(_("It was sold second-hand"), "flag"),
    "gift": Word(_("It was a gift"), "flag"),
    "origin": Word(
        _("How it was announced"),
        "choice",
        choices={
            "portal": _("by the customer"),
            "staff": _("by our support"),
            "api": _("by API"),
            "undeliverable": _("undeliverable parcel"),
            "refused": _("refused parcel"),
            "import": _("imported"),
        },
    ),
    "risk": Word(_("Risk score"), "number"),
    "risk_band": Word(_("What the risk score asks for"), "choice", choices=BANDS),
    "lists": Word(_("On the lists"), "list"),
    "orders": Word(_("Customer's orders in a year"), "number"),
    "returns": Word(_("Customer's returns in a year"), "number"),
    "return_rate": Word(_("Customer's orders with a return"), "percent", "%"),
    "refunded": Word(_("Paid back to the customer in a year"), "money"),
    "never_came": Word(_("Customer's returns that never came"), "number"),
    "kept_before": Word(_("Customer's returns of things that stayed with them"), "number"),
    "holds_data": Word(_("Somebody's data may be on it"), "flag"),
    "expected_recovery": Word(_("What it would bring once it is here"), "money"),
    "freight": Word(_("What bringing it here costs us"), "money"),
    "inspection_cost": Word(_("What looking at it costs us"), "money"),
    "recovery_left": Word(_("What remains of it after freight and inspection"), "money"),
    "worth_shipping": Word(_("It is worth being sent"), "flag"),
}
FEES: Mapping[str, Word] = {
    "label_fee": Word(_("Sending it with a printed label costs"), "money"),
    "qr_fee": Word(_("Handing it in with a code costs"), "money"),
    "store_fee": Word(_("Bringing it to a shop costs"), "money"),
    "counter_fee": Word(_("Bringing it without a box costs"), "money"),
    "pickup_fee": Word(_("Having it picked up costs"), "money"),
}
ACTIONS: Mapping[str, Word] = {
    "allow": Word(_("May come back"), "flag"),
    "window": Word(_("Within"), "window", choices=ANCHORS),
    "approval": Word(
        _("Approval"),
        "choice",
        choices={"auto": _("by the rule"), "person": _("by a person"), "two": _("by two people, one after the other")},
    ),
    "outcomes": Word(_("Offers"), "list", choices=OUTCOMES),
    "goods": Word(_("The goods"), "choice", choices=GOODS),
    "fee_percent": Word(_("Fee"), "percent", "%"),
    "fee_amount": Word(_("Fee as a sum"), "money"),
    "fee_payer": Word(
        _("The fee is paid by"), "choice", choices={"customer": _("the customer"), "seller": _("the seller")}
    ),
    "fee_waived_for": Word(_("No fee for"), "list", choices=_whys),
    "bonus_percent": Word(_("Bonus on credit and exchange"), "percent", "%"),
    "photos": Word(_("Photos"), "number"),
    "questions": Word(_("Asks"), "list"),
    "methods": Word(_("Ways to send it"), "list", choices=dict(ways.WORDS)),
    **FEES,
    "hub": Word(_("Goes to the site (nearest: the one that costs us least freight)"), "text"),
    "refund_on": Word(_("Money is due"), "choice", choices=MOMENTS),
}
PARAMETERS: Mapping[str, Word] = {
    "window_days": Word(_("Return window"), "days", DAYS),
    "window_from": Word(_("Counted from"), "choice", choices=ANCHORS),
    "guarantee_days": Word(_("Guarantee for faults"), "days", DAYS),
    "hand_in_days": Word(_("Time to hand a parcel in"), "days", DAYS),
    "grace_days": Word(_("Time we wait after that"), "days", DAYS),
    "check_days": Word(_("Time we promise to check in"), "days", DAYS),
    "refund_on": Word(_("Money is due"), "choice", choices=MOMENTS),
    "excluded": Word(_("Categories that can't come back unless faulty"), "list"),
    "bonus_percent": Word(_("Bonus on store credit and exchange"), "percent", "%"),
    "credit_months": Word(_("Store credit ends after so many months (0: never)"), "number"),
    "keep_below": Word(_("Faulty goods needn't come back up to"), "money"),
    "keep_up_to": Word(_("What isn't worth its freight needn't come back up to"), "money"),
    "keep_times": Word(_("A person looks when so many things stayed with a customer in a year"), "number"),
    "claim_below": Word(_("What never arrived is made good at once up to"), "money"),
    "advance_from": Word(_("The new one may go first from a price of"), "money"),
    "review_risk": Word(_("A person looks from a risk score of"), "number"),
    "business_channels": Word(_("Channels that sell to businesses only"), "list"),
    "hub": Word(_("Site that takes returns (nearest: the one that costs us least freight)"), "text"),
    **FEES,
    "counter_below": Word(_("Counters take things worth up to"), "money"),
    "labels_a_day": Word(_("Labels for an order in a day before a person decides"), "number"),
}
_REMORSE = {"fact": "reason_group", "op": "==", "value": "remorse"}
_WINDOW = {"days": 30, "from": "delivery"}
TEMPLATES = (
    Template(
        "on_a_list",
        _("Block what is on a list"),
        {
            "id": "on_a_list",
            "when": {"fact": "lists", "op": "contains", "value": "blocked"},
            "then": {"allow": False},
            "why": "We don't take this return online, because the order, product, serial number or account is on a list of ours.",
        },
    ),
    Template(
        "final_sale",
        _("Block a final sale"),
        {
            "id": "final_sale",
            "when": {"all": [_REMORSE, {"fact": "tags", "op": "contains", "value": "final_sale"}]},
            "then": {"allow": False},
            "why": "It was a final sale.",
        },
    ),
    Template(
        "opened_fee",
        _("A fee of 10 % for opened goods"),
        {
            "id": "opened_fee",
            "when": {"all": [_REMORSE, {"fact": "answers.opened", "op": "in", "value": ["opened", "used"]}]},
            "then": {"allow": True, "window": _WINDOW, "fee_percent": "10", "questions": ["opened"]},
            "why": "It was opened.",
        },
    ),
    Template(
        "vip_window",
        _("A longer window for a tag"),
        {
            "id": "vip_window",
            "when": {"all": [_REMORSE, {"fact": "tags", "op": "contains", "value": "vip"}]},
            "then": {"allow": True, "window": {"days": 60, "from": "delivery"}},
            "why": "It is within your return window.",
        },
    ),
    Template(
        "look_at_value",
        _("Two people look at a high value"),
        {
            "id": "look_at_value",
            "when": {"fact": "value", "op": ">=", "value": "1000.00"},
            "then": {"allow": True, "window": _WINDOW, "approval": "two"},
            "why": "Two people look at this return first.",
        },
    ),
    Template(
        "often_returns",
        _("A person looks at who often returns"),
        {
            "id": "often_returns",
            "when": {
                "all": [
                    {"fact": "orders", "op": ">=", "value": 5},
                    {"fact": "return_rate", "op": ">=", "value": 60},
                ]
            },
            "then": {"allow": True, "window": _WINDOW, "approval": "person"},
            "why": "A person looks at this return first.",
        },
    ),
    Template(
        "risky_photos",
        _("Photos where the risk asks for a look"),
        {
            "id": "risky_photos",
            "when": {"fact": "risk_band", "op": "in", "value": ["look", "hold"]},
            "then": {"allow": True, "window": _WINDOW, "photos": 2, "refund_on": "acceptance"},
            "why": "It is within the return window.",
        },
    ),
    Template(
        "credit_bonus",
        _("A bonus of 10 % on store credit"),
        {
            "id": "credit_bonus",
            "when": {"all": [_REMORSE, {"fact": "wanted", "op": "in", "value": ["credit", "exchange"]}]},
            "then": {"allow": True, "window": _WINDOW, "bonus_percent": "10"},
            "why": "It is within the return window.",
        },
    ),
    Template(
        "keep_cheap",
        _("Cheap faulty goods needn't come back"),
        {
            "id": "keep_cheap",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "==", "value": "fault"},
                    {"fact": "value", "op": "<=", "value": "15.00"},
                ]
            },
            "then": {"allow": True, "goods": "keep", "outcomes": ["refund", "credit"], "photos": 1},
            "why": "You needn't send it back.",
        },
    ),
    Template(
        "give_away_unworthy",
        _("Give away what isn't worth its freight"),
        {
            "id": "give_away_unworthy",
            "when": {
                "all": [
                    {"fact": "worth_shipping", "op": "==", "value": False},
                    {"fact": "holds_data", "op": "==", "value": False},
                    {"fact": "kept_before", "op": "<", "value": 3},
                ]
            },
            "then": {"allow": True, "goods": "donate", "outcomes": ["refund", "credit"], "photos": 1},
            "why": "You needn't send it back. Give it to somebody who can use it.",
        },
    ),
    Template(
        "nearest_site",
        _("Send it to the nearest site where the freight is dear"),
        {
            "id": "nearest_site",
            "when": {"fact": "freight", "op": ">=", "value": "10.00"},
            "then": {"allow": True, "window": _WINDOW, "hub": "nearest"},
            "why": "It is within the return window.",
        },
    ),
)

WORDS = Vocabulary(
    FACTS,
    ACTIONS,
    PARAMETERS,
    TEMPLATES,
    families={"answers.": Word(_("Answer to the question"), "text")},
    tables=(tables.SEASONS, tables.REGIONS, tables.SITES),
)
wording.register(policy.KIND, WORDS)
