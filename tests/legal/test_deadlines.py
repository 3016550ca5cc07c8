"""The clocks of a demand: which there are, when they end, what halts and what meets them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lea_service.kernel.errors import IntegrityFailure
from lea_service.legal.basis import NotBefore
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.counting import COUNTINGS, Pause, can_be_counted
from lea_service.legal.deadlines import NO_CLOCK, Clock, Status, Whose, list_deadlines, ordered_at
from lea_service.legal.moments import DemandTimes, Enforcing
from lea_service.legal.working_days import load_working_days
from tests.legal.cases import basis_of

CATALOGUE = load_catalogue()
WORKING = load_working_days()
ZONE = ZoneInfo("Europe/Amsterdam")
ORAL_ORDER = datetime(2026, 12, 24, 14, 20, tzinfo=ZONE)
OF_PERIODS = {"held_at_order", "held_at_receipt", "data_to_come_only", "nothing_to_come"}
EUROPEAN = ("EU-EPO-SUBSCRIBER", "EU-EPO-TRAFFIC", "EU-EPO-CONTENT")

TERMS = {
    Clock.ANSWER: "response",
    Clock.EMERGENCY_ANSWER: "emergency_response",
    Clock.CONFIRMATION: "confirmation",
    Clock.PRESERVATION: "preservation",
}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def times(received=ORAL_ORDER, **changes):
    facts = {
        "form": "written",
        "ordered_on": received.astimezone(ZONE).date(),
        "ordered_at": received,
        "received_at": received,
        "confirmed_at": None,
        "wanted_by": None,
        "pauses": (),
        "is_answered": False,
    }
    return DemandTimes(**facts | changes)


def clocks(basis, moments, now="2026-12-24T15:00"):
    found = list_deadlines(basis_of(basis), moments, WORKING, at(now))
    return {one.clock: one for one in found}


@pytest.mark.parametrize(
    ("now", "status"),
    [("2026-12-27T15:00", Status.RUNNING), ("2026-12-29T23:59", Status.RUNNING),
     ("2026-12-30T00:00", Status.OVER)],
)  # fmt: skip
def test_oral_order_before_christmas_is_late_after_the_29th(now, status):
    found = clocks("NL-SV-126nd", times(form="oral"), now)[Clock.CONFIRMATION]
    assert (found.status, found.late) == (status, at("2026-12-30T00:00"))
    assert found.alarm == at("2026-12-27T14:20")  # 72 hours: look, and no more


def test_written_order_meets_the_confirmation():
    confirmed = at("2026-12-28T09:00")
    found = clocks("NL-SV-126nd", times(form="oral", confirmed_at=confirmed), "2027-02-01T00:00")
    assert found[Clock.CONFIRMATION].status is Status.MET
    assert found[Clock.CONFIRMATION].met_at == confirmed


def test_written_orders_need_no_confirmation():
    assert Clock.CONFIRMATION not in clocks("NL-SV-126nd", times())


def test_confirmation_without_a_figure_has_no_end():
    found = clocks("NL-SV-126zh", times(form="oral"))[Clock.CONFIRMATION]
    assert (found.status, found.late, found.rule) == (Status.NO_END, None, "without_delay")
    assert found.alarm is not None


def test_confirmation_that_is_not_known_has_no_end():
    found = clocks("NL-SV-126na-2", times(form="oral"))[Clock.CONFIRMATION]
    assert (found.status, found.rule) == (Status.NO_END, "unknown")


def test_dutch_answer_is_due_when_the_order_says():
    wanted = at("2027-01-08T12:00")
    found = clocks("NL-SV-126nd", times(wanted_by=wanted))[Clock.ANSWER]
    assert (found.due, found.status) == (wanted, Status.RUNNING)
    without = clocks("NL-SV-126nd", times())[Clock.ANSWER]
    assert (without.due, without.status) == (None, Status.NO_END)


def test_two_hours_are_counted_by_the_clock():
    found = clocks("NL-SV-126na-2", times())[Clock.ANSWER]
    assert found.due == ORAL_ORDER + timedelta(hours=2)


def test_question_never_halts_a_dutch_term():
    asked = Pause(at("2026-12-24T14:30"), None)
    found = clocks("NL-SV-126na-2", times(pauses=(asked,)))[Clock.ANSWER]
    assert (found.status, found.due) == (Status.RUNNING, ORAL_ORDER + timedelta(hours=2))


@pytest.mark.parametrize("basis", EUROPEAN)
def test_european_order_ends_after_ten_days(basis):
    found = clocks(basis, times(at("2026-06-15T10:00")), "2026-06-25T23:59")
    assert found[Clock.ANSWER].due == at("2026-06-26T00:00")
    assert found[Clock.ANSWER].status is Status.RUNNING
    assert Clock.EMERGENCY_ANSWER not in found  # nobody says that it is one: no term was missed


@pytest.mark.parametrize("basis", EUROPEAN)
@pytest.mark.parametrize("by", [{"is_emergency": True}, {"enforcing": Enforcing.EMERGENCY}])
def test_emergency_ends_after_eight_hours(basis, by):
    found = clocks(basis, times(at("2026-06-15T10:00"), **by), "2026-06-25T23:59")
    assert found[Clock.EMERGENCY_ANSWER].due == at("2026-06-15T19:00")
    assert found[Clock.EMERGENCY_ANSWER].status is Status.OVER


def test_earlier_wish_of_the_authority_comes_first():
    wanted = at("2026-06-20T12:00")
    received = at("2026-06-15T10:00")
    found = clocks("EU-EPO-SUBSCRIBER", times(received, wanted_by=wanted))[Clock.ANSWER]
    assert found.due == wanted


@pytest.mark.parametrize("basis", ["EU-EPO-TRAFFIC", "EU-EPO-CONTENT"])
def test_notified_order_waits_for_the_tenth_day(basis):
    received = at("2026-03-24T10:00")  # day 10 is Good Friday: nothing before Tuesday is over
    found = clocks(basis, times(received))[Clock.ANSWER]
    assert found.earliest == found.late == at("2026-04-08T00:00")
    assert found.waits_for == "confirmation_of_enforcing_authority"


@pytest.mark.parametrize(
    "unknown",
    [{"counting": None}, {"counting": None, "value": None, "unit": None}, {"rule": "without_delay"},
     {"rule": "none_in_law"}],
)  # fmt: skip
def test_wait_without_a_known_end_is_said(unknown):
    """Null means not known: what waits for an authority then waits until a person says."""
    (basis,) = CATALOGUE.get_editions("EU-EPO-TRAFFIC")
    basis = replace(basis, response=replace(basis.response, **unknown))
    found = list_deadlines(basis, times(), WORKING, at("2030-01-01T00:00"))[0]
    assert [one.code for one in found.reasons] == ["no_figure", "not_before_said"]
    assert all(step["nl"] and step["en"] for step in found.steps)
    assert (found.clock, found.status) == (Clock.ANSWER, Status.NO_END)
    assert (found.earliest, found.waits_for) == (None, "confirmation_of_enforcing_authority")
    said = times(enforcing=Enforcing.CONFIRMED)
    found = [one.waits_for for one in list_deadlines(basis, said, WORKING, at("2030-01-01T00:00"))]
    assert not any(found)


def test_subscriber_order_waits_for_nobody():
    found = clocks("EU-EPO-SUBSCRIBER", times())[Clock.ANSWER]
    assert (found.earliest, found.waits_for) == (None, None)


def last_step(found):
    """Return code, article and English of the last step."""
    step = found.steps[-1]
    return step["code"], step["law"], step["en"]


def test_wait_explains_itself():
    found = clocks("EU-EPO-TRAFFIC", times(at("2026-03-24T10:00")))[Clock.ANSWER]
    code, law, said = last_step(found)
    assert (code, law) == ("not_before", "Regulation (EU) 2023/1543 art. 10(2)")
    assert "Nothing leaves before Wednesday 8 April 2026 00:00 (UTC+0200), unless" in said
    assert "woensdag 8 april 2026" in found.steps[-1]["nl"]
    said = times(at("2026-03-24T10:00"), enforcing=Enforcing.NOT_NOTIFIED)
    after = clocks("EU-EPO-TRAFFIC", said)[Clock.ANSWER]
    assert "not_before" not in [step["code"] for step in after.steps]


@pytest.mark.parametrize(
    ("basis", "wanted", "codes"),
    [
        ("EU-EPO-SUBSCRIBER", "2026-06-20T12:00", ["wanted_by"]),
        ("EU-EPO-SUBSCRIBER", "2026-06-26T00:00", ["wanted_by"]),
        ("EU-EPO-SUBSCRIBER", "2026-06-26T00:01", ["wanted_later"]),
        ("NL-SV-126nd", "2026-06-20T12:00", ["no_figure", "wanted_by"]),
        ("NL-SV-126nd", None, ["no_figure"]),
    ],
)
def test_wish_of_the_authority_explains_itself(basis, wanted, codes):
    moments = times(at("2026-06-15T10:00"), wanted_by=wanted and at(wanted))
    found = clocks(basis, moments, "2026-06-16T10:00")[Clock.ANSWER]
    assert [one.code for one in found.reasons] == codes
    assert {one.law for one in found.reasons} == {basis_of(basis).citation}
    assert "no_figure" not in codes or "the one that the order states" in str(found.steps)
    assert wanted is None or "June 2026" in last_step(found)[2]


def test_what_halts_a_term_explains_itself():
    asked = tuple(Pause(at(f"2026-06-{day}T10:00"), None) for day in (17, 16))
    moments = times(at("2026-06-15T10:00"), pauses=asked)
    found = clocks("EU-EPO-TRAFFIC", moments)[Clock.ANSWER]
    assert last_step(found)[:2] == ("halted_since", "Regulation (EU) 2023/1543 art. 10(6)")
    assert (
        "Since Tuesday 16 June 2026 10:00 (UTC+0200) a question has waited" in found.steps[0]["en"]
    )
    refused = clocks("EU-EPO-TRAFFIC", replace(moments, enforcing=Enforcing.REFUSED))[Clock.ANSWER]
    assert [one.code for one in refused.reasons] == ["refused", "halted_since"]
    assert refused.reasons[0].law == "Regulation (EU) 2023/1543 art. 12(2)"


def test_each_rule_without_a_figure_has_words():
    basis = basis_of("NL-SV-126nd")
    for rule in {*CATALOGUE.codes["rules"]} - NO_CLOCK - OF_PERIODS:
        without = replace(basis, response=replace(basis.response, rule=rule, value=None))
        found = list_deadlines(without, times(), WORKING, ORAL_ORDER)[0]
        assert (found.status, last_step(found)[0]) == (Status.NO_END, "no_figure")
        assert len({found.steps[-1]["nl"], found.steps[-1]["en"], rule}) == 3


def test_open_question_halts_a_european_term():
    received = at("2026-06-15T10:00")
    asked = Pause(at("2026-06-16T10:00"), None)
    found = clocks("EU-EPO-TRAFFIC", times(received, pauses=(asked,)))[Clock.ANSWER]
    assert (found.status, found.due, found.earliest) == (Status.HALTED, None, None)


def test_answered_question_moves_a_european_term():
    received = at("2026-06-15T10:00")
    asked = Pause(at("2026-06-16T10:00"), at("2026-06-18T10:00"))
    found = clocks("EU-EPO-SUBSCRIBER", times(received, pauses=(asked,)))[Clock.ANSWER]
    assert found.due == at("2026-06-28T00:00")  # two days after the end of the 25th
    assert found.late == at("2026-06-30T00:00")  # as from the 17th: Sat 27 -> Mon 29
    assert [step["code"] for step in found.steps][-2:] == ["paused", "resumed"]
    assert "Monday 15 June 2026 10:00" in found.steps[0]["en"]  # what really happened
    paused, resumed = found.reckoning.steps[-2:]
    assert paused.law == resumed.law == "Regulation (EU) 2023/1543 art. 10(6)"
    assert paused.facts == {"since": "2026-06-16T10:00+02:00", "until": "2026-06-18T10:00+02:00"}
    assert resumed.facts == {"end": "2026-06-28T00:00+02:00", "at": "2026-06-30T00:00+02:00"}


def test_term_that_a_question_moves_to_years_without_decrees_is_not_sure():
    received = at("2026-06-15T10:00")
    working = replace(WORKING, last=date(2026, 6, 26))
    asked = Pause(at("2026-06-16T10:00"), at("2026-06-18T10:00"))
    for pauses, is_sure in (((), True), ((asked,), False)):
        moments = times(received, pauses=pauses)
        found = list_deadlines(basis_of("EU-EPO-SUBSCRIBER"), moments, working, received)[0]
        assert (found.clock, found.is_sure) == (Clock.ANSWER, is_sure)


def test_answered_question_is_counted_by_four_readings():
    """Ten days of Sunday 14 March 2027 end on the 24th, and 49 hours later in the night of the 27th.

    As from the 16th they end on Good Friday the 26th or, where that is a holiday, after Easter.
    """
    received = at("2027-03-14T10:00")
    asked = Pause(at("2027-03-15T10:00"), at("2027-03-17T11:00"))
    found = clocks("EU-EPO-SUBSCRIBER", times(received, pauses=(asked,)))[Clock.ANSWER]
    assert (found.due, found.late) == (at("2027-03-27T00:00"), at("2027-03-31T00:00"))
    said = found.reckoning.steps[-1].facts
    assert said == {"end": "2027-03-27T00:00+01:00", "at": "2027-03-31T00:00+02:00"}


def test_question_of_two_seconds_adds_two_seconds():
    received = at("2026-06-15T23:59:59")
    asked = Pause(received, received + timedelta(seconds=2))
    found = clocks("EU-EPO-SUBSCRIBER", times(received, pauses=(asked,)))[Clock.ANSWER]
    assert found.due == at("2026-06-26T00:00:02")


def test_question_before_the_receipt_adds_nothing():
    received = at("2026-06-15T10:00")
    asked = Pause(at("2026-06-10T10:00"), at("2026-06-12T10:00"))
    asked_at_once = Pause(received, received)
    for pauses in ((), (asked,), (asked_at_once,)):
        found = clocks("EU-EPO-SUBSCRIBER", times(received, pauses=pauses))[Clock.ANSWER]
        assert found.due == at("2026-06-26T00:00")
        assert "resumed" not in [step["code"] for step in found.steps]


def test_open_question_halts_an_emergency_too():
    received = at("2026-06-15T10:00")
    asked = Pause(at("2026-06-15T10:30"), None)
    found = clocks("EU-EPO-TRAFFIC", times(received, pauses=(asked,)), "2026-06-16T00:00")
    assert {one.status for one in found.values()} == {Status.HALTED}
    assert {one.whose for one in found.values()} == {Whose.OURS}


def test_refused_demand_with_an_open_question_owes_nothing():
    asked = Pause(at("2026-06-16T10:00"), None)
    moments = times(at("2026-06-15T10:00"), pauses=(asked,), is_answered=True)
    assert clocks("EU-EPO-TRAFFIC", moments)[Clock.ANSWER].status is Status.MET


def test_refusal_halts_only_what_waits_for_an_authority():
    said = times(enforcing=Enforcing.REFUSED)
    assert clocks("EU-EPO-TRAFFIC", said)[Clock.ANSWER].status is Status.HALTED
    assert clocks("NL-SV-126na-2", said)[Clock.ANSWER].status is Status.RUNNING


def test_preservation_ends_by_two_readings():
    found = clocks("NL-SV-126ni", times(at("2026-03-02T10:00")))[Clock.PRESERVATION]
    assert (found.due, found.late) == (at("2026-05-31T01:00"), at("2026-06-01T00:00"))
    european = clocks("EU-EPRO", times(at("2026-06-02T10:00")))[Clock.PRESERVATION]
    assert european.due == european.late == at("2026-08-04T00:00")


def test_answered_demand_owes_nothing():
    received = at("2026-06-15T10:00")
    found = clocks("EU-EPO-SUBSCRIBER", times(received, is_answered=True), "2026-08-01T00:00")
    assert {one.status for one in found.values()} == {Status.MET}


def test_day_of_an_order_is_all_that_is_known():
    received = datetime(2026, 12, 24, 23, 30, tzinfo=UTC)  # 00:30 on the 25th
    assert ordered_at(date(2026, 12, 25), received) == received
    assert ordered_at(date(2026, 12, 24), received) == datetime(2026, 12, 23, 23, tzinfo=UTC)


@pytest.mark.parametrize("basis", CATALOGUE.bases, ids=lambda one: one.id)
@pytest.mark.parametrize("form", ["written", "oral"])
def test_every_basis_has_clocks_that_can_be_said(basis, form):
    for one in list_deadlines(basis, times(form=form), WORKING, ORAL_ORDER):
        assert one.law == basis.citation
        term = getattr(basis, TERMS[one.clock])
        assert one.text == (term.text if term else None)
        assert one.steps
        assert all(reason.law for reason in one.reasons)
        assert one.due is None or one.late is None or one.due <= one.late


def test_every_counting_of_the_catalogue_is_known():
    terms = [
        term
        for basis in CATALOGUE.bases
        for term in (
            basis.response, basis.emergency_response, basis.confirmation, basis.preservation
        )
        if term is not None
    ]  # fmt: skip
    counted = {term.counting for term in terms if term.rule == "at_most"}
    enforced = {basis.id for basis in CATALOGUE.bases if basis.enforceable is False}
    assert counted - {None} == set(COUNTINGS)
    assert "US-SCA-2703F" in enforced  # the one term that is not counted here is foreign


@pytest.mark.parametrize(
    ("row", "field"), [("EU-EPO-TRAFFIC", "response"), ("NL-SV-126ni", "preservation")]
)
def test_way_of_counting_that_is_not_known_is_an_error(row, field):
    basis = basis_of(row)
    other = replace(basis, **{field: replace(getattr(basis, field), counting="by_the_moon")})
    with pytest.raises(IntegrityFailure, match="not known here"):
        list_deadlines(other, times(), WORKING, ORAL_ORDER)


WAITS = NotBefore(10, "days", "enforcing_authority_notified", "confirmation")


@pytest.mark.parametrize(
    ("changes", "is_counted"),
    [
        ({}, True),
        ({"unit": "hours"}, False),
        ({"counting": "by_the_moon"}, False),
        ({"counting": "eu_hours"}, False),
        ({"counting": "eu_hours", "unit": "hours"}, True),
        ({"counting": "clock_hours", "unit": "hours"}, True),
        ({"counting": None}, True),
        ({"rule": "without_delay"}, True),
        ({"not_before": WAITS}, True),
        ({"not_before": WAITS, "counting": None}, False),
        ({"not_before": WAITS, "rule": "without_delay"}, False),
        ({"not_before": WAITS, "counting": "by_the_moon"}, False),
        ({"not_before": replace(WAITS, when="always")}, False),
        ({"not_before": replace(WAITS, value=9)}, False),
        ({"not_before": replace(WAITS, unit="hours")}, False),
    ],
)
def test_term_is_counted_in_a_known_way_that_suits_its_figure(changes, is_counted):
    term = replace(basis_of("EU-EPO-SUBSCRIBER").response, value=10, unit="days")
    assert (term.rule, term.counting, term.not_before) == ("at_most", "eu_days", None)
    assert can_be_counted(replace(term, **changes)) is is_counted


@pytest.mark.parametrize("rule", ["not_applicable", "none_in_law"])
def test_answer_that_the_law_sets_no_term_for_has_no_clock(rule):
    basis = basis_of("NL-SV-126nd")
    without = replace(basis, response=replace(basis.response, rule=rule))
    found = list_deadlines(without, times(wanted_by=ORAL_ORDER), WORKING, ORAL_ORDER)
    assert Clock.ANSWER not in {one.clock for one in found}


def test_preservation_without_a_figure_has_no_end():
    basis = basis_of("NL-SV-126ni")
    for changes in ({"value": None}, {"counting": None}):
        without = replace(basis, preservation=replace(basis.preservation, **changes))
        found = list_deadlines(without, times(), WORKING, ORAL_ORDER)
        (kept,) = (one for one in found if one.clock is Clock.PRESERVATION)
        assert (kept.status, kept.due, kept.late) == (Status.NO_END, None, None)
        assert [one.code for one in kept.reasons] == ["no_figure"]


def test_wait_that_is_not_known_is_an_error(monkeypatch):
    monkeypatch.setattr("lea_service.legal.counting.ENFORCING_AUTHORITY_NOTIFIED", "else")
    with pytest.raises(IntegrityFailure):
        clocks("EU-EPO-TRAFFIC", times())
