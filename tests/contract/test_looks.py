"""What every reading route enters in the log: a look at somebody, or nothing and why."""

import re

from lea_service.custody.entries import load_entry
from lea_service.custody.looks import WINDOW
from lea_service.custody.queries import iter_entries
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.transactions import RECORDS_STREAM, SYSTEM_STREAM
from tests.contract.answers import count_entries
from tests.contract.routes import DEMAND, EVERYBODY, PLACES, ROUTES, SOURCE, V1
from tests.contract.whole import run_demand
from tests.support.engines import ANY_ENGINE
from tests.support.log import check_log
from tests.support.processing import entry_request
from tests.support.retention import rule_request

COLLECT = f"{V1}/collect/packages"
LISTED = ("package.listed", "agency")
SEEN = ("approval.viewed", "demand")
LOOKS = {
    f"{V1}/staff": [("staff.listed", "system")],
    f"{V1}/staff/printable": [("staff.listed", "system")],
    f"{V1}/staff/reachability": [("staff.listed", "system")],
    f"{V1}/staff/<account>/tokens": [("staff.viewed", "account")],
    f"{V1}/approvals": [("approval.listed", "system")],
    f"{V1}/approvals/<approval_id>": [SEEN],
    f"{V1}/approvals/<approval_id>/page": [SEEN, ("demand.viewed", "demand")],
    f"{V1}/approvals/<approval_id>/page/content": [SEEN, ("demand.viewed", "demand")],
    f"{V1}/agencies": [("agency.viewed", "system")],
    f"{V1}/agencies/<agency_id>": [("agency.viewed", "agency")],
    f"{V1}/agencies/<agency_id>/receiver-tokens": [("agency.viewed", "agency")],
    f"{V1}/demands": [("demand.listed", "system")],
    f"{V1}/demands/emergencies": [("demand.listed", "system")],
    DEMAND: [("demand.viewed", "demand")],
    f"{DEMAND}/order": [("demand.viewed", "demand")],
    f"{DEMAND}/order/reading": [("demand.viewed", "demand")],
    f"{DEMAND}/holds": [("demand.viewed", "demand")],
    f"{DEMAND}/assessment": [("demand.viewed", "demand")],
    f"{DEMAND}/authenticity": [("demand.viewed", "demand")],
    f"{DEMAND}/deadlines": [("demand.viewed", "demand")],
    f"{V1}/deadlines": [("demand.listed", "system")],
    f"{DEMAND}/confirmation-papers": [("demand.viewed", "demand")],
    f"{DEMAND}/confirmation-papers/<paper_id>": [("demand.viewed", "demand")],
    f"{DEMAND}/preservation": [("demand.viewed", "demand")],
    f"{V1}/preservations": [("demand.listed", "system")],
    f"{DEMAND}/refusal": [("demand.viewed", "demand")],
    f"{DEMAND}/letters": [("demand.viewed", "demand")],
    f"{DEMAND}/letters/draft": [("demand.viewed", "demand")],
    f"{DEMAND}/letters/draft/pdf": [("demand.viewed", "demand")],
    f"{DEMAND}/narrowings": [("demand.viewed", "demand")],
    f"{DEMAND}/annex-forms": [("demand.viewed", "demand")],
    f"{DEMAND}/referral": [("demand.viewed", "demand")],
    f"{DEMAND}/clarifications": [("demand.viewed", "demand")],
    f"{DEMAND}/plan": [("plan.viewed", "demand")],
    f"{DEMAND}/instalments": [("plan.viewed", "demand")],
    f"{DEMAND}/preview": [("plan.viewed", "demand")],
    f"{DEMAND}/packages": [("package.listed", "demand")],
    f"{V1}/packages/<package_id>": [("package.viewed", "demand")],
    f"{DEMAND}/deliveries": [("package.viewed", "demand")],
    f"{V1}/deliveries/overdue": [("package.listed", "system")],
    f"{V1}/collect/demands": [("demand.followed", "agency")],
    f"{V1}/collect/demands/<demand_id>": [("demand.followed", "demand")],
    COLLECT: [LISTED],
    f"{COLLECT}/<package_id>": [LISTED],
    f"{COLLECT}/<package_id>/content": [LISTED, ("package.fetched", "demand")],
    f"{COLLECT}/<package_id>/proof": [LISTED],
    f"{COLLECT}/<package_id>/entry": [LISTED],
    f"{V1}/confirmations": [("demand.listed", "system")],
    f"{V1}/breaches": [("breach.listed", "system")],
    f"{V1}/warnings": [("warning.listed", "system")],
    f"{V1}/inquiries/<approval_id>": [],
    f"{V1}/warnings/lists": [("warning.listed", "system")],
    f"{DEMAND}/custody": [("custody.viewed", "demand")],
    f"{V1}/custody/checkpoint": [("custody.viewed", "system")],
    f"{V1}/custody/tile/<path:path>": [("custody.viewed", "system")],
    f"{V1}/custody/entries/<int:index>/proof": [("custody.viewed", "system")],
    f"{V1}/custody/consistency": [("custody.viewed", "system")],
    f"{SOURCE}/imports/<import_id>/rejects": [("rejects.viewed", "records")],
}
"""By route, each look that it enters and in whose stream."""

