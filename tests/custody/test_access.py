import json

from lea_service.custody.access import AccessLog
from lea_service.custody.queries import list_stream
from lea_service.kernel.actors import Actor, Role
from tests.support.log import build_log, check_log


def test_refused_attempts_are_entered(databases, clock, ids, tmp_path):
    log = build_log(databases.cases, clock, ids, tmp_path / "state.json")
    access = AccessLog(log.transactions)
    access.record_denied(Actor("s_1", frozenset({Role.ENGINEER})), "demand.read", "GET /x/<id>")
    access.record_strangers(7)
    with log.transactions.read() as session:
        found = [json.loads(one.data) for one in list_stream(session, "x_system")]
    assert [one["ev"] for one in found] == ["access.denied", "access.unknown_callers"]
    assert found[0]["by"] == "s_1"
    assert found[0]["facts"] == {"permission": "demand.read", "route": "GET /x/<id>"}
    assert (found[1]["by"], found[1]["facts"]) == ("sys:web", {"count": 7})
    check_log(log)
