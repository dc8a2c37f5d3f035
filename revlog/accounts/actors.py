"""Who acts: one shape for a person, an API key, a guest with a signed link, and the system itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import StrEnum


class ActorKind(StrEnum):
    USER = "user"
    KEY = "key"
    GUEST = "guest"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Handed to every verb as ``by=``. The ledger keeps ``reference`` alone, never a name.

    ``organization_id`` is whose person it is (None for guests and the system); ``is_operator`` says that this is the company that runs
    the install, whose staff see every owner's units at their hubs. ``hub_id`` is the site of the present session. ``permissions`` are the
    names of ``revlog/accounts/permissions.py``; the system has all of them. ``scope`` narrows a guest to the things of one signed link.
    ``works_for`` are the organizations whose customers a service provider's people may serve (``Engagement``); nobody else has any.
    """

    kind: ActorKind
    id: uuid.UUID | str
    organization_id: uuid.UUID | None = None
    is_operator: bool = False
    hub_id: uuid.UUID | None = None
    hubs: frozenset[uuid.UUID] = frozenset()
    permissions: frozenset[str] = frozenset()
    scope: frozenset[str] = frozenset()
    works_for: frozenset[uuid.UUID] = frozenset()
    name: str = field(default="", compare=False)

    @property
    def reference(self) -> str:
        """``user:<uuid>``, ``key:<uuid>``, ``guest:<digest>`` or ``system:<part>``: what an entry says of its author."""
        return f"{self.kind}:{self.id}"

    def may(self, permission: str) -> bool:
        return self.kind == ActorKind.SYSTEM or permission in self.permissions

    @property
    def stands_for(self) -> frozenset[uuid.UUID]:
        """The organizations in whose name it acts: its own, and those that its own works for."""
        return self.works_for if self.organization_id is None else self.works_for | {self.organization_id}

    @property
    def person_id(self) -> uuid.UUID | None:
        """The user behind it, where there is one; separations compare these."""
        return self.id if self.kind == ActorKind.USER and isinstance(self.id, uuid.UUID) else None


def system(part: str = "revlog") -> Actor:
    """The platform itself, acting for a rule or a reaction: ``part`` names which."""
    return Actor(kind=ActorKind.SYSTEM, id=part, is_operator=True, name=part)
