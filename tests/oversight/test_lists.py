"""What two people set can be read: who and how much, never which identifiers."""

import json

import pytest
from sqlalchemy import delete, update

from lea_service.custody.queries import list_stream
from lea_service.demands.models import MarkedIdentifier
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import IntegrityFailure, NotPermitted
from lea_service.kernel.transactions import SYSTEM_STREAM
from lea_service.oversight.models import WarningRecipient
from lea_service.oversight.schemas import ListsSchema
from tests.oversight.test_warnings import PHONE
from tests.staff.edge import build_staff
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log

OTHER = "+31201234567"


@pytest.fixture
def overseer2(world):
    return world.house.hire("overseer2", "overseer", by="admin1", decided_by="overseer1")


def lists(world, by="admin1"):
    return world.oversight.view_lists(world.house.actor(by))


def watch(world, *values):
    found = [{"kind": "phone_number", "value": one} for one in values]
    return world.approve("oversight.watch", {"identifiers": found})


def listed(world, account, **changes):
    request = {"account": account, "mailbox": "o2@provider.example", "is_listed": True, **changes}
    return world.approve("oversight.recipient", request)


@ANY_ENGINE
def test_lists_say_how_much_since_when_and_by_which_approval(world, overseer2, clock):
    empty = lists(world)
    assert (empty.recipients, empty.watched, empty.own) == ([], None, [])
    approvals = [watch(world, PHONE, OTHER), listed(world, overseer2)]
    world.own("handler2", PHONE)
    begun = clock.now()
    clock.advance(days=1)
    world.own("handler2")  # the list replaces the one before
    found = lists(world, "overseer1")
    assert (found.watched.account, found.watched.count, found.watched.since) == (None, 2, begun)
    ((recipient,), (own,)) = (found.recipients, found.own)
    assert (recipient.account, recipient.since, recipient.oversees) == (overseer2, begun, True)
    assert (own.account, own.count) == (world.house.id("handler2"), 0)
    assert own.since == clock.now()
    assert [found.watched.approval, recipient.approval] == approvals
    told = json.dumps(ListsSchema().dump(found))
    assert not [one for one in (PHONE, OTHER, "o2@provider", "31612345678") if one in told]
    check_log(world.log)


@ANY_ENGINE
def test_recipient_who_oversees_no_more_or_is_taken_off_is_told(world, overseer2):
    listed(world, overseer2)
    build_staff(world.house).suspend(world.house.actor("admin1"), overseer2, "left")
    assert [one.oversees for one in lists(world).recipients] == [False]
    listed(world, overseer2, is_listed=False, mailbox=None)
    assert lists(world).recipients == []


@ANY_ENGINE
def test_look_at_lists_is_entered_and_for_those_who_set_them(world):
    for name in ("handler1", "approver1", "auditor1"):
        with pytest.raises(NotPermitted):
            lists(world, name)
    lists(world)
    with world.log.transactions.read() as session:
        last = list_stream(session, SYSTEM_STREAM)[-1].data
    assert {b"warning.listed", b"warning_lists"} <= set(last.split(b'"'))


@ANY_ENGINE
@pytest.mark.parametrize(
    "change",
    [
        delete(MarkedIdentifier).where(MarkedIdentifier.mark == "watch"),
        delete(MarkedIdentifier).where(MarkedIdentifier.mark == "own"),
        update(MarkedIdentifier).values(party="s_" + "0" * 32),
        delete(WarningRecipient),
    ],
)
def test_list_that_is_not_as_it_was_entered_is_not_shown(world, overseer2, change):
    watch(world, PHONE)
    world.own("handler2", OTHER)
    listed(world, overseer2)
    lists(world)
    with world.log.transactions.begin(worker_actor()) as tx:
        tx.session.execute(change)
    with pytest.raises(IntegrityFailure, match="not the one that was entered"):
        lists(world)
