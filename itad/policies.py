"""Which level a medium needs: named policies, versioned, one of which every owner has, by their own choice or by the house's.

A policy never changes; another version is another policy. The choice is a row (`models.PolicyChoice`) with who, when and why, and its
sentence is printed on the certificate: a reader must see what was asked for, beside what was reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from itad.levels import Level


@dataclass(frozen=True)
class Policy:
    """``levels`` maps kinds of media to the level they need; ``*`` is every other kind."""

    code: str
    version: int
    label: str | Promise
    sentence: str | Promise
    levels: Mapping[str, Level]

    @property
    def name(self) -> str:
        return f"{self.code}/{self.version}"

    def level_for(self, kind: str) -> Level:
        """The least that a medium of ``kind`` needs under this policy."""
        return self.levels.get(kind, self.levels["*"])


CLEAR_IS_ENOUGH = Policy(
    "clear-is-enough",
    1,
    _("Clear is enough"),
    _("Clear is enough for every medium; what can't be cleared is destroyed."),
    {"*": Level.CLEAR, "optical": Level.DESTROY, "tape": Level.DESTROY},
)
PURGE = Policy(
    "purge-before-reuse",
    1,
    _("Purge before reuse"),
    _("Every medium that is used again is purged; an overwrite alone does not do. What can't be purged is destroyed."),
    {"*": Level.PURGE, "optical": Level.DESTROY, "usb": Level.DESTROY},
)
DESTROY = Policy(
    "destroy-all-media",
    1,
    _("Destroy all media"),
    _("Every medium is destroyed; none is used again."),
    {"*": Level.DESTROY},
)
POLICIES: Mapping[str, Policy] = {policy.name: policy for policy in (CLEAR_IS_ENOUGH, PURGE, DESTROY)}
HOUSE = CLEAR_IS_ENOUGH
"""What holds for an owner who chose nothing; printed as the issuer's own policy, not as the owner's wish."""
