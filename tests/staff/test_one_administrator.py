"""One administrator with shell and database alone never ends with two who can release."""

import pytest

from lea_service.custody.fsck import check_database
from lea_service.kernel.actors import Role, worker_actor
from lea_service.kernel.canonical import dump_canonical, load_strict
from lea_service.kernel.errors import (
    IntegrityFailure,
    LeaError,
    NotPermitted,
    VerificationFailed,
    WrongState,
)
from lea_service.staff.accounts import add_clearances, enrol_key, set_roles
from lea_service.staff.approvals import verify_decision
from lea_service.staff.audit import check_staff
from lea_service.staff.keys import key_id, public_bytes
from lea_service.staff.models import Account, ApiToken, RoleGrant
from lea_service.staff.root import Founder, Root, dump_root, load_clearances
from lea_service.staff.tokens import digest_token
from tests.staff.attacker import PLAN, SERVICE, Attacker
from tests.support.log import check_log
from tests.support.staff import clearances, new_key, person_form

EVIL = {"eve": ("s_" + "e" * 32, Role.HANDLER), "mallory": ("s_" + "f" * 32, Role.APPROVER)}
PLAN_ID = "pl_" + "1" * 32


@pytest.fixture
def attacker(house):
    return Attacker(house)


def signers(*names):
    return [(EVIL[name][0], new_key(name)) for name in names]


def cannot_release(attacker, approval_id, *, root=None):
    """Whatever was done: the decision does not verify, and a check finds it."""
    house, log = attacker.house, attacker.log
    with log.transactions.read() as session, pytest.raises((VerificationFailed, IntegrityFailure)):
        verify_decision(session, approval_id, root=root or house.load_root())
    assert found(attacker)


def found(attacker):
    log = attacker.log
    with log.transactions.read() as session:
        rows = check_database(session, log.keys, log.service.policy, log.signer).problems
    with log.transactions.read() as session:
        now = log.transactions.clock.now()
        return rows + check_staff(session, attacker.house.load_root(), now)


def insert_people(attacker):
    """Write accounts, grants, keys and clearances for two invented colleagues."""
    with attacker.log.transactions.begin(SERVICE) as tx:
        for name, (account, role) in EVIL.items():
            tx.session.add(
                Account(
                    id=account,
                    person_digest=f"person of {name}",
                    login_digest=name,
                    sealed=tx.seal("x_system", {}, "account"),
                    generation=1,
                    created_at=tx.now,
                )
            )
            tx.session.flush()
            add_rights(tx, account, role, name)


def add_rights(tx, account, role, name):
    set_roles(tx, account, [role], None)
    enrol_key(tx, account, public_bytes(new_key(name)), None)
    add_clearances(tx, account, load_clearances(clearances()), None)


def test_honest_house_has_no_finding(attacker):
    house = attacker.house
    approval_id = house.approve(PLAN, {"plan": PLAN_ID})
    with house.log.transactions.read() as session:
        assert verify_decision(session, approval_id, root=house.load_root()).subject == PLAN_ID
    keys = [(house.id(name), house.key(name)) for name in ("handler1", "approver1")]
    slipped = attacker.slip_in(PLAN, PLAN_ID, {}, *keys)  # the tool works: it is the keys that lack
    with house.log.transactions.read() as session:
        assert verify_decision(session, slipped, root=house.load_root()).subject == PLAN_ID
    assert found(attacker) == []
    check_log(house.log)


def test_invented_colleagues_decide_nothing(attacker):
    """They pass as far as tables go, and fail where the chain of signatures is walked."""
    insert_people(attacker)
    house = attacker.house
    house.people |= {name: account for name, (account, _) in EVIL.items()}
    house.keys |= {name: new_key(name) for name in EVIL}
    assert house.actor("mallory").roles == {Role.APPROVER}
    approval_id = house.propose(PLAN, {"plan": PLAN_ID}, by="eve")
    with pytest.raises(VerificationFailed):
        house.decide(approval_id, by="mallory")
    assert any("let in by nobody" in line for line in found(attacker))


def test_invented_colleagues_with_rows_and_entries(attacker):
    insert_people(attacker)
    cannot_release(attacker, attacker.slip_in(PLAN, PLAN_ID, {}, *signers("eve", "mallory")))


