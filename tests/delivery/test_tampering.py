"""Somebody who owns the database changes a table: nothing leaves, and people hear of it."""

from datetime import timedelta

import pytest

from lea_service.agencies.audit import check_agencies
from lea_service.agencies.models import AgencyCertificate
from lea_service.custody.fsck import check_database
from lea_service.custody.queries import list_stream
from lea_service.delivery.audit import check_handover
from lea_service.delivery.models import ReceiverToken
from lea_service.delivery.rules import digest_token, new_token
from lea_service.demands.audit import check_demands
from lea_service.demands.changes import hold
from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.errors import IntegrityFailure, NotAuthenticated
from lea_service.kernel.jobs import Postponed
from lea_service.staff.codes import digest_code, new_code
from lea_service.staff.decisions import Decisions
from tests.delivery.test_release import alarms, check_nothing_left, halt, resume, revoke
from tests.staff.attacker import SERVICE, Attacker
from tests.support.delivery import WORKER

FOREIGN = ("agency_certificates", "certificate_revocations", "demand_records")
REVOCATION = "(SELECT idx FROM log_entries WHERE event = 'agency.certificate_revoked')"
UNSUSPEND = "SET suspension_id = NULL, suspended_at = NULL"


@pytest.fixture
def sql(handover):
    return Attacker(handover.house).sql


def suspend(handover, subject):
    handler = handover.house.actor("handler1")
    return handover.register.service.suspend(handler, subject, "doubt")


def lift_agency(handover, sql, demand):
    suspend(handover, handover.agency)
    sql(f"UPDATE agencies {UNSUSPEND}")


def lift_person(handover, sql, demand):
    suspend(handover, handover.person)
    sql(f"UPDATE agency_people {UNSUSPEND}")


def lift_with_an_entry(handover, sql, demand):
    """The entry of a lift is written too, as if an approval of something else had been one."""
    done = suspend(handover, handover.agency)
    sql(f"UPDATE agencies {UNSUSPEND}")
    with handover.log.transactions.begin(SERVICE) as tx:
        row = tx.session.query(AgencyCertificate).first()
        facts = {"approval": row.approval_id, "subject": done.subject, "suspension": done.id}
        tx.record("agency.reinstated", handover.agency, facts=facts)


def forget_revocation(handover, sql, demand):
    revoke(handover)
    sql("DELETE FROM certificate_revocations", fences=FOREIGN)


def change_certificate(handover, sql, demand):
    certificate = handover.certificate()
    other = "SELECT sealed FROM agency_certificates WHERE desk_id IS NOT NULL"
    sql(
        f"UPDATE agency_certificates SET sealed = ({other}) WHERE id = '{certificate}'",
        fences=FOREIGN,
    )


def change_dates(handover, sql, demand):
    sql("UPDATE agency_certificates SET not_after = '2030-01-01 00:00:00'", fences=FOREIGN)


def add_certificate(handover, sql, demand):
    """An older one, so that the receivers' present ones stay those that were decided on."""
    columns = "agency_id, person_id, desk_id, key_digest, not_before, not_after, sealed"
    own = "id, fingerprint, recipient_digest, approval_id, recorded_at"
    sql(
        f"INSERT INTO agency_certificates ({own}, {columns})"
        f" SELECT 'ce_1', '{'0' * 64}', 'x', approval_id, not_before, {columns}"
        f" FROM agency_certificates WHERE id = '{handover.certificate()}'"
    )


def take_certificate_away(handover, sql, demand):
    """The newest is gone, so that the one before it counts again."""
    handover.replace()
    sql(
        f"DELETE FROM agency_certificates WHERE id = '{handover.certificate()}'",
        fences=FOREIGN,
    )


def change_roles(handover, sql, demand):
    sql(f"UPDATE agency_people SET roles = '[]' WHERE id = '{handover.person}'")


def take_back_a_change(handover, sql, demand):
    sql("UPDATE agencies SET version = 2")


def change_record(handover, sql, demand):
    sql("UPDATE demand_records SET recorded_by = 's_x'", fences=FOREIGN)


def forget_hold(handover, sql, demand):
    with handover.log.transactions.begin(WORKER) as tx:
        hold(tx, demand, "policy_review")
    sql("DELETE FROM demand_holds")


def count_back(handover, sql, demand):
    sql(f"UPDATE demands SET version = version - 1 WHERE id = '{demand}'")


