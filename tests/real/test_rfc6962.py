"""The published RFC 6962 proofs, good and spoiled, those of subtrees included: accepted and refused exactly alike."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest

from revlog.custody import merkle, verifier
from tests.real.conftest import data_set


def inclusion(case: dict[str, Any], proof: list[bytes]) -> bool:
    return merkle.verify_inclusion(
        leaf=b64decode(case["leafHash"]),
        index=case["leafIdx"],
        size=case["treeSize"],
        proof=proof,
        root=b64decode(case["root"]),
    )


def consistency(case: dict[str, Any], proof: list[bytes]) -> bool:
    return merkle.verify_consistency(
        old_size=case["size1"],
        new_size=case["size2"],
        proof=proof,
        old_root=b64decode(case["root1"]),
        new_root=b64decode(case["root2"]),
    )


def subtree_inclusion(case: dict[str, Any], proof: list[bytes]) -> bool:
    return merkle.verify_subtree_inclusion(
        leaf=b64decode(case["leafHash"]),
        index=case["leafIdx"],
        start=case["start"],
        end=case["end"],
        proof=proof,
        root=b64decode(case["root"]),
    )


def subtree_consistency(case: dict[str, Any], proof: list[bytes]) -> bool:
    return merkle.verify_subtree_consistency(
        start=case["start"],
        end=case["end"],
        size=case["size"],
        proof=proof,
        subtree_root=b64decode(case["root1"]),
        root=b64decode(case["root2"]),
    )


@pytest.mark.parametrize(
    ("kind", "accepts"),
    [
        ("inclusion", inclusion),
        ("consistency", consistency),
        ("subtreeinclusion", subtree_inclusion),
        ("subtreeconsistency", subtree_consistency),
    ],
)
def test_it_accepts_and_refuses_what_the_published_cases_say(
    kind: str, accepts: Callable[[dict[str, Any], list[bytes]], bool]
) -> None:
    folder = data_set("rfc6962-merkle") / "open" / kind
    answers = set()

    for path in sorted(folder.rglob("*.json")):
        case = json.loads(path.read_text())
        proof = [b64decode(step) for step in case["proof"] or []]
        assert accepts(case, proof) is not case["wantErr"], f"{path.relative_to(folder)}: {case['desc']}"
        answers.add(case["wantErr"])

    assert answers == {True, False}


def test_the_stand_alone_verifier_answers_alike() -> None:
    folder = data_set("rfc6962-merkle") / "open" / "inclusion"
    seen = 0

    for path in sorted(folder.rglob("*.json")):
        case = json.loads(path.read_text())
        proof = [b64decode(step) for step in case["proof"] or []]
        told = verifier.leads_to_root(
            b64decode(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, b64decode(case["root"])
        )
        assert told is not case["wantErr"], f"{path.relative_to(folder)}: {case['desc']}"
        seen += 1

    assert seen
