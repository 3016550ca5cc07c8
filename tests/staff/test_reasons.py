"""What a decision has to state, before anybody signs it and wherever it is verified."""

from dataclasses import replace
from itertools import pairwise

import pytest

from lea_service.extraction.reasons import PLAN_REASONS
from lea_service.kernel.coded import codes_of
from lea_service.kernel.errors import InvalidInput, VerificationFailed
from lea_service.staff.history import check_pair
from lea_service.staff.kinds import list_kinds
from lea_service.staff.reasons import GENERAL, OTHER, Answer, check_answer
from lea_service.staff.statement import Act, Outcome
from tests.staff.test_statement import PROPOSAL
from tests.support.staff import SALT, WHY

ALL = codes_of(PLAN_REASONS.looked_at)
TOLD = {"text": WHY, "salt": SALT}
LISTS = pytest.mark.parametrize("states", [GENERAL, PLAN_REASONS], ids=["general", "plan"])


def test_approval_states_each_thing_looked_at():
    check_answer(Answer(Outcome.APPROVED, looked_at=ALL[::-1]), PLAN_REASONS)
    check_answer(Answer(Outcome.APPROVED), GENERAL)
    wrong = [ALL[:n] + ALL[n + 1 :] for n in range(len(ALL))]
    wrong += [(), (*ALL, ALL[0]), (*ALL, "weather"), (*ALL[1:], "Scope")]
    for looked_at in wrong:
        with pytest.raises(InvalidInput, match="/looked_at: expected each of these"):
            check_answer(Answer(Outcome.APPROVED, looked_at=looked_at), PLAN_REASONS)
    with pytest.raises(InvalidInput, match="/looked_at: expected nothing for this kind"):
        check_answer(Answer(Outcome.APPROVED, looked_at=ALL), GENERAL)


@pytest.mark.parametrize("more", [{"reasons": ("scope",)}, TOLD])
def test_approval_has_no_reason_to_decline(more):
    with pytest.raises(InvalidInput, match="/reasons"):
        check_answer(Answer(Outcome.APPROVED, looked_at=ALL, **more), PLAN_REASONS)


@LISTS
@pytest.mark.parametrize("outcome", [Outcome.RETURNED, Outcome.REFUSED])
def test_decline_has_reasons_of_its_list(states, outcome):
    for one in states.declined:
        check_answer(Answer(outcome, (one.code,), **TOLD), states)
    check_answer(Answer(outcome, codes_of(states.declined), **TOLD), states)
    first = states.declined[0].code
    for reasons in ((), (first, first), (first, "weather"), ("because I say so",)):
        with pytest.raises(InvalidInput, match=f"/reasons.*{first}"):
            check_answer(Answer(outcome, reasons, **TOLD), states)
    with pytest.raises(InvalidInput, match="/looked_at"):
        check_answer(Answer(outcome, (first,), looked_at=("scope",), **TOLD), states)


def test_decline_is_told_where_a_code_does_not_say_it():
    check_answer(Answer(Outcome.RETURNED, ("not_needed",)), GENERAL)
    for states, reason in ((GENERAL, OTHER), (PLAN_REASONS, "scope"), (PLAN_REASONS, OTHER)):
        with pytest.raises(InvalidInput, match="/text: expected the reason in 10 characters"):
            check_answer(Answer(Outcome.RETURNED, (reason,)), states)


def test_text_is_signed_by_a_salted_digest():
    assert Answer(Outcome.RETURNED, ("scope",)).text_digest is None
    digests = [replace(Answer(Outcome.RETURNED), text=text, salt=salt).text_digest
               for text, salt in ((WHY, SALT), (WHY, SALT[::-1]), (f"{WHY}.", SALT))]  # fmt: skip
    assert len(set(digests)) == 3
    with pytest.raises(InvalidInput, match="128 bits"):
        _ = Answer(Outcome.RETURNED, text=WHY, salt=b"short").text_digest


def test_each_code_has_words_in_two_languages():
    for states in {one.reasons for one in list_kinds()}:
        assert OTHER in codes_of(states.declined)
        for words in (states.declined, states.looked_at):
            assert all(one < after for one, after in pairwise(codes_of(words)))
            assert all(text.endswith(".") for one in words for text in (one.nl, one.en))
            assert all(one.nl != one.en and len(one.code) <= 40 for one in words)


DECISION = replace(PROPOSAL, act=Act.DECIDE, by="s_" + "4" * 32, outcome=Outcome.APPROVED)
ODD = {
    "a proposal that gives reasons": (replace(PROPOSAL, reasons=("scope",)), DECISION),
    "a proposal that looked": (replace(PROPOSAL, looked_at=ALL), DECISION),
    "a proposal that tells": (replace(PROPOSAL, text="d" * 43), DECISION),
    "an approval with a reason": (PROPOSAL, replace(DECISION, reasons=("scope",))),
    "an approval that tells": (PROPOSAL, replace(DECISION, text="d" * 43)),
    "a return without a reason": (PROPOSAL, replace(DECISION, outcome=Outcome.RETURNED)),
}


@pytest.mark.parametrize("odd", ODD)
def test_statements_that_state_otherwise_are_no_pair(odd):
    check_pair(PROPOSAL, replace(DECISION, looked_at=ALL))
    check_pair(PROPOSAL, replace(DECISION, outcome=Outcome.REFUSED, reasons=("scope",), text="d"))
    with pytest.raises(VerificationFailed):
        check_pair(*ODD[odd])


EACH = "requester, ground, scope, receivers, preview"
CODES = "scope, target, period, category, ground, receiver, requester, other"
REFUSALS = [
    (Answer(Outcome.APPROVED), "/looked_at", f"expected each of these, once: {EACH}"),
    (Answer(Outcome.APPROVED, ("scope",), ALL), "/reasons",
     "expected no reason and no text with an approval"),
    (Answer(Outcome.REFUSED, ("scope",), ALL, **TOLD), "/looked_at",
     "expected nothing with a return or refusal"),
    (Answer(Outcome.REFUSED, (), **TOLD), "/reasons", f"expected one or more of these: {CODES}"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "pointer", "detail"), REFUSALS)
def test_refusal_names_the_field_and_the_codes(answer, pointer, detail):
    with pytest.raises(InvalidInput) as caught:
        check_answer(answer, PLAN_REASONS)
    (error,) = caught.value.errors
    assert (error.pointer, error.detail) == (pointer, detail)
