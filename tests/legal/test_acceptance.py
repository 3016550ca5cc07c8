"""Which findings a person takes upon themselves, and which one."""

from types import SimpleNamespace

import pytest

from lea_service.demands.demand import CATEGORIES
from lea_service.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState
from lea_service.legal import acceptance
from lea_service.legal.acceptance import (
    MOST_NAMED,
    check_acceptable,
    check_retyped,
    check_second,
    choose,
    count_codes,
    is_meant,
    pick_fresh,
)
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.findings import make_finding
from lea_service.legal.order_comparison import Typed
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
        with pytest.raises(
            NotPermitted,
            match=r"^somebody accepts this who neither recorded nor assessed the demand$",
        ):
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


LACKS = ["judicial.missing_by_case_law", "judicial.missing", "judicial.oral_not_by_case_law"]
"""An authorisation that is not there, where that does not make the order void by itself."""


@pytest.mark.parametrize("code", LACKS)
def test_lack_of_a_judge_is_asked_first_and_accepted_by_another(code):
    lack = make_finding(code)
    with pytest.raises(WrongState, match=rf"once the authority answered .* --finding {code}`"):
        check_acceptable([lack], {"protection.source/1"})
    check_acceptable([lack], {code})
    with pytest.raises(NotPermitted):
        check_second([lack], "s_1", {"s_1"})
    check_second([lack], "s_2", {"s_1"})


def test_nothing_else_is_asked_first():
    asked = {code for code, word in WORDING.items() if word.asked}
    assert asked == {"protection.source", *LACKS}


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


def assessed(*findings, settled=()):
    refs = tuple(one.ref for one in findings)
    still = tuple(ref for ref in refs if ref not in settled)
    return SimpleNamespace(findings=findings, open=still)


def test_findings_are_chosen_or_the_open_ones_are_named():
    one, two = (make_finding("category.unsettled", item=n) for n in (1, 2))
    current = assessed(one, two, ORDINARY)
    assert choose(current, "category.unsettled", None) == [one, two]
    assert choose(current, "category.unsettled", 2) == [two]
    listed = "category.unsettled/1, category.unsettled/2, items.none"
    said = {
        ("role.not_allowed", None): "role.not_allowed",
        ("role.not_allowed/7", 3): "role.not_allowed/7 of item 3",
        ("<script>", None): "what was named",
    }
    for (code, item), words in said.items():
        with pytest.raises(NotFound) as missed:
            choose(current, code, item)
        assert str(missed.value) == (
            f"{words} is no finding of the newest assessment; open are: {listed}"
        )
    with pytest.raises(NotFound, match=r"open are: none$"):
        choose(assessed(), "items.none", None)
    many = assessed(*(make_finding("category.unsettled", item=n) for n in range(30)))
    with pytest.raises(NotFound) as missed:
        choose(many, "items.none", None)
    assert str(missed.value).count("category.unsettled") == MOST_NAMED


def test_what_was_settled_before_is_compared_with_nothing():
    one, two = (make_finding("category.unsettled", item=n) for n in (1, 2))
    assert pick_fresh(assessed(one, two, settled={one.ref}), [one, two]) == [two.ref]
    with pytest.raises(WrongState) as refused:
        pick_fresh(assessed(one, two, settled={one.ref, two.ref}), [one, two])
    assert str(refused.value) == (
        "settled before: category.unsettled/1, category.unsettled/2; nothing was compared and "
        "nothing was kept now. Assess the demand anew with `lea legal assess` to accept it again"
    )


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("basis.known", "it passed"),
        ("role.not_allowed", "a defect has to be cured, or the demand refused"),
        ("items.none", "what it is about has to change first"),
    ],
)
def test_refusal_says_why_a_finding_is_not_accepted(code, why):
    with pytest.raises(WrongState) as refused:
        check_acceptable([make_finding(code)])
    assert str(refused.value) == f"the finding {code} cannot be accepted; {why}"


def test_codes_are_counted_without_what_they_are_about():
    assert count_codes(["b.x/2", "a.y", "b.x/1/location"]) == {"a.y": 1, "b.x": 2}
    assert [*count_codes(["b", "a"])] == ["a", "b"]


@pytest.fixture
def retype(monkeypatch):
    """A function that types values again for findings, each of which has two."""
    values = {f"f/{n}": [Typed("reference", f"26-{n}"), Typed("reference", "x")] for n in range(15)}
    opened = {("tx", "assessment"): values}
    monkeypatch.setattr(acceptance, "_open_values", lambda *of: opened[of])

    def check(refs, *retyped):
        check_retyped("tx", "assessment", refs, retyped, lambda kind, value: None)

    return check


def test_each_value_is_typed_again_in_its_order(retype):
    retype(["f/1", "f/2"], "26-1", "x", "26-2", "x")
    retype(["unknown", "f/1"], "26-1", "x")
    with pytest.raises(InvalidInput) as refused:
        retype(["f/1", "f/2"], "26-1", "x", "26-3", "x")
    assert str(refused.value) == "/retyped/2: expected the value that was compared"
    said = {
        ("x",): (["unknown", "f/1"], "expected 2 values typed again from the order, in this order: f/1: reference; "
             "f/1: reference"),
        ("26-1",): (["unknown"], "expected no value: nothing of this finding is typed again"),
    }  # fmt: skip
    for typed, (refs, words) in said.items():
        with pytest.raises(InvalidInput) as refused:
            retype(refs, *typed)
        assert str(refused.value) == f"/retyped: {words}"


def test_only_so_many_values_are_named(retype):
    for count, more in ((10, ""), (11, "; and 2 more")):
        with pytest.raises(InvalidInput) as refused:
            retype([f"f/{n}" for n in range(count)])
        assert str(refused.value).count("f/") == MOST_NAMED
        assert str(refused.value).endswith(f": reference{more}")
