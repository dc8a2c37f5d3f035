"""The digest of an entry: what binds it to its content, its place, its chain and all entries before it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring as _quote
from typing import Any, Final

from revlog.custody import canonical

FORMAT: Final = "revlog.custody/1"
"""Names the recipe inside the recipe: a digest of another format can never be taken for one of this."""
FIRST_PREVIOUS: Final = "0" * 64
"""What the first entry of a chain cites as the digest before it."""

_CHAIN = re.compile(r"[a-z][a-z0-9_]*:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_KIND = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+").fullmatch
_DIGEST = re.compile(r"[0-9a-f]{64}").fullmatch


class UnableToDigest(ValueError):
    """An entry whose parts are not of the form that the recipe needs; one sentence."""


def utc_text(at: datetime) -> str:
    """Write a moment as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``, converted to UTC first.

    The same moment gives the same text whatever zone it came in; without that, a time stored in one zone and read
    back in another would break the chain by itself. Raises UnableToDigest for a time without a zone.
    """
    if at.tzinfo is not UTC:
        if at.utcoffset() is None:
            raise UnableToDigest(f"The time {at.isoformat()} has no zone: give an aware datetime.")
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def entry_text(
    *,
    chain: str,
    sequence: int,
    kind: str,
    version: int,
    occurred_at: datetime,
    actor: str,
    key: str,
    payload: Mapping[str, Any],
    previous: str,
) -> str:
    """Return the canonical JSON whose SHA-256 is the entry's digest.

    ``chain`` is ``<kind>:<uuid>``; ``sequence`` counts from 1; ``kind`` is a fact's dotted name, ``version`` its form;
    ``previous`` is the digest before, in 64 hexadecimal digits, or FIRST_PREVIOUS. Raises UnableToDigest for parts
    of another form and canonical.UnfitPayload for the payload.
    """
    if not _CHAIN(chain):
        raise UnableToDigest(f"The chain {chain[:80]!r} is not of the form <kind>:<uuid>.")
    if not _KIND(kind):
        raise UnableToDigest(f"The kind {kind[:80]!r} is not a dotted name such as itad.sanitization_verified.")
    if not _DIGEST(previous):
        raise UnableToDigest("The digest before must have 64 hexadecimal digits in lower case.")
    if not 1 <= sequence <= canonical.MAX_INTEGER or not 1 <= version <= canonical.MAX_INTEGER:
        raise UnableToDigest("Sequence and version count from 1.")
    if (sequence == 1) is not (previous == FIRST_PREVIOUS):
        raise UnableToDigest("The first entry of a chain, and only that one, cites 64 zeros.")
    if "\0" in actor or "\0" in key:
        raise UnableToDigest("Actor and key cannot hold the character U+0000.")
    # The members in their canonical order, written out: one encoder call for the payload instead of a dict of ten.
    return (
        f'{{"actor":{_quote(actor)},"chain":"{chain}","format":"{FORMAT}","key":{_quote(key)},"kind":"{kind}",'
        f'"occurred_at":"{utc_text(occurred_at)}","payload":{canonical.payload_text(payload)},'
        f'"previous":"{previous}","sequence":{sequence:d},"version":{version:d}}}'
    )


def entry_digest(
    *,
    chain: str,
    sequence: int,
    kind: str,
    version: int,
    occurred_at: datetime,
    actor: str,
    key: str,
    payload: Mapping[str, Any],
    previous: str,
) -> str:
    """Return the SHA-256 of ``entry_text`` in 64 hexadecimal digits; arguments and errors are the same."""
    text = entry_text(
        chain=chain,
        sequence=sequence,
        kind=kind,
        version=version,
        occurred_at=occurred_at,
        actor=actor,
        key=key,
        payload=payload,
        previous=previous,
    )
    try:
        return sha256(text.encode()).hexdigest()
    except UnicodeEncodeError as error:  # the payload has been looked at: it is in the actor or the key
        raise UnableToDigest("Actor or key holds a lone surrogate, which is no character.") from error