def damage_the_log(handover, sql, demand):
    revoke(handover)
    sql("DELETE FROM certificate_revocations", fences=(*FOREIGN, "log_entries"))
    sql("UPDATE log_entries SET event = 'agency.viewed' WHERE event = 'agency.certificate_revoked'")


CHANGES = [
    lift_agency,
    lift_person,
    lift_with_an_entry,
    forget_revocation,
    change_certificate,
    change_dates,
    add_certificate,
    take_certificate_away,
    change_roles,
    take_back_a_change,
    change_record,
    forget_hold,
    count_back,
    damage_the_log,
]


def found(handover):
    """Return what the check of the whole database finds."""
    log = handover.log
    with log.transactions.read() as session:
        decisions = Decisions(session, handover.house.load_root())
        tables = check_demands(session, log.keys) + check_agencies(session, log.keys, decisions)
        tables += check_handover(session, decisions)
        rows = check_database(session, log.keys, log.service.policy, log.signer).problems
    return tables + [one for one in rows if "triggers" not in one]


@pytest.mark.parametrize("change", CHANGES)
def test_changed_table_lets_nothing_out(handover, sql, change):
    demand, package = handover.seal()
    assert found(handover) == []
    change(handover, sql, demand)
    assert handover.release(demand, package) == "halted"
    assert halt(handover, demand) == ("decision_invalid", True)
    check_nothing_left(handover, demand, package)
    assert change is count_back or found(handover) != []


@pytest.mark.parametrize("change", [lift_agency, forget_revocation, add_certificate])
def test_table_that_changes_after_the_check_lets_nothing_out(handover, sql, change):
    demand, package = handover.seal()
    release = handover.service.check_release(WORKER, demand, package)
    change(handover, sql, demand)
    with pytest.raises(Postponed), handover.log.transactions.begin(WORKER) as tx:
        handover.service.make_available(tx, release)
    check_nothing_left(handover, demand, package)
    assert handover.release(demand, package) == "halted"
    assert halt(handover, demand) == ("decision_invalid", True)


def test_undone_suspension_is_mended_by_the_service_itself(handover, sql):
    demand, package = handover.seal()
    lift_agency(handover, sql, demand)
    handover.release(demand, package)
    suspend(handover, handover.agency)
    handover.register.approve("agency.lift", {"subject": handover.agency})
    assert found(handover) == []
    _, new = handover.seal(demand=demand)
    assert handover.release(demand, new) == "made_available"


def test_halted_demand_is_not_made_ready_by_hand(handover, sql):
    demand, package = handover.seal()
    handover.replace()
    assert handover.release(demand, package) == "halted"
    sql(
        f"UPDATE demands SET state = 'ready' WHERE id = '{demand}'",
        f"DELETE FROM agency_certificates WHERE id = '{handover.certificate()}'",
        fences=FOREIGN,
    )
    assert handover.release(demand, package) == "halted"
    assert halt(handover, demand) == ("decision_invalid", True)


def test_entry_taken_out_of_the_log_lets_nothing_out(handover, sql):
    demand, package = handover.seal()
    revoke(handover)
    handover.log.checkpointer.publish(WORKER)
    sql(
        "DELETE FROM certificate_revocations",
        f"DELETE FROM log_evidence WHERE idx = {REVOCATION}",
        "DELETE FROM log_entries WHERE event = 'agency.certificate_revoked'",
        fences=(*FOREIGN, "log_evidence", "log_entries"),
    )
    with pytest.raises(IntegrityFailure, match="another number of entries"):
        handover.release(demand, package)
    check_nothing_left(handover, demand, package)


def test_log_that_was_rewritten_is_not_the_signed_one(handover, sql):
    """The revocation became something else, with every hash after it made anew."""
    demand, package = handover.seal()
    revoke(handover)
    handover.log.checkpointer.publish(WORKER)
    sql(
        "DELETE FROM certificate_revocations",
        f"DELETE FROM log_evidence WHERE idx = {REVOCATION}",
        fences=(*FOREIGN, "log_evidence"),
    )
    attacker = Attacker(handover.house)
    attacker.rewrite_entry("agency.certificate_revoked", turn_into_a_look)
    sql(f"UPDATE log_entries SET event = 'agency.viewed' WHERE idx = {REVOCATION}")
    with pytest.raises(IntegrityFailure, match="not those that were signed"):
        handover.release(demand, package)
    check_nothing_left(handover, demand, package)


