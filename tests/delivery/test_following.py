"""People of an authority follow the demands that name them, and no others."""

import pytest
from sqlalchemy import event

from lea_service.delivery.rules import STANDINGS, Standing
from lea_service.demands.document import dump_content, load_content
from lea_service.demands.states import State
from lea_service.kernel.errors import IntegrityFailure, NotAuthenticated, NotFound, NotPermitted
from lea_service.legal.service import LegalService
from lea_service.legal.working_days import load_working_days
from tests.delivery.test_handover import events
from tests.delivery.test_release import alarms
from tests.staff.attacker import Attacker
from tests.support.extraction import make_item
from tests.support.log import check_log
from tests.support.orders import make_orders


@pytest.fixture
def me(handover):
    """Return the receiver that demands name."""
    return handover.sign_in()[1]


@pytest.fixture
def colleague(handover):
    """Return somebody of the same authority whom no demand names."""
    other = handover.register.person(handover.agency, name="Kim de Boer")
    return handover.sign_in(other)[1]


@pytest.fixture
def stranger(handover):
    """Return a receiver of another authority."""
    agency = handover.register.organisation(name="Politie Eenheid Noord")
    return handover.sign_in(handover.register.person(agency, name="Jo Bos"))[1]


def follow(handover, actor, demand):
    return handover.service.following.get_demand(actor, demand)


def listed(handover, actor):
    found = handover.service.following.list_demands(actor, None, 50)
    return [one.demand for one in found]


def by_desk(handover):
    """Record a demand that names nobody but a desk, which our receiver reads."""
    other = handover.register.person(handover.agency, name="Sam Vos")
    parties = {"issuing_person": {"ref": other}, "receivers": [handover.desk]}
    return handover.office.new_demand(settled=False, **parties)


def test_each_sees_the_demands_that_name_them_newest_first(
    handover, clock, me, colleague, stranger
):
    first = handover.record([handover.person])
    clock.advance(seconds=1)
    second = by_desk(handover)
    assert listed(handover, me) == [second, first]
    assert listed(handover, colleague) == listed(handover, stranger) == []
    for nobody in (colleague, stranger):
        for demand in (first, second):
            with pytest.raises(NotFound):
                follow(handover, nobody, demand)
    assert events(handover.log, first).count("demand.followed") == 0
    check_log(handover.log)


def test_a_correction_moves_who_may_follow(handover, me, colleague):
    demand = handover.record([handover.person])
    parties = {"issuing_person": {"ref": colleague.id}, "receivers": [{"ref": colleague.id}]}
    office = handover.office
    handler = handover.house.actor("handler1")
    old = office.demands.get(handler, demand)
    new = load_content({**dump_content(old), **parties})
    office.demands.correct(handler, demand, new, old.version)
    assert (listed(handover, me), listed(handover, colleague)) == ([], [demand])


def test_forged_reader_of_a_desk_reads_nothing(handover, colleague):
    """A row alone makes nobody read a desk; whoever tries is told nothing, and people hear of it."""
    demand = by_desk(handover)
    member = f"'m_1', '{handover.desk}', '{colleague.id}', approval_id, since"
    Attacker(handover.house).sql(
        "INSERT INTO desk_members (id, desk_id, person_id, approval_id, since)"
        f" SELECT {member} FROM desk_members LIMIT 1"
    )
    for act in (lambda: listed(handover, colleague), lambda: follow(handover, colleague, demand)):
        with pytest.raises(IntegrityFailure):
            act()
    assert "demand.followed" not in events(handover.log, demand)
    assert len(alarms(handover)) == 2


def test_row_that_names_somebody_lists_nothing_of_another_record(handover, me):
    """The record once named me; the table is set back to it, and the index to me."""
    other = handover.register.person(handover.agency, name="Sam Vos")
    demand = handover.record([handover.person])
    parties = {"issuing_person": {"ref": other}, "receivers": [{"ref": other}]}
    handler = handover.house.actor("handler1")
    old = handover.office.demands.get(handler, demand)
    new = load_content({**dump_content(old), **parties})
    handover.office.demands.correct(handler, demand, new, old.version)
    sql = Attacker(handover.house).sql
    sql("UPDATE demands SET record_version = 1")
    sql(f"INSERT INTO demand_parties (ref, demand_id) VALUES ('{me.id}', '{demand}')")
    with pytest.raises(IntegrityFailure):
        listed(handover, me)
    assert alarms(handover) == [demand]


ADD = "INSERT INTO demand_parties (ref, demand_id) VALUES ('{colleague}', '{demand}')"
MOVE = "UPDATE demand_parties SET ref = '{colleague}' WHERE ref = '{me}'"
REMOVE = "DELETE FROM demand_parties WHERE ref = '{me}'"


@pytest.mark.parametrize("change", [ADD, MOVE], ids=["add", "move"])
def test_row_of_the_index_shows_nobody_a_demand(handover, me, colleague, change):
    demand = handover.record([handover.person])
    names = {"me": me.id, "colleague": colleague.id, "demand": demand}
    Attacker(handover.house).sql(change.format(**names))
    for act in (lambda: listed(handover, colleague), lambda: follow(handover, colleague, demand)):
        with pytest.raises(IntegrityFailure, match="demand_parties"):
            act()
    assert "demand.followed" not in events(handover.log, demand)
    assert alarms(handover) == [demand]


