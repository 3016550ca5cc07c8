import pytest

from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.errors import InvalidInput, NotPermitted, WrongState
from lea_service.retention.queries import check_ground, find_ground
from tests.support.log import check_log
from tests.support.retention import ground_request

CODE = "kept_for_dispute"


def find(kept):
    with kept.log.transactions.read() as session:
        return find_ground(session, CODE)


def test_two_people_allow_a_ground_and_end_it(kept):
    approval = kept.house.approve("retention.ground", ground_request())
    found = find(kept)
    assert (found.is_allowed, found.generation, found.approval_id) == (True, 1, approval)
    assert (found.says_en, found.article) == (ground_request()["says_en"], "policy")
    kept.house.approve("retention.ground", ground_request(is_allowed=False))
    assert (find(kept).is_allowed, find(kept).generation) == (False, 2)
    with kept.log.transactions.read() as session, pytest.raises(WrongState, match="lea retention"):
        check_ground(session, CODE)
    check_log(kept.log)


def test_nothing_is_allowed_before_the_second_person(kept):
    proposed = kept.house.propose("retention.ground", ground_request())
    assert find(kept) is None
    kept.house.decide(proposed, outcome="refused", reasons=["too_much"])
    assert find(kept) is None


def test_proposal_overtaken_by_another_is_no_longer_decided(kept):
    first = kept.house.propose("retention.ground", ground_request())
    kept.house.approve("retention.ground", ground_request(article="Tw 11.5"))
    with pytest.raises(WrongState, match="in between"):
        kept.house.decide(first)
    assert find(kept).article == "Tw 11.5"


@pytest.mark.parametrize(
    "change", [{"code": "Because I say so"}, {"says_nl": ""}, {"article": None}, {"is_allowed": 2}]
)
def test_wrong_grounds_are_refused_by_field(kept, change):
    with pytest.raises(InvalidInput) as refused:
        kept.house.propose("retention.ground", ground_request(**change))
    assert [one.pointer for one in refused.value.errors] == [f"/request/{next(iter(change))}"]


def test_only_who_may_read_rules_reads_grounds(kept):
    kept.house.approve("retention.ground", ground_request())
    (found,) = kept.service.list_grounds(kept.house.actor("engineer1"))
    assert found.code == CODE
    with pytest.raises(NotPermitted):
        kept.service.list_grounds(Actor("p_1", frozenset({Role.RECEIVER})))
