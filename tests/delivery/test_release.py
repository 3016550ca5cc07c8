"""What happens between sealing and hand-over: nothing leaves that was not decided as it stands."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from lea_service.custody.queries import list_stream
from lea_service.delivery.models import Delivery
from lea_service.extraction.queries import get_progress
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import NotFound, WrongState
from lea_service.kernel.jobs import Job, Postponed
from lea_service.packaging.models import Package
from tests.support.delivery import WORKER
from tests.support.log import check_log

DAY = timedelta(days=1)


def events(handover, stream):
    with handover.log.transactions.read() as session:
        return [entry.event for entry in list_stream(session, stream)]


def halt(handover, demand):
    """Return why a demand stopped, and whether only a new decision helps."""
    with handover.log.transactions.read() as session:
        seen = get_progress(session, demand)
    assert seen.state == "halted"
    return seen.halt, seen.needs_decision


def alarms(handover):
    with handover.log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "notice.send")).all()
        return [job.args["about"] for job in jobs if job.args["template"] == "alarm"]


def resume(handover, demand):
    return handover.office.service.resume(handover.house.actor("handler1"), demand)


def replace(handover):
    handover.replace()


def expire(handover):
    handover.log.transactions.clock.advance(days=366)


def revoke(handover):
    handover.revoke()


def revoke_and_replace(handover):
    revoke(handover)
    replace(handover)


def check_nothing_left(handover, demand, package):
    """Fail when anything of the package was made available or told."""
    handler = handover.house.actor("handler1")
    assert handover.service.list_deliveries(handler, demand) == []
    assert "package.made_available" not in events(handover, demand)
    with handover.log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "notice.send")).all()
        assert all(job.args["template"] != "package.available" for job in jobs)


@pytest.mark.parametrize("change", [replace, expire, revoke, revoke_and_replace])
def test_changed_certificate_halts_a_sealed_demand(handover, change):
    demand, package = handover.seal()
    change(handover)
    assert handover.release(demand, package) == "halted"
    assert halt(handover, demand) == ("certificate_changed", True)
    assert events(handover, demand)[-1] == "extraction.halted"
    with pytest.raises(WrongState, match="new decision"):
        resume(handover, demand)
    assert handover.release(demand, package) is None
    check_nothing_left(handover, demand, package)
    check_log(handover.log)


@pytest.mark.parametrize("change", [replace, revoke])
def test_certificate_that_changes_after_the_check_halts_as_well(handover, change):
    demand, package = handover.seal()
    found = handover.service.check_release(WORKER, demand, package)
    change(handover)
    with handover.log.transactions.begin(WORKER) as tx:
        assert handover.service.make_available(tx, found) == "halted"
    assert halt(handover, demand) == ("certificate_changed", True)
    check_nothing_left(handover, demand, package)


def own_the_target(handover, person):
    contact = {"holder": person, "kind": "phone", "value": "+31612345678"}
    found = {"found_by_way": "the site of the agency"}
    handover.register.approve("agency.contact", contact | found)


@pytest.fixture
def nobody_hears(monkeypatch):
    """Have changes of the register told to nobody, as if that had failed."""
    monkeypatch.setattr("lea_service.agencies.changed._HEARING", {})


@pytest.mark.usefixtures("nobody_hears")
def test_who_is_asked_about_holds_a_release_to_their_desk(handover):
    demand, package = handover.seal([handover.desk])
    found = handover.service.check_release(WORKER, demand, package)
    own_the_target(handover, handover.person)
    with handover.log.transactions.begin(WORKER) as tx, pytest.raises(Postponed, match="asked"):
        handover.service.make_available(tx, found)
    with pytest.raises(Postponed, match="hold"):
        handover.release(demand, package)
    assert "demand.shut_out" in events(handover, demand)
    check_nothing_left(handover, demand, package)
    check_log(handover.log)


@pytest.mark.usefixtures("nobody_hears")
def test_who_is_asked_about_fetches_nothing(handover):
    demand, package = handover.deliver([handover.desk])
    _, actor = handover.sign_in()
    own_the_target(handover, handover.person)
    with pytest.raises(NotFound):
        handover.collect(actor, package)
    assert handover.service.list_collectable(actor, None, 10) == []
    assert events(handover, demand)[-1] == "demand.shut_out"
    check_log(handover.log)


def test_revocation_waits_for_a_release_at_work(handover):
    """It comes before the release, or after it: never between its look and its end."""
    demand, package = handover.seal()
    found = handover.service.check_release(WORKER, demand, package)
    begun, done = threading.Event(), []

    def end_trust():
        begun.wait()
        handover.revoke()
        done.append(handover.state(demand))

    thread = threading.Thread(target=end_trust)
    thread.start()
    with handover.log.transactions.begin(WORKER) as tx:
        assert handover.service.make_available(tx, found) == "made_available"
        begun.set()
        thread.join(0.5)
        assert done == []
    thread.join()
    assert done == ["delivered"]
    check_log(handover.log)


def test_new_decision_makes_a_package_that_replaces_the_old_one(handover):
    demand, old = handover.seal()
    revoke_and_replace(handover)
    assert handover.release(demand, old) == "halted"
    again, new = handover.seal(demand=demand)
    assert again == demand
    handover.packaging.sweep(demand)
    assert handover.sealery.files(demand) == [f"{new}.sealed"]
    handler = handover.house.actor("handler1")
    listed = handover.packaging.list_packages(handler, demand)
    assert {one.id: one.is_current for one in listed} == {old: False, new: True}
    assert handover.release(demand, old) is None
    assert handover.state(demand) == "ready"
    assert handover.release(demand, new) == "made_available"
    _, actor = handover.sign_in()
    assert [one.package for one in handover.service.list_collectable(actor, None, 9)] == [new]
    with pytest.raises(NotFound):
        handover.service.fetch(actor, old)
    code = handover.code(handover.collect(actor, new))
    assert handover.service.give_receipt(actor, new, code).is_accepted
    check_log(handover.log)


def test_demand_has_one_delivery(handover):
    demand, _ = handover.deliver()
    _, other = handover.seal()
    now = handover.log.transactions.clock.now()
    when = {"available_at": now, "pick_up_by": now + DAY}
    row = Delivery(package_id=other, demand_id=demand, instalment=1, **when)
    with pytest.raises(IntegrityError), handover.log.transactions.begin(WORKER) as tx:
        tx.session.add(row)


def damage(path):
    data = path.read_bytes()
    path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])


@pytest.mark.parametrize("harm", [damage, Path.unlink], ids=["damaged", "gone"])
def test_package_file_that_fails_halts_and_is_put_back(handover, harm):
    demand, package = handover.seal(rows=6_000)
    path = handover.sealery.packages / demand / f"{package}.sealed"
    kept = path.read_bytes()
    harm(path)
    assert handover.release(demand, package) == "halted"
    assert halt(handover, demand) == ("package_damaged", False)
    path.write_bytes(kept)
    resume(handover, demand)
    assert handover.state(demand) == "ready"
    assert handover.release(demand, package) == "made_available"
    assert events(handover, demand).count("package.sealed") == 1
    check_log(handover.log)


def test_package_file_that_is_lost_is_decided_on_anew(handover):
    demand, package = handover.seal()
    (handover.sealery.packages / demand / f"{package}.sealed").unlink()
    assert handover.release(demand, package) == "halted"
    _, new = handover.seal(demand=demand)
    assert handover.release(demand, new) == "made_available"
    _, actor = handover.sign_in()
    assert handover.service.give_receipt(
        actor, new, handover.code(handover.collect(actor, new))
    ).is_accepted


def test_halt_is_resumed_once_for_each_time(handover):
    """The job of the hand-over is asked for anew after each halt, whatever became of the last."""
    demand, package = handover.seal()
    path = handover.sealery.packages / demand / f"{package}.sealed"
    kept = path.read_bytes()
    path.unlink()
    for _ in range(2):
        assert handover.release(demand, package) == "halted"
        resume(handover, demand)
    with handover.log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "package.release")).all()
    assert len({job.id for job in jobs}) == 2
    assert all(job.args["package"] == package for job in jobs)
    path.write_bytes(kept)
    assert handover.release(demand, package) == "made_available"
    check_log(handover.log)


def test_suspended_agency_waits_and_goes_on_when_it_is_lifted(handover):
    demand, package = handover.seal()
    handler = handover.house.actor("handler1")
    handover.register.service.suspend(handler, handover.person, "left")
    with pytest.raises(Postponed):
        handover.release(demand, package)
    handover.register.approve("agency.lift", {"subject": handover.person})
    assert handover.release(demand, package) == "made_available"


def test_withdrawn_demand_hands_nothing_over(handover):
    demand, package = handover.seal()
    found = handover.service.check_release(WORKER, demand, package)
    handover.office.withdraw(demand)
    with handover.log.transactions.begin(WORKER) as tx:
        assert handover.service.make_available(tx, found) == "ended"
    assert handover.release(demand, package) is None
    assert handover.state(demand) == "withdrawn"
    check_nothing_left(handover, demand, package)


def test_halted_demand_is_withdrawn(handover):
    demand, package = handover.seal()
    revoke(handover)
    handover.release(demand, package)
    handover.office.withdraw(demand)
    assert handover.state(demand) == "withdrawn"


def test_package_of_other_receivers_halts(handover):
    """Somebody who owns the database writes another certificate into the row of the package."""
    demand, package = handover.seal()
    with handover.log.transactions.database.write() as session:
        dialect = session.get_bind().dialect.name
        for statement in append_only_ddl("packages", dialect)[1]:
            session.execute(text(statement))
        values = {"receivers": ["0" * 64]}
        session.execute(update(Package).where(Package.id == package).values(values))
    assert handover.release(demand, package) == "halted"
    assert halt(handover, demand) == ("decision_invalid", True)


def test_revoked_receiver_fetches_no_more(handover):
    demand, package = handover.deliver([handover.person, handover.desk])
    colleague = handover.register.person(handover.agency, "Bram Bakker")
    change = {"id": handover.desk, "version": 1}
    handover.register.desk(handover.agency, [colleague], **change)
    (_, actor), (_, other) = handover.sign_in(), handover.sign_in(colleague)
    handover.collect(actor, package)
    revoke(handover)
    for _ in range(2):
        with pytest.raises(WrongState, match=r"revoked.*record the demand anew"):
            handover.service.fetch(actor, package)
    assert events(handover, demand).count("package.fetch_refused") == 1
    assert alarms(handover) == [demand]
    handover.collect(other, package)  # the key of the desk is in nobody else's hands
    check_log(handover.log)


def test_replaced_certificate_still_opens_what_was_delivered(handover):
    _, package = handover.deliver()
    _, actor = handover.sign_in()
    pair = handover.pairs[handover.person]
    replace(handover)
    handover.pairs[handover.person] = pair
    assert handover.code(handover.collect(actor, package))


def test_answer_ends_the_preservation_that_it_follows(handover):
    kept = handover.office.new_demand(settled=False)
    handover.office.force(kept, "preserved")
    demand = handover.office.new_demand(preservation=kept)
    assert handover.release(*handover.seal(demand=demand)) == "made_available"
    assert handover.state(kept) == "produced"
