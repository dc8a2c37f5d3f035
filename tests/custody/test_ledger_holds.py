"""The ledger in the database: log, checkpoints, and what verify says when somebody tampers with triggers off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from revlog.custody import verifier
from revlog.custody.models import Checkpoint, Entry, LogPlace, Unplaced
from revlog.custody.services import checkpoints, exporting, sequencer, verification
from revlog.devices import facts
from revlog.devices.services import moves
from tests.cast import Cast
from tests.factories import devices as make


@contextmanager
def unguarded(*tables: str) -> Iterator[None]:
    """As the owner, with the triggers off: what an intruder with every right could do."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        connection.check_constraints()
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_the_log_places_every_entry_once_without_a_gap(cast: Cast) -> None:
    for number in range(4):
        make.laptop(cast, serial=f"GAPLESS{number}")
    total = Entry.objects.count()

    assert sequencer.sequence() == total
    assert sequencer.sequence() == 0

    assert list(LogPlace.objects.order_by("position").values_list("position", flat=True)) == list(range(1, total + 1))
    assert not Unplaced.objects.exists()


def test_a_checkpoint_is_made_only_when_there_is_news(cast: Cast, at: datetime) -> None:
    make.laptop(cast)
    sequencer.sequence()

    first = checkpoints.make(at=at)

    assert first is not None
    assert checkpoints.make(at=at + timedelta(minutes=1)) is None
    assert list(verification.the_log()) == []


def test_checkpoints_taken_in_any_steps_agree_with_one_taken_at_once(cast: Cast, at: datetime) -> None:
    for number in range(7):
        make.laptop(cast, serial=f"STEP{number:04d}")
        sequencer.sequence()
        checkpoints.make(at=at)

    assert list(verification.the_log()) == []
    assert Checkpoint.objects.count() == 7


def test_the_export_is_the_same_bytes_whenever_it_is_made(cast: Cast, at: datetime) -> None:
    device = make.triaged(cast)
    early = exporting.export(device.id, at=at, until=2)
    moves.note(device, fact=facts.SentToTriage(reason="later"), by=cast.ravi, at=at)
    sequencer.sequence()
    checkpoints.make(at=at + timedelta(hours=1))

    assert exporting.export(device.id, at=at + timedelta(days=3), until=2) == early
    assert verifier.verify(verifier.parse_export(early)) == []


def test_the_command_writes_what_the_verifier_accepts(cast: Cast, tmp_path: Path) -> None:
    device = make.triaged(cast)
    target = tmp_path / "unit.json"

    call_command("export_ledger", device.tag, output=target)

    assert verifier.main([str(target)]) == 0
    with pytest.raises(CommandError, match="has the entries 1 to"):
        call_command("export_ledger", device.tag, output=target, until=99)
    with pytest.raises(CommandError, match="No unit is called"):
        call_command("export_ledger", "RL-0000-0000", output=target)


def test_a_changed_byte_in_an_exported_chain_is_named(cast: Cast, tmp_path: Path) -> None:
    device = make.triaged(cast)
    target = tmp_path / "unit.json"
    call_command("export_ledger", device.tag, output=target)
    told = json.loads(target.read_text())
    told["entries"][1]["payload"]["reason"] = "never looked"
    target.write_text(json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n")

    assert verifier.main([str(target)]) == 1


@pytest.mark.breaks_chains
def test_a_payload_changed_behind_the_guards_is_named_with_its_sequence(cast: Cast, at: datetime) -> None:
    device = make.triaged(cast)
    with unguarded("custody_entry"):
        Entry.objects.filter(chain_id=device.id, sequence=2).update(payload={"reason": "forged"})

    broken = verification.chain(device.id)

    assert [(found.check, found.sequence) for found in broken] == [("digests", 2)]
    with pytest.raises(SystemExit):
        call_command("verify_ledger", stdout=(out := StringIO()))
    assert f"unit:{device.id} entry 2" in out.getvalue()


@pytest.mark.breaks_chains
def test_two_swapped_chains_are_both_named(cast: Cast) -> None:
    one, other = make.triaged(cast, serial="SWAPONE1", drive="D1"), make.triaged(cast, serial="SWAPTWO2", drive="D2")
    with unguarded("custody_entry", "custody_chain"), connection.cursor() as cursor:
        both = (one.id, other.id)
        # Out of each other's way first: the place in a chain is unique even for an intruder.
        cursor.execute("UPDATE custody_entry SET sequence = sequence + 1000 WHERE chain_id = %s", [one.id])
        cursor.execute("UPDATE custody_entry SET sequence = sequence + 2000 WHERE chain_id = %s", [other.id])
        cursor.execute(
            "UPDATE custody_entry SET chain_id = CASE chain_id WHEN %s THEN %s::uuid ELSE %s::uuid END WHERE chain_id IN %s",
            [one.id, other.id, one.id, both],
        )
        cursor.execute("UPDATE custody_entry SET sequence = sequence %% 1000 WHERE chain_id IN %s", [both])

    named = {found.chain for found in verification.all_chains()}

    assert named == {f"unit:{one.id}", f"unit:{other.id}"}


@pytest.mark.breaks_chains
def test_a_rewritten_chain_is_found_by_the_checkpoints_that_were_kept(cast: Cast, at: datetime, tmp_path: Path) -> None:
    """Somebody with every right rewrites entry, digest and head alike: the chain holds, the kept checkpoint doesn't."""
    from revlog.custody.digests import entry_digest

    device = make.laptop(cast)
    sequencer.sequence()
    mark = checkpoints.make(at=at)
    assert mark is not None
    kept = tmp_path / "kept.jsonl"
    kept.write_text(json.dumps(checkpoints.as_signed(mark)) + "\n")
    entry = Entry.objects.get(chain_id=device.id, sequence=1)
    payload = entry.payload | {"what": "something else"}
    digest = entry_digest(
        chain=f"unit:{device.id}", sequence=1, kind=entry.kind, version=1, occurred_at=entry.occurred_at, actor=entry.actor,
        key=entry.key, payload=payload, previous=entry.previous,
    )  # fmt: skip
    with unguarded("custody_entry", "custody_chain"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE custody_entry SET payload = %s, digest = %s WHERE id = %s", [json.dumps(payload), digest, entry.pk]
        )
        cursor.execute("UPDATE custody_chain SET head_digest = %s WHERE id = %s", [digest, device.id])

    assert verification.chain(device.id) == []
    with pytest.raises(SystemExit):
        call_command("verify_ledger", against=kept, stdout=(out := StringIO()))
    assert "not those that the kept checkpoint was signed over" in out.getvalue()
