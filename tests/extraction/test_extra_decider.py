"""One more person agrees to a plan where policy asks for it, and the worker counts them itself."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from lea_service.agencies.queries import find_certificate
from lea_service.demands.queries import get_demand
from lea_service.demands.schemas import load_demand
from lea_service.extraction.extra_decider import (
    QUOTAS,
    Quotas,
    count_deciders,
    is_bulk,
    list_reasons,
)
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import WrongState
from lea_service.legal.confirmations.models import (
    BreachAssessment,
    BreachNotice,
    ConfirmationPaper,
    WrittenConfirmation,
)
from lea_service.staff.approvals import verify_decision
from lea_service.staff.models import Approval
from tests.demands.samples import demand_json
from tests.support.agency import ROLES
from tests.support.engines import ANY_ENGINE
from tests.support.extraction import START, TEAM, WORKER, make_item, make_office
from tests.support.log import check_log

CLAIM = {
    "reason": "threat_to_life",
    "explanation": "Somebody announced a shooting.",
    "claimed_by": {"name": "Piet Bakker"},
}
THREE = {**TEAM, "approver2": "approver"}


@pytest.fixture
def office(databases, log, tmp_path):
    office = make_office(databases, log, tmp_path, THREE)
    office.source()
    office.calls(*(START + timedelta(days=n) for n in range(3)))
    return office


def oral(office):
    demand = office.new_demand(form="oral")
    office.log.transactions.clock.advance(seconds=1)
    return demand


def owe(office, officer=None, **changes):
    """Let an order of the officer run out unconfirmed; returns the id of the notice."""
    demand = office.new_demand(form="oral", note="another", **changes)
    with office.transactions.begin(WORKER) as tx:
        row = BreachNotice(
            id=tx.ids.new("bn"),
            demand_id=demand,
            cause="confirmation_unpaid",
            officer=officer or office.person,
            late=tx.now,
            has_produced=False,
            opened_at=tx.now,
        )
        tx.session.add(row)
        tx.session.flush()
        tx.record("breach.opened", demand, evidence=[row])
    office.log.transactions.clock.advance(seconds=1)
    return row.id, demand


def assess(office, notice, demand, outcome="no_breach"):
    with office.transactions.begin(WORKER) as tx:
        row = BreachAssessment(
            notice_id=notice, demand_id=demand, outcome=outcome,
            assessment_sealed=b"x", assessed_by=tx.actor.id, assessed_at=tx.now,
        )  # fmt: skip
        tx.session.add(row)
        tx.session.flush()
        tx.record("breach.assessed", demand, evidence=[row])
    office.log.transactions.clock.advance(seconds=1)


def confirm(office, demand, is_whole):
    with office.transactions.begin(WORKER) as tx:
        paper = ConfirmationPaper(
            id=tx.ids.new("wp"), demand_id=demand, record_version=1, sealed=b"x", content=b"x",
            brought_by=tx.actor.id, brought_at=tx.now,
        )  # fmt: skip
        tx.session.add(paper)
        tx.session.flush()
        row = WrittenConfirmation(
            demand_id=demand, is_whole=is_whole, paper_id=paper.id,
            approval_id=tx.session.query(Approval.id).first()[0], recorded_at=tx.now,
        )  # fmt: skip
        tx.session.add(row)
        tx.session.flush()
        tx.record("confirmation.received", demand, evidence=[row])


def needed(office, demand):
    """Return how many have to agree to the plan of a demand, and why."""
    opened = office.house.approvals.open(
        office.actor("approver1"), office.propose(office.planned(demand))
    )
    return opened.view.needs_deciders, opened.facts.get("extra_decider")


@pytest.mark.parametrize(
    ("kind", "value", "categories", "expected"),
    [
        ("phone_number", "+31612345678", ["traffic_call_records"], False),
        ("phone_number", "1308", ["traffic_call_records"], True),
        ("phone_number", "0201234500-99", ["traffic_call_records"], True),
        ("sip_uri", "sip:2%@pbx.example", ["traffic_call_records"], True),
        ("customer_number", "1000-1999", ["subscriber_identity"], True),
        ("phone_number", "+31612345678", ["bulk_dataset"], True),
    ],
)
def test_bulk_is_seen_by_target_and_category(kind, value, categories, expected):
    item = make_item(value, kind, categories=categories)
    assert is_bulk(load_demand(demand_json(items=[item])), "NL") == expected
    assert (count_deciders([]), count_deciders(["bulk"])) == (1, 2)


@pytest.mark.parametrize(("count", "expected"), [(9, False), (10, True), (100, True)])
def test_numbers_in_a_row_are_bulk(count, expected):
    items = [make_item(f"+3120123{4500 + n}") for n in range(count)]
    assert is_bulk(load_demand(demand_json(items=items)), "NL") == expected


def test_bulk_takes_one_more(office):
    demand = office.new_demand([make_item(categories=["traffic_call_records", "bulk_dataset"])])
    assert needed(office, demand) == (2, ["bulk"])


def test_officer_who_owes_takes_one_more(office):
    written, urgent = office.new_demand(note="written"), oral(office)
    assert needed(office, urgent) == (1, None)
    notice, owed = owe(office)
    assert needed(office, written) == (1, None)  # his written orders go on
    assert needed(office, urgent) == (2, ["unconfirmed_before"])
    assess(office, notice, owed)
    assert needed(office, urgent) == (1, None)


@pytest.mark.parametrize(("is_whole", "count"), [(None, 2), (False, 2), (True, 1)])
def test_breach_counts_until_the_order_is_confirmed(office, is_whole, count):
    urgent = oral(office)
    notice, owed = owe(office)
    assess(office, notice, owed, "breach")
    if is_whole is not None:
        confirm(office, owed, is_whole)
    assert needed(office, urgent)[0] == count


def test_oral_order_of_somebody_else_takes_one(office):
    owe(office, officer="p_" + "1" * 32)
    assert needed(office, oral(office)) == (1, None)


def test_young_key_takes_one_more_in_the_lane(office):
    demand = office.new_demand(emergency=CLAIM)
    assert needed(office, demand) == (2, ["young_key"])
    with office.transactions.read() as session:
        asked = get_demand(session, office.transactions.keys, demand)
        (receiver,) = office.view_plan(session, demand).read().receivers
        known = find_certificate(session, receiver.certificate).recorded_at + timedelta(hours=24)
        for at, young in ((known - timedelta(microseconds=1), ["young_key"]), (known, [])):
            assert list_reasons(session, asked, [receiver.certificate], at) == young
        assert list_reasons(session, asked, ["unknown"], known) == ["young_key"]
    office.log.transactions.clock.advance(hours=25)
    assert needed(office, demand) == (1, None)


def test_demand_beyond_the_quota_takes_one_more(office):
    """The fourth of an officer on one day in Amsterdam; nothing is refused for it."""
    clock = office.log.transactions.clock
    clock.set(datetime(2026, 11, 27, 22, 50, tzinfo=UTC))
    demands = []
    for n in range(4):
        demands.append(office.new_demand(emergency=CLAIM, note=str(n)))
        clock.advance(seconds=1)
    office.new_demand(note="an ordinary one")
    clock.advance(seconds=20 * 60)
    demands.append(office.new_demand(emergency=CLAIM, note="the next day"))
    clock.advance(hours=25)
    found = [needed(office, one) for one in demands]
    assert found == [(1, None)] * 3 + [(2, ["quota"])] + [(1, None)]


@ANY_ENGINE
def test_agency_has_a_quota_of_its_own(office):
    """Whichever of its officers asks; another agency's demands are none of it."""
    clock, (agency, person) = office.log.transactions.clock, _another(office)
    clock.set(datetime(2026, 11, 27, 9, tzinfo=UTC))
    colleague = office.register.person(office.agency, "Bo de Wit", roles=[ROLES[0]])
    asked = [
        {"agency": {"ref": agency}, "issuing_person": {"ref": person}},
        *({"issuing_person": {"ref": one}} for one in (office.person, colleague, office.person)),
    ]
    demands = []
    for n, who in enumerate(asked):
        demands.append(office.new_demand(emergency=CLAIM, note=str(n), settled=False, **who))
        clock.advance(seconds=1)
    with office.transactions.read() as session:
        session.info[QUOTAS] = Quotas(officer=9, agency=2)
        judged = [get_demand(session, office.transactions.keys, one) for one in demands]
        found = [list_reasons(session, one, [], clock.now()) for one in judged]
    assert found == [[], [], [], ["quota"]]


