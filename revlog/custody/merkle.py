"""The Merkle tree over the log: RFC 6962, section 2.1 (RFC 9162 keeps the same tree and spells out the checks).

A root commits to the first ``size`` leaves in their order. An inclusion proof shows, with about log2(size) hashes, that
a leaf stands at an index under a root; a consistency proof shows that a root's leaves are the beginning of a later
root's. Leaf indexes count from 0. For our log the data of leaf i is the digest (32 raw bytes) of the i-th entry.

Proofs are made from *complete subtrees*: level l, index i covers the 2^l leaves from i * 2^l on, and never changes
once its last leaf is there. Everything that makes proofs therefore reads hashes through a ``Lookup``, in a number that
grows with the logarithm of the log, wherever they are kept. Everything that checks proofs needs no tree at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a log with no leaves."""

Lookup = Callable[[int, int], bytes]
"""``lookup(level, index)`` returns the hash of a complete subtree; it may raise LookupError for one not kept."""


@dataclass(frozen=True, slots=True)
class Subtree:
    """A complete subtree: the hash over the 2^level leaves that start at index * 2^level."""

    level: int
    index: int
    hash: bytes


def leaf_hash(data: bytes) -> bytes:
    """Hash a leaf's data; the prefix keeps a leaf from being taken for a node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an inner node over the hashes of its two children."""
    return sha256(b"\x01" + left + right).digest()


# Whole trees at once: for small sets, such as the units that a bulk act covered.


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over the leaves' data, in their order."""
    frontier = Frontier()
    for data in leaves:
        frontier.append(leaf_hash(data))
    return frontier.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that the leaf at ``index`` is under the root over all these leaves' data. Raises IndexError."""
    return inclusion_proof_at(index, size=len(leaves), lookup=_lookup_over(leaves))


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the proof that the first ``old_size`` leaves begin the tree over all of them. Raises IndexError."""
    return consistency_proof_at(old_size, new_size=len(leaves), lookup=_lookup_over(leaves))


# An append-only log whose complete subtrees are kept.


class Frontier:
    """The right edge of a growing tree: the complete subtrees that cover it, largest first (at most 64 of them).

    It is all that is needed to append leaves and to tell the root, so a log of any length goes on growing from a
    handful of hashes. ``append`` hands out each subtree that the new leaf completes; whoever keeps them, each once,
    can make every proof later.
    """

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    @classmethod
    def load(cls, *, size: int, lookup: Lookup) -> Frontier:
        """Take up a log of ``size`` leaves again; asks for as many subtrees as ``size`` has binary ones."""
        if size < 0:
            raise IndexError(f"A log cannot have {size} leaves.")
        frontier = cls()
        frontier.size = size
        frontier._edge = [lookup(level, index) for level, index in _cover(0, size)]
        return frontier

    def append(self, leaf: bytes) -> list[Subtree]:
        """Add a leaf by its hash (32 bytes) and return the subtrees it completes, the leaf itself (level 0) first."""
        if len(leaf) != HASH_BYTES:
            raise ValueError(f"A leaf hash has {HASH_BYTES} bytes, not {len(leaf)}.")
        completed = [Subtree(0, self.size, leaf)]
        level, index, node = 0, self.size, leaf
        while index & 1:
            node = node_hash(self._edge.pop(), node)
            level, index = level + 1, index >> 1
            completed.append(Subtree(level, index, node))
        self._edge.append(node)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        return _fold(self._edge)


def root_at(size: int, *, lookup: Lookup) -> bytes:
    """Return the root that the log had at ``size`` leaves."""
    return Frontier.load(size=size, lookup=lookup).root()


def inclusion_proof_at(index: int, *, size: int, lookup: Lookup) -> list[bytes]:
    """Return the proof that leaf ``index`` is under the root at ``size``, from the leaf upwards. Raises IndexError."""
    return subtree_inclusion_proof_at(index, start=0, end=size, lookup=lookup)


def consistency_proof_at(old_size: int, *, new_size: int, lookup: Lookup) -> list[bytes]:
    """Return the proof that the log at ``new_size`` only added to the log at ``old_size``. Raises IndexError.

    Empty for equal sizes. There is none from size 0: every log begins with nothing, so it would prove nothing.
    """
    return subtree_consistency_proof_at(0, old_size, size=new_size, lookup=lookup)


def subtree_inclusion_proof_at(index: int, *, start: int, end: int, lookup: Lookup) -> list[bytes]:
    """Return the proof that leaf ``index`` of the log is in the subtree [start, end). Raises IndexError."""
    if not start <= index < end or not is_subtree(start, end):
        raise IndexError(f"There is no leaf {index} in a subtree [{start}, {end}).")
    siblings: list[tuple[int, int]] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    return [_range_hash(*sibling, lookup) for sibling in reversed(siblings)]


def subtree_consistency_proof_at(start: int, end: int, *, size: int, lookup: Lookup) -> list[bytes]:
    """Return the proof that the subtree [start, end) is part of the log at ``size``. Raises IndexError."""
    if not 0 <= start < end <= size or not is_subtree(start, end):
        raise IndexError(f"There is no subtree [{start}, {end}) in a log of {size} leaves.")
    low, high = 0, size
    siblings: list[tuple[int, int]] = []
    # Down the tree until the range is the subtree itself, or the subtree's last part with its own right edge.
    known = True
    while (low, high) != (start, end) and not (high == end and low > start):
        middle = low + _split(high - low)
        if end <= middle:
            siblings.append((middle, high))
            high = middle
        else:
            # Reaching over the middle, it starts here and owns all on the left; its own hash then stands nowhere.
            known = known and start >= middle
            siblings.append((low, middle))
            low = middle
    if not known:
        siblings.append((low, high))
    return [_range_hash(*sibling, lookup) for sibling in reversed(siblings)]


def subtrees_asked_for(work: Callable[[Lookup], object]) -> list[tuple[int, int]]:
    """Return the (level, index) pairs that ``work`` will look up, so that they can be fetched in one query.

    Which hashes a root or proof needs depends on sizes alone, never on the hashes: the work is done once on blanks.
    """
    asked: dict[tuple[int, int], None] = {}

    def note(level: int, index: int) -> bytes:
        asked[level, index] = None
        return bytes(HASH_BYTES)

    work(note)
    return list(asked)


# Checks: no tree, no trust. They answer False to anything that proves nothing and raise nothing.


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether the proof shows the leaf hash ``leaf`` at ``index`` under the root of a log of ``size`` leaves."""
    return verify_subtree_inclusion(leaf=leaf, index=index, start=0, end=size, proof=proof, root=root)


