"""Which findings a person takes upon themselves, and which one."""

import pytest

from lea_service.demands.demand import CATEGORIES
from lea_service.kernel.errors import NotPermitted, WrongState
from lea_service.legal.acceptance import check_acceptable, check_second, is_meant
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.findings import make_finding
from lea_service.legal.refusal_schemas import LegalRefuseSchema
from lea_service.legal.schemas import LegalAcceptSchema, LegalQuestionSchema
from lea_service.legal.wording import WORDING

SECOND = [code for code, word in WORDING.items() if word.second]
ORDINARY = make_finding("items.none")
ORDINARY_QUESTION = make_finding("category.unsettled")


@pytest.mark.parametrize("code", SECOND)
def test_some_findings_take_somebody_else(code):
    grave = make_finding(code)
    for busy in ({"s_1"}, {"s_1", "s_2"}):
        with pytest.raises(NotPermitted, match="neither recorded nor assessed"):
            check_second([ORDINARY, grave], "s_1", busy)
    check_second([ORDINARY, grave], "s_1", {"s_2"})
    check_second([ORDINARY], "s_1", {"s_1"})
    check_second([], "s_1", {"s_1"})


def test_there_are_findings_that_take_somebody_else():
    assert SECOND


def test_only_questions_are_accepted():
    question = make_finding("category.unsettled")
    check_acceptable([question])
    for code in ("role.not_allowed", "basis.known", "items.none"):
        with pytest.raises(WrongState, match=f"the finding {code} cannot be accepted") as caught:
            check_acceptable([question, make_finding(code)])
        assert caught.value.facts == {"finding": code}


def test_source_is_accepted_once_a_question_about_it_was_answered():
    source = make_finding("protection.source", item=2)
    check_acceptable([ORDINARY_QUESTION, source], {"protection.source/2"})
    for answered in ((), {"protection.source/1"}, {"protection.source"}):
        with pytest.raises(WrongState, match="once the authority answered") as caught:
            check_acceptable([source], answered)
        assert caught.value.facts == {"finding": "protection.source"}
    assert [code for code, word in WORDING.items() if word.asked] == ["protection.source"]


def test_finding_is_meant_by_code_or_reference_and_item():
    one = make_finding("category.unsettled", item=2, subject="usage_sessions")
    assert is_meant(one, "category.unsettled", None)
    assert is_meant(one, "category.unsettled", 2)
    assert is_meant(one, "category.unsettled/2/usage_sessions", 2)
    assert not is_meant(one, "category.unsettled", 1)
    assert not is_meant(one, "category.unsettled/1/usage_sessions", None)
    assert not is_meant(one, "category", None)


def test_every_finding_is_named_in_one_way():
    codes = load_catalogue().codes
    about = [("contents.missing", None, one) for one in codes["contents"]]
    about += [("category.unsettled", 3, one) for one in CATEGORIES]
    about += [("items.none", None, None), ("category.unsettled", 9999, None)]
    for code, item, subject in about:
        ref = make_finding(code, item=item, subject=subject).ref
        accepted = LegalAcceptSchema().load({"code": ref, "reason": "Gelezen in de order."})
        said = {"ground": "content_missing", "findings": [ref], "explanation": "Het ontbreekt."}
        assert accepted["code"] == ref
        assert LegalRefuseSchema().load(said)["findings"] == [ref]
        assert LegalQuestionSchema().load({"question": "Wat is het?", "findings": [ref]})
