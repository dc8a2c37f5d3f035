"""Checkpoints: signed statements of how long the log was and what its Merkle root was, fit to be kept elsewhere.

A checkpoint is a dict of primitives, ready for JSON: ``{format, origin, size, root, at, key_id, signature}``. The
signature (Ed25519, 128 hexadecimal digits) is over the canonical JSON of all other members. Whoever keeps one can
later hold the operator to it: a log that was rewritten has no consistency proof from it.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypedDict, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from revlog.custody import canonical, merkle
from revlog.custody.digests import utc_text

FORMAT: Final = "revlog.checkpoint/1"
KEY_FILE: Final = "checkpoint.pem"
_PUBLIC_SUFFIX: Final = ".checkpoint.pub"
_MEMBERS: Final = {"format", "origin", "size", "root", "at", "key_id", "signature"}
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z").fullmatch
_HEX = re.compile(r"[0-9a-f]*").fullmatch


class UnableToUseKey(Exception):
    """The checkpoint key is there but cannot be used, or cannot be made; the sentence says what to do."""


class Checkpoint(TypedDict):
    """A signed root over the log: ``size`` leaves, ``root`` and ``signature`` in hexadecimal, ``at`` as UTC text."""

    format: str
    origin: str
    size: int
    root: str
    at: str
    key_id: str
    signature: str


@dataclass(frozen=True, slots=True)
class CheckpointKey:
    """The Ed25519 key that signs checkpoints. Back its folder up: with a lost key, nothing more can be signed by it."""

    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def load_or_create(cls, folder: Path) -> CheckpointKey:
        """Return the key in ``folder`` (``$REVLOG_VAR/keys``), making folder and key at first use.

        Any number of processes may call this at once: one key wins and all get that one. The private key is readable
        by its owner alone. The public key is kept beside it for good, so that checkpoints outlive a change of keys
        (move ``checkpoint.pem`` away and the next start makes a new one). Raises UnableToUseKey.
        """
        path = folder / KEY_FILE
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                _create_once(path, _private_pem(Ed25519PrivateKey.generate()), mode=0o600)
            if path.stat().st_mode & 0o077:
                raise UnableToUseKey(f"Others may read {path}: run chmod 600 on it, or move it away to get a new key.")
            loaded = load_pem_private_key(path.read_bytes(), password=None)
            if not isinstance(loaded, Ed25519PrivateKey):
                raise UnableToUseKey(f"{path} holds another kind of key; an Ed25519 private key is needed.")
            key = cls(loaded)
            published = folder / f"{key.key_id}{_PUBLIC_SUFFIX}"
            if not published.exists():
                _create_once(published, f"{key.public_key.hex()}\n".encode(), mode=0o644)
        except OSError as error:
            raise UnableToUseKey(f"The checkpoint key {path} cannot be read or made: {error.strerror}.") from error
        except (ValueError, TypeError) as error:  # TypeError: the PEM is encrypted
            raise UnableToUseKey(f"{path} is no unencrypted PEM private key; it was left as it is.") from error
        return key

    @property
    def public_key(self) -> bytes:
        """The public key, 32 raw bytes."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def key_id(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the public key."""
        return key_id(self.public_key)


def key_id(public_key: bytes) -> str:
    """Return the name of a public key (32 raw bytes): the first 16 hexadecimal digits of its SHA-256."""
    return sha256(public_key).hexdigest()[:16]


def public_keys(folder: Path) -> dict[str, str]:
    """Return every public key that ever signed here, by key id, in hexadecimal. Other files are left out.

    A file counts only under its own id, so a wrong one cannot stand in for another key.
    """
    found = {}
    for path in sorted(folder.glob(f"*{_PUBLIC_SUFFIX}")):
        with suppress(OSError, ValueError):
            public_key = bytes.fromhex(path.read_text("ascii").strip())
            if len(public_key) == 32 and key_id(public_key) == path.name.removesuffix(_PUBLIC_SUFFIX):
                found[key_id(public_key)] = public_key.hex()
    return found


def sign_checkpoint(*, origin: str, size: int, root: bytes, at: datetime, key: CheckpointKey) -> Checkpoint:
    """State that the log called ``origin`` had ``size`` leaves under ``root`` (32 bytes) at ``at``, and sign it.

    ``origin`` names one log for good, so that checkpoints of a test site never pass for those of another.
    """
    if size < 1 or len(root) != merkle.HASH_BYTES or not origin:
        raise ValueError("A checkpoint needs the log's name, at least one leaf and a root of 32 bytes.")
    statement = {
        "format": FORMAT,
        "origin": origin,
        "size": size,
        "root": root.hex(),
        "at": utc_text(at),
        "key_id": key.key_id,
    }
    signature = key.private.sign(canonical.payload_text(statement).encode()).hex()
    return cast("Checkpoint", {**statement, "signature": signature})


def verify_checkpoint(checkpoint: Mapping[str, Any], public_key: bytes) -> bool:
    """Say whether the checkpoint is whole and signed by this key (32 raw bytes). Malformed ones get False."""
    if set(checkpoint) != _MEMBERS or checkpoint["format"] != FORMAT or checkpoint["key_id"] != key_id(public_key):
        return False
    size, root, at, signature = (checkpoint[name] for name in ("size", "root", "at", "signature"))
    if type(size) is not int or size < 1 or not isinstance(at, str) or not _UTC(at):
        return False
    if not (_is_hex(root, merkle.HASH_BYTES) and _is_hex(signature, 64)):
        return False
    try:
        statement = canonical.payload_text({name: checkpoint[name] for name in _MEMBERS - {"signature"}}).encode()
        Ed25519PublicKey.from_public_bytes(public_key).verify(bytes.fromhex(signature), statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def contradiction(older: Checkpoint, newer: Checkpoint, proof: Sequence[bytes]) -> str | None:
    """Say in one sentence why the newer checkpoint cannot continue the older one, or None when it does.

    Both signatures are taken as checked. ``proof`` is the consistency proof from the older size to the newer; it is
    empty for equal sizes.
    """
    if older["origin"] != newer["origin"]:
        return f"They speak of two logs: {older['origin']!r} and {newer['origin']!r}."
    if older["size"] > newer["size"]:
        return f"The log shrank from {older['size']:,} entries to {newer['size']:,}."
    if older["size"] == newer["size"] and older["root"] != newer["root"]:
        return f"Two different logs of {older['size']:,} entries were signed."
    # The texts compare as the moments do: they are UTC, of fixed width.
    if older["at"] > newer["at"]:
        return f"The longer log ({newer['at']}) is older than the shorter one ({older['at']})."
    if not merkle.verify_consistency(
        old_size=older["size"],
        new_size=newer["size"],
        proof=proof,
        old_root=bytes.fromhex(older["root"]),
        new_root=bytes.fromhex(newer["root"]),
    ):
        return f"The first {older['size']:,} entries of the newer log are not those of the older one."
    return None


def _is_hex(value: object, size: int) -> bool:
    return isinstance(value, str) and len(value) == 2 * size and _HEX(value) is not None


def _private_pem(private: Ed25519PrivateKey) -> bytes:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _create_once(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that appears whole or not at all, and only if it isn't there yet; whoever comes second loses."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A link fails when the name is taken, where a rename would replace a key already in use.
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or a power cut could lose the name of a key whose checkpoints are already out
    finally:
        os.close(folder)
