from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from lea_service.custody.models import LogEntry
from lea_service.demands.demand import Channel
from lea_service.demands.queries import current_holds, get_demand, get_state
from lea_service.demands.service import Withdrawal
from lea_service.kernel.canonical import dump_canonical, encode_b64url, load_strict, sha256
from lea_service.kernel.clock import day_of
from lea_service.kernel.errors import (
    InvalidInput,
    NotFound,
    NotPermitted,
    StaleVersion,
    WrongState,
)
from lea_service.kernel.jobs import Job
from lea_service.legal.advice import Advice
from lea_service.legal.annex.form import Statement
from lea_service.legal.deadlines import Clock, Status
from lea_service.legal.models import Acceptance, Assessment, Refusal
from lea_service.legal.queries import check_settled, find_assessment, is_settled
from lea_service.legal.questions import QuestionReason
from lea_service.legal.wording import WORDING
from lea_service.legal.working_days import load_working_days
from tests.demands.samples import NAMES, item
from tests.legal.cases import basis_of
from tests.support.call_backs import call_back
from tests.support.letters import send_form
from tests.support.log import check_log

OTHER = [QuestionReason.OTHER]
REASON = "De officier bevestigde dit schriftelijk."
SESSIONS = [item(categories=["usage_sessions"])]
UNSETTLED, LACK = "category.unsettled/1/usage_sessions", "judicial.missing_by_case_law"
OFFICER = {"issuing_role": "nl.opsporingsambtenaar"}


def state(log, demand_id):
    with log.transactions.read() as session:
        return get_state(session, demand_id)


def settled(log, demand_id):
    with log.transactions.read() as session:
        return is_settled(session, demand_id)


def why_not(log, demand_id):
    with log.transactions.read() as session, pytest.raises(WrongState) as caught:
        check_settled(session, demand_id)
    return caught.value.detail


def entries(log, demand_id):
    with log.transactions.read() as session:
        query = select(LogEntry.data).where(LogEntry.stream == demand_id).order_by(LogEntry.n)
        return [load_strict(data) for data in session.scalars(query)]


def events(log, demand_id):
    return [entry["ev"] for entry in entries(log, demand_id)]


def notices(log, demand_id):
    with log.transactions.read() as session:
        query = select(Job).where(Job.subject == demand_id, Job.kind == "notice.send")
        return {job.args["template"] for job in session.scalars(query)}


def get_received(log, demand_id):
    with log.transactions.read() as session:
        return day_of(get_demand(session, log.keys, demand_id).received_at)


def correct(authority, log, demand_id, order=None, called_back=True, **changes):
    with log.transactions.read() as session:
        version = get_demand(session, log.keys, demand_id).version
    handler = authority.house.actor("handler1")
    authority.demands.correct(handler, demand_id, authority.form(**changes), version, order)
    if called_back:
        call_back(log.transactions, handler, demand_id)


def test_right_demand_is_settled(log, authority, legal, handler):
    demand_id = authority.send()
    assert why_not(log, demand_id) == "the demand was not assessed"
    found = legal.assess(handler, demand_id)
    assert found.outcome == "pass"
    assert found.is_settled
    assert found.legal_basis == "NL-SV-126n"
    assert settled(log, demand_id)
    assert state(log, demand_id) == "under_review"
    assert events(log, demand_id)[-2:] == ["demand.review_started", "demand.assessed"]
    check_log(log)


def test_entry_names_catalogue_and_codes(log, authority, legal, handler):
    demand_id = authority.send(by=authority.officer, **OFFICER)
    found = legal.assess(handler, demand_id)
    facts = entries(log, demand_id)[-1]["facts"]
    assert facts["digest"] == legal.catalogue.digest == found.catalogue_digest
    row = legal.catalogue.get_row(basis_of("NL-SV-126n"))
    assert facts["row"] == encode_b64url(sha256(dump_canonical(row))) == found.basis_digest
    assert facts["findings"] == {"role.not_allowed": 1}
    assert facts["outcome"] == "defect"
    stored = str(entries(log, demand_id))
    with log.transactions.read() as session:
        stored += str([row.findings for row in session.scalars(select(Assessment))])
    assert not any(name in stored for name in NAMES)
    check_log(log)


