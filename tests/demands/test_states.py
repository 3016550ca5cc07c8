"""What a step that does not fit says: where the demand stands, and what can be done instead."""

import re
import shlex

import pytest

from lea_service.demands.phrases import HOLDS as PHRASES
from lea_service.demands.remedies import CODES, find_remedy
from lea_service.demands.states import (
    NEXT,
    STEPS,
    TRANSITIONS,
    State,
    check_transition,
    wrong_state,
)
from lea_service.kernel.errors import WrongState
from lea_service.kernel.phrases import DUTCH, ENGLISH, LANGUAGES, phrase
from tests.contract.test_documents import TOP, complain

STEPS_BY_HAND = {
    State.UNDER_REVIEW: "lea legal",
    State.CLARIFICATION: "lea legal",
    State.REFUSED: "lea legal",
    State.WITHDRAWN: "lea demands withdraw",
    State.EXTENDED: "lea preservation extend",
    State.CLOSED: "lea demands close",
}


def test_every_state_and_step_has_words():
    assert set(NEXT) == set(STEPS) == set(State)


def commands_of(text):
    return re.findall(r"`([^`]*)`", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", State)
def test_what_can_be_done_fits_the_ways_of_the_table(state, language):
    can = phrase(NEXT, state, language)
    for to, command in STEPS_BY_HAND.items():
        if to in TRANSITIONS[state]:
            assert command in can, to
    for to in (State.WITHDRAWN, State.CLOSED):
        assert (STEPS_BY_HAND[to] in can) is (to in TRANSITIONS[state])


@pytest.mark.parametrize("state", State)
def test_commands_that_are_told_exist(state):
    dutch, english = NEXT[state]
    assert commands_of(dutch) == commands_of(english)
    for command in commands_of(english):
        assert not complain(shlex.split(command), False), command


HOLDS = {
    "agency_unknown", "agency_suspended", "person_unknown", "person_suspended",
    "person_of_other_agency", "receiver_unknown", "receiver_suspended", "receiver_of_other_agency",
    "validating_authority_unknown", "validating_authority_suspended",
    "enforcing_authority_unknown", "enforcing_authority_suspended", "contact_unknown",
    "contact_suspended", "contact_of_other_agency", *CODES,
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(HOLDS))
def test_what_ends_a_hold_is_told(code):
    found = find_remedy(code, ENGLISH)
    assert found is not None
    assert commands_of(find_remedy(code, DUTCH)) == commands_of(found)
    for command in commands_of(found):
        assert not complain(shlex.split(command), False), command


def test_each_hold_with_words_says_what_ends_it():
    assert {code for code in PHRASES if find_remedy(code, ENGLISH) is None} == set()
    assert PHRASES.keys() >= HOLDS


def test_holds_of_the_documents_all_have_a_remedy():
    text = (TOP / "docs" / "architecture.md").read_text().partition("## What holds a demand")[2]
    table = text.partition("## Two people")[0]
    codes = {code for row in re.findall(r"^\|.*\|$", table, re.MULTILINE) for code in
             re.findall(r"`([a-z_]+_[a-z]+)`", row.rsplit("|", 2)[1])}  # fmt: skip
    assert len(codes) > 15
    assert {code for code in codes if find_remedy(code, ENGLISH) is None} == set()
    assert codes <= PHRASES.keys()
    assert find_remedy("nothing_of_ours", ENGLISH) is None


def test_step_that_does_not_fit_is_told_in_plain_words():
    with pytest.raises(WrongState) as told:
        check_transition(State.CLARIFICATION, State.CLARIFICATION)
    assert told.value.detail == (
        "the demand cannot be asked about: a question to its authority is open (clarification). "
        "What can be done: read it (`lea legal questions`), record the answer (`lea legal answer`),"
        " refuse (`lea legal refuse`; a European order: `lea legal annex`), or record that its authority takes it back "
        "(`lea demands withdraw`)"
    )
    assert wrong_state("closed", "assessed").facts == {"state": "closed"}
