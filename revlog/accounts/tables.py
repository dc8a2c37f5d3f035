"""The tables of `docs/access.md`, made from the code, so that the page can't tell another story."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from django.conf import settings
from django.utils import translation

from revlog.accounts import access, permissions
from revlog.accounts.access import Level
from revlog.accounts.models import Role
from revlog.accounts.separations import SEPARATIONS

PAGE = Path(settings.ROOT) / "docs" / "access.md"
_SECTION = re.compile(r"(<!-- table: (?P<name>\w+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    lines += [f"| {' | '.join(str(cell).replace('|', '&#124;') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def levels() -> str:
    return _table(["level", "who comes in"], ((f"`{level.name}`", access.LEVEL_SENTENCES[level]) for level in Level))


def roles() -> str:
    def side(role: Role) -> str:
        if role in permissions.EITHER_ROLES:
            return "either"
        return "outside" if role in permissions.OUTSIDE_ROLES else "operator"

    return _table(
        ["role", "side", "permissions"],
        (
            (f"`{role}`", side(role), _codes(name for name in permissions.PERMISSIONS if name in held))
            for role, held in permissions.ROLES.items()
        ),
    )


def rights() -> str:
    return _table(
        ["permission", "the right to", "at a station"],
        (
            (f"`{name}`", words, "no" if name in permissions.NEVER_AT_A_STATION else "yes")
            for name, words in permissions.PERMISSIONS.items()
        ),
    )


def scopes() -> str:
    return _table(
        ["scope", "the right to", "permissions", "for"],
        (
            (
                f"`{name}`",
                permissions.sentence(name),
                _codes(sorted(held)),
                "the operator" if name in permissions.OPERATOR_SCOPES else "everybody",
            )
            for name, held in permissions.SCOPES.items()
        ),
    )


def separations() -> str:
    return _table(
        ["separation", "who", "may not", "permission that doesn't help"],
        ((f"`{name}`", f"whoever {rule.doer}", rule.act, f"`{rule.permission}`") for name, rule in SEPARATIONS.items()),
    )


def routes() -> str:
    def who(names: tuple[str, ...]) -> str:
        return " or ".join(
            f"`{name}`" if name in permissions.PERMISSIONS or name in permissions.SCOPES else str(name)
            for name in names
        )

    lines = []
    for route in access.routes():
        found = route.row
        if found is None:
            lines.append((f"`{route.name}`", f"`/{_readable(route.path)}`", "**no row: refused**", ""))
        else:
            lines.append(
                (
                    f"`{route.name}`",
                    f"`/{_readable(route.path)}`",
                    who(found.read),
                    who(found.write) if found.write != found.read else "",
                )
            )
    return _table(["route", "address", "who may look", "who may act, if others"], lines)


def _readable(path: str) -> str:
    return (
        re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", path)
        .replace("^", "")
        .replace("$", "")
        .replace("\\Z", "")
        .replace("\\", "")
    )


TABLES: Mapping[str, Callable[[], str]] = {
    "levels": levels,
    "roles": roles,
    "rights": rights,
    "scopes": scopes,
    "separations": separations,
    "routes": routes,
}


def rendered(text: str) -> str:
    """``text`` with each marked table made anew; a mark that names no table is a KeyError."""
    with translation.override("en"):
        return _SECTION.sub(lambda match: f"{match[1]}{TABLES[match['name']]()}{match[4]}", text)
