"""One administrator with shell and database: every row, every trigger, the journal, own keys."""

from base64 import b64encode
from dataclasses import replace

from lea_service.custody.merkle import Edge, leaf_hash
from lea_service.kernel.actors import Actor, Permission
from lea_service.kernel.canonical import dump_canonical, encode_b64url, load_strict, salted_digest
from lea_service.kernel.database import append_only_ddl
from lea_service.kernel.datakeys import FILE
from lea_service.kernel.transactions import Draft
from lea_service.staff.approvals import new_approval_id
from lea_service.staff.changes import ACCOUNT, Change, dump_change
from lea_service.staff.history import Signed, entry_facts
from lea_service.staff.keys import load_request, request_enrolment
from lea_service.staff.kinds import Drafted, KindRule, register_kind
from lea_service.staff.models import Approval, ApprovalDecision
from lea_service.staff.root import load_clearances
from lea_service.staff.statement import (
    Act,
    Outcome,
    Statement,
    dump_statement,
    load_statement,
    sign_statement,
)
from tests.support.staff import clearances, new_key

PLAN = "test.plan"
SALT = bytes(range(16))
SERVICE = Actor("sys:worker", frozenset())


def draft_plan(tx, request):
    payload, deciders = {"plan": request["plan"]}, request.get("deciders", 1)
    return Drafted(request["plan"], "x_system", payload, {"rows": 3}, request, deciders=deciders)


def apply_plan(tx, approval, payload):
    pass


register_kind(
    KindRule(PLAN, Permission.PLAN_PROPOSE, Permission.PLAN_DECIDE, apply_plan, draft=draft_plan)
)


class Attacker:
    """Has the private key of admin1 and as many keys of their own as they like."""

    def __init__(self, house):
        self.house = house
        self.log = house.log
        self.mine = house.key("admin1")
        self.me = house.id("admin1")

    def drop_fences(self, session, *tables):
        """Drop the triggers that refuse changes."""
        dialect = session.get_bind().dialect.name
        for table in tables:
            for statement in append_only_ddl(table, dialect)[1]:
                session.connection().exec_driver_sql(statement)

    def sql(self, *statements, fences=()):
        """Run SQL on the case database, past the fences of some tables."""
        with self.log.transactions.database.write() as session:
            self.drop_fences(session, *fences)
            for statement in statements:
                session.connection().exec_driver_sql(statement)

    def state(self, act, signer, **fields):
        """Sign a statement with whatever key, by whomever it says."""
        by, key = signer
        decided = {"outcome": Outcome.APPROVED} if act is Act.DECIDE else {}
        data = dump_statement(Statement(act=act, by=by, **fields, **decided))
        return data, sign_statement(key, data)

    def slip_in(self, kind, subject, facts, proposer, decider, *, beneficiary=None, at=None):
        """Write an approval, its decision and both entries as the service itself would."""
        with self.log.transactions.begin(SERVICE) as tx:
            if not tx.keys.exists(tx.session, subject):
                tx.new_key(subject, FILE)
            fields = {
                "approval": new_approval_id(tx.ids),
                "kind": kind,
                "subject": subject,
                "digest": salted_digest(SALT, {}),
                "facts": facts,
                "stated_at": at or tx.now,
                "beneficiary": beneficiary,
            }
            proposed = self.state(Act.PROPOSE, proposer, **fields)
            decided = self.state(Act.DECIDE, decider, **fields)
            self._write(tx, fields, proposer[0], decider[0], proposed, decided)
        return fields["approval"]

    def _write(self, tx, fields, proposer, decider, proposed, decided):
        shared = {"proposed_by": proposer}
        sealed = {"salt": encode_b64url(SALT), "payload": {}}
        approval = Approval(
            id=fields["approval"],
            **{name: fields[name] for name in ("kind", "subject", "digest", "beneficiary")},
            payload_sealed=tx.seal(fields["subject"], sealed, f"approval/{fields['approval']}"),
            stream=fields["subject"],
            proposed_at=fields["stated_at"],
            statement=proposed[0],
            proof=dump_canonical(proposed[1]).decode(),
            **shared,
        )
        decision = ApprovalDecision(
            approval_id=fields["approval"],
            decided_by=decider,
            outcome="approved",
            decided_at=fields["stated_at"],
            statement=decided[0],
            proof=dump_canonical(decided[1]).decode(),
            **shared,
        )
        tx.session.add(approval)
        tx.session.flush()
        tx.session.add(decision)
        tx.session.flush()
        for event, row, by, signed in (
            ("approval.proposed", approval, proposer, proposed),
            ("approval.decided", decision, decider, decided),
        ):
            facts = entry_facts(Signed(*signed))
            tx.drafts.append(Draft(event, fields["subject"], by, facts, {}, [row]))

    def resign(self, approval_id, facts, proposer, decider):
        """Write other facts into an approval, signed anew as of the time it was made."""
        rows = (
            ("approvals", "id", proposer),
            ("approval_decisions", "approval_id", decider),
        )
        with self.log.transactions.database.write() as session:
            self.drop_fences(session, *(row[0] for row in rows))
            connection = session.connection()
            mark = "?" if connection.dialect.name == "sqlite" else "%s"
            for table, name, signer in rows:
                found = connection.exec_driver_sql(
                    f"SELECT statement FROM {table} WHERE {name} = {mark}", (approval_id,)
                ).scalar_one()
                old = load_statement(bytes(found))
                data = dump_statement(replace(old, facts=facts))
                proof = dump_canonical(sign_statement(signer[1], data)).decode()
                connection.exec_driver_sql(
                    f"UPDATE {table} SET statement = {mark}, proof = {mark} WHERE {name} = {mark}",
                    (data, proof, approval_id),
                )

    def facts_of_account(self, account, role, name):
        """Return the facts that let an invented person in."""
        change = Change(
            ACCOUNT,
            account,
            1,
            roles=(role,),
            person=f"person of {name}",
            key=load_request(request_enrolment(new_key(name))),
            clearances=load_clearances(clearances()),
        )
        return dump_change(change)

    def rewrite_entry(self, event, change):
        """Change every entry of an event and make the tree whole again over the new leaves."""
        with self.log.transactions.database.write() as session:
            self.drop_fences(session, "log_entries")
            connection = session.connection()
            mark = "?" if connection.dialect.name == "sqlite" else "%s"
            edge, tails = Edge(), {}
            rows = connection.exec_driver_sql(
                "SELECT idx, stream, event, data FROM log_entries ORDER BY idx"
            ).all()
            for idx, stream, found, old in rows:
                data = self._relink(bytes(old), found == event and change, tails.get(stream))
                leaf = tails[stream] = leaf_hash(data)
                edge.append(leaf)
                connection.exec_driver_sql(
                    f"UPDATE log_entries SET data = {mark}, leaf = {mark} WHERE idx = {mark}",
                    (data, leaf, idx),
                )
            connection.exec_driver_sql(f"UPDATE log_head SET edge = {mark}", (edge.dump(),))

    def _relink(self, data, change, before):
        entry = load_strict(data)
        entry["prev"] = b64encode(before).decode() if before else None
        if change:
            change(entry)
        return dump_canonical(entry)
