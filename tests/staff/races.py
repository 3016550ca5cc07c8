"""Races for one approval, many on one store: whatever comes first, nothing stands that must not.

Each round draws from a seed who races whom, so that a round is run again by its number.
"""

import random
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import select

from lea_service.custody.entries import load_entry
from lea_service.custody.models import LogEntry
from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.canonical import encode_b64url
from lea_service.kernel.errors import LeaError
from lea_service.staff.approvals import (
    decide,
    new_approval_id,
    propose,
    state_decision,
    state_proposal,
)
from lea_service.staff.changes import Change, dump_change
from lea_service.staff.decisions import Decisions
from lea_service.staff.keys import load_request, request_enrolment
from lea_service.staff.models import Account, ApprovalDecision
from lea_service.staff.queries import get_approval
from lea_service.staff.reasons import Answer
from lea_service.staff.rules import Delegation
from lea_service.staff.statement import Outcome, sign_statement
from tests.staff.attacker import PLAN
from tests.support.race import race
from tests.support.staff import new_key

ROLES = {"approver1": "approver", "approver2": "approver", "handler1": "handler"}
PEOPLE = {**ROLES, "handler2": "approver", "admin1": "administrator", "overseer1": "overseer"}
OFTEN = {
    "same_person_twice": 6,
    "two_people_at_once": 6,
    "subject_is_changed": 4,
    "key_is_replaced": 3,
    "role_is_withdrawn": 3,
    "proposer_loses_the_role": 2,
}
"""What takes little time is drawn more often than once in all."""
STEP = 1
"""So many seconds lie between what is signed and what ends the right to sign it."""


class Races:
    """The people of one house, who race for one approval after another."""

    def __init__(self, house, seed):
        self.house, self.log = house, house.log
        self.seed, self.count = seed, 0
        self.done = Counter()
        self.breaches = []

    def run(self, rounds):
        """Run so many rounds."""
        for number in range(self.count, self.count + rounds):
            draw = random.Random(f"{self.seed}/{number}")
            kind = draw.choices(sorted(KINDS), [OFTEN.get(one, 1) for one in sorted(KINDS)])[0]
            start = self._size()
            found = KINDS[kind](self, draw)
            self._judge(f"{self.seed}/{number} {kind}", start, found)
            self.done[kind] += 1
            self.count = number + 1

    def verify(self):
        """Prove every decision on a plan that stands, from the signatures alone."""
        with self.log.transactions.read() as session:
            decisions = Decisions(session, self.house.load_root())
            query = select(ApprovalDecision.approval_id)
            for approval_id in session.scalars(query).all():
                if get_approval(session, approval_id).kind == PLAN:
                    decisions.verify(approval_id)

    def plan(self, number=0):
        subject = f"pl_{number:032x}"
        return self.propose("handler1", PLAN, subject, "x_system", {"plan": subject}, {"rows": 3})

    def change(self, kind, name, **asked):
        """Return what decides on a change of somebody, signed a second later than what is before."""
        self.log.transactions.clock.advance(seconds=STEP)
        return self.decision(self.propose_change("admin1", kind, name, **asked), "overseer1")

    def propose_change(self, by, kind, name, **asked):
        account = self.house.id(name)
        with self.log.transactions.read() as session:
            generation = session.get(Account, account).generation + 1
        facts = dump_change(Change(kind, account, generation, **asked))
        return self.propose(by, kind, account, account, {}, facts, beneficiary=account)

    def propose(self, by, kind, subject, stream, payload, facts, beneficiary=None):
        """Propose as the service does once it has drafted what somebody asks for."""
        transactions, salt = self.log.transactions, bytes(16)
        about = {"kind": kind, "subject": subject, "payload": payload, "facts": facts}
        about |= {"salt": salt, "beneficiary": beneficiary}
        with transactions.begin(self.actor(by)) as tx:
            new = new_approval_id(tx.ids)
            data = state_proposal(new, by=tx.actor.id, now=tx.now, **about)
            proof = sign_statement(self.house.key(by), data)
            return propose(tx, stream=stream, statement=data, proof=proof, **about).id

    def decision(self, approval_id, name):
        """Return what hands in a decision that is signed now, by the roles of now."""
        transactions, actor = self.log.transactions, self.actor(name)
        with transactions.read() as session:
            approval = get_approval(session, approval_id)
        asked = {"answer": Answer(Outcome.APPROVED)}
        data = state_decision(approval, by=actor.id, now=transactions.clock.now(), **asked)
        proof = sign_statement(self.house.key(name), data)

        def hand_in():
            with transactions.begin(actor) as tx:
                decide(tx, approval_id, statement=data, proof=proof, root=None, **asked)
            return approval_id

        return hand_in

    def actor(self, name):
        """Return a person as they signed in once; their rights are looked at anew."""
        return Actor(self.house.id(name), frozenset({Role(PEOPLE[name])}))

    def give(self, name, *roles):
        """Give somebody roles, when nobody races."""
        self.change("staff.roles", name, roles=tuple(roles))()
        self.log.transactions.clock.advance(seconds=STEP)

    def _size(self):
        with self.log.transactions.read() as session:
            return session.scalar(select(LogEntry.idx).order_by(LogEntry.idx.desc()).limit(1))

    def _judge(self, name, start, found):
        """Hold what the log says of a round against what may be."""
        with self.log.transactions.read() as session:
            query = select(LogEntry.data).where(LogEntry.idx > start).order_by(LogEntry.idx)
            entries = [load_entry(data) for data in session.scalars(query)]
        facts = [(one["ev"], one["by"], one.get("facts") or {}) for one in entries]
        decided = [
            (n, by)
            for n, (event, by, said) in enumerate(facts)
            if event == "approval.decided" and said["approval"] in found.contested
        ]
        ended = [n for n, (event, _, _) in enumerate(facts) if event == found.ends]
        wins = sum(not isinstance(one, Exception) for one in found.results)
        wrong = [one for one in found.results if isinstance(one, Exception) and not is_plain(one)]
        if len(decided) > 1:
            self.breaches.append(f"{name}: decided twice")
        if found.ends and ended and any(n > ended[0] for n, _ in decided):
            self.breaches.append(f"{name}: decided after the right had ended")
        if wins != len(decided) or wrong:
            self.breaches.append(f"{name}: told otherwise than entered: {found.results}")


