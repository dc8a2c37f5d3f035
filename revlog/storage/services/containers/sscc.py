"""Serial shipping container codes of our own: what carriers and receivers scan on a pallet, whoever it belongs to."""

from __future__ import annotations

from django.conf import settings

from revlog.common import ids
from revlog.labels.symbols import code128
from revlog.storage.models import Container, ContainerKind

TRAVEL = frozenset({ContainerKind.PALLET, ContainerKind.CAGE, ContainerKind.GAYLORD, ContainerKind.BOX})
LENGTH = 18
"""Extension digit, company prefix, serial reference, check digit."""


def fresh(count: int) -> list[str]:
    """So many SSCCs that no container has, or had; none without a company prefix. The unique label guards against two at once.

    Containers keep their label for good, so no number comes back within the year that GS1 asks for.
    """
    prefix = settings.GS1_PREFIX
    if not (prefix.isdecimal() and prefix.isascii() and 7 <= len(prefix) <= 10):
        return []
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = {_whole(prefix) for _one in range(count - len(found))}
        used = set(Container.objects.filter(label__in=drawn).values_list("label", flat=True))
        found |= dict.fromkeys(sorted(drawn - used - found.keys()))
    return list(found)


def _whole(prefix: str) -> str:
    body = ids.digits(1) + prefix + ids.digits(LENGTH - 2 - len(prefix))
    return f"{body}{code128.check_digit(body)}"
