"""Two people ask across demands: whom they touched, and what they rested on."""

import pytest

from lea_service.custody.queries import list_stream
from lea_service.demands.document import dump_content, load_content
from lea_service.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState
from lea_service.kernel.transactions import SYSTEM_STREAM
from lea_service.oversight.inquiries.cli import describe
from lea_service.oversight.inquiries.service import InquiryService
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log

PHONE, OTHER = "+31612345678", "+31201234567"
REASON = "A subscriber asks what became of the data."


@pytest.fixture
def inquiries(log):
    return InquiryService(log.transactions)


@pytest.fixture
def house(house):
    for name in {"auditor1", "auditor2"} - set(house.people):
        house.hire(name, "auditor")
    return house


def ask(world, *values, **changes):
    request = {
        "question": "subject",
        "identifiers": [{"kind": "phone_number", "value": one} for one in values],
        "reason": REASON,
        **changes,
    }
    return world.approve("oversight.inquiry", request, by="auditor1", decided_by="overseer1")


def read(world, inquiries, inquiry, by="auditor1"):
    return inquiries.answer(world.house.actor(by), inquiry)


@ANY_ENGINE
def test_every_demand_about_a_subscriber_is_found_with_all_that_was_done(world, inquiries):
    officer = world.officer()
    about, other = world.ask(officer), world.ask(officer, OTHER)
    inquiry = ask(world, PHONE)
    for by in ("auditor1", "overseer1"):
        answer = read(world, inquiries, inquiry, by)
        (found,) = answer.demands
        assert (found.demand, found.found_in, answer.erased) == (about, ["record/1"], 0)
        assert [one.event for one in found.done][:1] == ["demand.recorded"]
        assert {one.by for one in found.done} >= {world.house.id("handler1")}
    both = read(world, inquiries, ask(world, PHONE, OTHER))
    assert sorted(one.demand for one in both.demands) == sorted([about, other])
    check_log(world.log)


@ANY_ENGINE
def test_what_was_corrected_since_is_found_as_well(world, inquiries, demands):
    officer = world.officer()
    demand = world.ask(officer)
    handler = world.house.actor("handler1")
    old = demands.get(handler, demand)
    asked = dump_content(old.content)
    asked["items"][0]["target"]["value"] = OTHER
    new = load_content(asked)
    demands.correct(handler, demand, new, old.version)
    (first,) = read(world, inquiries, ask(world, PHONE)).demands
    (second,) = read(world, inquiries, ask(world, OTHER)).demands
    assert (first.found_in, second.found_in) == (["record/1"], ["record/2"])


@ANY_ENGINE
def test_each_reading_is_entered_and_names_nobody(world, inquiries):
    world.ask(world.officer())
    inquiry = ask(world, PHONE)
    read(world, inquiries, inquiry)
    read(world, inquiries, inquiry)
    with world.log.transactions.read() as session:
        entries = [one for one in list_stream(session, SYSTEM_STREAM) if "inquiry" in one.event]
    assert [one.event for one in entries] == ["inquiry.agreed", *["inquiry.answered"] * 2]
    for one in entries:
        assert b"612345678" not in one.data
        assert b"became" not in one.data


@ANY_ENGINE
def test_an_answer_is_for_the_two_who_asked_and_for_a_while(world, inquiries, clock):
    world.ask(world.officer())
    inquiry = ask(world, PHONE)
    with pytest.raises(NotPermitted, match="the two who asked"):
        read(world, inquiries, inquiry, "auditor2")
    with pytest.raises(NotPermitted):
        read(world, inquiries, inquiry, "handler1")
    with pytest.raises(NotFound):
        read(world, inquiries, "ap_" + "0" * 32)
    clock.advance(days=3)
    with pytest.raises(WrongState, match="over"):
        read(world, inquiries, inquiry)


@ANY_ENGINE
def test_who_may_not_know_of_a_demand_does_not_find_it(world, inquiries):
    world.ask(world.officer())
    world.own("auditor1", PHONE)
    inquiry = ask(world, PHONE)
    assert read(world, inquiries, inquiry).demands == []
    assert len(read(world, inquiries, inquiry, "overseer1").demands) == 1


@ANY_ENGINE
@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"identifiers": []}, "/identifiers"),
        ({"about": "CALL-6M"}, "/about"),
        ({"question": "mapping"}, "/identifiers"),
        ({"question": "mapping", "identifiers": []}, "/about"),
        ({"question": "everything"}, "/question"),
        ({"reason": "because"}, "/reason"),
        (
            {"identifiers": [{"kind": "phone_number", "value": "0612345678"}]},
            "/identifiers/0/value",
        ),
        ({"question": "mapping", "identifiers": [], "about": "a b"}, "/about"),
    ],
)
def test_what_is_asked_says_what_and_why(world, changes, place):
    with pytest.raises(InvalidInput) as err:
        ask(world, PHONE, **changes)
    assert place in [one.pointer.removeprefix("/request") for one in err.value.errors]


@pytest.mark.parametrize(
    ("language", "until"), [("nl", "Te lezen tot"), ("en", "To be read until")]
)
def test_an_answer_is_told_by_name_and_by_the_clock_of_the_house(language, until):
    looks = [
        {"index": n, "at": "2026-11-24T09:00:00Z", "event": "demand.viewed", "by": by}
        for n, by in enumerate(("s_1", "sys:worker"))
    ]
    touched = {"demand": "c_1", "state": "closed", "found_in": ["record/1"], "done": looks}
    found = {"demands": [touched], "erased": 0, "not_looked_through": 0}
    found |= {"readable_until": "2026-11-27T19:00:00.123456Z"}
    told = describe(found, language, {"s_1": "Anna de Wit"})
    assert [line.split("demand.viewed")[1].strip() for line in told.splitlines()[3:5]] == [
        "Anna de Wit",
        "sys:worker",
    ]
    assert told.endswith(f"{until} 2026-11-27 20:00 (+01:00).")