def test_suspension_taken_out_of_its_stream_while_the_file_is_read_lets_nothing_out(handover, sql):
    demand, package = handover.seal()
    release = handover.service.check_release(WORKER, demand, package)
    suspend(handover, handover.agency)
    handover.log.checkpointer.publish(WORKER)
    sql(
        f"UPDATE agencies {UNSUSPEND}",
        "UPDATE log_entries SET stream = 'a_other' WHERE event = 'agency.suspended'",
        fences=("log_entries",),
    )
    with pytest.raises(Postponed), handover.log.transactions.begin(WORKER) as tx:
        handover.service.make_available(tx, release)
    with pytest.raises(IntegrityFailure, match="not those that were signed"):
        handover.release(demand, package)
    check_nothing_left(handover, demand, package)


def test_package_waits_until_what_it_goes_by_is_signed(handover):
    demand, package = handover.seal()
    release = handover.service.check_release(WORKER, demand, package)
    with handover.log.transactions.begin(WORKER) as tx:
        tx.record("demand.viewed", demand, facts={"view": "demand"})
    with (
        pytest.raises(Postponed, match="not signed yet"),
        handover.log.transactions.begin(WORKER) as tx,
    ):
        handover.service.make_available(tx, release)
    assert handover.release(demand, package) == "made_available"


def test_suspension_taken_out_of_its_stream_opens_nothing(handover, sql):
    """A process that read the log before misses the entry, though no byte of it was changed."""
    _, receiver = handover.sign_in()
    _, package = handover.deliver()
    handover.service.get_collectable(receiver, package)
    suspend(handover, handover.person)
    handover.log.checkpointer.publish(WORKER)
    sql(
        f"UPDATE agency_people {UNSUSPEND}",
        "UPDATE log_entries SET stream = 'a_other' WHERE event = 'agency.suspended'",
        fences=("log_entries",),
    )
    with pytest.raises(IntegrityFailure, match="not those that were signed"):
        handover.service.fetch(receiver, package)


def turn_into_a_look(entry):
    entry["ev"], entry["facts"] = "agency.viewed", {"view": "agency"}
    entry.pop("art")


def test_package_row_is_not_exchanged(handover, sql):
    demand, package = handover.seal()
    sql(f"UPDATE packages SET sha256 = '{'0' * 64}'", fences=("packages",))
    assert handover.release(demand, package) == "halted"
    assert halt(handover, demand) == ("decision_invalid", True)
    with pytest.raises(Exception, match="new decision"):
        resume(handover, demand)


def insert_token(handover):
    """Write a token as if it had been granted and claimed; returns it."""
    known, secret = handover.sign_in(), new_token()
    with handover.log.transactions.begin(SERVICE) as tx:
        real = tx.session.get(ReceiverToken, known[1].session_id)
        row = ReceiverToken(
            id="tk_1",
            person_id=handover.person,
            agency_id=handover.agency,
            approval_id=real.approval_id,
            granted_at=tx.now,
            expires_at=tx.now + timedelta(days=90),
            token_digest=digest_token(secret),
            claimed_at=tx.now,
        )
        tx.session.delete(real)
        tx.session.flush()
        tx.session.add(row)
    return secret


def enter_token(handover):
    """Enter the grant and the claim as well; what two people signed is about another token."""
    secret = insert_token(handover)
    with handover.log.transactions.begin(SERVICE) as tx:
        row = tx.session.get(ReceiverToken, "tk_1")
        facts = {"token": row.id, "person": row.person_id}
        granted = facts | {"approval": row.approval_id, "days": 90}
        tx.record("receiver.token_issued", handover.agency, facts=granted)
        claimed = facts | {"digest": encode_b64url(row.token_digest)}
        tx.record("receiver.token_claimed", handover.agency, facts=claimed)
    return secret


def exchange_secret(handover):
    """Put a secret of one's own into a token that somebody else claimed."""
    _, actor = handover.sign_in()
    secret = new_token()
    with handover.log.transactions.begin(SERVICE) as tx:
        tx.session.get(ReceiverToken, actor.session_id).token_digest = digest_token(secret)
    return secret


def move_token(handover):
    """Make the token of a colleague one of the receiver."""
    colleague = handover.register.person(handover.agency, "Bram Bakker")
    secret, actor = handover.sign_in(colleague)
    with handover.log.transactions.begin(SERVICE) as tx:
        tx.session.get(ReceiverToken, actor.session_id).person_id = handover.person
    return secret


