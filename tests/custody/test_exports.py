from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from revlog.custody import canonical
from revlog.custody.exports import Citation, Inclusion, UnableToExport, build_export
from revlog.custody.signing import CheckpointKey
from tests.custody.exported import LAPTOP, PHONE, TAGS, SmallLedger, a_ledger


@pytest.fixture
def ledger(tmp_path: Path) -> SmallLedger:
    return a_ledger(tmp_path / "keys")


def test_it_is_canonical_json_in_one_line(ledger: SmallLedger) -> None:
    written = ledger.export(LAPTOP)

    assert written.endswith(b"}\n")
    assert written.count(b"\n") == 1
    assert canonical.dumps(canonical.loads_strict(written)) + b"\n" == written


def test_it_holds_the_chain_its_subject_and_the_proof(ledger: SmallLedger) -> None:
    export = json.loads(ledger.export(LAPTOP))

    assert set(export) == {
        "format", "chain", "subject", "entries", "head", "checkpoint", "inclusion", "public_keys",
    }  # fmt: skip
    assert export["format"] == "revlog.export/1"
    assert export["chain"] == LAPTOP
    assert export["subject"] == {"tag": TAGS[LAPTOP]}
    assert [entry["sequence"] for entry in export["entries"]] == [1, 2, 3, 4]
    assert export["head"] == {"sequence": 4, "digest": ledger.log[6].digest}
    assert export["inclusion"]["position"] == 7
    assert export["checkpoint"] == ledger.checkpoints[0]
    assert export["public_keys"] == {ledger.key.key_id: ledger.key.public_key.hex()}


def test_it_never_changes_whenever_it_is_made(ledger: SmallLedger, tmp_path: Path) -> None:
    now = ledger.export(LAPTOP, until=3)

    ledger.say(LAPTOP, "evidence.document_issued", number="C-1")
    ledger.check()
    for _ in range(40):
        ledger.say(PHONE, "custody.moved", bin="A-1")
    ledger.check()
    later = CheckpointKey.load_or_create(tmp_path / "later")

    assert ledger.export(LAPTOP, until=3) == now
    # Keys that came into use later are not written either.
    parts = json.loads(now)
    again = build_export(
        chain=LAPTOP,
        subject={"tag": TAGS[LAPTOP]},
        entries=[said for said in ledger.log if said.chain == LAPTOP][:3],
        checkpoint=ledger.checkpoints[0],
        inclusion=Inclusion(3, 5, [bytes.fromhex(step) for step in parts["inclusion"]["proof"]]),
        public_keys={later.key_id: later.public_key.hex(), ledger.key.key_id: ledger.key.public_key.hex()},
    )
    assert again == now


def test_a_chain_that_no_checkpoint_covers_is_written_without_one(ledger: SmallLedger) -> None:
    ledger.say(LAPTOP, "refurb.opened")

    export = json.loads(ledger.export(LAPTOP))

    assert export["head"]["sequence"] == 5
    assert not {"checkpoint", "inclusion", "public_keys"} & set(export)


def test_it_lists_the_entries_of_other_chains_that_are_cited(ledger: SmallLedger) -> None:
    parent = ledger.log[0]
    ledger.say(PHONE, "refurb.harvested_from", parent=parent.digest)

    export = json.loads(ledger.export(PHONE, parents=[Citation(LAPTOP, 1, parent.digest)]))

    assert export["parents"] == [{"chain": LAPTOP, "sequence": 1, "digest": parent.digest}]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"entries": []}, "has no entries"),
        ({"subject": {"tag": "RV-9XWP-4D"}}, "No entry of unit:.* says tag 'RV-9XWP-4D'"),
        ({"subject": {"owner": "Vega"}}, "No entry of unit:.* says owner"),
        ({"checkpoint": None}, "belong together"),
        ({"inclusion": None}, "belong together"),
        ({"inclusion": Inclusion(3, 5, [])}, "proof is for entry 3 but the export ends with 4"),
        ({"inclusion": Inclusion(4, 8, [])}, "covers 7 entries, not position 8"),
        ({"inclusion": Inclusion(4, 0, [])}, "not position 0"),
        ({"public_keys": {}}, "not among those given"),
        ({"public_keys": {"0" * 16: "00" * 32}}, "not among those given"),
    ],
)
def test_parts_that_make_no_export_are_refused(ledger: SmallLedger, other: dict[str, Any], why: str) -> None:
    parts: dict[str, Any] = {
        "chain": LAPTOP,
        "subject": {"tag": TAGS[LAPTOP]},
        "entries": [said for said in ledger.log if said.chain == LAPTOP],
        "checkpoint": ledger.checkpoints[0],
        "inclusion": Inclusion(4, 7, []),
        "public_keys": {ledger.key.key_id: ledger.key.public_key.hex()},
    }

    with pytest.raises(UnableToExport, match=why):
        build_export(**parts | other)
