"""Whether an exported decision leaves nothing out: it is compared with every entry of the log.

The signatures in an export prove what was decided about the people behind it, not what was left
out: a suspension, a role taken away, another key. Only the entries of the whole log tell that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.errors import LeaError, VerificationFailed
from lea_service.staff.changes import (
    ACCOUNT,
    CLEARANCE,
    DELEGATION,
    ENGAGEMENT,
    KEY,
    LIFT,
    ROLES,
    find_lender,
)
from lea_service.staff.history import (
    LOG_DELAY,
    STAFF_RULE,
    Case,
    Exported,
    History,
    Rule,
    Suspension,
    entry_facts,
    needed_accounts,
    suspensions_among,
)
from lea_service.staff.root import Root
from lea_service.staff.statement import Outcome, load_statement

Entry = Mapping[str, Json]
EFFECTS = {
    ACCOUNT: "staff.account_created",
    ROLES: "staff.roles_changed",
    KEY: "staff.key_enrolled",
    CLEARANCE: "staff.clearance_recorded",
    LIFT: "staff.reinstated",
    DELEGATION: "staff.delegated",
    ENGAGEMENT: "staff.engaged",
}
"""What is entered when a change of staff takes effect, in the transaction of its decision."""


def compare_entries(
    case: Case, proposed: Entry | None, decided: Entry | None, endorsed: Sequence[Entry] = ()
) -> datetime:
    """Check that the entries are of exactly the signatures in ``case``, made when they say.

    Returns when the decision was entered. Raises VerificationFailed.
    """
    entered: list[datetime] = []
    others = {str(one["by"]): one for one in endorsed}
    signers = [load_statement(one.statement).by for one in case.endorsements]
    if set(others) - set(signers):
        raise VerificationFailed(f"leaves out who agreed to {case.approval}")
    agreed = [(one, others.get(by)) for one, by in zip(case.endorsements, signers, strict=True)]
    for signed, entry in ((case.proposal, proposed), *agreed, (case.decision, decided)):
        if entry is None:
            raise VerificationFailed(f"{case.approval} is not in the log")
        facts, statement = facts_of(entry), load_statement(signed.statement)
        wanted = entry_facts(signed)
        if entry["by"] != statement.by or any(
            name not in facts or facts[name] != value for name, value in wanted.items()
        ):
            raise VerificationFailed(f"the log holds other signatures of {case.approval}")
        entered.append(parse_instant(str(entry["t"])))
        if not statement.stated_at <= entered[-1] <= statement.stated_at + LOG_DELAY:
            raise VerificationFailed(f"{case.approval} was not entered when it says it was signed")
    if not entered[0] <= min(entered[1:]) <= max(entered[1:]) <= entered[-1]:
        raise VerificationFailed(f"the decision on {case.approval} was entered before its proposal")
    return entered[-1]


def facts_of(entry: Entry) -> Mapping[str, Json]:
    """Return the facts of an entry; none are an empty mapping."""
    facts = entry.get("facts")
    return facts if isinstance(facts, dict) else {}


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry where the log holds it."""

    index: int
    entry: Entry

    @property
    def account(self) -> str:
        """Return whose stream it stands in."""
        return str(self.entry["case"])

    @property
    def approval(self) -> str:
        """Return the approval it is about."""
        return str(facts_of(self.entry).get("approval"))

    def says(self, name: str) -> Json:
        """Return one of its facts."""
        return facts_of(self.entry).get(name)

    def place(self) -> str:
        """Return where it stands, in words."""
        return f"entry {self.index}, {self.entry['t']}"


@dataclass
class StaffLog:
    """What a log holds of staff and of approvals, entry by entry."""

    founders: list[Placed] = field(default_factory=list)
    proposed: dict[str, Placed] = field(default_factory=dict)
    endorsed: dict[str, list[Placed]] = field(default_factory=dict)
    decided: dict[str, Placed] = field(default_factory=dict)
    suspended: list[Placed] = field(default_factory=list)
    effects: list[Placed] = field(default_factory=list)
    odd: list[Placed] = field(default_factory=list)

    def take(self, index: int, entry: Entry) -> None:
        """Keep the next entry if it is of staff or an approval."""
        placed, event = Placed(index, entry), entry["ev"]
        if event == "approval.proposed":
            self._keep(self.proposed, placed)
        elif event == "approval.endorsed":
            self.endorsed.setdefault(placed.approval, []).append(placed)
        elif event == "approval.decided":
            self._keep(self.decided, placed)
        elif event == "staff.bootstrapped":
            self.founders.append(placed)
        elif event == "staff.suspended":
            self.suspended.append(placed)
        elif event in EFFECTS.values():
            self.effects.append(placed)

    def _keep(self, kept: dict[str, Placed], placed: Placed) -> None:
        if placed.says("signed") is None or placed.approval in kept:
            self.odd.append(placed)
        kept.setdefault(placed.approval, placed)

    def changes(self, before: int) -> Iterator[Placed]:
        """Yield the approved changes of staff that were decided before an entry."""
        for one in self.decided.values():
            is_change = str(one.says("kind")) in EFFECTS
            if is_change and one.index < before and one.says("outcome") == Outcome.APPROVED:
                yield one

    def needed(self, approval: str, before: int) -> set[str]:
        """Return the people on whom an approval rests."""
        pairs = [(one.account, self._signers(one.approval)) for one in self.changes(before)]
        for one in self.effects:
            lender = find_lender(facts_of(one.entry))
            if lender is not None and one.index < before:
                pairs.append((one.account, (lender,)))
        return needed_accounts(self._signers(approval), pairs)

    def agreed(self, approval: str) -> list[Entry]:
        """Return the entries of those who agreed before the decision, in order."""
        return [one.entry for one in self.endorsed.get(approval, ())]

    def _signers(self, approval: str) -> tuple[str, ...]:
        kept = (self.proposed.get(approval), self.decided.get(approval))
        entries = [one.entry for one in kept if one is not None] + self.agreed(approval)
        return tuple(str(one["by"]) for one in entries)


