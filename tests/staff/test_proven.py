"""A token or a role that stands in the tables only opens nothing, and people hear of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lea_service.kernel.actors import worker_actor
from lea_service.kernel.canonical import encode_b64url as encode
from lea_service.kernel.errors import NotAuthenticated
from lea_service.kernel.jobs import Job
from lea_service.staff.audit import check_staff
from lea_service.staff.models import Account, ApiToken, RoleGrant
from lea_service.staff.tokens import digest_token
from tests.staff.attacker import SERVICE, Attacker
from tests.staff.edge import build_staff
from tests.staff.test_delegations import lend
from tests.support.counted import count_statements
from tests.support.log import check_log

SECRET = "lea_s_" + "x" * 43


@pytest.fixture
def attacker(house):
    return Attacker(house)


@pytest.fixture
def new(house, staff):
    """A token of handler1, that nobody came in by yet."""
    return staff.issue_token(house.actor("handler1"), "import")


def alarms(log):
    with log.transactions.read() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "notice.send"))
        return [job.args["about"] for job in jobs if job.args["template"] == "alarm"]


def write(log, change):
    with log.transactions.database.write() as session:
        change(session)


def insert(session, account, now):
    session.add(
        ApiToken(
            id="tk_1",
            account_id=account,
            secret_digest=digest_token(SECRET),
            label="x",
            created_at=now,
            expires_at=now + timedelta(days=1),
        )
    )


def grant(session, account, like):
    row = session.scalars(select(RoleGrant).where(RoleGrant.account_id == like)).one()
    kept = {column.key: getattr(row, column.key) for column in RoleGrant.__table__.columns}
    session.add(RoleGrant(**kept | {"id": "rg_1", "account_id": account}))


def test_slipped_in_token_lets_nobody_in(house, staff, log, clock):
    write(log, lambda session: insert(session, house.id("handler1"), clock.now()))
    for _ in range(2):
        with pytest.raises(NotAuthenticated):
            staff.authenticate(SECRET)
    assert alarms(log) == ["tk_1"]


def test_stranger_who_tries_again_keeps_no_writer_waiting(house, staff, log, clock, monkeypatch):
    """After the alarm of the day nothing is written any more."""
    write(log, lambda session: insert(session, house.id("handler1"), clock.now()))
    with pytest.raises(NotAuthenticated):
        staff.authenticate(SECRET)
    with monkeypatch.context() as patched:
        patched.setattr(log.transactions, "begin", None)
        with pytest.raises(NotAuthenticated):
            staff.authenticate(SECRET)
    assert alarms(log) == ["tk_1"]


def prolong(row, house):
    row.expires_at += timedelta(days=1)


def move(row, house):
    row.account_id = house.id("approver1")


def exchange(row, house):
    row.secret_digest = digest_token(SECRET)


@pytest.mark.parametrize("change", [prolong, move, exchange])
@pytest.mark.parametrize("is_known", [True, False])
def test_changed_token_lets_nobody_in(house, staff, log, clock, new, change, is_known):
    if is_known:
        staff.authenticate(new.token)
    write(log, lambda session: change(session.get(ApiToken, new.id), house))
    with pytest.raises(NotAuthenticated):
        staff.authenticate(SECRET if change is exchange else new.token)
    with log.transactions.read() as session:
        found = check_staff(session, house.load_root(), clock.now())
    assert found == [f"api_tokens: {new.id} was issued by nobody"]


def test_token_of_an_earlier_version_lets_in(house, staff, log, clock):
    now, account = clock.now(), house.id("handler1")
    write(log, lambda session: insert(session, account, now))
    with log.transactions.begin(house.actor("handler1")) as tx:
        facts = {"token": "tk_1", "digest": encode(digest_token(SECRET))}
        tx.record("staff.token_issued", account, facts=facts)
    assert staff.authenticate(SECRET).roles == {"handler"}
    with log.transactions.read() as session:
        assert check_staff(session, house.load_root(), clock.now()) == []


def test_token_entered_by_somebody_else_lets_nobody_in(house, staff, log, clock):
    account = house.id("handler1")
    write(log, lambda session: insert(session, account, clock.now()))
    with log.transactions.begin(SERVICE) as tx:
        facts = {"token": "tk_1", "digest": encode(digest_token(SECRET))}
        tx.record("staff.token_issued", account, facts=facts)
    with pytest.raises(NotAuthenticated):
        staff.authenticate(SECRET)


@pytest.mark.parametrize("is_known", [True, False])
def test_ended_token_does_not_come_back(house, staff, log, new, is_known):
    if is_known:
        staff.authenticate(new.token)
    staff.revoke_token(house.actor("handler1"), new.id)
    write(log, lambda session: setattr(session.get(ApiToken, new.id), "revoked_at", None))
    with pytest.raises(NotAuthenticated):
        staff.authenticate(new.token)


@pytest.mark.parametrize("is_lifted", [True, False])
def test_suspended_person_does_not_come_back(house, staff, log, clock, new, is_lifted):
    staff.authenticate(new.token)
    account = house.id("handler1")
    staff.suspend(house.actor("overseer1"), account, "key_lost")
    if is_lifted:
        clock.advance(seconds=1)
        house.approve("staff.lift", {"account": account}, "admin1", "overseer1")

    def undo(session):
        session.get(ApiToken, new.id).revoked_at = None
        row = session.get(Account, account)
        row.suspension_id = row.suspended_at = None

    write(log, undo)
    with pytest.raises(NotAuthenticated):
        staff.authenticate(new.token)


def test_new_token_of_a_suspended_person_has_no_role(house, staff, log, clock):
    account = house.id("handler1")
    staff.suspend(house.actor("overseer1"), account, "key_lost")

    def undo(session):
        row = session.get(Account, account)
        row.suspension_id = row.suspended_at = None

    write(log, undo)
    clock.advance(seconds=1)
    new = staff.issue_token(house.actor("handler1"), "import")
    assert staff.authenticate(new.token).roles == frozenset()


@pytest.mark.parametrize("is_known", [True, False])
def test_slipped_in_role_leaves_no_role(house, staff, log, clock, is_known):
    new = staff.issue_token(house.actor("engineer1"), "import")
    if is_known:
        assert staff.authenticate(new.token).roles == {"engineer"}
    write(log, lambda session: grant(session, house.id("engineer1"), house.id("handler1")))
    for _ in range(2):
        assert staff.authenticate(new.token).roles == frozenset()
    assert alarms(log) == [new.id]


def test_lent_role_counts_and_ends(house, staff, clock, new, log):
    lend(house, "handler1", end=72)
    clock.advance(seconds=1)
    assert staff.authenticate(new.token).roles == {"handler", "approver"}
    clock.advance(days=3)
    assert staff.authenticate(new.token).roles == {"handler"}
    assert alarms(log) == []
    check_log(log)


def test_lender_whose_role_is_slipped_in_lends_none(house, staff, clock, new, log):
    lend(house, "handler1", end=72)
    clock.advance(seconds=1)
    write(log, lambda session: grant(session, house.id("approver1"), house.id("handler1")))
    assert staff.authenticate(new.token).roles == frozenset()


def test_changes_of_two_count_at_once(house, staff, clock, new, log):
    assert staff.authenticate(new.token).roles == {"handler"}
    clock.advance(seconds=1)
    asked = {"account": house.id("handler1"), "roles": ["engineer"]}
    house.approve("staff.roles", asked, "admin1", "overseer1")
    assert staff.authenticate(new.token).roles == {"engineer"}
    assert alarms(log) == []


def test_role_that_two_took_away_does_not_come_back(house, staff, log, clock, new):
    """The tables are put back as they were when the process last proved them."""
    assert staff.authenticate(new.token).roles == {"handler"}
    kept = "CREATE TABLE kept AS SELECT * FROM role_grants"
    Attacker(house).sql(kept, fences=())
    clock.advance(seconds=1)
    asked = {"account": house.id("handler1"), "roles": ["engineer"]}
    house.approve("staff.roles", asked, "admin1", "overseer1")
    back = ("DELETE FROM role_grants", "INSERT INTO role_grants SELECT * FROM kept")
    Attacker(house).sql(*back, fences=())
    assert staff.authenticate(new.token).roles == frozenset()
    assert alarms(log) == [new.id]


def test_rewritten_entry_of_a_token_lets_nobody_in(house, staff, log, attacker, new):
    """An entry that was signed becomes that of another secret, and the tree whole again."""
    log.checkpointer.publish(worker_actor())
    attacker.rewrite_entry(
        "staff.token_issued",
        lambda entry: entry["facts"].update(digest=encode(digest_token(SECRET))),
    )
    write(log, lambda session: exchange(session.get(ApiToken, new.id), house))
    with pytest.raises(NotAuthenticated):
        staff.authenticate(SECRET)


@pytest.fixture
def replays(house):
    """Each replay of the staff begins with the root; returns the staff service with their list."""
    found = []

    def load_root():
        found.append(None)
        return house.load_root()

    return build_staff(house, load_root), found


def test_staff_is_replayed_once_for_all_that_stays(house, log, new, replays):
    staff, found = replays
    for _ in range(3):
        staff.authenticate(new.token)
    other = staff.issue_token(house.actor("handler1"), "other")
    staff.authenticate(other.token)
    assert len(found) == 1


def test_what_was_seen_before_it_was_signed_is_looked_at_again(house, log, new, replays):
    """Before the first checkpoint there is nothing to hold it against; then it is replayed once."""
    staff, found = replays
    staff.authenticate(new.token)
    for _ in range(2):
        log.checkpointer.publish(worker_actor())
        for _ in range(2):
            staff.authenticate(new.token)
        staff.issue_token(house.actor("handler1"), "other")
    assert len(found) == 2


def test_signed_token_costs_a_few_statements(house, log, new, staff):
    """Nothing is proven, and of the stream its last entry is read: whatever else it holds."""
    log.checkpointer.publish(worker_actor())
    staff.authenticate(new.token)
    for more in (0, 5):
        for _ in range(more):
            staff.issue_token(house.actor("handler1"), "other")
        staff.authenticate(new.token)
        with count_statements(log.transactions.database) as sent:
            staff.authenticate(new.token)
        assert [one for one in sent if "log_entries.leaf FROM" in one or "count(" in one] == []
        assert len(sent) == 15


@pytest.mark.parametrize("is_signed", [True, False])
def test_doubt_about_a_role_is_looked_into_once_a_minute(house, log, clock, replays, is_signed):
    staff, found = replays
    new = staff.issue_token(house.actor("engineer1"), "import")
    if is_signed:
        log.checkpointer.publish(worker_actor())
    write(log, lambda session: grant(session, house.id("engineer1"), house.id("handler1")))
    for minute in (1, 2):
        for _ in range(3):
            assert staff.authenticate(new.token).roles == frozenset()
        assert len(found) == minute
        clock.advance(seconds=60)


def test_slipped_in_token_makes_nobody_replay(house, log, clock, replays):
    staff, found = replays
    write(log, lambda session: insert(session, house.id("handler1"), clock.now()))
    for _ in range(2):
        with pytest.raises(NotAuthenticated):
            staff.authenticate(SECRET)
    assert found == []


@pytest.mark.parametrize("is_signed", [True, False])
def test_end_that_was_taken_out_of_the_log_is_missed(house, staff, log, attacker, new, is_signed):
    """The process came in by it before; the entry of its end and the mark in its row go."""
    log.checkpointer.publish(worker_actor())
    staff.authenticate(new.token)
    staff.revoke_token(house.actor("handler1"), new.id)
    with pytest.raises(NotAuthenticated):
        staff.authenticate(new.token)
    if is_signed:
        log.checkpointer.publish(worker_actor())
    staff.authenticate(staff.issue_token(house.actor("handler1"), "other").token)
    attacker.sql(
        "DELETE FROM log_entries WHERE event = 'staff.token_revoked'",
        "UPDATE api_tokens SET revoked_at = NULL",
        fences=("log_entries",),
    )
    with pytest.raises(NotAuthenticated):
        staff.authenticate(new.token)
