"""Check a ledger export on your own: this one file, Python 3.9 or newer, and the package ``cryptography``.

    python verifier.py FILE [--key HEX-OR-FILE] [--against CHECKPOINTS] [--json]

It shares no code with the platform that wrote the export, on purpose: it says again, in its own words, what must hold.
Exit status: 0 everything holds, 1 something is broken (the first broken entry is named), 2 the file cannot be read.

``--key`` is the operator's public key as you know it from elsewhere (64 hexadecimal digits, or a file with them or with
a PEM key). Without it the key in the file is used, and then the file vouches for itself. ``--against`` is a file of
checkpoints that you kept (one JSON object a line); the export's checkpoint must be one of them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

EXPORT_FORMAT = "revlog.export/1"
ENTRY_FORMAT = "revlog.custody/1"
CHECKPOINT_FORMAT = "revlog.checkpoint/1"
FIRST_PREVIOUS = "0" * 64
MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 16
MAX_BYTES = 32 * 1024 * 1024
TAKEN_OVER = "it was changed after it was written, or it belongs to another chain"

ENTRY_MEMBERS: dict[str, type] = {
    "sequence": int,
    "kind": str,
    "version": int,
    "occurred_at": str,
    "actor": str,
    "key": str,
    "payload": dict,
    "previous": str,
    "digest": str,
}
CHECKPOINT_MEMBERS: dict[str, type] = {
    "format": str,
    "origin": str,
    "size": int,
    "root": str,
    "at": str,
    "key_id": str,
    "signature": str,
}
NAMES = {dict: "an object", list: "a list", str: "a string", int: "a whole number", bool: "true or false"}


class Unreadable(Exception):
    """The file is no export that could be checked; one sentence for the person."""


@dataclass(frozen=True)
class Break:
    """One thing that does not hold; ``place`` is the index in the file of the entry concerned, if it is one."""

    check: str
    sequence: int | None
    kind: str | None
    why: str
    place: int | None = field(default=None, compare=False)

    def sentence(self) -> str:
        if self.sequence is None:
            return self.why
        kind = f" ({shown(self.kind)})" if self.kind is not None else ""
        return f"Entry {self.sequence}{kind}: {self.why}"


@dataclass(frozen=True)
class Export:
    """An export whose shape is right, so that the checks may rely on its members; and what the caller knows besides."""

    data: dict[str, Any]
    raw: bytes
    trusted_key: bytes | None = None
    kept: list[dict[str, Any]] | None = None

    @property
    def entries(self) -> list[dict[str, Any]]:
        return self.data["entries"]  # type: ignore[no-any-return]

    def broken(self, check: str, place: int, why: str) -> Break:
        entry = self.entries[place]
        return Break(check, entry["sequence"], entry["kind"], why, place)

    def head_broken(self, check: str, why: str) -> Break:
        """The checkpoint speaks for the last entry, so what is wrong with it is named there."""
        place = len(self.entries) - 1
        return self.broken(check, place, why) if self.entries else Break(check, None, None, why)


# --- The checks. Each returns what it found broken; together they are what "holds" means.


def entries_are_gapless(export: Export) -> list[Break]:
    """The entries count 1, 2, 3, ... with none missing, doubled or out of order."""
    if not export.entries:
        return [Break("gapless", 1, None, "the chain has no entries at all.", 0)]
    found: list[Break] = []
    present = {entry["sequence"] for entry in export.entries}
    seen: set[int] = set()
    expected = 1
    for place, entry in enumerate(export.entries):
        number = entry["sequence"]
        if number in seen:
            found.append(export.broken("gapless", place, "stands in the file twice."))
            continue
        seen.add(number)
        if number != expected:
            if expected in present:  # what follows is out of step too; the first says it all
                return [*found, export.broken("gapless", place, f"stands out of order, where {expected} belongs.")]
            found.append(Break("gapless", expected, None, f"is missing; {number} stands in its place.", place))
        expected = number + 1
    return found


def links_hold(export: Export) -> list[Break]:
    """Each entry cites the digest of the one before it; the first cites 64 zeros."""
    found = []
    before = FIRST_PREVIOUS
    for place, entry in enumerate(export.entries):
        if entry["previous"] != before:
            cited = f"entry {export.entries[place - 1]['sequence']}" if place else "a chain's beginning (64 zeros)"
            found.append(export.broken("links", place, f"does not cite the digest of {cited}, which stands before it."))
        before = entry["digest"]
    return found


def digests_hold(export: Export) -> list[Break]:
    """Each entry's digest is the SHA-256 of its content and of the name of its chain."""
    found = []
    for place, entry in enumerate(export.entries):
        content = {name: entry[name] for name in ENTRY_MEMBERS if name != "digest"}
        text = canonical({**content, "format": ENTRY_FORMAT, "chain": export.data["chain"]})
        if sha256(text).hexdigest() != entry["digest"]:
            found.append(export.broken("digests", place, f"its content does not give its digest: {TAKEN_OVER}."))
    if len(found) == len(export.entries) > 1:
        why = f"no entry of this file belongs to {export.data['chain']}: the chain or its name was exchanged."
        return [export.broken("digests", 0, why)]
    return found


