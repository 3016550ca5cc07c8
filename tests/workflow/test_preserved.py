"""What an order to preserve names outlives its term, and the worker lets go of it in the end."""

import pytest
from sqlalchemy import func, select

from lea_service.demands.demand import CONTENTS
from lea_service.records.store import TABLES
from tests.support.orders import retyped
from tests.support.retention import rule_request

KEPT = "instrument.preservation"


def count_rows(whole):
    with whole.services.records.read() as session:
        return session.scalar(select(func.count()).select_from(TABLES["call"]))


def keep(whole, demand):
    """Accept what the check asks but for what is kept, and keep it."""
    legal, actor = whole.services.legal, whole.actor()
    whole.call_back(demand)
    found = legal.assess(actor, demand)
    for ref in [one for one in found.open if one != KEPT]:
        again = retyped(whole.services.transactions, found, ref)
        legal.accept_finding(actor, demand, ref, "read in the order", retyped=again)
    return whole.services.preservation.keep(actor, demand)


@pytest.fixture
def engine_name():
    """How rows are spared on each engine is tested with the purge."""
    return "sqlite"


def test_worker_spares_what_is_kept_and_lets_go_after_the_term(whole):
    whole.source()
    whole.source("other")
    whole.calls(3)
    whole.calls(2, "other", caller="+31107654321")
    assert count_rows(whole) == 5
    whole.house.approve("retention.rule", rule_request("CALL-60", term=60, unit="days"))
    demand = whole.record(legal_basis="NL-SV-126ni", states=[*CONTENTS])
    kept = keep(whole, demand)
    whole.clock.advance(days=40)
    whole.work()
    assert (count_rows(whole), whole.state(demand)) == (3, "preserved")
    whole.clock.set(kept.late)
    whole.work()
    assert whole.state(demand) == "released"
    whole.clock.advance(days=1)
    whole.work()
    assert count_rows(whole) == 0
    assert whole.events("r_records").count("incident.late_purge") == 0
    whole.check()