def test_offence_is_told_in_the_words_of_the_order_and_kept_nowhere_else(
    log, authority, legal, handler
):
    """As the record says that was looked at; a correction shows in the next assessment."""
    offence = "oplichting (326 Sr) van een mens in Assen"
    demand_id = authority.send(offence=offence)
    for found in (legal.assess(handler, demand_id), legal.get_assessment(handler, demand_id)):
        (said,) = (one for one in found.findings if one.code == "threshold.not_judged")
        assert said.seen["offence"] == offence
    correct(authority, log, demand_id, offence="diefstal")
    before = legal.get_assessment(handler, demand_id).findings
    after = legal.assess(handler, demand_id).findings
    told = [one.seen["offence"] for one in (*before, *after) if "offence" in one.seen]
    assert told == [offence, "diefstal"]
    with log.transactions.read() as session:
        stored = str([row.findings for row in session.scalars(select(Assessment))])
        bare = find_assessment(session, demand_id)
    assert "offence" not in {name for one in bare.findings for name in one.seen}
    assert "Assen" not in stored + str(entries(log, demand_id))


def test_wrong_basis_is_found_and_refused_by_a_person(log, authority, legal, handler):
    demand_id = authority.send(legal_basis="NL-SV-126nd")
    found = legal.assess(handler, demand_id)
    assert found.open == ("category.excluded/1/traffic_call_records",)
    assert why_not(log, demand_id) == "the legal check is not settled: category.excluded"
    refusal = legal.refuse(
        handler, demand_id, "category_outside_basis", ["category.excluded"], "Zie artikel 126n."
    )
    assert refusal.findings == found.open
    assert state(log, demand_id) == "refused"
    assert "demand.refused" in notices(log, demand_id)
    assert legal.get_refusal(handler, demand_id).explanation == "Zie artikel 126n."
    check_log(log)


def test_defect_is_never_accepted(log, authority, legal, handler):
    demand_id = authority.send(by=authority.officer, **OFFICER)
    legal.assess(handler, demand_id)
    with pytest.raises(WrongState, match="has to be cured"):
        legal.accept_finding(handler, demand_id, "role.not_allowed", REASON)
    assert not settled(log, demand_id)
    with log.transactions.read() as session:
        assert session.scalars(select(Acceptance)).all() == []
    check_log(log)


def test_question_is_accepted_with_a_reason(log, authority, legal, handler):
    demand_id = authority.send(items=SESSIONS)
    assert legal.assess(handler, demand_id).open == (UNSETTLED,)
    found = legal.accept_finding(handler, demand_id, UNSETTLED, REASON)
    assert found.is_settled
    assert settled(log, demand_id)
    assert [one.reason for one in found.acceptances] == [REASON]
    assert REASON not in str(entries(log, demand_id))
    with pytest.raises(WrongState, match=rf"settled before: {UNSETTLED}; nothing"):
        legal.accept_finding(handler, demand_id, UNSETTLED, "Nogmaals.")
    assert events(log, demand_id).count("demand.finding_accepted") == 1
    check_log(log)


def test_lack_that_case_law_names_is_asked_of_the_authority_and_accepted_by_another(
    log, authority, legal, handler
):
    demand_id = authority.send(judicial_authorisation=None)
    assert legal.assess(handler, demand_id).open == (LACK,)
    other = authority.house.actor("handler2")
    for actor in (handler, other):
        with pytest.raises(WrongState, match=rf"lea legal ask --finding {LACK}`"):
            legal.accept_finding(actor, demand_id, LACK, REASON)
    legal.ask_clarification(handler, demand_id, "Is er een machtiging?", [LACK])
    legal.answer_clarification(handler, demand_id, "Ja, mondeling; het kenmerk volgt.")
    with pytest.raises(NotPermitted):
        legal.accept_finding(handler, demand_id, LACK, REASON)
    assert legal.accept_finding(other, demand_id, LACK, REASON).is_settled
    assert settled(log, demand_id)
    check_log(log)


