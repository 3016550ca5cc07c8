"""The policy: turns what was seen into allow or hold, and holds whatever it cannot tell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

from lea_service.kernel.canonical import Json, canonical_digest, load_strict
from lea_service.kernel.patterns import make_validator
from lea_service.legal.authenticity.observations import Observation, Sight
from lea_service.legal.rows import find_misfits, refuse

SHIPPED, SCHEMA = "authenticity-policy.json", "authenticity-policy-1.json"
NOT_A_POLICY = "the authenticity policy is not one"
BY_ANCHOR = frozenset({Sight.SIGNATURE_BY_ISSUER, Sight.SIGNATURE_NOT_REVOKED})
"""What speaks for a demand only by the word of the issuer that a signature leads to."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a demand needs and what holds it. ``version`` 0 is what ships.

    ``anchors`` are the fingerprints of the issuers whose signatures count.
    """

    version: int
    digest: str
    require: tuple[Sight, ...]
    any_of: tuple[tuple[Sight, ...], ...]
    hold_on: tuple[Sight, ...]
    anchors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy makes of what was seen.

    ``missing`` is required and was not seen, ``against`` holds by itself, ``proofs`` are the lists
    of which one would have to be whole and none is.
    """

    missing: tuple[Sight, ...]
    against: tuple[Sight, ...]
    proofs: tuple[tuple[Sight, ...], ...]

    @property
    def allows(self) -> bool:
        """Say whether nothing stands in the way."""
        return not (self.missing or self.against or self.proofs)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return the codes of what stands in the way."""
        unproven = ("not_proven",) if self.proofs else ()
        return (*self.missing, *self.against, *unproven)


def judge(policy: Policy, sights: Collection[Sight]) -> Verdict:
    """Return what a policy makes of what was seen. Nothing seen is held."""
    seen = frozenset(sights)
    whole = any(proof and seen.issuperset(proof) for proof in policy.any_of)
    return Verdict(
        missing=tuple(one for one in policy.require if one not in seen),
        against=tuple(one for one in policy.hold_on if one in seen),
        proofs=() if whole else policy.any_of or ((),),
    )


def count_sights(policy: Policy, observations: Collection[Observation]) -> frozenset[Sight]:
    """Return the codes of what was seen, as far as the policy lets it count.

    A signature that led to an issuer whom the policy does not name is one of an unknown issuer,
    also where the policy named it when the document was looked at.
    """
    return frozenset(_counted(policy, one) for one in observations)


def _counted(policy: Policy, one: Observation) -> Sight:
    is_decided = one.sight not in BY_ANCHOR or one.seen.get("anchor") in policy.anchors
    return one.sight if is_decided else Sight.SIGNATURE_UNTRUSTED


def read_policy(document: Any, version: int) -> Policy:
    """Read a policy. Raises InvalidInput that names each place that is wrong."""
    refuse(NOT_A_POLICY, find_misfits("", document, _validator()))
    return Policy(
        version=version,
        digest=canonical_digest(document),
        require=_sights(document["require"]),
        any_of=tuple(_sights(one) for one in document["any_of"]),
        hold_on=_sights(document["hold_on"]),
        anchors=frozenset(document.get("anchors", ())),
    )


@cache
def load_shipped() -> Policy:
    """Return the policy that ships."""
    return read_policy(shipped_document(), 0)


def shipped_document() -> Json:
    """Return the policy that ships, as its file has it."""
    document: Json = load_strict((_data() / SHIPPED).read_bytes())
    return document


def _sights(codes: Collection[str]) -> tuple[Sight, ...]:
    return tuple(Sight(one) for one in codes)


@cache
def _validator() -> Draft202012Validator:
    return make_validator(load_strict((_data() / SCHEMA).read_bytes()))


def _data() -> Any:
    return files("lea_service.legal") / "data"