@pytest.mark.parametrize("second", ["own key", "forged founder", "invented"])
def test_forged_approvals_of_invented_colleagues(attacker, second):
    """The accounts come with approvals that the administrator really proposed."""
    proposer = (attacker.me, attacker.mine)
    decider = {
        "own key": (attacker.house.id("overseer1"), attacker.mine),
        "forged founder": (attacker.house.id("overseer1"), new_key("forged")),
        "invented": (EVIL["mallory"][0], new_key("mallory")),
    }[second]
    for name, (account, role) in EVIL.items():
        facts = attacker.facts_of_account(account, role, name)
        attacker.slip_in("staff.account", account, facts, proposer, decider, beneficiary=account)
    cannot_release(attacker, attacker.slip_in(PLAN, PLAN_ID, {}, *signers("eve", "mallory")))


def test_circle_of_invented_colleagues(attacker):
    """Each lets the other in; the circle hangs on nothing."""
    (eve, mallory) = signers("eve", "mallory")
    third = ("s_" + "d" * 32, new_key("trudy"))
    for name, one, other in (("eve", mallory, third), ("mallory", eve, third)):
        account, role = EVIL[name]
        facts = attacker.facts_of_account(account, Role.ADMINISTRATOR, name)
        attacker.slip_in("staff.account", account, facts, one, other, beneficiary=account)
        facts = {"account": account, "generation": 2, "roles": [str(role)]}
        attacker.slip_in("staff.roles", account, facts, one, other, beneficiary=account)
    cannot_release(attacker, attacker.slip_in(PLAN, PLAN_ID, {}, eve, mallory))


@pytest.mark.parametrize("victim", ["handler1", "overseer1"])
def test_replaced_key_does_not_speak_for_its_owner(attacker, victim):
    """A key is put in the place of somebody's: of a colleague, or of the other founder."""
    house, forged = attacker.house, new_key("forged")
    account = house.id(victim)
    with attacker.log.transactions.database.write() as session:
        connection = session.connection()
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        connection.exec_driver_sql(
            f"UPDATE personal_keys SET public_key = {mark}, id = {mark} WHERE account_id = {mark}",
            (public_bytes(forged), key_id(public_bytes(forged)), account),
        )
    if victim == "handler1":
        approval_id = house.propose(PLAN, {"plan": PLAN_ID}, by=victim, key=forged)
        with pytest.raises(VerificationFailed):
            house.decide(approval_id, "approver1")
    else:
        request = {"account": house.id("engineer1"), "roles": ["administrator"]}
        approval_id = house.propose("staff.roles", request, by="admin1")
        with pytest.raises(VerificationFailed):
            house.decide(approval_id, victim, key=forged)
    assert any("personal_keys" in line for line in found(attacker))


def test_granted_roles_do_not_count(attacker):
    """The administrator gives themselves and a helper every role, in the tables."""
    house = attacker.house
    with attacker.log.transactions.begin(SERVICE) as tx:
        add = tx.session.add
        for number, role in enumerate(("handler", "approver")):
            add(RoleGrant(id=f"rg_{number}", account_id=attacker.me, role=role, granted_at=tx.now))
    assert Role.APPROVER in house.actor("admin1").roles
    approval_id = house.propose(PLAN, {"plan": PLAN_ID}, by="handler1")
    with pytest.raises(VerificationFailed):
        house.decide(approval_id, by="admin1")
    slipped = attacker.slip_in(
        PLAN, PLAN_ID, {}, (house.id("handler1"), attacker.mine), (attacker.me, attacker.mine)
    )
    cannot_release(attacker, slipped)


def test_changed_approval_lets_nobody_in(attacker):
    """The real approval of a colleague is rewritten to name another key."""
    house = attacker.house
    facts = attacker.facts_of_account(house.id("handler1"), Role.HANDLER, "eve")
    with attacker.log.transactions.database.write() as session:
        attacker.drop_fences(session, "approvals", "approval_decisions")
        connection = session.connection()
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        for table in ("approvals", "approval_decisions"):
            name = "id" if table == "approvals" else "approval_id"
            for key, data in connection.exec_driver_sql(
                f"SELECT {name}, statement FROM {table}"
            ).all():
                if house.id("handler1").encode() not in bytes(data):
                    continue
                changed = dump_canonical(load_strict(bytes(data)) | {"facts": facts})
                connection.exec_driver_sql(
                    f"UPDATE {table} SET statement = {mark} WHERE {name} = {mark}", (changed, key)
                )
    eve = (house.id("handler1"), new_key("eve"))
    approver = (house.id("approver1"), house.key("approver1"))
    cannot_release(attacker, attacker.slip_in(PLAN, PLAN_ID, {}, eve, approver))