def payloads_are_plain(export: Export) -> list[Break]:
    """Payloads have one reading only: strings, whole numbers, booleans, lists and objects under ASCII keys."""
    found = []
    for place, entry in enumerate(export.entries):
        if why := unfit(entry["payload"]):
            found.append(export.broken("payloads", place, why))
    return found


def times_are_utc(export: Export) -> list[Break]:
    """Every time is written as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``, and exists."""
    return [
        export.broken("times", place, f"{shown(entry['occurred_at'])} is no time in UTC with six decimals.")
        for place, entry in enumerate(export.entries)
        if not is_utc(entry["occurred_at"])
    ]


def keys_are_unique(export: Export) -> list[Break]:
    """No two entries of a chain carry the same key, so that no repeated job was recorded twice; no key, no rule."""
    found = []
    seen: dict[str, int] = {}
    for place, entry in enumerate(export.entries):
        first = seen.setdefault(entry["key"], place)
        if entry["key"] and first != place:
            number = export.entries[first]["sequence"]
            found.append(export.broken("keys", place, f"repeats the key {shown(entry['key'])} of entry {number}."))
    return found


def head_is_the_last_entry(export: Export) -> list[Break]:
    """The head that the file states is its last entry."""
    head = export.data["head"]
    if export.entries and any(head[name] != export.entries[-1][name] for name in ("sequence", "digest")):
        why = f"is the last here, but the file says that it ends with entry {head['sequence']} under another digest."
        return [export.head_broken("head", why)]
    return []


def subject_is_the_chains(export: Export) -> list[Break]:
    """What the file calls its subject is what its entries say: a tag cannot be put on another unit's chain."""
    found = []
    for name, value in export.data["subject"].items():
        said = [
            (place, entry["payload"][name])
            for place, entry in enumerate(export.entries)
            if isinstance(entry["payload"].get(name), str)
        ]
        if not said:
            why = f"No entry says what the file calls its subject's {shown(name)}, {shown(value)}."
            found.append(Break("subject", None, None, why))
        elif value not in [text for _, text in said]:
            place, text = said[-1]
            why = f"says {shown(name)} {shown(text)}, but the file calls its subject {shown(value)}."
            found.append(export.broken("subject", place, why))
    return found


def parents_are_cited(export: Export) -> list[Break]:
    """Every entry of another chain that the file lists is cited by its digest in a payload here."""
    cited: set[str] = set()
    waiting = [entry["payload"] for entry in export.entries]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            cited.add(value)
        elif isinstance(value, (dict, list)):
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return [
        Break("parents", None, None, f"Entry {p['sequence']} of {shown(p['chain'])} is listed, but no entry cites it.")
        for p in export.data.get("parents", [])
        if p["digest"] not in cited
    ]