def test_entry_has_room_for_a_long_demand(log, authority, legal, handler):
    many = [item(value=f"+316{n:08d}", categories=["usage_sessions"]) for n in range(200)]
    demand_id = authority.send(items=many)
    assert len(legal.assess(handler, demand_id).open) == 400  # so many in a row are broad, too
    assert not legal.accept_finding(handler, demand_id, "target.listed", REASON).is_settled
    assert legal.accept_finding(handler, demand_id, "category.unsettled", REASON).is_settled
    facts = entries(log, demand_id)[-1]["facts"]
    assert facts["findings"] == {"category.unsettled": 200}
    check_log(log)


def test_acceptance_of_one_item_leaves_the_other(log, authority, legal, handler):
    two = [
        item(value="+31612345678", categories=["usage_sessions"]),
        item(value="+31612345679", categories=["usage_sessions"]),
    ]
    demand_id = authority.send(items=two)
    legal.assess(handler, demand_id)
    found = legal.accept_finding(handler, demand_id, "category.unsettled", REASON, item=2)
    assert found.open == ("category.unsettled/1/usage_sessions",)
    assert legal.accept_finding(handler, demand_id, found.open[0], REASON).is_settled
    check_log(log)


def test_what_passed_or_is_not_there_is_not_accepted(authority, legal, handler):
    demand_id = authority.send()
    legal.assess(handler, demand_id)
    with pytest.raises(WrongState, match="it passed"):
        legal.accept_finding(handler, demand_id, "role.allowed", REASON)
    said = r"^role.not_allowed of item 3 is no finding of the newest assessment; open are: none"
    with pytest.raises(NotFound, match=said):
        legal.accept_finding(handler, demand_id, "role.not_allowed", REASON, item=3)
    with pytest.raises(NotFound, match=r"^what was named is no finding"):
        legal.accept_finding(handler, demand_id, "contents.notread", REASON)


def test_unknown_basis_holds_the_demand(log, authority, legal, handler):
    demand_id = authority.send(legal_basis="nl-sv-5.16")
    found = legal.assess(handler, demand_id)
    assert found.legal_basis is None
    with pytest.raises(WrongState):
        legal.accept_finding(handler, demand_id, "basis.unknown", REASON)
    with log.transactions.read() as session:
        holds = {one.code for one in current_holds(session, log.keys, demand_id)}
    assert "basis_unknown" in holds
    assert not settled(log, demand_id)
    check_log(log)


def test_assessment_places_the_hold_itself(log, authority, legal, handler):
    authority.demands._is_known_basis = lambda basis: True
    demand_id = authority.send(legal_basis="nl-sv-unheard")
    assert "demand.held" not in events(log, demand_id)
    legal.assess(handler, demand_id)
    assert events(log, demand_id)[-2:] == ["demand.held", "demand.assessed"]
    check_log(log)


def test_correction_makes_an_assessment_stale(log, authority, legal, handler):
    demand_id = authority.send()
    legal.assess(handler, demand_id)
    correct(authority, log, demand_id, note="anders")
    assert not settled(log, demand_id)
    assert "corrected since" in why_not(log, demand_id)
    assert not legal.get_assessment(handler, demand_id).is_current
    with pytest.raises(WrongState, match="assess it again"):
        legal.accept_finding(handler, demand_id, "role.allowed", REASON)
    assert legal.assess(handler, demand_id).n == 2
    assert settled(log, demand_id)
    check_log(log)


def test_new_assessment_forgets_acceptances(log, authority, legal, handler):
    demand_id = authority.send(items=SESSIONS)
    legal.assess(handler, demand_id)
    legal.accept_finding(handler, demand_id, UNSETTLED, REASON)
    assert legal.assess(handler, demand_id).acceptances == ()
    assert not settled(log, demand_id)
    check_log(log)