def test_one_real_colleague_and_one_forged(attacker):
    house = attacker.house
    eve = (EVIL["eve"][0], new_key("eve"))
    insert_people(attacker)
    approver = (house.id("approver1"), house.key("approver1"))
    cannot_release(attacker, attacker.slip_in(PLAN, PLAN_ID, {}, eve, approver))


def evil_root(attacker):
    founders = [
        Founder(
            account,
            role,
            f"person of {name}",
            public_bytes(new_key(name)),
            load_clearances(clearances()),
        )
        for (name, (account, _)), role in zip(
            EVIL.items(), (Role.ADMINISTRATOR, Role.OVERSEER), strict=True
        )
    ]
    return Root(attacker.house.load_root().made_at, tuple(founders))


def replace_file(attacker, root):
    path = attacker.house.root_path
    path.chmod(0o600)
    path.write_bytes(dump_canonical(dump_root(root)))


@pytest.mark.parametrize("is_entered", [False, True])
def test_other_pin_file_stops_everything(attacker, is_entered):
    """Another file, with or without new entries behind it, is not the one the log began with."""
    root = evil_root(attacker)
    replace_file(attacker, root)
    if is_entered:
        with attacker.log.transactions.begin(SERVICE) as tx:
            for founder in root.founders:
                tx.record("staff.bootstrapped", founder.account, facts={"root": root.digest})
    slipped = attacker.slip_in(PLAN, PLAN_ID, {}, *signers("eve", "mallory"))
    cannot_release(attacker, slipped, root=root)
    with pytest.raises(IntegrityFailure):
        attacker.house.approve(PLAN, {"plan": PLAN_ID})


def test_rewritten_log_is_not_the_signed_one(attacker):
    """File and log are both made anew; the checkpoint and the signer remember the old one."""
    log, house = attacker.log, attacker.house
    log.checkpointer.publish(worker_actor())
    before = house.load_root()
    root = evil_root(attacker)
    streams = iter(root.founders)

    def change(entry):
        entry["facts"] = {"root": root.digest}
        entry["case"] = next(streams).account
        entry["prev"], entry["n"] = None, 0

    replace_file(attacker, root)
    attacker.rewrite_entry("staff.bootstrapped", change)
    assert any(line.startswith("checkpoints") for line in found(attacker))
    attacker.slip_in(PLAN, PLAN_ID, {}, *signers("eve", "mallory"))
    with pytest.raises(LeaError):
        log.checkpointer.publish(worker_actor())
    assert before.digest != house.load_root().digest


def test_suspension_is_not_undone_by_deleting(attacker, staff):
    """Somebody suspended takes the suspension out of the tables; the log still holds it."""
    house = attacker.house
    staff.suspend(house.actor("overseer1"), house.id("handler1"), "misuse")
    attacker.sql(
        "DELETE FROM suspensions",
        "UPDATE accounts SET suspension_id = NULL, suspended_at = NULL",
        fences=("suspensions",),
    )
    house.log.transactions.clock.advance(seconds=5)
    assert house.actor("handler1").roles == {Role.HANDLER}
    approval_id = house.propose(PLAN, {"plan": PLAN_ID}, by="handler1")
    with pytest.raises(VerificationFailed):
        house.decide(approval_id, by="approver1")
    assert any(line.startswith("suspensions") for line in found(attacker))
    assert any("suspended in one place" in line for line in found(attacker))


def test_change_that_was_taken_out_does_not_bring_a_role_back(attacker, clock):
    """Somebody whose role ended takes both rows and their places in the log out of the tables."""
    house = attacker.house
    account = house.id("handler1")
    clock.advance(seconds=5)
    request = {"account": account, "roles": ["engineer"]}
    ended = house.approve("staff.roles", request, "admin1", "overseer1")
    of_it = f"WHERE approval_id = '{ended}'"
    attacker.sql(
        f"DELETE FROM log_evidence WHERE row_key = '[\"{ended}\"]'",
        f"UPDATE role_grants SET ended_at = NULL WHERE account_id = '{account}'",
        f"DELETE FROM role_grants WHERE account_id = '{account}' AND role = 'engineer'",
        f"DELETE FROM approval_decisions {of_it}",
        f"DELETE FROM approvals WHERE id = '{ended}'",
        fences=("log_evidence", "approval_decisions", "approvals"),
    )
    clock.advance(seconds=5)
    assert house.actor("handler1").roles == {Role.HANDLER}
    approval_id = house.propose(PLAN, {"plan": PLAN_ID}, by="handler1")
    with pytest.raises(IntegrityFailure, match="not in the tables"):
        house.decide(approval_id, by="approver1")


