import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.canonical import (
    dump_canonical,
    encode_b64url,
    is_canonical,
    load_strict,
    salted_digest,
    sha256,
)
from lea_service.kernel.errors import InvalidInput

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner))


@given(VALUES)
def test_agrees_with_second_implementation(value):
    assert dump_canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_survives_the_round_trip(value):
    data = dump_canonical(value)
    assert load_strict(data) == value
    assert is_canonical(data)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"a":{"b":1,"b":2}}',
        "1.0",
        "1e3",
        "NaN",
        "-Infinity",
        "9007199254740992",
        "1" * 5000,
        '"\\ud800"',
        "[" * 100 + "]" * 100,
        "[" * 100_000,
        "{",
        "",
    ],
)
def test_refuses_what_two_parsers_could_read_differently(text):
    with pytest.raises(InvalidInput):
        load_strict(text)


def test_refuses_bytes_that_are_not_utf8():
    with pytest.raises(InvalidInput):
        load_strict(b'"\xff"')


@pytest.mark.parametrize("value", [1.5, b"x", {1: 2}, {"é": 1}, 2**53, ["\ud800"], {"a": {1}}])
def test_refuses_values_without_canonical_form(value):
    with pytest.raises(InvalidInput):
        dump_canonical(value)


def test_other_spelling_is_not_canonical():
    assert not is_canonical(json.dumps({"b": 1, "a": 2}).encode())
    assert not is_canonical(b'{"a": 1}')


def test_salted_digest_can_be_recomputed_by_hand():
    salt = bytes(range(16))
    expected = encode_b64url(sha256(b'["AAECAwQFBgcICQoLDA0ODw",{"a":1}]'))
    assert salted_digest(salt, {"a": 1}) == expected


def test_salt_must_hold_128_bits():
    with pytest.raises(InvalidInput):
        salted_digest(b"short", 1)


def test_broken_json_is_said_with_its_place():
    with pytest.raises(InvalidInput, match=r"^expected well-formed JSON \(line 3, column 3\)$"):
        load_strict(b'{\n  "a": 1\n  "b": 2\n}')
