"""Every route: who may call it, with which body, and what comes of it where nothing is there."""

import re
from dataclasses import dataclass, field

from lea_service.kernel.actors import GRANTS, Permission, Role
from tests.demands.samples import demand_json

NONE = "0" * 32
PLACES = {
    "account": f"s_{NONE}",
    "agency_id": f"a_{NONE}",
    "approval_id": f"ap_{NONE}",
    "basis_id": "NL-NO-SUCH-BASIS",
    "certificate_id": f"ce_{NONE}",
    "code": "NO-SUCH-RULE",
    "demand_id": f"c_{NONE}",
    "filename": "documentation.css",
    "import_id": f"im_{NONE}",
    "index": "999999",
    "package_id": f"pk_{NONE}",
    "paper_id": f"wp_{NONE}",
    "notice_id": f"bn_{NONE}",
    "path": "7/000",
    "pull_id": f"j_{NONE}",
    "purge_id": f"pu_{NONE}",
    "source": f"so_{NONE}",
    "token_id": f"tk_{NONE}",
    "warning_id": f"w_{NONE}",
}
"""What stands in the variable parts of a path: ids of a right form that nothing has."""

EVERYBODY, KNOWN = "everybody", "known"
STAFF = Permission.STAFF_SELF
PROVERS = frozenset({Permission.CUSTODY_READ, Permission.CUSTODY_READ_DEMAND})
STAMPED = {"If-Match": '"1"'}
SIGNED = {"kind": "ed25519", "key": "A" * 43, "signature": "A" * 86}
B64 = "A" * 22
DECISION = {"outcome": "approved", "statement": B64, "proof": SIGNED}
AGENCY = {"name": "Politie", "kind": "police", "country": "NL", "roles": []}
PROPOSAL = {"kind": "agency.organisation", "request": AGENCY}
PASSWORD = {"login": "nobody", "password": "correct horse battery staple"}


@dataclass(frozen=True)
class Route:
    """One method of one path; ``status`` is for those who may call it."""

    method: str
    rule: str
    who: object
    status: int
    body: object = None
    headers: dict = field(default_factory=dict)
    query: str = ""
    media: str = "application/json"
    others: dict = field(default_factory=dict)

    @property
    def path(self):
        """Return the path with ids in it, and the query."""
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: PLACES[found[1]], self.rule)
        return path + self.query

    @property
    def options(self):
        """Return how a test client sends it."""
        if self.body is None:
            return {"headers": self.headers}
        kind = "json" if self.media == "application/json" else "data"
        found = {kind: self.body, "headers": self.headers}
        return found if kind == "json" else {**found, "content_type": self.media}

    def expects(self, role):
        """Return the status that somebody of a role gets."""
        if self.who is EVERYBODY:
            return self.status
        if role == "stranger":
            return 401
        if role in self.others:
            return self.others[role]
        wanted = self.who if isinstance(self.who, frozenset) else {self.who}
        may = self.who is KNOWN or bool(wanted & GRANTS[Role(role)])
        return self.status if may else 403

    @property
    def caller(self):
        """Return the first role that may call it."""
        return next(role for role in ROLES if self.expects(role) == self.status)


