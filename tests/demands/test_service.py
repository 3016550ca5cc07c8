import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lea_service.custody.queries import list_stream, open_disclosures
from lea_service.demands import models, queries
from lea_service.demands.demand import Channel, Hold
from lea_service.demands.queries import REGION, region_of
from lea_service.demands.service import BASIS_UNKNOWN, DemandService, Withdrawal
from lea_service.demands.states import State
from lea_service.demands.withdrawal import WithdrawalReason
from lea_service.kernel.canonical import load_strict
from lea_service.kernel.clock import format_instant, say_minute_after
from lea_service.kernel.database import Database
from lea_service.kernel.errors import (
    Duplicate,
    InvalidInput,
    NotFound,
    NotPermitted,
    StaleVersion,
    TooLarge,
    WrongState,
)
from lea_service.kernel.jobs import Job
from lea_service.kernel.keystore import generate_keystore
from lea_service.settings import load_settings
from lea_service.wiring import build
from tests.demands.samples import (
    AGENCY,
    APPROVER,
    AUDITOR,
    DESK,
    ENGINEER,
    HANDLER,
    ORDER,
    OTHER,
    PERSON,
    content,
    item,
)
from tests.demands.test_changes import move, put_in
from tests.support.log import ORIGIN, check_log

TAKEN_BACK = Withdrawal("griffie Amsterdam", Channel.PHONE, "vergissing")


def stream(log, demand):
    with log.transactions.read() as session:
        return [(one.event, load_strict(one.data)) for one in list_stream(session, demand)]


def events(log, demand):
    return [event for event, _ in stream(log, demand)]


def disclosed(log, demand, n):
    with log.transactions.read() as session:
        entry = list_stream(session, demand)[n]
        opened = open_disclosures(session, log.keys, ORIGIN, entry)
    return {one.name: one.value for one in opened}


def count(log, model):
    with log.transactions.read() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_demand_is_kept_as_it_arrived(log, service, clock):
    recorded = service.record(HANDLER, content(), ORDER)
    found = service.get(APPROVER, recorded.demand_id)
    assert (found.state, found.version, found.recorded_by) == (State.RECEIVED, 1, HANDLER.id)
    assert (found.order.size, found.order.media_type) == (len(ORDER), "application/pdf")
    assert {name: getattr(found, name) for name in content().__dataclass_fields__} == {
        name: getattr(content(), name) for name in content().__dataclass_fields__
    }
    assert service.get_order(AUDITOR, recorded.demand_id).content == ORDER
    check_log(log)


def test_entry_counts_and_discloses_under_the_file_key(log, service):
    demand = service.record(HANDLER, content(), ORDER).demand_id
    ((event, entry),) = stream(log, demand)
    assert (event, entry["facts"]["items"], entry["facts"]["has_order"]) == (
        "demand.recorded",
        1,
        True,
    )
    assert [one["role"] for one in entry["art"]] == ["demand_records", "demand_orders"]
    named = disclosed(log, demand, 0)
    assert named["references"] == [{"kind": "parketnummer", "value": "26-777777"}]
    assert named["order_sha256"] == service.get(HANDLER, demand).order.sha256
    assert named["order_sha256"] not in str(entry)


def test_acknowledgement_goes_out_once_although_held(log, service):
    recorded = service.record(HANDLER, content())
    assert recorded.holds
    service.record(HANDLER, content())
    with log.transactions.read() as session:
        (job,) = session.scalars(select(Job)).all()
    assert (job.kind, job.subject) == ("notice.send", recorded.demand_id)
    assert job.args == {
        "template": "demand.acknowledged",
        "demand": recorded.demand_id,
        "receiver": None,
    }


def test_same_key_and_request_get_the_same_answer(log, service, clock):
    first = service.record(HANDLER, content(), ORDER, "k-1")
    clock.advance(hours=1)
    move(log, first.demand_id, State.UNDER_REVIEW)
    assert service.record(HANDLER, content(), ORDER, "k-1") == first
    assert events(log, first.demand_id) == ["demand.recorded", "demand.checked"]
    assert count(log, models.Demand) == 1
    check_log(log)


def test_same_key_with_another_request_is_refused(log, service):
    service.record(HANDLER, content(), ORDER, "k-1")
    for other in ((content(note="x"), ORDER), (content(), None), (content(), ORDER + b"\n")):
        with pytest.raises(Duplicate):
            service.record(HANDLER, *other, "k-1")
    assert count(log, models.Demand) == 1


def test_key_of_somebody_else_means_nothing(log, service):
    service.record(HANDLER, content(), ORDER, "k-1")
    other = service.record(OTHER, content(note="x"), None, "k-1")
    assert not other.is_replay
    assert count(log, models.Demand) == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 129])
