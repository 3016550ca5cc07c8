import threading

import pytest
from sqlalchemy import select, text

from lea_service.custody.models import LogEntry
from lea_service.kernel.errors import (
    InvalidInput,
    LeaError,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    TooManyAttempts,
    WrongState,
)
from lea_service.staff.models import ApiToken, OneTimeCode, Password
from lea_service.staff.passwords import password_message
from lea_service.staff.statement import sign_statement
from tests.staff.edge import PASSWORD
from tests.support.log import check_log


def set_password(
    house, staff, name="handler1", password=PASSWORD, key=None, by="admin1", code=None
):
    code = code or staff.issue_code(house.actor(by), house.id(name))
    proof = sign_statement(key or house.key(name), password_message(name, code))
    staff.set_password(name, code, password, proof)
    return code


def events(log, stream):
    with log.transactions.read() as session:
        query = select(LogEntry.event).where(LogEntry.stream == stream).order_by(LogEntry.n)
        return list(session.scalars(query))


def test_token_of_sign_in_names_the_person(house, staff, log):
    set_password(house, staff)
    new = staff.sign_in("handler1", PASSWORD)
    actor = staff.authenticate(new.token)
    assert (actor.id, actor.roles) == (house.id("handler1"), {"handler"})
    assert events(log, house.id("handler1"))[-2:] == ["staff.password_set", "staff.signed_in"]
    check_log(log)


def test_founders_begin_with_their_code(house, staff):
    set_password(house, staff, "admin1", code=house.codes["admin1"])
    assert staff.sign_in("admin1", PASSWORD)


def test_code_serves_once(house, staff):
    code = set_password(house, staff)
    with pytest.raises(NotAuthenticated):
        set_password(house, staff, password="another password of mine", code=code)
    assert staff.sign_in("handler1", PASSWORD)


def test_code_without_the_own_key_is_nothing(house, staff, log):
    with pytest.raises(NotAuthenticated):
        set_password(house, staff, key=house.key("admin1"))
    with log.transactions.read() as session:
        assert session.get(Password, house.id("handler1")) is None
    assert events(log, house.id("handler1"))[-1] == "staff.sign_in_failed"


def test_code_ends_after_three_days(house, staff, clock):
    code = staff.issue_code(house.actor("overseer1"), house.id("handler1"))
    clock.advance(days=3)
    with pytest.raises(NotAuthenticated):
        set_password(house, staff, code=code)


def test_code_is_for_somebody_else(house, staff):
    with pytest.raises(NotPermitted):
        staff.issue_code(house.actor("admin1"), house.id("admin1"))
    with pytest.raises(NotPermitted):
        staff.issue_code(house.actor("handler1"), house.id("handler2"))
    with pytest.raises(NotFound):
        staff.issue_code(house.actor("admin1"), "s_" + "0" * 32)


def test_new_password_ends_every_token(house, staff):
    set_password(house, staff)
    new = staff.sign_in("handler1", PASSWORD)
    set_password(house, staff, password="another password of mine")
    with pytest.raises(NotAuthenticated):
        staff.authenticate(new.token)
    with pytest.raises(NotAuthenticated):
        staff.sign_in("handler1", PASSWORD)


@pytest.mark.parametrize(
    "password", ["short", "handler1 handler1 handler1", "aaaaaaaaaaaaaaaaaaaaa"]
)
def test_weak_password_is_refused(house, staff, password):
    with pytest.raises(InvalidInput):
        set_password(house, staff, password=password)


def test_known_and_unknown_fail_alike(house, staff):
    set_password(house, staff)
    answers = set()
    for login in ("handler1", "nobody", "handler2", "", "x" * 500):
        with pytest.raises(NotAuthenticated) as caught:
            staff.sign_in(login, "not the password")
        answers.add(caught.value.detail)
    assert len(answers) == 1


@pytest.mark.parametrize("login", ["handler1", "nobody"])
def test_failures_close_a_login(house, staff, clock, login):
    set_password(house, staff)
    for _ in range(5):
        with pytest.raises(NotAuthenticated):
            staff.sign_in(login, "not the password")
    with pytest.raises(TooManyAttempts):
        staff.sign_in(login, PASSWORD)
    clock.advance(seconds=29)
    with pytest.raises(TooManyAttempts):
        staff.sign_in(login, PASSWORD)
    clock.advance(seconds=1)
    with pytest.raises(NotAuthenticated):
        staff.sign_in(login, "not the password")
    clock.advance(seconds=59)
    with pytest.raises(TooManyAttempts):
        staff.sign_in(login, PASSWORD)


def test_success_opens_the_login_again(house, staff, clock):
    set_password(house, staff)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(NotAuthenticated):
                staff.sign_in("handler1", "not the password")
        staff.sign_in("handler1", PASSWORD)


def test_guesses_at_once_count_each(house, staff):
    set_password(house, staff)
    results = []

    def guess():
        try:
            staff.sign_in("handler1", "not the password")
        except LeaError as err:
            results.append(type(err))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=str) == [NotAuthenticated] * 5 + [TooManyAttempts] * 7