def test_clarification_and_answer(log, authority, legal, handler):
    demand_id = authority.send(judicial_authorisation=None)
    legal.assess(handler, demand_id)
    asked = legal.ask_clarification(
        handler, demand_id, "Is er een machtiging?", ["judicial.missing_by_case_law"]
    )
    assert asked.findings == ("judicial.missing_by_case_law",)
    assert state(log, demand_id) == "clarification"
    assert "demand.clarification" in notices(log, demand_id)
    with pytest.raises(WrongState):
        legal.ask_clarification(handler, demand_id, "En nog iets?", reasons=OTHER)
    with pytest.raises(StaleVersion):
        legal.answer_clarification(handler, demand_id, "Ja.", n=2)
    answered = legal.answer_clarification(handler, demand_id, "Ja, RC-2026/17.", n=1)
    assert (answered.question, answered.answer) == ("Is er een machtiging?", "Ja, RC-2026/17.")
    assert state(log, demand_id) == "under_review"
    assert legal.list_clarifications(handler, demand_id) == (answered,)
    assert "RC-2026/17" not in str(entries(log, demand_id))
    check_log(log)


def test_nobody_asks_without_a_coded_reason(log, authority, legal, handler):
    demand_id = authority.send()
    legal.assess(handler, demand_id)
    with pytest.raises(
        InvalidInput,
        match=r"^/reasons: expected a finding, or one or more of these: target, [a-z]+, ",
    ):
        legal.ask_clarification(handler, demand_id, "Welke dag?")
    reasons = [QuestionReason.PERIOD, QuestionReason.CATEGORY]
    asked = legal.ask_clarification(handler, demand_id, "Welke dag?", reasons=reasons)
    assert asked.reasons == ("category", "period")
    assert entries(log, demand_id)[-1]["facts"]["reasons"] == ["category", "period"]
    check_log(log)


def test_nobody_asks_about_other_demands_or_our_own_people(authority, legal, handler):
    first = authority.send(order=(paper := authority.paper()))
    demand_id = authority.send(order=paper, note="again")
    assert "duplicate.document" in legal.assess(handler, demand_id).open
    for code in ("duplicate.document", "duplicate.order"):
        with pytest.raises(InvalidInput, match=f"/findings: {code} is about other") as caught:
            legal.ask_clarification(handler, demand_id, "Dezelfde?", [code])
        assert first not in str(caught.value)
    assert {code for code, word in WORDING.items() if word.private} == {
        "emergency.taken_back", "duplicate.document", "duplicate.order", "own.officer",
    }  # fmt: skip


def test_order_that_comes_again_is_open_whatever_was_settled_before(log, authority, legal, handler):
    """An acceptance is of the demands that were named then; it settles no later one."""
    papers = authority.paper()
    demands = [authority.send(order=papers, note="0"), authority.send(order=papers, note="1")]
    legal.assess(handler, demands[1])
    for code in ("duplicate.document", "duplicate.order"):
        legal.accept_finding(handler, demands[1], code, REASON)
    assert settled(log, demands[1])
    demands.append(authority.send(order=papers, note="2"))
    for newest, others in ((demands[2], demands[:2]), (demands[1], [demands[0], demands[2]])):
        found = legal.assess(handler, newest)
        assert {"duplicate.document", "duplicate.order"} <= {*found.open}
        same = next(one for one in found.findings if one.code == "duplicate.document")
        assert same.seen == {"demands": sorted(others), "count": 2}
        assert not settled(log, newest)
    check_log(log)


