"""What a visitor has said so far of a return that isn't announced yet; kept in the session, one draft for each order it began with."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.http import HttpRequest

from returns.services.opening import Recipient, Wish
from revlog.terms.models import Order

SESSION = "return"


@dataclass
class Draft:
    """``key`` names the form, so that one that is sent twice makes one return. ``others`` are orders that come back with it."""

    key: str
    others: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Line -> what was answered on the why page."""
    tried: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Line -> the reason for which something was tried first, the answers so far, and whether that is over (or fixed it)."""
    gift: dict[str, Any] = field(default_factory=dict)
    """Name and e-mail of who got it as a gift; empty for the buyer."""

    @property
    def is_whole(self) -> bool:
        return bool(self.lines) and all("reason" in self.told.get(line, {}) for line in self.lines)

    @property
    def recipient(self) -> Recipient | None:
        return Recipient(**self.gift) if self.gift else None

    def wishes(self) -> list[Wish]:
        return wishes(self.lines, self.told)


def wishes(chosen: Sequence[str], told: dict[str, dict[str, Any]]) -> list[Wish]:
    return [
        Wish(
            line=uuid.UUID(key),
            quantity=int(told[key]["quantity"]),
            reason=told[key]["reason"],
            wanted=told[key]["wanted"],
            note=told[key].get("note", ""),
            photos=tuple(told[key].get("photos", ())),
            answers=told[key].get("answers", {}),
            new_variant=uuid.UUID(told[key]["new_variant"]) if told[key].get("new_variant") else None,
        )
        for key in chosen
        if "reason" in told.get(key, {})
    ]


def of(request: HttpRequest, order: Order) -> Draft:
    kept = request.session.get(f"{SESSION}:{order.pk}") or {}
    known = {one.name for one in fields(Draft)}
    told = {name: value for name, value in kept.items() if name in known}
    return Draft(**({"key": str(uuid.uuid4())} | told))


def keep(request: HttpRequest, order: Order, draft: Draft) -> None:
    request.session[f"{SESSION}:{order.pk}"] = asdict(draft)


def drop(request: HttpRequest, order: Order) -> None:
    request.session.pop(f"{SESSION}:{order.pk}", None)
