import threading
import zipfile

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from lea_service.custody.bundle import (
    MAX_FILE,
    MAX_FILES,
    MAX_TOTAL,
    BundleFiles,
    load_bundle_files,
)
from lea_service.custody.fsck import check_database
from lea_service.custody.models import Checkpoint, LogEntry
from lea_service.custody.note import Head, parse_head, parse_note
from lea_service.custody.policy import parse_policy
from lea_service.custody.proofs import LogProof
from lea_service.custody.queries import find_head, last_index
from lea_service.custody.service import Checkpointer
from lea_service.custody.signer import LocalSigner
from lea_service.custody.verify import (
    DAMAGED,
    DECIDERS,
    GOOD,
    NO_WITNESS,
    UNKNOWN,
    describe,
    verify_bundle,
)
from lea_service.custody.whole import check_earlier, open_whole_log
from lea_service.kernel.actors import Actor, Role, worker_actor
from lea_service.kernel.errors import (
    Conflict,
    IntegrityFailure,
    InvalidInput,
    NotFound,
    NotPermitted,
    TooLarge,
    VerificationFailed,
)
from lea_service.kernel.transactions import SYSTEM_STREAM
from lea_service.records.models import Source
from tests.support.log import ORIGIN, build_log, check_log

HANDLER = Actor("s_handler", frozenset({Role.HANDLER}))
AUDITOR = Actor("s_auditor", frozenset({Role.AUDITOR}))
ENGINEER = Actor("s_engineer", frozenset({Role.ENGINEER}))
ROOT = b"b" * 32


def source_row(tx):
    """Return an evidence row of a table that is append-only and stands alone."""
    return Source(
        id=tx.ids.new("so"),
        name=tx.ids.new("n"),
        kind="call",
        mapping="as it was",
        mapping_digest="x" * 43,
        declared_by="s_1",
        declared_at=tx.now,
    )


def record(log, *, demand=None, count=1, evidence=False):
    with log.transactions.begin(HANDLER) as tx:
        demand = demand or tx.new_stream("c")
        for _ in range(count):
            rows = [source_row(tx)] if evidence else []
            tx.session.add_all(rows)
            tx.record("demand.recorded", demand, disclose={"target": "+31612345678"}, evidence=rows)
    return demand


def problems(log):
    with log.transactions.read() as session:
        return check_database(session, log.keys, log.service.policy, log.signer).problems


def tamper(log, *statements):
    """Change rows as somebody who owns the database would: without the fence."""
    with log.transactions.database.write() as session:
        if log.transactions.database.is_sqlite:
            names = session.scalars(
                text("SELECT name FROM sqlite_master WHERE type='trigger'")
            ).all()
            saved = session.scalars(
                text("SELECT sql FROM sqlite_master WHERE type='trigger'")
            ).all()
            for name in names:
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text("SET session_replication_role = replica"))
            saved = ["SET session_replication_role = DEFAULT"]
        for statement in statements:
            assert session.execute(text(statement)).rowcount >= 1
        for statement in saved:
            session.execute(text(statement))


def test_proof_of_another_stream_is_none_for_who_reads_demands_alone(log):
    """One answer for whatever it is of: else entries of hidden demands could be counted."""
    demand = record(log)
    record(log, demand="x_system")
    log.checkpointer.publish(worker_actor())
    assert log.service.get_proof(HANDLER, log.service.list_entries(HANDLER, demand)[0].stored.idx)
    for index in (1, 999):
        with pytest.raises(NotFound, match="no such entry in the log"):
            log.service.get_proof(HANDLER, index)


def test_entry_and_row_commit_together_or_not_at_all(log):
    def fail():
        with log.transactions.begin(HANDLER) as tx:
            tx.record("demand.recorded", tx.new_stream("c"))
            raise InvalidInput("no")

    with pytest.raises(InvalidInput):
        fail()
    with log.transactions.read() as session:
        assert find_head(session) is None
    record(log)
    assert check_log(log).entries == 1


def test_streams_count_and_chain_their_entries(log):
    one = record(log, count=2)
    two = record(log)
    record(log, demand=one)
    entries = log.service.list_entries(HANDLER, one)
    assert [one.stored.n for one in entries] == [0, 1, 2, 3]
    assert [one.stored.idx for one in entries] == [0, 1, 3, 4]
    assert entries[-1].stored.event == "custody.viewed"
    assert [one.stored.n for one in log.service.list_entries(HANDLER, two)] == [0, 1]
    check_log(log)


