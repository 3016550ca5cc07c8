"""Kinds of approvals: each has one rule, and is seen by whoever may propose or decide it."""

from dataclasses import replace

import pytest

from lea_service.kernel.actors import Actor, Permission, Role
from lea_service.kernel.errors import Duplicate, NotFound
from lea_service.staff import kinds
from lea_service.staff.kinds import (
    KindRule,
    decidable_kinds,
    get_kind,
    list_kinds,
    readable_kinds,
    register_kind,
)

PLAN = KindRule("b.plan", Permission.PLAN_PROPOSE, Permission.PLAN_DECIDE, apply=lambda *_: None)
STAFF = replace(
    PLAN, kind="a.staff", propose=Permission.STAFF_PROPOSE, decide=Permission.STAFF_DECIDE
)


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    monkeypatch.setattr(kinds, "_KINDS", {})
    register_kind(PLAN)
    register_kind(STAFF)


def test_kind_has_one_rule():
    register_kind(PLAN)
    with pytest.raises(Duplicate, match=r"^the kind b\.plan was declared before$"):
        register_kind(replace(PLAN, decide=Permission.STAFF_DECIDE))
    assert (get_kind("b.plan"), list_kinds()) == (PLAN, [STAFF, PLAN])
    with pytest.raises(NotFound) as refused:
        get_kind("b")
    assert str(refused.value) == "no such kind of approval; expected one as agency.person"


@pytest.mark.parametrize(
    ("role", "readable", "decidable"),
    [
        (Role.HANDLER, ["b.plan"], []),
        (Role.APPROVER, ["b.plan"], ["b.plan"]),
        (Role.AUDITOR, [], []),
        (Role.OVERSEER, ["a.staff"], ["a.staff"]),
    ],
)
def test_kinds_are_seen_by_who_may_propose_or_decide(role, readable, decidable):
    actor = Actor("s_1", frozenset({role}))
    assert (readable_kinds(actor), decidable_kinds(actor)) == (readable, decidable)
