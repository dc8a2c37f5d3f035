"""One digest over all that a run said, by which two runs of one seed are told to be the same."""

from __future__ import annotations

import hashlib
import json
import re

from revlog.custody.models import Entry
from revlog.evidence.models import Artifact

_HEX = re.compile(r"\b[0-9a-f]{64}\b")


def ledger_digest(*, after: int = 0) -> str:
    """One digest over all that the run said: chains by name, each entry's place, kind, times, author and payload, chained anew.

    The digests of rendered files (``application/pdf``: signatures hold random numbers) are left out, and so what depends on them: an
    entry is cited by its place instead of its own digest. Everything else of every entry counts.
    """
    rendered = set(Artifact.objects.filter(media_type="application/pdf").values_list("digest", flat=True))
    rows = list(
        Entry.objects.filter(pk__gt=after)
        .order_by("chain__kind", "chain_id", "sequence")
        .values_list(
            "chain__kind", "chain_id", "sequence", "kind", "version", "occurred_at", "actor", "key", "payload", "digest"
        )
    )
    places = {row[-1]: f"{row[0]}:{row[1]}#{row[2]}" for row in rows}

    def told(found: re.Match[str]) -> str:
        digest = found[0]
        return "file" if digest in rendered else places.get(digest, digest)

    heads: dict[str, str] = {}
    for kind, chain, sequence, fact, version, at, actor, key, payload, _digest in rows:
        name = f"{kind}:{chain}"
        plain = json.dumps(
            [name, sequence, fact, version, at.isoformat(), actor, key, payload], sort_keys=True, separators=(",", ":")
        )
        heads[name] = hashlib.sha256((heads.get(name, "") + _HEX.sub(told, plain)).encode()).hexdigest()
    whole = hashlib.sha256()
    for name in sorted(heads):
        whole.update(f"{name} {heads[name]}\n".encode())
    return whole.hexdigest()