def verify_consistency(
    *, old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Say whether the proof shows that the log at ``new_size`` only added to the log at ``old_size``.

    From size 0 the answer is False: every log begins with nothing, so there is nothing to show.
    """
    return old_size > 0 and verify_subtree_consistency(
        start=0, end=old_size, size=new_size, proof=proof, subtree_root=old_root, root=new_root
    )


def is_subtree(start: int, end: int) -> bool:
    """Say whether the leaves [start, end) hang under one node of the tree, complete or on its right edge.

    So it is when ``start`` is a multiple of the smallest power of two that is not less than their number. An empty
    range is a subtree wherever it lies.
    """
    return 0 <= start <= end and (start == end or start % (1 << (end - start - 1).bit_length()) == 0)


def verify_subtree_inclusion(
    *, leaf: bytes, index: int, start: int, end: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Say whether the proof shows the leaf hash ``leaf`` at ``index`` of the log under the subtree [start, end).

    The subtree's alignment makes this the plain inclusion proof of leaf ``index - start`` in a tree of its own.
    """
    if not (start <= index < end and is_subtree(start, end) and _are_hashes([leaf, *proof])):
        return False
    at, last, node = index - start, end - start - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            # On the ragged edge a node climbs without a sibling until it is a right child.
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def verify_subtree_consistency(
    *, start: int, end: int, size: int, proof: Sequence[bytes], subtree_root: bytes, root: bytes
) -> bool:
    """Say whether the proof shows that the subtree [start, end) with ``subtree_root`` is part of the log at ``size``.

    Both hashes are climbed to at once: from the last full node of the subtree, left siblings inside it count for
    both, everything else for the log's root only. An empty subtree is part of any log; its hash is EMPTY_ROOT.
    """
    if not (end <= size and is_subtree(start, end) and _are_hashes(proof)):
        return False
    if start == end:
        return not proof and subtree_root == EMPTY_ROOT
    first, at, last = start, end - 1, size - 1
    # Climb to the largest complete node that ends the subtree; on the log's own right edge, to the subtree's top.
    while first != at and (at & 1 or at == last):
        first, at, last = first >> 1, at >> 1, last >> 1
    # A subtree that is one node of the tree needs no proof of its own hash; else the proof begins with that last node.
    nodes = list(proof)
    if first == at:
        inner = outer = subtree_root
    elif nodes:
        inner = outer = nodes.pop(0)
    else:
        return False
    for sibling in nodes:
        if last == 0:
            return False
        if at & 1 or at == last:
            if first < at:
                inner = node_hash(sibling, inner)
            outer = node_hash(sibling, outer)
            while at and not at & 1:
                first, at, last = first >> 1, at >> 1, last >> 1
        else:
            outer = node_hash(outer, sibling)
        first, at, last = first >> 1, at >> 1, last >> 1
    return last == 0 and inner == subtree_root and outer == root


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


def _split(count: int) -> int:
    """Return the largest power of two below ``count``: the number of leaves left of the top node."""
    return 1 << (count - 1).bit_length() - 1


def _cover(start: int, end: int) -> list[tuple[int, int]]:
    """Return the complete subtrees (level, index) that make up [start, end), largest first; ``start`` is aligned."""
    cover = []
    while start < end:
        level = (end - start).bit_length() - 1
        cover.append((level, start >> level))
        start += 1 << level
    return cover


def _fold(edge: Sequence[bytes]) -> bytes:
    """Return the hash over neighboring complete subtrees, largest first."""
    if not edge:
        return EMPTY_ROOT
    node = edge[-1]
    for left in reversed(edge[:-1]):
        node = node_hash(left, node)
    return node


def _range_hash(start: int, end: int, lookup: Lookup) -> bytes:
    return _fold([lookup(level, index) for level, index in _cover(start, end)])


def _lookup_over(leaves: Sequence[bytes]) -> Lookup:
    frontier, kept = Frontier(), {}
    for data in leaves:
        kept.update({(subtree.level, subtree.index): subtree.hash for subtree in frontier.append(leaf_hash(data))})
    return lambda level, index: kept[level, index]
