import pytest

from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.errors import InvalidInput
from lea_service.staff.approval_service import ApprovalService
from lea_service.staff.kinds import list_kinds
from lea_service.web.schemas import Count, StrictSchema, load_form, within
from lea_service.wiring import KINDS
from tests.support.log import build_log, check_log

ANYBODY = Actor("s_" + "1" * 32, frozenset(Role))
OURS = {module.__name__ for module in KINDS}


class Inner(StrictSchema):
    count = Count(required=True)


def pointers(caught):
    return [error.pointer for error in caught.value.errors]


@pytest.mark.parametrize("form", [None, [], "text", 1])
def test_form_must_be_an_object(form):
    with pytest.raises(InvalidInput) as caught, within("/outer"):
        load_form(Inner, form)
    assert pointers(caught) == ["/outer"]
    assert caught.value.detail == "/outer: expected an object"


def test_places_lie_within_each_other():
    with pytest.raises(InvalidInput) as caught, within("/a"), within("/b"):
        load_form(Inner, {"count": "1", "other~/": 2})
    assert sorted(pointers(caught)) == ["/a/b/count", "/a/b/other~0~1"]


def test_error_without_a_place_keeps_its_words():
    with pytest.raises(InvalidInput) as caught, within("/a"):
        raise InvalidInput("expected something else")
    assert (caught.value.detail, pointers(caught)) == ("expected something else", [])


def test_every_kind_names_places_in_the_request(databases, clock, ids, tmp_path):
    log = build_log(databases.cases, clock, ids, tmp_path / "signer.json")
    approvals = ApprovalService(log.transactions, log.looks, lambda: None)
    kinds = [rule.kind for rule in list_kinds() if rule.apply.__module__ in OURS]
    assert len(kinds) == 28
    for kind in kinds:
        for form, pointer in (([], "/request"), ({"unheard": 1}, "/request/unheard")):
            with pytest.raises(InvalidInput) as caught:
                approvals.prepare(ANYBODY, kind, form)
            assert pointer in pointers(caught), kind
    check_log(log)