def is_plain(error):
    """Say whether somebody who lost a race is told so in our own words."""
    return isinstance(error, LeaError)


def _found(races, contested, results, ends=None):
    return SimpleNamespace(races=races, contested=contested, results=results, ends=ends)


def same_person_twice(races, draw):
    approval_id, name = races.plan(), draw.choice(["approver1", "approver2"])
    acts = [races.decision(approval_id, name) for _ in range(2)]
    return _found(races, {approval_id}, race(*acts))


def two_people_at_once(races, draw):
    approval_id, names = races.plan(), ["approver1", "approver2"]
    draw.shuffle(names)
    acts = [races.decision(approval_id, name) for name in names]
    return _found(races, {approval_id}, race(*acts))


def _withdrawn(races, draw, decider, loser):
    approval_id = races.plan()
    act = races.decision(approval_id, decider)
    acts = [act, races.change("staff.roles", loser, roles=())]
    results = _race_in_any_order(draw, acts)
    races.give(loser, Role(ROLES[loser]))
    return _found(races, {approval_id}, results[:1], "staff.roles_changed")


def _race_in_any_order(draw, acts):
    """Race two; who is started first is drawn. Whatever ends a right must go through."""
    results = race(*acts) if draw.random() < 0.5 else race(*reversed(acts))[::-1]
    assert not isinstance(results[1], Exception), results[1]
    return results


def role_is_withdrawn(races, draw):
    name = draw.choice(["approver1", "approver2"])
    return _withdrawn(races, draw, name, name)


def proposer_loses_the_role(races, draw):
    return _withdrawn(races, draw, draw.choice(["approver1", "approver2"]), "handler1")


def delegation_ends(races, draw):
    """A borrower decides while the lender's role is withdrawn, which ends what is lent."""
    lender, clock = draw.choice(["approver1", "approver2"]), races.log.transactions.clock
    lent = Delegation(races.house.id(lender), clock.now(), clock.now() + timedelta(days=1))
    races.change("staff.delegation", "handler2", delegation=lent)()
    clock.advance(seconds=STEP)
    found = _withdrawn(races, draw, "handler2", lender)
    races.give("handler2", Role.HANDLER)
    return found


def key_is_replaced(races, draw):
    """Whoever decides, or whoever proposed, has the key replaced meanwhile."""
    approval_id, name = races.plan(), draw.choice(sorted(ROLES))
    decider = name if name != "handler1" else draw.choice(["approver1", "approver2"])
    act = races.decision(approval_id, decider)
    key = new_key(encode_b64url(draw.randbytes(20)))
    change = races.change("staff.key", name, key=load_request(request_enrolment(key)))
    results = _race_in_any_order(draw, [act, change])
    races.house.keys[name] = key
    races.log.transactions.clock.advance(seconds=STEP)
    return _found(races, {approval_id}, results[:1], "staff.key_enrolled")


def subject_is_changed(races, draw):
    """Two proposals rest on one state of somebody: only one of them takes effect."""
    roles = [(Role.ENGINEER,), (Role.ADMINISTRATOR, Role.ENGINEER)]
    ids = []
    for by, wanted in zip(("admin1", "overseer1"), roles, strict=True):
        ids.append(races.propose_change(by, "staff.roles", "engineer1", roles=wanted))
    acts = [races.decision(ids[0], "overseer1"), races.decision(ids[1], "admin1")]
    if draw.random() < 0.5:
        acts.reverse()
    results = race(*acts)
    races.log.transactions.clock.advance(seconds=STEP)
    return _found(races, set(ids), results)


KINDS = {
    one.__name__: one
    for one in (
        same_person_twice,
        two_people_at_once,
        role_is_withdrawn,
        proposer_loses_the_role,
        delegation_ends,
        key_is_replaced,
        subject_is_changed,
    )
}
