"""Each way in which a log can differ from the signatures of an exported decision, one at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.errors import VerificationFailed
from lea_service.staff.chain import check_chain, compare_entries
from lea_service.staff.exported import load_exported
from lea_service.staff.history import LOG_DELAY
from lea_service.staff.statement import load_statement
from tests.staff.attacker import PLAN
from tests.staff.test_chain import PLAN_ID, RULE, export, read_log
from tests.support.engines import ANY_ENGINE

pytestmark = ANY_ENGINE


@pytest.fixture
def told(house):
    """A decision as it is exported."""
    asked = {"account": house.id("approver1"), "roles": ["approver", "handler"]}
    house.approve("staff.roles", asked, "admin1", "overseer1")
    return load_exported(export(house, house.approve(PLAN, {"plan": PLAN_ID})))


@pytest.fixture
def entries(house, told):
    return read_log(house.log)


def roles_of(told):
    """Return the change of roles in the chain, and what was stated of it."""
    stated = [(one, load_statement(one.decision.statement)) for one in told.chain]
    return next((case, one) for case, one in stated if one.kind == "staff.roles")


def with_facts(placed, **facts):
    return replace(placed, entry={**placed.entry, "facts": {**placed.entry["facts"], **facts}})


def elsewhere(placed, account):
    return replace(placed, entry={**placed.entry, "case": account})


def find_effect(entries, approval):
    return next(n for n, one in enumerate(entries.effects) if one.approval == approval)


def enter_twice(entries, told):
    placed = entries.decided[roles_of(told)[0].approval]
    entries.take(placed.index, placed.entry)


def put_proposal_behind(entries, told):
    approval = roles_of(told)[0].approval
    behind = entries.decided[approval].index + 1
    entries.proposed[approval] = replace(entries.proposed[approval], index=behind)


def put_into_another_stream(entries, told):
    case, stated = roles_of(told)
    for kept in (entries.proposed, entries.decided):
        kept[case.approval] = elsewhere(kept[case.approval], stated.by)


def take_effect_first(entries, told):
    approval = roles_of(told)[0].approval
    n = find_effect(entries, approval)
    first = entries.decided[approval].index - 1
    entries.effects[n] = replace(entries.effects[n], index=first)


def take_another_effect(entries, told):
    n = find_effect(entries, roles_of(told)[0].approval)
    entries.effects[n] = with_facts(entries.effects[n], roles=["administrator"])


def take_no_effect(entries, told):
    del entries.effects[find_effect(entries, roles_of(told)[0].approval)]


def take_effect_as_another_kind(entries, told):
    n = find_effect(entries, roles_of(told)[0].approval)
    placed = entries.effects[n]
    entries.effects[n] = replace(placed, entry={**placed.entry, "ev": "staff.key_enrolled"})


def forget_the_proposal(entries, told):
    del entries.proposed[roles_of(told)[0].approval]


LIES = {
    enter_twice: "the log holds an approval twice",
    put_proposal_behind: "stands elsewhere in the log than its time says",
    put_into_another_stream: "stands in the stream of somebody else",
    take_effect_first: "before its decision",
    take_another_effect: "another change of",
    take_no_effect: "without effect",
    take_effect_as_another_kind: "by nobody",
    forget_the_proposal: "is not in the log",
}


def test_log_as_it_is_differs_in_nothing(house, told, entries):
    assert check_chain(told, house.load_root(), entries, RULE) == []


@pytest.mark.parametrize("lie", LIES, ids=lambda one: one.__name__)
def test_each_difference_is_named(house, told, entries, lie):
    lie(entries, told)
    found = check_chain(told, house.load_root(), entries, RULE)
    assert [one for one in found if LIES[lie] in one], found


def test_what_is_entered_twice_of_others_does_not_matter(house, told, entries):
    one = next(one for one in entries.decided.values() if one.account == house.id("engineer1"))
    entries.take(one.index, one.entry)
    assert check_chain(told, house.load_root(), entries, RULE) == []


def test_decision_that_the_log_does_not_hold_is_all_that_is_said(house, told, entries):
    del entries.decided[told.case.approval]
    found = check_chain(told, house.load_root(), entries, RULE)
    assert found == [f"{told.case.approval} is not in the log"]


def compare(told, entries, *, proposed=timedelta(0), decided=timedelta(0), endorsed=()):
    """Compare a decision with its entries, made so much later than they were."""
    target = told.case.approval
    kept = zip((entries.proposed, entries.decided), (proposed, decided), strict=True)
    moved = [later(of[target].entry, delay) for of, delay in kept]
    return compare_entries(told.case, *moved, endorsed)


def later(entry, delay):
    return {**entry, "t": format_instant(parse_instant(entry["t"]) + delay)}


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"endorsed": [{"by": "s_" + "9" * 32}]}, "leaves out who agreed"),
        ({"decided": LOG_DELAY + SECOND}, "was not entered when"),
        ({"proposed": -SECOND}, "was not entered when"),
        ({"proposed": SECOND}, "was entered before its proposal"),
    ],
)
def test_entries_are_of_those_signatures_and_of_their_time(told, entries, changes, said):
    with pytest.raises(VerificationFailed, match=said):
        compare(told, entries, **changes)


def test_entry_may_come_a_while_after_the_signature(told, entries):
    entered = compare(told, entries, decided=LOG_DELAY)
    assert entered == load_statement(told.case.decision.statement).stated_at + LOG_DELAY


def test_decision_that_was_never_entered_is_none(told, entries):
    with pytest.raises(VerificationFailed, match="is not in the log"):
        compare_entries(told.case, entries.proposed[told.case.approval].entry, None)