def test_second_question_gets_its_own_answer(log, authority, legal, handler):
    demand_id = authority.send()
    legal.assess(handler, demand_id)
    for text in ("eerste", "tweede"):
        legal.ask_clarification(handler, demand_id, f"De {text} vraag?", reasons=OTHER)
        legal.answer_clarification(handler, demand_id, f"Het {text} antwoord.")
    found = legal.list_clarifications(handler, demand_id)
    assert [(one.n, one.answer) for one in found] == [
        (1, "Het eerste antwoord."),
        (2, "Het tweede antwoord."),
    ]
    with pytest.raises(WrongState):
        legal.answer_clarification(handler, demand_id, "En nog een.")
    check_log(log)


@pytest.mark.parametrize(
    ("ground", "findings", "pointer"),
    [
        ("made_up", [], "/ground"),
        ("proportionality", ["category.excluded"], "/ground"),
        ("authorisation_case_law", ["category.excluded"], "/ground"),
        ("role_not_competent", ["category.excluded"], "/findings"),
        ("category_outside_basis", [], "/findings"),
        ("category_outside_basis", ["role.not_allowed"], "/findings/0"),
        ("category_outside_basis", ["role.allowed"], "/findings/0"),
    ],
)
def test_ground_that_nothing_bears_out(log, authority, legal, handler, ground, findings, pointer):
    demand_id = authority.send(legal_basis="NL-SV-126nd")
    legal.assess(handler, demand_id)
    with pytest.raises(InvalidInput) as caught:
        legal.refuse(handler, demand_id, ground, findings, "Te breed, vinden wij.")
    assert [error.pointer for error in caught.value.errors] == [pointer]
    assert state(log, demand_id) == "under_review"


def test_finding_that_is_not_open_is_named_with_those_that_are(authority, legal, handler):
    """The place is a number; a code that is none is not repeated."""
    demand_id = authority.send(legal_basis="NL-SV-126nd")
    refs = ", ".join(legal.assess(handler, demand_id).open)
    for code, says in {
        "role.allowed": f"role.allowed is no open finding of the newest assessment; open are: {refs}",
        "0612345678": f"expected an open finding of the newest assessment, one of these: {refs}",
    }.items():
        with pytest.raises(InvalidInput) as caught:
            legal.ask_clarification(handler, demand_id, "Wat is dit?", ["category.excluded", code])
        (error,) = caught.value.errors
        assert (error.pointer, error.detail) == ("/findings/1", says)


def test_period_that_the_order_states_the_wrong_way_round_is_recorded_and_refused(
    log, authority, legal, handler
):
    asked = item()
    ends = {"start": asked["period"]["end"], "end": asked["period"]["start"], "as_stated": True}
    asked["period"] |= ends
    demand_id = authority.send(items=[asked])
    found = legal.assess(handler, demand_id)
    assert found.open == ("period.reversed/1",)
    with pytest.raises(WrongState, match="has to change first"):
        legal.accept_finding(handler, demand_id, "period.reversed", REASON)
    assert "period.reversed" in why_not(log, demand_id)
    refusal = legal.refuse(
        handler, demand_id, "period_wrong", ["period.reversed"], "Het einde ligt voor het begin."
    )
    assert refusal.findings == ("period.reversed/1",)
    assert state(log, demand_id) == "refused"
    check_log(log)


def test_too_broad_is_answered_before_anything_is_refused(log, authority, legal, handler):
    demand_id = authority.send(items=[item("customer_number", "K-10*")])
    assert legal.assess(handler, demand_id).open == ("target.broad/1",)

    def refuse(ground="target_unclear"):
        return legal.refuse(handler, demand_id, ground, ["target.broad"], "Een patroon.")

    for ground in ("target_unclear", "not_an_authority"):
        with pytest.raises(WrongState, match="question to the authority"):
            refuse(ground)
    legal.ask_clarification(handler, demand_id, "Wie is bedoeld?", ["target.broad"])
    with pytest.raises(WrongState, match="question to the authority"):
        refuse()
    legal.answer_clarification(handler, demand_id, "Iedereen.")
    log.transactions.clock.advance(seconds=1)
    correct(authority, log, demand_id, items=[item("customer_number", "K-1*")])
    legal.assess(handler, demand_id)
    with pytest.raises(WrongState, match="question to the authority"):
        refuse()
    legal.ask_clarification(handler, demand_id, "Wie dan?", ["target.broad"])
    legal.answer_clarification(handler, demand_id, "Alle klanten met een 1.")
    assert refuse().findings == ("target.broad/1",)
    assert state(log, demand_id) == "refused"
    check_log(log)