def checkpoint_is_signed(export: Export) -> list[Break]:
    """The checkpoint is signed by the trusted key; without one, by the key that the file names."""
    checkpoint = export.data.get("checkpoint")
    if checkpoint is None:
        if export.trusted_key is None and export.kept is None:
            return []
        return [export.head_broken("signature", "the file holds no checkpoint, so nobody vouches for it.")]
    listed = export.data["public_keys"]
    own = from_hex(listed.get(checkpoint["key_id"]), 32)
    if own is None or key_id(own) != checkpoint["key_id"] or len(listed) != 1:
        return [export.head_broken("signature", "the file does not hold the one public key that its checkpoint names.")]
    key = own if export.trusted_key is None else export.trusted_key
    if key != own:
        return [export.head_broken("signature", f"its checkpoint names the key {key_id(own)}, not {key_id(key)}.")]
    signature = from_hex(checkpoint["signature"], 64)
    statement = canonical({name: checkpoint[name] for name in CHECKPOINT_MEMBERS if name != "signature"})
    if signature is None or not is_signed(key, signature, statement):
        return [export.head_broken("signature", "the signature of its checkpoint does not hold.")]
    return []


def head_is_under_the_checkpoint(export: Export) -> list[Break]:
    """The last entry stands in the log at the stated position, under the root that the checkpoint signs."""
    checkpoint, inclusion = export.data.get("checkpoint"), export.data.get("inclusion")
    if checkpoint is None or inclusion is None or not export.entries:
        return []  # the reader has seen to it that they come together
    if inclusion["sequence"] != export.entries[-1]["sequence"]:
        why = f"is the last, but the proof is for entry {inclusion['sequence']}."
        return [export.head_broken("inclusion", why)]
    hashes = [from_hex(text, 32) for text in (export.entries[-1]["digest"], checkpoint["root"], *inclusion["proof"])]
    digest, root, *proof = [known or b"" for known in hashes]
    leaf = sha256(b"\x00" + digest).digest()
    if not leads_to_root(leaf, inclusion["position"] - 1, checkpoint["size"], proof, root):
        where = f"position {inclusion['position']} of the log of {checkpoint['size']} entries"
        return [export.head_broken("inclusion", f"the proof does not lead from it, at {where}, to the signed root.")]
    return []


def checkpoint_is_one_you_kept(export: Export) -> list[Break]:
    """The checkpoint is, member for member, one of those that were published and kept elsewhere."""
    checkpoint = export.data.get("checkpoint")
    if export.kept is None or checkpoint is None or checkpoint in export.kept:
        return []
    same_size = [kept for kept in export.kept if kept.get("size") == checkpoint["size"]]
    if same_size:
        why = f"you kept another checkpoint for a log of {checkpoint['size']} entries: there are two histories."
    else:
        why = f"its checkpoint over {checkpoint['size']} entries is not among those you kept."
    return [export.head_broken("kept", why)]


def form_is_canonical(export: Export) -> list[Break]:
    """The file is the canonical JSON of its content and a newline, byte for byte: it was not written again by hand."""
    expected = canonical(export.data) + b"\n"
    if export.raw == expected:
        return []
    pairs = enumerate(zip(export.raw, expected))  # noqa: B905 - strict= needs Python 3.10
    at = next((place for place, (got, meant) in pairs if got != meant), min(len(export.raw), len(expected)))
    return [Break("form", None, None, f"The file is not in canonical form from byte {at} on: it was written anew.")]


CHECKS: tuple[Callable[[Export], list[Break]], ...] = (
    entries_are_gapless,
    links_hold,
    digests_hold,
    payloads_are_plain,
    times_are_utc,
    keys_are_unique,
    head_is_the_last_entry,
    subject_is_the_chains,
    parents_are_cited,
    checkpoint_is_signed,
    head_is_under_the_checkpoint,
    checkpoint_is_one_you_kept,
    form_is_canonical,
)


