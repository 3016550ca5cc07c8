"""Merkle tree of RFC 6962 section 2.1 with SHA-256; proofs verified as RFC 9162 section 2.1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from lea_service.kernel.errors import IntegrityFailure, InvalidInput, VerificationFailed

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Edge:
    """The right edge of a growing tree: the roots of its full subtrees, largest first.

    Appending costs O(log n) and the whole state is at most 64 hashes.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            raise IntegrityFailure("the right edge does not fit the size of the tree")

    def append(self, leaf: bytes) -> None:
        """Add the next leaf hash."""
        size = self.size
        while size & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            size >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def dump(self) -> bytes:
        """Return the hashes, one after the other."""
        return b"".join(self.hashes)

    @classmethod
    def load(cls, size: int, data: bytes) -> Edge:
        """Read what ``dump`` wrote. Raises IntegrityFailure when it does not fit ``size``."""
        return cls(size, (data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)))


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    edge = Edge()
    for leaf in leaves:
        edge.append(leaf)
    return edge.root()


def split_point(size: int) -> int:
    """Return the largest power of two below ``size`` (``size`` of two and more)."""
    return 1 << ((size - 1).bit_length() - 1)


Subtree = Callable[[int, int], bytes]
"""Gives the root over the leaves from start up to end, for ranges that occur in a proof."""


def prove_inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the audit path of leaf ``index`` in a tree of ``size`` (RFC 6962 2.1.1)."""
    if not 0 <= index < size:
        raise InvalidInput("expected an index below the size of the tree")
    return _path(index, 0, size, subtree)


def _path(index: int, start: int, end: int, subtree: Subtree) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + split_point(end - start)
    if index < middle:
        return [*_path(index, start, middle, subtree), subtree(middle, end)]
    return [*_path(index, middle, end, subtree), subtree(start, middle)]


def prove_consistency(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that the tree of ``old`` leaves begins that of ``new`` (RFC 6962 2.1.2).

    ``old`` is at least 1: that everything begins with nothing needs no proof.
    """
    if not 0 < old <= new:
        raise InvalidInput("expected 0 < old size <= new size")
    if old == new:
        return []
    return _subproof(old, 0, new, subtree, whole=True)


def _subproof(old: int, start: int, end: int, subtree: Subtree, *, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [subtree(start, end)]
    middle = start + split_point(end - start)
    if old <= middle:
        return [*_subproof(old, start, middle, subtree, whole=whole), subtree(middle, end)]
    return [*_subproof(old, middle, end, subtree, whole=False), subtree(start, middle)]


def verify_inclusion(
    leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check an audit path (RFC 9162 2.1.3.2). Raises VerificationFailed.

    ``size`` must come from the signed checkpoint that holds ``root``: most wrong sizes would pass.
    """
    if not 0 <= index < size:
        raise VerificationFailed("the leaf lies outside the tree")
    _check_hashes(leaf, root, *proof)
    fn, sn, found = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise VerificationFailed("the inclusion proof is too long")
        if fn & 1 or fn == sn:
            found = node_hash(sibling, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn or found != root:
        raise VerificationFailed("the inclusion proof does not lead to the root")


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the old tree begins the new one (RFC 9162 2.1.4.2). Raises VerificationFailed."""
    if not 0 < old <= new:
        raise VerificationFailed("expected 0 < old size <= new size")
    if old == new:
        if proof or old_root != new_root:
            raise VerificationFailed("two roots for one size")
        return
    _check_hashes(old_root, new_root, *proof)
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise VerificationFailed("the consistency proof is empty")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for step in path[1:]:
        if sn == 0:
            raise VerificationFailed("the consistency proof is too long")
        if fn & 1 or fn == sn:
            first, second = node_hash(step, first), node_hash(step, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, step)
        fn, sn = fn >> 1, sn >> 1
    if sn or first != old_root or second != new_root:
        raise VerificationFailed("the consistency proof does not join the two roots")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise VerificationFailed("a hash does not have 32 bytes")