def test_too_broad_is_refused_on_what_counsel_advised(log, authority, legal, handler):
    demand_id = authority.send(items=[item("customer_number", "K-10*")])
    legal.assess(handler, demand_id)
    today = day_of(log.transactions.clock.now())
    advice = Advice("mr. C. Smit", today, "Geen bepaalbare gebruiker; vraag niets af te geven.")

    def refuse(advice):
        on = ("target_unclear", ["target.broad"], "Een patroon.")
        return legal.refuse(handler, demand_id, *on, advice=advice)

    received = get_received(log, demand_id)
    for day in (today + timedelta(days=1), received - timedelta(days=1)):
        with pytest.raises(InvalidInput) as caught:
            refuse(replace(advice, given_on=day))
        assert [one.pointer for one in caught.value.errors] == ["/advice/given_on"]
    assert refuse(advice).advice == advice
    assert legal.get_refusal(handler, demand_id).advice == advice
    assert "Smit" not in str(entries(log, demand_id))
    with log.transactions.read() as session:
        assert b"Smit" not in session.get_one(Refusal, demand_id).explanation_sealed
    check_log(log)


def test_listed_numbers_bear_out_no_refusal(log, authority, legal, handler):
    row = [item(value=f"+316123456{n:02}") for n in range(12)]
    demand_id = authority.send(items=row)
    found = legal.assess(handler, demand_id)
    assert {one.partition("/")[0] for one in found.open} == {"target.listed"}
    legal.ask_clarification(handler, demand_id, "Zoveel?", ["target.listed"])
    for ground in ("target_unclear", "manifest_error"):
        with pytest.raises(InvalidInput):
            legal.refuse(handler, demand_id, ground, ["target.listed"], "Dat is te veel.")
    legal.answer_clarification(handler, demand_id, "Ja, elk ervan.")
    assert legal.accept_finding(handler, demand_id, "target.listed", REASON).is_settled
    check_log(log)


def test_impostor_is_refused_without_a_finding(log, authority, legal, handler):
    demand_id = authority.send()
    legal.assess(handler, demand_id)
    refusal = legal.refuse(handler, demand_id, "sender_not_authenticated", [], "Nummer klopt niet.")
    assert refusal.ground == "sender_not_authenticated"
    with pytest.raises(WrongState):
        legal.refuse(handler, demand_id, "sender_not_authenticated", [], "Nogmaals.")
    with log.transactions.read() as session:
        assert len(session.scalars(select(Refusal)).all()) == 1
    check_log(log)


def test_accepted_finding_bears_out_no_refusal(authority, legal, handler):
    demand_id = authority.send(items=[item(categories=["usage_sessions"])])
    legal.assess(handler, demand_id)
    legal.accept_finding(handler, demand_id, "category.unsettled", REASON)
    with pytest.raises(InvalidInput):
        legal.refuse(
            handler, demand_id, "category_outside_basis", ["category.unsettled"], "Toch niet."
        )


def test_decided_demand_is_not_assessed(log, authority, legal, handler):
    demand_id = authority.send()
    authority.demands.withdraw(handler, demand_id, Withdrawal("Anna de Vries", Channel.PHONE))
    with pytest.raises(WrongState):
        legal.assess(handler, demand_id)
    assert "demand.assessed" not in events(log, demand_id)


def test_suspended_agency_is_found(log, authority, legal, handler):
    demand_id = authority.send()
    authority.register.service.suspend(handler, authority.agency, "stolen_device")
    found = legal.assess(handler, demand_id)
    assert set(found.open) >= {"agency.suspended"}
    with pytest.raises(WrongState, match="has to change first"):
        legal.accept_finding(handler, demand_id, "agency.suspended", REASON)
    check_log(log)


