"""How a unit's state looks and is called: one table for every page, chart, label and document.

A *look* is what the eye tells apart: eight of them, each a word, an icon and a colour, so that no one has to rely on
colour alone. A *state* is what the ledger says (`Device.state`, twenty of them); several states share a look, each has
its own words. Colours are names of tokens in `static/css/tokens.css` (``--look-<name>-ink``, ``-tint``, ``-solid``) and
icons are names of `assets.toml`; neither is ever spelled out on a page.

Readers differ in their words, not in the picture: the floor says *wipe*, a shopper reads *we need to look closer*, an
auditor reads *certificate of sanitization*. Hence every word is asked for with its audience.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from revlog.common import words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class UnknownState(LookupError):
    """A state that this table does not hold: a page would otherwise show a raw code."""


class Audience(StrEnum):
    """Who reads a badge. Sentences know one staff (`revlog.common.words`); on badges floor and office differ.

    The value is what templates pass; ``staff`` is read as the office.
    """

    FLOOR = "floor"
    OFFICE = "office"
    CUSTOMER = "customer"
    CLIENT = "client"
    AUDITOR = "auditor"


class Look(StrEnum):
    """The eight looks, in the order in which a unit usually passes them."""

    COMING = "coming"
    HERE = "here"
    DATA = "data"
    WORK = "work"
    READY = "ready"
    LEAVING = "leaving"
    DONE = "done"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Words:
    """One meaning in the words of each audience."""

    floor: StrOrPromise
    office: StrOrPromise
    customer: StrOrPromise
    client: StrOrPromise
    auditor: StrOrPromise

    def to(self, audience: str) -> StrOrPromise:
        """The words for ``audience`` (a value of `Audience`); an unknown one is a ValueError."""
        match Audience.OFFICE if audience == words.Audience.STAFF else Audience(audience):
            case Audience.FLOOR:
                return self.floor
            case Audience.OFFICE:
                return self.office
            case Audience.CUSTOMER:
                return self.customer
            case Audience.CLIENT:
                return self.client
            case Audience.AUDITOR:
                return self.auditor


@dataclass(frozen=True, slots=True)
class Appearance:
    """A look with its picture: ``icon`` names a symbol of the sprite, ``color`` a family of tokens."""

    look: Look
    icon: str
    color: str
    words: Words


LOOKS: Mapping[Look, Appearance] = {
    Look.COMING: Appearance(
        Look.COMING,
        "arrow-bar-to-right",
        "slate",
        Words(_("Coming"), _("Coming"), _("On its way to us"), _("On its way"), _("Announced")),
    ),
    Look.HERE: Appearance(
        Look.HERE, "box", "blue", Words(_("Here"), _("Here"), _("With us"), _("At our site"), _("In custody"))
    ),
    Look.DATA: Appearance(
        Look.DATA,
        "lock",
        "violet",
        Words(_("Data"), _("Data"), _("Data being removed"), _("Data to remove"), _("Awaiting sanitization")),
    ),
    Look.WORK: Appearance(
        Look.WORK,
        "tool",
        "amber",
        Words(_("Bench"), _("In work"), _("Being worked on"), _("In work"), _("In processing")),
    ),
    Look.READY: Appearance(
        Look.READY,
        "tag",
        "teal",
        Words(_("Ready"), _("Ready"), _("Checked"), _("Ready for reuse"), _("Cleared for reuse")),
    ),
    Look.LEAVING: Appearance(
        Look.LEAVING,
        "truck",
        "indigo",
        Words(_("Going out"), _("Leaving"), _("Leaving us"), _("Leaving our site"), _("Awaiting departure")),
    ),
    Look.DONE: Appearance(
        Look.DONE, "check", "green", Words(_("Done"), _("Done"), _("Done"), _("Done"), _("Journey ended"))
    ),
    # Losses share the red hand: shown as *done* they would pass for success in every chart.
    Look.HELD: Appearance(
        Look.HELD,
        "hand-stop",
        "red",
        Words(_("Hold shelf"), _("Held or lost"), _("We need to look closer"), _("On hold"), _("Held or lost")),
    ),
}

LOOK_OF_STATE: Mapping[str, Look] = {
    "EXPECTED": Look.COMING,
    "RECEIVED": Look.HERE,
    "IN_TRIAGE": Look.HERE,
    "TO_SANITIZE": Look.DATA,
    "TO_DESTROY": Look.DATA,
    "TO_REFURBISH": Look.WORK,
    "TO_HARVEST": Look.WORK,
    "TO_SELL": Look.READY,
    "TO_RESTOCK": Look.READY,
    "TO_DONATE": Look.READY,
    "TO_RETURN": Look.LEAVING,
    "TO_DEPLOY": Look.LEAVING,
    "TO_RECYCLE": Look.LEAVING,
    "DEPLOYED": Look.DONE,
    "SOLD": Look.DONE,
    "RESTOCKED": Look.DONE,
    "DONATED": Look.DONE,
    "RETURNED": Look.DONE,
    "RECYCLED": Look.DONE,
    "NOT_RECEIVED": Look.HELD,
    "WRITTEN_OFF": Look.HELD,
}

STATE_WORDS: Mapping[str, Words] = {
    "EXPECTED": Words(
        _("Coming"), _("Expected"), _("We're expecting it"), _("Expected at our site"), _("Announced, not received")
    ),
    "RECEIVED": Words(_("Received"), _("Received"), _("It has arrived"), _("Received"), _("Received into custody")),
    "IN_TRIAGE": Words(
        _("To check"), _("In triage"), _("We're checking it"), _("Being inspected"), _("Under inspection")
    ),
    "TO_SANITIZE": Words(
        _("To wipe"),
        _("To sanitize"),
        _("We're removing your data"),
        _("Waiting for data removal"),
        _("Awaiting sanitization"),
    ),
    "TO_DESTROY": Words(
        _("To shred"),
        _("To destroy"),
        _("We're destroying the data"),
        _("Waiting for destruction"),
        _("Awaiting destruction"),
    ),
    "TO_REFURBISH": Words(
        _("To bench"), _("To refurbish"), _("We're repairing it"), _("Waiting for repair"), _("Awaiting refurbishment")
    ),
    "TO_HARVEST": Words(
        _("To strip"),
        _("To harvest"),
        _("Its parts get a new use"),
        _("Waiting for parts recovery"),
        _("Awaiting parts harvest"),
    ),
    "TO_SELL": Words(
        _("To sell"), _("To sell"), _("It's ready for its next owner"), _("Ready for resale"), _("Cleared for resale")
    ),
    "TO_RESTOCK": Words(
        _("To stock"),
        _("To restock"),
        _("It goes back to the shop"),
        _("Going back to stock"),
        _("Cleared for restocking"),
    ),
    "TO_DONATE": Words(
        _("To donate"),
        _("To donate"),
        _("It's ready to be donated"),
        _("Ready for donation"),
        _("Cleared for donation"),
    ),
    "TO_RETURN": Words(
        _("To send back"),
        _("To return"),
        _("It's about to be sent back"),
        _("Going back to its owner"),
        _("Awaiting return to owner"),
    ),
    "TO_DEPLOY": Words(
        _("To deploy"),
        _("To deploy"),
        _("It's about to be sent out"),
        _("Ready for deployment"),
        _("Awaiting deployment"),
    ),
    "TO_RECYCLE": Words(
        _("To recycle"), _("To recycle"), _("It will be recycled"), _("Waiting for recycling"), _("Awaiting recycling")
    ),
    "DEPLOYED": Words(_("Deployed"), _("Deployed"), _("In use"), _("In use at the site"), _("Deployed under contract")),
    "SOLD": Words(_("Sold"), _("Sold"), _("It has a new owner"), _("Sold"), _("Sold")),
    "RESTOCKED": Words(_("In stock"), _("Restocked"), _("Back in the shop"), _("Back in stock"), _("Restocked")),
    "DONATED": Words(_("Donated"), _("Donated"), _("Donated"), _("Donated"), _("Donated")),
    "RETURNED": Words(
        _("Sent back"), _("Returned"), _("Sent back to you"), _("Returned to its owner"), _("Returned to owner")
    ),
    "RECYCLED": Words(_("Recycled"), _("Recycled"), _("Recycled"), _("Recycled"), _("Recycled")),
    "NOT_RECEIVED": Words(
        _("Never came"), _("Not received"), _("It didn't reach us"), _("Didn't reach us"), _("Not received")
    ),
    "WRITTEN_OFF": Words(_("Written off"), _("Written off"), _("Closed"), _("Written off"), _("Written off")),
}

HELD_WORDS = Words(
    _("On hold"), _("On hold"), _("We need to look closer"), _("On hold, we'll be in touch"), _("Under hold")
)

# The face of a thing without a picture. Keys are the catalog's kinds of products.
KIND_ICONS: Mapping[str, str] = {
    "laptop": "device-laptop",
    "desktop": "device-desktop",
    "all_in_one": "device-imac",
    "server": "server",
    "tablet": "device-tablet",
    "phone": "device-mobile",
    "monitor": "device-tv",
    "printer": "printer",
    "storage": "device-floppy",
    "network": "router",
    "medical": "heart-rate-monitor",
    "camera": "camera",
    "wearable": "device-watch",
    "console": "device-gamepad-2",
    "audio": "headphones",
    "battery": "battery-2",
    "cable": "plug",
    "accessory": "plug",
    "component": "cpu",
    "part": "puzzle",
    "appliance": "fridge",
    "textile": "shirt",
    "mixed": "packages",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """What a page shows of a state: ``look`` names the colour, ``word`` is for the asked audience."""

    look: Look
    icon: str
    word: StrOrPromise


def look_of(state: str, *, held: bool = False) -> Look:
    """The look of ``state``. A hold outweighs the state, as it is what stops the hand, but never an ended journey."""
    try:
        look = LOOK_OF_STATE[state]
    except KeyError:
        raise UnknownState(f"revlog/common/looks.py has no look for the state {state!r}.") from None
    return Look.HELD if held and look is not Look.DONE else look


def badge(state: str, audience: str = Audience.OFFICE, *, held: bool = False) -> Badge:
    """The state in the reader's words, with its icon. Raises UnknownState rather than showing a code."""
    look = look_of(state, held=held)
    stopped = look is Look.HELD and LOOK_OF_STATE[state] is not Look.HELD
    called = HELD_WORDS if stopped else STATE_WORDS[state]
    return Badge(look, LOOKS[look].icon, called.to(audience))


def legend(audience: str = Audience.OFFICE) -> list[Badge]:
    """The eight looks in order, for the legend under charts and lists."""
    return [Badge(look, appearance.icon, appearance.words.to(audience)) for look, appearance in LOOKS.items()]


def kind_icon(kind: str) -> str:
    """The icon for a kind of product, a plain box for one that has none of its own."""
    return KIND_ICONS.get(kind.lower(), "box")
