from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from revlog.custody import merkle

# A busy machine is no counterexample.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MOST = 64
LEAVES = [bytes([number]) * (number % 5) for number in range(MOST)]


def rfc_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word: slow, and what the fast one is held against."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\1" + rfc_root(leaves[:k]) + rfc_root(leaves[k:])).digest()


class KeptLog:
    """A log whose completed subtrees are kept, and that counts how often one is asked for."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.kept: dict[tuple[int, int], bytes] = {}
        self.asked = 0
        self.frontier = merkle.Frontier()
        for data in leaves:
            for done in self.frontier.append(merkle.leaf_hash(data)):
                assert (done.level, done.index) not in self.kept
                self.kept[done.level, done.index] = done.hash

    def __call__(self, level: int, index: int) -> bytes:
        self.asked += 1
        return self.kept[level, index]


@pytest.fixture(scope="module")
def log() -> KeptLog:
    return KeptLog(LEAVES)


ROOTS = [rfc_root(LEAVES[:size]) for size in range(MOST + 1)]
sizes = st.integers(1, MOST)
bits = st.integers(0, 255)


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_it_hashes_the_published_examples() -> None:
    # The values of RFC 6962's reference test: empty tree, empty leaf, leaf, node.
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert (
        merkle.node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    )


def test_it_gives_the_known_roots_and_proofs_of_the_eight_leaf_tree() -> None:
    leaves = [
        bytes.fromhex(text)
        for text in (
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
        )
    ]  # fmt: skip

    assert merkle.root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert merkle.root(leaves[:7]).hex() == "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
    assert [step.hex()[:8] for step in merkle.inclusion_proof(leaves, 5)] == ["bc1a0643", "ca854ea1", "d37ee418"]
    assert [step.hex()[:8] for step in merkle.consistency_proof(leaves, 6)] == ["0ebc5d34", "ca854ea1", "d37ee418"]
    assert [step.hex()[:8] for step in merkle.consistency_proof(leaves[:7], 3)] == [
        "0298d122", "07506a85", "fac54203", "837dbb15",
    ]  # fmt: skip


def test_roots_are_those_of_the_rfc_at_every_size(log: KeptLog) -> None:
    for size in range(MOST + 1):
        assert merkle.root(LEAVES[:size]) == merkle.root_at(size, lookup=log) == ROOTS[size]


def test_every_inclusion_proof_up_to_64_leaves_verifies(log: KeptLog) -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            proof = merkle.inclusion_proof_at(index, size=size, lookup=log)
            assert merkle.verify_inclusion(
                leaf=merkle.leaf_hash(LEAVES[index]), index=index, size=size, proof=proof, root=ROOTS[size]
            )


def test_every_consistency_proof_up_to_64_leaves_verifies(log: KeptLog) -> None:
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            proof = merkle.consistency_proof_at(old, new_size=new, lookup=log)
            assert merkle.verify_consistency(
                old_size=old, new_size=new, proof=proof, old_root=ROOTS[old], new_root=ROOTS[new]
            )


def test_every_subtree_of_a_log_of_33_leaves_proves_its_leaves_and_its_place(log: KeptLog) -> None:
    size = 33
    shown = 0
    for start in range(size):
        for end in filter(lambda end: merkle.is_subtree(start, end), range(start + 1, size + 1)):
            top = rfc_root(LEAVES[start:end])
            proof = merkle.subtree_consistency_proof_at(start, end, size=size, lookup=log)
            assert merkle.verify_subtree_consistency(
                start=start, end=end, size=size, proof=proof, subtree_root=top, root=ROOTS[size]
            )
            for index in range(start, end):
                proof = merkle.subtree_inclusion_proof_at(index, start=start, end=end, lookup=log)
                leaf = merkle.leaf_hash(LEAVES[index])
                assert merkle.verify_subtree_inclusion(
                    leaf=leaf, index=index, start=start, end=end, proof=proof, root=top
                )
                shown += 1
    assert shown > 300


@unhurried
@given(size=sizes, at=st.integers(0, MOST), step=st.integers(0, 6), bit=bits, data=st.data())
def test_a_changed_inclusion_proof_is_refused(size: int, at: int, step: int, bit: int, data: st.DataObject) -> None:
    index = at % size
    leaf, root = merkle.leaf_hash(LEAVES[index]), ROOTS[size]
    proof = merkle.inclusion_proof(LEAVES[:size], index)
    changes = [
        (flipped(leaf, bit), index, proof, root),
        (leaf, index, proof, flipped(root, bit)),
        (leaf, index, [*proof, root], root),
        (leaf, index, [leaf, *proof], root),
        (leaf, index + size, proof, root),
        (leaf, -1, proof, root),
        (b"", index, proof, root),
    ]
    if size > 1:
        changes.append((leaf, (index + 1 + bit % (size - 1)) % size, proof, root))
    if proof:
        step %= len(proof)
        changes.append((leaf, index, proof[:step] + proof[step + 1 :], root))
        changes.append((leaf, index, [*proof[:step], flipped(proof[step], bit), *proof[step + 1 :]], root))
        changes.append((leaf, index, [*proof[:step], proof[step][:31], *proof[step + 1 :]], root))
    leaf, index, proof, root = data.draw(st.sampled_from(changes))

    assert not merkle.verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=root)


@unhurried
@given(new=sizes, at=st.integers(0, MOST), step=st.integers(0, 8), bit=bits, data=st.data())
def test_a_changed_consistency_proof_is_refused(new: int, at: int, step: int, bit: int, data: st.DataObject) -> None:
    old = at % new + 1
    old_root, new_root = ROOTS[old], ROOTS[new]
    proof = merkle.consistency_proof(LEAVES[:new], old)
    changes = [
        (old, new, proof, flipped(old_root, bit), new_root),
        (old, new, proof, old_root, flipped(new_root, bit)),
        (old, new, [*proof, new_root], old_root, new_root),
        (old, new, [old_root, *proof], old_root, new_root),
        (new + 1, new, proof, old_root, new_root),
        (0, new, proof, old_root, new_root),
    ]
    if old != new:
        changes.append((old, new, proof, new_root, old_root))
        changes.append((new, old, proof, old_root, new_root))
    if proof:
        step %= len(proof)
        changes.append((old, new, proof[:step] + proof[step + 1 :], old_root, new_root))
        changes.append((old, new, [*proof[:step], flipped(proof[step], bit), *proof[step + 1 :]], old_root, new_root))
    old, new, proof, old_root, new_root = data.draw(st.sampled_from(changes))

    assert not merkle.verify_consistency(old_size=old, new_size=new, proof=proof, old_root=old_root, new_root=new_root)


@unhurried
@given(st.integers(1, MOST - 1), st.integers(1, MOST), st.data())
def test_a_log_that_was_rewritten_has_no_proof_from_its_old_root(old: int, more: int, data: st.DataObject) -> None:
    new = min(old + more, MOST)
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*LEAVES[:changed], b"another history", *LEAVES[changed + 1 : new]]

    assert not merkle.verify_consistency(
        old_size=old,
        new_size=new,
        proof=merkle.consistency_proof(rewritten, old),
        old_root=ROOTS[old],
        new_root=merkle.root(rewritten),
    )


def test_nothing_is_in_an_empty_log() -> None:
    assert not merkle.verify_inclusion(leaf=merkle.EMPTY_ROOT, index=0, size=0, proof=[], root=merkle.EMPTY_ROOT)
    assert not merkle.verify_consistency(
        old_size=0, new_size=0, proof=[], old_root=merkle.EMPTY_ROOT, new_root=merkle.EMPTY_ROOT
    )


def test_no_proof_is_made_of_what_is_not_there(log: KeptLog) -> None:
    for index, size in ((0, 0), (5, 5), (-1, 5)):
        with pytest.raises(IndexError, match="no leaf"):
            merkle.inclusion_proof_at(index, size=size, lookup=log)
    for old, new in ((0, 5), (6, 5), (0, 0)):
        with pytest.raises(IndexError, match="no subtree"):
            merkle.consistency_proof_at(old, new_size=new, lookup=log)
    with pytest.raises(IndexError, match="no subtree"):
        merkle.subtree_consistency_proof_at(2, 6, size=8, lookup=log)
    with pytest.raises(IndexError, match="-1 leaves"):
        merkle.Frontier.load(size=-1, lookup=log)


def test_a_leaf_must_be_a_hash() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        merkle.Frontier().append(b"data")


def test_a_log_taken_up_again_goes_on_as_if_it_had_never_stopped(log: KeptLog) -> None:
    for size in range(MOST):
        resumed = merkle.Frontier.load(size=size, lookup=log)
        resumed.append(merkle.leaf_hash(LEAVES[size]))
        assert resumed.root() == ROOTS[size + 1]
        assert resumed.size == size + 1


def test_a_log_keeps_fewer_than_two_hashes_a_leaf(log: KeptLog) -> None:
    assert len(log.kept) == 2 * MOST - 1


def test_proofs_from_a_long_log_cost_a_few_lookups() -> None:
    size = 3000
    log = KeptLog([number.to_bytes(4, "big") for number in range(size)])
    root = log.frontier.root()
    for at in (1, 2, 1023, 1024, 1500, 2047, 2049, 2999):
        log.asked = 0
        leaf = merkle.leaf_hash((at - 1).to_bytes(4, "big"))
        proof = merkle.inclusion_proof_at(at - 1, size=size, lookup=log)
        assert merkle.verify_inclusion(leaf=leaf, index=at - 1, size=size, proof=proof, root=root)
        assert log.asked <= 2 * size.bit_length()
        log.asked = 0
        proof = merkle.consistency_proof_at(at, new_size=size, lookup=log)
        old_root = merkle.root_at(at, lookup=log)
        assert merkle.verify_consistency(old_size=at, new_size=size, proof=proof, old_root=old_root, new_root=root)
        assert log.asked <= 3 * size.bit_length()


@unhurried
@given(size=sizes, at=st.integers(0, MOST))
def test_the_lookups_of_a_proof_can_be_listed_before_they_are_made(size: int, at: int) -> None:
    log = KeptLog(LEAVES[:size])

    def work(lookup: merkle.Lookup) -> list[bytes]:
        return merkle.inclusion_proof_at(at % size, size=size, lookup=lookup)

    fetched = {place: log.kept[place] for place in merkle.subtrees_asked_for(work)}

    assert work(lambda level, index: fetched[level, index]) == merkle.inclusion_proof(LEAVES[:size], at % size)


@unhurried
@given(st.integers(0, 200), st.integers(-1, 40))
def test_a_range_is_a_subtree_when_it_hangs_under_one_node(start: int, count: int) -> None:
    end = start + count
    power = 1
    while power < count:
        power *= 2

    assert merkle.is_subtree(start, end) is (count == 0 or (count > 0 and start % power == 0))