def test_register_knows_who_may_sign(authority, legal, handler):
    demand_id = authority.send(by=authority.officer)
    assert legal.assess(handler, demand_id).open == ("person.role_not_held",)


def test_who_may_do_what(house, authority, legal, handler):
    demand_id = authority.send()
    approver, auditor = house.actor("approver1"), house.actor("auditor1")
    engineer, overseer = house.actor("engineer1"), house.actor("overseer1")
    for actor in (approver, auditor, engineer, overseer):
        with pytest.raises(NotPermitted):
            legal.assess(actor, demand_id)
        with pytest.raises(NotPermitted):
            legal.accept_finding(actor, demand_id, "role.allowed", REASON)
    legal.assess(handler, demand_id)
    for actor in (engineer, overseer):
        with pytest.raises(NotPermitted):
            legal.get_assessment(actor, demand_id)
    assert legal.get_assessment(auditor, demand_id).is_settled
    with pytest.raises(NotPermitted):
        legal.refuse(auditor, demand_id, "not_an_authority", [], "Niet bevoegd.")
    assert legal.refuse(approver, demand_id, "not_an_authority", [], "Niet bevoegd.")


def test_looks_are_entered(log, house, authority, legal, handler):
    demand_id = authority.send()
    legal.assess(handler, demand_id)
    before = len(events(log, demand_id))
    for _ in range(2):
        legal.get_assessment(house.actor("auditor1"), demand_id)
        legal.list_clarifications(house.actor("auditor1"), demand_id)
    assert events(log, demand_id)[before:] == ["demand.viewed", "demand.viewed"]
    check_log(log)


def test_nothing_there(log, house, authority, legal, handler):
    unknown = "c_" + "0" * 32
    for act in (legal.assess, legal.get_assessment, legal.get_refusal, legal.list_clarifications):
        with pytest.raises(NotFound):
            act(handler, unknown)
    demand_id = authority.send()
    with pytest.raises(NotFound):
        legal.get_assessment(handler, demand_id)
    with pytest.raises(NotFound):
        legal.get_refusal(handler, demand_id)
    with log.transactions.read() as session, pytest.raises(NotFound):
        check_settled(session, unknown)


class Belgium:
    """A Belgian prosecution service and court of the register, and an order for content."""

    def __init__(self, authority):
        self.authority, register = authority, authority.register
        judge = ["eu.judge", "eu.public_prosecutor"]
        belgian = {"kind": "prosecution", "country": "BE", "roles": judge}
        self.agency = register.organisation("Parket Brussel", **belgian)
        self.court = register.organisation("Rechtbank Brussel", **belgian)
        self.issuer = register.person(self.agency, "Eva Maes", roles=judge)
        self.colleague = register.person(self.agency, "Luc Maes", roles=judge[1:])
        self.judge = register.person(self.court, "Jan Peeters", roles=judge[:1])

    def send(self, validator, **changes):
        content = item(categories=["content_stored"])
        return self.authority.send(
            by=self.issuer,
            agency={"ref": self.agency},
            issuing_role="eu.public_prosecutor",
            validating_authority=validator,
            legal_basis="EU-EPO-CONTENT",
            items=[content],
            **{"judicial_authorisation": None} | changes,
        )


def test_only_a_person_of_the_register_validates_an_order(authority, legal, handler):
    belgium = Belgium(authority)
    codes = {
        "judge": {"ref": belgium.judge},
        "words": {"name": "wie dan ook"},
        "court": {"ref": belgium.court},
        "issuer": {"ref": belgium.issuer},
        "nobody": {"ref": "p_" + "9" * 32},
        "colleague": {"ref": belgium.colleague},
        "missing": None,
    }
    found = {
        name: codes_of(legal.assess(handler, belgium.send(one))) for name, one in codes.items()
    }
    unknown = {"role.validator_unknown", "judicial.validation_unproven"}
    assert all("judicial.not_oral" in one for one in found.values())
    assert {name: one - {"judicial.not_oral"} for name, one in found.items()} == {
        "judge": {"role.allowed", "judicial.validated"},
        **dict.fromkeys(("words", "court", "issuer", "nobody"), unknown),
        "colleague": {"role.validator_not_competent", "judicial.validation_unproven"},
        "missing": {"role.not_validated", "judicial.not_validated"},
    }


