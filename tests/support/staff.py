"""A provider's staff with real keys: every account came into being by two signatures."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lea_service.kernel.actors import Actor
from lea_service.staff.approval_service import ApprovalService
from lea_service.staff.bootstrap import bootstrap, read_founder
from lea_service.staff.keys import request_enrolment
from lea_service.staff.kinds import get_kind
from lea_service.staff.queries import find_rights, get_approval
from lea_service.staff.reasons import Answer
from lea_service.staff.root import load_root
from lea_service.staff.statement import Outcome, sign_statement
from tests.support.kept import keep

WHY, SALT = "Not as it should be.", bytes(range(16))
VALID = ("2026-01-01", "2027-12-31")
TEAM = {
    "handler1": "handler",
    "handler2": "handler",
    "approver1": "approver",
    "approver2": "approver",
    "auditor1": "auditor",
    "engineer1": "engineer",
}


def clearances(start=VALID[0], end=VALID[1], kinds=("screening", "secrecy", "training")):
    return [{"kind": kind, "from": start, "until": end} for kind in kinds]


def new_key(seed):
    """Return a key that is the same for the same seed."""
    return Ed25519PrivateKey.from_private_bytes(seed.encode().ljust(32, b".")[:32])


def person_form(name, key, **changes):
    """Return what a person hands in; ``changes`` replace fields."""
    form = {
        "name": f"Person {name}",
        "login": name,
        "personnel_number": f"N-{name.upper()}"[:20],
        "key": request_enrolment(key),
        "clearances": clearances(),
    }
    return form | changes


@dataclass
class House:
    """The people of a provider: founders admin1 and overseer1 and the team they let in."""

    log: SimpleNamespace
    root_path: Path
    approvals: ApprovalService
    load_root: partial
    codes: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)

    @property
    def ids(self):
        """Return the source of identifiers."""
        return self.log.transactions.ids

    def id(self, name):
        """Return the account of a person."""
        return self.people[name]

    def key(self, name):
        """Return the private key of a person."""
        return self.keys[name]

    def actor(self, name):
        """Return the person with the roles that count at this instant."""
        account, now = self.people[name], self.log.transactions.clock.now()
        with self.log.transactions.read() as session:
            rights = find_rights(session, account, now)
        return Actor(account, rights.roles)

    def propose(self, kind, request, by="handler1", key=None):
        """Propose with a real signature; returns the id of the approval."""
        actor = self.actor(by)
        prepared = self.approvals.prepare(actor, kind, request)
        view = self.approvals.propose(
            actor,
            kind,
            prepared.request,
            salt=prepared.salt,
            statement=prepared.statement,
            proof=sign_statement(key or self.keys[by], prepared.statement),
        )
        return view.id

    def answer(self, approval_id, outcome="approved", reasons=()):
        """Return how somebody decides who looked at all, or tells why not."""
        with self.log.transactions.read() as session:
            rule = get_kind(get_approval(session, approval_id).kind)
        if outcome == "approved":
            return Answer(Outcome.APPROVED, looked_at=rule.rule.looked_at)
        return Answer(Outcome(outcome), tuple(reasons), text=WHY, salt=SALT)

    def decide(self, approval_id, by="approver1", outcome="approved", reasons=(), key=None):
        """Decide with a real signature; returns the approval's view."""
        actor, answer = self.actor(by), self.answer(approval_id, outcome, reasons)
        statement = self.approvals.prepare_decision(actor, approval_id, answer)
        return self.approvals.decide(
            actor,
            approval_id,
            answer=answer,
            statement=statement,
            proof=sign_statement(key or self.keys[by], statement),
        )

    def approve(self, kind, request, by="handler1", decided_by="approver1"):
        """Propose and approve; returns the id of the approval."""
        approval_id = self.propose(kind, request, by)
        self.decide(approval_id, decided_by)
        return approval_id

    def hire(self, name, *roles, by="admin1", decided_by="overseer1", **changes):
        """Let a new colleague in; returns the account."""
        self.keys[name] = new_key(name)
        request = person_form(name, self.keys[name], roles=list(roles), **changes)
        approval_id = self.approve("staff.account", request, by, decided_by)
        view = self.approvals.open(self.actor(by), approval_id).view
        self.people[name] = view.subject
        return view.subject


def make_house(log, root_path, team=TEAM):
    """Bootstrap the founders and hire the team on the case database behind ``log``."""
    root_path = Path(root_path)
    load = partial(load_root, root_path)
    service = ApprovalService(log.transactions, log.looks, load)
    house = House(log, root_path, service, load)
    made = keep(log, ("house", *team.items()), partial(_make, house, team))
    house.people, house.codes, house.keys = dict(made.people), dict(made.codes), dict(made.keys)
    if not root_path.exists():
        root_path.parent.mkdir(parents=True, exist_ok=True)
        root_path.write_bytes(made.root)
    return house


def _make(house, team):
    house.keys = {name: new_key(name) for name in ("admin1", "overseer1")}
    made = bootstrap(house.log.transactions, house.root_path, *founders(house.keys))
    house.people = dict(zip(house.keys, made.codes, strict=True))
    house.codes = dict(zip(house.keys, made.codes.values(), strict=True))
    for name, role in team.items():
        house.hire(name, role)
    return SimpleNamespace(
        people=house.people,
        codes=house.codes,
        keys=house.keys,
        root=house.root_path.read_bytes(),
    )


def founders(keys, **changes):
    """Return administrator and overseer as the bootstrap takes them."""
    return [read_founder(person_form(name, keys[name], **changes), f"/{name}") for name in keys]