def test_malformed_key_is_refused(service, key):
    with pytest.raises(InvalidInput, match="Idempotency-Key"):
        service.record(HANDLER, content(), None, key)


def test_exact_replay_finds_the_earlier_demand(log, service):
    first = service.record(HANDLER, content(), ORDER)
    move(log, first.demand_id, State.UNDER_REVIEW)
    again = service.record(OTHER, content(), ORDER, "k-9")
    assert (again.demand_id, again.is_replay) == (first.demand_id, True)
    assert (again.state, again.version) == (State.UNDER_REVIEW, 2)
    assert service.record(OTHER, content(), ORDER, "k-9") == again
    assert events(log, first.demand_id)[-1] == "demand.replayed"
    assert events(log, first.demand_id).count("demand.replayed") == 1
    assert not service.record(HANDLER, content()).is_replay
    check_log(log)


@pytest.mark.parametrize("keys", [(None, None), ("k-1", "k-1"), ("k-1", "k-2")])
def test_two_at_once_make_one_demand(log, service, keys):
    gate, answers = threading.Barrier(2), []

    def post(key):
        gate.wait()
        answers.append(service.record(HANDLER, content(), ORDER, key))

    threads = [threading.Thread(target=post, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one, two = answers
    assert one.demand_id == two.demand_id
    assert count(log, models.Demand) == count(log, models.DemandOrder) == 1
    assert one == two if keys[0] and keys[0] == keys[1] else one.is_replay != two.is_replay
    check_log(log)


def test_unknown_parties_and_basis_hold_the_demand(log, service, known_bases):
    known_bases.clear()
    recorded = service.record(HANDLER, content())
    codes = {one.code for one in recorded.holds}
    assert {"agency_unknown", "person_unknown", "receiver_unknown", BASIS_UNKNOWN} <= codes
    assert Hold("agency_unknown", AGENCY) in recorded.holds
    assert Hold("person_unknown", PERSON) in recorded.holds
    assert Hold("receiver_unknown", DESK) in recorded.holds
    assert set(service.holds(HANDLER, recorded.demand_id)) == set(recorded.holds)
    assert events(log, recorded.demand_id)[:2] == ["demand.recorded", "demand.held"]
    assert stream(log, recorded.demand_id)[0][1]["facts"]["legal_basis"] is None


def test_parties_in_words_only_are_unknown(service):
    words = content(agency={"name": "Politie"}, issuing_person={"name": "J. Jansen"})
    holds = service.record(HANDLER, words).holds
    assert {Hold("agency_unknown"), Hold("person_unknown")} <= set(holds)


def test_basis_that_became_known_releases_its_hold(log, service, known_bases):
    demand = service.record(HANDLER, content(legal_basis="NL-SV-126zz")).demand_id
    known_bases.add("NL-SV-126zz")
    standing = service.correct(HANDLER, demand, content(legal_basis="NL-SV-126zz"), 1)
    assert standing.version == 1
    assert BASIS_UNKNOWN not in {one.code for one in service.holds(HANDLER, demand)}
    assert "demand.hold_released" in events(log, demand)
    check_log(log)


def test_correction_keeps_the_earlier_record(log, service):
    demand = service.record(HANDLER, content(), ORDER).demand_id
    move(log, demand, State.UNDER_REVIEW)
    changed = content(items=[item(), item("phone_id", "200", target={"source": "pbx1"})], note=None)
    assert service.correct(HANDLER, demand, changed, 2).version == 3
    found = service.get(HANDLER, demand)
    assert (len(found.items), found.note, found.version, found.record_version) == (2, None, 3, 3)
    assert service.get_order(HANDLER, demand).content == ORDER
    with log.transactions.read() as session:
        earlier, order = queries.open_record(session, log.keys, demand, 1)
    assert (len(earlier["items"]), earlier["note"], order) == (1, "dringend graag", found.order)
    facts = dict(stream(log, demand))["demand.corrected"]["facts"]
    assert facts["fields"] == ["items", "note"]
    check_log(log)


def test_correction_may_bring_another_order(log, service):
    demand = service.record(HANDLER, content(), ORDER).demand_id
    other = ORDER.replace(b"Vordering", b"Herstelde")
    assert service.correct(HANDLER, demand, content(), 1, other).version == 2
    assert service.get_order(HANDLER, demand).content == other
    assert dict(stream(log, demand))["demand.corrected"]["facts"]["fields"] == ["order"]
    assert count(log, models.DemandOrder) == 2
    check_log(log)


def test_correction_of_nothing_changes_nothing(log, service):
    demand = service.record(HANDLER, content(), ORDER).demand_id
    assert service.correct(HANDLER, demand, content(), 1, ORDER).version == 1
    assert events(log, demand) == ["demand.recorded"]


def test_correction_from_an_old_reading_is_refused(log, service):
    demand = service.record(HANDLER, content()).demand_id
    service.correct(HANDLER, demand, content(note="a"), 1)
    with pytest.raises(StaleVersion):
        service.correct(HANDLER, demand, content(note="b"), 1)
    assert service.get(HANDLER, demand).note == "a"


@pytest.mark.parametrize("state", sorted(State))
def test_only_what_is_not_decided_is_corrected(log, service, state):
    demand = service.record(HANDLER, content()).demand_id
    put_in(log, demand, state)
    if state in {State.RECEIVED, State.UNDER_REVIEW, State.CLARIFICATION}:
        assert service.correct(HANDLER, demand, content(note="a"), 1).version == 2
    else:
        with pytest.raises(WrongState):
            service.correct(HANDLER, demand, content(note="a"), 1)


def test_withdrawal_discloses_who_told_us(log, service):
    demand = service.record(HANDLER, content()).demand_id
    assert service.withdraw(HANDLER, demand, TAKEN_BACK).state is State.WITHDRAWN
    assert disclosed(log, demand, -1) == {"by": "griffie Amsterdam", "note": "vergissing"}
    with pytest.raises(WrongState):
        service.withdraw(HANDLER, demand, TAKEN_BACK)
    check_log(log)


def test_authority_is_told_that_one_of_us_recorded_its_withdrawal(log, service):
    demand = service.record(HANDLER, content()).demand_id
    service.withdraw(HANDLER, demand, TAKEN_BACK)
    with log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.subject == demand).order_by(Job.dedup))
        told = [(one.args["template"], one.args["receiver"]) for one in jobs]
    assert told == [("demand.acknowledged", None), ("demand.withdrawn", None)]