def test_suspended_court_validates_nothing(log, authority, legal, handler):
    belgium = Belgium(authority)
    demand_id = belgium.send({"ref": belgium.judge})
    authority.register.service.suspend(handler, belgium.court, "doubt")
    found = codes_of(legal.assess(handler, demand_id))
    wanted = {"role.validator_suspended", "judicial.validation_unproven", "judicial.not_oral"}
    assert found == wanted
    with pytest.raises(WrongState, match="has to change first"):
        legal.accept_finding(handler, demand_id, "role.validator_suspended", REASON)
    check_log(log)


def test_validation_in_words_is_accepted_by_a_person(log, authority, legal, handler):
    demand_id = Belgium(authority).send({"name": "rechter Peeters"})
    legal.assess(handler, demand_id)
    for code in ("role.validator_unknown", "judicial.validation_unproven"):
        found = legal.accept_finding(handler, demand_id, code, REASON)
        assert code not in found.open
    check_log(log)


def codes_of(found):
    """Return the codes of the checks of role and judge."""
    return {one.code for one in found.findings if one.code.startswith(("role.", "judicial."))}


def test_written_order_meets_the_confirmation_of_an_oral_one(legal, authority, log, clock, house):
    demand_id = authority.send(order=None, form="oral")
    handler = house.actor("handler1")
    before = {one.clock: one for one in legal.get_deadlines(handler, demand_id).deadlines}
    assert before[Clock.CONFIRMATION].status is Status.RUNNING
    clock.advance(hours=5)
    correct(authority, log, demand_id, order=authority.paper(), form="oral")
    came = clock.now()
    clock.advance(hours=1)
    legal.assess(handler, demand_id)
    after = {one.clock: one for one in legal.get_deadlines(handler, demand_id).deadlines}
    assert after[Clock.CONFIRMATION].status is Status.MET
    assert after[Clock.CONFIRMATION].met_at == came
    assert events(log, demand_id).count("demand.viewed") == 2


def test_deadlines_say_by_which_table_they_were_counted(legal, authority, house, clock):
    demand_id = authority.send()
    found = legal.get_deadlines(house.actor("handler1"), demand_id)
    assert found.at == clock.now()
    assert found.holidays == load_working_days().digest
    assert [one.clock for one in found.deadlines] == [Clock.ANSWER]


def test_question_of_ours_halts_a_european_term(log, legal, annex, authority, house, clock):
    demand_id = authority.send(legal_basis="EU-EPO-SUBSCRIBER")
    handler = house.actor("handler1")
    legal.assess(handler, demand_id)
    said = Statement("No day is given.", is_preserved=True, question="Which day?")
    annex.file(handler, demand_id, ["incomplete"], said)
    send_form(log, handler, demand_id)
    answer = legal.get_deadlines(handler, demand_id).deadlines[0]
    assert (answer.status, answer.due) == (Status.HALTED, None)
    clock.advance(hours=30)
    legal.answer_clarification(handler, demand_id, "The first.")
    moved = legal.get_deadlines(handler, demand_id).deadlines[0]
    assert moved.status is Status.RUNNING
    assert [step["code"] for step in moved.steps][-2:] == ["paused", "resumed"]


def test_deadlines_are_for_those_who_read_demands(legal, authority, house):
    demand_id = authority.send()
    with pytest.raises(NotPermitted):
        legal.get_deadlines(house.actor("engineer1"), demand_id)
    with pytest.raises(NotFound):
        legal.get_deadlines(house.actor("handler1"), "c_" + "0" * 32)
