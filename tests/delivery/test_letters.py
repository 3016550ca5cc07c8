"""Letters: what they say in each language, that they go out as shown, and who reads them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lea_service.delivery.letters.annex import WORDS as FORM_WORDS
from lea_service.delivery.letters.annex import FormFacts, write_form
from lea_service.delivery.letters.text import (
    WORDS,
    About,
    AnswerBy,
    Facts,
    Point,
    find_need,
    write_text,
)
from lea_service.demands.narrowing import Cut, CutGround
from lea_service.kernel.errors import NotFound, NotPermitted, StaleVersion, WrongState
from lea_service.legal.annex.form import Statement
from lea_service.legal.annex.queries import AnnexView
from lea_service.legal.annex.service import AnnexService
from lea_service.legal.annex.table import Certificate, effect_of, load_annex
from lea_service.legal.deadlines import Clock, Deadline, Status, Whose
from lea_service.legal.referral.service import ReferralService
from lea_service.legal.referral.table import load_referrals
from lea_service.legal.service import LegalService
from lea_service.legal.working_days import load_working_days
from lea_service.packaging.contents import Correspondence
from tests.demands.samples import content, demand_json, item
from tests.demands.test_admission import clear
from tests.legal.annex.test_form import CONFLICT
from tests.legal.test_service import entries
from tests.support.letters import make_letters
from tests.support.log import check_log
from tests.support.orders import make_orders, order_of

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
CASE = Correspondence(
    provider="Voorbeeld Telecom B.V.",
    authority="Parket Oost",
    references=(("parketnummer", "26-777777"),),
    legal_basis="Sv 126nd",
    issuing_role=("officier van justitie", "public prosecutor"),
    order_date="2026-11-20",
    received_at=AT,
    contact="vorderingen@voorbeeld.example",
)
WORKING = load_working_days()
POINT = Point(
    ("Buiten de grondslag.", "Outside the basis."),
    "Sv 126nd",
    item=1,
    category="location",
    cure=(None, "An order on Sv 126n."),
)
ASKED = Facts(About.QUESTION, "c_1", AT, CASE, own="Welke dag?", points=(POINT,))


def one_line(facts, language="nl"):
    return " ".join(write_text(facts, language).split())


def test_question_is_put_with_what_it_is_about():
    dutch, english = one_line(ASKED), one_line(ASKED, "en")
    assert dutch.startswith("VRAAG OVER UW VORDERING Van: Voorbeeld Telecom B.V. Aan: Parket Oost")
    assert "Uw kenmerk: 26-777777 (parketnummer)" in dutch
    assert "wij u: Welke dag? Het gaat om: - Onderdeel 1, locatie (cel): Buiten de" in dutch
    assert "Outside the basis. [Sv 126nd] What would cure it: An order on Sv 126n." in english
    assert "vorderingen@voorbeeld.example" in english


def test_letter_is_in_one_language_with_dates_and_the_hour_in_the_netherlands():
    european = "Regulation (EU) 2023/1543 art. 5(4), 16(4)(b)"
    case = replace(CASE, legal_basis=european, received_at=datetime(2026, 6, 30, 22, 3, tzinfo=UTC))
    facts = replace(ASKED, case=case, by=AnswerBy(AT, european))
    dutch, english = one_line(facts), one_line(facts, "en")
    assert "Datum: 26 november 2026" in dutch
    assert (
        "Vordering van 20 november 2026, officier van justitie; ontvangen woensdag 1 juli 2026 "
        "00:03 (UTC+0200)" in dutch
    )
    assert "Verordening (EU) 2023/1543 art. 5, lid 4, art. 16, lid 4, onder b" in dutch
    assert "Demand of 20 November 2026, public prosecutor; received Wednesday 1 July" in english
    assert english.count(european) == 2
    assert not any(word in dutch for word in ("Regulation", "prosecutor", "2026-11"))
    assert not any(word in english for word in ("Verordening", "officier", "2026-11"))


def test_head_of_a_letter_keeps_within_its_lines():
    long = "Wetboek van Strafvordering art. 126n; Besluit vorderen gegevens telecommunicatie art. 2"
    case = replace(CASE, legal_basis=long)
    text = write_text(replace(ASKED, case=case), "nl")
    assert max(map(len, text.splitlines())) <= 90
    assert "\n                telecommunicatie art. 2\n" in text


def test_annex_is_in_one_language_with_dates_and_the_hour_in_the_netherlands():
    said = Statement("Te laat.", is_preserved=True, question="Wanneer?")
    dutch, english = (filled_in(said, "incomplete", language=one) for one in ("nl", "en"))
    assert "Datum van het certificaat: 20 november 2026" in dutch
    assert "Datum van ontvangst: donderdag 26 november 2026 10:00 (UTC+0100)" in dutch
    assert dutch.endswith("Datum: 26 november 2026")
    assert "Date of receipt: Thursday 26 November 2026 10:00 (UTC+0100)" in english
    assert dutch.startswith("BIJLAGE III: ")
    assert not any(word in dutch for word in ("Regulation", "ANNEX", "2026-11"))
    assert "2026-11" not in english


def clock(due, status=Status.RUNNING, which=Clock.ANSWER):
    return Deadline(which, Whose.OURS, status, "at_most", "Sv 126n", due=due)


def test_question_says_by_when_it_needs_an_answer():
    by = find_need([clock(AT, which=Clock.CONFIRMATION), clock(AT)], None)
    assert by == AnswerBy(AT, "Sv 126n")
    dutch = one_line(replace(ASKED, by=by))
    assert (
        "nodig voor donderdag 26 november 2026 10:00 (UTC+0100); dan loopt onze termijn af (Sv 126n)."
        in dutch
    )
    wished = find_need([clock(AT)], AT)
    assert "by then you want ours" in one_line(replace(ASKED, by=wished), "en")


@pytest.mark.parametrize(
    "clocks",
    [
        [],
        [clock(None, Status.NO_END)],
        [clock(None, Status.HALTED)],
        [clock(AT, Status.OVER)],
        [clock(AT, which=Clock.PRESERVATION)],
    ],
)
def test_no_term_is_made_up_for_a_question(clocks):
    assert find_need(clocks, None) is None
    assert "Een termijn voor uw antwoord is niet bekend." in one_line(ASKED)
    refusal = replace(ASKED, about=About.REFUSAL)
    assert "termijn" not in one_line(refusal)


def test_refusal_says_its_ground_and_nothing_of_data():
    ground = ("Geen bevoegde autoriteit.", "Not an authority.")
    facts = replace(ASKED, about=About.REFUSAL, ground=ground)
    assert "op deze grond: Geen bevoegde autoriteit." in one_line(facts)
    assert "volgt niet of wij gegevens hebben" in one_line(facts)
    assert "on this ground: Not an authority." in one_line(facts, "en")
    assert "whether we hold data" in one_line(facts, "en")


def test_what_is_not_given_is_named_with_its_ground():
    cuts = (
        Cut(1, CutGround.CATEGORY, category="location"),
        Cut(2, CutGround.PERIOD, keep_from=AT, keep_until=AT),
        Cut(3, CutGround.AGREED, agreement="cl_1"),
    )
    facts = Facts(About.NARROWING, "c_1", AT, CASE, cuts=cuts)
    dutch, english = one_line(facts), one_line(facts, "en")
    assert "- Onderdeel 1, locatie (cel). De grondslag van de vordering strekt zich niet" in dutch
    assert "- Item 2 what lies before Thursday 26 November 2026 10:00 (UTC+0100), what" in english
    assert "- Item 3. The authority agreed to this (our question cl_1)." in english


def test_referral_names_a_kind_and_at_most_one_name():
    kind = load_referrals().kinds["other_provider"]
    facts = Facts(About.REFERRAL, "c_1", AT, CASE, ground=(kind.nl, kind.en))
    dutch = one_line(facts)
    assert "antwoorden wij: Een andere aanbieder is de juiste geadresseerde. Dit is geen" in dutch
    assert "volgt niets over personen, en niet of wij gegevens hebben" in dutch
    named = one_line(replace(facts, name="Andere Telecom B.V."), "en")
    assert "right addressee. Namely: Andere Telecom B.V. This is no refusal." in named


def test_every_word_is_there_in_two_languages():
    for words in (WORDS, FORM_WORDS):
        assert all(dutch and english for dutch, english in words.values())
    assert all(dutch != english for dutch, english in WORDS.values())
    others = set(About) - {About.ANNEX}
    assert {f"{one}.{part}" for one in others for part in ("title", "begin", "end")} <= set(WORDS)


@pytest.fixture
def letters(handover):
    return make_letters(handover.log, handover.folder)


def test_letter_goes_out_as_shown_and_is_read(handover, letters):
    log, me = handover.log, handover.sign_in()[1]
    demand, handler = handover.record([handover.person]), handover.house.actor("handler1")
    legal = LegalService(log.transactions, log.looks, load_working_days(), make_orders())
    with pytest.raises(NotFound):
        letters.draft(handler, demand, About.QUESTION, "nl")
    legal.assess(handler, demand)
    asked_about = ("form.order_missing", "order.not_readable")
    legal.ask_clarification(
        handler, demand, "Which of the two numbers do you mean?", asked_about, ["target"]
    )
    shown = letters.draft(handler, demand, About.QUESTION, "nl")
    dutch = " ".join(shown.text.split())
    assert "zit niet in het dossier." in dutch
    assert "Het gaat om: - Over wie of wat de vordering gaat." in dutch
    assert "Wat dit verhelpt: De ondertekende vordering." in dutch
    assert "Wij hebben van de vordering geen document waarvan de tekst te lezen is." in dutch
    assert "verhelpt: De vordering als een document waarvan de tekst te lezen is." in dutch
    assert "typ" not in dutch
    assert letters.list(handler, demand) == ()
    with pytest.raises(StaleVersion):
        letters.send(handler, demand, About.QUESTION, "en", shown.digest)
    with pytest.raises(NotPermitted):
        letters.send(me, demand, About.QUESTION, "nl", shown.digest)
    sent = letters.send(handler, demand, About.QUESTION, "nl", shown.digest)
    assert (sent.text, letters.list(handler, demand)) == (shown.text, (sent,))
    assert "Which of the two numbers" in sent.text
    with pytest.raises(WrongState, match="went out already"):
        letters.send(handler, demand, About.QUESTION, "nl", shown.digest)
    followed = handover.service.following.get_demand(me, demand)
    assert [one.text for one in followed.letters] == [shown.text]
    english = letters.draft(handler, demand, About.QUESTION, "en")
    legal.answer_clarification(handler, demand, "The first one.")
    with pytest.raises(WrongState, match="was answered on 20"):
        letters.send(handler, demand, About.QUESTION, "en", english.digest)
    with pytest.raises(WrongState, match="no letter puts it again"):
        letters.draft(handler, demand, About.QUESTION, "nl")
    check_log(log)


def test_question_about_a_demand_that_was_decided_is_not_put(handover, letters):
    ordered = order_of(demand_json(legal_basis="NL-SV-126n"))
    demand = ask_about(handover, ["authenticity.not_proven"], ordered)
    handler, log = handover.office.actor("handler1"), handover.log
    legal = LegalService(log.transactions, log.looks, load_working_days(), make_orders())
    on = ["authenticity.not_proven"]
    legal.refuse(handler, demand, "sender_not_authenticated", on, "De afzender is onbekend.")
    with pytest.raises(WrongState, match="it was refused"):
        letters.draft(handler, demand, About.QUESTION, "nl")


def ask_about(handover, codes, order, **asked):
    """Record a demand with an order, and ask the authority about what the check found."""
    office, log = handover.office, handover.log
    said = content(
        agency={"ref": office.agency}, issuing_person={"ref": office.person},
        receivers=[office.person], legal_basis="NL-SV-126n", **asked,
    )  # fmt: skip
    handler = office.actor("handler1")
    demand = office.demands.record(handler, said, order).demand_id
    legal = LegalService(log.transactions, log.looks, load_working_days(), make_orders())
    legal.assess(handler, demand)
    legal.ask_clarification(handler, demand, "What do you mean?", codes)
    return demand


def test_letter_does_not_tell_how_one_of_us_settles_a_comparison(handover, letters):
    ordered = order_of(demand_json(legal_basis="NL-SV-126n"))
    asked = [item(categories=["traffic_call_records", "location"])]
    demand = ask_about(handover, ["order.category_not_named"], ordered, items=asked)
    handler = handover.office.actor("handler1")
    told = {
        "nl": "niet of u deze gegevens vordert. Wat dit verhelpt: Welke gegevens u vordert.",
        "en": "whether you demand these data. What would cure it: Which data you demand.",
    }
    for language, words in told.items():
        text = " ".join(letters.draft(handler, demand, About.QUESTION, language).text.split())
        assert words in text
        assert not any(one in text for one in ("registratie", "reason", "correction"))


def test_refusal_does_not_tell_that_there_are_other_demands(handover, letters):
    office, log = handover.office, handover.log
    handler, ordered = office.actor("handler1"), order_of(demand_json(legal_basis="NL-SV-126n"))
    ask_about(handover, ["authenticity.not_proven"], ordered)
    again = ask_about(handover, ["authenticity.not_proven"], ordered, note="again")
    legal = LegalService(log.transactions, log.looks, load_working_days(), make_orders())
    legal.answer_clarification(handler, again, "Zoek het uit.")
    on = ["authenticity.not_proven", "duplicate.document"]
    legal.refuse(handler, again, "sender_not_authenticated", on, "De afzender is onbekend.")
    text = " ".join(letters.draft(handler, again, About.REFUSAL, "en").text.split())
    assert "It is not proven that the demand comes from whom it says." in text
    assert "other demands" not in text


def form(said, *codes, certificate=Certificate.PRODUCTION):
    reasons = load_annex().choose(certificate, codes)
    return AnnexView(
        "an_1",
        "c_1",
        1,
        "as_1",
        certificate,
        reasons,
        effect_of(reasons),
        (),
        None,
        said,
        "s_1",
        AT,
    )


def filled_in(said, *codes, language="nl", **more):
    facts = FormFacts("c_1", AT, CASE, form(said, *codes, **more), WORKING, "Rechter te Gent")
    return " ".join(write_form(facts, language).split())


def test_annex_is_filled_in_by_its_sections():
    said = Statement("Er is geen periode.", is_preserved=True, question="Welke periode?")
    dutch = filled_in(said, "incomplete")
    assert "A. CERTIFICAAT WAAR HET OM GAAT [x] EPOC [ ] EPOC-PR B. " in dutch
    assert "Bekrachtigende autoriteit: Rechter te Gent" in dutch
    assert "[x] Het certificaat is onvolledig. [Verordening (EU) 2023/1543 art. 10, lid 6]" in dutch
    assert "[ ] Het certificaat bevat kennelijke fouten." in dutch
    assert "Toelichting: Er is geen periode. E." in dutch
    assert "E. TEGENSTRIJDIGE VERPLICHTINGEN UIT HET RECHT VAN EEN DERDE LAND Niet van" in dutch
    assert "Welke periode? De autoriteit reageert uiterlijk 5 dagen na ontvangst" in dutch
    assert "ontvangen op 26 november 2026 is dat tot en met 1 december 2026." in dutch
    assert "G. BEWARING VAN DE GEGEVENS [x] De gevraagde gegevens worden bewaard" in dutch
    assert "Enforcing authority" not in filled_in(said, "incomplete", language="en")


def test_annex_says_what_is_not_given_and_when_it_can_be():
    said = Statement(
        "Too many records.", is_preserved=False, missing="All of June.", possible_by=AT
    )
    english = filled_in(said, "given_later", language="en")
    assert "[x] The data are not provided within the deadline." in english
    by = "Thursday 26 November 2026 10:00 (UTC+0100)"
    assert f"Not provided is: All of June. It can be provided at the latest on: {by}" in english
    assert "[ ] The data requested are being preserved" in english
    assert "[x] The data requested are not being preserved" in english
    assert "exhaustively" not in english


def test_annex_has_the_objection_whole():
    said = Statement("See section E.", is_preserved=True, conflict=CONFLICT)
    english = filled_in(said, "conflict_of_laws", language="en")
    for value in (CONFLICT.law, CONFLICT.provisions, CONFLICT.link, CONFLICT.consequences):
        assert value in english
    assert "[x] Fundamental rights of individuals [ ] Fundamental interests" in english
    assert "goes to: the issuing and the enforcing authority" in english


def test_annex_is_the_letter_of_a_european_order(handover, letters):
    log, me, handler = handover.log, handover.sign_in()[1], handover.house.actor("handler1")
    receivers, basis = [handover.person], "EU-EPO-SUBSCRIBER"
    demand = handover.office.new_demand(receivers=receivers, settled=False, legal_basis=basis)
    legal = LegalService(log.transactions, log.looks, load_working_days(), make_orders())
    annex = AnnexService(log.transactions, log.looks, load_working_days())
    legal.assess(handler, demand)
    with pytest.raises(NotFound):
        letters.draft(handler, demand, About.ANNEX, "nl")
    said = Statement("There is no period.", is_preserved=True, question="Which period is it?")
    annex.file(handler, demand, ["incomplete"], said)
    with pytest.raises(WrongState, match="Annex III"):
        letters.draft(handler, demand, About.QUESTION, "en")
    shown = letters.draft(handler, demand, About.ANNEX, "en")
    assert "[x] The certificate is incomplete." in shown.text
    letters.send(handler, demand, About.ANNEX, "en", shown.digest)
    followed = handover.service.following.get_demand(me, demand)
    assert [one.text for one in followed.letters] == [shown.text]
    (reply,) = followed.annexes
    assert (reply.explanation, reply.is_preserved) == (said.explanation, True)
    assert [one.code for one in reply.reasons] == ["incomplete"]
    assert (followed.line.standing, followed.refusal) == ("question", None)
    check_log(log)


@pytest.mark.parametrize("changes", [{"legal_basis": "NL-SV-126nd"}, {"note": "Corrected."}])
def test_annex_of_another_record_does_not_go_out(handover, letters, changes):
    log, handler, basis = handover.log, handover.house.actor("handler1"), "EU-EPO-SUBSCRIBER"
    demand = handover.office.new_demand(settled=False, legal_basis=basis)
    LegalService(log.transactions, log.looks, WORKING, make_orders()).assess(handler, demand)
    said = Statement("There is no period.", is_preserved=True, question="Which period is it?")
    AnnexService(log.transactions, log.looks, WORKING).file(handler, demand, ["incomplete"], said)
    shown = letters.draft(handler, demand, About.ANNEX, "en")
    handover.office.correct(demand, **{"legal_basis": basis, **changes})
    with pytest.raises(WrongState, match="European" if "legal_basis" in changes else "corrected"):
        letters.send(handler, demand, About.ANNEX, "en", shown.digest)
    assert letters.list(handler, demand) == ()


def test_leaf_does_not_tell_what_a_sealed_letter_is_about(handover, letters):
    log, handler = handover.log, handover.house.actor("handler1")
    clear(handover.house, "handler1")
    demand = handover.office.new_demand(settled=False, lane="sealed")
    LegalService(log.transactions, log.looks, WORKING, make_orders()).assess(handler, demand)
    ReferralService(log.transactions, log.looks).refer(handler, demand, "not_ours", "Asked them.")
    shown = letters.draft(handler, demand, About.REFERRAL, "en")
    letters.send(handler, demand, About.REFERRAL, "en", shown.digest)
    (sent,) = (one for one in entries(log, demand) if one["ev"] == "demand.letter_sent")
    assert {*sent["facts"]} == {"letter", "language"}
    check_log(log)


def test_referral_is_read_by_whom_the_demand_names(handover, letters):
    log, me, handler = handover.log, handover.sign_in()[1], handover.house.actor("handler1")
    demand = handover.record([handover.person])
    legal = LegalService(log.transactions, log.looks, load_working_days(), make_orders())
    legal.assess(handler, demand)
    reason = "Said by the desk for numbers."
    ReferralService(log.transactions, log.looks).refer(handler, demand, "ported_out", reason)
    shown = letters.draft(handler, demand, About.REFERRAL, "en")
    letters.send(handler, demand, About.REFERRAL, "en", shown.digest)
    followed = handover.service.following.get_demand(me, demand)
    assert (followed.line.standing, followed.refusal) == ("replied", None)
    assert (followed.referral.kind, followed.referral.name) == ("ported_out", None)
    assert "not served by us" in followed.letters[0].text
    assert reason not in str(followed)


def test_no_letter_goes_out_after_closing(handover, letters):
    log, handler = handover.log, handover.house.actor("handler1")
    demand = handover.record([handover.person])
    LegalService(log.transactions, log.looks, load_working_days(), make_orders()).assess(
        handler, demand
    )
    ReferralService(log.transactions, log.looks).refer(handler, demand, "ported_out", "By number.")
    shown = letters.draft(handler, demand, About.REFERRAL, "en")
    handover.demands.close(handler, demand)
    with pytest.raises(WrongState, match="closed"):
        letters.send(handler, demand, About.REFERRAL, "en", shown.digest)
    assert letters.list(handler, demand) == ()
    check_log(log)
