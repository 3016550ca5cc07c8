"""A backup holds everything, shows nothing, and comes back whole or not at all."""

import errno
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from lea_service.cli import main
from lea_service.custody.fsck import check_database
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.crypto import LocalKeyEncryption
from lea_service.kernel.database import CaseBase, RecordBase
from lea_service.kernel.errors import Conflict, IntegrityFailure, InvalidInput, Unavailable
from lea_service.kernel.keystore import load_keystore
from lea_service.kernel.migration import CASES, RECORDS, upgrade
from lea_service.kernel.sealed_file import SegmentWriter
from lea_service.retention.backups.archive import ArchiveReader, ArchiveWriter
from lea_service.retention.backups.restore import check_archive, restore_database
from tests.retention.test_recovery import copy_store
from tests.retention.test_recovery import put_back as put_old
from tests.support.engines import ANY_ENGINE
from tests.support.retention import ground_request, rule_request
from tests.support.service import OTHER, PHONE

WORKER = worker_actor()


def create(whole):
    """Make a backup of a log that is signed to its end, as a service that ended leaves it."""
    whole.services.custody.checkpointer.publish(WORKER)
    made = whole.services.backups.create(WORKER, whole.folder / "backups")
    return made, whole.folder / "backups" / made.id


def open_archive(whole, path):
    store = load_keystore(whole.settings.keys_dir)
    return ArchiveReader(path, LocalKeyEncryption(store.key_encryption))


def rows_of(database, metadata):
    """Return every row of every table, as texts that can be compared."""
    with database.read() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in metadata.sorted_tables
        }


def put_back(archive, services):
    restore_database(archive, CASES, services.cases)
    restore_database(archive, RECORDS, services.records)
    return archive.put_files(services.settings.sealed_folders)


def test_everything_comes_back_and_the_log_vouches_for_it(whole, elsewhere):
    whole.source()
    whole.calls(12)
    package = whole.package(whole.delivered())
    receiver = whole.sign_in()
    held = rows_of(whole.services.records, RecordBase.metadata)
    _, path = create(whole)
    archive = open_archive(whole, path)
    check_archive(archive)
    services, _ = elsewhere()
    assert put_back(archive, services) > 0
    assert rows_of(services.records, RecordBase.metadata) == held
    there, here = (rows_of(one.cases, CaseBase.metadata) for one in (services, whole.services))
    (made,) = here.pop("backups_made")
    assert there.pop("backups_made") == []
    assert made.startswith("('bk_")
    differing = {name for name, rows in here.items() if rows != there[name]}
    assert differing == {"log_entries", "log_evidence", "log_head"}  # that it was made
    services.custody.checkpointer.check_goes_on()
    with services.transactions.read() as session:
        checked = check_database(session, services.keys, services.custody.policy, services.signer)
    assert checked.problems == []
    whole.services = services
    assert whole.fetch(receiver, package).startswith(b"\x30")


@ANY_ENGINE
def test_backup_of_one_engine_comes_back_on_the_other(whole, elsewhere, postgres):
    whole.source()
    whole.calls(5)
    whole.decided()
    _, path = create(whole)
    urls = {name: postgres.create_database() for name in ("cases", "records")}
    services, _ = elsewhere(**urls)
    put_back(open_archive(whole, path), services)
    with services.transactions.read() as session:
        checked = check_database(session, services.keys, services.custody.policy, services.signer)
    assert checked.problems == []
    services.dispose()
    for url in urls.values():
        postgres.drop_database(url)


@ANY_ENGINE
def test_nothing_of_it_can_be_read_without_the_keys(whole):
    whole.source()
    whole.calls(3)
    whole.delivered()
    _, path = create(whole)
    stored = b"".join(one.read_bytes() for one in path.rglob("*") if one.is_file())
    for words in (PHONE, OTHER, "Anna de Vries", "call_records"):
        for form in (words.encode(), words.encode("utf-16-le"), words.encode().hex().encode()):
            assert form not in stored
    store = load_keystore(whole.settings.keys_dir)
    with pytest.raises(IntegrityFailure):
        ArchiveReader(path, LocalKeyEncryption(store.index))