def test_only_a_digest_is_kept(house, staff, log):
    set_password(house, staff)
    new = staff.issue_token(house.actor("handler1"), "import", 3)
    with log.transactions.read() as session:
        rows = session.execute(text("SELECT secret_digest, label FROM api_tokens")).all()
        hashes = list(session.scalars(select(Password.hash)))
        codes = list(session.scalars(select(OneTimeCode.code_digest)))
    assert new.token not in repr(rows)
    assert hashes[0].startswith("$argon2id$")
    assert PASSWORD not in hashes[0]
    assert all(len(code) == 32 for code in codes)


def test_token_ends_with_its_days(house, staff, clock):
    new = staff.issue_token(house.actor("handler1"), "import", 3)
    clock.advance(days=3, seconds=-1)
    assert staff.authenticate(new.token).session_id == new.id
    clock.advance(seconds=1)
    with pytest.raises(NotAuthenticated):
        staff.authenticate(new.token)


@pytest.mark.parametrize("days", [0, 31, -1])
def test_token_days_have_bounds(house, staff, days):
    with pytest.raises(InvalidInput):
        staff.issue_token(house.actor("handler1"), "import", days)


@pytest.mark.parametrize("token", ["", "lea_s_", "lea_s_nothing", "x" * 5000, "lea_r_abc"])
def test_unknown_tokens_are_nobody(house, staff, token):
    with pytest.raises(NotAuthenticated):
        staff.authenticate(token)


def test_revocation_counts_at_once(house, staff, log):
    mine = staff.issue_token(house.actor("handler1"), "import")
    other = staff.issue_token(house.actor("handler2"), "import")
    with pytest.raises(NotFound):
        staff.revoke_token(house.actor("handler1"), other.id)
    staff.revoke_token(house.actor("handler1"), mine.id)
    staff.revoke_token(house.actor("overseer1"), other.id)
    staff.revoke_token(house.actor("overseer1"), other.id)
    for new in (mine, other):
        with pytest.raises(NotAuthenticated):
            staff.authenticate(new.token)
    assert events(log, house.id("handler2"))[-2:] == ["staff.token_issued", "staff.token_revoked"]
    check_log(log)


def test_tokens_of_others_need_the_right_and_the_look_is_entered(house, staff, log):
    owner = house.id("handler1")
    staff.issue_token(house.actor("handler1"), "import")
    assert [view.label for view in staff.list_tokens(house.actor("handler1"))] == ["import"]
    assert len(staff.list_tokens(house.actor("handler1"), owner)) == 1
    with pytest.raises(NotPermitted):
        staff.list_tokens(house.actor("handler2"), owner)
    with pytest.raises(NotFound):
        staff.list_tokens(house.actor("admin1"), "s_" + "0" * 32)
    assert "staff.viewed" not in events(log, owner)
    assert len(staff.list_tokens(house.actor("admin1"), owner)) == 1
    assert events(log, owner)[-1] == "staff.viewed"
    check_log(log)


def test_suspension_ends_tokens_and_sign_in(house, staff, log):
    set_password(house, staff)
    new = staff.sign_in("handler1", PASSWORD)
    staff.suspend(house.actor("overseer1"), house.id("handler1"), "key_lost")
    for act in (lambda: staff.authenticate(new.token), lambda: staff.sign_in("handler1", PASSWORD)):
        with pytest.raises(NotAuthenticated):
            act()
    with pytest.raises(WrongState):
        staff.suspend(house.actor("overseer1"), house.id("handler1"), "key_lost")
    with pytest.raises(WrongState):
        staff.issue_code(house.actor("overseer1"), house.id("handler1"))
    with log.transactions.read() as session:
        assert session.get(ApiToken, new.id).revoked_at is not None
    check_log(log)


def test_lapsed_clearance_ends_the_roles(house, staff, clock):
    clock.set(clock.now().replace(year=2027, month=12, day=20))
    new = staff.issue_token(house.actor("handler1"), "import", 30)
    assert staff.authenticate(new.token).roles == {"handler"}
    clock.set(clock.now().replace(year=2028, month=1, day=1, hour=0, minute=0))
    assert staff.authenticate(new.token).roles == frozenset()
    me = staff.me(staff.authenticate(new.token))
    assert (me.counts, me.cleared_until) == (False, None)


def test_looks_at_staff_are_entered(house, staff, log):
    people = staff.list_people(house.actor("engineer1"))
    assert {view.login for view in people} == set(house.people)
    page = staff.list_people(house.actor("engineer1"), limit=3)
    rest = staff.list_people(house.actor("engineer1"), (page[-1].created_at, page[-1].account))
    assert [*page, *rest] == people
    assert events(log, "x_system").count("staff.listed") == 1


def test_printable_list_tells_what_lapses(house, staff):
    text = staff.print_people(house.actor("auditor1"))
    assert "Next to lapse: 2027-12-31" in text
    assert "Person handler1 (handler1, N-HANDLER1)" in text
    staff.suspend(house.actor("admin1"), house.id("handler1"), "left")
    text = staff.print_people(house.actor("auditor1"))
    assert "handler (do not count now)" in text
    assert "suspended  since 2026-11-24" in text
    dutch = staff.print_people(house.actor("auditor1"), "nl")
    assert "behandelaar (tellen nu niet)" in dutch
    assert "geschorst  sinds 2026-11-24" in dutch
    assert len(dutch.splitlines()) == len(text.splitlines())
