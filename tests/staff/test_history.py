"""What signatures prove of people, statement by statement: no database, no log, no service."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from lea_service.kernel.actors import Permission, Role
from lea_service.kernel.errors import InvalidInput, VerificationFailed
from lea_service.staff.changes import (
    ACCOUNT,
    CLEARANCE,
    DELEGATION,
    ENGAGEMENT,
    KEY,
    KINDS,
    LIFT,
    ROLES,
    Change,
    dump_change,
    follow,
    load_change,
)
from lea_service.staff.engagement import Engagement, EngagementKind
from lea_service.staff.history import (
    STAFF_RULE,
    Case,
    History,
    Rule,
    Signed,
    Suspension,
    entry_facts,
    needed_people,
    suspensions_among,
)
from lea_service.staff.keys import load_request, public_bytes, request_enrolment
from lea_service.staff.root import Founder, Root
from lea_service.staff.rules import REQUIRED, Clearance, Delegation
from lea_service.staff.statement import Act, Outcome, Statement, dump_statement, sign_statement
from tests.support.staff import new_key

MADE = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CLEARED = tuple(Clearance(kind, date(2026, 1, 1), date(2027, 12, 31)) for kind in REQUIRED)
NAMES = ("admin", "overseer", "handler", "approver", "second")
RULE = Rule(Permission.PLAN_PROPOSE, Permission.PLAN_DECIDE, ("scope",))


def founder(name, role):
    return Founder(name, role, f"person {name}", public_bytes(new_key(name)), CLEARED)


ROOT = Root(MADE, (founder("admin", Role.ADMINISTRATOR), founder("overseer", Role.OVERSEER)))


def sign(statement, key=None):
    data = dump_statement(statement)
    return Signed(data, sign_statement(key or new_key(statement.by), data))


def to_case(proposal, decision, *endorsements, keys=()):
    """Return a case as evidence; ``keys`` replace those of proposer and decider."""
    first, last = [*keys, None, None][:2]
    agreed = tuple(sign(one) for one in endorsements)
    return Case(proposal.approval, sign(proposal, first), sign(decision, last), agreed)


def pair(approval="ap_plan", by=("handler", "approver"), **fields):
    """Return both statements about a plan, as they are when all is well."""
    shared = {"kind": "test.plan", "subject": "pl_1", "digest": "d" * 43, "facts": {}, **fields}
    proposal = Statement(Act.PROPOSE, approval, by[0], stated_at=AT, **shared)
    decision = replace(proposal, act=Act.DECIDE, by=by[1], outcome=Outcome.APPROVED)
    return proposal, replace(decision, stated_at=AT + SECOND, looked_at=RULE.looked_at)


def change_of(kind, account, generation=2, **fields):
    return dump_change(Change(kind, account, generation, **fields))


def enrolment(name):
    return load_request(request_enrolment(new_key(name)))


def entrance(name, role, **fields):
    fields = {"person": f"person {name}", "key": enrolment(name), "clearances": CLEARED, **fields}
    return change_of(ACCOUNT, name, 1, roles=(role,), **fields)


def staff_case(kind, facts, approval, at=MADE, **said):
    """Return a change of staff that both founders signed; ``said`` replaces what they say."""
    account = facts["account"]
    fields = {"kind": kind, "facts": facts, "subject": account, "beneficiary": account, **said}
    signers = ("overseer", "admin") if account == "admin" else ("admin", "overseer")
    proposal, decision = pair(approval, signers, **fields)
    return to_case(replace(proposal, stated_at=at), replace(decision, stated_at=at, looked_at=()))


TEAM = [
    staff_case(ACCOUNT, entrance(name, role), f"ap_{name}", MADE + SECOND)
    for name, role in (
        ("handler", Role.HANDLER),
        ("approver", Role.APPROVER),
        ("second", Role.APPROVER),
    )
]


def build(*cases, suspended=(), team=TEAM):
    """Return the history of the founders, their team and some more."""
    history = History(ROOT, suspensions_among(suspended))
    history.replay([*team, *cases])
    return history


def test_team_of_the_founders_stands():
    history = build()
    assert (history.rejected, history.accounts) == ([], frozenset(NAMES))
    assert history.roles("approver", AT) == {Role.APPROVER}
    assert history.roles("approver", MADE) == frozenset()


@pytest.mark.parametrize("field", ["person", "public_key"])
def test_founders_are_two_people_with_two_keys(field):
    first, second = ROOT.founders
    same = replace(ROOT, founders=(first, replace(second, **{field: getattr(first, field)})))
    with pytest.raises(VerificationFailed):
        History(same, suspensions_among(()))


def test_what_two_people_signed_is_told_as_they_signed_it():
    proposal, decision = pair(facts={"rows": 3})
    found = build().verify(to_case(proposal, decision), RULE)
    assert (found.approval, found.kind, found.subject) == ("ap_plan", "test.plan", "pl_1")
    assert (found.digest, found.facts) == ("d" * 43, {"rows": 3})
    assert (found.proposed_by, found.decided_by) == ("handler", "approver")
    assert (found.proposed_at, found.decided_at) == (AT, AT + SECOND)
    assert (found.looked_at, found.endorsed_by, found.deciders) == (("scope",), (), 1)


def test_everybody_who_agreed_is_told():
    proposal, decision = pair(facts={"deciders": 2})
    earlier = replace(decision, by="second", stated_at=AT)
    found = build().verify(to_case(proposal, decision, earlier), RULE)
    assert (found.decided_by, found.endorsed_by, found.deciders) == ("approver", ("second",), 2)


def refused(case, message, history=None, rule=RULE):
    with pytest.raises(VerificationFailed, match=message):
        (history or build()).verify(case, rule)


PAIRS = {
    "was not approved": ({}, {"outcome": Outcome.REFUSED, "looked_at": (), "reasons": ("x",)}),
    "expected a proposal and a decision": ({}, {"act": Act.PROPOSE}),
    "expected a proposal and a decision ": ({"act": Act.DECIDE}, {}),
    "only a decision has an outcome": ({}, {"outcome": None}),
    "only a decision has an outcome, and": ({"outcome": Outcome.APPROVED}, {}),
    "only a decision has an outcome, and states": ({"reasons": ("x",)}, {}),
    "and states": ({"looked_at": ("x",)}, {}),
    "and states why": ({"text": "x"}, {}),
    "and an approval none": ({}, {"reasons": ("x",)}),
    "an approval none": ({}, {"text": "x"}),
    "a return or refusal has a reason": ({}, {"outcome": Outcome.RETURNED}),
    "about another approval": ({}, {"approval": "ap_other"}),
    "about another kind": ({}, {"kind": "test.other"}),
    "about another subject": ({}, {"subject": "pl_2"}),
    "about another digest": ({}, {"digest": "e" * 43}),
    "about another facts": ({}, {"facts": {"rows": 4}}),
    "about another beneficiary": ({}, {"beneficiary": "second"}),
    "nobody decides on a proposal of their own": ({}, {"by": "handler"}),
    "older than the proposal": ({}, {"stated_at": AT - SECOND}),
    "did not state all": ({}, {"looked_at": ()}),
    "did not state all that": ({}, {"looked_at": ("scope", "target")}),
    "no proven right to plan.propose": ({"by": "second"}, {}),
    "no proven right to plan.decide": ({}, {"by": "overseer"}),
    "no proven right to": ({}, {"by": "nobody"}),
}


@pytest.mark.parametrize("message", PAIRS)
def test_pair_that_proves_nothing(message):
    proposal, decision = pair()
    of_proposal, of_decision = PAIRS[message]
    case = to_case(replace(proposal, **of_proposal), replace(decision, **of_decision))
    refused(case, message.strip())


@pytest.mark.parametrize("who", ["handler", "approver"])
def test_nobody_takes_part_in_what_is_about_themselves(who):
    refused(to_case(*pair(beneficiary=who)), "about themselves")


def test_decision_of_the_instant_of_its_proposal_counts():
    proposal, decision = pair()
    case = to_case(proposal, replace(decision, stated_at=AT))
    assert build().verify(case, RULE).decided_at == AT


def test_statement_is_about_the_approval_it_is_kept_under():
    refused(replace(to_case(*pair()), approval="ap_other"), "about another approval")


def test_bytes_that_are_no_statement_prove_nothing():
    case = to_case(*pair())
    for part in ("proposal", "decision"):
        refused(replace(case, **{part: Signed(b"{}", case.decision.proof)}), "is not one")
    refused(replace(case, endorsements=(Signed(b"{}", case.decision.proof),)), "is not one")


@pytest.mark.parametrize("place", [0, 1])
def test_each_signs_with_the_key_that_is_enrolled(place):
    keys = [None, None]
    keys[place] = new_key("stranger")
    refused(to_case(*pair(), keys=keys), "current key")


def test_each_signature_is_over_its_own_statement():
    proposal, decision = pair()
    case = to_case(proposal, decision)
    later = sign(replace(decision, stated_at=AT + 2 * SECOND))
    refused(replace(case, decision=replace(case.decision, proof=later.proof)), "does not verify")


ENDORSEMENTS = {
    "did not agree before": {"outcome": Outcome.REFUSED, "looked_at": (), "reasons": ("x",)},
    "did not agree before the decision": {"stated_at": AT + 2 * SECOND},
    "nobody counts twice": {"by": "approver"},
    "nobody decides on a proposal of their own": {"by": "handler"},
    "did not state all": {"looked_at": ()},
    "no proven right to plan.decide": {"by": "overseer"},
    "about another digest": {"digest": "e" * 43},
}


@pytest.mark.parametrize("message", ENDORSEMENTS)
def test_agreement_that_does_not_count(message):
    proposal, decision = pair(facts={"deciders": 2})
    other = replace(decision, by="second", stated_at=AT)
    case = to_case(proposal, decision, replace(other, **ENDORSEMENTS[message]))
    refused(case, message)


def test_agreement_of_the_instant_of_the_decision_counts():
    proposal, decision = pair(facts={"deciders": 2})
    assert build().verify(to_case(proposal, decision, replace(decision, by="second")), RULE)


def test_agreement_under_another_key_does_not_count():
    proposal, decision = pair(facts={"deciders": 2})
    case = to_case(proposal, decision)
    agreed = sign(replace(decision, by="second"), new_key("stranger"))
    refused(replace(case, endorsements=(agreed,)), "current key")


def test_as_many_agree_as_both_signed_that_it_takes():
    proposal, decision = pair(facts={"deciders": 3})
    refused(to_case(proposal, decision, replace(decision, by="second")), "fewer people agreed")


@pytest.mark.parametrize("number", [0, 4, True, "2"])
def test_number_that_has_to_agree_is_a_small_whole_one(number):
    refused(to_case(*pair(facts={"deciders": number})), "expected 1 to 3 people who have to agree")


ENDS = {
    "roles": staff_case(
        ROLES, change_of(ROLES, "second", roles=(Role.HANDLER,)), "ap_1", AT + SECOND
    ),
    "key": staff_case(
        KEY, change_of(KEY, "second", key=enrolment("second later")), "ap_2", AT + SECOND
    ),
}


@pytest.mark.parametrize(
    ("cases", "suspended"),
    [([ENDS["roles"]], []), ([], [Suspension("su_1", "second", AT + SECOND)])],
    ids=["roles", "suspended"],
)
def test_right_of_who_agreed_holds_until_the_decision(cases, suspended):
    """Whoever agreed and lost the right before the last one did is not counted."""
    proposal, decision = pair(facts={"deciders": 2})
    case = to_case(
        proposal,
        replace(decision, stated_at=AT + 2 * SECOND),
        replace(decision, by="second", stated_at=AT),
    )
    assert build().verify(case, RULE)
    refused(case, "no proven right to plan.decide", build(*cases, suspended=suspended))


def test_right_of_the_proposer_holds_until_the_decision():
    proposal, decision = pair()
    case = to_case(proposal, replace(decision, stated_at=AT + 2 * SECOND))
    history = build(suspended=[Suspension("su_1", "handler", AT + SECOND)])
    refused(case, "no proven right to plan.propose", history)
    assert build(suspended=[Suspension("su_1", "handler", AT + 3 * SECOND)]).verify(case, RULE)


def test_rights_and_keys_are_looked_at_again_later():
    case = to_case(*pair())
    history = build()
    history.check_signers(case, RULE, AT + SECOND)
    later = staff_case(KEY, change_of(KEY, "handler", key=enrolment("new")), "ap_1", AT + SECOND)
    with pytest.raises(VerificationFailed, match="handler had another key"):
        build(later).check_signers(case, RULE, AT + SECOND)
    build(later).check_signers(case, RULE, AT)
    later = staff_case(KEY, change_of(KEY, "approver", key=enrolment("new")), "ap_1", AT + SECOND)
    with pytest.raises(VerificationFailed, match="approver had another key"):
        build(later).check_signers(case, RULE, AT + SECOND)
    history = build(suspended=[Suspension("su_1", "approver", AT)])
    with pytest.raises(VerificationFailed, match="approver had no proven right"):
        history.check_signers(case, RULE, AT)


def test_key_of_who_agreed_is_looked_at_again_too():
    proposal, decision = pair(facts={"deciders": 2})
    case = to_case(proposal, decision, replace(decision, by="second"))
    build().check_signers(case, RULE, AT + SECOND)
    with pytest.raises(VerificationFailed, match="second had another key"):
        build(ENDS["key"]).check_signers(case, RULE, AT + SECOND)


ADDED = Clearance(REQUIRED[0], date(2028, 1, 1), date(2028, 12, 31))
OUTSIDE = Engagement(EngagementKind.OUTSIDE_COUNSEL, MADE, AT + timedelta(days=9))
LENT = Delegation("approver", AT, AT + timedelta(days=9))
SUSPENDED = Suspension("su_1", "handler", MADE + SECOND)
SOUND = {
    ROLES: change_of(ROLES, "handler", roles=(Role.APPROVER, Role.HANDLER)),
    KEY: change_of(KEY, "handler", key=enrolment("another")),
    CLEARANCE: change_of(CLEARANCE, "handler", clearances=(ADDED,)),
    LIFT: change_of(LIFT, "handler", suspension="su_1"),
    DELEGATION: change_of(DELEGATION, "handler", delegation=LENT),
    ACCOUNT: entrance("fresh", Role.AUDITOR),
    ENGAGEMENT: change_of(ENGAGEMENT, "second", engagement=OUTSIDE),
}


@pytest.mark.parametrize("kind", KINDS)
def test_sound_change_is_taken_once(kind):
    history = build(suspended=[SUSPENDED])
    case = staff_case(kind, SOUND[kind], "ap_1", AT)
    assert history.takes(case)
    assert history.accepted[-1] == case
    assert not history.takes(case)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "said", [{"subject": "overseer"}, {"beneficiary": "approver"}, {"beneficiary": None}], ids=str
)
def test_change_names_whom_it_is_about(kind, said):
    history = build(suspended=[SUSPENDED])
    assert not history.takes(staff_case(kind, SOUND[kind], "ap_1", AT, **said))
    assert history.rejected == ["ap_1"]


UNSOUND = {
    "of no such kind": ("test.plan", change_of(ROLES, "handler", roles=(Role.HANDLER,))),
    "without what it changes": (ROLES, change_of(ROLES, "handler")),
    "with more than its kind has": (
        KEY, change_of(KEY, "handler", key=enrolment("a"), roles=(Role.HANDLER,))),
    "of roles that nobody combines": (
        ROLES, change_of(ROLES, "handler", roles=(Role.AUDITOR, Role.HANDLER))),
    "of a state that is past": (ROLES, change_of(ROLES, "handler", 1, roles=(Role.HANDLER,))),
    "of a state to come": (ROLES, change_of(ROLES, "handler", 3, roles=(Role.HANDLER,))),
    "of no state": (ACCOUNT, entrance("fresh", Role.AUDITOR) | {"generation": 0}),
    "of an account that was never opened": (
        ROLES, change_of(ROLES, "nobody", 1, roles=(Role.HANDLER,))),
    "of an account without a role": (ACCOUNT, entrance("fresh", Role.AUDITOR) | {"roles": []}),
    "of no clearance": (CLEARANCE, change_of(CLEARANCE, "handler", clearances=())),
    "of a clearance that ends before it begins": (
        CLEARANCE,
        change_of(
            CLEARANCE, "handler", clearances=(replace(ADDED, valid_until=date(2027, 1, 1)),))),
    "of a role that is lent for too long": (
        DELEGATION,
        change_of(DELEGATION, "handler", delegation=replace(LENT, until=AT + timedelta(days=93)))),
    "of a role that is lent to its holder": (
        DELEGATION, change_of(DELEGATION, "handler", delegation=replace(LENT, of="handler"))),
    "of a handler to somebody of another house": (
        ENGAGEMENT, change_of(ENGAGEMENT, "handler", engagement=OUTSIDE)),
    "of an engagement that ends before it begins": (
        ENGAGEMENT,
        change_of(ENGAGEMENT, "second", engagement=replace(OUTSIDE, until=MADE))),
}  # fmt: skip
AT_ODDS = {
    "with a person who is here": (ACCOUNT, entrance("fresh", Role.AUDITOR, person="person admin")),
    "with a key that is of another": (ACCOUNT, entrance("fresh", Role.AUDITOR, key=enrolment("admin"))),
    "with a key that another has": (KEY, change_of(KEY, "handler", key=enrolment("approver"))),
    "with no suspension at all": (LIFT, change_of(LIFT, "handler", suspension="su_2")),
    "with the suspension of another": (LIFT, change_of(LIFT, "second", suspension="su_1")),
}  # fmt: skip
"""What is sound by itself, and does not go with what was proven of others."""


@pytest.mark.parametrize("what", [*UNSOUND, *AT_ODDS])
def test_unsound_change_is_not_taken(what):
    history = build(suspended=[SUSPENDED])
    before = {name: history.standing(name, AT) for name in NAMES}
    assert not history.takes(staff_case(*(UNSOUND | AT_ODDS)[what], "ap_1", AT))
    assert history.rejected == ["ap_1"]
    assert {name: history.standing(name, AT) for name in NAMES} == before
    assert len(history.accepted) == len(TEAM)


def test_suspension_after_its_lift_is_none_to_lift():
    history = build(suspended=[replace(SUSPENDED, since=AT + SECOND)])
    assert not history.takes(staff_case(LIFT, SOUND[LIFT], "ap_1", AT))
    assert build(suspended=[replace(SUSPENDED, since=AT)]).takes(
        staff_case(LIFT, SOUND[LIFT], "ap_1", AT)
    )


def test_suspension_counts_until_the_instant_it_is_lifted():
    history = build(staff_case(LIFT, SOUND[LIFT], "ap_1", AT), suspended=[SUSPENDED])
    since = SUSPENDED.since
    told = {at: history.is_suspended("handler", at) for at in (MADE, since, AT - SECOND, AT)}
    assert told == {MADE: False, since: True, AT - SECOND: True, AT: False}
    assert not history.is_suspended("approver", since)
    assert history.roles("handler", AT - SECOND) == frozenset()
    assert history.roles("handler", AT) == {Role.HANDLER}


def test_changes_of_one_instant_may_rest_on_one_another():
    """The order in which they stand in a table says nothing."""
    entered = staff_case(ACCOUNT, entrance("fresh", Role.AUDITOR), "ap_1", AT)
    moved = [
        staff_case(ROLES, change_of(ROLES, "fresh", n, roles=(role,)), f"ap_{n}", AT)
        for n, role in ((2, Role.OVERSEER), (3, Role.AUDITOR))
    ]
    for cases in ([entered, *moved], [*reversed(moved), entered]):
        history = build(*cases)
        assert history.rejected == []
        assert history.standing("fresh", AT).generation == 3
        assert history.roles("fresh", AT) == {Role.AUDITOR}


def test_change_never_rests_on_one_of_a_later_instant():
    first = staff_case(ROLES, change_of(ROLES, "handler", 3, roles=(Role.AUDITOR,)), "ap_1", AT)
    later = AT + SECOND
    second = staff_case(ROLES, change_of(ROLES, "handler", roles=(Role.APPROVER,)), "ap_2", later)
    history = build(first, second)
    assert history.rejected == ["ap_1"]
    assert history.roles("handler", later) == {Role.APPROVER}


def test_new_administrator_of_the_same_instant_signs_for_others():
    entered = staff_case(ACCOUNT, entrance("fresh", Role.ADMINISTRATOR), "ap_z", AT)
    proposal, decision = pair(
        "ap_a",
        ("fresh", "overseer"),
        kind=ACCOUNT,
        facts=entrance("newer", Role.AUDITOR),
        subject="newer",
        beneficiary="newer",
    )
    on_it = to_case(proposal, replace(decision, stated_at=AT, looked_at=()))
    for cases in ([entered, on_it], [on_it, entered]):
        assert build(*cases).rejected == []


def test_what_cannot_be_read_is_rejected_and_the_rest_taken():
    broken = replace(TEAM[0], approval="ap_broken")
    for cases in ([*TEAM, broken], [broken, *TEAM]):
        history = build(*cases, team=())
        assert history.rejected == ["ap_broken"]
        assert len(history.accepted) == len(TEAM)


def test_role_that_is_lent_counts_while_its_lender_has_it():
    lent = staff_case(DELEGATION, SOUND[DELEGATION], "ap_1", AT)
    both = {Role.APPROVER, Role.HANDLER}
    history = build(lent)
    assert history.roles("handler", AT) == both
    assert history.roles("handler", LENT.until) == {Role.HANDLER}
    stopped = build(lent, suspended=[Suspension("su_1", "approver", AT)])
    assert stopped.roles("handler", AT) == {Role.HANDLER}
    other = change_of(ROLES, "handler", 3, roles=(Role.HANDLER,))
    ended = build(lent, staff_case(ROLES, other, "ap_2", AT + SECOND))
    assert ended.roles("handler", AT) == both
    assert ended.roles("handler", AT + SECOND) == {Role.HANDLER}


def test_clearances_and_engagement_end_by_themselves():
    history = build(staff_case(ENGAGEMENT, SOUND[ENGAGEMENT], "ap_1", AT))
    assert history.roles("second", AT) == {Role.APPROVER}
    assert history.roles("second", OUTSIDE.until) == frozenset()
    assert history.roles("handler", datetime(2028, 1, 1, tzinfo=UTC)) == frozenset()


@pytest.mark.parametrize("what", UNSOUND)
def test_state_never_follows_an_unsound_change(what):
    kind, facts = UNSOUND[what]
    with pytest.raises(VerificationFailed):
        follow(build().standing(facts["account"], AT), kind, facts, AT)


def test_change_is_written_in_one_way_only():
    facts = SOUND[ROLES]
    assert dump_change(load_change(ROLES, facts)) == facts
    for other in (
        facts | {"generation": "2"},
        facts | {"generation": 2.5},
        facts | {"roles": ["handler", "approver"]},
        facts | {"roles": ["handler", "king"]},
        facts | {"roles": 5},
        facts | {"account": 5},
        facts | {"more": 1},
    ):
        with pytest.raises(InvalidInput) as caught:
            load_change(ROLES, other)
        assert "/facts" in str(caught.value.errors)


def test_rule_of_staff_is_that_of_staff():
    assert Rule(Permission.STAFF_PROPOSE, Permission.STAFF_DECIDE) == STAFF_RULE
    proposal, decision = pair(by=("handler", "overseer"))
    refused(to_case(proposal, replace(decision, looked_at=())), "staff.propose", rule=STAFF_RULE)


def test_log_holds_what_was_signed_and_by_which_key():
    proposal, decision = pair()
    signed = sign(proposal)
    assert entry_facts(signed) == {
        "approval": "ap_plan",
        "digest": "d" * 43,
        "key": signed.proof["key"],
        "kind": "test.plan",
        "signed": signed.digest,
        "subject": "pl_1",
    }
    decided = sign(replace(decision, outcome=Outcome.REFUSED, reasons=("scope",)))
    assert entry_facts(decided) == entry_facts(signed) | {
        "key": decided.proof["key"],
        "signed": decided.digest,
        "outcome": "refused",
        "reasons": ["scope"],
        "looked_at": ["scope"],
    }


def test_decision_rests_on_whoever_let_its_signers_in():
    entered = staff_case(ACCOUNT, entrance("fresh", Role.AUDITOR), "ap_fresh", AT)
    asked = to_case(*pair(by=("handler", "overseer")))
    assert needed_people(asked, [*TEAM, entered]) == {"admin", "overseer", "handler"}
    assert needed_people(asked, []) == {"handler", "overseer"}


def test_decision_rests_on_who_agreed_and_on_who_lent_a_role():
    proposal, decision = pair(facts={"deciders": 2})
    case = to_case(proposal, decision, replace(decision, by="second", stated_at=AT))
    assert needed_people(case, []) == {"handler", "approver", "second"}
    lent = staff_case(DELEGATION, change_of(DELEGATION, "handler", delegation=LENT), "ap_1", AT)
    plain = to_case(*pair(by=("handler", "overseer")))
    assert needed_people(plain, [lent]) == {"handler", "overseer", "admin", LENT.of}
