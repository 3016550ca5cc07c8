"""Entries of the register: two people set them, the log vouches for them, reviews are told of."""

from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text

from lea_service.kernel.actors import worker_actor
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.errors import IntegrityFailure, InvalidInput, NotFound, WrongState
from lea_service.kernel.jobs import Job
from lea_service.kernel.outbox import NOTICE_JOB
from lea_service.retention.processing import approval  # noqa: F401 declares the kind
from lea_service.retention.processing.service import ProcessingService
from tests.retention.conftest import TEAM
from tests.support.log import check_log
from tests.support.processing import entry_request

KIND = "processing.system"


@pytest.fixture
def register(kept):
    return ProcessingService(kept.log.transactions)


@pytest.fixture
def engineer(kept):
    return kept.house.actor("engineer1")


@pytest.fixture
def remind(kept, register):
    @contextmanager
    def begin():
        with kept.log.transactions.begin(worker_actor()) as tx:
            yield tx

    return lambda: register.remind(begin)


def test_two_people_set_an_entry_and_its_review(kept, register, engineer):
    proposed = kept.house.propose(KIND, entry_request())
    assert register.list(engineer, None, 9) == []
    kept.house.decide(proposed)
    found = register.get(engineer, "CUSTOMERS")
    assert (found.generation, found.findings, found.approval) == (1, (), proposed)
    assert found.review_due_on == date(2027, 11, 2)
    kept.house.approve(KIND, entry_request(reviewed_on="2026-11-03", owner=None))
    (again,) = register.list(engineer, None, 9)
    assert (again.generation, again.reviewed_on) == (2, date(2026, 11, 3))
    assert [one.code for one in again.findings] == ["owner_not_stated"]
    check_log(kept.log)


def test_lists_go_on_behind_any_of_theirs(kept, register, engineer):
    for code in ("CRM", "BILLING", "WEBSITE"):
        kept.house.approve(KIND, entry_request(code))
    codes = [one.code for one in register.list(engineer, None, 9)]
    assert codes == ["BILLING", "CRM", "WEBSITE"]
    assert [one.code for one in register.list(engineer, "BILLING", 1)] == ["CRM"]
    with pytest.raises(NotFound):
        register.get(engineer, "NOTHING")


def test_entry_of_a_source_is_held_against_its_rule(kept, register, engineer):
    source = kept.source()
    kept.house.approve(KIND, entry_request(source=source))
    assert [one.code for one in register.get(engineer, "CUSTOMERS").findings] == ["no_rule"]
    kept.rule(source=source)
    assert [one.code for one in register.get(engineer, "CUSTOMERS").findings] == ["other_rule"]
    kept.rule("CALL-24M", source=source, term=24)
    assert register.get(engineer, "CUSTOMERS").findings == ()


def test_wrong_entries_are_refused_where_they_are_wrong(kept):
    for changes, place in (
        ({"reviewed_on": "2099-01-01"}, "/request/reviewed_on"),
        ({"data": []}, "/request/data"),
        ({"code": "customers"}, "/request/code"),
    ):
        with pytest.raises(InvalidInput) as caught:
            kept.house.propose(KIND, entry_request(**changes))
        assert [one.pointer for one in caught.value.errors] == [place]
    with pytest.raises(NotFound):
        kept.house.propose(KIND, entry_request(source="so_" + "0" * 32))


def test_second_proposal_of_a_code_is_stale_after_the_first(kept):
    first, second = (kept.house.propose(KIND, entry_request()) for _ in range(2))
    kept.house.decide(first)
    with pytest.raises(WrongState, match="came in between"):
        kept.house.decide(second)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE processing_systems SET document = replace(document, 'contract', 'consent')",
        "DELETE FROM processing_systems WHERE generation = 2",
    ],
)
def test_entry_that_nobody_signed_is_not_shown(kept, register, engineer, change):
    for _ in range(2):
        kept.house.approve(KIND, entry_request())
    with kept.log.transactions.database.write() as session:
        for drop in append_only_ddl("processing_systems", session.get_bind().dialect.name)[1]:
            session.execute(text(drop))
        session.execute(text(change))
    with pytest.raises(IntegrityFailure):
        register.list(engineer, None, 9)


def test_review_is_reminded_of_when_it_nears_and_when_it_is_due(kept, clock, remind):
    kept.house.approve(KIND, entry_request())
    for month, day, count in ((10, 2, 0), (10, 3, 1), (11, 1, 1), (11, 2, 2)):
        clock.set(datetime(2027, month, day, 12, tzinfo=UTC))
        remind()
        remind()
        assert len(notices(kept)) == count, (month, day)
    assert {one["about"] for one in notices(kept)} == {"CUSTOMERS"}


def notices(kept):
    """Return what was told of reviews."""
    with kept.log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == NOTICE_JOB)).all()
    return [one.args for one in jobs if one.args["template"] == "processing.review"]


def test_people_of_the_team_read_it(kept, register):
    for name in TEAM:
        register.list(kept.house.actor(name), None, 9)
    assert len(register.list_published(kept.house.actor("engineer1"))) == 3
