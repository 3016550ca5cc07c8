"""What a receiver's second request costs, and that what changed in between is noticed."""

from types import SimpleNamespace

import pytest

from lea_service.custody import signed
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.errors import IntegrityFailure, NotAuthenticated
from lea_service.staff import keys
from tests.staff.attacker import Attacker
from tests.support.counted import count_statements
from tests.support.engines import ANY_ENGINE

pytestmark = ANY_ENGINE


@pytest.fixture
def proofs(monkeypatch):
    """What is proven anew: signatures of people, and places in the log."""
    done = []

    def count(real):
        return lambda *told: done.append(real.__name__) or real(*told)

    opened = SimpleNamespace(from_public_bytes=count(keys.Ed25519PublicKey.from_public_bytes))
    monkeypatch.setattr(keys, "Ed25519PublicKey", opened)
    monkeypatch.setattr(signed, "prove_inclusion", count(signed.prove_inclusion))
    return done


@pytest.fixture
def delivered(handover):
    """A receiver with a token, and a package that lies ready."""
    token, actor = handover.sign_in()
    _, package = handover.deliver()
    handover.log.checkpointer.publish(worker_actor())
    return token, actor, package


def cost(handover, proofs, call, *told):
    """Return how much is proven anew by a call, and the statements that it sends."""
    proofs.clear()
    with count_statements(handover.log.transactions.database) as sent:
        call(*told)
    return len(proofs), sent


def test_second_request_proves_nothing_anew(handover, delivered, proofs):
    _, actor, package = delivered
    fetch = handover.service.get_collectable
    for _ in range(2):
        fetch(actor, package)
        handover.log.checkpointer.publish(worker_actor())  # covers the look that was entered first
    proven, sent = cost(handover, proofs, fetch, actor, package)
    assert (proven, len(sent)) == (0, 80)
    assert sum("count(*)" in one for one in sent) == 1  # of what no checkpoint covers yet


def test_second_sign_in_proves_nothing_and_replays_nothing(handover, delivered, proofs):
    token, _, _ = delivered
    sign_in = handover.service.authenticate_receiver
    sign_in(token)
    proven, sent = cost(handover, proofs, sign_in, token)
    assert (proven, len(sent)) == (0, 4)
    assert not any("log_entries" in one or "approvals" in one for one in sent)


def test_grown_log_costs_the_proof_of_what_is_new(handover, delivered, proofs):
    _, actor, package = delivered
    handover.service.get_collectable(actor, package)
    handover.replace()
    handover.log.checkpointer.publish(worker_actor())
    proven, _ = cost(handover, proofs, handover.service.get_collectable, actor, package)
    assert 0 < proven < 10


CHANGES = {
    "proof": "UPDATE approvals SET proof = replace(proof, 'a', 'b')",
    "decision": "UPDATE approval_decisions SET proof = replace(proof, 'a', 'b')",
    "package": "UPDATE packages SET size = size + 1",
    "receiver": "UPDATE receiver_tokens SET expires_at = '2030-01-01 00:00:00.000000'",
    "entry": "UPDATE log_entries SET data = CAST(replace(data, 's_', 'x_') AS BLOB)",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_row_that_changed_since_is_noticed(handover, delivered, change):
    _, actor, package = delivered
    handover.service.get_collectable(actor, package)
    fences = ("approvals", "approval_decisions", "packages", "log_entries")
    Attacker(handover.house).sql(change, fences=fences)
    with pytest.raises(IntegrityFailure):
        handover.service.get_collectable(actor, package)


def test_slipped_in_token_makes_nobody_replay_twice(handover, delivered, proofs, clock):
    token, _, _ = delivered
    longer = "UPDATE receiver_tokens SET expires_at = '2030-01-01 00:00:00.000000'"
    Attacker(handover.house).sql(longer)
    sign_in = handover.service.authenticate_receiver

    def refused():
        with pytest.raises(NotAuthenticated):
            sign_in(token)

    refused()
    _, sent = cost(handover, proofs, refused)
    clock.advance(seconds=60)
    _, again = cost(handover, proofs, refused)
    assert len(sent) < len(again) / 3
