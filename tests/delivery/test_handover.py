from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from lea_service.custody.entries import load_entry
from lea_service.custody.note import parse_note
from lea_service.custody.proofs import LogProof
from lea_service.custody.queries import list_stream
from lea_service.delivery.queries import iter_overdue
from lea_service.delivery.rules import Span
from lea_service.kernel.canonical import sha256
from lea_service.kernel.errors import (
    IntegrityFailure,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    TooManyAttempts,
    WrongState,
)
from lea_service.kernel.jobs import Job, Postponed
from lea_service.kernel.sealed_file import SEGMENT
from tests.demands.test_admission import clear
from tests.support.delivery import WORKER
from tests.support.log import check_log

WRONG = "A" * 43


def events(log, stream):
    with log.transactions.read() as session:
        return [entry.event for entry in list_stream(session, stream)]


def last_facts(log, stream):
    with log.transactions.read() as session:
        return load_entry(list_stream(session, stream)[-1].data)["facts"]


def test_package_goes_from_seal_to_receipt(handover, log):
    demand, package = handover.seal()
    assert handover.state(demand) == "ready"
    assert handover.release(demand, package) == "made_available"
    assert handover.state(demand) == "delivered"
    _, actor = handover.sign_in()
    (view,) = handover.service.list_collectable(actor, None, 10)
    data = handover.collect(actor, package)
    assert (len(data), sha256(data).hex()) == (view.size, view.sha256)
    answer = handover.service.give_receipt(actor, package, handover.code(data))
    assert answer.is_accepted
    assert handover.state(demand) == "acknowledged"
    assert events(log, demand)[-5:] == [
        "package.sealed",
        "package.made_available",
        "package.fetched",
        "receipt.received",
        "package.acknowledged",
    ]
    (seen,) = handover.service.list_deliveries(handover.house.actor("handler1"), demand)
    assert (seen.receipt, seen.receipt_by) == (answer.receipt, handover.person)
    assert [fetch.by for fetch in seen.fetches] == [handover.person]
    check_log(log)


def test_release_happens_once(handover, log):
    demand, package = handover.seal()
    first = handover.service.check_release(WORKER, demand, package)
    assert handover.release(demand, package) == "made_available"
    assert handover.release(demand, package) is None
    with log.transactions.begin(WORKER) as tx:
        assert handover.service.make_available(tx, first) == "ended"
    assert events(log, demand).count("package.made_available") == 1
    with log.transactions.read() as session:
        sent = session.query(Job).filter(Job.kind == "notice.send").all()
        notices = [job for job in sent if job.args["template"] == "package.available"]
        assert [job.args["receiver"] for job in notices] == [handover.person]
    check_log(log)


def test_release_needs_a_checkpoint(handover, log, tmp_path):
    demand, package = handover.seal()
    (tmp_path / "signer.json").write_text("{}")
    with pytest.raises(IntegrityFailure, match="memory of the checkpoint signer"):
        handover.service.check_release(WORKER, demand, package)
    assert handover.state(demand) == "ready"


def test_only_the_worker_releases(handover, log):
    demand, package = handover.seal()
    release = handover.service.check_release(WORKER, demand, package)
    with (
        log.transactions.begin(handover.house.actor("handler1")) as tx,
        pytest.raises(NotPermitted),
    ):
        handover.service.make_available(tx, release)


def test_hold_keeps_a_package_back(handover, log):
    demand, package = handover.seal()
    release = handover.service.check_release(WORKER, demand, package)
    handler = handover.house.actor("handler1")
    handover.register.service.suspend(handler, handover.agency, "impersonation")
    with pytest.raises(Postponed):
        handover.service.check_release(WORKER, demand, package)
    with log.transactions.begin(WORKER) as tx, pytest.raises(Postponed):
        handover.service.make_available(tx, release)
    assert handover.state(demand) == "ready"
    handover.register.approve("agency.lift", {"subject": handover.agency})
    assert handover.release(demand, package) == "made_available"
    check_log(log)


def test_package_of_another_demand_stays(handover):
    demand, _ = handover.seal()
    _, other = handover.seal()
    with pytest.raises(NotFound):
        handover.service.check_release(WORKER, demand, other)


def test_others_see_nothing(handover):
    _, package = handover.deliver()
    colleague = handover.register.person(handover.agency, "Bram Bakker")
    _, actor = handover.sign_in(colleague)
    assert handover.service.list_collectable(actor, None, 10) == []
    for act in (
        lambda: handover.service.get_collectable(actor, package),
        lambda: handover.service.fetch(actor, package),
        lambda: handover.service.get_proof(actor, package),
        lambda: handover.service.get_sealing_entry(actor, package),
        lambda: handover.service.give_receipt(actor, package, WRONG),
    ):
        with pytest.raises(NotFound):
            act()