OWN = "shows callers nothing but themselves"
NOBODY = "names nobody: how far the work is, in counts"
SYSTEMS = "names no person: systems, their files and counts"
RULES = "names no person: what holds for every record"
LAW = "names no person: the law"
CODES = "names no person: the words of codes"
SILENT = {
    f"{V1}/tokens": OWN,
    f"{V1}/staff/me": OWN,
    f"{DEMAND}/progress": NOBODY,
    f"{V1}/authenticity-policy": LAW,
    f"{V1}/legal-bases": LAW,
    f"{V1}/legal-catalogue": LAW,
    f"{V1}/legal-catalogue/difference": LAW,
    f"{V1}/annex-reasons": LAW,
    f"{V1}/referral-kinds": LAW,
    f"{V1}/legal-bases/<basis_id>": LAW,
    f"{V1}/codelists": CODES,
    f"{V1}/sources": SYSTEMS,
    SOURCE: SYSTEMS,
    f"{SOURCE}/coverage": SYSTEMS,
    f"{SOURCE}/imports": SYSTEMS,
    f"{SOURCE}/imports/<import_id>": SYSTEMS,
    f"{SOURCE}/pulls/<pull_id>": SYSTEMS,
    f"{V1}/processing": SYSTEMS,
    f"{V1}/processing/published": SYSTEMS,
    f"{V1}/processing/<code>": SYSTEMS,
    f"{V1}/retention/register": SYSTEMS,
    f"{V1}/retention/rules": RULES,
    f"{V1}/retention/rules/<code>": RULES,
    f"{V1}/retention/grounds": RULES,
    f"{V1}/retention/due": SYSTEMS,
    f"{V1}/retention/purges/<purge_id>/certificate": SYSTEMS,
    f"{V1}/retention/statistics": SYSTEMS,
    f"{V1}/retention/purges": SYSTEMS,
}
"""By route, why it enters none."""

READING = [route for route in ROUTES if route.method == "GET" and route.who is not EVERYBODY]
EMPTY = {
    f"{V1}/inquiries/<approval_id>",
    f"{V1}/retention/purges/<purge_id>/certificate",
    f"{DEMAND}/refusal",
    f"{DEMAND}/referral",
    f"{DEMAND}/preservation",
    f"{DEMAND}/confirmation-papers/<paper_id>",
    f"{DEMAND}/letters/draft",
    f"{DEMAND}/letters/draft/pdf",
    f"{SOURCE}/pulls/<pull_id>",
}
"""What is not there: the demand was not refused, nothing is kept on it, and no source is live."""

CALLERS = {f"{V1}/custody/entries/<int:index>/proof": "auditor"}
"""Who reads where the first role that may does not read of everything."""


def fill(service, folder):
    """Have something at every address; returns the values of their variable parts."""
    ids = vars(run_demand(service, folder))
    service.house.approve("retention.rule", rule_request("CALL-6M"))
    service.house.approve("processing.system", entry_request("CALL-6M"))
    service.services.custody.checkpointer.publish(worker_actor())
    size = count_entries(service)
    bases = service.call("handler", "GET", f"{V1}/legal-bases").json["bases"]
    own = {
        "account": service.house.id("handler2"),
        "basis_id": bases[0]["id"],
        "code": "CALL-6M",
        "index": "0",
        "path": f"0/000.p/{size}" if size < 256 else "0/000",
    }
    return {**PLACES, **ids, **own}


def look(service, route, places):
    """Read once, later than any earlier look covers; returns the status and what was entered."""
    service.clock.advance(seconds=WINDOW.total_seconds() + 1)
    caller = CALLERS.get(route.rule, route.caller)
    service.token(caller)
    begun = count_entries(service)
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: places[found[1]], route.rule)
    status = service.call(caller, "GET", path + route.query).status_code
    names = {
        places["demand_id"]: "demand",
        places["agency_id"]: "agency",
        places["account"]: "account",
        SYSTEM_STREAM: "system",
        RECORDS_STREAM: "records",
    }
    with service.log.transactions.read() as session:
        made = [load_entry(one.data) for one in iter_entries(session, begun)]
    return status, [(one["ev"], names.get(one["case"], one["case"])) for one in made]


def test_every_reading_route_is_decided_on():
    assert LOOKS.keys().isdisjoint(SILENT)
    assert LOOKS.keys() | SILENT.keys() == {route.rule for route in READING}


@ANY_ENGINE
def test_each_look_is_entered_where_it_belongs(service, tmp_path):
    places = fill(service, tmp_path)
    for route in READING:
        expected = 404 if route.rule in EMPTY else 200
        found = look(service, route, places)
        assert found == (expected, LOOKS.get(route.rule, [])), route.rule
    check_log(service.log)
