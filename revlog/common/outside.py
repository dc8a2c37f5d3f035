"""Asking a service outside that answers in JSON over HTTP: what counts as not reached, and how much of an answer is read."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from typing import Any


class Unreachable(OSError):
    """The service wasn't reached, was too busy, or said something unreadable: whoever asked comes again later."""


Refusal = Callable[[int, dict[str, Any]], Exception | None]
"""From the status and the ``error`` of an answer: what it means when it is a no for good, else None."""


def ask(
    service: str,
    request: urllib.request.Request,
    *,
    user: str,
    seconds: float,
    most_bytes: int,
    refusal: Refusal,
) -> dict[str, Any]:
    """The object that ``service`` answers to ``user`` (HTTP Basic, without a password). Raises what ``refusal`` gives, or Unreachable."""
    request.add_header("Authorization", "Basic " + b64encode(f"{user}:".encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 - the address is the operator's setting
            return _object(service, answer.read(most_bytes))
    except urllib.error.HTTPError as error:
        told = _error(error, most_bytes)
        found = refusal(error.code, told)
        raise (found or Unreachable(f"{service} answered {error.code}: {told.get('message', '')}".strip())) from error
    except (TimeoutError, http.client.HTTPException, urllib.error.URLError, ConnectionError) as error:
        raise Unreachable(f"{service} can't be reached: {error}") from error


def _object(service: str, body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise Unreachable(f"{service} answered something that is no JSON.") from error
    if not isinstance(found, dict):
        raise Unreachable(f"{service} answered something that is no object.")
    return found


def _error(error: urllib.error.HTTPError, most_bytes: int) -> dict[str, Any]:
    try:
        told = json.loads(error.read(most_bytes)).get("error", {})
    except (ValueError, AttributeError, OSError, http.client.HTTPException):
        return {}
    return told if isinstance(told, dict) else {"message": told}
