"""How a unit's state looks and is called: one table for every page, chart, label and document.

A *look* is what the eye tells apart: eight of them, each a word, an icon and a colour, so that no one has to rely on
colour alone. A *state* is what the ledger says (`Device.state`); several states share a look, each has its own words, the
same on badges and in sentences (`devices/words.py` passes them on to `words`; docs/glossary.md lists them). Colours are names
of tokens in `static/css/tokens.css` (``--look-<name>-ink``, ``-tint``, ``-solid``) and icons are names of `assets.toml`;
neither is ever spelled out on a page.

Readers differ in their words, not in the picture: the floor says *wipe*, a shopper reads *we need to look closer*, an
auditor reads *certificate of sanitization*. Hence every word is asked for with its audience.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from revlog.common import words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class UnknownState(LookupError):
    """A state that this table does not hold: a page would otherwise show a raw code."""


class Audience(StrEnum):
    """Who reads a badge. Sentences know one staff (`revlog.common.words`); the looks' own words differ between floor and office.

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
class State:
    """A state's look and what its readers call it, in words that stand after "it is"; a badge gives them their capital."""

    look: Look
    staff: StrOrPromise
    customer: StrOrPromise
    client: StrOrPromise
    auditor: StrOrPromise

    def to(self, audience: str) -> StrOrPromise:
        """The words for ``audience`` (a value of `Audience`); the floor and the office are one staff here."""
        match audience:
            case words.Audience.STAFF | Audience.FLOOR | Audience.OFFICE:
                return self.staff
            case Audience.CUSTOMER:
                return self.customer
            case Audience.CLIENT:
                return self.client
            case Audience.AUDITOR:
                return self.auditor
        raise ValueError(f"{audience!r} is no audience.")


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

STATES: Mapping[str, State] = {
    "EXPECTED": State(Look.COMING, _("on its way"), _("on its way to us"), _("announced"), _("announced")),
    "RECEIVED": State(Look.HERE, _("received"), _("with us"), _("received"), _("received into custody")),
    "IN_TRIAGE": State(Look.HERE, _("in triage"), _("being checked"), _("being inspected"), _("under inspection")),
    "TO_SANITIZE": State(
        Look.DATA,
        _("waiting for wipe"),
        _("being cleared of its data"),
        _("waiting for sanitization"),
        _("awaiting sanitization"),
    ),
    "TO_DESTROY": State(
        Look.DATA,
        _("waiting for destruction"),
        _("being cleared of its data"),
        _("waiting for destruction"),
        _("awaiting destruction"),
    ),
    "TO_REFURBISH": State(
        Look.WORK, _("waiting for the bench"), _("being repaired"), _("in refurbishment"), _("awaiting refurbishment")
    ),
    "TO_HARVEST": State(
        Look.WORK,
        _("waiting for harvest"),
        _("going to be reused in parts"),
        _("being taken apart"),
        _("awaiting harvest of parts"),
    ),
    "TO_SELL": State(
        Look.READY, _("for sale"), _("ready for its next owner"), _("ready for resale"), _("cleared for resale")
    ),
    "TO_RESTOCK": State(
        Look.READY,
        _("waiting for restock"),
        _("going back to the shop"),
        _("going back to stock"),
        _("cleared for restocking"),
    ),
    "TO_DONATE": State(
        Look.READY, _("for donation"), _("ready to be donated"), _("ready for donation"), _("cleared for donation")
    ),
    "TO_RETURN": State(
        Look.LEAVING,
        _("to be sent back"),
        _("about to be sent back to you"),
        _("about to be sent back"),
        _("awaiting return to its owner"),
    ),
    "TO_DEPLOY": State(
        Look.LEAVING,
        _("to be deployed"),
        _("about to be sent out"),
        _("ready for deployment"),
        _("awaiting deployment"),
    ),
    "TO_RECYCLE": State(
        Look.LEAVING,
        _("waiting for recycling"),
        _("going to be recycled"),
        _("waiting for recycling"),
        _("awaiting recycling"),
    ),
    "DEPLOYED": State(Look.DONE, _("deployed"), _("in use"), _("in use"), _("deployed under contract")),
    "SOLD": State(Look.DONE, _("sold"), _("with its next owner"), _("sold"), _("sold")),
    "RESTOCKED": State(Look.DONE, _("restocked"), _("back in the shop"), _("back in stock"), _("restocked")),
    "DONATED": State(Look.DONE, _("donated"), _("donated"), _("donated"), _("donated")),
    "RETURNED": State(Look.DONE, _("sent back"), _("sent back to you"), _("sent back"), _("returned to its owner")),
    "RECYCLED": State(Look.DONE, _("recycled"), _("recycled"), _("recycled"), _("recycled")),
    "NOT_RECEIVED": State(Look.HELD, _("never arrived"), _("not received"), _("not received"), _("not received")),
    "WRITTEN_OFF": State(Look.HELD, _("written off"), _("closed"), _("written off"), _("written off")),
}

# A hold is no state, yet it takes the state's place on a badge.
HELD = State(Look.HELD, _("on hold"), _("we need to look closer"), _("on hold"), _("under hold"))

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
    word: str


def look_of(state: str, *, held: bool = False) -> Look:
    """The look of ``state``. A hold outweighs the state, as it is what stops the hand, but never an ended journey."""
    return _shown(state, held=held).look


def badge(state: str, audience: str = Audience.OFFICE, *, held: bool = False) -> Badge:
    """The state in the reader's words, with its icon. Raises UnknownState rather than showing a code."""
    row = _shown(state, held=held)
    return Badge(row.look, LOOKS[row.look].icon, capfirst(str(row.to(audience))))


def _shown(state: str, *, held: bool) -> State:
    try:
        row = STATES[state]
    except KeyError:
        raise UnknownState(f"revlog/common/looks.py has no look for the state {state!r}.") from None
    return HELD if held and row.look not in {Look.DONE, Look.HELD} else row


def legend(audience: str = Audience.OFFICE) -> list[Badge]:
    """The eight looks in order, for the legend under charts and lists."""
    return [Badge(look, appearance.icon, str(appearance.words.to(audience))) for look, appearance in LOOKS.items()]


def kind_icon(kind: str) -> str:
    """The icon for a kind of product, a plain box for one that has none of its own."""
    return KIND_ICONS.get(kind.lower(), "box")
