"""What a purge destroyed is certified by the log, and is nowhere in the files of the service."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from lea_service.custody.proofs import LogProof
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import IntegrityFailure, NotFound, WrongState
from lea_service.records.selection import Match, Selection
from lea_service.retention import service as service_module
from lea_service.retention.api import blp
from lea_service.retention.cli import retention
from lea_service.retention.models import RetentionRule
from tests.support.edge import build_app, run, serve
from tests.support.retention import make_retention

WORKER = worker_actor()
NUMBER, MAIL, ROW = "+31612345678", "sip:jansen@voice.example", "pbx1-call-400-0"


@pytest.fixture
def engine_name():
    """What is certified is the same on each engine; only SQLite has files that are ours."""
    return "sqlite"


def certify(kept, purge, language="en"):
    return kept.service.certify(kept.house.actor("engineer1"), purge, language)


@pytest.fixture
def purged(kept, databases):
    """A purge of two calls and a line, with a third call that somebody needs."""
    kept.source()
    kept.add("pbx1", "call", 400, 187, caller=NUMBER, caller_raw=NUMBER, callee_uri=MAIL)
    kept.add("pbx1", "call", 300, caller_raw="+31")
    kept.rejects("pbx1", 300)
    kept.rule()
    frozen = Selection("call", "pbx1", (Match(("caller_raw",), ("+31",)),))
    service = make_retention(kept.log, kept.house, databases.records, preserved=lambda *_: [frozen])
    (done,) = service.purge(WORKER)
    kept.log.checkpointer.publish(WORKER)
    return done


def test_it_says_what_is_gone_by_which_rule_and_what_stayed(kept, purged):
    found = certify(kept, purged.id)
    of = found.destroyed
    assert (of.purge.rows, of.purge.rejects, of.purge.late, of.kept) == (2, 1, 1, 1)
    assert (of.rule.code, of.source, of.copies_until) == ("CALL-6M", "pbx1", None)
    assert [one.event for one in of.entries] == [
        "purge.started",
        "purge.done",
        "incident.late_purge",
    ]
    facts = json.loads(of.entry)["facts"]
    assert (facts["purge"], facts["rows"], facts["kept"]) == (purged.id, 2, 1)


def test_strangers_prove_its_entry_with_the_policy_alone(kept, purged):
    found = certify(kept, purged.id)
    proof = LogProof.parse(found.tlog_proof.encode())
    assert proof.index == found.destroyed.index
    head = proof.verify(found.destroyed.entry.encode(), kept.log.service.policy)
    assert head.size > proof.index


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", ("Verklaring van vernietiging", "6 maanden", "bleven staan: 1", "Geen reserve")),
        ("en", ("Certificate of destruction", "6 months", "these stayed: 1", "No backup")),
    ],
)
def test_it_is_read_in_words(kept, purged, language, words):
    said = certify(kept, purged.id, language).text
    for one in (*words, purged.id, "CALL-6M", "Tw 11.5", "pbx1", kept.log.service.origin):
        assert one in said


def test_nothing_is_certified_that_is_not_as_the_log_has_it(kept, purged):
    with pytest.raises(NotFound):
        certify(kept, "pu_0")
    with kept.log.transactions.database.write() as session:
        found = "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='retention_rules'"
        for fence in session.scalars(text(found)).all():
            session.execute(text(f"DROP TRIGGER {fence}"))
        session.execute(update(RetentionRule).values(purpose="nothing at all"))
    with pytest.raises(IntegrityFailure):
        certify(kept, purged.id)


def test_a_purge_that_goes_on_is_not_certified(kept, monkeypatch):
    kept.source()
    kept.add("pbx1", "call", 400)
    kept.rule()
    monkeypatch.setattr(service_module.RetentionService, "_carry_out", lambda *_: None)
    kept.service.purge(WORKER)
    (begun,) = kept.service.list_purges(kept.house.actor("engineer1"), None, 2)
    with pytest.raises(WrongState, match="not done"):
        certify(kept, begun.id)


def test_lines_that_a_purge_was_not_let_take_are_not_certified(kept, monkeypatch):
    """A worker died as it began; by the time another goes on, another rule is in force."""
    kept.source()
    kept.add("pbx1", "call", 400)
    kept.rejects("pbx1", 400)
    kept.rule()
    with monkeypatch.context() as patched:
        patched.setattr(service_module.RetentionService, "_carry_out", lambda *_: None)
        kept.service.purge(WORKER)
    kept.rule("CALL-20Y", term=240)
    (done,) = kept.service.purge(WORKER)
    kept.log.checkpointer.publish(WORKER)
    found = certify(kept, done.id)
    assert (done.rows, done.rejects, found.destroyed.rejects) == (0, 1, 0)
    assert "could not be read" not in found.text
    assert "needed: nothing" not in found.text


def test_what_a_plan_needed_is_not_said_to_have_been_nothing(kept, databases):
    """What lies behind the reach of a purge was held back, and is in none of its counts."""
    kept.source()
    kept.add("pbx1", "call", 400, 300)
    kept.rule()
    since = kept.log.transactions.clock.now() - timedelta(days=350)
    service = make_retention(kept.log, kept.house, databases.records, held_back=lambda *_: since)
    (done,) = service.purge(WORKER)
    kept.log.checkpointer.publish(WORKER)
    found = certify(kept, done.id)
    assert (found.destroyed.purge.rows, found.destroyed.kept) == (1, 0)
    assert "what is later was no part of this destruction" in found.text


def test_command_prints_it(kept, purged, clock):
    people = {"engineer1": kept.house.actor("engineer1")}
    app = build_app(clock, {"retention": kept.service}, people, blp)
    with serve(app) as url:
        engineer = {"url": url, "token": "engineer1"}
        said = run(retention, "certificate", purged.id, "--language", "nl", **engineer).output
        assert said.startswith(f"Verklaring van vernietiging {purged.id}\n")
        whole = run(retention, "certificate", purged.id, "--json", **engineer).output
        assert json.loads(whole)["proof"].startswith("c2sp.org/tlog-proof@v1\n")


def forms(word):
    """Yield a text as it might stand in a file, for one who searches the disk."""
    raw = word.encode()
    yield from (raw, word.encode("utf-16-le"), word.encode("utf-16-be"), raw[::-1])
    yield from (raw.hex().encode(), raw.hex().upper().encode())
    for start in range(3):  # wherever it begins among others
        whole = base64.b64encode(b"\0" * start + raw)
        yield whole[4:-4]


def test_what_was_destroyed_is_in_no_file_in_any_form(kept, databases, purged, tmp_path):
    databases.records.forget_destroyed()
    files = [one for one in Path(tmp_path).rglob("*") if one.is_file()]
    assert any("records" in one.name for one in files)
    sought = [form for word in (NUMBER, NUMBER[1:], MAIL, ROW) for form in forms(word)]
    for file in files:
        data = file.read_bytes()
        assert not [form for form in sought if form in data], file.name


def test_a_search_of_files_finds_what_is_there(kept, tmp_path):
    """Else the one above would find nothing in anything."""
    kept.source()
    kept.add("pbx1", "call", 10, caller=NUMBER)
    stored = b"".join(one.read_bytes() for one in Path(tmp_path).rglob("*") if one.is_file())
    assert NUMBER.encode() in stored