def test_desk_shares_its_packages(handover, log):
    _, package = handover.deliver([handover.desk])
    colleague = handover.register.person(handover.agency, "Bram Bakker")
    _, first = handover.sign_in()
    _, second = handover.sign_in(colleague)
    handover.collect(first, package)
    with pytest.raises(NotFound):
        handover.collect(second, package)
    change = {"id": handover.desk, "version": 1}
    handover.register.desk(handover.agency, [colleague], **change)
    data = handover.collect(second, package)
    with pytest.raises(NotFound):
        handover.collect(first, package)
    code = handover.code(data, handover.desk)
    assert handover.service.give_receipt(second, package, code).is_accepted
    check_log(log)


def test_suspended_desk_has_no_readers(handover):
    _, package = handover.deliver([handover.desk])
    _, actor = handover.sign_in()
    handler = handover.house.actor("handler1")
    handover.register.service.suspend(handler, handover.desk, "mailbox_taken")
    with pytest.raises(NotFound):
        handover.collect(actor, package)


def test_fetch_is_entered_once_a_look(handover, log, clock):
    demand, package = handover.deliver()
    _, actor = handover.sign_in()
    with closing(handover.service.fetch(actor, package, lambda _: Span(0, 10))) as download:
        assert events(log, demand)[-1] == "package.fetched"
        first = b"".join(download)
    with closing(handover.service.fetch(actor, package, lambda _: Span(10, 40))) as download:
        rest = b"".join(download)
    assert events(log, demand).count("package.fetched") == 1
    assert first + rest == handover.collect(actor, package)[:40]
    clock.advance(seconds=16 * 60)
    handover.collect(actor, package)
    assert events(log, demand).count("package.fetched") == 2
    check_log(log)


def test_parts_are_fetched_at_once(handover, log):
    demand, package = handover.deliver()
    _, actor = handover.sign_in()

    def take(n):
        span = Span(n * 100, n * 100 + 100)
        with closing(handover.service.fetch(actor, package, lambda _: span)) as part:
            return b"".join(part)

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(take, range(4)))
    assert b"".join(parts) == handover.collect(actor, package)[:400]
    assert "package.fetched" in events(log, demand)
    check_log(log)


def test_repeated_release_outlives_a_suspension(handover, log):
    demand, package = handover.deliver()
    handler = handover.house.actor("handler1")
    handover.register.service.suspend(handler, handover.agency, "impersonation")
    assert handover.release(demand, package) is None
    assert events(log, demand).count("package.made_available") == 1


@pytest.mark.parametrize("how", ["token", "person", "desk", "certificate"])
def test_long_download_ends_with_the_right(handover, how, monkeypatch):
    monkeypatch.setattr("lea_service.delivery.service.RECHECK_BYTES", SEGMENT)
    _, package = handover.deliver([handover.desk], rows=6_000)
    _, actor = handover.sign_in()
    assert handover.service.get_collectable(actor, package).size > SEGMENT
    handler = handover.house.actor("handler1")
    with closing(handover.service.fetch(actor, package)) as download:
        next(download)
        if how == "token":
            handover.service.tokens.revoke(handler, actor.session_id)
        elif how == "certificate":
            handover.revoke(handover.desk)
        else:
            handover.register.service.suspend(handler, getattr(handover, how), "left")
        with pytest.raises((NotAuthenticated, NotFound, WrongState)):
            list(download)


def test_proof_lies_beside_the_package(handover, log):
    _, package = handover.deliver()
    _, actor = handover.sign_in()
    entry = handover.service.get_sealing_entry(actor, package)
    proof = LogProof.parse(handover.service.get_proof(actor, package))
    head = proof.verify(entry, log.service.policy)
    assert head.size > proof.index
    assert parse_note(proof.checkpoint).text.startswith("lawful.example")
    view = handover.service.get_collectable(actor, package)
    assert view.sha256 in entry.decode()


def test_wrong_code_is_a_refusal_on_record(handover, log, clock):
    demand, package = handover.deliver()
    _, actor = handover.sign_in()
    code = handover.code(handover.collect(actor, package))
    for count in range(1, 6):
        answer = handover.service.give_receipt(actor, package, WRONG)
        assert (answer.is_accepted, answer.ground) == (False, "wrong_code")
        assert last_facts(log, demand)["failures"] == count
    with pytest.raises(TooManyAttempts):
        handover.service.give_receipt(actor, package, code)
    assert handover.state(demand) == "delivered"
    clock.advance(seconds=15 * 60)
    assert handover.service.give_receipt(actor, package, code).is_accepted
    check_log(log)


