"""Emergencies are listed by how long they wait, and every look says how many minutes that is."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lea_service.demands.audit import check_demands
from lea_service.demands.demand import Channel, Emergency, EmergencyReason, Party
from lea_service.demands.document import changed_fields, dump_content, load_content
from lea_service.demands.models import Demand, DemandRecord
from lea_service.demands.queries import elapsed_minutes
from lea_service.demands.service import Withdrawal
from lea_service.kernel.errors import NotPermitted
from tests.demands.samples import ENGINEER, HANDLER, content
from tests.support.certificates import NOW
from tests.support.log import check_log

WORDS = "Somebody announced a shooting for this evening."
CLAIM = {
    "reason": "threat_to_life",
    "explanation": WORDS,
    "claimed_by": {"name": "Piet Bakker", "function": "meldkamer"},
}


def test_claim_survives_its_document():
    made = content(emergency=CLAIM)
    claimed = Emergency(
        EmergencyReason.LIFE, WORDS, Party(name="Piet Bakker", function="meldkamer")
    )
    assert load_content(dump_content(made)).emergency == made.emergency == claimed
    assert changed_fields(content(), made) == ["emergency"]


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(-60, 0), (0, 0), (59, 0), (60, 1), (3599, 59), (86_400, 1440)]
)
def test_minutes_are_whole_and_never_below_none(seconds, minutes):
    assert elapsed_minutes(NOW, NOW + timedelta(seconds=seconds)) == minutes


def test_emergency_of_which_a_part_was_given_does_not_wait(log, service):
    given = service.record(HANDLER, content(emergency=CLAIM)).demand_id
    with log.transactions.database.write() as session:
        session.get_one(Demand, given).state = "continuing"
    assert service.list_emergencies(HANDLER, None, 10) == []


def test_longest_waiting_emergency_comes_first(log, service, clock):
    received = [clock.now() - timedelta(minutes=n) for n in (10, 70, 40)]
    ids = [
        service.record(HANDLER, content(emergency=CLAIM, received_at=at.isoformat())).demand_id
        for at in received
    ]
    ordinary = service.record(HANDLER, content()).demand_id
    found = service.list_emergencies(HANDLER, None, 10)
    assert [(one.id, one.elapsed_minutes) for one in found] == [
        (ids[1], 70), (ids[2], 40), (ids[0], 10),
    ]  # fmt: skip
    (rest,) = service.list_emergencies(HANDLER, (received[2], ids[2]), 10)
    assert rest.id == ids[0]
    listed = {one.id: one.elapsed_minutes for one in service.list(HANDLER, None, None, 10)}
    assert (listed[ids[0]], listed[ordinary]) == (10, None)
    clock.advance(seconds=300)
    assert service.get(HANDLER, ids[0]).elapsed_minutes == 15
    assert service.get(HANDLER, ordinary).elapsed_minutes is None
    service.withdraw(HANDLER, ids[1], Withdrawal("Anna de Vries", Channel.PHONE))
    assert ids[1] not in {one.id for one in service.list_emergencies(HANDLER, None, 10)}
    with pytest.raises(NotPermitted):
        service.list_emergencies(ENGINEER, None, 10)
    check_log(log)


def test_since_when_it_is_an_emergency_is_held_against_the_record(log, service, databases, clock):
    """By that the quotas of the day count, and it stays when the claim is taken back."""
    demand = service.record(HANDLER, content()).demand_id
    for n, given in enumerate(({"emergency": CLAIM}, {}, {"emergency": CLAIM}), 1):
        clock.advance(seconds=60)
        service.correct(HANDLER, demand, content(**given), n)
    with log.transactions.read() as session:
        records = session.scalars(select(DemandRecord).order_by(DemandRecord.version)).all()
        assert session.get(Demand, demand).emergency_since == records[1].recorded_at
        assert check_demands(session, log.keys) == []
    later = records[3].recorded_at
    with databases.cases.write() as session:
        session.execute(update(Demand).where(Demand.id == demand).values(emergency_since=later))
    with log.transactions.read() as session:
        assert any("at another time" in one for one in check_demands(session, log.keys))


def test_sealed_emergency_is_as_it_was_entered(log, service, databases):
    """Its leaves do not tell that it is one; another instant than that of a record is found."""
    demand = service.record(HANDLER, content(emergency=CLAIM, lane="sealed")).demand_id
    with log.transactions.read() as session:
        assert session.get(Demand, demand).emergency_since is not None
        assert check_demands(session, log.keys) == []
    later = NOW + timedelta(days=9)
    with databases.cases.write() as session:
        session.execute(update(Demand).where(Demand.id == demand).values(emergency_since=later))
    with log.transactions.read() as session:
        assert any("at another time" in one for one in check_demands(session, log.keys))


def test_urgency_in_the_table_is_held_against_the_record(log, service, databases):
    demand = service.record(HANDLER, content(emergency=CLAIM)).demand_id
    with log.transactions.read() as session:
        assert check_demands(session, log.keys) == []
    with databases.cases.write() as session:
        session.execute(update(Demand).where(Demand.id == demand).values(is_emergency=False))
    with log.transactions.read() as session:
        assert any("urgency" in one for one in check_demands(session, log.keys))
