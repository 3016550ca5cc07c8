"""Roles that the register changed after a demand was assessed: it is assessed again."""

import pytest

from lea_service.demands.queries import get_demand
from lea_service.kernel.errors import WrongState
from lea_service.legal.powers import check_powers
from tests.support.engines import ANY_ENGINE

pytestmark = ANY_ENGINE


def check(log, demand):
    with log.transactions.read() as session:
        check_powers(session, get_demand(session, log.keys, demand))


def change_person(authority, **changes):
    return authority.register.person(
        authority.agency, id=authority.prosecutor, version=1, **changes
    )


def change_agency(authority, **changes):
    known = {"id": authority.agency, "version": 1}
    return authority.register.organisation(**known, **changes)


CHANGES = {
    "role_withdrawn": lambda it: change_person(it, roles=["nl.opsporingsambtenaar"]),
    "agency_of_another_kind": lambda it: change_agency(it, kind="ministry"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_demand_of_whom_the_register_has_other_roles_now_is_assessed_again(
    log, authority, legal, handler, name
):
    demand = authority.send()
    check(log, demand)  # not assessed: nothing rests on it
    legal.assess(handler, demand)
    check(log, demand)
    CHANGES[name](authority)
    with pytest.raises(WrongState) as refused:
        check(log, demand)
    party = refused.value.facts["party"]
    assert party == (authority.prosecutor if name == "role_withdrawn" else authority.agency)
    assert str(refused.value) == (
        f"the register gives {party} other roles than when the demand was assessed; assess it again"
    )
    legal.assess(handler, demand)
    check(log, demand)


def test_other_mailbox_or_other_people_change_nothing(log, authority, legal, handler):
    demand = authority.send()
    legal.assess(handler, demand)
    change_person(authority, roles=["nl.officier_van_justitie"], function="officier")
    authority.register.person(authority.agency, name="Nieuw Iemand")
    check(log, demand)


def test_who_validated_counts_too(log, authority, legal, handler):
    demand = authority.send(validating_authority={"ref": authority.officer})
    legal.assess(handler, demand)
    authority.register.person(
        authority.agency, name="Piet Bakker", id=authority.officer, version=1, roles=[]
    )
    with pytest.raises(WrongState, match=authority.officer):
        check(log, demand)


def test_whom_the_register_does_not_know_has_no_roles_that_change(log, authority, legal, handler):
    demand = authority.send(validating_authority={"ref": f"a_{0:032x}"})
    legal.assess(handler, demand)
    check(log, demand)