def _another(office):
    agency = office.register.organisation(name="Politie Breda")
    return agency, office.register.person(agency, "Cas de Wit", roles=[ROLES[0]])


def test_demand_that_becomes_an_emergency_counts_from_then_on(office):
    """Whoever corrects the latest one first, or one of yesterday, is counted all the same."""
    clock = office.log.transactions.clock
    clock.set(datetime(2026, 11, 26, 9, tzinfo=UTC))
    demands = [office.new_demand(note=str(n)) for n in range(5)]
    clock.set(datetime(2026, 11, 27, 9, tzinfo=UTC))
    demands.append(office.new_demand(note="5"))
    for demand in reversed(demands):
        clock.advance(seconds=1)
        office.correct(demand, emergency=CLAIM)
    clock.advance(hours=25)
    with office.transactions.read() as session:
        judged = [get_demand(session, office.transactions.keys, one) for one in demands]
        found = [list_reasons(session, one, [], clock.now()) for one in judged]
    assert found == [["quota"]] * 3 + [[]] * 3


def test_claim_that_is_taken_back_takes_nobody_off(office):
    """Nor does it make room in the quota; and the same order recorded anew is one too."""
    clock = office.log.transactions.clock
    clock.set(datetime(2026, 11, 27, 9, tzinfo=UTC))
    demands = [office.new_demand(emergency=CLAIM, note=str(n)) for n in range(4)]
    for demand in demands:
        office.correct(demand, emergency=None)
    with office.transactions.read() as session:
        keys = office.transactions.keys
        judged = [get_demand(session, keys, one) for one in demands]
        assert [one.emergency for one in judged] == [None] * 4
        young = [list_reasons(session, one, ["unknown"], clock.now()) for one in judged]
    references = [{"kind": one.kind, "value": one.value} for one in judged[0].references]
    again = office.new_demand(references=references)
    with office.transactions.read() as session:
        anew = list_reasons(session, get_demand(session, keys, again), ["unknown"], clock.now())
        before = clock.now() - timedelta(days=1)
        assert list_reasons(session, judged[0], ["unknown"], before) == []
    assert young == [["quota", "young_key"]] * 4
    assert anew == ["quota", "young_key"]