def test_lapsed_clearance_is_not_prolonged_by_a_row(attacker, clock):
    house = attacker.house
    clock.set(clock.now().replace(year=2028))
    with attacker.log.transactions.begin(SERVICE) as tx:
        for name in ("handler1", "approver1"):
            days = load_clearances(clearances("2028-01-01", "2028-12-31"))
            add_clearances(tx, house.id(name), days, None)
    approval_id = house.propose(PLAN, {"plan": PLAN_ID})
    with pytest.raises(VerificationFailed):
        house.decide(approval_id)
    assert any(line.startswith("clearances") for line in found(attacker))


def test_backdated_decision_came_too_late(attacker, clock):
    """Somebody who left signs as if it were last month; the log says when it came in."""
    house = attacker.house
    earlier = clock.now()
    clock.advance(days=1)
    house.approve(
        "staff.roles", {"account": house.id("handler1"), "roles": []}, "admin1", "overseer1"
    )
    clock.advance(days=1)
    handler = (house.id("handler1"), house.key("handler1"))
    approver = (house.id("approver1"), house.key("approver1"))
    cannot_release(attacker, attacker.slip_in(PLAN, PLAN_ID, {}, handler, approver, at=earlier))
    cannot_release(attacker, attacker.slip_in(PLAN, PLAN_ID, {}, handler, approver))


def test_stolen_old_key_rewrites_no_old_decision(attacker, clock):
    """With the other founder's replaced key, an old approval is made to say something else."""
    house, stolen = attacker.house, attacker.house.key("overseer1")
    eve, role = EVIL["eve"]
    old = attacker.slip_in(
        "staff.account",
        eve,
        attacker.facts_of_account(eve, Role.ENGINEER, "eve"),
        (attacker.me, attacker.mine),
        (house.id("overseer1"), stolen),
        beneficiary=eve,
    )
    clock.advance(days=1)
    house.hire("admin2", "administrator")
    key = {"account": house.id("overseer1"), "key": person_form("x", new_key("fresh"))["key"]}
    house.approve("staff.key", key, "admin1", "admin2")
    facts = attacker.facts_of_account(eve, role, "eve")
    attacker.resign(old, facts, (attacker.me, attacker.mine), (house.id("overseer1"), stolen))
    approver = (house.id("approver1"), house.key("approver1"))
    slipped = attacker.slip_in(PLAN, PLAN_ID, {}, (eve, new_key("eve")), approver)
    cannot_release(attacker, slipped)


def test_changed_generation_is_not_built_upon(attacker):
    house = attacker.house
    attacker.sql("UPDATE accounts SET generation = 5")
    request = {"account": house.id("handler1"), "roles": ["approver"]}
    approval_id = house.propose("staff.roles", request, by="admin1")
    with pytest.raises(WrongState):
        house.decide(approval_id, by="overseer1")
    assert any("generation" in line for line in found(attacker))


def test_token_slipped_into_the_table_is_found(attacker):
    with attacker.log.transactions.begin(SERVICE) as tx:
        tx.session.add(
            ApiToken(
                id="tk_1",
                account_id=attacker.house.id("handler1"),
                secret_digest=digest_token("lea_s_known"),
                label="import",
                created_at=tx.now,
                expires_at=tx.now.replace(year=2027),
            )
        )
    assert found(attacker) == ["api_tokens: tk_1 was issued by nobody"]


def test_administrator_has_no_right_to_a_plan(attacker):
    house = attacker.house
    approval_id = house.propose(PLAN, {"plan": PLAN_ID})
    for act in (
        lambda: house.propose(PLAN, {"plan": PLAN_ID}, by="admin1"),
        lambda: house.decide(approval_id, by="admin1"),
    ):
        with pytest.raises(NotPermitted):
            act()
