"""A plan of another release is shown and held back for; nobody signs it, and no worker does it."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.extraction import decided, shown, soundness
from lea_service.extraction.document import dump_plan
from lea_service.extraction.needed_queries import find_held_back
from lea_service.extraction.printed import PlanPrinter
from lea_service.extraction.rules import OURS
from lea_service.extraction.shown import check_plan, check_shown
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.canonical import encode_b64url, salted_digest
from lea_service.kernel.errors import InvalidInput, VerificationFailed, WrongState
from tests.extraction.worlds import NUMBERS, T0, make_plan
from tests.support.extraction import START
from tests.support.log import check_log

NEWER = replace(OURS, phonenumbers="99.0.0")


@pytest.fixture
def filled(office):
    office.source()
    office.calls(START)
    return office


@pytest.fixture
def upgrade(monkeypatch):
    """A function after which this program has other rules than when it made its plans."""

    def change():
        for module in (soundness, decided, shown):
            monkeypatch.setattr(module, "OURS", NEWER)

    return change


def test_plan_of_another_release_is_not_signed(filled, upgrade):
    plan = filled.planned()
    approval = filled.propose(plan)
    upgrade()
    for sign in (lambda: filled.propose(plan), lambda: filled.house.decide(approval)):
        with pytest.raises(WrongState, match="compile the plan anew"):
            sign()
    assert filled.state(plan.demand_id) == "under_review"
    check_log(filled.log)


def test_worker_of_another_release_halts_for_another_decision(filled, upgrade, monkeypatch):
    demand, run = filled.decided()
    upgrade()
    assert filled.work(run) == "halted"
    progress = filled.service.get_progress(filled.actor("handler1"), demand)
    assert (progress.halt, progress.needs_decision) == ("rules_changed", True)
    with pytest.raises(WrongState, match="only a new decision"):
        filled.service.resume(filled.actor("handler1"), demand)
    monkeypatch.undo()  # the plan that is compiled now has the rules of the program
    _, again = filled.decided(demand)
    assert filled.work(again) == "done"
    check_log(filled.log)


def test_work_that_fails_after_an_upgrade_needs_a_decision(filled, upgrade):
    demand, run = filled.decided()
    filled.begin(run)
    upgrade()
    with filled.transactions.begin(worker_actor()) as tx:
        filled.service.halt(tx, run)
    assert filled.service.get_progress(filled.actor("handler1"), demand).halt == "rules_changed"


def test_what_a_plan_of_another_release_needs_is_held_back(filled, upgrade):
    plan = filled.planned()
    filled.approve(plan)
    (source,) = plan.document["sources"]
    upgrade()
    with filled.transactions.read() as session:
        keys = filled.transactions.keys
        assert find_held_back(session, keys, source["id"], "call", START) is not None


def test_target_that_another_release_could_read_keeps_who_held_it(filled, monkeypatch):
    """A number may be none by newer tables; the purge goes on, and takes nothing a plan needs."""
    crm = filled.source("crm", "subscriber")
    filled.approve(filled.planned())

    def refuse(*_):
        raise InvalidInput("no number")

    monkeypatch.setattr("lea_service.extraction.tenure_queries.match_values", refuse)
    with filled.transactions.read() as session:
        keys = filled.transactions.keys
        assert find_held_back(session, keys, crm, "subscriber", START) is not None


def shown_plan(**changes):
    """Return a plan as the service sends it, with other rules than those of this program."""
    period = Period(T0, T0 + timedelta(days=1), "Europe/Amsterdam")
    number = Target(TargetKind.PHONE_NUMBER, NUMBERS[0])
    plan = make_plan([Item(1, number, period, ("traffic_call_records",))])
    document = dump_plan(replace(plan, rules=NEWER)) | changes
    digest = salted_digest(bytes(16), document)
    head = {"id": "pl", "number": 1, "is_current": True, "digest": digest}
    return head | {"salt": encode_b64url(bytes(16)), "document": document}


def test_plan_of_another_release_is_shown_and_says_so():
    found = shown_plan()
    check_shown(found, found["document"]["demand"])
    assert f"{NEWER}; nobody signs it: this program has {OURS}" in PlanPrinter("en").plan(found)
    with pytest.raises(VerificationFailed, match="no plan that can be read"):
        check_shown(shown_plan(items=[]), found["document"]["demand"])


def test_plan_of_another_release_gets_no_signature_from_its_reader():
    signing = SimpleNamespace(payload=shown_plan()["document"], statement=SimpleNamespace(facts={}))
    with pytest.raises(VerificationFailed, match="compile the plan anew"):
        check_plan(None, signing)
