import pytest

from lea_service.kernel.clock import HOME_ZONE
from lea_service.kernel.errors import Duplicate, InvalidInput, NotFound, NotPermitted, WrongState
from lea_service.retention.queries import get_rule, list_rules, list_systems, rule_for
from lea_service.retention.rules import cutoff
from tests.support.log import check_log
from tests.support.retention import rule_request


def read(kept, query, *args):
    with kept.log.transactions.read() as session:
        return query(session, *args)


def test_two_people_set_a_rule(kept):
    source = kept.source()
    approval = kept.rule(source=source)
    rule = read(kept, rule_for, source, "call")
    assert (rule.code, rule.term, rule.unit, rule.action) == ("CALL-6M", 6, "months", "destroy")
    assert (rule.approval_id, rule.set_at, rule.is_current) == (approval, kept.now, True)
    same_time = kept.now.astimezone(HOME_ZONE).replace(month=5)
    assert cutoff(rule, kept.now) == same_time
    assert read(kept, rule_for, source, "usage") is None
    check_log(kept.log)


def test_nothing_holds_before_the_second_person(kept):
    source = kept.source()
    proposed = kept.house.propose("retention.rule", rule_request())
    assert read(kept, rule_for, source, "call") is None
    kept.house.decide(proposed, outcome="refused", reasons=["too_much"])
    assert read(kept, list_rules) == []


def test_new_rule_replaces_the_one_of_its_scope(kept):
    source = kept.source()
    kept.rule()
    kept.rule("CALL-3M", term=3)
    assert read(kept, rule_for, source, "call").code == "CALL-3M"
    assert [(one.code, one.is_current) for one in read(kept, list_rules)] == [
        ("CALL-3M", True),
        ("CALL-6M", False),
    ]
    assert not read(kept, get_rule, "CALL-6M").is_current
    check_log(kept.log)


def test_lists_go_on_behind_any_of_theirs(kept):
    for code, kind in (("A", "call"), ("B", "call"), ("C", "usage"), ("D", "call"), ("E", "usage")):
        kept.rule(f"RULE-{code}", kind=kind)
        kept.source(f"pbx-{code.lower()}", kind)
    rules, systems = read(kept, list_rules), read(kept, list_systems)
    assert [one.code[-1] for one in rules] == ["D", "B", "A", "E", "C"]
    assert [one.is_current for one in rules] == [True, False, False, True, False]
    for number in range(len(rules)):
        after = (f"all/{rules[number].kind}", rules[number].generation)
        assert read(kept, list_rules, after, 2) == rules[number + 1 : number + 3]
        name = systems[number].name
        assert read(kept, list_systems, name, 2) == systems[number + 1 : number + 3]


def test_code_always_means_the_same_rule(kept):
    kept.rule()
    with pytest.raises(Duplicate):
        kept.house.propose("retention.rule", rule_request(term=12))


def test_rule_overtaken_by_another_is_no_longer_decided(kept):
    first = kept.house.propose("retention.rule", rule_request())
    kept.rule("CALL-3M", term=3)
    with pytest.raises(WrongState):
        kept.house.decide(first)
    assert [one.code for one in read(kept, list_rules)] == ["CALL-3M"]


def test_engineer_proposes_and_never_decides(kept):
    proposed = kept.house.propose("retention.rule", rule_request(), by="engineer1")
    with pytest.raises(NotPermitted):
        kept.house.decide(proposed, by="engineer1")
    kept.house.decide(proposed, by="approver1")
    assert len(read(kept, list_rules)) == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"code": "call 6 months"}, "/request/code"),
        ({"kind": "content"}, "/request/kind"),
        ({"term": 0}, "/request/term"),
        ({"term": 241}, "/request/term"),
        ({"term": "6"}, "/request/term"),
        ({"unit": "years"}, "/request/unit"),
        ({"action": "archive"}, "/request/action"),
        ({"article": ""}, "/request/article"),
        ({"owner": "me"}, "/request/owner"),
        ({"source": "pbx1"}, "/request/source"),
    ],
)
def test_unclear_rules_are_refused_with_their_place(kept, changes, pointer):
    with pytest.raises(InvalidInput) as caught:
        kept.house.propose("retention.rule", rule_request(**changes))
    assert [one.pointer for one in caught.value.errors] == [pointer]


def test_rule_for_a_source_fits_it(kept):
    usage = kept.source("nas", "usage")
    with pytest.raises(InvalidInput, match="record kind of the source"):
        kept.house.propose("retention.rule", rule_request(source=usage))
    with pytest.raises(NotFound):
        kept.house.propose("retention.rule", rule_request(source=f"so_{0:032x}"))
