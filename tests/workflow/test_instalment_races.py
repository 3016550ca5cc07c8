"""Two workers begin what is due while the authority ends its orders: nothing is given twice."""

from collections import Counter
from datetime import datetime

import pytest

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import list_stream
from lea_service.extraction.instalments import HANDED_OVER
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import LeaError
from tests.support.depth import examples
from tests.support.race import race
from tests.workflow.test_instalments import WEEKS, at, call, shorten, standings

ORDERS = examples(4, full=40)
END = "2026-11-27T00:00"


def facts_of(whole, demand, event):
    return [entry["facts"] for name, entry in stream_of(whole, demand) if name == event]


def stream_of(whole, demand):
    with whole.services.transactions.read() as session:
        found = list_stream(session, demand)
    return [(one.event, load_entry(one.data)) for one in found]


@pytest.fixture
def awaited(whole):
    """Orders of which the first instalment was given and the second is due."""
    whole.source()
    call(whole, "2026-11-02 10:00:00", "2026-11-24 00:10:00")
    demands = [whole.decided(whole.record([WEEKS])) for _ in range(ORDERS)]
    at(whole, "2026-11-24T11:00")
    assert {whole.state(one) for one in demands} == {"continuing"}
    whole.clock.set(datetime.fromisoformat("2026-12-01T07:00+01:00"))
    call(whole, "2026-11-26 10:00:00", "2026-11-28 10:00:00")
    return demands


def finish(whole):
    """Let the workers do what is left, leases of those that lost a race included."""
    for _ in range(4):
        whole.clock.advance(seconds=301)
        whole.work()


def test_two_workers_give_each_instalment_once(whole, awaited):
    race(whole.work, whole.work, whole.work)
    finish(whole)
    for demand in awaited:
        assert [one[2:] for one in standings(whole, demand)] == [
            ("given", 1),
            ("given", 3),
            ("ahead", None),
        ]
        begun = Counter(one["instalment"] for one in facts_of(whole, demand, "instalment.begun"))
        given = Counter(one["instalment"] for one in facts_of(whole, demand, HANDED_OVER))
        assert (begun, given) == ({2: 1}, {1: 1, 2: 1})
    whole.check()


def test_nothing_beyond_an_end_is_given_whoever_comes_first(whole, awaited):
    """An end that was entered holds; one that came after the hand-over left what was given."""

    def end_all():
        return [end(whole, one) for one in awaited]

    ended = race(whole.work, end_all, whole.work)[1]
    finish(whole)
    for demand, was_ended in zip(awaited, ended, strict=True):
        assert was_ended is True
        entries = stream_of(whole, demand)
        names = [name for name, _ in entries]
        given = [entry["facts"] for name, entry in entries if name == HANDED_OVER]
        assert [one["instalment"] for one in given] == list(range(1, len(given) + 1))
        is_first = (
            len(given) > 1
            and names.index("demand.shortened")
            > [at for at, name in enumerate(names) if name == HANDED_OVER][1]
        )
        reached = parse_instant(facts_of(whole, demand, "instalment.begun")[-1]["until"])
        assert reached <= datetime.fromisoformat(f"{END}+01:00") or is_first
        assert whole.state(demand) == "delivered"
    whole.check()


def end(whole, demand):
    """Enter that an order ends; returns True, or why it was not entered."""
    try:
        shorten(whole, demand, END)
    except LeaError as err:
        return err
    return True