@ANY_ENGINE
def test_damage_anywhere_is_found_and_nothing_is_put_back(whole, elsewhere):
    whole.source()
    whole.calls(3)
    whole.delivered()
    _, path = create(whole)
    services, _ = elsewhere()
    for file in sorted(one for one in path.rglob("*") if one.is_file()):
        good = file.read_bytes()
        for damaged in (good[:-1], good[:-1] + bytes([good[-1] ^ 1]), good[: len(good) // 2]):
            if file.name == "head.json" and damaged == good[:-1]:
                continue  # the line end says nothing
            file.write_bytes(damaged)
            with pytest.raises((IntegrityFailure, InvalidInput)):
                check_archive(open_archive(whole, path))
        file.write_bytes(good)
    records = path / "records.lea"
    good = records.read_bytes()
    records.write_bytes((path / "cases.lea").read_bytes())
    with pytest.raises(IntegrityFailure):
        restore_database(open_archive(whole, path), RECORDS, services.records)
    records.write_bytes(good)
    with services.records.read() as session:
        for table in RecordBase.metadata.sorted_tables:
            assert session.scalar(select(func.count()).select_from(table)) == 0


@ANY_ENGINE
@pytest.mark.parametrize("name", ["begun_at", "expires_at"])
def test_rewritten_date_is_damage(whole, environ, name):
    """It can be read without the key, and is shown as what was verified."""
    _, path = create(whole)
    head = json.loads((path / "head.json").read_text())
    head[name] = "2099-01-01T00:00:00.000000Z"
    (path / "head.json").write_text(json.dumps(head))
    done = CliRunner(env=environ).invoke(main, ["backup", "verify", str(path)])
    assert (done.exit_code, "other dates" in done.output) == (4, True)


@ANY_ENGINE
def test_file_that_is_changed_while_it_is_put_back_is_not_put(whole, elsewhere):
    whole.source()
    whole.calls(3)
    whole.delivered()
    _, path = create(whole)
    archive = open_archive(whole, path)
    check_archive(archive)
    package = next(one for one in (path / "packages").rglob("*") if one.is_file())
    package.write_bytes(package.read_bytes()[:-1])
    services, _ = elsewhere()
    folders = services.settings.sealed_folders
    with pytest.raises(IntegrityFailure, match="not as it was"):
        archive.put_files(folders)
    there = folders["packages"]
    assert not [one for one in there.rglob("*") if one.is_file() and package.stem in one.name]


@ANY_ENGINE
def test_nothing_is_ever_overwritten(whole):
    _, path = create(whole)
    archive = open_archive(whole, path)
    with pytest.raises(Conflict, match="not empty"):
        restore_database(archive, CASES, whole.services.cases)


@ANY_ENGINE
def test_store_of_a_backup_that_these_cases_did_not_make_is_not_taken(whole, environ, elsewhere):
    _, path = create(whole)
    services, _ = elsewhere()
    put_back(open_archive(whole, path), services)
    other = services.backups.create(WORKER, whole.folder / "others")
    whole.services.records.dispose()
    for file in Path(whole.folder).glob("records.db*"):
        file.unlink()
    restored = whole.folder / "others" / other.id
    done = CliRunner(env=environ).invoke(main, ["backup", "restore", str(restored), "--records"])
    assert done.exit_code == 70, done.output
    assert "the log of these cases knows" in done.output


@ANY_ENGINE
def test_a_load_that_broke_off_is_begun_again(whole, elsewhere):
    whole.source()
    whole.calls(3)
    _, path = create(whole)
    services, _ = elsewhere()
    upgrade(services.records, RECORDS)
    put_back(open_archive(whole, path), services)
    assert rows_of(services.records, RecordBase.metadata)["call_records"] != []


@ANY_ENGINE
def test_what_lies_beside_backups_is_never_removed_with_them(whole, clock):
    _, path = create(whole)
    clock.advance(days=30)
    top = path.parent
    (top / "head.json").write_bytes((path / "head.json").read_bytes())
    with pytest.raises(InvalidInput, match="its id as its name"):
        whole.services.backups.remove(WORKER, top)
    assert path.is_dir()


@ANY_ENGINE
def test_fences_stand_again_after_a_restore(whole, elsewhere):
    whole.source()
    _, path = create(whole)
    services, _ = elsewhere()
    put_back(open_archive(whole, path), services)
    with services.transactions.read() as session:
        checked = check_database(session, services.keys, services.custody.policy, services.signer)
    assert checked.problems == []


@ANY_ENGINE
def test_full_disk_leaves_nothing_and_is_entered(whole, monkeypatch):
    def full(_self, _data):
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(SegmentWriter, "write", full)
    with pytest.raises(OSError, match="no space"):
        create(whole)
    assert list((whole.folder / "backups").iterdir()) == []
    (one,) = whole.services.backups.list()
    assert one.made_at is None
    assert one.removed_at is not None


@ANY_ENGINE
def test_backup_lives_until_its_day_and_is_missed_after(whole, clock):
    made, path = create(whole)
    assert made.expires_at == made.begun_at + timedelta(days=30)
    with pytest.raises(Conflict, match="past its day"):
        whole.services.backups.remove(WORKER, path)
    assert path.is_dir()
    clock.advance(days=30)
    for _ in range(2):
        whole.services.backups.remind(lambda: whole.services.transactions.begin(WORKER))
    assert whole.alarms() == [made.id]
    assert whole.services.backups.remove(WORKER, path).removed_at is not None
    assert not path.exists()
    clock.advance(days=1)
    whole.services.backups.remind(lambda: whole.services.transactions.begin(WORKER))
    assert whole.alarms() == [made.id]
    events = [one for one in whole.events("x_system") if one.startswith("backup.")]
    assert events == ["backup.begun", "backup.made", "backup.removed"]


@ANY_ENGINE
def test_purge_says_until_when_a_backup_may_hold_its_rows(whole, clock):
    whole.source()
    whole.calls(3)
    engineer = whole.actor("engineer1")
    made, path = create(whole)
    whole.house.approve("retention.rule", rule_request(term=1, unit="days"))
    clock.advance(days=1)
    whole.services.retention.purge(WORKER)
    clock.advance(seconds=60)
    create(whole)  # holds nothing of them any more
    (purge,) = whole.services.retention.list_purges(engineer, None, 10)
    assert purge.copies_until == made.expires_at
    clock.advance(days=30)
    whole.services.backups.remove(WORKER, path)
    (purge,) = whole.services.retention.list_purges(engineer, None, 10)
    assert purge.copies_until is None


def purge_after_copying(whole, clock):
    """Have three calls purged; returns their store, and a copy of it from before."""
    whole.source()
    whole.calls(3)
    kept = SimpleNamespace(databases=SimpleNamespace(records=whole.services.records))
    old = copy_store(kept)
    whole.house.approve("retention.rule", rule_request(term=1, unit="days"))
    clock.advance(days=1)
    whole.services.retention.purge(WORKER)
    return kept, old


@ANY_ENGINE
def test_no_backup_is_made_of_an_older_copy_of_the_store(whole, clock):
    """It would hold what was destroyed, and no purge would say so."""
    kept, old = purge_after_copying(whole, clock)
    clock.advance(days=2)
    put_old(kept, old)
    with pytest.raises(Unavailable, match="lea retention purge"):
        create(whole)
    assert whole.services.backups.list() == []
    whole.services.retention.purge(WORKER)
    _, path = create(whole)
    assert open_archive(whole, path).contents.tables[RECORDS]["call_records"] == 0


@ANY_ENGINE
def test_no_backup_is_kept_of_a_store_that_an_older_copy_took_the_place_of(
    whole, clock, monkeypatch
):
    kept, old = purge_after_copying(whole, clock)
    write_rows = ArchiveWriter.write_rows

    def write(self, line, session, metadata):
        found = write_rows(self, line, session, metadata)
        if line == CASES:
            put_old(kept, old)
        return found

    monkeypatch.setattr(ArchiveWriter, "write_rows", write)
    with pytest.raises(Unavailable, match="an older copy"):
        create(whole)
    assert list((whole.folder / "backups").iterdir()) == []


def run(environ, *words, code=0):
    done = CliRunner(env=environ).invoke(main, [*map(str, words), "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout) if done.stdout else None


@ANY_ENGINE
def test_at_the_terminal(whole, environ, elsewhere):
    whole.source()
    whole.calls(3)
    whole.services.custody.checkpointer.publish(WORKER)
    top = whole.folder / "backups"
    made = run(environ, "backup", "create", top)
    assert run(environ, "backup", "list")[0]["id"] == made["id"]
    held = run(environ, "backup", "verify", top / made["id"])
    assert held["backup"] == made["id"]
    _, there = elsewhere()
    told = run(there, "backup", "restore", top / made["id"])
    assert told["doubts"] == []
    assert told["entries checked"] >= held["log_size"]
    assert (told["purges repeated"], told["imports lost"]) == ([], [])


def cut_short(file):
    file.write_bytes(file.read_bytes()[:-1])


def change(file):
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))


def empty(file):
    file.write_bytes(b"")


@ANY_ENGINE
@pytest.mark.parametrize("damage", [cut_short, change, empty, Path.unlink])
def test_damaged_backup_does_not_verify(whole, environ, damage):
    _, path = create(whole)
    for name in ("cases.lea", "contents.lea"):
        kept = (path / name).read_bytes()
        damage(path / name)
        done = CliRunner(env=environ).invoke(main, ["backup", "verify", str(path)])
        assert (name, done.exit_code) == (name, 4), done.output
        (path / name).write_bytes(kept)


@ANY_ENGINE
def test_backup_makes_no_folder_where_no_disk_is(whole, environ):
    top = whole.folder / "mnt" / "backups"
    done = CliRunner(env=environ).invoke(main, ["backup", "create", str(top)])
    assert done.exit_code == 2
    assert f"there is no folder {top.parent}: is its disk mounted?" in done.output
    assert not top.parent.exists()


@ANY_ENGINE
def test_older_cases_than_the_signer_remembers_answer_nothing(whole, environ, elsewhere):
    top = whole.folder / "backups"
    whole.services.custody.checkpointer.publish(WORKER)
    made = run(environ, "backup", "create", top)
    whole.source()
    whole.services.custody.checkpointer.publish(WORKER)
    _, there = elsewhere()
    done = CliRunner(env=there).invoke(main, ["backup", "restore", str(top / made["id"])])
    assert done.exit_code == 4
    assert "the log is shorter than what was signed" in done.output


@ANY_ENGINE
def test_older_store_is_purged_anew_before_the_command_ends(whole, environ, clock):
    whole.source()
    whole.calls(3)
    _, path = create(whole)
    whole.house.approve("retention.rule", rule_request(term=1, unit="days"))
    (purge,) = whole.services.retention.purge(WORKER)
    assert purge.rows == 3
    whole.services.records.dispose()
    for file in Path(whole.folder).glob("records.db*"):
        file.unlink()
    told = run(environ, "backup", "restore", path, "--records")
    assert told["doubts"] == []
    assert told["purges repeated"] == [purge.id]
    assert rows_of(whole.services.records, RecordBase.metadata)["call_records"] == []


@ANY_ENGINE
def test_nothing_is_answered_from_a_backup_without_the_memory_of_the_signer(
    whole, elsewhere, clock
):
    """What was destroyed since is in it, and nobody here can tell that anything was."""
    whole.source()
    whole.calls(3)
    _, path = create(whole)
    whole.house.approve("retention.rule", rule_request(term=1, unit="days"))
    clock.advance(days=1)
    whole.services.retention.purge(WORKER)
    newest = whole.services.custody.checkpointer.publish(WORKER)
    services, there = elsewhere()
    services.settings.signer_state.unlink()
    told = run(there, "backup", "restore", path, code=4)
    assert "lost its memory" in told["doubts"][0]
    with pytest.raises(IntegrityFailure, match="lost its memory"):
        services.custody.checkpointer.publish(WORKER)
    outside = whole.folder / "checkpoint"
    outside.write_bytes(newest.note)
    run(there, "backup", "tell-signer", outside, code=5)
    refused = CliRunner(env=there).invoke(
        main, ["backup", "tell-signer", str(outside), "--yes"]
    )  # it is of a longer log
    assert (refused.exit_code, "shorter" in refused.output) == (70, True)


@ANY_ENGINE
def test_signer_without_a_memory_goes_on_from_a_checkpoint_of_outsiders(whole, elsewhere):
    whole.source()
    outside = whole.folder / "checkpoint"
    outside.write_bytes(whole.services.custody.checkpointer.publish(WORKER).note)
    _, path = create(whole)
    services, there = elsewhere()
    services.settings.signer_state.unlink()
    run(there, "backup", "restore", path, code=4)
    told = run(there, "backup", "tell-signer", outside, "--yes")
    assert told["doubts"] == []
    assert services.custody.checkpointer.publish(WORKER).size > told["signed"]
    run(there, "backup", "tell-signer", outside, "--yes", code=5)


@ANY_ENGINE
def test_no_backup_before_anything_was_signed(whole):
    with pytest.raises(Unavailable, match="nothing of the log was signed yet"):
        whole.services.backups.create(WORKER, whole.folder / "backups")
    assert whole.services.backups.list() == []


@ANY_ENGINE
def test_older_store_keeps_what_an_approved_plan_selects(whole, environ):
    whole.source()
    whole.calls(3)
    _, path = create(whole)
    whole.house.approve("retention.rule", rule_request(term=1, unit="days"))
    whole.house.approve("retention.ground", ground_request())
    whole.services.retention.purge(WORKER)
    whole.decided(past_term="kept_for_dispute")
    whole.services.records.dispose()
    for file in Path(whole.folder).glob("records.db*"):
        file.unlink()
    run(environ, "backup", "restore", path, "--records")
    assert len(rows_of(whole.services.records, RecordBase.metadata)["call_records"]) == 3