def test_sealed_lane_shows_in_no_plan_of_the_other(office):
    """What an officer did there tells an uncleared handler of a demand that they may not know."""
    clock = office.log.transactions.clock
    clock.set(datetime(2026, 11, 27, 9, tzinfo=UTC))
    sealed = []
    for n in range(4):
        made = office.new_demand(emergency=CLAIM, note=str(n), lane="sealed", settled=False)
        sealed.append(made)
        clock.advance(seconds=1)
    owe(office, lane="sealed", settled=False)
    demand = office.new_demand(emergency=CLAIM)
    clock.advance(hours=25)
    assert needed(office, demand) == (1, None)
    with office.transactions.read() as session:
        keys = office.transactions.keys
        judged = [get_demand(session, keys, one) for one in (*sealed, demand)]
        found = [list_reasons(session, one, [], clock.now()) for one in judged]
    owes = ["unconfirmed_before"]
    assert found == [owes] * 3 + [["quota", *owes], []]


def test_two_agree_and_the_worker_counts_them(office):
    owe(office)
    demand = oral(office)
    approval = office.propose(office.planned(demand))
    office.house.decide(approval, by="approver1")
    assert (office.state(demand), office.current_run(demand)) == ("under_review", None)
    office.house.decide(approval, by="approver2")
    with office.transactions.read() as session:
        found = verify_decision(session, approval, root=office.house.load_root())
    assert found.facts["extra_decider"] == ["unconfirmed_before"]
    assert office.work(office.current_run(demand)) == "done"
    check_log(office.log)


def test_reason_that_came_up_since_takes_another_proposal(office):
    demand = oral(office)
    approval = office.propose(office.planned(demand))
    owe(office)
    with pytest.raises(WrongState, match="one more person"):
        office.house.decide(approval, by="approver1")
    assert office.state(demand) == "under_review"
    assert "plan.approved" not in office.events(demand)


def test_worker_does_what_too_few_agreed_to_for_nobody(office):
    """Somebody takes the notice away, proposes, and puts it back as it was."""
    notice, _ = owe(office)
    demand = oral(office)
    with office.databases.cases.write() as session:
        for drop in append_only_ddl("breach_notices", session.get_bind().dialect.name)[1]:
            session.execute(text(drop))
        session.execute(text("UPDATE breach_notices SET officer = 'p_x'"))
    office.approve(office.planned(demand))
    run = office.current_run(demand)
    with office.databases.cases.write() as session:
        session.get(BreachNotice, notice).officer = office.person
    office.begin(run)
    assert office.service.execute(WORKER, run)["code"] == "decision_invalid"
