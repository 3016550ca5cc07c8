"""One damaged demand keeps no other from its clocks, its end, or the lists; its alarm is raised."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from lea_service.custody.queries import list_stream
from lea_service.delivery import queries as delivery_queries
from lea_service.delivery.closing import Closing
from lea_service.demands.demand import CONTENTS
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.jobs import Job
from lea_service.legal.confirmations.service import ConfirmationService
from lea_service.legal.working_days import load_working_days
from tests.demands.samples import item
from tests.support.frozen import list_frozen
from tests.support.orders import make_orders

ORAL = {"form": "oral", "legal_basis": "NL-SV-126na-1", "issuing_role": "nl.opsporingsambtenaar"}
KEPT = {"legal_basis": "NL-SV-126ni", "states": [*CONTENTS]}


@pytest.fixture
def engine_name():
    """What is done about damage is the same on each engine."""
    return "sqlite"


@pytest.fixture
def begin(log):
    return lambda: log.transactions.begin(worker_actor())


@pytest.fixture
def damage(databases):
    """A function that overwrites the record of a demand."""

    def work(demand):
        with databases.cases.write() as session:
            for drop in append_only_ddl("demand_records", "sqlite")[1]:
                session.execute(text(drop))
            query = "UPDATE demand_records SET sealed = zeroblob(99) WHERE demand_id = :demand"
            session.execute(text(query), {"demand": demand})

    return work


def alarms(log):
    with log.transactions.read() as session:
        jobs = session.scalars(select(Job)).all()
    return [one.args["about"] for one in jobs if one.args.get("template") == "alarm"]


def test_damage_silences_no_clock_of_another(log, authority, clocks, clock, handler, begin, damage):
    clock.set(datetime(2026, 11, 20, 12, tzinfo=UTC))
    bad, good = (
        authority.send(
            order=None, order_date="2026-11-20", by=authority.officer, called_back=False,
            received_at=f"2026-11-20T{hour}:00:00Z", **ORAL,
        )
        for hour in (11, 12)
    )  # fmt: skip
    damage(bad)
    clock.set(datetime(2026, 12, 5, 12, tzinfo=UTC))
    assert [clocks.watch(begin), clocks.watch(begin)] == [1, 0]
    with log.transactions.read() as session:
        assert "deadline.escalated" in [one.event for one in list_stream(session, good)]
    assert alarms(log) == [bad]
    confirmations = ConfirmationService(
        log.transactions, log.looks, make_orders(), load_working_days(), max_order_bytes=1
    )
    assert [one.demand for one in confirmations.list_open(handler, None, 9)] == [good]


def test_damage_holds_up_no_other_preservation(
    log, authority, legal, preservation, clock, handler, begin, damage
):
    bad, good = (
        authority.send(**KEPT, items=[item(value=one)]) for one in ("+31612345678", "+31201234567")
    )
    for demand in (bad, good):
        legal.assess(handler, demand)
        late = preservation.keep(handler, demand).late
    damage(bad)
    assert [one.demand_id for one in preservation.list(handler, None, 9)] == [good]
    with pytest.raises(IntegrityFailure) as caught:
        list_frozen(log, clock.now())
    assert caught.value.facts == {"demand": bad}
    clock.set(late)
    assert (preservation.release_expired(begin), alarms(log)) == (1, [bad])


def test_damage_holds_up_no_other_closing(log, begin, monkeypatch):
    monkeypatch.setattr(delivery_queries, "list_acknowledged", lambda *_, **__: ["c_1", "c_2"])
    closing = Closing(log.transactions, folders=(), grace=timedelta())

    def close(_tx, demand):
        if demand == "c_1":
            raise IntegrityFailure("damaged")

    monkeypatch.setattr(closing, "close", close)
    assert (closing.sweep(begin).closed, alarms(log)) == (("c_2",), ["c_1"])
