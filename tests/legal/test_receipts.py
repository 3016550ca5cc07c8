"""What one person types of a receipt makes no wait, no freeze and no term looser."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from lea_service.custody.replay import Entered, Stream
from lea_service.demands.demand import Form
from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import NotPermitted
from lea_service.legal.confirmations.rules import Cause, find_consequences
from lea_service.legal.deadlines import Clock, list_deadlines
from lea_service.legal.order_text import OrderReader
from lea_service.legal.receipts import (
    LATE,
    ORDERED_OTHERWISE,
    OTHERWISE,
    SENT_OTHERWISE,
    OrderDates,
    Receipts,
    find_date_doubts,
    find_doubts,
    find_order_dates,
    find_receipts,
    find_sent_doubts,
)
from lea_service.legal.times import collect_times, find_wait
from lea_service.legal.working_days import load_working_days
from tests.legal.cases import basis_of
from tests.legal.test_service import REASON, correct
from tests.legal.test_times import CATALOGUE, asked
from tests.support.engines import ANY_ENGINE
from tests.support.impostors import write_mail
from tests.support.log import check_log
from tests.support.orders import make_orders

WORKING = load_working_days()
EARLY, LATER = (datetime(2026, 11, day, 9, tzinfo=UTC) for day in (3, 24))
EPOC, EPRO, HOURS = "EU-EPO-TRAFFIC", "EU-EPRO", "NL-SV-126na-2"


def entry(n, event, at, **facts):
    return Entered(n, event, "s_1", format_instant(at), facts, ())


def stream(*receipts, recorded=LATER, accepted=None):
    """Return the entries of a demand whose records state these receipts."""
    found = [
        entry(n, f"demand.{'corrected' if n else 'recorded'}", recorded, received_at=said)
        for n, said in enumerate(map(format_instant, receipts))
    ]
    if accepted is not None:
        found.append(entry(len(found), "demand.finding_accepted", recorded, findings=accepted))
    return Stream("c_1", tuple(found))


def clock(entries, receipt, basis=EPOC, which=Clock.ANSWER):
    times = collect_times(asked(basis, received_at=receipt), entries)
    found = list_deadlines(basis_of(basis), times, WORKING, LATER)
    return next(one for one in found if one.clock is which)


@pytest.mark.parametrize("said", [(LATER, EARLY), (EARLY, LATER)])
def test_wait_counts_from_the_last_receipt_and_the_end_from_the_first(said):
    found = clock(stream(*said), said[-1])
    assert found.earliest == clock(stream(LATER), LATER).earliest
    assert found.due == clock(stream(EARLY), EARLY).due


def test_nothing_leaves_by_an_earlier_receipt_that_one_person_typed():
    entries, one = stream(LATER, EARLY), asked(EPOC, received_at=EARLY)
    end = clock(stream(LATER), LATER).earliest
    assert find_wait(one, entries, CATALOGUE, WORKING, end - timedelta(seconds=1)).until == end
    assert find_wait(one, entries, CATALOGUE, WORKING, end) is None


@pytest.mark.parametrize("said", [(LATER, EARLY), (EARLY, LATER)])
def test_second_person_lets_the_receipt_count_as_it_is_stated(said):
    entries = stream(*said, accepted={OTHERWISE: 1})
    found, plain = clock(entries, said[-1]), clock(stream(said[-1]), said[-1])
    assert (found.earliest, found.due) == (plain.earliest, plain.due)


def test_what_was_agreed_to_before_a_correction_is_of_another_record():
    entries = stream(LATER, EARLY, accepted={OTHERWISE: 1})
    again = entry(3, "demand.corrected", LATER, received_at=format_instant(EARLY))
    found = find_receipts(
        asked(received_at=EARLY), replace(entries, entries=(*entries.entries, again))
    )
    assert (found.first, found.last) == (EARLY, LATER)


def test_acceptance_of_something_else_agrees_to_no_receipt():
    entries = stream(LATER, EARLY, accepted={LATE: 1})
    assert find_receipts(asked(received_at=EARLY), entries).last == LATER


def test_what_was_agreed_to_is_the_receipt_and_still_not_when_it_was_recorded():
    entries = stream(LATER, EARLY, recorded=MONDAY, accepted={OTHERWISE: 1})
    found = find_receipts(asked(received_at=EARLY), entries)
    assert found == Receipts(EARLY, EARLY, EARLY, MONDAY)


def test_acceptance_that_does_not_say_of_what_agrees_to_no_receipt():
    """So are those of the sealed lane."""
    entries = stream(LATER, EARLY)
    sealed = entry(2, "demand.finding_accepted", LATER)
    entries = replace(entries, entries=(*entries.entries, sealed))
    assert find_receipts(asked(received_at=EARLY), entries).last == LATER


def test_demand_without_entries_was_recorded_when_it_says():
    one = asked(received_at=EARLY)
    found = find_receipts(one, Stream("c_1", ()))
    assert found == Receipts(EARLY, EARLY, EARLY, one.recorded_at)


def test_order_that_was_recorded_late_shows_by_when_it_is_in_time():
    receipts = find_receipts(
        asked(received_at=FRIDAY_EVENING), stream(FRIDAY_EVENING, recorded=AFTER)
    )
    (found,) = find_doubts(receipts, basis_of(EPOC), WORKING)
    assert found.seen == {"recorded_on": "2026-12-28", "in_time": "2026-11-30"}


def test_freeze_ends_no_sooner_than_from_when_the_order_was_recorded():
    found = clock(stream(EARLY), EARLY, EPRO, Clock.PRESERVATION)
    plain = clock(stream(LATER), LATER, EPRO, Clock.PRESERVATION)
    told = clock(stream(EARLY, recorded=EARLY), EARLY, EPRO, Clock.PRESERVATION)
    assert (found.due, found.late) == (told.due, plain.late)


MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
FRIDAY_EVENING = datetime(2026, 11, 27, 19, tzinfo=UTC)
CHRISTMAS_EVE, AFTER = (datetime(2026, 12, day, 15, tzinfo=UTC) for day in (24, 28))


@pytest.mark.parametrize(
    ("basis", "said", "recorded", "codes"),
    [
        (EPOC, [FRIDAY_EVENING], MONDAY, []),
        (EPOC, [FRIDAY_EVENING], MONDAY + timedelta(days=1), [LATE]),
        (EPOC, [CHRISTMAS_EVE], AFTER, []),
        (EPOC, [CHRISTMAS_EVE], AFTER + timedelta(days=1), [LATE]),
        (EPOC, [LATER, EARLY], LATER, [OTHERWISE, LATE]),
        (EPOC, [EARLY, LATER], LATER, [OTHERWISE]),
        (EPOC, [LATER, LATER], LATER, []),
        (HOURS, [EARLY, LATER], LATER, [OTHERWISE]),
        (HOURS, [LATER, EARLY], LATER, []),
        ("NL-SV-126n", [EARLY, LATER], LATER, []),
        (None, [LATER, EARLY], LATER, []),
    ],
)
def test_second_person_is_asked_where_a_receipt_may_loosen_something(basis, said, recorded, codes):
    receipts = find_receipts(asked(received_at=said[-1]), stream(*said, recorded=recorded))
    found = find_doubts(receipts, basis and basis_of(basis), WORKING)
    assert [one.code for one in found] == codes


def earliest(legal, handler, demand):
    found = legal.get_deadlines(handler, demand).deadlines
    return next(one.earliest for one in found if one.clock is Clock.ANSWER)


@ANY_ENGINE
def test_somebody_else_agrees_to_an_earlier_receipt(log, authority, legal, handler, house, clock):
    now = clock.now()
    said = {"legal_basis": EPOC}
    demand = authority.send(received_at=now.isoformat(), **said)
    assert {OTHERWISE, LATE}.isdisjoint(legal.assess(handler, demand).open)
    before = earliest(legal, handler, demand)
    early = now - timedelta(days=21)
    correct(authority, log, demand, received_at=early.isoformat(), **said)
    assert {OTHERWISE, LATE} <= {*legal.assess(handler, demand).open}
    with pytest.raises(NotPermitted):
        legal.accept_finding(handler, demand, OTHERWISE, REASON)
    assert earliest(legal, handler, demand) == before > now
    legal.accept_finding(house.actor("handler2"), demand, OTHERWISE, REASON)
    assert earliest(legal, handler, demand) < now
    check_log(log)


FIRST, LAST = date(2026, 11, 3), date(2026, 11, 24)
FREEZE = "NL-SV-126ni"


def dated(*dates, accepted=None):
    """Return the entries of a demand whose records state these dates of the order."""
    found = [
        entry(n, f"demand.{'corrected' if n else 'recorded'}", LATER, order_date=f"{one}")
        for n, one in enumerate(dates)
    ]
    if accepted is not None:
        found.append(entry(len(found), "demand.finding_accepted", LATER, findings=accepted))
    return Stream("c_1", tuple(found))


def clock_of(entries, stated, basis, which, **said):
    demand = asked(basis, received_at=LATER, order_date=stated, **said)
    found = list_deadlines(basis_of(basis), collect_times(demand, entries), WORKING, LATER)
    return next(one for one in found if one.clock is which)


@pytest.mark.parametrize("said", [(FIRST, LAST), (LAST, FIRST)])
def test_writing_is_owed_from_the_first_date_and_a_freeze_kept_by_the_last(said):
    owed = clock_of(dated(*said), said[-1], "NL-SV-126nd", Clock.CONFIRMATION, form=Form.ORAL)
    plain = clock_of(dated(FIRST), FIRST, "NL-SV-126nd", Clock.CONFIRMATION, form=Form.ORAL)
    assert (owed.due, owed.told_end, owed.alarm) == (plain.due, plain.late, plain.alarm)
    kept = clock_of(dated(*said), said[-1], FREEZE, Clock.PRESERVATION)
    soon, late = (clock_of(dated(one), one, FREEZE, Clock.PRESERVATION) for one in (FIRST, LAST))
    assert (kept.due, kept.late) == (soon.due, late.late)


LONG_AGO = date(2025, 11, 24)


@pytest.mark.parametrize("said", [(LONG_AGO, LAST), (LAST, LONG_AGO)])
def test_date_that_was_typed_wrong_holds_a_demand_and_accuses_nobody(said):
    oral = partial(clock_of, stated=said[-1], basis="NL-SV-126nd", which=Clock.CONFIRMATION)
    found = oral(dated(*said), form=Form.ORAL)
    late = oral(dated(LAST), stated=LAST, form=Form.ORAL).late
    none = Stream("c_1", ())
    assert found.late == late > LATER
    before = find_consequences(Clock.CONFIRMATION, found, none, late - timedelta(microseconds=1))
    assert (before.hold, before.cause) == (True, None)
    assert find_consequences(Clock.CONFIRMATION, found, none, late).cause is Cause.UNPAID


@pytest.mark.parametrize(
    ("accepted", "first"), [({ORDERED_OTHERWISE: 1}, LAST), ({OTHERWISE: 1}, FIRST)]
)
def test_second_person_lets_the_date_count_as_it_is_stated(accepted, first):
    found = find_order_dates(asked(order_date=LAST), dated(FIRST, LAST, accepted=accepted))
    assert found == OrderDates(LAST, first, LAST)


def test_date_that_was_to_come_when_it_was_typed_keeps_nothing_for_years():
    found = find_order_dates(asked(order_date=FIRST), dated(date(2062, 11, 3), FIRST))
    assert found == OrderDates(FIRST, FIRST, FIRST)


@pytest.mark.parametrize(
    ("basis", "said", "is_owed", "expected"),
    [
        ("NL-SV-126nd", (FIRST, LAST), True, True),
        ("NL-SV-126nd", (FIRST, LAST), False, False),
        ("NL-SV-126nd", (LAST, FIRST), True, False),
        ("NL-SV-126nd", (LAST, LAST), True, False),
        (FREEZE, (LAST, FIRST), False, True),
        (FREEZE, (FIRST, LAST), False, False),
        (None, (FIRST, LAST), True, False),
    ],
)
def test_second_person_is_asked_where_a_date_may_loosen_something(basis, said, is_owed, expected):
    dates = find_order_dates(asked(order_date=said[-1]), dated(*said))
    found = find_date_doubts(dates, basis and basis_of(basis), is_owed=is_owed)
    assert [one.code for one in found] == [ORDERED_OTHERWISE] * expected


@ANY_ENGINE
def test_nobody_alone_moves_the_end_of_an_oral_order(log, authority, legal, handler, house):
    oral = {"form": "oral", "legal_basis": "NL-SV-126na-1"}

    def end():
        found = legal.get_deadlines(handler, demand).deadlines
        return next(one.told_end for one in found if one.clock is Clock.CONFIRMATION)

    demand = authority.send(order=None, order_date="2026-11-20", **oral)
    assert ORDERED_OTHERWISE not in legal.assess(handler, demand).open
    before = end()
    correct(authority, log, demand, order_date="2026-11-23", **oral)
    assert ORDERED_OTHERWISE in legal.assess(handler, demand).open
    with pytest.raises(NotPermitted):
        legal.accept_finding(handler, demand, ORDERED_OTHERWISE, REASON)
    assert end() == before
    legal.accept_finding(house.actor("handler2"), demand, ORDERED_OTHERWISE, REASON)
    assert end() > before
    check_log(log)


MAILED = datetime(2026, 11, 24, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("basis", "minutes", "asks"),
    [
        (EPOC, 0, False),
        (EPOC, -5, False),
        (EPOC, -6, True),
        (EPOC, 24 * 60, False),
        (EPOC, 24 * 60 + 1, True),
        (HOURS, -6, True),
        ("NL-SV-126n", -6, False),
        (None, -6, False),
    ],
)
def test_mail_that_says_another_time_is_asked_about(basis, minutes, asks):
    came = MAILED + timedelta(minutes=minutes)
    found = list(find_sent_doubts(came, MAILED, basis and basis_of(basis)))
    assert [one.code for one in found] == [SENT_OTHERWISE] * asks
    assert not list(find_sent_doubts(came, None, basis and basis_of(basis)))


@pytest.mark.parametrize(
    ("said", "sent_at"),
    [
        ("Tue, 24 Nov 2026 08:00:00 +0100", MAILED),
        ("Tue, 24 Nov 2026 07:00:00 -0000", None),
        ("Tue, 24 Nov 1000 00:00:00 +1400", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("Tue, 24 Nov 99999999999999999999 08:00:00 +0100", None),
        ("gisteren", None),
        ("", None),
    ],
)
def test_mail_says_when_it_was_sent(said, sent_at):
    mail = write_mail().replace(b"Tue, 24 Nov 2026 08:00:00 +0100", said.encode())
    assert OrderReader().read(mail).sent_at == make_orders().read(mail).sent_at == sent_at


@ANY_ENGINE
def test_receipt_is_held_against_the_mail_that_it_is_of(log, authority, legal, handler):
    said = {"legal_basis": EPOC, "order": write_mail()}
    demand = authority.send(received_at="2026-11-24T06:00:00Z", **said)
    legal.assess(handler, demand)
    found = legal.accept_finding(handler, demand, SENT_OTHERWISE, REASON)
    assert SENT_OTHERWISE not in found.open
    same = authority.send(received_at="2026-11-24T07:00:00Z", **said)
    assert SENT_OTHERWISE not in {one.code for one in legal.assess(handler, same).findings}