def test_closing_counts_the_entries_of_the_stream(log, service):
    demand = service.record(HANDLER, content()).demand_id
    service.get(HANDLER, demand)
    service.withdraw(HANDLER, demand, replace(TAKEN_BACK, note=None))
    assert service.close(HANDLER, demand).state is State.CLOSED
    found = stream(log, demand)
    assert found[-1][1]["facts"]["entries"] == len(found) == 4
    check_log(log)


@pytest.mark.parametrize("state", sorted(State))
def test_only_what_is_done_with_is_closed(log, service, state):
    demand = service.record(HANDLER, content()).demand_id
    put_in(log, demand, state)
    done = {State.REFUSED, State.REPLIED, State.WITHDRAWN, State.ACKNOWLEDGED, State.DELIVERED}
    if state in done | {State.RELEASED, State.PRODUCED}:
        assert service.close(HANDLER, demand).state is State.CLOSED
    else:
        with pytest.raises(WrongState):
            service.close(HANDLER, demand)


@pytest.mark.parametrize("state", [State.DELIVERED, State.ACKNOWLEDGED])
def test_closing_waits_until_nobody_needs_the_package(log, service, state, kept, clock):
    demand = service.record(HANDLER, content()).demand_id
    put_in(log, demand, state)
    kept[demand] = clock.now() + timedelta(days=14)
    clock.advance(days=14, seconds=-1)
    with pytest.raises(WrongState, match="receivers") as refused:
        service.close(HANDLER, demand)
    assert refused.value.detail.endswith(f"its receivers until {say_minute_after(kept[demand])}")
    assert refused.value.facts["until"] == format_instant(kept[demand])
    clock.advance(seconds=1)
    assert service.close(HANDLER, demand).state is State.CLOSED


def test_every_look_is_entered_before_it_is_given(log, service):
    demand = service.record(HANDLER, content(), ORDER).demand_id
    for _ in range(2):
        service.get(APPROVER, demand)
        service.get_order(APPROVER, demand)
        service.holds(APPROVER, demand)
        service.list(APPROVER, None, None, 10)
    looks = [entry["facts"]["view"] for event, entry in stream(log, demand)[1:]]
    assert looks == ["demand", "order", "holds"]
    assert events(log, "x_system") == ["demand.listed"]


