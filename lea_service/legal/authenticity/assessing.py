"""What an assessment makes of where a demand comes from: findings, and the report behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lea_service.demands.demand import Demand
from lea_service.demands.queries import get_demand, get_order
from lea_service.kernel.actors import Actor
from lea_service.kernel.canonical import Json
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.legal.authenticity.documents import DocumentCheck, DocumentFacts
from lea_service.legal.authenticity.models import AuthenticityReport
from lea_service.legal.authenticity.observations import Observation
from lea_service.legal.authenticity.policy import Policy, Verdict, count_sights, judge
from lea_service.legal.authenticity.queries import (
    dump_observation,
    get_policy,
    observe_now,
    report_label,
)
from lea_service.legal.authenticity.register import find_sender
from lea_service.legal.authenticity.wording import ALLOWED, MISSING, NOT_PROVEN, holding_code
from lea_service.legal.findings import Finding, make_finding


@dataclass(frozen=True, slots=True)
class Weighed:
    """What was seen of a demand and its document, and what the policy makes of it.

    ``agency`` and ``person`` are those of the register that the demand names.
    """

    agency: str | None
    person: str | None
    policy: Policy
    live: tuple[Observation, ...]
    of_document: tuple[Observation, ...]
    verdict: Verdict

    @property
    def findings(self) -> list[Finding]:
        """Return what stands in the way, or that nothing does."""
        return list(_findings(self.policy, self.verdict))


def look_at_order(
    transactions: Transactions, documents: DocumentCheck, actor: Actor, demand_id: str
) -> DocumentFacts:
    """Return what the order document says of where it comes from, read by another process.

    Raises NotFound, Unavailable.
    """
    with transactions.read(actor) as session:
        has_order = get_demand(session, transactions.keys, demand_id).order is not None
        data = get_order(session, transactions.keys, demand_id).content if has_order else None
        decided = get_policy(session).anchors
    return documents.read(data, transactions.clock.now(), decided)


def weigh(
    tx: Transaction, demand: Demand, documents: DocumentCheck, read: DocumentFacts
) -> Weighed:
    """Hold what was read of a document, the register and the calls against the policy."""
    agency, person = demand.agency.ref, demand.issuing_person.ref
    live = observe_now(
        tx.session,
        demand.id,
        record_version=demand.record_version,
        agency=agency,
        person=person,
        now=tx.now,
    )
    sender = find_sender(tx.session, tx.keys, agency, person, with_domains=read.is_mail)
    of_document = documents.observe(read, sender, tx.now)
    policy = get_policy(tx.session)
    verdict = judge(policy, count_sights(policy, [*live, *of_document]))
    return Weighed(agency, person, policy, tuple(live), tuple(of_document), verdict)


def add_report(
    tx: Transaction, demand_id: str, assessment_id: str, weighed: Weighed
) -> AuthenticityReport:
    """Keep what was seen; the entry of the assessment vouches for it."""
    seen = [dump_observation(one, of_document=False) for one in weighed.live]
    seen += [dump_observation(one, of_document=True) for one in weighed.of_document]
    details: dict[str, Json] = {
        one.sight.value: one.detail for one in weighed.of_document if one.detail
    }
    row = AuthenticityReport(
        assessment_id=assessment_id,
        demand_id=demand_id,
        agency_id=weighed.agency,
        person_id=weighed.person,
        policy_version=weighed.policy.version,
        policy_digest=weighed.policy.digest,
        allows=weighed.verdict.allows,
        observations=seen,
        sealed=tx.seal(demand_id, details, report_label(assessment_id)),
        observed_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    return row


def _findings(policy: Policy, verdict: Verdict) -> Iterator[Finding]:
    seen: dict[str, Json] = {"policy": policy.version, "digest": policy.digest}
    if verdict.allows:
        yield make_finding(ALLOWED, seen=seen)
    if verdict.proofs:
        proofs: list[Json] = [" + ".join(one) for one in verdict.proofs]
        yield make_finding(NOT_PROVEN, seen={**seen, "one_of": proofs})
    if verdict.missing:
        yield make_finding(MISSING, seen={**seen, "missing": [str(one) for one in verdict.missing]})
    for sight in verdict.against:
        yield make_finding(holding_code(sight), seen=seen)
