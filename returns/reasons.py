"""Why things come back: the customer's reason, and the one that inspection confirms. Groups are what rules and figures speak of."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GROUPS: Mapping[str, Mapping[str, Promise]] = {
    "remorse": {
        "CHANGED_MIND": _("Changed my mind"),
        "BETTER_PRICE": _("Found a better price"),
        "NO_LONGER_NEEDED": _("Don't need it any more"),
        "DUPLICATE": _("Bought it twice"),
        "GIFT": _("It was a gift"),
    },
    "mismatch": {
        "WRONG_ITEM": _("Not what I ordered"),
        "NOT_AS_DESCRIBED": _("Not as described"),
        "WRONG_GRADE": _("In worse condition than sold"),
        "MISSING_PARTS": _("Something is missing"),
        "INCOMPATIBLE": _("Doesn't work with my other things"),
        "SIZE": _("Wrong size"),
    },
    "fulfilment": {
        "LATE": _("Came too late"),
        "DAMAGED_TRANSIT": _("Damaged on the way"),
        "UNDELIVERABLE": _("Could not be delivered"),
        "REFUSED": _("Refused at the door"),
        "NEVER_ARRIVED": _("Never arrived"),
        "MISSING_ITEM": _("Wasn't in the parcel"),
    },
    "fault": {
        "DOA": _("Never worked"),
        "POWER": _("Doesn't turn on or charge"),
        "BATTERY": _("Battery doesn't last"),
        "DISPLAY": _("Something with the screen"),
        "AUDIO": _("Something with the sound"),
        "CAMERA": _("Something with the camera"),
        "CONNECTIVITY": _("Loses Wi-Fi, Bluetooth or the network"),
        "STORAGE": _("Storage fails"),
        "KEYBOARD": _("Something with the keyboard or buttons"),
        "PORT": _("A socket is broken"),
        "OVERHEAT": _("Gets too hot"),
        "SOFTWARE": _("Crashes or won't update"),
        "INTERMITTENT": _("Fails now and then"),
        "DEFECTIVE": _("Defective, no more was said"),
    },
    "safety": {
        "SWOLLEN_BATTERY": _("Battery is swollen"),
        "BURN": _("It smoked, burned or gave a shock"),
        "RECALL": _("The maker recalls it"),
    },
    "commercial": {
        "STOCK_ROTATION": _("Stock rotation"),
        "EXPIRED": _("Past its date"),
        "END_OF_LEASE": _("End of lease"),
        "TRADE_IN": _("Trade-in"),
        "EOL_DISPOSAL": _("End of life"),
        "CORE": _("Core of a swap"),
    },
    "confirmed": {
        "NFF": _("No fault found"),
        "CUSTOMER_DAMAGE": _("Damaged by the customer"),
        "LIQUID": _("Liquid damage"),
        "COUNTERFEIT": _("Counterfeit"),
        "SWAPPED": _("Another thing than was sold"),
        "EMPTY_BOX": _("Empty box"),
        "LOCKED": _("Locked to an account"),
        "OUT_OF_WARRANTY": _("Out of warranty"),
    },
    "unstated": {"NOT_STATED": _("No reason was given")},
}
GROUP_WORDS: Mapping[str, Promise] = {
    "remorse": _("I don't want it"),
    "mismatch": _("It isn't right"),
    "fulfilment": _("The delivery"),
    "fault": _("It doesn't work"),
    "safety": _("It isn't safe"),
    "commercial": _("Commercial"),
    "confirmed": _("Found by us"),
    "unstated": _("Not stated"),
}
CODES: Mapping[str, Promise] = {code: words for group in GROUPS.values() for code, words in group.items()}
CHOICES = list(CODES.items())
NAMES = list(CODES)
_BY_CODE = {code: group for group, codes in GROUPS.items() for code in codes}
ASKED = ("remorse", "mismatch", "fulfilment", "fault", "safety")
"""The groups a shopper is asked about."""
NOT_ASKED = frozenset({"UNDELIVERABLE", "REFUSED", "DEFECTIVE"})
CLAIMS = frozenset({"WRONG_ITEM", "MISSING_PARTS", "DAMAGED_TRANSIT", "NEVER_ARRIVED", "MISSING_ITEM"})
"""By these the customer says that the delivery was at fault: a claim, and not a return."""
NOT_HERE = frozenset({"NEVER_ARRIVED", "MISSING_ITEM"})
"""Of these the customer has nothing that could come back."""
MAY_BURN = frozenset({"SWOLLEN_BATTERY", "BURN"})
"""Of these the thing itself is a danger: its customer is told at once what to do, and a person says how it travels."""
NOT_STATED = "NOT_STATED"
"""Of returns that were settled before they came to us: a credit note seldom says why."""
_ONLY_FOR: Mapping[str, frozenset[str]] = {
    "SIZE": frozenset({"apparel"}),
    "CAMERA": frozenset({"phone", "tablet", "laptop"}),
    "KEYBOARD": frozenset({"laptop", "desktop", "phone", "tablet", "accessory", "other"}),
    "STORAGE": frozenset({"laptop", "desktop", "server", "phone", "tablet", "storage", "network", "other"}),
}
_WITHOUT_POWER = frozenset({"apparel", "materials"})


def group(code: str) -> str:
    """The group of a reason. Raises KeyError for a code that isn't one."""
    return _BY_CODE[code]


def groups_asked(device_class: str) -> dict[str, list[tuple[str, Promise]]]:
    """What a shopper may answer for a thing of this class: groups with their reasons, those that can't be left out."""
    found = {}
    for name in ASKED:
        if name in {"fault", "safety"} and device_class in _WITHOUT_POWER:
            continue
        codes = [
            (code, words)
            for code, words in GROUPS[name].items()
            if code not in NOT_ASKED and device_class in _ONLY_FOR.get(code, {device_class})
        ]
        found[name] = codes
    return found


def asked(device_class: str) -> list[tuple[Promise, list[tuple[str, Promise]]]]:
    """The same with the words of the groups, as a list of choices shows them."""
    return [(GROUP_WORDS[name], codes) for name, codes in groups_asked(device_class).items()]


def may_ask(code: str, device_class: str) -> bool:
    return any(code == one for _words, codes in asked(device_class) for one, _ in codes)