ROLES = ("handler", "approver", "auditor", "overseer", "engineer", "administrator", "receiver")
P = Permission
V1 = "/api/v1"
DEMAND = f"{V1}/demands/<demand_id>"
COLLECT = f"{V1}/collect/packages"
SOURCE = f"{V1}/sources/<source>"
ROUTES = (
    Route("GET", "/health/live", EVERYBODY, 200),
    Route("GET", "/health/ready", EVERYBODY, 200),
    Route("GET", "/api/docs", EVERYBODY, 200),
    Route("GET", "/api/openapi.json", EVERYBODY, 200),
    Route("GET", "/api/static/<path:filename>", EVERYBODY, 200),
    Route("POST", f"{V1}/session", EVERYBODY, 401, PASSWORD),
    Route(
        "POST", f"{V1}/session/password", EVERYBODY, 401,
        {**PASSWORD, "code": "ABCD", "proof": SIGNED},
    ),
    Route("POST", f"{V1}/collect/claim", EVERYBODY, 401, {"code": "ABCD"}),
    Route("GET", f"{V1}/tokens", STAFF, 200),
    Route("POST", f"{V1}/tokens", STAFF, 201, {"label": "a program"}),
    Route("DELETE", f"{V1}/tokens/<token_id>", STAFF, 404),
    Route("GET", f"{V1}/staff", P.STAFF_LIST, 200),
    Route("GET", f"{V1}/staff/printable", P.STAFF_LIST, 200),
    Route("GET", f"{V1}/staff/me", STAFF, 200),
    Route("GET", f"{V1}/staff/reachability", P.STAFF_LIST, 200),
    Route("POST", f"{V1}/staff/reachability/answer", STAFF, 404, {"code": "ABCD-EFGH"}),
    Route(
        "POST", f"{V1}/staff/reachability/absences", STAFF, 204,
        {"from": "2026-12-21T08:00:00+01:00", "until": "2026-12-28T18:00:00+01:00"},
    ),
    Route("POST", f"{V1}/staff/<account>/suspension", P.STAFF_SUSPEND, 404, {"ground": "left"}),
    Route("POST", f"{V1}/staff/<account>/code", P.STAFF_PROPOSE, 404),
    Route("GET", f"{V1}/staff/<account>/tokens", P.STAFF_SUSPEND, 404),
    Route("GET", f"{V1}/approvals", STAFF, 200),
    Route("GET", f"{V1}/approvals/<approval_id>", KNOWN, 404),
    Route("GET", f"{V1}/approvals/<approval_id>/page", KNOWN, 404),
    Route("GET", f"{V1}/approvals/<approval_id>/page/content", KNOWN, 404),
    Route("POST", f"{V1}/approvals/preparations", P.AGENCY_PROPOSE, 200, PROPOSAL),
    Route(
        "POST", f"{V1}/approvals", P.AGENCY_PROPOSE, 422,
        {**PROPOSAL, "salt": B64, "statement": B64, "proof": SIGNED},
    ),
    Route(
        "POST", f"{V1}/approvals/<approval_id>/preparations", KNOWN, 404, {"outcome": "approved"}
    ),
    Route("POST", f"{V1}/approvals/<approval_id>/decision", KNOWN, 404, DECISION),
    Route("GET", f"{V1}/agencies", P.AGENCY_READ, 200),
    Route("GET", f"{V1}/agencies/<agency_id>", P.AGENCY_READ, 404),
    Route("GET", f"{V1}/agencies/<agency_id>/receiver-tokens", P.AGENCY_READ, 404),
    Route(
        "POST", f"{V1}/agencies/suspensions", P.AGENCY_SUSPEND, 404,
        {"subject": PLACES["agency_id"], "ground": "doubt"},
    ),
    Route(
        "POST", f"{V1}/agencies/certificates/<certificate_id>/revocation", P.AGENCY_SUSPEND, 404,
        {"ground": "key_lost"},
    ),
    Route("POST", f"{V1}/receiver-tokens/<token_id>/code", P.AGENCY_PROPOSE, 404),
    Route("POST", f"{V1}/receiver-tokens/<token_id>/revocation", P.AGENCY_SUSPEND, 404),
    Route("POST", f"{V1}/demands", P.DEMAND_RECORD, 201, demand_json()),
    Route("GET", f"{V1}/demands", P.DEMAND_LIST, 200),
    Route("GET", f"{V1}/demands/emergencies", P.DEMAND_LIST, 200),
    Route("GET", DEMAND, P.DEMAND_READ, 404),
    Route("PUT", DEMAND, P.DEMAND_EDIT, 404, demand_json(), STAMPED),
    Route("GET", f"{DEMAND}/order", P.DEMAND_READ, 404),
    Route("GET", f"{DEMAND}/order/reading", P.DEMAND_READ, 404),
    Route("GET", f"{DEMAND}/holds", P.DEMAND_READ, 404),
    Route(
        "POST", f"{DEMAND}/withdrawal", P.DEMAND_WITHDRAW, 404,
        {"by": "Anna de Vries", "channel": "phone", "reason": "mistake"},
    ),
    Route("POST", f"{DEMAND}/closing", P.DEMAND_CLOSE, 404),
    Route("GET", f"{V1}/legal-bases", P.LEGAL_READ, 200),
    Route("GET", f"{V1}/legal-bases/<basis_id>", P.LEGAL_READ, 404),
    Route("GET", f"{V1}/legal-catalogue", P.LEGAL_READ, 200),
    Route("GET", f"{V1}/legal-catalogue/difference", P.LEGAL_READ, 200),
    Route("POST", f"{DEMAND}/assessment", P.LEGAL_ASSESS, 404),
    Route("GET", f"{DEMAND}/assessment", P.DEMAND_READ, 404),
    Route("GET", f"{DEMAND}/authenticity", P.DEMAND_READ, 404),
    Route(
        "POST", f"{DEMAND}/call-backs", P.LEGAL_ASSESS, 404,
        {
            "contact": f"cn_{NONE}", "called_at": "2026-11-24T09:00:00Z", "outcome": "confirmed",
            "spoke_to": "mr. B. Bakker",
        },
    ),
    Route("GET", f"{V1}/authenticity-policy", P.LEGAL_READ, 200),
    Route("GET", f"{DEMAND}/deadlines", P.DEMAND_READ, 404),
    Route("GET", f"{V1}/deadlines", P.DEMAND_LIST, 200),
    Route("POST", f"{DEMAND}/preservation", P.PRESERVATION_KEEP, 404, {"days": None}),
    Route("GET", f"{DEMAND}/preservation", P.DEMAND_READ, 404),
    Route(
        "POST", f"{DEMAND}/preservation/extensions", P.PRESERVATION_KEEP, 404,
        {"by": "term", "reason": "read in the order"},
    ),
    Route("GET", f"{V1}/preservations", P.DEMAND_LIST, 200),
    Route(
        "POST", f"{DEMAND}/upholding", P.LEGAL_ASSESS, 404,
        {"reason": "Called the desk back."},
    ),
    Route(
        "POST", f"{DEMAND}/enforcing-refusal", P.LEGAL_ASSESS, 404,
        {"reason": "Called the desk back."},
    ),
    Route(
        "POST", f"{DEMAND}/assessment/acceptances", P.LEGAL_ASSESS, 404,
        {"code": "basis.known", "reason": "read in the order"},
    ),
    Route(
        "POST", f"{DEMAND}/refusal", P.DEMAND_REFUSE, 404,
        {"ground": "basis_unknown", "findings": ["basis.known"], "explanation": "there is no basis"},
    ),
    Route("GET", f"{DEMAND}/refusal", P.DEMAND_READ, 404),
    Route(
        "POST", f"{DEMAND}/narrowings", P.DEMAND_REFUSE, 404,
        {"item": 1, "ground": "not_held", "reason": "read in the order"},
    ),
    Route("GET", f"{DEMAND}/narrowings", P.DEMAND_READ, 404),
    Route(
        "POST", f"{DEMAND}/annex-forms", P.DEMAND_REFUSE, 404,
        {
            "reasons": ["other"],
            "statement": {"explanation": "read in the certificate", "is_preserved": True},
        },
    ),
    Route("GET", f"{DEMAND}/annex-forms", P.DEMAND_READ, 404),
    Route("GET", f"{V1}/annex-reasons", P.LEGAL_READ, 200),
    Route(
        "POST", f"{DEMAND}/referral", P.DEMAND_REFUSE, 404,
        {"to": "not_ours", "reason": "read in the register"},
    ),
    Route("GET", f"{DEMAND}/referral", P.DEMAND_READ, 404),
    Route("GET", f"{V1}/referral-kinds", P.LEGAL_READ, 200),
    Route("GET", f"{V1}/codelists", KNOWN, 200),
    Route("GET", f"{DEMAND}/letters", P.DEMAND_READ, 404),
    Route("GET", f"{DEMAND}/letters/draft", P.DEMAND_READ, 404, query="?about=refusal"),
    Route("GET", f"{DEMAND}/letters/draft/pdf", P.DEMAND_READ, 404, query="?about=refusal"),
    Route(
        "POST", f"{DEMAND}/letters", P.DEMAND_REFUSE, 404, {"about": "refusal", "digest": "A" * 43}
    ),
    Route("POST", f"{DEMAND}/clarifications", P.LEGAL_ASSESS, 404, {"question": "Which day?", "reasons": ["period"]}),
    Route("PUT", f"{DEMAND}/clarifications", P.LEGAL_ASSESS, 404, {"answer": "Today."}, STAMPED),
    Route("GET", f"{DEMAND}/clarifications", P.DEMAND_READ, 404),
    Route("POST", f"{DEMAND}/plan", P.PLAN_COMPILE, 404, {"past_term": None}),
    Route("GET", f"{DEMAND}/plan", P.PLAN_READ, 404),
    Route("POST", f"{DEMAND}/preview", P.PLAN_PREVIEW, 404),
    Route("GET", f"{DEMAND}/preview", P.PLAN_READ, 404),
    Route("GET", f"{DEMAND}/progress", P.JOB_READ, 404),
    Route("POST", f"{DEMAND}/stop", P.PLAN_PREVIEW, 404, {"reason": "question"}),
    Route("POST", f"{DEMAND}/resumption", P.PLAN_PROPOSE, 404),
    Route("GET", f"{DEMAND}/instalments", P.PLAN_READ, 404),
    Route(
        "POST", f"{DEMAND}/shortening", P.DEMAND_WITHDRAW, 404,
        {"by": "Anna", "channel": "phone", "until": "2026-12-01T00:00:00Z"},
    ),
    Route("GET", f"{DEMAND}/packages", P.PACKAGE_READ, 404),
    Route("GET", f"{V1}/packages/<package_id>", P.PACKAGE_READ, 404),
    Route("GET", f"{DEMAND}/deliveries", P.DELIVERY_READ, 404),
    Route("GET", f"{V1}/deliveries/overdue", P.DELIVERY_READ, 200),
    Route("POST", f"{DEMAND}/erasure", P.DEMAND_CLOSE, 404),
    Route("GET", f"{V1}/collect/demands", P.DELIVERY_COLLECT, 200),
    Route("GET", f"{V1}/collect/demands/<demand_id>", P.DELIVERY_COLLECT, 404),
    Route("GET", COLLECT, P.DELIVERY_COLLECT, 200),
    Route("GET", f"{COLLECT}/<package_id>", P.DELIVERY_COLLECT, 404),
    Route("GET", f"{COLLECT}/<package_id>/content", P.DELIVERY_COLLECT, 404),
    Route("GET", f"{COLLECT}/<package_id>/proof", P.DELIVERY_COLLECT, 404),
    Route("GET", f"{COLLECT}/<package_id>/entry", P.DELIVERY_COLLECT, 404),
    Route(
        "POST", f"{V1}/collect/receipts", P.DELIVERY_COLLECT, 404,
        {"format": "lea.receipt/1", "package": PLACES["package_id"], "code": "A" * 43},
    ),
    Route("GET", f"{V1}/confirmations", P.DEMAND_LIST, 200),
    Route(
        "POST", f"{DEMAND}/confirmation-papers", P.DEMAND_EDIT, 404, b"%PDF-1.7",
        media="application/pdf",
    ),
    Route("GET", f"{DEMAND}/confirmation-papers", P.DEMAND_READ, 404),
    Route("GET", f"{DEMAND}/confirmation-papers/<paper_id>", P.DEMAND_READ, 404),
    Route("GET", f"{V1}/breaches", P.BREACH_READ, 200),
    Route(
        "POST", f"{V1}/breaches/<notice_id>/assessment", P.BREACH_ASSESS, 404,
        {"outcome": "breach", "reason": "asked the agency"},
    ),
    Route("GET", f"{V1}/warnings", P.WARNING_READ, 200),
    Route("GET", f"{V1}/inquiries/<approval_id>", P.INQUIRY_ASK, 404),
    Route("GET", f"{V1}/warnings/lists", P.STAFF_PROPOSE, 200),
    Route(
        "POST", f"{V1}/warnings/<warning_id>/settlement", P.WARNING_SETTLE, 404,
        {"reason": "asked the agency"},
    ),
    Route("GET", f"{DEMAND}/custody", P.CUSTODY_READ_DEMAND, 404),
    Route("GET", f"{V1}/custody/checkpoint", P.CUSTODY_READ, 200),
    Route("GET", f"{V1}/custody/tile/<path:path>", P.CUSTODY_READ, 404),
    Route("GET", f"{V1}/custody/entries/<int:index>/proof", PROVERS, 404),
    Route("GET", f"{V1}/custody/consistency", P.CUSTODY_READ, 200, query="?old=1&new=2"),
    Route("POST", f"{V1}/custody/bundles", P.CUSTODY_EXPORT, 200, {"demand": None}),
    Route("GET", f"{V1}/sources", P.SOURCE_READ, 200),
    Route(
        "POST", f"{V1}/sources", P.SOURCE_MANAGE, 201,
        {"name": "pbx", "shipped": "asterisk-master-csv"},
    ),
    Route("GET", SOURCE, P.SOURCE_READ, 404),
    Route("GET", f"{SOURCE}/coverage", P.SOURCE_READ, 404),
    Route("GET", f"{SOURCE}/imports", P.SOURCE_READ, 404),
    Route("POST", f"{SOURCE}/imports", P.SOURCE_MANAGE, 404, b"a;b\n", media="text/csv"),
    Route("GET", f"{SOURCE}/imports/<import_id>", P.SOURCE_READ, 404),
    Route("GET", f"{SOURCE}/imports/<import_id>/rejects", P.SOURCE_MANAGE, 404),
    Route("POST", f"{SOURCE}/pulls", P.SOURCE_MANAGE, 404, {"extent": "whole"}),
    Route("GET", f"{SOURCE}/pulls/<pull_id>", P.SOURCE_READ, 404),
    Route("POST", f"{SOURCE}/examinations", P.SOURCE_MANAGE, 404),
    Route("POST", f"{SOURCE}/samples", P.SOURCE_MANAGE, 404, {"rows": 5}),
    Route("POST", f"{SOURCE}/grants", P.SOURCE_MANAGE, 404, {"account": "lea_reader"}),
    Route("GET", f"{V1}/processing", P.RETENTION_READ, 200),
    Route("GET", f"{V1}/processing/published", P.RETENTION_READ, 200),
    Route("GET", f"{V1}/processing/<code>", P.RETENTION_READ, 404),
    Route("GET", f"{V1}/retention/register", P.RETENTION_READ, 200),
    Route("GET", f"{V1}/retention/rules", P.RETENTION_READ, 200),
    Route("GET", f"{V1}/retention/rules/<code>", P.RETENTION_READ, 404),
    Route("GET", f"{V1}/retention/grounds", P.RETENTION_READ, 200),
    Route("GET", f"{V1}/retention/due", P.RETENTION_READ, 200),
    Route("GET", f"{V1}/retention/purges/<purge_id>/certificate", P.RETENTION_READ, 404),
    Route("GET", f"{V1}/retention/statistics", P.RETENTION_READ, 200),
    Route("GET", f"{V1}/retention/purges", P.RETENTION_READ, 200),
    Route("POST", f"{V1}/retention/purges", P.RETENTION_PURGE, 202),
    Route("DELETE", f"{V1}/collect/token", P.DELIVERY_COLLECT, 200),
    Route("DELETE", f"{V1}/session", STAFF, 204, others={"receiver": 401}),
)  # fmt: skip
JSON_ROUTES = tuple(
    route for route in ROUTES if route.body is not None and route.media == "application/json"
)
CASE_READING = frozenset(
    {
        P.DEMAND_READ, P.DEMAND_LIST, P.PLAN_READ, P.PACKAGE_READ, P.DELIVERY_READ,
        P.CUSTODY_READ_DEMAND, P.JOB_READ, P.PLAN_PREVIEW, P.CUSTODY_EXPORT,
    }
)  # fmt: skip
"""What lets somebody see anything of a case."""