def test_demand_without_order_has_none_to_show(service):
    demand = service.record(HANDLER, content()).demand_id
    with pytest.raises(NotFound):
        service.get_order(HANDLER, demand)


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (b"", InvalidInput),
        (b"%PDF-1.7" + b"\n" * 4096 + b"%%EOF", TooLarge),
    ],
)
def test_no_order_and_one_that_is_too_large_leave_nothing(log, service, order, error):
    with pytest.raises(error):
        service.record(HANDLER, content(), order, "k-1")
    assert [count(log, one) for one in (models.Demand, models.DemandRequest, Job)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        (b"From: officier@om.example\r\nSubject: vordering\r\n\r\ntekst", "message/rfc822"),
        (b"Received: by mx\n\tx\nfrom : a@b.example\n\nx" + b"\0\xff", "message/rfc822"),
        (b"From x@y.example Thu\nFrom: a@b.example\nFrom: c@d.example\n\n", "message/rfc822"),
        (b"From:officier@om.example\r\n\r\ntekst", "message/rfc822"),
        (b"Subject: no sender\r\n\r\nFrom: nobody", "message/rfc822"),
        (ORDER[:-8], "application/pdf"),
        (ORDER[5:], "application/octet-stream"),
        (b"\xef\xbb\xbf" + ORDER, "application/octet-stream"),
        (b"\nFrom: officier@om.example\n\ntekst", "application/octet-stream"),
        (b"PK\x03\x04 %PDF-1.7 %%EOF", "application/octet-stream"),
        (b"https://om.example/vordering", "application/octet-stream"),
    ],
)
def test_mail_or_damaged_order_is_kept_as_it_came(log, service, order, kind):
    demand = service.record(HANDLER, content(), order).demand_id
    assert service.get(HANDLER, demand).order.media_type == kind
    kept = service.get_order(HANDLER, demand)
    assert (kept.content, kept.media_type) == (order, kind)
    check_log(log)


def test_arrival_in_the_future_is_refused(service):
    with pytest.raises(InvalidInput) as caught:
        service.record(HANDLER, content(received_at="2026-11-24T09:06:00Z"))
    assert caught.value.errors[0].pointer == "/received_at"


def test_nobody_without_the_permission_comes_near(log, service):
    demand = service.record(HANDLER, content()).demand_id
    for act in (
        lambda: service.record(APPROVER, content(note="x")),
        lambda: service.correct(APPROVER, demand, content(note="x"), 1),
        lambda: service.withdraw(AUDITOR, demand, TAKEN_BACK),
        lambda: service.close(APPROVER, demand),
        lambda: service.get(ENGINEER, demand),
        lambda: service.get_order(ENGINEER, demand),
        lambda: service.holds(ENGINEER, demand),
        lambda: service.list(ENGINEER, None, None, 10),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert events(log, demand) == ["demand.recorded"]


def test_service_needs_to_know_the_bases(log):
    with pytest.raises(TypeError):
        DemandService(log.transactions, log.looks, max_order_bytes=4096, kept_until={}.get)


RANGE = content(items=[item("phone_number", "0201234500-99")])


def test_range_of_numbers_is_told_how_to_be_asked(service):
    with pytest.raises(InvalidInput) as caught:
        service.record(HANDLER, RANGE)
    (wrong,) = caught.value.errors
    assert wrong.pointer == "/items/0/target/value"
    assert "a range is none: ask for each number as an item" in wrong.detail
    assert "0201234500" not in str(caught.value)


def test_correction_asks_for_no_range_either(service):
    known = service.record(HANDLER, content())
    with pytest.raises(InvalidInput):
        service.correct(HANDLER, known.demand_id, RANGE, known.version)


def test_number_is_one_by_the_plan_of_the_providers_country(service, log, databases):
    """In Essen it is the direct line of somebody, in Amsterdam a hundred numbers."""
    log.transactions.database = Database(databases.cases.url, {REGION: "DE"})
    assert service.record(HANDLER, RANGE).demand_id
    log.transactions.database.dispose()


def test_country_of_the_provider_is_that_of_the_settings(tmp_path, clock):
    generate_keystore(tmp_path / "keys", provider="Example", now=clock.now())
    home = {"LEA_HOME": str(tmp_path), "LEA_KEYS_DIR": str(tmp_path / "keys")}
    services = build(load_settings(home | {"LEA_REGION": "DE"}))
    with services.transactions.database.read() as session:
        assert region_of(session) == "DE"
    services.dispose()


def test_other_reason_to_take_back_is_told_in_words():
    for reason in WithdrawalReason:
        Withdrawal("Anna", Channel.PHONE, "niet meer nodig", reason).check_told()
        if reason is not WithdrawalReason.OTHER:
            Withdrawal("Anna", Channel.PHONE, None, reason).check_told()
    with pytest.raises(InvalidInput) as refused:
        Withdrawal("Anna", Channel.PHONE, None, WithdrawalReason.OTHER).check_told()
    assert str(refused.value) == "/note: expected what they said, with the reason other"
