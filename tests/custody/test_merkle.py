import json
import os
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from lea_service.custody.merkle import (
    EMPTY_ROOT,
    Edge,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from lea_service.kernel.errors import InvalidInput, VerificationFailed

SIZES = st.integers(1, 70)
REFERENCE = os.environ.get("LEA_REFERENCE_DIR")


def leaves(size):
    return [leaf_hash(b"entry %d" % n) for n in range(size)]


def naive_root(hashes):
    """RFC 6962 2.1 as it is written, sharing nothing with the code under test."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node_hash(naive_root(hashes[:k]), naive_root(hashes[k:]))


def subtree_of(hashes):
    return lambda start, end: naive_root(hashes[start:end])


def test_known_answers():
    assert EMPTY_ROOT.hex().startswith("e3b0c442")
    assert EMPTY_ROOT.hex().endswith("b855")
    assert leaf_hash(b"").hex().startswith("6e340b9c")
    assert leaf_hash(b"L123456").hex().startswith("395aa064")
    assert node_hash(b"N123", b"N456").hex().startswith("aa217fe8")


@pytest.mark.parametrize("size", range(70))
def test_root_is_that_of_the_definition(size):
    assert tree_root(leaves(size)) == naive_root(leaves(size))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 65])
def test_root_is_that_of_a_second_implementation(size):
    tree = InmemoryTree(algorithm="sha256")
    for n in range(size):
        tree.append_entry(b"entry %d" % n)
    assert tree.get_root() == tree_root(leaves(size))


@given(SIZES)
def test_edge_survives_storage(size):
    edge = Edge()
    for leaf in leaves(size):
        edge.append(leaf)
    assert Edge.load(size, edge.dump()).root() == naive_root(leaves(size))


@given(SIZES, st.data())
def test_every_leaf_is_provable_and_only_at_its_place(size, data):
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    root = naive_root(hashes)
    proof = prove_inclusion(index, size, subtree_of(hashes))
    verify_inclusion(hashes[index], index, size, root, proof)
    other = data.draw(
        st.integers(0, size - 1).filter(lambda n: n != index) if size > 1 else st.just(size)
    )
    with pytest.raises(VerificationFailed):
        verify_inclusion(hashes[index], other, size, root, proof)


@given(SIZES, SIZES)
def test_every_beginning_is_provable(one, two):
    old, new = sorted((one, two))
    hashes = leaves(new)
    proof = prove_consistency(old, new, subtree_of(hashes))
    old_root, new_root = naive_root(hashes[:old]), naive_root(hashes)
    verify_consistency(old, new, old_root, new_root, proof)
    if old < new:
        with pytest.raises(VerificationFailed):
            verify_consistency(old, new, leaf_hash(b"other"), new_root, proof)


@given(SIZES, st.data())
def test_damaged_proofs_are_refused(size, data):
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    proof = prove_inclusion(index, size, subtree_of(hashes))
    kind = data.draw(st.sampled_from(["bit", "drop", "add", "leaf", "root", "short"]))
    leaf, root = hashes[index], naive_root(hashes)
    if kind == "add":
        proof = [*proof, data.draw(st.binary(min_size=32, max_size=32))]
    elif kind == "leaf" or not proof:
        leaf = _flip(leaf, data)
    elif kind == "root":
        root = _flip(root, data)
    else:
        at = data.draw(st.integers(0, len(proof) - 1))
        damaged = {"bit": [_flip(proof[at], data)], "drop": [], "short": [proof[at][:31]]}
        proof = [*proof[:at], *damaged[kind], *proof[at + 1 :]]
    with pytest.raises(VerificationFailed):
        verify_inclusion(leaf, index, size, root, proof)


def _flip(value, data):
    bit = data.draw(st.integers(0, 255))
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (6, 5), (-1, 3)])
def test_sizes_without_a_proof_are_refused(old, new):
    with pytest.raises(InvalidInput):
        prove_consistency(old, new, subtree_of(leaves(6)))
    with pytest.raises(VerificationFailed):
        verify_consistency(old, new, EMPTY_ROOT, EMPTY_ROOT, [])


def _vectors(kind):
    if REFERENCE is None:
        return []
    folder = Path(REFERENCE) / "data" / "merkle-vectors" / kind
    return sorted(folder.rglob("*.json"))


def _decoded(text):
    return b64decode(text or "")


def _refuses(check, *args):
    try:
        check(*args)
    except VerificationFailed:
        return True
    return False


@pytest.mark.skipif(REFERENCE is None, reason="LEA_REFERENCE_DIR is not set: public proof vectors")
def test_public_inclusion_vectors():
    found = [json.loads(path.read_text()) for path in _vectors("inclusion")]
    assert len(found) == 98
    for one in found:
        args = (_decoded(one["leafHash"]), one["leafIdx"], one["treeSize"], _decoded(one["root"]))
        proof = [_decoded(part) for part in one["proof"] or []]
        assert _refuses(verify_inclusion, *args, proof) == one["wantErr"], one["desc"]


@pytest.mark.skipif(REFERENCE is None, reason="LEA_REFERENCE_DIR is not set: public proof vectors")
def test_public_consistency_vectors():
    found = [json.loads(path.read_text()) for path in _vectors("consistency")]
    assert len(found) == 98
    for one in found:
        args = (one["size1"], one["size2"], _decoded(one["root1"]), _decoded(one["root2"]))
        proof = [_decoded(part) for part in one["proof"] or []]
        assert _refuses(verify_consistency, *args, proof) == one["wantErr"], one["desc"]
