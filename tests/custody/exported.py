"""A small ledger in memory, for the tests of exports and of the verifier: units, the log over them, signed checkpoints."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from revlog.custody import merkle
from revlog.custody.digests import FIRST_PREVIOUS, entry_digest
from revlog.custody.exports import Inclusion, build_export
from revlog.custody.signing import Checkpoint, CheckpointKey, sign_checkpoint

MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
LAPTOP = f"unit:{uuid.UUID(int=7)}"
PHONE = f"unit:{uuid.UUID(int=8)}"
TAGS = {LAPTOP: "RV-7K3M-Q2", PHONE: "RV-9XWP-4D"}


@dataclass(frozen=True)
class Said:
    """An entry as it was written."""

    chain: str
    sequence: int
    kind: str
    version: int
    occurred_at: datetime
    actor: str
    key: str
    payload: dict[str, Any]
    previous: str
    digest: str


@dataclass
class SmallLedger:
    """Chains, the log that orders their entries, its subtrees, and the checkpoints made so far."""

    key: CheckpointKey
    origin: str = "demo.revlog.example"
    log: list[Said] = field(default_factory=list)
    subtrees: dict[tuple[int, int], bytes] = field(default_factory=dict)
    frontier: merkle.Frontier = field(default_factory=merkle.Frontier)
    checkpoints: list[Checkpoint] = field(default_factory=list)

    def say(self, chain: str, kind: str, *, key: str = "", **payload: Any) -> Said:
        before = [said for said in self.log if said.chain == chain]
        parts: dict[str, Any] = {
            "chain": chain,
            "sequence": len(before) + 1,
            "kind": kind,
            "version": 1,
            "occurred_at": MONDAY + timedelta(minutes=len(self.log)),
            "actor": "user:5a1e",
            "key": key,
            "payload": payload,
            "previous": before[-1].digest if before else FIRST_PREVIOUS,
        }
        said = Said(**parts, digest=entry_digest(**parts))
        self.log.append(said)
        for done in self.frontier.append(merkle.leaf_hash(bytes.fromhex(said.digest))):
            self.subtrees[done.level, done.index] = done.hash
        return said

    def lookup(self, level: int, index: int) -> bytes:
        return self.subtrees[level, index]

    def check(self) -> Checkpoint:
        at = MONDAY + timedelta(hours=len(self.checkpoints) + 1)
        made = sign_checkpoint(
            origin=self.origin, size=self.frontier.size, root=self.frontier.root(), at=at, key=self.key
        )
        self.checkpoints.append(made)
        return made

    def export(self, chain: str, *, until: int | None = None, key: CheckpointKey | None = None, **more: Any) -> bytes:
        entries = [said for said in self.log if said.chain == chain][:until]
        position = self.log.index(entries[-1]) + 1
        checkpoint = next((made for made in self.checkpoints if made["size"] >= position), None)
        inclusion = None
        if checkpoint is not None:
            proof = merkle.inclusion_proof_at(position - 1, size=checkpoint["size"], lookup=self.lookup)
            inclusion = Inclusion(sequence=entries[-1].sequence, position=position, proof=proof)
        key = key or self.key
        return build_export(
            chain=chain,
            subject={"tag": TAGS[chain]},
            entries=entries,
            checkpoint=checkpoint,
            inclusion=inclusion,
            public_keys={key.key_id: key.public_key.hex()},
            **more,
        )


def a_ledger(folder: Path) -> SmallLedger:
    """Two units on one log, side by side; one checkpoint over all of it."""
    ledger = SmallLedger(CheckpointKey.load_or_create(folder))
    ledger.say(LAPTOP, "devices.announced", tag=TAGS[LAPTOP], category="laptop")
    ledger.say(PHONE, "devices.announced", tag=TAGS[PHONE], category="phone")
    ledger.say(LAPTOP, "returns.received", hub="ham", parcels=1)
    ledger.say(PHONE, "returns.received", hub="ham", parcels=1)
    ledger.say(LAPTOP, "triage.graded", grade="B", reasons=["lid scratched", "Akku 81 %"], battery={"cycles": 212})
    ledger.say(PHONE, "triage.graded", grade="D", reasons=[])
    ledger.say(LAPTOP, "itad.sanitization_verified", key="job:4", bytes_total=512_110_190_592, passed=True)
    ledger.check()
    return ledger
