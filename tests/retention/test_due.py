"""What a purge would take is known before it takes it, and a new rule waits a while."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import InvalidInput, NotFound
from lea_service.kernel.jobs import Job
from lea_service.kernel.outbox import NOTICE_JOB
from lea_service.records.selection import Match, Selection
from lea_service.retention.api import blp
from lea_service.retention.cli import retention
from lea_service.retention.queries import Trial
from lea_service.retention.rules import Term
from tests.support.edge import build_app, run, serve, sign
from tests.support.retention import make_retention

WORKER = worker_actor()
ROUTE = "/api/v1/retention/due"


@pytest.fixture
def engine_name():
    """Each engine counts and purges by the same statements, which the purge's tests run on both."""
    return "sqlite"


def due(kept, trial=None, source=None, service=None):
    return (service or kept.service).list_due(kept.house.actor("engineer1"), trial, source)


def test_what_is_due_is_what_the_purge_takes(kept):
    kept.source()
    kept.source("pbx2")
    kept.source("nas", "usage")
    kept.add("pbx1", "call", 400, 187, 183, 178, 170)
    kept.rejects("pbx1", 300)
    kept.rule()
    first, second = due(kept)
    assert (first.system.name, first.term, first.unit) == ("pbx1", 6, "months")
    assert (first.rows, first.late, first.rejects, first.kept, first.soon) == (2, 1, 1, 0, 2)
    assert (second.system.name, second.rows, second.soon) == ("pbx2", 0, 0)
    (done,) = kept.service.purge(WORKER)
    assert (done.rows, done.late, done.rejects) == (first.rows, first.late, first.rejects)
    assert [one.rows for one in due(kept)] == [0, 0]
    (one,) = due(kept, source=second.system.id)
    assert one.system.name == "pbx2"


def test_what_is_held_is_no_part_of_it(kept, databases):
    kept.source()
    kept.add("pbx1", "call", 400, 300, 250)
    kept.rule()
    kept.add("pbx1", "call", 401, caller_raw="+31")
    frozen = Selection("call", "pbx1", (Match(("caller_raw",), ("+31",)),))
    service = make_retention(
        kept.log,
        kept.house,
        databases.records,
        preserved=lambda *_: [frozen],
        held_back=lambda *_: kept.now - timedelta(days=310),
    )
    (one,) = due(kept, service=service)
    assert (one.rows, one.kept) == (1, 3)
    assert one.cutoff == kept.now - timedelta(days=310)
    assert len(kept.rows()) == 4
    for days in (240, 260, 305, 350):  # nobody finds out by trying what a demand of others needs
        trial = Trial(Term(days, "days"), "call")
        assert due(kept, trial, service=service) == due(kept, trial)


def test_a_term_is_tried_before_anybody_proposes_it(kept):
    source = kept.source()
    kept.source("pbx2")
    kept.add("pbx1", "call", 40, 20)
    kept.rule()
    kept.rule("PBX1", source=source, term=24)
    general = Trial(Term(30, "days"), "call")
    assert [(one.system.name, one.rows) for one in due(kept, general)] == [("pbx2", 0)]
    (one,) = due(kept, Trial(Term(30, "days"), "call"), source)
    assert (one.rows, one.soon, one.begins_at) == (1, 0, None)
    assert len(kept.rows()) == 2
    with pytest.raises(InvalidInput, match="record kind"):
        due(kept, Trial(Term(30, "days"), "usage"), source)
    with pytest.raises(InvalidInput, match="240 months"):
        due(kept, Trial(Term(241, "months"), "call"))
    with pytest.raises(NotFound):
        due(kept, Trial(Term(30, "days"), "call"), "so_0")


def test_a_new_rule_waits_and_our_people_are_told(kept, databases, clock):
    wait = timedelta(hours=72)
    service = make_retention(kept.log, kept.house, databases.records, warning=wait)
    kept.source()
    kept.add("pbx1", "call", 400)
    kept.rule()
    with kept.log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == NOTICE_JOB)).all()
    assert [(one.args["template"], one.args["about"]) for one in jobs] == [
        ("retention.rule_set", "CALL-6M")
    ]
    (one,) = due(kept, service=service)
    assert (one.rows, one.begins_at) == (1, kept.now + wait)
    clock.advance(days=2, seconds=86_399)
    assert service.purge(WORKER) == []
    clock.advance(seconds=1)
    assert [one.rows for one in service.purge(WORKER)] == [1]


def test_it_is_asked_for_through_both_doors(kept, clock):
    app = build_app(
        clock, {"retention": kept.service}, {"engineer1": kept.house.actor("engineer1")}, blp
    )
    kept.source()
    kept.add("pbx1", "call", 400, 40)
    web = app.test_client()
    assert web.get(ROUTE, headers=sign("engineer1")).json == {"items": []}
    tried = web.get(f"{ROUTE}?kind=call&term=30&unit=days", headers=sign("engineer1")).json
    assert [one["rows"] for one in tried["items"]] == [2]
    answer = web.get(f"{ROUTE}?term=30", headers=sign("engineer1"))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/kind")
    with serve(app) as url:
        engineer = {"url": url, "token": "engineer1"}
        words = ["due", "--kind", "call", "--months", "6"]
        (one,) = json.loads(run(retention, *words, "--json", **engineer).output)["items"]
        assert (one["rows"], one["term"], one["unit"]) == (1, 6, "months")
        assert "6 months" in run(retention, *words, **engineer).output
        assert "No source has a rule" in run(retention, "due", **engineer).output
    for wrong in (["--kind", "call"], ["--days", "3"], [*words[1:], "--days", "3"]):
        assert run(retention, "due", *wrong).exit_code == 2
