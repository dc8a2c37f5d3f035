"""Reading what is sent: strict JSON, within limits, refused with a place instead of failing later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from typing_extensions import override

MOST_BYTES = 2 * 1024 * 1024
"""Of a JSON body; a view that takes tables says ``most_bytes`` itself."""
MOST_LEVELS = 32
DEEP = gettext_lazy("This is nested more than %(most)s levels deep.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(_("The field %(name)s is told twice.") % {"name": repr(twice[:60])}, code="unreadable")
    return found


def _no_such_number(text: str) -> float:
    raise ParseError(_("JSON has no number %(text)s.") % {"text": text}, code="unreadable")


def _too_deep(value: Any) -> bool:  # noqa: ANN401 - any JSON
    layer = [value]
    for _level in range(MOST_LEVELS + 1):
        layer = [
            part
            for each in layer
            if isinstance(each, dict | list)
            for part in (each.values() if isinstance(each, dict) else each)
            if isinstance(part, dict | list)
        ]
        if not layer:
            return False
    return True


class StrictJson(BaseParser):
    """UTF-8 JSON without NaN, without a field told twice, at most 32 levels deep. Raises ParseError with line and column."""

    media_type = "application/json"

    @override
    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        view = (parser_context or {}).get("view")
        most = int(getattr(view, "most_bytes", MOST_BYTES))
        data: bytes = stream.read(most + 1)
        if len(data) > most:
            raise RequestDataTooBig
        try:
            text = data.decode("utf-8")
            found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_such_number)
        except UnicodeDecodeError as error:
            raise ParseError(
                _("JSON is UTF-8, and this isn't, at byte %(place)s.") % {"place": error.start}, code="unreadable"
            ) from error
        except json.JSONDecodeError as error:
            raise ParseError(
                _("This is no JSON: %(what)s (line %(line)s, column %(column)s).")
                % {"what": error.msg, "line": error.lineno, "column": error.colno},
                code="unreadable",
            ) from error
        except RecursionError as error:
            raise ParseError(DEEP % {"most": MOST_LEVELS}, code="unreadable") from error
        except ValueError as error:
            raise ParseError(_("This JSON can't be read: %(what)s") % {"what": error}, code="unreadable") from error
        # Fewer brackets than levels is the everyday case and needs no walk.
        if data.count(b"[") + data.count(b"{") > MOST_LEVELS and _too_deep(found):
            raise ParseError(DEEP % {"most": MOST_LEVELS}, code="unreadable")
        return found
