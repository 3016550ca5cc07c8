import pytest
from sqlalchemy import delete, func, select, update

from lea_service.custody.models import LogEntry
from lea_service.custody.queries import list_stream
from lea_service.demands import models
from lea_service.demands.audit import check_demands
from lea_service.demands.changes import advance, hold, release_hold
from lea_service.demands.holds import check_holds
from lea_service.demands.queries import check_not_held, current_holds, get_state
from lea_service.demands.states import TRANSITIONS, State
from lea_service.kernel.datakeys import FILE
from lea_service.kernel.errors import IntegrityFailure, NotFound, WrongState
from tests.demands.samples import HANDLER, content
from tests.support.log import check_log

PAIRS = [(old, new) for old in State for new in State]


@pytest.fixture
def demand(service):
    return service.record(HANDLER, content()).demand_id


def put_in(log, demand, state):
    """Put a demand into a state without the way there, as only a test may."""
    with log.transactions.database.write() as session:
        row = update(models.Demand).where(models.Demand.id == demand).values(state=state.value)
        session.execute(row)


def entries(log):
    with log.transactions.read() as session:
        return session.scalar(select(func.count()).select_from(LogEntry))


def move(log, demand, to):
    with log.transactions.begin(HANDLER) as tx:
        return advance(tx, demand, to, "demand.checked", facts={"why": "test"})


def test_every_step_of_the_table_makes_one_entry_and_no_other_step_is_taken(log, demand):
    for old, new in PAIRS:
        put_in(log, demand, old)
        before = entries(log)
        if new in TRANSITIONS[old]:
            assert move(log, demand, new).state == new
            assert entries(log) == before + 1
        else:
            with pytest.raises(WrongState):
                move(log, demand, new)
            assert entries(log) == before
            with log.transactions.read() as session:
                assert get_state(session, demand) == old
    check_log(log)


def test_step_says_state_and_version_and_counts_the_version(log, demand, clock):
    clock.advance(hours=1)
    row = move(log, demand, "under_review")
    assert (row.version, row.record_version, row.state_since) == (2, 1, clock.now())
    with log.transactions.read() as session:
        last = list_stream(session, demand)[-1]
    assert b'"facts":{"state":"under_review","version":2,"why":"test"}' in last.data


def test_two_steps_in_one_transaction_both_count(log, demand):
    with log.transactions.begin(HANDLER) as tx:
        advance(tx, demand, State.UNDER_REVIEW, "demand.checked")
        assert advance(tx, demand, State.APPROVED, "demand.checked").version == 3
    with log.transactions.read() as session:
        assert get_state(session, demand) == "approved"


def test_unknown_demand_takes_no_step(log):
    with pytest.raises(NotFound):
        move(log, "c_" + "0" * 32, State.WITHDRAWN)
    assert entries(log) == 0


def test_hold_is_entered_once_and_released_once(log, demand):
    before = entries(log)
    for change in (hold, hold, release_hold, release_hold, hold):
        with log.transactions.begin(HANDLER) as tx:
            change(tx, demand, "policy_review")
    assert entries(log) == before + 3
    with log.transactions.read() as session:
        assert "policy_review" in {one.code for one in current_holds(session, log.keys, demand)}
        with pytest.raises(WrongState, match="policy_review"):
            check_not_held(session, log.keys, demand)
    check_log(log)


def release_by_hand(session, demand):
    session.execute(
        update(models.DemandHold)
        .where(models.DemandHold.demand_id == demand)
        .values(released_at=models.DemandHold.since)
    )


def reopen_by_hand(session, demand):
    release = update(models.DemandHold).where(models.DemandHold.demand_id == demand)
    session.execute(release.values(released_at=None))


def forget_by_hand(session, demand):
    session.execute(delete(models.DemandHold).where(models.DemandHold.demand_id == demand))


def recode_by_hand(session, demand):
    rows = update(models.DemandHold).where(models.DemandHold.demand_id == demand)
    session.execute(rows.values(code="other"))


@pytest.mark.parametrize(
    ("changes", "tamper"),
    [
        ([hold], release_by_hand),
        ([hold], forget_by_hand),
        ([hold], recode_by_hand),
        ([hold, release_hold], reopen_by_hand),
        ([hold, release_hold, hold], release_by_hand),
    ],
)
def test_hold_changed_by_hand_is_found_and_holds_on(log, demand, changes, tamper):
    for change in changes:
        with log.transactions.begin(HANDLER) as tx:
            change(tx, demand, "policy_review")
    with log.transactions.read() as session:
        check_holds(session, demand)
        assert check_demands(session, log.keys) == []
    with log.transactions.database.write() as session:
        tamper(session, demand)
    with log.transactions.read() as session:
        assert "policy_review" in {one.code for one in current_holds(session, log.keys, demand)}
        for check in (lambda: check_holds(session, demand),
                      lambda: check_not_held(session, log.keys, demand)):  # fmt: skip
            with pytest.raises(IntegrityFailure, match="not what was entered"):
                check()
        assert [one.split()[:2] for one in check_demands(session, log.keys)] == [
            ["demand_holds:", demand]
        ]


def test_state_that_nobody_entered_is_found(log, demand):
    def check():
        with log.transactions.read() as session:
            return check_demands(session, log.keys)

    assert check() == []
    move(log, demand, State.UNDER_REVIEW)
    move(log, demand, State.WITHDRAWN)
    assert check() == []
    put_in(log, demand, State.UNDER_REVIEW)
    assert check() == [f"demands: {demand} does not stand where its entries say"]
    check_log(log)


ANYBODY = "p_" + "9" * 32


def add_to_index(session, demand):
    session.add(models.DemandParty(ref=ANYBODY, demand_id=demand))


def take_from_index(session, demand):
    rows = delete(models.DemandParty).where(models.DemandParty.demand_id == demand)
    session.execute(rows)


@pytest.mark.parametrize("tamper", [add_to_index, take_from_index])
def test_index_of_parties_changed_by_hand_is_found(log, service, demand, tamper):
    def check():
        with log.transactions.read() as session:
            return check_demands(session, log.keys)

    service.correct(HANDLER, demand, content(issuing_person={"name": "parket"}), 1)
    assert check() == []
    with log.transactions.database.write() as session:
        tamper(session, demand)
    (problem,) = check()
    assert problem == f"demand_parties: {demand} is found under others than its record names"
    with log.transactions.begin(HANDLER) as tx:
        tx.keys.destroy(tx.session, demand, FILE, tx.now)
    assert check() == []
