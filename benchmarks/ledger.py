"""S15: verifying chains, against canonical JSON and SHA-256 alone over the same entries."""

from __future__ import annotations

import hashlib
import json

from benchmarks import moves as making
from benchmarks.harness import Result, compare
from revlog.custody.models import Chain, Entry
from revlog.custody.services import verification


def verify(count: int = 400) -> list[Result]:
    ids = making.units(count)
    chains = [
        (chain, list(Entry.objects.filter(chain=chain).order_by("sequence")))
        for chain in Chain.objects.filter(pk__in=ids)
    ]
    total = sum(len(entries) for _chain, entries in chains)

    def ours() -> int:
        broken = [
            found for chain, entries in chains for check in verification.CHECKS for found in check(chain, entries)
        ]
        assert not broken
        return total

    def reference() -> int:
        for chain, entries in chains:
            for entry in entries:
                text = json.dumps(
                    {
                        "chain": chain.name, "sequence": entry.sequence, "kind": entry.kind, "version": entry.version,
                        "occurred_at": entry.occurred_at.isoformat(), "actor": entry.actor, "key": entry.key,
                        "payload": entry.payload, "previous": entry.previous, "format": "revlog.custody/1",
                    },
                    sort_keys=True, separators=(",", ":"), ensure_ascii=False,
                )  # fmt: skip
                hashlib.sha256(text.encode()).hexdigest()
        return total

    return [compare("S15 verify entries", ours, reference, goal=">= 0.5")]
