"""An authorisation that a judge gave orally: whether the law lets that be, and by when in writing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lea_service.demands.demand import JudicialAuthorisation, OralAuthorisation
from lea_service.demands.document import dump_content, load_content
from lea_service.demands.queries import list_to_be_confirmed
from lea_service.demands.schemas import load_demand
from lea_service.kernel.errors import InvalidInput
from lea_service.legal.case import Case
from lea_service.legal.deadlines import Clock, Status, Whose, list_deadlines
from lea_service.legal.escalation import Audience, find_reached
from lea_service.legal.facts import Authorisation
from lea_service.legal.formality import AuthorisedOrally
from lea_service.legal.moments import AuthorisedOrally as Given
from lea_service.legal.times import Awaited, Wait, collect_times, find_wait, list_paid
from lea_service.legal.working_days import load_working_days
from tests.demands.samples import content, demand_json, item
from tests.legal.cases import GOOD, TODAY, basis_of, facts, wrong
from tests.legal.test_comparison import demand
from tests.legal.test_deadlines import CATALOGUE, ZONE, at, times
from tests.legal.test_owed import entered
from tests.support.engines import ANY_ENGINE

GIVEN = at("2026-12-24T14:20")
LATE = at("2026-12-30T00:00")
"""Thursday 24 December: Christmas, Boxing Day and a Sunday at the end of three days move it on."""
OPEN = Authorisation(date(2026, 11, 19), True)
WRITTEN = replace(OPEN, written_on=date(2026, 11, 20))
RULE = basis_of("NL-SV-126nd-6").judicial.oral


def found(given, judicial, **changes):
    case = Case(replace(GOOD, authorisation=given, **changes), judicial, CATALOGUE, TODAY)
    (one,) = AuthorisedOrally().find(case)
    return one


def judged(basis="NL-SV-126nd-6", **changes):
    """Return a basis with another rule about what a judge may say."""
    known = basis_of(basis)
    return replace(known, judicial=replace(known.judicial, **changes))


def test_rows_that_name_the_rule_have_it_as_data():
    known = {one.id: one.judicial.oral for one in CATALOGUE.bases if one.judicial}
    named = {name: one.allowed for name, one in known.items() if one is not None}
    assert named == {
        "NL-SV-126nd-6": "urgent",
        "NL-SV-126ng-2": "urgent",
        "NL-SV-126zn": "yes",
        "NL-SV-126zo-2": "yes",
    }
    assert RULE.citation == "Wetboek van Strafvordering art. 126l lid 7"
    assert (RULE.confirmation.value, RULE.confirmation.counting) == (3, "nl_3_days")


@pytest.mark.parametrize(
    ("given", "code", "outcome"),
    [
        (None, "judicial.not_oral", "pass"),
        (Authorisation(date(2026, 11, 19)), "judicial.not_oral", "pass"),
        (OPEN, "judicial.oral_unwritten", "clarify"),
        (WRITTEN, "judicial.oral_written", "pass"),
        (replace(OPEN, written_on=TODAY), "judicial.oral_written", "pass"),
        (replace(OPEN, written_on=TODAY + timedelta(1)), "judicial.written_in_future", "defect"),
    ],
)
def test_what_a_judge_said_is_to_be_in_writing(given, code, outcome):
    one = found(given, basis_of("NL-SV-126nd-6"))
    assert (one.code, str(one.outcome)) == (code, outcome)
    if given is not None and given.is_oral:
        assert (one.article, one.sources, one.confidence) == (RULE.citation, ("S1",), "high")


@pytest.mark.parametrize(
    ("basis", "code", "outcome"),
    [
        (judged(oral=None), "judicial.oral_unknown", "ask_human"),
        (judged(oral=replace(RULE, allowed=None)), "judicial.oral_unknown", "ask_human"),
        (replace(judged(), judicial=None), "judicial.oral_unknown", "ask_human"),
        (judged(oral=replace(RULE, allowed="no")), "judicial.oral_not_by_statute", "defect"),
        (
            judged(oral=replace(RULE, allowed="no"), if_missing="clarify", rests_on=("case_law",)),
            "judicial.oral_not_by_case_law",
            "clarify",
        ),
        (
            judged(oral=replace(RULE, allowed="no"), if_missing="clarify"),
            "judicial.oral_not_by_case_law",
            "clarify",
        ),
        (
            judged(oral=replace(RULE, allowed="no"), if_missing=None),
            "judicial.oral_unknown",
            "ask_human",
        ),
        (judged(need="no"), "judicial.not_oral", "pass"),
    ],
)
def test_row_says_whether_it_may_be_oral(basis, code, outcome):
    one = found(WRITTEN, basis)
    assert (one.code, str(one.outcome)) == (code, outcome)


def test_stricter_law_of_the_case_says_what_follows():
    """Art. 218a lid 2 asks for the judge where the rest of art. 126n has case law alone."""
    known = basis_of("NL-SV-126n")
    basis = replace(known, judicial=replace(known.judicial, oral=replace(RULE, allowed="no")))
    assert found(WRITTEN, basis).code == "judicial.oral_not_by_case_law"
    assert found(WRITTEN, basis, is_source_protected=True).code == "judicial.oral_not_by_statute"


def test_row_without_a_rule_asks_a_person_only_where_it_matters():
    codes = {"judicial.oral_unknown": "ask_human"}
    assert wrong(facts(authorisation=OPEN)) == codes
    admin = facts("NL-SV-126na", categories=["subscriber_identity"], authorisation=OPEN)
    assert not [one for one in wrong(admin) if one.startswith("judicial.oral")]


def clock(basis, written_at=None, now=GIVEN):
    moments = times(GIVEN, authorised=Given(GIVEN, written_at))
    clocks = list_deadlines(basis, moments, load_working_days(), now)
    return next((one for one in clocks if one.clock is Clock.AUTHORISATION), None)


@pytest.mark.parametrize(
    ("now", "status"), [("2026-12-29T23:59", Status.RUNNING), ("2026-12-30T00:00", Status.OVER)]
)
def test_writing_is_due_by_the_law_s_count_of_days(now, status):
    one = clock(basis_of("NL-SV-126nd-6"), now=at(now))
    assert (one.status, one.late, one.law, one.whose) == (
        status, LATE, RULE.citation, Whose.AUTHORITY,
    )  # fmt: skip
    assert one.alarm == GIVEN + timedelta(hours=72)
    codes = [step["code"] for step in one.steps]
    assert codes[0] == "event"
    assert codes[-1] == "end_of_day"
    assert "Thursday 24 December 2026 14:20" in one.steps[0]["en"]
    assert "Only what comes after the end of Tuesday 29 December" in one.steps[-1]["en"]
    assert "dinsdag 29 december" in one.steps[-1]["nl"]


def test_writing_that_came_ends_the_clock_and_a_late_one_is_told():
    in_time = clock(basis_of("NL-SV-126nd-6"), at("2026-12-29T00:00"), at("2027-01-05T00:00"))
    assert in_time.status is Status.MET
    assert "came_late" not in [step["code"] for step in in_time.steps]
    late = clock(basis_of("NL-SV-126nd-6"), LATE, at("2027-01-05T00:00"))
    assert (late.status, late.steps[-1]["code"]) == (Status.MET, "came_late")


@pytest.mark.parametrize("basis", [judged(oral=None), replace(judged(), judicial=None)])
def test_nobody_knows_by_when_without_a_rule(basis):
    one = clock(basis)
    assert (one.status, one.rule, one.law) == (Status.NO_END, "unknown", basis.citation)
    told = find_reached(one, GIVEN, entered(), GIVEN)
    assert (told.code, told.tell) == ("unknown", Audience.DESK)


def test_rule_without_a_figure_has_no_end():
    one = clock(basis_of("NL-SV-126zo-2"))
    assert (one.status, one.rule) == (Status.NO_END, "without_delay")


def spoken(written_on=None):
    """Return an order that a judge authorised orally."""
    oral = OralAuthorisation("mr. A. Rechter", GIVEN, written_on)
    given = JudicialAuthorisation(oral=oral)
    day = {"order_date": GIVEN.date(), "received_at": GIVEN}
    return replace(demand(), legal_basis="NL-SV-126nd-6", judicial_authorisation=given, **day)


def test_order_waits_once_the_writing_is_late():
    stream, working = entered(("demand.recorded", False)), load_working_days()
    before, after = (
        find_wait(spoken(), stream, CATALOGUE, working, now)
        for now in (LATE - timedelta(seconds=1), LATE)
    )
    assert before is None
    assert after == Wait(Awaited.AUTHORISATION)
    told = entered(("demand.recorded", False), ("demand.authorisation_written", None))
    assert find_wait(spoken(), told, CATALOGUE, working, LATE) is None
    assert find_wait(spoken(date(2026, 12, 28)), stream, CATALOGUE, working, LATE) is None


def test_record_or_an_entry_says_that_it_is_in_writing():
    stream = entered(("demand.recorded", False))
    assert collect_times(spoken(), stream).authorised == Given(GIVEN, None)
    by_record = collect_times(spoken(date(2026, 12, 28)), stream).authorised
    assert by_record == Given(GIVEN, at("2026-12-28T00:00"))
    told = entered(("demand.recorded", False), ("demand.authorisation_written", None))
    assert collect_times(spoken(), told).authorised.written_at is not None
    corrected = entered(
        ("demand.recorded", False),
        ("demand.authorisation_written", None),
        ("demand.corrected", False),
    )
    assert collect_times(spoken(), corrected).authorised == Given(GIVEN, None)
    paid = [Clock.AUTHORISATION in list_paid(spoken(), one) for one in (stream, told)]
    assert paid == [False, True]
    assert Clock.AUTHORISATION in list_paid(demand(), stream)
    assert collect_times(demand(), stream).authorised is None


ORAL = {"given_by": "mr. A. Rechter", "given_at": "2026-11-19T22:30:00Z"}


@pytest.mark.parametrize(
    "given",
    [
        {"oral": ORAL},
        {"oral": {**ORAL, "written_on": "2026-11-19"}, "reference": "RC 26/1"},
        {"oral": ORAL, "given_on": "2026-11-19"},
    ],
)
def test_record_keeps_who_when_and_in_writing_since(given):
    made = content(judicial_authorisation=given)
    assert made.is_authorised_orally
    assert load_content(dump_content(made)) == made
    oral = made.judicial_authorisation.oral
    assert (oral.given_by, oral.given_at.astimezone(ZONE).hour) == ("mr. A. Rechter", 23)
    assert made.judicial_authorisation.day == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({}, "/judicial_authorisation/reference"),
        ({"oral": {"given_by": "mr. A. Rechter"}}, "/judicial_authorisation/oral/given_at"),
        ({"oral": ORAL, "given_on": "2026-11-20"}, "/judicial_authorisation/given_on"),
        (
            {"oral": {**ORAL, "written_on": "2026-11-18"}},
            "/judicial_authorisation/oral/written_on",
        ),
    ],
)
def test_record_that_contradicts_itself_is_refused(given, place):
    with pytest.raises(InvalidInput) as refused:
        load_demand(demand_json(judicial_authorisation=given))
    assert [one.pointer for one in refused.value.errors] == [place]


def test_demand_of_which_a_judge_spoke_may_owe_something(log, authority):
    spoke = authority.send(judicial_authorisation={"oral": ORAL})
    authority.send()
    with log.transactions.read() as session:
        assert list_to_be_confirmed(session) == [spoke]


@ANY_ENGINE
@pytest.mark.parametrize(
    ("given_at", "code"),
    [
        ("2026-11-24T08:00:00Z", "judicial.given"),
        ("2026-11-24T08:00:01Z", "judicial.after_order"),
        ("2026-11-24T22:30:00Z", "judicial.after_order"),
    ],
)
def test_judge_who_spoke_after_the_order_reached_us_did_not_come_first(
    authority, legal, handler, given_at, code
):
    oral = {"given_by": "mr. A. Rechter", "given_at": given_at, "written_on": "2026-11-24"}
    demand_id = authority.send(
        legal_basis="NL-SV-126nd-6",
        judicial_authorisation={"reference": "RC 26/1", "oral": oral},
        items=[item(categories=["identifying_admin"])],
        order_date="2026-11-24",
        received_at="2026-11-24T08:00:00Z",
    )
    assert code in {one.code for one in legal.assess(handler, demand_id).findings}
