"""Giving less than was asked: what bears it out, what it settles, and what it never is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select, text

from lea_service.custody.models import LogEntry
from lea_service.custody.replay import read_stream
from lea_service.delivery.letters.text import About
from lea_service.delivery.letters.told_queries import find_told
from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.demands.models import Demand
from lea_service.demands.narrowing import Cut, CutGround, LeftOut
from lea_service.demands.queries import get_demand
from lea_service.extraction.changes import load_cuts
from lea_service.kernel.canonical import load_strict
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import IntegrityFailure, InvalidInput, NotPermitted, WrongState
from lea_service.legal.annex.form import Statement
from lea_service.legal.authenticity.audit import check_authentic
from lea_service.legal.findings import make_finding
from lea_service.legal.models import Narrowing
from lea_service.legal.narrowing.audit import check_narrowings
from lea_service.legal.narrowing.queries import list_cuts
from lea_service.legal.narrowing.rules import (
    check_taken_out,
    cut_period,
    find_settled,
    find_support,
    is_gone,
)
from lea_service.legal.narrowing.schemas import NarrowingSchema
from lea_service.legal.narrowing.service import Asked
from lea_service.legal.narrowing.told import Told
from lea_service.legal.queries import check_settled
from lea_service.records.identifiers import normalise_target
from lea_service.staff.decisions import Decisions
from tests.demands.samples import content, item
from tests.legal.preservation.test_freezing import sql
from tests.legal.test_service import correct
from tests.support.letters import make_letters, send_form, send_letter
from tests.support.log import check_log
from tests.support.sources import declare_source

REASON = "Artikel 126nd strekt zich daar niet toe uit."
TRAFFIC, SESSIONS = "traffic_call_records", "usage_sessions"
BOTH = [item(categories=[SESSIONS, TRAFFIC])]
EXCLUDED = f"category.excluded/1/{TRAFFIC}"


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


PHONE = Target(TargetKind.PHONE_NUMBER, "+31612345678")
WHOLE = Item(
    1, PHONE, Period(instant("2026-06-01"), instant("2026-07-01"), "Europe/Amsterdam"), (TRAFFIC,)
)


def found(code, n=1, **more):
    return make_finding(code, item=n, **more)


def on_day(code, day, n=1):
    return found(code, n, seen={"day": day})


def test_period_is_cut_at_the_days_that_the_findings_name():
    found = [
        on_day("period.too_far_back", "2026-06-10"),
        on_day("period.too_far_ahead", "2026-06-20"),
    ]
    cut = cut_period(found, WHOLE)
    assert cut.keep_from == instant("2026-06-09T22:00:00")
    assert cut.keep_until == instant("2026-06-20T22:00:00")  # that day itself is given
    assert (cut.n, cut.ground) == (1, CutGround.PERIOD)
    alone = cut_period(found[1:], WHOLE)
    assert (alone.keep_from, alone.keep_until) == (None, cut.keep_until)


def test_european_order_is_cut_at_the_instant_of_its_receipt():
    at = {"received_at": "2026-06-20T08:15:30.000000Z"}
    received = instant("2026-06-20T08:15:30")
    cut = cut_period([found("period.after_receipt", seen=at)], WHOLE)
    assert (cut.keep_from, cut.keep_until) == (None, received)
    begun = replace(WHOLE, period=replace(WHOLE.period, start=received))
    assert cut_period([found("period.after_receipt", seen=at)], begun).is_whole


def test_period_wholly_outside_goes_whole():
    gone = cut_period([on_day("period.before_order", "2026-07-02", 2)], replace(WHOLE, n=2))
    assert gone == Cut(2, CutGround.PERIOD)
    reaches_the_end = replace(WHOLE.period, end=instant("2026-06-09T22:00:00"))
    outside = replace(WHOLE, period=reaches_the_end)
    assert cut_period([on_day("period.too_far_back", "2026-06-10")], outside).is_whole
    assert not cut_period([on_day("period.too_far_back", "2026-06-09")], outside).is_whole


@pytest.mark.parametrize(
    "wrong",
    [
        found("period.reversed"),
        on_day("period.to_come", "2026-06-10"),
        on_day("period.too_far_back", "2026-06-10", n=2),
        found("period.too_far_back"),
    ],
)
def test_period_is_cut_by_no_other_finding(wrong):
    with pytest.raises(InvalidInput) as refused:
        cut_period([wrong], WHOLE)
    assert str(refused.value) == (
        "/ground: expected an open finding on the period of this item that says which days the "
        "basis reaches, one of these: period.after_receipt, period.before_order, "
        "period.nothing_to_come, "
        "period.too_far_ahead, period.too_far_back; `lea legal check` shows what is open"
    )


def test_only_what_the_checks_found_bears_out_a_category():
    cut = Cut(1, CutGround.CATEGORY, category="location")
    right = found("category.outside", subject="location")
    assert find_support([right], cut) == (right.ref,)
    for wrong in (
        found("category.outside", 2, subject="location"),
        found("category.outside", subject=TRAFFIC),
        found("target.kind"),
    ):
        with pytest.raises(InvalidInput, match="item 1, the category location,") as refused:
            find_support([wrong], cut)
        assert "category.excluded, category.outside, category.unknown" in str(refused.value)
    with pytest.raises(InvalidInput, match=r"^/ground: expected .* item 1, its period, that bears"):
        find_support([], Cut(1, CutGround.PERIOD))


def test_answers_need_no_finding_and_name_one_where_there_is():
    assert find_support([], Cut(1, CutGround.NOT_OURS)) == ()
    reseller = make_finding("addressee.reseller")
    assert find_support([reseller], Cut(1, CutGround.NOT_OURS)) == (reseller.ref,)


def test_what_is_about_nothing_that_is_left_is_settled():
    gone, stays = found("category.outside", subject="location"), found("target.kind", 2)
    other = make_finding("judicial.missing")
    opened = [gone.ref, stays.ref, other.ref]
    assert find_settled(opened, [gone, stays, other], [stays], []) == (gone.ref, other.ref)
    assert find_settled(opened, [stays, other], [stays, other], [gone.ref]) == (gone.ref,)


def test_another_finding_about_what_is_left_stands_in_the_way():
    raised = [make_finding("judicial.missing_by_case_law"), make_finding("addressee.reseller")]
    with pytest.raises(
        WrongState, match=r"findings: addressee\.reseller, judicial\.missing_by_case_law$"
    ):
        find_settled([], [], raised, [])


def test_finding_is_gone_with_its_item_or_category():
    before = (replace(WHOLE, categories=(TRAFFIC, "location")), replace(WHOLE, n=2))
    without = (WHOLE, before[1])
    assert is_gone(found("order.category_not_named", subject="location"), before, without)
    assert not is_gone(found("order.category_not_named", subject=TRAFFIC), before, without)
    assert not is_gone(found("order.category_not_typed", subject=SESSIONS), before, without)
    assert is_gone(found("order.target_differs"), before, before[1:])
    assert not is_gone(found("order.target_differs", 2), before, before[1:])
    assert not is_gone(make_finding("order.date_differs"), before, without)


def assessed(authority, legal, handler, **changes):
    demand_id = authority.send(**{"legal_basis": "NL-SV-126nd", "items": BOTH, **changes})
    return demand_id, legal.assess(handler, demand_id)


def without(n=1, category=TRAFFIC, ground=CutGround.CATEGORY, **more):
    return Asked(n, ground, category=category, **more)


def test_category_outside_is_left_out(log, authority, legal, narrowings, handler):
    demand_id, before = assessed(authority, legal, handler)
    assert before.open == (EXCLUDED,)
    made = narrowings.narrow(handler, demand_id, without(), REASON)
    assert (made.findings, made.settled, made.reason) == ((EXCLUDED,), (EXCLUDED,), REASON)
    shown = NarrowingSchema().dump(made)
    assert (shown["nl"], shown["en"]) == made.cut.words
    assert legal.get_assessment(handler, demand_id).is_settled
    with log.transactions.read() as session:
        check_settled(session, demand_id)
        stored = [load_strict(one) for one in session.scalars(select(LogEntry.data))]
    entry = next(one for one in stored if one["ev"] == "demand.narrowed")
    assert entry["facts"]["ground"] == "category_outside_basis"
    assert REASON not in str(stored)
    assert narrowings.list(handler, demand_id) == (made,)
    legal.assess(handler, demand_id)  # anew: it counts no longer, and is still there
    assert narrowings.list(handler, demand_id) == ()
    with log.transactions.read() as session:
        assert len(session.scalars(select(Narrowing)).all()) == 1
        with pytest.raises(WrongState):
            check_settled(session, demand_id)
    check_log(log)


def test_what_nothing_bears_out_stays_in(log, authority, legal, narrowings, handler):
    demand_id, before = assessed(authority, legal, handler)
    for asked in (
        without(category=SESSIONS),
        without(n=2),
        without(ground=CutGround.PERIOD, category=None),
        without(ground=CutGround.PERIOD),
        without(category=None),
        without(ground=CutGround.AGREED),
        without(ground=CutGround.AGREED, clarification=f"cl_{1:032x}"),
        without(ground=CutGround.NOT_OURS, category=None),
    ):
        with pytest.raises(InvalidInput):
            narrowings.narrow(handler, demand_id, asked, REASON)
    assert legal.get_assessment(handler, demand_id).open == before.open
    assert narrowings.list(handler, demand_id) == ()
    check_log(log)


def declare(log, handler, *source):
    with log.transactions.begin(handler) as tx:
        declare_source(tx, *source)


NOT_HELD = without(ground=CutGround.NOT_HELD)


def test_what_a_source_was_declared_for_is_not_said_not_to_be_recorded(
    log, authority, legal, narrowings, handler
):
    """By no narrowing, and by no letter about one of before the source was there."""
    demand_id, _ = assessed(authority, legal, handler)
    narrowings.narrow(handler, demand_id, NOT_HELD, REASON)
    letters = make_letters(log)
    told = (handler, demand_id, About.NARROWING, "nl")
    shown = letters.draft(*told)
    assert "Wij leggen zulke gegevens niet vast." in shown.text
    declare(log, handler, "pbx1", "call")
    found = f"item 1: {TRAFFIC} is said not to be recorded, and the source pbx1 was declared"
    for tell in (lambda: letters.draft(*told), lambda: letters.send(*told, shown.digest)):
        with pytest.raises(WrongState, match=found):
            tell()
    legal.assess(handler, demand_id)
    for asked in (NOT_HELD, replace(NOT_HELD, category=None)):
        with pytest.raises(InvalidInput, match=f"/ground: .*pbx1 was declared for {TRAFFIC}"):
            narrowings.narrow(handler, demand_id, asked, REASON)
    other = replace(NOT_HELD, category=SESSIONS)
    assert narrowings.narrow(handler, demand_id, other, REASON).cut.category == SESSIONS
    check_log(log)


def test_authority_is_told_anew_what_is_given_after_all(
    log, authority, legal, narrowings, handler, clock
):
    demand_id, _ = assessed(authority, legal, handler)
    letters = make_letters(log)

    def shown(language="nl"):
        return letters.draft(handler, demand_id, About.NARROWING, language)

    def send(language="nl"):
        clock.advance(seconds=60)
        digest = shown(language).digest
        return letters.send(handler, demand_id, About.NARROWING, language, digest)

    def told():
        with log.transactions.read() as session:
            return find_told(session, log.keys, demand_id)

    def contradicts():
        with log.transactions.read() as session:
            items = get_demand(session, log.keys, demand_id).items
            return told().is_contradicted_by(list_cuts(session, demand_id), items)

    narrowings.narrow(handler, demand_id, without(), REASON)
    assert told() is None
    assert "plaats van onze brief" not in shown().text
    sent = send()
    assert not contradicts()
    legal.assess(handler, demand_id)
    assert contradicts()
    for language, said in (("nl", "Van uw vordering laten wij niets weg."), ("en", "is left out")):
        back = send(language)
        assert back.subject == sent.id
        assert said in back.text
        assert "We give less" not in back.text
        assert not contradicts()
    with pytest.raises(WrongState, match="went out already"):
        send()
    narrowings.narrow(handler, demand_id, replace(NOT_HELD, category=SESSIONS), REASON)
    last = send()
    assert "Deze brief komt in de plaats van onze brief van" in last.text
    assert "2026" in last.text.partition("onze brief van")[2][:40]
    assert [one.category for one in told().cuts] == [SESSIONS]
    check_log(log)


@pytest.mark.parametrize(
    ("now", "cut", "expected"),
    [
        ((1, 2), 2, False),
        ((2, 1), 2, True),
        ((2, 1), 1, False),
        ((1, 3), 2, False),
        (("06-12345671", "06-12345672"), 2, False),
        (("06-12345671", "06-12345672"), 1, True),
        (("06-12345672", "06-12345671"), 2, True),
        ((2, "06-12345672"), 2, True),
    ],
)
def test_letter_is_about_a_target_and_not_about_a_number_of_the_record(now, cut, expected):
    """Else a correction that turns two items round has one given of which a letter says not."""

    def items(*which):
        typed = [f"+3161234567{one}" if isinstance(one, int) else one for one in which]
        return content(items=[item(value=one) for one in typed]).items

    sent = (datetime.now(UTC), (Cut(2, CutGround.NOT_HELD),))
    told = Told(*sent, items(1, 2), partial(normalise_target, region="NL"))
    assert told.is_contradicted_by([Cut(cut, CutGround.NOT_HELD)], items(*now)) is expected


def test_letter_about_one_of_two_items_of_a_target_says_nothing_of_the_other():
    july = {"start": "2026-07-01T00:00:00Z", "end": "2026-07-02T00:00:00Z", "zone": "UTC"}
    items = content(items=[item(), item(period=july)]).items
    told = Told(datetime.now(UTC), (Cut(2, CutGround.NOT_HELD),), items)
    assert not told.is_contradicted_by([Cut(2, CutGround.NOT_HELD)], items)
    assert told.is_contradicted_by([Cut(1, CutGround.NOT_HELD)], items)


def test_wrong_item_is_called_that(authority, legal, narrowings, handler):
    demand_id, _ = assessed(authority, legal, handler)
    for ground in CutGround:
        with pytest.raises(InvalidInput, match=r"^/item: expected an item of which"):
            narrowings.narrow(handler, demand_id, Asked(2, ground), REASON)


def test_authority_agrees_by_its_recorded_answer(log, authority, legal, narrowings, handler):
    demand_id, _ = assessed(authority, legal, handler)
    asked = legal.ask_clarification(
        handler, demand_id, "Kan het gesprekkenoverzicht eraf?", reasons=["category"]
    )
    agreed = without(ground=CutGround.AGREED, clarification=asked.id)
    with pytest.raises(WrongState):
        narrowings.narrow(handler, demand_id, agreed, REASON)
    legal.answer_clarification(handler, demand_id, "Ja, dat mag eraf.")
    made = narrowings.narrow(handler, demand_id, agreed, REASON)
    assert (made.cut.agreement, made.settled) == (asked.id, (EXCLUDED,))
    other, _ = assessed(authority, legal, handler, order_date="2026-11-19")
    with pytest.raises(InvalidInput):
        narrowings.narrow(handler, other, agreed, REASON)
    check_log(log)


LESS = Statement("Het artikel reikt niet tot de oproepen.", is_preserved=True)
LATER = replace(LESS, missing="De oproepen van juni.")
PARTLY = replace(LATER, left_out=(LeftOut(1, TRAFFIC),))
STANDS = {
    "under_review": True,
    "clarification": True,
    "approved": False,
    "extracting": False,
    "sealing": False,
    "halted": False,
    "ready": False,
}
"""By state whether less than was asked may still be stated."""


def european(authority, legal, handler):
    """Return a European order for subscriber data that asks for calls as well."""
    asked = [item(categories=["subscriber_identity", TRAFFIC])]
    demand, found = assessed(
        authority, legal, handler, legal_basis="EU-EPO-SUBSCRIBER", items=asked
    )
    assert any(ref.startswith("category.") for ref in found.open)
    return demand


def test_less_of_a_european_order_is_stated_in_annex_first(
    log, authority, legal, annex, narrowings, handler, clock
):
    demand = european(authority, legal, handler)

    def check_refused():
        with pytest.raises(WrongState, match="annex file --reason given_in_part"):
            narrowings.narrow(handler, demand, without(), REASON)

    check_refused()
    later = replace(LATER, possible_by=clock.now() + timedelta(days=9))
    annex.file(handler, demand, ["given_later"], later)
    send_form(log, handler, demand)
    check_refused()
    annex.file(handler, demand, ["given_in_part"], PARTLY)
    check_refused()
    send_form(log, handler, demand)
    made = narrowings.narrow(handler, demand, without(), REASON)
    assert narrowings.list(handler, demand) == (made,)
    check_log(log)


def test_cut_is_exactly_what_the_form_states(log, authority, legal, annex, narrowings, handler):
    """And what the form states is taken out before anything is given."""
    demand = european(authority, legal, handler)
    whole = replace(LATER, left_out=(LeftOut(1),))
    annex.file(handler, demand, ["given_in_part"], whole)
    send_form(log, handler, demand)
    with pytest.raises(WrongState, match=r"narrowing\.not_stated") as caught:
        narrowings.narrow(handler, demand, without(), REASON)
    assert caught.value.facts["finding"] == "narrowing.not_stated"
    annex.file(handler, demand, ["given_in_part"], PARTLY)
    send_form(log, handler, demand)
    narrowings.narrow(handler, demand, without(), REASON)
    with (
        log.transactions.read() as session,
        pytest.raises(WrongState, match=r"narrowing\.stated_otherwise: .* item 1 ") as caught,
    ):
        load_cuts(session, log.keys, get_demand(session, log.keys, demand))
    assert caught.value.facts["finding"] == "narrowing.stated_otherwise"


def test_what_is_stated_and_taken_out_is_given(log, authority, legal, annex, narrowings, handler):
    demand = european(authority, legal, handler)
    annex.file(handler, demand, ["given_in_part"], PARTLY)
    send_form(log, handler, demand)
    with log.transactions.read() as session, pytest.raises(WrongState, match="stated_otherwise"):
        load_cuts(session, log.keys, get_demand(session, log.keys, demand))
    made = narrowings.narrow(handler, demand, without(), REASON)
    with log.transactions.read() as session:
        cuts = load_cuts(session, log.keys, get_demand(session, log.keys, demand))
    assert cuts == (made.cut,)


@pytest.mark.parametrize("stands", [*STANDS])
def test_less_is_stated_only_before_the_plan_is_decided(
    log, authority, legal, annex, handler, clock, stands
):
    demand = european(authority, legal, handler)
    with log.transactions.begin(handler) as tx:
        tx.session.get(Demand, demand).state = stands
    later = replace(LATER, possible_by=clock.now() + timedelta(days=9))
    annex.file(handler, demand, ["given_later"], later)
    if STANDS[stands]:
        assert annex.file(handler, demand, ["given_in_part"], PARTLY).said == PARTLY
        return
    with pytest.raises(WrongState, match=f"answered in part: .*{stands}"):
        annex.file(handler, demand, ["given_in_part"], PARTLY)
    assert [one.said for one in annex.list(handler, demand)] == [later]


def test_cuts_are_compared_with_what_is_stated():
    later = datetime(2026, 6, 4, tzinfo=UTC)
    cuts = (
        Cut(1, CutGround.CATEGORY, category=TRAFFIC),
        Cut(2, CutGround.PERIOD, keep_from=later),
        Cut(3, CutGround.AGREED, agreement="cl_1"),
    )
    said = (LeftOut(1, TRAFFIC), LeftOut(2, keep_from=later))
    check_taken_out(cuts, said)
    check_taken_out((), ())
    for stated in (said[1:], (said[0], LeftOut(2)), (said[0], LeftOut(2, keep_until=later))):
        with pytest.raises(WrongState, match=r"narrowing\.not_stated"):
            check_taken_out(cuts, stated)
    for more in (LeftOut(4), LeftOut(1), LeftOut(1, "location")):
        with pytest.raises(WrongState, match=r"stated_otherwise"):
            check_taken_out(cuts, (*said, more))
    refusals = {
        said[1:]: "narrowing.not_stated: Annex III says that something else of item 1 is not given;"
        " file and send one that says this (`lea legal annex file --left-out`)",
        (*said, LeftOut(4), LeftOut(1)): "narrowing.stated_otherwise: Annex III says that less is "
        "given of item 1, 4 than would be; leave it out (`lea legal narrow`), or correct the demand"
        " and answer it anew",
    }
    for stated, words in refusals.items():
        with pytest.raises(WrongState) as refused:
            check_taken_out(cuts, stated)
        finding, _, _ = words.partition(":")
        assert (str(refused.value), refused.value.facts) == (words, {"finding": finding})


@pytest.mark.parametrize(
    "left",
    [
        LeftOut(2),
        LeftOut(1, "location"),
        LeftOut(1, keep_from=datetime(2026, 6, 2, tzinfo=UTC)),
        LeftOut(1, keep_until=datetime(2026, 6, 7, tzinfo=UTC)),
        LeftOut(
            1,
            keep_from=datetime(2026, 6, 5, tzinfo=UTC),
            keep_until=datetime(2026, 6, 4, tzinfo=UTC),
        ),
    ],
)
def test_form_leaves_out_nothing_that_nobody_asked(authority, legal, annex, handler, left):
    demand = european(authority, legal, handler)
    said = replace(LATER, left_out=(LeftOut(1, TRAFFIC), left))
    with pytest.raises(InvalidInput) as caught:
        annex.file(handler, demand, ["given_in_part"], said)
    assert [one.pointer for one in caught.value.errors] == ["/statement/left_out/1"]


def test_form_about_another_record_states_nothing(
    log, authority, legal, annex, narrowings, handler
):
    demand = european(authority, legal, handler)
    annex.file(handler, demand, ["given_in_part"], PARTLY)
    send_form(log, handler, demand)
    asked = [item(categories=["subscriber_identity", TRAFFIC])]
    correct(authority, log, demand, legal_basis="EU-EPO-SUBSCRIBER", items=asked, note="anders")
    legal.assess(handler, demand)
    with pytest.raises(WrongState, match="Annex III"):
        narrowings.narrow(handler, demand, without(), REASON)
    annex.file(handler, demand, ["given_in_part"], PARTLY)
    send_form(log, handler, demand)
    narrowings.narrow(handler, demand, without(), REASON)
    check_log(log)


def test_letter_tells_of_no_cut_that_came_after_it(
    log, authority, legal, narrowings, handler, clock, as_owner
):
    """And a letter that nobody entered tells of nothing."""
    numbers = ("+31201234567", "+31201234568", "+31201234569")
    three = [item(value=one, categories=[SESSIONS, TRAFFIC]) for one in numbers]
    demand, _ = assessed(authority, legal, handler, items=three)
    told = []

    def times():
        return [one.told_at for one in narrowings.list(handler, demand)]

    for n in (1, 2):
        narrowings.narrow(handler, demand, without(n), REASON)
        assert times() == [*told, None]
        clock.advance(seconds=60)
        told.append(send_letter(log, handler, demand, About.NARROWING).sent_at)
        assert times() == told
    assert told[0] < told[1]
    narrowings.narrow(handler, demand, without(3), REASON)
    narrowings_now = narrowings.list(handler, demand)
    as_owner("letters", "INSERT INTO letters VALUES ('lt_forged', :demand, 'narrowing', :last, "
             "'nl', :text, 's_x', '2026-11-24 08:00:00')", demand=demand,
             last=narrowings_now[-1].id, text=b"x")  # fmt: skip
    assert times() == [*told, None]
    legal.assess(handler, demand)
    narrowings.narrow(handler, demand, without(1), REASON)
    assert times() == [None]


@pytest.mark.parametrize("is_sent", [True, False])
def test_authority_abroad_agrees_to_what_annex_asked(
    log, authority, legal, annex, narrowings, handler, is_sent
):
    demand = european(authority, legal, handler)
    said = replace(LESS, question="Kunnen de oproepen eraf?")
    asked = annex.file(handler, demand, ["manifest_errors"], said).clarification_id
    if is_sent:
        send_form(log, handler, demand)
    legal.answer_clarification(handler, demand, "Ja, die mogen eraf.")
    agreed = without(ground=CutGround.AGREED, clarification=asked)
    if not is_sent:
        with pytest.raises(WrongState, match="Annex III"):
            narrowings.narrow(handler, demand, agreed, REASON)
        return
    made = narrowings.narrow(handler, demand, agreed, REASON)
    assert made.cut.agreement == asked
    check_log(log)


def test_letter_that_nobody_entered_was_not_sent(
    log, authority, legal, annex, narrowings, handler, as_owner
):
    demand = european(authority, legal, handler)
    filed = annex.file(handler, demand, ["given_in_part"], PARTLY)
    as_owner("letters", "INSERT INTO letters VALUES ('lt_forged', :demand, 'annex', :form, 'nl', "
             ":text, 's_x', '2026-11-24 08:00:00')", demand=demand, form=filed.id,
             text=b"x")  # fmt: skip
    with pytest.raises(WrongState, match="Annex III"):
        narrowings.narrow(handler, demand, without(), REASON)


@pytest.fixture
def as_owner(databases):
    """A function that does to the tables what their owner can, past every fence."""

    def work(table, statement, **values):
        with databases.cases.write() as session:
            for drop in append_only_ddl(table, session.get_bind().dialect.name)[1]:
                session.execute(text(drop))
            session.execute(text(statement), values)

    return work


FORGED = (
    "INSERT INTO narrowings SELECT 'na_forged', demand_id, assessment_id, number + 1, item, "
    "'not_held', NULL, NULL, NULL, NULL, findings, settled, reason_sealed, narrowed_by, "
    "narrowed_at FROM narrowings"
)
CHANGES = {
    "another category": f"UPDATE narrowings SET category = '{SESSIONS}'",
    "another item": "UPDATE narrowings SET item = 2",
    "another ground": "UPDATE narrowings SET ground = 'not_held'",
    "more settled": """UPDATE narrowings SET settled = '["authenticity.not_proven"]'""",
    "other findings": "UPDATE narrowings SET findings = '[]'",
    "by another": "UPDATE narrowings SET narrowed_by = 's_other'",
    "one more": FORGED,
    "none": "DELETE FROM narrowings",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_not_given_is_as_it_was_entered(
    log, house, authority, legal, narrowings, handler, as_owner, change
):
    """Who owns the database has neither less given, nor more, nor a finding settled."""
    demand, _ = assessed(authority, legal, handler)
    narrowings.narrow(handler, demand, without(), REASON)
    with log.transactions.read() as session:
        assert check_narrowings(session) == []
        assert [one.category for one in list_cuts(session, demand)] == [TRAFFIC]
    as_owner("narrowings", CHANGES[change])
    with log.transactions.read() as session:
        (problem,) = check_narrowings(session)
        assert problem.startswith("narrowings: ")
        assert problem.endswith(f"({demand})")
        with pytest.raises(IntegrityFailure, match="narrowings"):
            list_cuts(session, demand)
        decisions = Decisions(session, house.load_root())
        with pytest.raises(IntegrityFailure, match="narrowings"):
            check_authentic(session, decisions, demand, read_stream(session, demand))
        with pytest.raises((IntegrityFailure, WrongState), match=r"narrowings|not settled"):
            check_settled(session, demand)
    with pytest.raises(IntegrityFailure, match="narrowings"):
        narrowings.list(handler, demand)


def test_agreement_that_nobody_entered_is_none(
    log, authority, legal, narrowings, handler, as_owner
):
    demand, _ = assessed(authority, legal, handler)
    asked = legal.ask_clarification(handler, demand, "Kan dat eraf?", reasons=["category"])
    legal.answer_clarification(handler, demand, "Nee, dat blijft erbij.")
    as_owner("clarification_answers", "UPDATE clarification_answers SET answer_sealed = :text",
             text=b"Ja, dat mag eraf.")  # fmt: skip
    agreed = without(ground=CutGround.AGREED, clarification=asked.id)
    with pytest.raises(IntegrityFailure, match="clarification_answers"):
        narrowings.narrow(handler, demand, agreed, REASON)
    assert narrowings.list(handler, demand) == ()


def test_only_who_may_refuse_narrows(house, authority, legal, narrowings, handler):
    demand_id, _ = assessed(authority, legal, handler)
    for name in ("auditor1", "engineer1", "overseer1"):
        with pytest.raises(NotPermitted):
            narrowings.narrow(house.actor(name), demand_id, without(), REASON)
    with pytest.raises(NotPermitted):
        narrowings.list(house.actor("engineer1"), demand_id)


def test_form_that_nobody_filed_lets_nothing_be_cut(
    log, authority, legal, annex, narrowings, handler, clock
):
    demand = european(authority, legal, handler)
    later = replace(LATER, possible_by=clock.now() + timedelta(days=9))
    annex.file(handler, demand, ["given_later"], later)
    send_form(log, handler, demand)
    with pytest.raises(WrongState):
        narrowings.narrow(handler, demand, without(), REASON)
    sql(log, """UPDATE annex_forms SET reasons = '["given_in_part"]'""", "annex_forms")
    with pytest.raises(IntegrityFailure):
        narrowings.narrow(handler, demand, without(), REASON)