def test_leaf_names_nobody_and_disclosure_does(log):
    demand = record(log)
    entry, _ = log.service.list_entries(AUDITOR, demand)
    assert b"31612345678" not in entry.stored.data
    assert [(one.name, one.value) for one in entry.disclosures] == [("target", "+31612345678")]


def test_destroyed_key_leaves_a_log_that_verifies(log, clock):
    demand = record(log)
    with log.transactions.database.write() as session:
        log.keys.destroy(session, demand, "file", clock.now())
    entry, _ = log.service.list_entries(AUDITOR, demand)
    assert entry.disclosures is None
    check_log(log)


def test_time_never_runs_backwards(log, clock):
    demand = record(log)
    clock.advance(seconds=-3600)
    record(log, demand=demand)
    check_log(log)


def test_unknown_event_stops_the_use_case(log):
    def fail():
        with log.transactions.begin(HANDLER) as tx:
            tx.record("demand.dreamt_up", "x_system")

    with pytest.raises(IntegrityFailure):
        fail()


def test_parallel_writers_leave_no_gap(log):
    demand = record(log)
    threads = [
        threading.Thread(target=lambda: [record(log, demand=demand) for _ in range(10)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert check_log(log).entries == 41


def test_one_look_is_entered_once_in_fifteen_minutes(log, clock):
    demand = record(log)
    for minutes, expected in ((0, 1), (14, 1), (2, 2)):
        clock.advance(seconds=minutes * 60)
        log.looks.note(HANDLER, demand, "plan")
        with log.transactions.read() as session:
            query = select(func.count()).where(LogEntry.event == "demand.viewed")
            assert session.scalar(query) == expected


def test_engineer_reads_no_demand(log):
    demand = record(log)
    with pytest.raises(NotPermitted):
        log.service.list_entries(ENGINEER, demand)
    with pytest.raises(NotPermitted):
        log.service.get_tile(HANDLER, "tile/0/000.p/1")


def test_rows_of_the_log_refuse_change(log):
    record(log)
    for statement in ("UPDATE log_entries SET event = 'x'", "DELETE FROM log_entries"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            log.transactions.database.write() as session,
        ):
            session.execute(text(statement))


TAMPERING = {
    "log_entries: entry 1": "UPDATE log_entries SET leaf = (SELECT leaf FROM log_entries WHERE idx = 0) WHERE idx = 1",
    "log_entries: entry 2": "UPDATE log_entries SET data = (SELECT data FROM log_entries WHERE idx = 1) WHERE idx = 2",
    "log_entries: entry 0: a column": "UPDATE log_entries SET event = 'demand.closed' WHERE idx = 0",
    "log_entries: entry 1: a column": "UPDATE log_entries SET stream = 'c_other' WHERE idx = 1",
    "log_head": "UPDATE log_head SET size = 2",
    "log_disclosures: entry 1": "DELETE FROM log_disclosures WHERE idx = 1",
    "log_disclosures: entry 2": "UPDATE log_disclosures SET sealed = (SELECT sealed FROM log_disclosures WHERE idx = 1) WHERE idx = 2",
    "sources: row": "UPDATE sources SET mapping = 'as it was not'",
    "sources: ": "DELETE FROM sources",
    "log_evidence: entry 0": "DELETE FROM log_evidence WHERE idx = 0",
    "checkpoints: size 3": "UPDATE checkpoints SET root = (SELECT leaf FROM log_entries WHERE idx = 0)",
}


@pytest.mark.parametrize("where", TAMPERING)
def test_every_changed_row_is_named(log, where):
    record(log, count=3, evidence=True)
    log.checkpointer.publish(worker_actor())
    assert problems(log) == []
    tamper(log, TAMPERING[where])
    assert any(problem.startswith(where) for problem in problems(log)), problems(log)


def test_disclosure_of_an_entry_that_commits_to_none_is_named(log):
    log.looks.note(HANDLER, record(log), "plan")
    with log.transactions.read() as session:
        newest = find_head(session).size - 1
    assert problems(log) == []
    copy = f"SELECT {newest}, digest, sealed FROM log_disclosures ORDER BY idx LIMIT 1"
    tamper(log, f"INSERT INTO log_disclosures (idx, digest, sealed) {copy}")
    (problem,) = problems(log)
    assert problem.startswith(f"log_disclosures: entry {newest}")


def test_missing_fence_is_named(log):
    record(log)
    database = log.transactions.database
    name = "log_entries_refuse_update" if database.is_sqlite else "log_entries_refuse_rows"
    on = "" if database.is_sqlite else " ON log_entries"
    with database.write() as session:
        session.execute(text(f"DROP TRIGGER {name}{on}"))
    assert problems(log) == [f"log_entries: of its triggers {name} is gone"]


def test_checkpoint_refuses_a_changed_entry(log):
    record(log, count=3)
    tamper(log, TAMPERING["log_entries: entry 2"])
    with pytest.raises(IntegrityFailure, match="entry 2"):
        log.checkpointer.publish(worker_actor())


def test_log_goes_on_from_what_was_signed(log):
    log.checkpointer.check_goes_on()
    record(log, count=3)
    log.checkpointer.check_goes_on()
    log.checkpointer.publish(worker_actor())
    record(log, count=2)
    log.checkpointer.check_goes_on()
    tamper(log, "DELETE FROM checkpoints")  # signed, and the worker died before it was kept
    log.checkpointer.check_goes_on()


def test_root_beside_a_checkpoint_says_nothing(log):
    """The row of another checkpoint is made that of the last one, with the root that was signed."""
    record(log, count=3)
    older = log.checkpointer.publish(worker_actor())
    record(log, count=2)
    last = log.checkpointer.publish(worker_actor())
    tamper(log, "DELETE FROM checkpoints")
    for note, said in ((older.note, "its row says"), (b"none", "not signed by this log")):
        with log.transactions.database.write() as session:
            session.add(
                Checkpoint(
                    size=last.size, root=last.root, note=note, made_at=log.transactions.clock.now()
                )
            )
        with pytest.raises(IntegrityFailure, match=said):
            log.checkpointer.check_goes_on()
        tamper(log, "DELETE FROM checkpoints")


def test_restored_backup_gets_no_second_history(log, databases, clock, ids, tmp_path):
    record(log, count=5)
    log.checkpointer.publish(worker_actor())
    tamper(log, "DELETE FROM log_disclosures", "DELETE FROM log_entries")
    tamper(log, "DELETE FROM log_head", "DELETE FROM checkpoints")
    again = build_log(databases.cases, clock, ids, tmp_path / "signer" / "state.json")
    with pytest.raises(IntegrityFailure, match="shorter"):
        again.checkpointer.check_goes_on()
    record(again, count=2)
    with pytest.raises(IntegrityFailure, match="shorter"):
        again.checkpointer.publish(worker_actor())
    record(again, count=4)
    assert "signer: signed another root for size 5" in problems(again)
    with pytest.raises(IntegrityFailure, match="not the one that was signed"):
        again.checkpointer.check_goes_on()
    with pytest.raises(IntegrityFailure, match="does not extend"):
        again.checkpointer.publish(worker_actor())


def test_signer_without_its_memory_signs_no_log_that_was_signed(log, tmp_path):
    record(log, count=5)
    log.checkpointer.publish(worker_actor())
    (tmp_path / "signer" / "state.json").unlink()
    with pytest.raises(IntegrityFailure, match="lost its memory"):
        log.checkpointer.check_goes_on()
    with pytest.raises(IntegrityFailure, match="lost its memory"):
        log.checkpointer.publish(worker_actor())
    record(log)
    with pytest.raises(IntegrityFailure, match="lost its memory"):
        log.checkpointer.publish(worker_actor())
    assert problems(log) == ["signer: lost its memory of a log that was signed"]


def test_older_memory_of_the_signer_gets_no_second_history(log, tmp_path):
    """It remembers before a checkpoint is kept, so one that is newer than its memory counts too."""
    record(log, count=5)
    log.checkpointer.publish(worker_actor())
    record(log, count=3)
    own = bytes(range(32))
    note = LocalSigner(ORIGIN, own, own, tmp_path / "before").sign(Head(ORIGIN, 8, ROOT), [], 1)
    with log.transactions.database.write() as session:
        now = log.transactions.clock.now()
        session.add(Checkpoint(size=8, root=ROOT, note=note, made_at=now))
    record(log)
    with pytest.raises(IntegrityFailure, match="not the one that was signed"):
        log.checkpointer.check_goes_on()
    with pytest.raises(IntegrityFailure, match="not the one that was signed"):
        log.checkpointer.publish(worker_actor())
    assert log.signer.last().size == 5


def test_older_memory_of_a_log_that_goes_on_is_made_up_for(log, tmp_path):
    record(log, count=5)
    log.checkpointer.publish(worker_actor())
    state = tmp_path / "signer" / "state.json"
    old = state.read_bytes()
    record(log, count=3)
    log.checkpointer.publish(worker_actor())
    state.write_bytes(old)
    record(log)
    log.checkpointer.check_goes_on()
    assert log.checkpointer.publish(worker_actor()).size == 9
    assert problems(log) == []


def test_signer_is_told_by_a_checkpoint_of_outsiders(log, tmp_path):
    """It remembers the newest that is known, from outside or here, and goes on from that."""
    worker, state = worker_actor(), tmp_path / "signer" / "state.json"
    record(log, count=5)
    outside = log.checkpointer.publish(worker).note
    record(log, count=3)
    newest = log.checkpointer.publish(worker)
    with pytest.raises(Conflict, match="never replaced"):
        log.checkpointer.tell_signer(worker, outside)
    state.unlink()
    told = log.checkpointer.tell_signer(worker, outside)
    assert (told.size, told.root) == (newest.size, newest.root)
    assert log.signer.last() == told
    log.checkpointer.check_goes_on()
    assert log.checkpointer.publish(worker).size == newest.size + 1  # that it was told
    with log.transactions.read() as session:
        last_index(session, SYSTEM_STREAM, "custody.signer_told")
    assert problems(log) == []


def test_signer_is_told_nothing_that_the_log_does_not_go_on_from(log, tmp_path):
    worker, state = worker_actor(), tmp_path / "signer" / "state.json"
    record(log, count=5)
    log.checkpointer.publish(worker)

    def sign(size, key, name):
        return LocalSigner(ORIGIN, key, key, tmp_path / name).sign(Head(ORIGIN, size, ROOT), [], 1)

    own = bytes(range(32))
    longer, wrong = sign(99, own, "longer"), sign(4, own, "wrong")
    foreign = sign(5, bytes(32), "foreign")
    state.unlink()
    for note, said in ((longer, "shorter"), (wrong, "not the one"), (foreign, "not signed by")):
        with pytest.raises(IntegrityFailure, match=said):
            log.checkpointer.tell_signer(worker, note)
        assert not state.exists()


def test_log_that_is_gone_was_signed(log):
    record(log, count=5)
    log.checkpointer.publish(worker_actor())
    tamper(log, "DELETE FROM log_disclosures", "DELETE FROM log_entries")
    tamper(log, "DELETE FROM log_head", "DELETE FROM checkpoints")
    assert "signer: signed 5 entries, the log holds 0" in problems(log)


def test_signer_never_signs_two_roots_for_one_size(tmp_path):
    signer = LocalSigner("o.example/l", bytes(32), bytes(32), tmp_path / "state")
    signer.sign(Head("o.example/l", 1, b"a" * 32), [], 1)
    signer.sign(Head("o.example/l", 1, b"a" * 32), [], 2)
    for head in (Head("o.example/l", 1, b"b" * 32), Head("x.example/l", 1, b"a" * 32)):
        with pytest.raises(IntegrityFailure):
            signer.sign(head, [], 3)


def test_damaged_memory_of_the_signer_stops_it(tmp_path):
    state = tmp_path / "state"
    signer = LocalSigner("o.example/l", bytes(32), bytes(32), state)
    signer.sign(Head("o.example/l", 1, b"a" * 32), [], 1)
    state.write_text("{")
    with pytest.raises(IntegrityFailure):
        signer.last()


def test_proof_verifies_offline_with_the_policy_alone(log):
    demand = record(log)
    record(log, count=300)
    log.checkpointer.publish(worker_actor())
    proof = LogProof.parse(log.service.get_proof(AUDITOR, 0).format())
    entry = log.service.list_entries(AUDITOR, demand)[0]
    policy = parse_policy(log.service.policy.format())
    assert proof.verify(entry.stored.data, policy).size == 301
    with pytest.raises(VerificationFailed):
        proof.verify(entry.stored.data + b" ", policy)
    with pytest.raises(VerificationFailed):
        LogProof(1, proof.path, proof.checkpoint).verify(entry.stored.data, policy)


def bundle(log, tmp_path, stream=None):
    return dict(load_bundle_files(export(log, tmp_path / "bundle.zip", stream)))


def export(log, path, stream=None):
    log.checkpointer.publish(worker_actor())
    with path.open("wb") as file:
        log.service.export(AUDITOR, stream).write_zip(file)
    return path


@pytest.mark.parametrize("narrow", [True, False])
def test_exported_bundle_is_good(log, tmp_path, narrow):
    demand = record(log, count=3)
    record(log, count=600)
    report = verify_bundle(bundle(log, tmp_path, demand if narrow else None), log.service.policy)
    assert report.problems == []
    assert report.verdict == GOOD
    assert report.entries == (3 if narrow else 603)
    assert b"31612345678" not in b"".join(bundle(log, tmp_path).values())


def swap(files, one, two):
    files[one], files[two] = files[two], files[one]


NARROW_DAMAGE = [
    lambda files: files.pop("entries/000001.json"),
    lambda files: files.pop("entries/000002.tlog-proof"),
    lambda files: files.update(
        {"entries/000001.json": files["entries/000001.json"].replace(b"recorded", b"refused")}
    ),
    lambda files: swap(files, "entries/000000.json", "entries/000001.json"),
    lambda files: [files.pop(f"entries/000000.{end}") for end in ("json", "tlog-proof")],
    lambda files: files.update(
        {"disclosures.jsonl": files["disclosures.jsonl"].replace(b'"n": 1', b'"n": 2')}
    ),
    lambda files: files.update({"disclosures.jsonl": b"{}\n"}),
    lambda files: files.update({"zz.json": files["entries/000001.json"]}),
    lambda files: files.update({"entries/000009.tlog-proof": files["entries/000001.tlog-proof"]}),
]


@pytest.mark.parametrize("damage", range(len(NARROW_DAMAGE)))
def test_damaged_narrow_bundle_is_found(log, tmp_path, damage):
    files = bundle(log, tmp_path, record(log, count=3))
    NARROW_DAMAGE[damage](files)
    assert verify_bundle(files, log.service.policy).verdict == DAMAGED


def test_narrow_bundle_never_claims_to_be_all(log, tmp_path):
    stream = record(log, count=3)
    files = bundle(log, tmp_path, stream)
    for end in ("json", "tlog-proof"):
        files.pop(f"entries/000002.{end}")
    lines = files["disclosures.jsonl"].splitlines(keepends=True)
    files["disclosures.jsonl"] = b"".join(lines[:2])
    said = describe(verify_bundle(files, log.service.policy))
    assert f"good: the first 2 entries of {stream} under a log of 3" in said
    assert "whether more follow only the whole log tells" in said


def test_good_bundle_says_what_it_does_not_show(log, tmp_path):
    stream = record(log)
    policy = log.service.policy
    assert verify_bundle(bundle(log, tmp_path, stream), policy).open == [NO_WITNESS]
    assert verify_bundle(bundle(log, tmp_path), policy).open == [NO_WITNESS]
    with log.transactions.begin(HANDLER) as tx:
        tx.record("approval.decided", stream)
    files = bundle(log, tmp_path, stream)
    assert verify_bundle(files, policy).open == [DECIDERS, NO_WITNESS]
    files.pop("entries/000000.json")
    assert verify_bundle(files, policy).open == []


def test_whole_log_is_opened_only_when_it_is_good(log, tmp_path):
    stream = record(log, count=300)
    files, policy = bundle(log, tmp_path), log.service.policy
    whole = open_whole_log(files, policy)
    assert [entry["n"] for _, entry in whole.iter_entries()] == list(range(300))
    check_earlier(whole.leaves(), Head(whole.head.origin, 1, whole.leaves()[0]), whole.head)
    with pytest.raises(VerificationFailed, match="another history"):
        check_earlier(whole.leaves(), Head(whole.head.origin, 1, bytes(32)), whole.head)
    with pytest.raises(VerificationFailed, match="not a bundle of the whole log"):
        open_whole_log(bundle(log, tmp_path, stream), policy)
    files.pop("tile/0/000")
    with pytest.raises(VerificationFailed, match="tile/0/000"):
        open_whole_log(files, policy)


WHOLE_DAMAGE = [
    lambda files: files.pop("tile/0/000"),
    lambda files: files.pop("tile/entries/000"),
    lambda files: files.update({"tile/1/000.p/1": bytes(32)}),
    lambda files: files.update(
        {"tile/entries/000": files["tile/entries/000"].replace(b"recorded", b"refused!")}
    ),
    lambda files: files.update({"tile/0/001": b""}),
    lambda files: files.update({"checkpoint": files["checkpoint"].replace(b"\n300\n", b"\n299\n")}),
]


@pytest.mark.parametrize("damage", range(len(WHOLE_DAMAGE)))
def test_damaged_whole_bundle_is_found(log, tmp_path, damage):
    record(log, count=300)
    files = bundle(log, tmp_path)
    WHOLE_DAMAGE[damage](files)
    assert verify_bundle(files, log.service.policy).verdict == DAMAGED


def write_bomb(path):
    """Write a small archive in which one file unpacks to more than any of ours."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("checkpoint", bytes(MAX_FILE + 1))
    return path


def test_file_that_unpacks_too_far_is_named(log, tmp_path):
    files = load_bundle_files(write_bomb(tmp_path / "bomb.zip"))
    report = verify_bundle(files, log.service.policy)
    assert report.problems == ["checkpoint: checkpoint: a file of a bundle has at most 32 MiB"]


@pytest.mark.parametrize(
    "sizes", [{"a": MAX_TOTAL, "b": 1}, {str(n): 0 for n in range(MAX_FILES + 1)}]
)
def test_bundle_beyond_any_log_is_refused(sizes):
    with pytest.raises(TooLarge):
        BundleFiles(sizes, lambda name, limit: b"")


def test_damaged_member_is_named(log, tmp_path):
    record(log)
    path = tmp_path / "bundle.zip"
    data = bytearray(export(log, path).read_bytes())
    data[data.index(b"demand.recorded")] ^= 1
    path.write_bytes(data)
    report = verify_bundle(load_bundle_files(path), log.service.policy)
    assert "tile/entries/000.p/1: cannot be read, it is damaged" in report.problems[0]


def test_empty_bundle_is_never_good(log):
    assert verify_bundle({"policy": b""}, log.service.policy).verdict == UNKNOWN


def test_bundle_of_another_log_is_refused(log, tmp_path):
    files = bundle(log, tmp_path, record(log))
    other = LocalSigner("lawful.example/custody/2026", bytes(32), bytes(32), tmp_path / "other")
    policy = parse_policy(
        "".join(f"log {key.format()}\n" for key in other.verifier_keys) + "quorum none\n"
    )
    assert verify_bundle(files, policy).verdict == DAMAGED


def test_checkpoints_extend_each_other(log):
    sizes = []
    for _ in range(5):
        record(log, count=70)
        sizes.append(log.checkpointer.publish(worker_actor()).size)
    assert sizes == [70, 140, 210, 280, 350]
    assert log.checkpointer.publish(worker_actor()).size == 350
    head = parse_head(parse_note(log.checkpointer.publish(worker_actor()).note).text)
    assert head.size == 350
    check_log(log)


def test_checkpoint_that_was_overtaken_is_no_fault(log, monkeypatch):
    record(log)
    slow, fast = (Checkpointer(log.transactions, log.signer) for _ in range(2))
    recompute = slow._recompute

    def be_overtaken(session, head):
        monkeypatch.setattr(slow, "_recompute", recompute)
        recompute(session, head)
        record(log)
        assert fast.publish(worker_actor()).size > head.size

    monkeypatch.setattr(slow, "_recompute", be_overtaken)
    assert slow.publish(worker_actor()) == fast.publish(worker_actor())
    check_log(log)
