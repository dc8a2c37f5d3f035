"""What can be said of a container. Each act is one entry; ``root`` is the Merkle root (RFC 6962) over what the act covered: the last digest
of each unit's chain, in the order of the units' ids."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class ContainerMade(Fact, kind="storage.container_made", staff=_("Container {container} set up at {hub!h}.")):
    container: str
    kind_of_container: str
    hub: str
    label: str | None = None


class ContainerMoved(
    Fact,
    kind="storage.container_moved",
    staff=_("Moved to {place} with {units:unit|units} in it[, from {before}]."),
):
    container: str
    place: str
    hub: str
    before: str | None = None
    units: int
    containers: int
    root: str


class ContainerFilled(Fact, kind="storage.container_filled", staff=_("{units:unit|units} put in; {inside} are in it.")):
    container: str
    units: int
    inside: int
    root: str


class ContainerTakenFrom(
    Fact, kind="storage.container_taken_from", staff=_("{units:unit|units} taken out[ to {place}]; {inside} are left.")
):
    container: str
    units: int
    inside: int
    place: str | None = None
    root: str


class ContainerClosed(Fact, kind="storage.container_closed", staff=_("Closed with {units:unit|units} in it.")):
    container: str
    units: int
    root: str


class ContainerOpened(Fact, kind="storage.container_opened", staff=_("Opened.")):
    container: str


class SealPut(Fact, kind="storage.seal_put", staff=_("Seal {seal} put on, with {units:unit|units} inside.")):
    container: str
    seal: str
    units: int
    root: str


class SealChecked(Fact, kind="storage.seal_checked", staff=_("Seal {seal} looked at: whole.")):
    container: str
    seal: str


class SealBroken(Fact, kind="storage.seal_broken", staff=_("Seal {seal} broken: {reason}.")):
    container: str
    seal: str
    reason: str
    found: bool


class ContainerWeighed(
    Fact, kind="storage.container_weighed", staff=_("Weighed: {gross!k} with what is in it[, {tare!k} empty].")
):
    container: str
    gross: str
    tare: str | None = None


class ContainerRetired(Fact, kind="storage.container_retired", staff=_("Taken out of use: {reason}.")):
    container: str
    reason: str