def verify(export: Export) -> list[Break]:
    """Run all checks and return what they found broken, in the order of the entries.

    Raises Unreadable when nothing is broken but a check could not be made, for want of ``cryptography``.
    """
    found: list[Break] = []
    unmade: Unreadable | None = None
    for check in CHECKS:
        try:
            found += check(export)
        except Unreadable as error:
            unmade = error
    if unmade is not None and not found:
        raise unmade
    return sorted(found, key=lambda broken: len(export.entries) if broken.place is None else broken.place)


def remarks(export: Export) -> list[str]:
    """Say what the checks could not show, because the file or the caller did not give it."""
    if "checkpoint" not in export.data:
        return ["No checkpoint: the chain is whole in itself, but nothing outside the file vouches for it."]
    if export.trusted_key is None and export.kept is None:
        return ["The key comes from the file itself; --key checks it against the one the operator published."]
    return []


# --- Canonical JSON, digests, the Merkle tree, signatures: again, and small.


def canonical(value: object) -> bytes:
    """RFC 8785 for what an export may hold; anything else (a float, a key beyond ASCII) breaks a check of its own."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def unfit(payload: dict[str, Any]) -> str:
    """Say what in a payload has more than one reading, or nothing."""
    waiting: list[tuple[int, Any]] = [(1, payload)]
    while waiting:
        depth, value = waiting.pop()
        if isinstance(value, (dict, list)):
            if depth > MAX_DEPTH:
                return f"its payload is nested deeper than {MAX_DEPTH} levels."
            if isinstance(value, dict):
                if wrong := [name for name in value if not name.isascii()]:
                    return f"its payload has the key {shown(wrong[0])}, which is not ASCII."
                value = list(value.values())
            waiting.extend((depth + 1, member) for member in value)
        elif value is None or isinstance(value, float):
            return "its payload holds a null or a number that is not whole."
        elif isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
            return "its payload holds a number beyond 2^53-1."
    return ""


def is_utc(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", text):
        return False
    try:
        datetime.fromisoformat(text[:-1])
    except ValueError:
        return False
    return True


def from_hex(text: object, size: int) -> bytes | None:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9a-f]*", text) or len(text) != 2 * size:
        return None
    return bytes.fromhex(text)


def key_id(public_key: bytes) -> str:
    return sha256(public_key).hexdigest()[:16]


def leads_to_root(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2: say whether the proof leads from leaf ``index`` (from 0) to the root over ``size``."""
    if not 0 <= index < size or any(len(node) != 32 for node in (leaf, *proof)):
        return False
    last, node = size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if index % 2 == 1 or index == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while index % 2 == 0 and index != 0:
                index, last = index // 2, last // 2
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        index, last = index // 2, last // 2
    return last == 0 and node == root


