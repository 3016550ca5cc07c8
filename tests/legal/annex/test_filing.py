"""A European order is answered with Annex III: what follows for the demand, the term, the data."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lea_service.demands.demand import Channel
from lea_service.demands.narrowing import LeftOut
from lea_service.demands.service import Withdrawal
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import IntegrityFailure, InvalidInput, NotPermitted, WrongState
from lea_service.legal.annex.form import Statement
from lea_service.legal.annex.table import load_annex
from lea_service.legal.deadlines import Clock, Status
from lea_service.legal.working_days import load_working_days
from lea_service.oversight.changes import look_at_flow
from lea_service.oversight.models import RaisedWarning
from tests.legal.annex.test_form import CONFLICT
from tests.legal.preservation.test_freezing import sql
from tests.legal.test_service import correct, entries, events, notices, state
from tests.support.frozen import list_frozen
from tests.support.letters import send_form
from tests.support.log import check_log

EUROPEAN = "EU-EPO-SUBSCRIBER"
SAID = Statement("Het certificaat noemt geen periode.", is_preserved=True)
ASKING = replace(SAID, question="Welke periode bedoelt u?")


@pytest.fixture
def send(authority, legal, handler):
    """A function that records a European order and has it assessed."""

    def record(basis=EUROPEAN, **changes):
        demand = authority.send(legal_basis=basis, **changes)
        legal.assess(handler, demand)
        return demand

    return record


def answer_clock(legal, actor, demand, clock=Clock.ANSWER):
    found = legal.get_deadlines(actor, demand).deadlines
    return next(one for one in found if one.clock is clock)


def frozen(log, at, working=None):
    """Return whose data may not be destroyed at an instant."""
    return [one.id for one in list_frozen(log, at, working)]


def test_incomplete_certificate_waits_for_the_authority(log, send, legal, annex, handler):
    demand = send()
    filed = annex.file(handler, demand, ["incomplete"], ASKING)
    assert (filed.effect, filed.certificate, filed.n) == ("asks", "production", 1)
    assert state(log, demand) == "clarification"
    assert answer_clock(legal, handler, demand).status is Status.RUNNING
    send_form(log, handler, demand)
    assert answer_clock(legal, handler, demand).status is Status.HALTED
    assert "demand.clarification" in notices(log, demand)
    facts = next(one["facts"] for one in entries(log, demand) if one["ev"].endswith("_asked"))
    assert (facts["annex"], facts["reasons"], facts["halts"]) == (filed.id, ["incomplete"], True)
    assert facts["table"] == load_annex().digest
    assert ASKING.question not in str(entries(log, demand))
    (asked,) = legal.list_clarifications(handler, demand)
    assert (asked.id, asked.question) == (filed.clarification_id, ASKING.question)
    legal.answer_clarification(handler, demand, "De maand juni.", 1)
    assert state(log, demand) == "under_review"
    assert answer_clock(legal, handler, demand).status is Status.RUNNING
    assert annex.list(handler, demand) == (filed,)
    check_log(log)


def test_decision_of_the_authority_is_waited_for_while_the_term_runs(
    log, send, legal, annex, handler
):
    demand = send()
    annex.file(handler, demand, ["immunity_or_press"], SAID)
    assert state(log, demand) == "clarification"
    assert answer_clock(legal, handler, demand).status is Status.RUNNING
    assert legal.list_clarifications(handler, demand)[0].question == SAID.explanation
    legal.answer_clarification(handler, demand, "De autoriteit handhaaft haar bevel.", 1)
    annex.file(handler, demand, ["conflict_of_laws"], replace(SAID, conflict=CONFLICT))
    send_form(log, handler, demand)
    assert answer_clock(legal, handler, demand).status is Status.HALTED
    assert annex.list(handler, demand)[-1].said.conflict == CONFLICT
    check_log(log)


def test_upheld_order_is_reviewed_again_and_its_term_goes_on(
    log, send, legal, annex, handler, clock
):
    demand = send()
    due = answer_clock(legal, handler, demand).due
    annex.file(handler, demand, ["not_stored"], SAID)
    assert answer_clock(legal, handler, demand).status is Status.MET
    clock.advance(days=2)
    legal.uphold(handler, demand, "De autoriteit handhaaft: mr. Dupont, teruggebeld om 14:05.")
    assert (state(log, demand), events(log, demand)[-2]) == ("under_review", "demand.upheld")
    again = answer_clock(legal, handler, demand)
    assert (again.status, again.due) == (Status.RUNNING, due)
    assert frozen(log, clock.now()) == [demand]
    assert "Dupont" not in str(entries(log, demand))
    with pytest.raises(WrongState, match="cannot be upheld: it is under review"):
        legal.uphold(handler, demand, "Nog eens gebeld met de autoriteit.")
    annex.file(handler, demand, ["not_stored"], SAID)
    assert state(log, demand) == "replied"
    check_log(log)


def test_upheld_order_that_one_person_makes_another_and_refuses_stays_frozen(
    log, send, authority, legal, annex, handler, clock
):
    demand = send()
    annex.file(handler, demand, ["not_stored"], SAID)
    legal.uphold(handler, demand, "De autoriteit handhaaft: mr. Dupont, teruggebeld om 14:05.")
    other = {"legal_basis": "NL-SV-126nd"}
    correct(authority, log, demand, authority.paper(**other), **other)
    legal.assess(handler, demand)
    legal.refuse(handler, demand, "not_an_authority", [], "Er is geen autoriteit.")
    clock.advance(days=89)
    assert frozen(log, clock.now()) == [demand]
    clock.advance(days=2)
    assert frozen(log, clock.now()) == []


def test_upheld_order_answers_the_question_that_was_open(log, send, legal, annex, handler):
    demand = send()
    annex.file(handler, demand, ["incomplete"], ASKING)
    annex.file(handler, demand, ["not_stored"], SAID)
    with pytest.raises(WrongState, match="cannot be given an answer"):
        legal.answer_clarification(handler, demand, "De maand juni.")
    legal.uphold(handler, demand, "De autoriteit handhaaft en bedoelt de maand juni.")
    (asked,) = legal.list_clarifications(handler, demand)
    assert "juni" in (asked.answer or "")
    annex.file(handler, demand, ["incomplete"], replace(ASKING, question="Welk jaar?"))
    assert state(log, demand) == "clarification"
    check_log(log)


def test_officer_whose_orders_end_again_and_again_is_warned_of(
    log, send, authority, annex, handler
):
    """European orders are never refused: the form that ends one counts in the place of that."""
    for n, reason in enumerate(["incomplete", "not_stored", *3 * ["service_not_covered"]]):
        demand = send(note=f"order {n}")
        assert warned(log) == []
        annex.file(handler, demand, [reason], ASKING if reason == "incomplete" else SAID)
    assert warned(log) == [("officer.refused_again", authority.prosecutor, 3)]
    check_log(log)


def warned(log):
    """Let the worker look at the flow; returns kind, subject and count of each warning."""
    with log.transactions.begin(worker_actor()) as tx:
        look_at_flow(tx)
        rows = tx.session.scalars(select(RaisedWarning)).all()
        return [(one.kind, one.subject, one.count) for one in rows]


def test_impossibility_ends_the_demand_and_no_freeze(
    log, send, legal, annex, demands, handler, clock
):
    demand = send()
    annex.file(handler, demand, ["de_facto_impossibility"], SAID)
    assert (state(log, demand), events(log, demand)[-1]) == ("replied", "demand.annex_filed")
    assert "demand.replied" in notices(log, demand)
    assert answer_clock(legal, handler, demand).status is Status.MET
    clock.advance(days=400)
    assert frozen(log, clock.now()) == [demand]
    demands.close(handler, demand)
    clock.advance(days=89)
    assert frozen(log, clock.now()) == [demand]
    clock.advance(days=2)
    assert frozen(log, clock.now()) == []
    check_log(log)


def test_freeze_of_a_preservation_order_lasts_its_term(log, send, annex, legal, handler, clock):
    demand = send("EU-EPRO")
    late = answer_clock(legal, handler, demand, Clock.PRESERVATION).late
    annex.file(handler, demand, ["not_stored"], replace(SAID, is_preserved=False))
    clock.set(late - timedelta(seconds=1))
    assert frozen(log, clock.now()) == [demand]
    clock.set(late)
    assert frozen(log, clock.now()) == []


def test_question_that_a_reply_leaves_open_shortens_no_freeze(
    log, send, annex, legal, handler, clock
):
    demand = send("EU-EPRO")
    before = answer_clock(legal, handler, demand, Clock.PRESERVATION)
    due, late = before.due, before.late
    annex.file(handler, demand, ["incomplete"], ASKING)
    send_form(log, handler, demand)
    assert answer_clock(legal, handler, demand, Clock.PRESERVATION).due < due
    clock.advance(days=1)
    annex.file(handler, demand, ["not_stored"], SAID)
    assert answer_clock(legal, handler, demand, Clock.PRESERVATION).late == late
    clock.set(late - timedelta(seconds=1))
    assert frozen(log, clock.now()) == [demand]


def test_five_days_of_silence_count_from_when_the_form_went_out(
    log, send, annex, legal, handler, clock
):
    """A form that lies here asks nobody anything, however long: no freeze ends by it."""
    demand = send("EU-EPRO")
    late = answer_clock(legal, handler, demand, Clock.PRESERVATION).late
    annex.file(handler, demand, ["incomplete"], ASKING)
    clock.advance(days=30)
    assert answer_clock(legal, handler, demand, Clock.PRESERVATION).late == late
    assert answer_clock(legal, handler, demand, Clock.PRESERVATION).status is Status.RUNNING
    assert frozen(log, clock.now()) == [demand]
    send_form(log, handler, demand)
    send_form(log, handler, demand, "en")  # the same form: the term began with the first
    found = answer_clock(legal, handler, demand, Clock.PRESERVATION)
    assert timedelta(days=5) < found.due - clock.now() < timedelta(days=10)
    assert found.late == late
    clock.set(late - timedelta(seconds=1))  # whoever asked may have an answer here, unrecorded
    assert frozen(log, clock.now()) == [demand]
    clock.set(late)
    assert frozen(log, clock.now()) == []
    check_log(log)


def test_form_whose_question_is_open_goes_out_before_a_later_one(
    log, send, annex, legal, handler, clock
):
    demand = send()
    asking = annex.file(handler, demand, ["incomplete"], ASKING)
    told = annex.file(
        handler,
        demand,
        ["given_in_part"],
        replace(SAID, missing="De oproepen.", left_out=(LeftOut(1),)),
    )
    assert send_form(log, handler, demand).subject == asking.id
    assert answer_clock(legal, handler, demand).status is Status.HALTED
    clock.advance(seconds=1)
    assert send_form(log, handler, demand).subject == told.id
    other = send(note="another")
    annex.file(handler, other, ["incomplete"], ASKING)
    ending = annex.file(handler, other, ["not_stored"], SAID)
    assert send_form(log, handler, other).subject == ending.id
    check_log(log)


@pytest.mark.parametrize("basis", ["EU-EPRO", EUROPEAN])
def test_plain_question_stands_in_for_no_annex(log, send, legal, handler, basis):
    demand = send(basis)
    with pytest.raises(WrongState, match="lea legal annex file"):
        legal.ask_clarification(handler, demand, "Welk jaar?", reasons=["period"])
    assert (state(log, demand), legal.list_clarifications(handler, demand)) == ("under_review", ())
    dutch = send("NL-SV-126nd", note="another")
    legal.ask_clarification(handler, dutch, "Welk jaar?", reasons=["period"])
    assert state(log, dutch) == "clarification"


def test_reply_is_let_go_no_sooner_than_an_open_order(log, send, annex, legal, handler, clock):
    replied, still_open = send("EU-EPRO"), send("EU-EPRO", note="another")
    annex.file(handler, replied, ["not_stored"], SAID)
    kept = answer_clock(legal, handler, replied, Clock.PRESERVATION)
    assert kept.status is Status.RUNNING
    clock.set(kept.late)
    unsure = replace(load_working_days(), last=(kept.late - timedelta(days=10)).date())
    assert {*frozen(log, clock.now(), unsure)} == {replied, still_open}
    assert frozen(log, clock.now()) == []


def test_withdrawal_may_follow_a_reply(log, send, annex, demands, handler, clock):
    demand = send()
    annex.file(handler, demand, ["not_stored"], SAID)
    demands.withdraw(handler, demand, Withdrawal("de rechter", Channel.POST))
    assert state(log, demand) == "withdrawn"
    clock.advance(days=91)
    assert frozen(log, clock.now()) == []


def test_partial_answer_is_told_and_goes_on(log, send, annex, handler, clock):
    demand = send()
    by = clock.now() + timedelta(days=20)
    said = replace(SAID, missing="De oproepen van juni.", possible_by=by)
    filed = annex.file(handler, demand, ["given_later"], said)
    assert (filed.said, state(log, demand)) == (said, "under_review")
    assert events(log, demand)[-1] == "demand.annex_filed"
    with pytest.raises(InvalidInput):
        annex.file(handler, demand, ["given_later"], replace(said, possible_by=clock.now()))
    annex.file(handler, demand, ["not_stored"], SAID)
    with pytest.raises(WrongState, match="cannot be answered with this form"):
        annex.file(handler, demand, ["given_later"], said)
    check_log(log)


@pytest.mark.parametrize("reasons", [["given_in_part"], ["incomplete"]])
def test_form_that_is_gone_from_the_table_is_missed(log, send, annex, handler, reasons):
    """The last one too, by whichever entry it came: with a question, or by itself."""
    demand = send()
    less = replace(SAID, missing="De maand juni.", left_out=(LeftOut(1),))
    said = ASKING if reasons == ["incomplete"] else less
    annex.file(handler, demand, reasons, said)
    sql(log, "DELETE FROM annex_forms", "annex_forms")
    with pytest.raises(IntegrityFailure, match="not those that were entered"):
        annex.list(handler, demand)


def test_promise_of_the_rest_ends_nothing(log, send, annex, handler, clock):
    demand, by = send(), clock.now() + timedelta(days=20)
    said = replace(SAID, missing="De oproepen van juni.", possible_by=by)
    assert annex.file(handler, demand, ["not_stored", "given_later"], said).effect == "goes_on"
    assert state(log, demand) == "under_review"


def test_european_order_is_never_refused(log, send, legal, annex, handler):
    demand = send()
    with pytest.raises(WrongState, match="lea legal annex"):
        legal.refuse(handler, demand, "not_an_authority", [], "Er is geen autoriteit.")
    with pytest.raises(InvalidInput, match="Annex III"):
        legal.refuse(handler, demand, "european_order_defect", [], "Er is een gebrek.")
    with pytest.raises(InvalidInput, match="/reasons/0"):
        annex.file(handler, demand, ["not_an_authority"], SAID)
    assert (state(log, demand), annex.list(handler, demand)) == ("under_review", ())


def test_dutch_demand_has_no_annex(log, send, legal, annex, handler):
    demand = send("NL-SV-126nd")
    with pytest.raises(WrongState, match="European"):
        annex.file(handler, demand, ["not_stored"], SAID)
    with pytest.raises(InvalidInput, match="expected one of these: authorisation_missing"):
        legal.refuse(handler, demand, "not_stored", [], "Wij hebben het niet.")
    assert state(log, demand) == "under_review"


def test_form_rests_on_findings_of_a_present_assessment(log, authority, send, annex, handler):
    demand = send()
    with pytest.raises(InvalidInput, match="bears out"):
        annex.file(handler, demand, ["not_by_issuing_authority"], SAID)
    filed = annex.file(handler, demand, ["not_by_issuing_authority"], SAID, ["agency.own_state"])
    assert filed.findings == ("agency.own_state",)
    with pytest.raises(WrongState, match="not assessed"):
        annex.file(handler, authority.send(legal_basis=EUROPEAN, note="x"), ["not_stored"], SAID)
    check_log(log)


def test_late_objection_and_wrong_people_are_turned_away(log, send, annex, house, clock):
    demand, said = send(), replace(SAID, conflict=CONFLICT)
    with pytest.raises(NotPermitted):
        annex.file(house.actor("auditor1"), demand, ["conflict_of_laws"], said)
    clock.set(datetime(2026, 12, 31, tzinfo=UTC))
    with pytest.raises(WrongState, match="over"):
        annex.file(house.actor("handler1"), demand, ["conflict_of_laws"], said)
    assert state(log, demand) == "under_review"