def test_receipt_needs_a_fetch(handover, log):
    demand, package = handover.deliver()
    _, actor = handover.sign_in()
    with handover.packaging.open_ciphertext(package) as reader:
        code = handover.code(reader.read())
    answer = handover.service.give_receipt(actor, package, code)
    assert (answer.is_accepted, answer.ground) == (False, "not_fetched")
    assert handover.state(demand) == "delivered"
    handover.collect(actor, package)
    assert handover.service.give_receipt(actor, package, code).is_accepted
    check_log(log)


def test_second_receipt_changes_nothing(handover, log):
    demand, package = handover.deliver()
    _, actor = handover.sign_in()
    code = handover.code(handover.collect(actor, package))
    first = handover.service.give_receipt(actor, package, code)
    again = handover.service.give_receipt(actor, package, code)
    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert (again.receipt, again.received_at) == (first.receipt, first.received_at)
    assert events(log, demand).count("package.acknowledged") == 1
    assert handover.service.give_receipt(actor, package, WRONG).ground == "wrong_code"
    check_log(log)


def test_race_of_receipts_makes_one(handover, log):
    demand, package = handover.deliver()
    _, actor = handover.sign_in()
    code = handover.code(handover.collect(actor, package))

    def give(_):
        return handover.service.give_receipt(actor, package, code)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(give, range(4)))
    assert sorted(answer.is_repeat for answer in answers) == [False, True, True, True]
    assert len({answer.receipt for answer in answers}) == 1
    assert events(log, demand).count("receipt.received") == 1
    assert events(log, demand).count("package.acknowledged") == 1
    check_log(log)


def test_receivers_do_nothing_else(handover):
    demand, package = handover.deliver()
    _, actor = handover.sign_in()
    for act in (
        lambda: handover.service.list_deliveries(actor, demand),
        lambda: handover.service.list_overdue(actor, None, 1),
        lambda: handover.service.closing.erase_uncollected(actor, demand),
        lambda: handover.service.tokens.list_tokens(actor, handover.agency, None, 9),
        lambda: handover.service.tokens.revoke(actor, actor.session_id),
    ):
        with pytest.raises(NotPermitted):
            act()
    for act in (
        lambda: handover.service.fetch(handover.house.actor("handler1"), package),
        lambda: handover.service.give_receipt(WORKER, package, WRONG),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_overdue_packages_are_listed(handover, log, clock):
    demand, package = handover.deliver()
    handler = handover.house.actor("handler1")
    clock.advance(days=14)
    assert handover.service.list_overdue(handler, None, 10) == []
    clock.advance(seconds=1)
    (one,) = handover.service.list_overdue(handler, None, 10)
    assert (one.demand, one.package) == (demand, package)
    for _ in range(2):
        with log.transactions.begin(WORKER) as tx:
            assert handover.service.remind_overdue(tx) == 1
    with log.transactions.read() as session:
        assert session.query(Job).filter(Job.dedup.startswith("overdue/")).count() == 1
    check_log(log)


def test_each_receiver_of_each_late_package_is_reminded_once(handover, log, clock):
    both = [handover.person, handover.desk]
    packages = {handover.deliver(both)[1] for _ in range(3)}
    clock.advance(days=15)
    with log.transactions.read() as session:
        for page in (1, 2, 3, 4):
            found = [one.package for one in iter_overdue(session, clock.now(), page)]
            assert found == sorted(packages)
    for _ in range(2):
        with log.transactions.begin(WORKER) as tx:
            assert handover.service.remind_overdue(tx) == 3
    with log.transactions.read() as session:
        jobs = session.query(Job).filter(Job.dedup.startswith("overdue/")).all()
    assert {one.args["template"] for one in jobs} == {"package.overdue"}
    told = sorted((one.args["demand"], one.args["receiver"]) for one in jobs)
    assert len(told) == len(set(told)) == 6
    check_log(log)


def test_leaf_of_a_sealed_demand_names_no_receiver(handover, log):
    for name in ("handler1", "approver1"):
        clear(handover.house, name)
    demand, package = handover.seal(demand=handover.office.new_demand(lane="sealed"))
    assert handover.release(demand, package) == "made_available"
    assert handover.person not in str(last_facts(log, demand))
    _, actor = handover.sign_in()
    assert handover.collect(actor, package)
    check_log(log)
