"""What a person signs, byte for byte, and the proof that the person did.

A statement is canonical JSON, so the bytes that were signed are the bytes that are acted on. A
proof names its kind: ``ed25519`` today; an unknown kind is refused, never skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lea_service.kernel.canonical import Json, dump_canonical, encode_b64url, load_strict
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.errors import InvalidInput, VerificationFailed
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.keys import key_id, public_bytes, verify_signature

VERSION = 1
MAX_STATEMENT = 64 * 1024


class Act(StrEnum):
    """What the signer does with the approval."""

    PROPOSE = "propose"
    DECIDE = "decide"


class Outcome(StrEnum):
    """How an approval ends."""

    APPROVED = "approved"
    RETURNED = "returned"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Statement:
    """One person's word about one approval.

    ``digest`` is the salted digest of the payload, ``facts`` are what is public about it. A
    decision states in codes what was looked at (``looked_at``), or why something is returned or
    refused (``reasons``) with the salted digest of what was told of it (``text``).
    """

    act: Act
    approval: str
    by: str
    kind: str
    subject: str
    digest: str
    facts: Mapping[str, Json]
    stated_at: datetime
    beneficiary: str | None = None
    outcome: Outcome | None = None
    reasons: tuple[str, ...] = ()
    looked_at: tuple[str, ...] = ()
    text: str | None = None


DECIDERS = "deciders"
"""Among the facts: how many people have to agree to a proposal, where one is not enough."""
MOST_DECIDERS = 3


def needed_deciders(facts: Mapping[str, Json]) -> int:
    """Return how many people beside the proposer have to agree. Raises VerificationFailed."""
    number = facts.get(DECIDERS, 1)
    if type(number) is not int or not 1 <= number <= MOST_DECIDERS:
        raise VerificationFailed(f"expected 1 to {MOST_DECIDERS} people who have to agree")
    return number


_KEYS = frozenset({*Statement.__dataclass_fields__, "v"})
_CODES = ("reasons", "looked_at")


def dump_statement(statement: Statement) -> bytes:
    """Return the bytes to sign."""
    fields: dict[str, Any] = {name: getattr(statement, name) for name in _KEYS - {"v"}}
    fields |= {"v": VERSION, "stated_at": format_instant(statement.stated_at)}
    fields |= {name: [*fields[name]] for name in _CODES}
    return dump_canonical(fields)


def load_statement(data: bytes) -> Statement:
    """Read signed bytes; anything but the exact canonical form is refused. Raises InvalidInput."""
    if len(data) > MAX_STATEMENT:
        raise InvalidInput.at("/statement", f"expected at most {MAX_STATEMENT} bytes")
    value = load_strict(data)
    if not isinstance(value, dict) or set(value) != _KEYS or value["v"] != VERSION:
        raise InvalidInput.at("/statement", f"expected a statement of version {VERSION}")
    try:
        statement = _read(value)
    except (ValueError, TypeError) as err:
        raise InvalidInput.at("/statement", "expected the fields of a statement") from err
    if dump_statement(statement) != data:
        raise InvalidInput.at("/statement", "expected canonical JSON")
    return statement


def _read(value: dict[str, Any]) -> Statement:
    texts = ("approval", "by", "kind", "subject", "digest", "stated_at")
    perhaps = ("beneficiary", "text")
    if not all(isinstance(value[name], str) and value[name] for name in texts):
        raise TypeError
    if not all(value[name] is None or isinstance(value[name], str) for name in perhaps):
        raise TypeError
    if not isinstance(value["facts"], dict) or not all(map(_is_set, map(value.get, _CODES))):
        raise TypeError
    outcome = value["outcome"]
    fields = {name: value[name] for name in _KEYS - {"v"}}
    fields |= {
        "act": Act(value["act"]),
        "outcome": None if outcome is None else Outcome(outcome),
        "stated_at": parse_instant(value["stated_at"]),
        **{name: tuple(value[name]) for name in _CODES},
    }
    return Statement(**fields)


def _is_set(codes: object) -> bool:
    """Say whether codes stand in order and each once: there is one way to write them."""
    if not isinstance(codes, list) or not all(isinstance(one, str) and one for one in codes):
        return False
    return codes == sorted(set(codes))


def sign_statement(key: Ed25519PrivateKey, statement: bytes) -> dict[str, Json]:
    """Return the proof that the holder of ``key`` signed ``statement``."""
    return {
        "kind": "ed25519",
        "key": key_id(public_bytes(key)),
        "signature": encode_b64url(key.sign(statement)),
    }


def proof_key(proof: Json) -> str:
    """Return the id of the key that a proof names. Raises VerificationFailed."""
    if isinstance(proof, dict) and isinstance(proof.get("key"), str):
        return str(proof["key"])
    raise VerificationFailed("expected a proof with kind, key and signature")


def verify_proof(proof: Json, statement: bytes, key: str, public_key: bytes) -> None:
    """Check that ``proof`` is by the key ``key``, over ``statement``. Raises VerificationFailed."""
    if proof_key(proof) != key:
        raise VerificationFailed("the proof is not one of the signer's current key")
    assert isinstance(proof, dict)  # noqa: S101 proof_key saw to it
    verifier = _VERIFIERS.get(str(proof.get("kind")))
    if verifier is None:
        raise VerificationFailed("expected a proof of kind ed25519")
    verifier(proof, statement, public_key)


def _verify_ed25519(proof: Mapping[str, Json], statement: bytes, public_key: bytes) -> None:
    if set(proof) != {"kind", "key", "signature"}:
        raise VerificationFailed("expected a proof with kind, key and signature")
    try:
        signature = decode_b64url(proof["signature"], "/proof/signature")
    except InvalidInput as err:
        raise VerificationFailed("expected the signature in base64url") from err
    verify_signature(public_key, signature, statement)


_VERIFIERS: dict[str, Callable[[Mapping[str, Json], bytes, bytes], None]] = {
    "ed25519": _verify_ed25519
}
