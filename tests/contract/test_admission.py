"""A demand that is hidden from somebody is nowhere: on no route, in no list, in no count."""

import ast
import json
import re

import pytest

from lea_service.custody.entries import load_entry
from lea_service.custody.queries import iter_entries
from lea_service.demands.admission import put_in_sealed_lane, shut_out
from lea_service.demands.changes import lock_demand
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.database import CaseBase
from lea_service.kernel.visibility import APART, stream_column
from tests.contract.answers import count_entries
from tests.contract.routes import PLACES, ROLES, ROUTES
from tests.contract.test_imports import TOP, files
from tests.contract.whole import run_demand
from tests.support.log import check_log
from tests.support.staff import clearances

STAFF = [role for role in ROLES if role != "receiver"]
OF_DEMANDS = ("demand_id", "package_id", "approval_id")
THROUGH_ANOTHER = {
    "acceptances": "assessments",
    "clarification_answers": "clarifications",
    "approval_decisions": "approvals",
    "approval_endorsements": "approvals",
    "delivery_receivers": "deliveries",
    "receipt_attempts": "receipts of a receiver's own",
    "plan_previews": "plans",
    "run_halts": "extraction_runs",
    "run_results": "extraction_runs",
    "job_steps": "jobs",
    "log_disclosures": "log_entries",
    "log_evidence": "log_entries",
    "warning_settlements": "warnings",
}
"""Tables of a demand whose rows nobody finds but through a row of another."""

ABOUT_NO_DEMAND = {
    "absences", "accounts", "agencies", "agency_certificates", "agency_people", "agency_suspensions",
    "api_tokens", "authenticity_policies", "backups", "backups_made", "backups_removed", "certificate_revocations", "checkpoints", "clearances", "delegations",
    "desk_members", "desks", "engagements", "inquiries",
    "import_runs", "marked_identifiers", "one_time_codes", "passwords", "past_term_grounds", "personal_keys",
    "processing_systems", "purges_begun", "purges_done", "reach_alarms", "reach_tests", "receiver_tokens", "retention_rules", "role_grants",
    "sign_in_attempts", "sources", "suspensions", "verified_contacts",
    "warning_recipients",
}  # fmt: skip

SERVICES_OWN = {
    "custody/service.py": {
        "require", "get_checkpoint", "get_tile", "get_proof", "get_consistency", "excerpt", "tell_signer",
    },
    "delivery/tokens.py": {"prove"},
    "kernel/outbox.py": {"raise_daily_alarm"},
}  # fmt: skip
"""Reads that see everything although somebody asks.

Hashes of the log, proof of a token, and whether our people were told today.
"""


def fill(path, places):
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: places[found[1]], path)


def seal(service, ids):
    with service.log.transactions.begin(worker_actor()) as tx:
        put_in_sealed_lane(tx, lock_demand(tx, ids.demand_id))


def shut_out_all(service, ids):
    with service.log.transactions.begin(worker_actor()) as tx:
        shut_out(tx, ids.demand_id, [service.house.id(one) for one in service.house.people])


def routes_of_a_demand():
    return [one for one in ROUTES if any(f"<{name}>" in one.rule for name in OF_DEMANDS)]


def lists():
    return [one for one in ROUTES if one.method == "GET" and "<" not in one.rule]


def say(response):
    return {k: v for k, v in json.loads(response.text).items() if k != "instance"}


@pytest.fixture
def hide(engine_name):
    """Hides a demand; each of the two ways goes by the same rows, so each has one engine."""
    return seal if engine_name == "sqlite" else shut_out_all


def callers_of(route):
    """Return each role that may call a route, and one that may not."""
    may = [role for role in STAFF if route.expects(role) != 403]
    return [*may, *[role for role in STAFF if role not in may][:1]]