def check_chain(exported: Exported, root: Root, log: StaffLog, rule: Rule) -> list[str]:
    """Return a line for everything in which an exported decision and the log differ.

    Compared are all changes and suspensions before the decision of the people it rests on; what
    the log holds of others does not matter to it.
    """
    target = exported.case.approval
    if target not in log.decided:
        return [f"{target} is not in the log"]
    until = log.decided[target].index
    needed = log.needed(target, until)
    return [
        *_check_founders(log, root),
        *_check_cases(exported, log, needed, until),
        *_check_suspensions(exported, log, needed, until),
        *_check_effects(exported, log, needed, until),
        *_check_rights(exported, root, log, rule),
    ]


def _check_founders(log: StaffLog, root: Root) -> Iterator[str]:
    found = [(one.account, one.says("root")) for one in log.founders]
    if found != [(founder.account, root.digest) for founder in root.founders]:
        yield "the log begins with other first two people than the staff root names"


def _check_cases(exported: Exported, log: StaffLog, needed: set[str], until: int) -> Iterator[str]:
    given = {case.approval for case in exported.chain}
    for one in log.odd:
        if one.account in needed:
            yield f"the log holds an approval twice, or without its facts ({one.place()})"
    for one in log.changes(until):
        if one.account in needed and one.approval not in given:
            kind = one.says("kind")
            yield f"leaves out a {kind} of {one.account}: {one.approval} ({one.place()})"
    for case in (*exported.chain, exported.case):
        yield from _check_case(case, log, until)


def _check_case(case: Case, log: StaffLog, until: int) -> Iterator[str]:
    proposed, decided = log.proposed.get(case.approval), log.decided.get(case.approval)
    if proposed is None or decided is None:
        yield f"{case.approval} is not in the log"
        return
    try:
        compare_entries(case, proposed.entry, decided.entry, log.agreed(case.approval))
    except LeaError as err:
        yield err.detail
        return
    if not proposed.index < decided.index <= until:
        yield f"{case.approval} stands elsewhere in the log than its time says"
    kind = load_statement(case.decision.statement).kind
    if kind in EFFECTS and {proposed.account, decided.account} != {str(decided.says("subject"))}:
        yield f"{case.approval} stands in the stream of somebody else"


def _check_suspensions(
    exported: Exported, log: StaffLog, needed: set[str], until: int
) -> Iterator[str]:
    held = {_suspension(one): one for one in log.suspended}
    for suspension, one in held.items():
        is_needed = one.index < until and one.account in needed
        if is_needed and suspension not in exported.suspensions:
            yield f"leaves out the suspension {suspension.id} of {one.account} ({one.place()})"
    for suspension in exported.suspensions:
        if suspension not in held:
            yield f"names a suspension that the log does not hold: {suspension.id}"


def _suspension(one: Placed) -> Suspension:
    since = parse_instant(str(one.entry["t"]))
    return Suspension(str(one.says("suspension")), one.account, since)


def _check_effects(
    exported: Exported, log: StaffLog, needed: set[str], until: int
) -> Iterator[str]:
    """Find changes that took effect otherwise than was decided, or that nobody decided."""
    stated = {case.approval: load_statement(case.decision.statement) for case in exported.chain}
    wanted = {one.approval: one for one in log.changes(until) if one.account in needed}
    for one in log.effects:
        if one.index > until or one.account not in needed:
            continue
        decided, statement = wanted.pop(one.approval, None), stated.get(one.approval)
        if decided is None or EFFECTS[str(decided.says("kind"))] != one.entry["ev"]:
            yield f"the log holds a change of {one.account} by nobody ({one.place()})"
        elif decided.index > one.index:
            yield f"the log holds a change of {one.account} before its decision ({one.place()})"
        elif statement is not None and not _is_stated(one, statement.facts):
            yield f"the log holds another change of {one.account} than was signed ({one.place()})"
    for one in wanted.values():
        yield f"the log holds a change of {one.account} without effect ({one.place()})"


def _is_stated(one: Placed, facts: Mapping[str, Json]) -> bool:
    found = facts_of(one.entry)
    return all(found[name] == facts[name] for name in found if name in facts)


def _check_rights(exported: Exported, root: Root, log: StaffLog, rule: Rule) -> Iterator[str]:
    """Follow the changes in the order of the log: each signer had the right when it was entered."""
    held = [case for case in exported.chain if case.approval in log.decided]
    history = History(root, suspensions_among(_suspension(one) for one in log.suspended))
    for case in sorted(held, key=lambda one: log.decided[one.approval].index):
        yield from _check_signers(history, case, STAFF_RULE, log)
        history.replay([case])
    yield from _check_signers(history, exported.case, rule, log)


def _check_signers(history: History, case: Case, rule: Rule, log: StaffLog) -> Iterator[str]:
    entered = parse_instant(str(log.decided[case.approval].entry["t"]))
    try:
        history.check_signers(case, rule, entered)
    except VerificationFailed as err:
        yield f"{case.approval}, entered {format_instant(entered)}: {err.detail}"
