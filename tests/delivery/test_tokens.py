from concurrent.futures import ThreadPoolExecutor

import pytest

from lea_service.delivery.rules import is_receiver_token
from lea_service.kernel.actors import Role
from lea_service.kernel.errors import (
    InvalidInput,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    WrongState,
)
from tests.support.log import check_log


def test_two_grant_one_claims(handover, log):
    token, actor = handover.sign_in()
    assert is_receiver_token(token)
    assert (actor.id, actor.roles) == (handover.person, frozenset({Role.RECEIVER}))
    (view,) = handover.service.tokens.list_tokens(
        handover.house.actor("handler1"), handover.agency, None, 9
    )
    assert (view.person, view.revoked_at) == (handover.person, None)
    assert view.claimed_at is not None
    check_log(log)


def test_secrets_are_kept_nowhere(handover, log, databases):
    token_id = handover.grant()
    code = handover.service.tokens.issue_code(handover.house.actor("handler1"), token_id)
    claimed = handover.service.tokens.claim(code.code)
    with databases.cases.engine.connect() as connection:
        for table in ("receiver_tokens", "log_entries", "approvals", "jobs"):
            stored = str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            assert claimed.token not in stored
            assert code.code not in stored
    assert claimed.token not in repr(claimed)
    assert code.code not in repr(code)


def test_code_serves_once(handover):
    token_id = handover.grant()
    handler = handover.house.actor("handler1")
    first = handover.service.tokens.issue_code(handler, token_id)
    second = handover.service.tokens.issue_code(handler, token_id)
    for code in (first.code, "AAAAA-BBBBB"):
        with pytest.raises(NotAuthenticated):
            handover.service.tokens.claim(code)
    handover.service.tokens.claim(second.code.lower().replace("-", " "))
    with pytest.raises(NotAuthenticated):
        handover.service.tokens.claim(second.code)
    with pytest.raises(WrongState):
        handover.service.tokens.issue_code(handler, token_id)


def test_two_claims_at_once_make_one_token(handover, log):
    code = handover.service.tokens.issue_code(handover.house.actor("handler1"), handover.grant())

    def claim(_):
        try:
            return handover.service.tokens.claim(code.code).token
        except NotAuthenticated:
            return None

    with ThreadPoolExecutor(4) as pool:
        tokens = [token for token in pool.map(claim, range(4)) if token]
    assert len(tokens) == 1
    assert handover.service.authenticate_receiver(tokens[0]).id == handover.person
    check_log(log)


def test_code_expires(handover, clock):
    code = handover.service.tokens.issue_code(handover.house.actor("handler1"), handover.grant())
    clock.advance(days=7)
    with pytest.raises(NotAuthenticated):
        handover.service.tokens.claim(code.code)


def test_only_the_granters_hand_over_the_code(handover):
    token_id = handover.grant()
    handover.service.tokens.issue_code(handover.house.actor("approver1"), token_id)
    with pytest.raises(NotPermitted):
        handover.service.tokens.issue_code(handover.house.actor("handler2"), token_id)
    with pytest.raises(NotPermitted):
        handover.service.tokens.issue_code(handover.sign_in()[1], token_id)


def test_token_expires(handover, clock):
    token, _ = handover.sign_in(days=2)
    clock.advance(days=1.9)
    handover.service.authenticate_receiver(token)
    clock.advance(days=0.1)
    with pytest.raises(NotAuthenticated):
        handover.service.authenticate_receiver(token)


def test_revoked_token_ends_at_once(handover, log):
    token, actor = handover.sign_in()
    overseer = handover.house.actor("overseer1")
    handover.service.tokens.revoke(overseer, actor.session_id)
    with pytest.raises(NotAuthenticated):
        handover.service.authenticate_receiver(token)
    with pytest.raises(WrongState):
        handover.service.tokens.revoke(overseer, actor.session_id)
    check_log(log)


def test_revoked_grant_is_not_claimed(handover):
    token_id = handover.grant()
    code = handover.service.tokens.issue_code(handover.house.actor("handler1"), token_id)
    handover.service.tokens.revoke(handover.house.actor("handler2"), token_id)
    with pytest.raises(NotAuthenticated):
        handover.service.tokens.claim(code.code)


@pytest.mark.parametrize("whom", ["agency", "person"])
def test_suspension_stops_tokens(handover, whom):
    token, _ = handover.sign_in()
    waiting = handover.service.tokens.issue_code(handover.house.actor("handler1"), handover.grant())
    subject = getattr(handover, whom)
    service = handover.register.service
    service.suspend(handover.house.actor("handler1"), subject, "left")
    with pytest.raises(NotAuthenticated):
        handover.service.authenticate_receiver(token)
    with pytest.raises(NotAuthenticated):
        handover.service.tokens.claim(waiting.code)
    with pytest.raises(WrongState):
        handover.grant()
    handover.register.approve("agency.lift", {"subject": subject})
    assert handover.service.authenticate_receiver(token).id == handover.person


def test_token_is_for_a_known_person(handover):
    with pytest.raises(NotFound):
        handover.grant("p_" + "0" * 32)
    for days in (0, 366, "7"):
        with pytest.raises(InvalidInput, match="request"):
            handover.grant(days=days)
    with pytest.raises(InvalidInput):
        handover.grant(handover.desk)


@pytest.mark.parametrize("token", ["", "lear_", "lear_" + "A" * 43, "something"])
def test_unknown_token_is_nobody(handover, token):
    with pytest.raises(NotAuthenticated):
        handover.service.authenticate_receiver(token)
