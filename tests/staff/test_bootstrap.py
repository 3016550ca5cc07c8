import pytest

from lea_service.kernel.errors import Conflict, IntegrityFailure, InvalidInput, Unavailable
from lea_service.staff import bootstrap as bootstrap_module
from lea_service.staff.bootstrap import bootstrap
from lea_service.staff.queries import check_root, has_accounts, load_history
from lea_service.staff.root import load_root
from tests.support.log import check_log
from tests.support.staff import clearances, founders, new_key


@pytest.fixture
def keys():
    return {name: new_key(name) for name in ("admin1", "overseer1")}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "staff-root.json"


def test_founders_stand_in_file_and_log(log, keys, path, clock):
    made = bootstrap(log.transactions, path, *founders(keys))
    assert load_root(path) == made.root
    assert path.stat().st_mode & 0o777 == 0o444
    with log.transactions.read() as session:
        check_root(session, made.root)
        history = load_history(session, made.root)
    roles = [history.roles(founder.account, clock.now()) for founder in made.root.founders]
    assert roles == [{"administrator"}, {"overseer"}]
    check_log(log)


def test_second_bootstrap_is_refused(log, keys, path):
    bootstrap(log.transactions, path, *founders(keys))
    with pytest.raises(Conflict):
        bootstrap(log.transactions, path, *founders(keys))
    path.unlink()
    with pytest.raises(Conflict):
        bootstrap(log.transactions, path, *founders(keys))


def test_crash_after_file_is_recovered(log, keys, path, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(bootstrap_module, "_open", crash)
        with pytest.raises(KeyboardInterrupt):
            bootstrap(log.transactions, path, *founders(keys))
    pinned = load_root(path)
    with log.transactions.read() as session:
        assert not has_accounts(session)
    log.transactions.clock.advance(hours=1)
    made = bootstrap(log.transactions, path, *founders(keys))
    assert made.root == pinned
    with log.transactions.read() as session:
        check_root(session, pinned)
    check_log(log)


def test_file_of_others_is_not_taken(log, keys, path):
    with log.transactions.read() as session:
        assert not has_accounts(session)
    others = {name: new_key(f"other {name}") for name in keys}
    people = founders(others)
    root = bootstrap_module._pin(
        path,
        tuple(people),
        log.transactions.index,
        log.transactions.ids,
        log.transactions.clock.now(),
    )
    with pytest.raises(Conflict):
        bootstrap(log.transactions, path, *founders(keys))
    assert load_root(path) == root


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"format":"lea.staff-root/1"'])
def test_damaged_file_stops_the_bootstrap(log, keys, path, damage):
    path.parent.mkdir()
    path.write_bytes(damage)
    with pytest.raises(IntegrityFailure):
        bootstrap(log.transactions, path, *founders(keys))
    assert path.read_bytes() == damage


def test_missing_file_says_what_to_run(path):
    with pytest.raises(Unavailable, match="lea staff bootstrap"):
        load_root(path)


@pytest.mark.parametrize(
    "changes", [{"login": "same"}, {"personnel_number": "n-1"}, {"key": None}], ids=str
)
def test_founders_are_two_people(log, keys, path, changes):
    if "key" in changes:
        keys["overseer1"], changes = keys["admin1"], {}
    with pytest.raises(InvalidInput):
        bootstrap(log.transactions, path, *founders(keys, **changes))
    assert not path.exists()


def test_founders_must_be_cleared_today(log, keys, path):
    with pytest.raises(InvalidInput, match="clearances"):
        bootstrap(log.transactions, path, *founders(keys, clearances=clearances(end="2026-11-23")))
    assert not path.exists()
