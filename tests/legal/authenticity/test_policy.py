"""The policy turns what was seen into allow or hold; whatever it cannot tell is held."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lea_service.kernel.canonical import canonical_digest
from lea_service.kernel.errors import InvalidInput
from lea_service.legal.authenticity.observations import WORDS, Observation, Sight
from lea_service.legal.authenticity.policy import (
    NOT_A_POLICY,
    count_sights,
    judge,
    load_shipped,
    read_policy,
    shipped_document,
)
from lea_service.legal.findings import make_finding
from lea_service.legal.wording import WORDING

TOP = Path(__file__).parents[3]
DATA = TOP / "lea_service/legal/data"
EXAMPLES = TOP / "schemas/examples/authenticity-policy"
S = Sight
KNOWN = {S.AGENCY_KNOWN, S.PERSON_KNOWN}
CALLED = {*KNOWN, S.CALL_BACK_CONFIRMED}
SIGNED = {*KNOWN, S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED}
PROOF = {S.CALL_BACK_CONFIRMED, S.SIGNATURE_BY_ISSUER}
NEVER = {
    S.AGENCY_SUSPENDED, S.PERSON_SUSPENDED, S.CALL_BACK_DENIED, S.MAIL_DKIM_FAILED,
    S.MAIL_DMARC_FAILED, S.MAIL_LOOK_ALIKE, S.MAIL_HEADERS_FORGED, S.SIGNATURE_CHANGED,
    S.SIGNATURE_REVOKED, S.SIGNATURE_BROKEN,
}  # fmt: skip
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
sets = st.sets(st.sampled_from(Sight))


def allows(*sights):
    return judge(load_shipped(), sights).allows


@pytest.mark.parametrize("sights", [CALLED, SIGNED, {*CALLED, S.SIGNATURE_NO_ANCHOR}])
def test_known_and_proven_is_allowed(sights):
    assert allows(*sights)


@pytest.mark.parametrize(
    "sights",
    [
        (),
        KNOWN,
        {*KNOWN, S.MAIL_DKIM_PASSED, S.MAIL_SPF_PASSED, S.MAIL_DMARC_PASSED, S.MAIL_DOMAIN_KNOWN},
        {*KNOWN, S.CALL_BACK_OUTDATED},
        {*KNOWN, S.CALL_BACK_UNREACHABLE},
        {*KNOWN, S.SIGNATURE_BY_OTHER, S.SIGNATURE_NOT_REVOKED},
        {*KNOWN, S.SIGNATURE_BY_ISSUER, S.SIGNATURE_REVOCATION_UNKNOWN},
        {S.AGENCY_KNOWN, S.CALL_BACK_CONFIRMED},
        {S.PERSON_KNOWN, S.CALL_BACK_CONFIRMED},
    ],
)
def test_everything_short_of_that_is_held(sights):
    assert not allows(*sights)


@pytest.mark.parametrize("sight", sorted(NEVER))
def test_what_speaks_against_it_holds_whatever_else(sight):
    found = judge(load_shipped(), {*CALLED, *SIGNED, sight})
    assert (found.allows, found.against) == (False, (sight,))


@given(sets)
def test_nothing_is_allowed_without_proof_of_a_known_person(sights):
    if allows(*sights):
        assert sights >= KNOWN
        assert sights & PROOF
        assert not sights & NEVER


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda one: one.stem)
def test_examples_are_read_as_they_are_named(path):
    document = json.loads(path.read_text())
    schema = json.loads((TOP / "schemas/authenticity-policy/1.json").read_text())
    is_valid = path.stem.startswith("valid")
    assert Draft202012Validator(schema).is_valid(document) is is_valid
    if is_valid:
        policy = read_policy(document, 3)
        assert policy.version == 3
        assert all(PROOF & {*one} for one in policy.any_of)
        return
    with pytest.raises(InvalidInput) as caught:
        read_policy(document, 3)
    assert caught.value.detail.startswith(NOT_A_POLICY)
    assert all(one.pointer == "" or one.pointer.startswith("/") for one in caught.value.errors)


def test_policy_is_read_as_it_is_written():
    document = shipped_document()
    assert document == json.loads((DATA / "authenticity-policy.json").read_text())
    anchor = "ab" * 32
    policy = read_policy({**document, "anchors": [anchor]}, 4)
    assert policy.digest == canonical_digest({**document, "anchors": [anchor]})
    assert [*policy.require] == document["require"]
    assert [[*one] for one in policy.any_of] == document["any_of"]
    assert [*policy.hold_on] == document["hold_on"]
    assert policy.anchors == {anchor}
    assert load_shipped().anchors == frozenset()


def test_policy_that_names_no_proof_holds():
    policy = replace(load_shipped(), any_of=())
    found = judge(policy, set(Sight) - {*policy.hold_on})
    assert (found.missing, found.against) == ((), ())
    assert (found.allows, found.reasons) == (False, ("not_proven",))


def test_reasons_name_what_is_missing_what_is_against_and_that_nothing_proves():
    policy = load_shipped()
    found = judge(policy, {S.PERSON_KNOWN, S.MAIL_DKIM_FAILED})
    assert found.reasons == (S.AGENCY_KNOWN, S.MAIL_DKIM_FAILED, "not_proven")
    assert found.proofs == policy.any_of
    assert judge(policy, CALLED).reasons == ()


@pytest.mark.parametrize("sight", [S.SIGNATURE_BY_ISSUER, S.SIGNATURE_NOT_REVOKED])
def test_signature_counts_by_an_issuer_that_the_policy_names(sight):
    seen = [Observation(sight, AT, ("reader",), seen={"anchor": "ab" * 32})]
    named = replace(load_shipped(), anchors=frozenset({"ab" * 32}))
    other = replace(load_shipped(), anchors=frozenset({"cd" * 32}))
    assert count_sights(named, seen) == {sight}
    assert count_sights(other, seen) == {S.SIGNATURE_UNTRUSTED}
    assert count_sights(other, [Observation(sight, AT, ("reader",))]) == {S.SIGNATURE_UNTRUSTED}


def test_what_needs_no_issuer_counts_whatever_the_policy_names():
    seen = [Observation(one, AT, ("reader",)) for one in (S.AGENCY_KNOWN, S.CALL_BACK_DENIED)]
    assert count_sights(load_shipped(), seen) == {S.AGENCY_KNOWN, S.CALL_BACK_DENIED}


def test_published_schema_is_the_one_that_checks():
    published = (TOP / "schemas/authenticity-policy/1.json").read_bytes()
    assert (DATA / "authenticity-policy-1.json").read_bytes() == published
    shipped = (DATA / "authenticity-policy.json").read_bytes()
    assert (EXAMPLES / "valid-shipped.json").read_bytes() == shipped
    codes = json.loads(published)["$defs"]["code"]["enum"]
    assert codes == [str(one) for one in Sight]


def test_each_observation_has_words_and_a_finding_nobody_accepts():
    assert set(WORDS) == set(Sight)
    for sight in Sight:
        assert len({WORDS[sight].nl, WORDS[sight].en}) == 2
        finding = make_finding(f"authenticity.{sight}")
        assert finding.cure
        assert not finding.can_be_accepted
    held = [one for one in WORDING if one.startswith("authenticity.")]
    assert [one for one in held if WORDING[one].outcome == "pass"] == ["authenticity.allowed"]