@pytest.mark.parametrize("change", [MOVE, REMOVE], ids=["move", "remove"])
def test_demand_that_left_the_index_is_found_by_its_id(handover, me, colleague, change):
    demand = handover.record([handover.person])
    names = {"me": me.id, "colleague": colleague.id}
    Attacker(handover.house).sql(change.format(**names))
    assert listed(handover, me) == alarms(handover) == []
    with pytest.raises(IntegrityFailure, match="demand_parties"):
        follow(handover, me, demand)
    assert alarms(handover) == [demand]


def test_index_of_validators_shows_them_nothing(handover, me):
    """Who validated an order stands in the index by right, and follows nothing for that."""
    judge = handover.register.person(handover.agency, name="Amalia Dietrich")
    handover.office.new_demand(settled=False, validating_authority={"ref": judge})
    _, actor = handover.sign_in(judge)
    assert listed(handover, actor) == alarms(handover) == []


def test_followed_demand_is_opened_once(handover, me):
    """Whatever opens it asks for its key."""
    demand, opened = handover.record([handover.person]), []

    def count(connection, cursor, statement, parameters, *_):
        opened.append("FROM data_keys" in statement and demand in str(parameters))

    event.listen(handover.log.transactions.database.engine, "before_cursor_execute", count)
    follow(handover, me, demand)
    assert opened.count(True) == 1


def test_the_look_is_entered_with_the_demand(handover, me):
    demand = handover.record([handover.person])
    before = events(handover.log, demand)
    found = follow(handover, me, demand)
    assert (found.line.standing, found.questions, found.refusal) == ("in_progress", (), None)
    assert [one.kind for one in found.line.references] == ["case_number"]
    assert events(handover.log, demand) == [*before, "demand.followed"]


def test_pages_go_on_where_the_last_one_ended(handover, clock, me):
    made = []
    for _ in range(3):
        clock.advance(seconds=1)
        made.append(handover.record([handover.person]))
    following = handover.service.following
    (first,) = following.list_demands(me, None, 1)
    rest = following.list_demands(me, (first.recorded_at, first.demand), 50)
    assert [first.demand, *(one.demand for one in rest)] == made[::-1]


def test_question_and_refusal_are_there_to_read(handover, me):
    demand = handover.record([handover.person])
    handler = handover.house.actor("handler1")
    legal = LegalService(
        handover.log.transactions, handover.log.looks, load_working_days(), make_orders()
    )
    legal.assess(handler, demand)
    legal.ask_clarification(
        handler, demand, "Which of the two numbers do you mean?", reasons=["target"]
    )
    asked = follow(handover, me, demand)
    assert asked.line.standing is Standing.QUESTION
    assert [(one.question, one.is_answered) for one in asked.questions] == [
        ("Which of the two numbers do you mean?", False)
    ]
    legal.refuse(handler, demand, "not_an_authority", [], "The number is of another provider.")
    refused = follow(handover, me, demand)
    assert refused.line.standing is Standing.REFUSED
    assert (refused.refusal.ground, refused.refusal.explanation) == (
        "not_an_authority",
        "The number is of another provider.",
    )
    assert refused.refusal.says_nl != refused.refusal.says_en


def test_package_that_waits_is_told(handover, me):
    demand, _ = handover.deliver()
    assert follow(handover, me, demand).line.standing is Standing.AVAILABLE


def test_work_inside_looks_like_progress():
    inside = {"received", "under_review", "approved", "extracting", "sealing", "halted", "ready"}
    assert {state.value for state in State} - {state.value for state in STANDINGS} == inside


def test_only_receivers_follow(handover):
    handler = handover.house.actor("handler1")
    demand = handover.record([handover.person])
    with pytest.raises(NotPermitted):
        follow(handover, handler, demand)
    with pytest.raises(NotPermitted):
        listed(handover, handler)


def test_whoever_signs_out_is_out(handover):
    token, actor = handover.sign_in()
    ended = handover.service.tokens.end_own(actor)
    assert ended.revoked_at is not None
    with pytest.raises(NotAuthenticated):
        handover.service.authenticate_receiver(token)
    with pytest.raises(NotAuthenticated):
        handover.service.tokens.end_own(actor)
    assert events(handover.log, handover.agency)[-1] == "receiver.token_revoked"
    check_log(handover.log)


def test_list_of_who_is_shut_out_from_one_goes_on(handover, clock, me):
    """That they can follow nothing any more would tell them."""
    first = handover.record([handover.person])
    clock.advance(seconds=1)
    about = make_item("anna.de.vries@politie.example", "email", categories=["subscriber_identity"])
    hidden = handover.office.new_demand(items=[about], settled=False)
    assert listed(handover, me) == [first]
    with pytest.raises(NotFound):
        follow(handover, me, hidden)
