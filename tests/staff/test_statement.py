import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.errors import FieldError, InvalidInput, VerificationFailed
from lea_service.staff.keys import key_id, public_bytes
from lea_service.staff.passwords import password_message
from lea_service.staff.statement import (
    MAX_STATEMENT,
    Act,
    Outcome,
    Statement,
    dump_statement,
    load_statement,
    sign_statement,
    verify_proof,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PROPOSAL = Statement(
    act=Act.PROPOSE,
    approval="ap_" + "1" * 32,
    by="s_" + "2" * 32,
    kind="extraction.plan",
    subject="pl_" + "3" * 32,
    digest="d" * 43,
    facts={"receivers": ["ab"], "bounds": {"rows": 10}},
    stated_at=AT,
)
GOLDEN = (
    b'{"act":"propose","approval":"ap_11111111111111111111111111111111","beneficiary":null,'
    b'"by":"s_22222222222222222222222222222222","digest":"ddddddddddddddddddddddddddddddddddddddd'
    b'dddd","facts":{"bounds":{"rows":10},"receivers":["ab"]},'
    b'"kind":"extraction.plan","looked_at":[],"outcome":null,"reasons":[],'
    b'"stated_at":"2026-11-24T09:00:00.000000Z",'
    b'"subject":"pl_33333333333333333333333333333333","text":null,"v":1}'
)
SIGNED = {
    "kind": "ed25519",
    "key": "56475aa75463474c",
    "signature": "2ok4LdtQ6JlJTgSXVNVOXoww7AWiXA45fPZM3Vy6nPoY7iOr63KVnptiM3AIjijLoNCYLRXa4oxmdPFOcRWxDQ",
}


def test_statement_has_these_bytes():
    assert dump_statement(PROPOSAL) == GOLDEN
    assert load_statement(GOLDEN) == PROPOSAL


def test_signature_has_these_bytes():
    assert sign_statement(KEY, GOLDEN) == SIGNED
    verify_proof(SIGNED, GOLDEN, key_id(public_bytes(KEY)), public_bytes(KEY))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"signature": "not base64url!"}, "signature in base64url"),
        ({"signature": SIGNED["signature"] + "="}, "signature in base64url"),
        ({"signature": 5}, "signature in base64url"),
        ({"signature": "A" * 86}, "does not verify"),
        ({"kind": "rsa"}, "kind ed25519"),
        ({"kind": None}, "kind ed25519"),
        ({"key": "0" * 16}, "current key"),
        ({"key": None}, "expected a proof with kind, key and signature"),
        ({"more": 1}, "expected a proof with kind, key and signature"),
    ],
    ids=str,
)
def test_proof_of_any_other_form_proves_nothing(change, message):
    with pytest.raises(VerificationFailed, match=message):
        verify_proof(SIGNED | change, GOLDEN, SIGNED["key"], public_bytes(KEY))


@pytest.mark.parametrize("proof", [None, "ed25519", [SIGNED], {}, {"key": SIGNED["key"]}], ids=str)
def test_what_is_no_proof_proves_nothing(proof):
    with pytest.raises(VerificationFailed):
        verify_proof(proof, GOLDEN, SIGNED["key"], public_bytes(KEY))


def test_password_is_signed_for_in_these_bytes():
    message = password_message("handler1", "00000-AAAAA")
    assert message == password_message("handler1", "00000aaaaa")
    assert message == (
        b'{"act":"set_password","code":"4BQGtQa9juetQgqei-mF0Azg6nMf5_cgzTX-I9ydPSo","login":"handler1","v":1}'
    )
    with pytest.raises(InvalidInput):
        load_statement(message)


def refused(data):
    """Read what is no statement; returns what was expected, and where."""
    with pytest.raises(InvalidInput) as caught:
        load_statement(data)
    return caught.value.errors


def changed(**fields):
    return json.loads(GOLDEN) | fields


@pytest.mark.parametrize(
    "value",
    [
        changed(v=2),
        changed(act="sign"),
        changed(act=["propose"]),
        changed(outcome="approve"),
        changed(extra=1),
        changed(facts=[]),
        changed(subject=""),
        changed(by=None),
        changed(beneficiary=1),
        changed(stated_at="2026-11-24T09:00:00Z"),
        changed(stated_at="2026-11-24T10:00:00.000000+01:00"),
        changed(stated_at="yesterday"),
        changed(ground=None),
        changed(looked_at="scope"),
        changed(looked_at=["scope", "scope"]),
        changed(reasons=["target", "scope"]),
        changed(reasons=[""]),
        changed(text=1),
        {name: value for name, value in changed().items() if name != "text"},
        [],
        None,
    ],
    ids=str,
)
def test_other_statements_are_refused(value):
    refused(json.dumps(value, separators=(",", ":"), sort_keys=True).encode())


@pytest.mark.parametrize(
    "data",
    [
        GOLDEN + b" ",
        b" " + GOLDEN,
        GOLDEN.replace(b":", b": "),
        GOLDEN.replace(b'"act":"propose",', b'"act":"decide","act":"propose",'),
        GOLDEN.replace(b'"rows":10', b'"rows":10.0'),
        GOLDEN.replace(b'"ab"', b'"\\u0061b"'),
        GOLDEN.replace(b'"ab"', b'"' + b"a" * 70_000 + b'"'),
        b"",
        b"\xff",
    ],
    ids=range(9),
)
def test_other_bytes_of_one_statement_are_refused(data):
    refused(data)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"x" * (MAX_STATEMENT + 1), f"expected at most {MAX_STATEMENT} bytes"),
        (GOLDEN.replace(b'"v":1', b'"v":2'), "expected a statement of version 1"),
        (GOLDEN.replace(b'"act":"propose"', b'"act":"sign"'), "expected the fields of a statement"),
        (GOLDEN + b" ", "expected canonical JSON"),
    ],
)
def test_what_is_expected_of_a_statement_is_said(data, detail):
    assert list(refused(data)) == [FieldError("/statement", detail)]


def test_longest_statement_is_read():
    said = load_statement(GOLDEN)
    room = MAX_STATEMENT - len(dump_statement(replace(said, text="")))
    longest = replace(said, text="x" * room)
    assert len(dump_statement(longest)) == MAX_STATEMENT
    assert load_statement(dump_statement(longest)) == longest


@given(
    st.sampled_from([None, *Outcome]),
    st.dictionaries(st.text("abc", max_size=3), st.integers(-9, 9) | st.text() | st.none()),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_what_is_written_is_read_again(outcome, facts, at):
    facts = {key: value for key, value in facts.items() if _is_sound(value)}
    said = Statement(Act.DECIDE, "ap_1", "s_1", "k", "x", "d", facts, at, outcome=outcome)
    assert load_statement(dump_statement(said)) == said


def _is_sound(value):
    return not isinstance(value, str) or not any("\ud800" <= char <= "\udfff" for char in value)


@given(st.integers(0, len(GOLDEN) - 1), st.integers(1, 255))
def test_any_changed_byte_ends_the_proof(place, flip):
    data = bytearray(GOLDEN)
    data[place] ^= flip
    with pytest.raises(VerificationFailed):
        verify_proof(SIGNED, bytes(data), key_id(public_bytes(KEY)), public_bytes(KEY))