def prolong_token(handover):
    secret, actor = handover.sign_in(days=1)
    with handover.log.transactions.begin(SERVICE) as tx:
        tx.session.get(ReceiverToken, actor.session_id).expires_at += timedelta(days=30)
    handover.log.transactions.clock.advance(days=2)
    return secret


@pytest.mark.parametrize(
    "forge", [insert_token, enter_token, exchange_secret, move_token, prolong_token]
)
def test_forged_token_signs_nobody_in(handover, forge):
    handover.deliver()
    secret = forge(handover)
    for _ in range(2):
        with pytest.raises(NotAuthenticated):
            handover.service.authenticate_receiver(secret)
    assert len(alarms(handover)) == 1
    (problem,) = found(handover)
    assert problem.startswith("receiver_tokens: ")


def test_granted_claimed_and_revoked_tokens_are_no_fault(handover):
    handover.deliver()
    handover.grant()
    handover.sign_in()
    _, actor = handover.sign_in()
    handover.service.tokens.revoke(handover.house.actor("handler1"), actor.session_id)
    assert found(handover) == []


def test_revoked_token_does_not_come_back(handover, sql):
    """Not even in the process that knew it before."""
    _, package = handover.deliver()
    secret, actor = handover.sign_in()
    handover.service.tokens.revoke(handover.house.actor("handler1"), actor.session_id)
    sql("UPDATE receiver_tokens SET revoked_at = NULL, revoked_by = NULL")
    assert handover.service.authenticate_receiver(secret).id == handover.person
    with pytest.raises(IntegrityFailure, match="revoked"):
        handover.service.fetch(actor, package)
    assert alarms(handover) == [package]


def test_code_that_nobody_issued_claims_nothing(handover):
    token, code = handover.grant(), new_code()
    handover.service.tokens.issue_code(handover.house.actor("handler1"), token)
    with handover.log.transactions.begin(SERVICE) as tx:
        tx.session.get(ReceiverToken, token).code_digest = digest_code(code)
    with pytest.raises(NotAuthenticated):
        handover.service.tokens.claim(code)
    assert alarms(handover) == [token]


def join_desk(handover, sql, actor, package):
    sql(
        "INSERT INTO desk_members (id, desk_id, person_id, approval_id, since)"
        f" SELECT 'dm_1', id, '{actor.id}', approval_id, created_at FROM desks"
    )


def join_receivers(handover, sql, actor, package):
    sql(f"INSERT INTO delivery_receivers VALUES ('{package}', '{actor.id}')")


@pytest.mark.parametrize("join", [join_desk, join_receivers])
def test_nobody_is_written_in_beside_a_package(handover, sql, join):
    _, package = handover.deliver([handover.desk])
    colleague = handover.register.person(handover.agency, "Bram Bakker")
    _, actor = handover.sign_in(colleague)
    join(handover, sql, actor, package)
    for act in (handover.service.get_collectable, handover.service.fetch):
        with pytest.raises(IntegrityFailure):
            act(actor, package)
    assert alarms(handover) == [package]


def test_lifted_suspension_of_a_receiver_opens_nothing(handover, sql):
    _, package = handover.deliver()
    _, actor = handover.sign_in()
    lift_person(handover, sql, None)
    with pytest.raises(IntegrityFailure, match="suspended in one place"):
        handover.service.fetch(actor, package)


def test_changed_delivery_is_not_fetched(handover, sql):
    _, package = handover.deliver()
    _, actor = handover.sign_in()
    sql("UPDATE deliveries SET pick_up_by = '2030-01-01 00:00:00'", fences=("deliveries",))
    with pytest.raises(IntegrityFailure, match="not made available like this"):
        handover.service.fetch(actor, package)
    assert f"deliveries: {package} was not made available like this" in found(handover)


def test_fetch_is_entered_whatever_the_table_of_looks_says(handover, sql):
    demand, package = handover.deliver()
    _, actor = handover.sign_in()
    looks = f"('{actor.id}', '{demand}', 'fetch/{package}', '2099-01-01 00:00:00')"
    sql(f"INSERT INTO looks (actor_id, stream, view, until) VALUES {looks}")
    handover.collect(actor, package)
    with handover.log.transactions.read() as session:
        assert list_stream(session, demand)[-1].event == "package.fetched"