def test_hidden_demand_answers_like_none(service, tmp_path, hide):
    ids = run_demand(service, tmp_path)
    service.services.custody.checkpointer.publish(worker_actor())
    hide(service, ids)
    places = {**PLACES, **{name: getattr(ids, name) for name in OF_DEMANDS}}
    for route in routes_of_a_demand():
        path = fill(route.rule, places) + route.query
        for role in callers_of(route):
            found = service.call(role, route.method, path, **route.options)
            wanted = service.call(role, route.method, route.path, **route.options)
            assert found.status_code == wanted.status_code == route.expects(role), (role, route)
            assert say(found) == say(wanted), route
    with service.log.transactions.read() as session:
        looks = [one for one in iter_entries(session) if one.stream == ids.demand_id]
    assert looks[-1].event in {"demand.sealed", "demand.shut_out"}
    check_log(service.log)


def test_hidden_demand_is_in_no_list(service, tmp_path, hide):
    for role in STAFF:
        service.token(role)
    ids = run_demand(service, tmp_path)
    hide(service, ids)
    for route in lists():
        for role in callers_of(route):
            told = service.call(role, "GET", route.path).text
            named = [name for name in OF_DEMANDS if getattr(ids, name) in told]
            assert named == [], (role, route.rule)
    listed = service.call("handler", "GET", "/api/v1/demands?limit=1").json
    assert (listed["items"], listed.get("next")) == ([], None)


def test_body_that_names_a_hidden_demand_finds_nothing(service, tmp_path):
    ids = run_demand(service, tmp_path)
    service.services.custody.checkpointer.publish(worker_actor())
    plan = service.call("handler", "GET", f"/api/v1/demands/{ids.demand_id}/plan").json["id"]
    seal(service, ids)
    begun = count_entries(service)
    for role, path, body in (
        (
            "handler",
            "approvals/preparations",
            {"kind": "extraction.plan", "request": {"plan": plan}},
        ),
        ("auditor", "custody/bundles", {"demand": ids.demand_id}),
    ):
        assert service.call(role, "POST", f"/api/v1/{path}", json=body).status_code == 404
    with service.log.transactions.read() as session:
        entries = [load_entry(one.data) for one in iter_entries(session, begun)]
    denied = [one["facts"]["permission"] for one in entries if one["ev"] == "access.denied"]
    assert denied == ["demand.admission"] * 2
    assert ids.demand_id not in json.dumps(entries)


def test_cleared_person_alone_finds_it(service, tmp_path):
    ids = run_demand(service, tmp_path)
    seal(service, ids)
    path = f"/api/v1/demands/{ids.demand_id}"
    assert service.call("handler", "GET", path).status_code == 404
    clear(service, "handler1")
    assert service.call("handler", "GET", path).status_code == 200
    assert [one["id"] for one in service.call("handler", "GET", "/api/v1/demands").json["items"]]
    assert service.call("approver", "GET", path).status_code == 404
    assert service.call("receiver", "GET", f"/api/v1/collect/packages/{ids.package_id}").json
    check_log(service.log)


def clear(service, name):
    given = {"account": service.house.id(name), "clearances": clearances(kinds=("sealed",))}
    service.house.approve("staff.clearance", given, by="admin1", decided_by="overseer1")


def test_every_table_is_of_a_demand_or_is_not():
    """A new table of demands names its demand, or is found through one that does."""
    open_to_all = set()
    for mapper in CaseBase.registry.mappers:
        if stream_column(mapper.class_) is None:
            open_to_all.add(mapper.class_.__tablename__)
    assert open_to_all == set(THROUGH_ANOTHER) | ABOUT_NO_DEMAND | APART


def test_whoever_reads_for_somebody_says_for_whom():
    """A use case with an actor opens no session of the service's own."""
    found = {}
    for path in files():
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and reads_for_nobody(function):
                found.setdefault(path.relative_to(TOP).as_posix(), set()).add(function.name)
    assert found == SERVICES_OWN


def reads_for_nobody(function):
    named = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
    calls = [one for one in ast.walk(function) if isinstance(one, ast.Call)]
    return "actor" in named and any(
        ast.unparse(one.func).endswith("transactions.read") and not one.args for one in calls
    )
