from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from revlog.custody import canonical, verifier
from revlog.custody.digests import FORMAT
from revlog.custody.signing import CheckpointKey
from tests.custody.exported import LAPTOP, PHONE, TAGS, SmallLedger, a_ledger
from tests.examples import examples

Change = Callable[[dict[str, Any]], object]
Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> SmallLedger:
    return a_ledger(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def written(ledger: SmallLedger) -> bytes:
    return ledger.export(LAPTOP)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command over these bytes; return its exit status and its answer in JSON."""

    def command(content: bytes, *options: str) -> tuple[int, dict[str, Any]]:
        (tmp_path / "export.json").write_bytes(content)
        status = verifier.main([str(tmp_path / "export.json"), "--json", *options])
        return status, json.loads(capsys.readouterr().out)

    return command


def changed(written: bytes, change: Change) -> bytes:
    export = json.loads(written)
    change(export)
    return canonical.dumps(export) + b"\n"


def redigest(entry: dict[str, Any], chain: str = LAPTOP) -> None:
    """Give an entry the digest of its content, as somebody would who knows the recipe."""
    content = {name: value for name, value in entry.items() if name != "digest"}
    entry["digest"] = verifier.sha256(canonical.dumps({**content, "chain": chain, "format": FORMAT})).hexdigest()


def relink(export: dict[str, Any]) -> None:
    """Write the chain anew, so that it is whole in itself."""
    before = "0" * 64
    for number, entry in enumerate(export["entries"], start=1):
        entry |= {"sequence": number, "previous": before}
        redigest(entry, export["chain"])
        before = entry["digest"]
    export["head"] = {"sequence": len(export["entries"]), "digest": before}


def first(answer: dict[str, Any]) -> tuple[str, int | None, str | None]:
    broken = answer["breaks"][0]
    return broken["check"], broken["sequence"], broken["kind"]


def test_an_export_as_written_holds(run: Run, written: bytes, ledger: SmallLedger) -> None:
    status, answer = run(written, "--key", ledger.key.public_key.hex())

    assert status == 0
    assert answer["holds"] is True
    assert answer["breaks"] == answer["notes"] == []
    assert answer["entries"] == 4
    assert answer["head"]["digest"] == ledger.log[6].digest


def test_every_cut_of_every_chain_holds(run: Run, ledger: SmallLedger) -> None:
    for chain, length in ((LAPTOP, 4), (PHONE, 3)):
        for until in range(1, length + 1):
            assert run(ledger.export(chain, until=until))[0] == 0


@pytest.mark.parametrize("sequence", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry["payload"].update(added="x"),
        lambda entry: entry.update(kind="itad.destroyed"),
        lambda entry: entry.update(version=2),
        lambda entry: entry.update(occurred_at="2026-03-02T08:30:00.000001Z"),
        lambda entry: entry.update(actor="user:5a1f"),
        lambda entry: entry.update(key="job:9"),
        lambda entry: entry["payload"].update(size=1.5),
        lambda entry: entry["payload"].update(size=None),
        lambda entry: entry["payload"].update(größe="x"),
    ],
)
def test_a_changed_entry_is_named_by_sequence_and_kind(run: Run, written: bytes, sequence: int, change: Change) -> None:
    spoiled = changed(written, lambda export: change(export["entries"][sequence - 1]))
    kind = json.loads(spoiled)["entries"][sequence - 1]["kind"]

    status, answer = run(spoiled)

    assert status == 1
    assert first(answer) == ("digests", sequence, kind)
    assert {broken["sequence"] for broken in answer["breaks"]} == {sequence}


def test_one_changed_letter_of_a_payload_is_named(run: Run, written: bytes) -> None:
    status, answer = run(written.replace(b'"grade":"B"', b'"grade":"A"'))

    assert status == 1
    assert first(answer) == ("digests", 3, "triage.graded")
    assert "changed after it was written" in answer["breaks"][0]["why"]


def test_an_entry_with_a_new_digest_of_its_own_breaks_the_link_after_it(run: Run, written: bytes) -> None:
    def change(export: dict[str, Any]) -> None:
        export["entries"][1]["payload"]["parcels"] = 2
        redigest(export["entries"][1])

    status, answer = run(changed(written, change))

    assert status == 1
    assert first(answer) == ("links", 3, "triage.graded")


def test_a_chain_written_anew_from_end_to_end_is_caught_by_the_checkpoint(run: Run, written: bytes) -> None:
    def change(export: dict[str, Any]) -> None:
        export["entries"][2]["payload"]["grade"] = "A"
        relink(export)

    status, answer = run(changed(written, change))

    assert status == 1
    assert first(answer) == ("inclusion", 4, "itad.sanitization_verified")


def without_proof(export: dict[str, Any]) -> None:
    for member in ("checkpoint", "inclusion", "public_keys"):
        export.pop(member, None)


def test_taking_the_checkpoint_away_is_noted_and_refused_when_a_key_is_known(
    run: Run, written: bytes, ledger: SmallLedger
) -> None:
    bare = changed(written, without_proof)

    status, answer = run(bare)
    assert status == 0
    assert "nothing outside the file vouches" in answer["notes"][0]

    status, answer = run(bare, "--key", ledger.key.public_key.hex())
    assert status == 1
    assert first(answer)[:2] == ("signature", 4)


@pytest.mark.parametrize(
    ("change", "check", "sequence"),
    [
        (lambda entries: entries.pop(1), "gapless", 2),
        (lambda entries: entries.pop(0), "gapless", 1),
        (lambda entries: entries.pop(), "head", 3),
        (lambda entries: entries.insert(1, entries.pop(2)), "gapless", 3),
        (lambda entries: entries.reverse(), "gapless", 4),
        (lambda entries: entries.insert(2, dict(entries[1])), "gapless", 2),
        (lambda entries: entries.append(dict(entries[0])), "gapless", 1),
        (lambda entries: entries.clear(), "gapless", 1),
        (lambda entries: entries[0].update(previous="1" * 64), "links", 1),
        (lambda entries: entries[2].update(previous=entries[0]["digest"]), "links", 3),
        (lambda entries: entries[2].update(digest="f" * 64), "digests", 3),
        (lambda entries: entries[1].update(sequence=7), "gapless", 2),
    ],
)
def test_entries_removed_moved_or_doubled_are_named(
    run: Run, written: bytes, change: Change, check: str, sequence: int
) -> None:
    status, answer = run(changed(written, lambda export: change(export["entries"])))

    assert status == 1
    assert first(answer)[:2] == (check, sequence)


def test_two_swapped_chains_are_named(run: Run, ledger: SmallLedger) -> None:
    laptop, phone = (json.loads(ledger.export(chain)) for chain in (LAPTOP, PHONE))
    laptop["entries"], phone["entries"] = phone["entries"], laptop["entries"]
    laptop["head"], phone["head"] = phone["head"], laptop["head"]

    for export in (laptop, phone):
        status, answer = run(canonical.dumps(export) + b"\n")
        assert status == 1
        assert first(answer) == ("digests", 1, "devices.announced")
        assert f"no entry of this file belongs to {export['chain']}" in answer["breaks"][0]["why"]


def test_another_units_tag_on_a_chain_is_named(run: Run, written: bytes) -> None:
    status, answer = run(changed(written, lambda export: export["subject"].update(tag="RV-9XWP-4D")))

    assert status == 1
    assert first(answer) == ("subject", 1, "devices.announced")
    assert "RV-7K3M-Q2" in answer["breaks"][0]["why"]


def test_a_name_that_no_entry_says_is_broken(run: Run, written: bytes) -> None:
    status, answer = run(changed(written, lambda export: export["subject"].update(owner="Vega")))

    assert status == 1
    assert answer["breaks"][0]["why"] == "No entry says what the file calls its subject's owner, Vega."


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda export: export["checkpoint"].update(size=8), "signature"),
        (lambda export: export["checkpoint"].update(root="0" * 64), "signature"),
        (lambda export: export["checkpoint"].update(at="2026-03-02T09:30:00.000001Z"), "signature"),
        (lambda export: export["checkpoint"].update(origin="elsewhere"), "signature"),
        (lambda export: export["checkpoint"].update(signature="0" * 128), "signature"),
        (lambda export: export["checkpoint"].update(signature="no hex"), "signature"),
        (lambda export: export["checkpoint"].update(key_id="0" * 16), "signature"),
        (lambda export: export["public_keys"].update(dict.fromkeys(export["public_keys"], "00" * 32)), "signature"),
        (lambda export: export["public_keys"].clear(), "signature"),
        (lambda export: export["public_keys"].update({"0" * 16: "00" * 32}), "signature"),
        (lambda export: export["inclusion"].update(position=6), "inclusion"),
        (lambda export: export["inclusion"].update(position=0), "inclusion"),
        (lambda export: export["inclusion"].update(position=8), "inclusion"),
        (lambda export: export["inclusion"].update(sequence=3), "inclusion"),
        (lambda export: export["inclusion"]["proof"].pop(), "inclusion"),
        (lambda export: export["inclusion"]["proof"].append("00" * 32), "inclusion"),
        (lambda export: export["inclusion"]["proof"].reverse(), "inclusion"),
        (lambda export: export["inclusion"]["proof"].__setitem__(0, 7), "inclusion"),
        (lambda export: export["head"].update(sequence=5), "head"),
        (lambda export: export["head"].update(digest="0" * 64), "head"),
    ],
)
def test_a_changed_checkpoint_proof_or_head_is_named_at_the_last_entry(
    run: Run, written: bytes, change: Change, check: str
) -> None:
    status, answer = run(changed(written, change))

    assert status == 1
    assert first(answer) == (check, 4, "itad.sanitization_verified")


def test_a_checkpoint_signed_by_somebody_else_is_refused_under_the_known_key(
    run: Run, tmp_path: Path, ledger: SmallLedger
) -> None:
    forger = a_ledger(tmp_path / "forger")
    forged = forger.export(LAPTOP)

    assert run(forged)[0] == 0  # in itself it is whole, and the notes say what that is worth
    assert "--key" in run(forged)[1]["notes"][0]

    status, answer = run(forged, "--key", ledger.key.public_key.hex())
    assert status == 1
    assert first(answer)[0] == "signature"


def test_the_known_key_may_come_from_a_file(run: Run, tmp_path: Path, ledger: SmallLedger, written: bytes) -> None:
    pem = ledger.key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for name, content in (("key.hex", ledger.key.public_key.hex().encode() + b"\n"), ("key.pem", pem)):
        (tmp_path / name).write_bytes(content)
        status, answer = run(written, "--key", str(tmp_path / name))
        assert (status, answer["notes"]) == (0, [])

    (tmp_path / "other.pem").write_bytes(pem.replace(b"MCowBQ", b"MCowBA"))
    for wrong in (str(tmp_path / "other.pem"), str(tmp_path / "missing"), str(tmp_path), "abcd"):
        status, answer = run(written, "--key", wrong)
        assert status == 2
        assert answer["holds"] is None


def test_it_is_held_against_the_checkpoints_that_were_kept(
    run: Run, tmp_path: Path, ledger: SmallLedger, written: bytes
) -> None:
    kept, other = tmp_path / "kept.jsonl", tmp_path / "other.jsonl"
    made = ledger.checkpoints[0]
    kept.write_text("\n" + json.dumps(made) + "\n")
    other.write_text(json.dumps({**made, "root": "0" * 64}))

    assert run(written, "--against", str(kept))[0] == 0
    status, answer = run(written, "--against", str(other))
    assert status == 1
    assert "two histories" in answer["breaks"][0]["why"]
    other.write_text(json.dumps({**made, "size": 6}))
    assert "not among those you kept" in run(written, "--against", str(other))[1]["breaks"][0]["why"]
    other.write_text("[]")
    assert run(written, "--against", str(other))[0] == 2
    assert run(changed(written, without_proof), "--against", str(kept))[0] == 1


def test_a_key_that_stands_on_two_entries_is_named(run: Run, written: bytes) -> None:
    def change(export: dict[str, Any]) -> None:
        without_proof(export)
        export["entries"][1]["key"] = "job:4"
        relink(export)

    status, answer = run(changed(written, change))

    assert status == 1
    assert first(answer) == ("keys", 4, "itad.sanitization_verified")
    assert "job:4 of entry 2" in answer["breaks"][0]["why"]


@pytest.mark.parametrize("text", ["2026-02-30T08:30:00.000000Z", "2026-03-02T08:30:00Z", "2026-03-02 08:30", "soon"])
def test_a_time_that_is_none_is_named_though_the_digest_fits(run: Run, written: bytes, text: str) -> None:
    def change(export: dict[str, Any]) -> None:
        without_proof(export)
        export["entries"][1]["occurred_at"] = text
        relink(export)

    status, answer = run(changed(written, change))

    assert status == 1
    assert first(answer)[:2] == ("times", 2)


@pytest.mark.parametrize("value", [1.5, None, 2**60, {"größe": 1}, json.loads("[" * 17 + "]" * 17)])
def test_a_payload_with_two_readings_is_named_though_the_digest_fits(run: Run, written: bytes, value: Any) -> None:
    export = json.loads(written)
    without_proof(export)
    export["entries"][1]["payload"]["size"] = value
    before = "0" * 64
    for entry in export["entries"]:
        entry["previous"] = before
        content = {name: member for name, member in entry.items() if name != "digest"}
        text = verifier.canonical({**content, "chain": LAPTOP, "format": FORMAT})
        before = entry["digest"] = verifier.sha256(text).hexdigest()
    export["head"]["digest"] = before

    status, answer = run(verifier.canonical(export) + b"\n")

    assert status == 1
    assert first(answer)[:2] == ("payloads", 2)


def test_a_listed_parent_must_be_cited(run: Run, tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path / "keys")
    parent = ledger.log[0]
    ledger.say(PHONE, "refurb.harvested_from", parts=[{"parent": parent.digest}])
    cited = {"chain": LAPTOP, "sequence": 1, "digest": parent.digest}

    holds = changed(ledger.export(PHONE), lambda export: export.update(parents=[cited]))
    breaks = changed(ledger.export(PHONE), lambda export: export.update(parents=[cited | {"digest": "0" * 64}]))

    assert run(holds)[0] == 0
    status, answer = run(breaks)
    assert status == 1
    assert first(answer)[0] == "parents"


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda written: json.dumps(json.loads(written)).encode(),
        lambda written: json.dumps(json.loads(written), indent=1).encode(),
        lambda written: written.rstrip(b"\n"),
        lambda written: written + b"\n",
        lambda written: b" " + written,
        lambda written: written.replace(b'"B"', b'"\\u0042"'),
    ],
)
def test_a_file_that_was_written_anew_is_told_by_its_first_other_byte(
    run: Run, written: bytes, rewrite: Callable[[bytes], bytes]
) -> None:
    status, answer = run(rewrite(written))

    assert status == 1
    assert first(answer) == ("form", None, None)
    assert "from byte" in answer["breaks"][0]["why"]


@settings(deadline=None, max_examples=examples(300), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_changed_byte_is_found(data: st.DataObject, written: bytes, ledger: SmallLedger) -> None:
    at = data.draw(st.integers(0, len(written) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != written[at]))
    spoiled = written[:at] + bytes([byte]) + written[at + 1 :]

    try:
        export = verifier.parse_export(spoiled, trusted_key=ledger.key.public_key)
    except verifier.Unreadable as unreadable:
        assert str(unreadable).endswith(".")
    else:
        assert verifier.verify(export)


@settings(deadline=None, max_examples=examples(150), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_file_cut_or_doubled_anywhere_is_found(data: st.DataObject, written: bytes) -> None:
    start = data.draw(st.integers(0, len(written) - 1))
    end = data.draw(st.integers(start + 1, len(written)))
    spoiled = data.draw(
        st.sampled_from([written[:start] + written[end:], written[:end] + written[start:end] + written[end:]])
    )

    try:
        assert verifier.verify(verifier.parse_export(spoiled))
    except verifier.Unreadable as unreadable:
        assert str(unreadable).endswith(".")


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=examples(300), suppress_health_check=list(HealthCheck))
@given(data=st.data(), value=junk)
def test_any_value_in_any_place_is_answered_with_a_sentence(data: st.DataObject, value: Any, written: bytes) -> None:
    export = json.loads(written)
    box: Any = export
    while True:
        name = data.draw(st.sampled_from(sorted(box) if isinstance(box, dict) else range(len(box))))
        if not isinstance(box[name], (dict, list)) or not box[name] or data.draw(st.booleans()):
            break
        box = box[name]
    box[name] = value

    try:
        found = verifier.verify(verifier.parse_export(json.dumps(export).encode()))
    except verifier.Unreadable as unreadable:
        assert str(unreadable).endswith(".")
    else:
        assert all(broken.sentence() for broken in found)


HOSTILE: list[tuple[bytes, str]] = [
    (b"", "empty"),
    (b" \n", "empty"),
    (b"[]", "must be an object, not a list"),
    (b"null", "must be an object, not null"),
    (b"{}", "says no format; this verifier reads revlog.export/1"),
    (b'{"format":"revlog.export/2"}', "says revlog.export/2"),
    (b'{"format":1}', "says no format"),
    (b'{"format":"revlog.export/1"}', "lacks chain"),
    (b"\xff\xfe{\x00}\x00", "not UTF-8"),
    (b"\xef\xbb\xbf{}", "not JSON"),
    (b'{"a":1,"a":2}', "a stands twice"),
    (b'{"a":NaN}', "NaN is not a JSON number"),
    (b'{"a":' + b"9" * 5000 + b"}", "5,000 digits"),
    (b'{"a":"\\ud800"}', "lone surrogate"),
    (b"[" * 200_000, "nested too deeply"),
    (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "nested too deeply"),
    (b"%PDF-1.7 ...", "PDF"),
    (b'{"format":"revlog.export/1","chain"', "cut off"),
]


@pytest.mark.parametrize(("content", "why"), HOSTILE)
def test_a_file_that_is_no_export_is_refused_in_one_sentence(run: Run, content: bytes, why: str) -> None:
    status, answer = run(content)

    assert status == 2
    assert answer["holds"] is None
    assert why in answer["error"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda export: export.update(entries={}), "export.entries must be a list, not an object"),
        (lambda export: export.update(entries=[1]), "entries[0] must be an object, not a whole number"),
        (lambda export: export["entries"][2].pop("actor"), "entries[2] lacks actor"),
        (lambda export: export["entries"][2].update(note="wiped"), "entries[2] has the member note"),
        (lambda export: export["entries"][0].update(sequence="1"), "must be a whole number, not a string"),
        (lambda export: export["entries"][0].update(sequence=True), "must be a whole number, not true or false"),
        (lambda export: export["entries"][0].update(payload=[]), "must be an object, not a list"),
        (lambda export: export.update(chain="unit:7"), "not of the form <kind>:<uuid>"),
        (lambda export: export.update(valid=True), "has the member valid"),
        (lambda export: export["subject"].update(tag=1), "subject.tag must be a string"),
        (lambda export: export.pop("inclusion"), "belong together"),
        (lambda export: export["checkpoint"].update(format="x"), "checkpoint.format must be"),
        (lambda export: export["checkpoint"].pop("root"), "checkpoint lacks root"),
        (lambda export: export["inclusion"].update(proof="ab"), "inclusion.proof must be a list"),
        (lambda export: export["public_keys"].update(a=1), "public_keys.a must be a string"),
        (lambda export: export.update(parents=[{"chain": "x"}]), "parents[0] lacks sequence"),
    ],
)
def test_an_export_of_another_shape_is_refused_with_the_place(
    run: Run, written: bytes, change: Change, why: str
) -> None:
    status, answer = run(changed(written, change))

    assert status == 2
    assert why in answer["error"]


def test_a_file_that_is_missing_a_folder_or_too_large_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(2**36)

    for name, why in (
        (str(tmp_path / "missing"), "No such file"),
        (str(tmp_path), "Is a directory"),
        (str(large), "larger than"),
        ("a\0b", "null"),
    ):
        assert verifier.main([name]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith("Cannot be read.")
        assert why in told.err


def test_what_the_file_says_cannot_take_over_the_terminal(
    tmp_path: Path, written: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(export: dict[str, Any]) -> None:
        export["subject"]["\x1b[2J"] = "\x1b]0;owned\x07" + "x" * 5000
        export["entries"][0]["kind"] = "\x1b[31m\u202e"

    path = tmp_path / "export.json"
    path.write_bytes(changed(written, change))

    assert verifier.main([str(path)]) == 1
    told = capsys.readouterr().out
    assert told.replace("\n", "").isprintable()
    assert len(told) < 2000


def test_it_says_in_words_what_holds_and_what_is_broken(
    tmp_path: Path, written: bytes, ledger: SmallLedger, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "export.json"

    path.write_bytes(written)
    assert verifier.main([str(path)]) == 0
    told = capsys.readouterr().out
    assert f"tag RV-7K3M-Q2, chain {LAPTOP}, 4 entries." in told
    assert f"Holds. Head: entry 4, {ledger.log[6].digest}." in told
    assert "In the log of demo.revlog.example as signed at 2026-03-02T09:30:00.000000Z over 7 entries" in told
    assert "Note: The key comes from the file itself" in told

    path.write_bytes(written.replace(b'"grade":"B"', b'"grade":"A"'))
    assert verifier.main([str(path)]) == 1
    told = capsys.readouterr().out
    assert "BROKEN. Entry 3 (triage.graded): its content does not give its digest" in told


def test_a_file_broken_all_over_is_answered_shortly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = SmallLedger(CheckpointKey.load_or_create(tmp_path / "keys"))
    ledger.say(LAPTOP, "devices.announced", tag=TAGS[LAPTOP])
    for number in range(60):
        ledger.say(LAPTOP, "custody.moved", bin=f"A-{number}")
    export = json.loads(ledger.export(LAPTOP))
    for entry in export["entries"][1:]:
        entry["payload"]["bin"] = "Z"
    (tmp_path / "export.json").write_bytes(canonical.dumps(export) + b"\n")

    assert verifier.main([str(tmp_path / "export.json")]) == 1
    told = capsys.readouterr().out
    assert "BROKEN. Entry 2 " in told
    assert "and 50 more." in told


def test_every_check_says_what_must_hold() -> None:
    assert all(check.__doc__ for check in verifier.CHECKS)
    assert len({check.__name__ for check in verifier.CHECKS}) == len(verifier.CHECKS)


def test_it_needs_the_standard_library_and_cryptography_alone() -> None:
    tree = ast.parse(Path(verifier.__file__).read_text())
    modules = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    outside = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names

    assert outside == {"cryptography"}


@pytest.fixture
def alone(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a copy of the one file, isolated from this repository."""
    shutil.copy(verifier.__file__, tmp_path / "verifier.py")

    def command(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "verifier.py", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={"PYTHONIOENCODING": "ascii"},
            **more,
        )

    return command


def test_one_copied_file_is_enough(
    alone: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, written: bytes, ledger: SmallLedger
) -> None:
    (tmp_path / "good.json").write_bytes(written)
    (tmp_path / "bad.json").write_bytes(written.replace(b"lid scratched", b"lid untouched"))
    (tmp_path / "ugly.json").write_bytes(written[:-100])
    (tmp_path / "deep.json").write_bytes(b"[" * 1_000_000)
    (tmp_path / "wide.json").write_bytes(b'{"format":"revlog.export/1",' + b'"x":[' + b"[]," * 500_000 + b"1]}")

    good = alone("good.json", "--key", ledger.key.public_key.hex())
    assert (good.returncode, good.stderr) == (0, "")
    assert "Holds." in good.stdout

    bad = alone("bad.json")
    assert (bad.returncode, bad.stderr) == (1, "")
    assert "Entry 3 (triage.graded)" in bad.stdout

    for name in ("ugly.json", "deep.json", "wide.json", "missing.json"):
        unread = alone(name)
        assert (unread.returncode, unread.stdout) == (2, "")
        assert unread.stderr.startswith("Cannot be read. ")
        assert unread.stderr.count("\n") == 1


def test_it_reads_from_standard_input(alone: Callable[..., subprocess.CompletedProcess[str]], written: bytes) -> None:
    assert alone("-", input=written.decode()).returncode == 0


def test_it_runs_as_a_module_of_ours(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "export.json").write_bytes(written)

    ran = subprocess.run(
        [sys.executable, "-m", "revlog.custody.verifier", str(tmp_path / "export.json"), "--json"],
        cwd=Path(verifier.__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["holds"] is True


def test_without_cryptography_it_vouches_for_nothing_but_still_names_what_is_broken(
    run: Run, written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)

    status, answer = run(written)
    assert status == 2
    assert "pip install cryptography" in answer["error"]

    status, answer = run(written.replace(b'"grade":"B"', b'"grade":"A"'))
    assert status == 1
    assert first(answer) == ("digests", 3, "triage.graded")


def test_wrong_use_exits_with_2() -> None:
    for arguments in ([], ["a", "b"], ["a", "--max-bytes", "0"]):
        with pytest.raises(SystemExit) as stopped:
            verifier.main(arguments)
        assert stopped.value.code == 2
