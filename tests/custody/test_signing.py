from __future__ import annotations

import os
import stat
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from revlog.custody import merkle, signing

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEAVES = [bytes([number]) * 32 for number in range(9)]
# The first test key of RFC 8032, section 7.1.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")


@pytest.fixture
def key(tmp_path: Path) -> signing.CheckpointKey:
    return signing.CheckpointKey.load_or_create(tmp_path / "keys")


def checkpoint(key: signing.CheckpointKey, size: int = 5, **other: Any) -> signing.Checkpoint:
    parts: dict[str, Any] = {"origin": "demo", "size": size, "root": merkle.root(LEAVES[:size]), "at": AT} | other
    return signing.sign_checkpoint(**parts, key=key)


def test_the_signature_of_a_known_key_is_always_the_same() -> None:
    known = signing.CheckpointKey(Ed25519PrivateKey.from_private_bytes(SEED))

    assert known.public_key.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert checkpoint(known) == {
        "format": "revlog.checkpoint/1",
        "origin": "demo",
        "size": 5,
        "root": "85e20cac1f02fda7bcdb2fc3f908568c57018c77815f1fa361acad13994f08bf",
        "at": "2026-03-02T09:00:00.000000Z",
        "key_id": "21fe31dfa154a261",
        "signature": (
            "df9545e559137a0e6b877de53ee60a96efa233474a105fa49a87e2993ad4f4e0"
            "a5bac9d5bc6851797024e73714ddf0599c77858714be36eebbe623b6c34a5800"
        ),
    }


def test_a_checkpoint_verifies_under_the_key_that_signed_it_alone(key: signing.CheckpointKey, tmp_path: Path) -> None:
    made = checkpoint(key)

    assert signing.verify_checkpoint(made, key.public_key)
    assert not signing.verify_checkpoint(made, signing.CheckpointKey.load_or_create(tmp_path / "other").public_key)
    assert not signing.verify_checkpoint(made, b"short")


def test_the_same_moment_in_another_zone_gives_the_same_checkpoint(key: signing.CheckpointKey) -> None:
    assert checkpoint(key) == checkpoint(key, at=AT.astimezone(timezone(timedelta(hours=5, minutes=30))))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("format", "revlog.checkpoint/2"),
        ("origin", "demo2"),
        ("size", 6),
        ("size", True),
        ("size", "5"),
        ("size", -5),
        ("root", "00" * 32),
        ("root", "xyz"),
        ("root", None),
        ("at", "2026-03-02T09:00:00.000001Z"),
        ("at", "yesterday"),
        ("key_id", "0" * 16),
        ("signature", "00" * 64),
        ("signature", "no hex"),
        ("signature", 7),
        ("origin", 1.5),
        ("note", "added"),
    ],
)
def test_a_changed_or_added_member_breaks_the_signature(key: signing.CheckpointKey, member: str, value: object) -> None:
    assert not signing.verify_checkpoint({**checkpoint(key), member: value}, key.public_key)


def test_a_missing_member_breaks_the_checkpoint(key: signing.CheckpointKey) -> None:
    for member in checkpoint(key):
        cut = {name: value for name, value in checkpoint(key).items() if name != member}
        assert not signing.verify_checkpoint(cut, key.public_key)


@pytest.mark.parametrize("other", [{"size": 0}, {"root": b"short"}, {"origin": ""}])
def test_it_signs_no_checkpoint_that_says_nothing(key: signing.CheckpointKey, other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="needs the log's name"):
        checkpoint(key, **other)


def test_a_longer_log_continues_a_shorter_one(key: signing.CheckpointKey) -> None:
    older, newer = checkpoint(key, 5), checkpoint(key, 9, at=AT + timedelta(minutes=1))

    assert signing.contradiction(older, newer, merkle.consistency_proof(LEAVES, 5)) is None
    assert signing.contradiction(older, older, []) is None


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ({"size": 9}, {"size": 5}, "shrank from 9 entries to 5"),
        ({"size": 5}, {"size": 5, "root": bytes(32)}, "Two different logs of 5 entries"),
        ({"size": 5}, {"size": 9, "root": bytes(32)}, "first 5 entries of the newer log are not those"),
        ({"size": 5}, {"size": 9, "origin": "elsewhere"}, "two logs"),
        ({"size": 5}, {"size": 9, "at": AT - timedelta(seconds=1)}, "older than the shorter"),
    ],
)
def test_a_log_that_does_not_continue_an_older_one_is_named(
    key: signing.CheckpointKey, old: dict[str, Any], new: dict[str, Any], why: str
) -> None:
    proof = merkle.consistency_proof(LEAVES, 5)

    told = signing.contradiction(checkpoint(key, **old), checkpoint(key, **new), proof)

    assert told is not None
    assert why in told


def test_the_private_key_is_readable_by_its_owner_alone_and_stays(tmp_path: Path) -> None:
    made = signing.CheckpointKey.load_or_create(tmp_path / "keys")
    again = signing.CheckpointKey.load_or_create(tmp_path / "keys")

    assert made.public_key == again.public_key
    assert stat.S_IMODE((tmp_path / "keys" / signing.KEY_FILE).stat().st_mode) == 0o600
    assert made.private.private_bytes_raw().hex() not in repr(made)


def test_many_at_once_get_one_key(tmp_path: Path) -> None:
    for attempt in range(10):
        folder = tmp_path / str(attempt)
        start = threading.Barrier(8)
        got: list[str] = []

        def load(folder: Path = folder, start: threading.Barrier = start, got: list[str] = got) -> None:
            start.wait()
            got.append(signing.CheckpointKey.load_or_create(folder).key_id)

        threads = [threading.Thread(target=load) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(got) == 8
        assert len(set(got)) == 1
        assert sorted(path.name for path in folder.iterdir()) == sorted([signing.KEY_FILE, f"{got[0]}.checkpoint.pub"])


def test_the_public_keys_of_all_times_are_kept(tmp_path: Path) -> None:
    first = signing.CheckpointKey.load_or_create(tmp_path)
    (tmp_path / signing.KEY_FILE).rename(tmp_path / "retired.pem")
    second = signing.CheckpointKey.load_or_create(tmp_path)
    (tmp_path / f"{'0' * 16}.checkpoint.pub").write_text(first.public_key.hex())
    (tmp_path / f"{'1' * 16}.checkpoint.pub").write_text("no key")

    assert first.key_id != second.key_id
    assert signing.public_keys(tmp_path) == {
        first.key_id: first.public_key.hex(),
        second.key_id: second.public_key.hex(),
    }


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    signing.CheckpointKey.load_or_create(tmp_path)
    (tmp_path / signing.KEY_FILE).chmod(0o640)

    with pytest.raises(signing.UnableToUseKey, match="chmod 600"):
        signing.CheckpointKey.load_or_create(tmp_path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no unencrypted PEM"),
        (b"garbage", "no unencrypted PEM"),
        (
            ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "Ed25519",
        ),
        (
            Ed25519PrivateKey.generate().private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
            ),
            "no unencrypted PEM",
        ),
    ],
)
def test_a_spoiled_key_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / signing.KEY_FILE
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(signing.UnableToUseKey, match=why):
        signing.CheckpointKey.load_or_create(tmp_path)

    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(signing.UnableToUseKey, match="cannot be read or made"):
        signing.CheckpointKey.load_or_create(tmp_path / "file" / "keys")


def test_no_draft_of_a_key_is_left_behind(tmp_path: Path) -> None:
    signing.CheckpointKey.load_or_create(tmp_path)

    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]  # noqa: PTH208