def is_signed(public_key: bytes, signature: bytes, statement: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - chains without checkpoint need none
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    except ImportError:
        raise Unreadable("The signature cannot be checked: pip install cryptography, then try again.") from None
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True


# --- Reading. Nothing of the file is believed, and nothing of it may stop the program.


def read(raw: bytes) -> Any:  # noqa: ANN401
    """Parse strict JSON: UTF-8, no key twice, no NaN, no lone surrogates, no bottomless nesting."""
    if raw.startswith(b"%PDF"):
        raise Unreadable("This is a PDF; save the JSON file attached to it and give that.")
    if not raw.strip():
        raise Unreadable("The file is empty.")
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=one_object, parse_constant=no_number, parse_int=whole)
        canonical(value)  # strings that are no text, and nesting, show when written back
    except UnicodeDecodeError as error:
        raise Unreadable(f"The file is not UTF-8 text (at byte {error.start}).") from None
    except UnicodeEncodeError:
        raise Unreadable("The file holds a lone surrogate, which is no character.") from None
    except RecursionError:
        raise Unreadable("The file is nested too deeply to be an export.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"The file is cut off or not JSON: {error.msg} (at {where}).") from None
    return value


def one_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Unreadable(f"The key {shown(twice)} stands twice in one object.")
    return members


def whole(text: str) -> int:
    if len(text) > 40:  # before reading it: a number of a million digits takes its time
        raise Unreadable(f"The file holds a number of {len(text):,} digits.")
    return int(text)


def no_number(text: str) -> NoReturn:
    raise Unreadable(f"{text} is not a JSON number.")


def shaped(value: object, path: str, members: dict[str, type], optional: tuple[str, ...] = ()) -> None:
    """Refuse anything but an object with exactly these members, each of its type; no proof would cover any other."""
    if not isinstance(value, dict):
        raise Unreadable(f"{path} must be an object, not {named(value)}.")
    for name, kind in members.items():
        if name not in value:
            if name in optional:
                continue
            raise Unreadable(f"{path} lacks {name}.")
        if type(value[name]) is not kind:
            raise Unreadable(f"{path}.{name} must be {NAMES[kind]}, not {named(value[name])}.")
        if kind is int and not -MAX_INTEGER <= value[name] <= MAX_INTEGER:
            raise Unreadable(f"{path}.{name} is beyond 2^53-1.")
    for name in value:
        if name not in members:
            raise Unreadable(f"{path} has the member {shown(name)}, which no digest or signature covers.")


def parse_export(raw: bytes, *, trusted_key: bytes | None = None, kept: list[dict[str, Any]] | None = None) -> Export:
    """Return the export in these bytes. Raises Unreadable for anything whose shape is not that of an export."""
    data = read(raw)
    if isinstance(data, dict) and data.get("format") != EXPORT_FORMAT:
        told = shown(data["format"]) if isinstance(data.get("format"), str) else "no format"
        raise Unreadable(f"The file says {told}; this verifier reads {EXPORT_FORMAT}.")
    parts = {"format": str, "chain": str, "subject": dict, "entries": list, "head": dict}
    proofs = {"parents": list, "checkpoint": dict, "inclusion": dict, "public_keys": dict}
    shaped(data, "export", {**parts, **proofs}, tuple(proofs))
    if not re.fullmatch(r"[a-z][a-z0-9_]*:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", data["chain"]):
        raise Unreadable(f"export.chain is {shown(data['chain'])}, not of the form <kind>:<uuid>.")
    shaped(data["head"], "head", {"sequence": int, "digest": str})
    for place, entry in enumerate(data["entries"]):
        shaped(entry, f"entries[{place}]", ENTRY_MEMBERS)
    for place, parent in enumerate(data.get("parents", [])):
        shaped(parent, f"parents[{place}]", {"chain": str, "sequence": int, "digest": str})
    for part in ("subject", "public_keys"):
        shaped(data.get(part, {}), part, dict.fromkeys(data.get(part, {}), str))
    together = [name in data for name in ("checkpoint", "inclusion", "public_keys")]
    if any(together) and not all(together):
        raise Unreadable("checkpoint, inclusion and public_keys belong together; the file has only some of them.")
    if all(together):
        shaped(data["checkpoint"], "checkpoint", CHECKPOINT_MEMBERS)
        if data["checkpoint"]["format"] != CHECKPOINT_FORMAT:
            raise Unreadable(f"checkpoint.format must be {CHECKPOINT_FORMAT}.")
        shaped(data["inclusion"], "inclusion", {"sequence": int, "position": int, "proof": list})
    return Export(data, raw, trusted_key, kept)


def read_file(name: str, limit: int = MAX_BYTES) -> bytes:
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(limit + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        raise Unreadable(f"{shown(name)} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if len(raw) > limit:
        raise Unreadable(f"{shown(name)} is larger than {limit:,} bytes; --max-bytes raises the limit.")
    return raw


def read_key(text: str) -> bytes:
    """Take a public key as 64 hexadecimal digits, or from a file that holds them or a PEM public key."""
    if key := from_hex(text.strip().lower(), 32):
        return key
    raw = read_file(text, 65_536)
    if key := from_hex(raw.decode("ascii", "replace").strip().lower(), 32):
        return key
    # A PEM of an Ed25519 public key is 12 bytes that say so, and the 32 of the key (RFC 8410).
    if found := re.search(rb"-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/]{59}=)\s+-----END PUBLIC KEY-----", raw):
        der = b64decode(found[1])
        if der.startswith(bytes.fromhex("302a300506032b6570032100")):
            return der[12:]
    raise Unreadable(f"{shown(text)} holds no Ed25519 public key: give 64 hexadecimal digits or a PEM public key.")


def read_checkpoints(name: str) -> list[dict[str, Any]]:
    kept = []
    for number, line in enumerate(read_file(name).splitlines(), start=1):
        if line.strip():
            checkpoint = read(line)
            shaped(checkpoint, f"line {number} of {shown(name)}", CHECKPOINT_MEMBERS)
            kept.append(checkpoint)
    return kept


def named(value: object) -> str:
    if value is None:
        return "null"
    return NAMES.get(type(value), "a number that is not whole")


def shown(value: str | None, limit: int = 80) -> str:
    """Text from the file, fit for a terminal: no control characters, not endless."""
    text = str(value)
    cut = text if len(text) <= limit else text[:limit] + "..."
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in cut)


# --- The command.


def examine(arguments: argparse.Namespace) -> tuple[Export, list[Break]]:
    try:
        export = parse_export(
            read_file(arguments.file, arguments.max_bytes),
            trusted_key=read_key(arguments.key) if arguments.key is not None else None,
            kept=read_checkpoints(arguments.against) if arguments.against is not None else None,
        )
        return export, verify(export)
    except (RecursionError, MemoryError):
        raise Unreadable("The file is too large or nested too deeply to be checked here.") from None


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="verifier", description="Check a ledger export.")
    parser.add_argument("file", metavar="FILE", help="the export, or the JSON attached to a certificate; - for input")
    parser.add_argument("--key", metavar="HEX-OR-FILE", help="the operator's public key, as you know it")
    parser.add_argument("--against", metavar="CHECKPOINTS", help="checkpoints that you kept, one JSON object a line")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument("--max-bytes", type=int, default=MAX_BYTES, help="the largest file to read (%(default)s)")
    arguments = parser.parse_args(argv)
    if arguments.max_bytes < 1:
        parser.error("--max-bytes must be at least 1")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # an ASCII terminal must not stop us
    try:
        export, found = examine(arguments)
    except Unreadable as error:
        if arguments.json:
            print(json.dumps({"file": arguments.file, "holds": None, "error": str(error)}))
        else:
            print(f"Cannot be read. {error}", file=sys.stderr)
        return 2
    notes = remarks(export)
    if arguments.json:
        breaks = [{name: value for name, value in asdict(broken).items() if name != "place"} for broken in found]
        print(json.dumps({
            "file": arguments.file,
            "holds": not found,
            "chain": export.data["chain"],
            "subject": export.data["subject"],
            "entries": len(export.entries),
            "head": export.data["head"],
            "checkpoint": export.data.get("checkpoint"),
            "breaks": breaks,
            "notes": notes,
        }))  # fmt: skip
        return 1 if found else 0
    title = " ".join(f"{shown(name)} {shown(value)}" for name, value in export.data["subject"].items())
    print(f"{title}, chain {export.data['chain']}, {len(export.entries)} entries.")
    if found:
        print(f"BROKEN. {found[0].sentence()}")
        for broken in found[1:10]:
            print(f"  then: {broken.sentence()}")
        if len(found) > 10:
            print(f"  and {len(found) - 10} more.")
        return 1
    print(f"Holds. Head: entry {export.data['head']['sequence']}, {export.data['head']['digest']}.")
    if checkpoint := export.data.get("checkpoint"):
        print(
            f"In the log of {shown(checkpoint['origin'])} as signed at {shown(checkpoint['at'])} over "
            f"{checkpoint['size']} entries, key {checkpoint['key_id']}."
        )
    for note in notes:
        print(f"Note: {note}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
