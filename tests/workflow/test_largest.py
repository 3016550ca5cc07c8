"""The largest of what forms let through is recorded; no entry comes near its cap."""

import pytest

from lea_service.agencies.queries import get_holder, list_members
from lea_service.agencies.schemas import MAX_MEMBERS, MAX_ROLES
from lea_service.custody.entries import MAX_BYTES
from lea_service.custody.queries import iter_entries
from lea_service.demands.schemas import MAX_ITEMS, MAX_RECEIVERS, MAX_REFERENCES
from lea_service.kernel.errors import InvalidInput
from lea_service.legal.catalogue import load_catalogue
from tests.support.orders import retyped
from tests.support.service import make_item

LONG = "x" * 200
ROLES = sorted(load_catalogue().codes["roles"])


def people(whole, count):
    for n in range(count):
        yield whole.receiver("p256", f"Person {n}", function=LONG, email=f"p{n}@politie.example")


def check_entries(whole):
    with whole.services.transactions.read() as session:
        longest = max(len(one.data) for one in iter_entries(session))
    assert longest < MAX_BYTES // 2
    whole.check()


def test_largest_agency_is_recorded(whole):
    agency = whole.register.organisation(LONG, kind="investigation_service", roles=ROLES)
    whole.register.person(agency, LONG, function=LONG, email="p@politie.example", roles=ROLES)
    with pytest.raises(InvalidInput, match="/request/roles"):
        whole.register.organisation("Other", roles=[ROLES[0]] * (MAX_ROLES + 1))
    check_entries(whole)


def test_largest_desk_is_recorded(whole):
    members = [
        whole.register.person(whole.agency, f"Person {n}", email=f"p{n}@politie.example")
        for n in range(MAX_MEMBERS)
    ]
    desk = whole.register.desk(whole.agency, members, name=LONG, mailbox="desk@politie.example")
    with whole.services.transactions.read() as session:
        assert get_holder(session, desk).version == 1
        assert {one.person_id for one in list_members(session, desk)} == set(members)
    with pytest.raises(InvalidInput, match="/request/members"):
        whole.register.desk(whole.agency, [*members, whole.person])
    check_entries(whole)


def test_largest_demand_goes_all_the_way(whole):
    whole.source()
    whole.calls(20)
    receivers = [whole.person, *people(whole, MAX_RECEIVERS - 1)]
    references = [
        {"kind": "magistrate_number", "value": f"{n:02}".ljust(100, "y")}
        for n in range(MAX_REFERENCES)
    ]
    party = {"name": LONG, "function": LONG}
    demand = whole.record(
        [make_item(f"+316{n:08}") for n in range(MAX_ITEMS - 1)] + [make_item()],
        receivers=receivers,
        references=references,
        validating_authority=party,
        enforcing_authority=party,
        note="z" * 4000,
    )
    whole.call_back(demand)
    found = whole.services.legal.assess(whole.actor(), demand)
    for code in {ref.partition("/")[0] for ref in found.open}:
        again = retyped(whole.services.transactions, found, code)
        whole.services.legal.accept_finding(whole.actor(), demand, code, LONG, retyped=again)
    plan, _ = whole.plan(demand)
    assert len(plan.document["receivers"]) == MAX_RECEIVERS
    assert len(plan.document["items"]) == MAX_ITEMS
    approval = whole.propose(plan)
    for one in ("approver1", "approver2"):  # so many targets are bulk
        whole.house.decide(approval, by=one)
    whole.work()
    assert whole.state(demand) == "delivered"
    check_entries(whole)
