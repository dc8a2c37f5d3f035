"""Takes a report out of what it was sent in: base64, a signed token (JWS), an envelope. Signatures are not checked here,
and the report says so: whoever needs them has the original bytes."""

from __future__ import annotations

import base64
import binascii
import json
import re

from triage.reports.edid import block
from triage.reports.normal import UnreadableReport
from triage.reports.sniff import Sniff

_DEEPEST_WRAPPING = 3
_TOKEN = re.compile(r"\s*([A-Za-z0-9_-]{8,})\.([A-Za-z0-9_-]{8,})\.([A-Za-z0-9_-]*)\s*", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-\s]{40,}(?:={1,2}\s*)?", re.ASCII)


def unwrap(sniff: Sniff) -> tuple[Sniff, tuple[str, ...]]:
    """The innermost report and a warning for each wrapping taken off. Raises UnreadableReport for a wrapping that is broken."""
    warnings: tuple[str, ...] = ()
    for _ in range(_DEEPEST_WRAPPING):
        inner, warning = _open(sniff)
        if inner is None:
            return sniff, warnings
        sniff, warnings = Sniff(inner), (*warnings, warning) if warning else warnings
    raise UnreadableReport("COMPRESSED", "The report is wrapped too many times.")


def _open(sniff: Sniff) -> tuple[bytes | None, str]:
    if sniff.data.startswith(block.HEADER):
        # The one binary kind: from here on it is the text that prints it.
        return sniff.data[: block.LARGEST].hex().encode(), ""
    text = sniff.text
    first = sniff.head[:1]
    if not first.isalnum() and first not in {"+", "/", '"'}:
        return None, ""
    if first == '"' and text.strip().endswith('"'):
        # A token that was stored as a JSON string.
        text = text.strip()[1:-1]
    if found := _TOKEN.fullmatch(text):
        header = _decode(found[1])
        if header is not None and _is_token_header(header):
            inner = _decode(found[2])
            if inner is None:
                raise UnreadableReport(
                    "BAD_ENCODING", "The signed report's body is not base64.", f"offset {found.start(2)}"
                )
            return inner, "The report came as a signed token; its signature was not checked."
    if block.IN_HEXADECIMAL.match(text.lstrip()):
        return None, ""
    if _BASE64.fullmatch(text) and (inner := _decode("".join(text.split()))) is not None and inner:
        return inner, "The report came base64-encoded."
    return None, ""


def _decode(text: str) -> bytes | None:
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_token_header(header: bytes) -> bool:
    try:
        value = json.loads(header)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "alg" in value
