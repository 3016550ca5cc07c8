"""Collects what a package is made of out of the slices that own it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lea_service.agencies.certificates import load_certificate
from lea_service.agencies.queries import find_agency, list_receivers
from lea_service.custody.service import CustodyService
from lea_service.demands.demand import Demand
from lea_service.demands.queries import get_demand
from lea_service.extraction.plan import Plan
from lea_service.extraction.queries import RunView, get_plan, get_run
from lea_service.extraction.run import SpoolFile
from lea_service.extraction.turns import part_of
from lea_service.extraction.within import within
from lea_service.kernel.actors import Actor
from lea_service.kernel.canonical import dump_canonical
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.transactions import Transactions
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.queries import find_basis
from lea_service.packaging.contents import (
    Correspondence,
    GivenPart,
    ItemAnswer,
    PackageContents,
    PackageReceiver,
    PastTerm,
    RecordSpool,
    SourceCoverage,
    answer_item,
)
from lea_service.records.kinds import get_layout
from lea_service.retention.queries import get_ground
from lea_service.staff.exported import export_decision


class Assembly:
    """The contents of packages, from the demand, its plan and the result of its run."""

    def __init__(
        self,
        transactions: Transactions,
        custody: CustodyService,
        provider: str,
        spool_dir: Path,
        contact: str = "",
    ) -> None:
        self._transactions = transactions
        self._custody = custody
        self._provider = provider
        self._spool = spool_dir
        self._contact = contact

    def load_contents(self, actor: Actor, demand_id: str, run_id: str) -> PackageContents:
        """Return the contents for one run.

        The receivers have the certificates that are theirs now; whether those are the ones that
        were decided on is for the sealing to check. Raises NotPermitted, NotFound, WrongState (no
        result yet), Unavailable (key destroyed, receiver without certificate), IntegrityFailure.
        """
        excerpt = self._custody.excerpt(actor, demand_id, until="extraction.done").files()
        keys = self._transactions.keys
        with self._transactions.read(actor) as session:
            run = get_run(session, keys, run_id)
            if run.demand_id != demand_id:
                raise IntegrityFailure("the run is of another demand")
            plan = get_plan(session, keys, run.plan_id)
            demand = get_demand(session, keys, demand_id)
            document, part = _part_of(plan.read(), run)
            return PackageContents(
                demand_id=demand_id,
                run_id=run.id,
                plan_id=plan.id,
                plan=plan.data,
                plan_salt=plan.salt,
                plan_digest=plan.digest,
                approval_id=run.approval_id,
                decision=dump_canonical(export_decision(session, run.approval_id)),
                result_salt=run.result_salt,
                result_digest=run.result_digest,
                letter=self.correspond(session, demand),
                items=_answers(document, run),
                coverage=tuple(_coverage(document, run)),
                records=tuple(self._records(run)),
                receivers=tuple(self._receivers(session, document)),
                custody=excerpt,
                past_term=_past_term(session, document, run),
                narrowed=document.narrowed,
                holding=run.holding,
                part=part,
            )

    def correspond(self, session: Session, demand: Demand) -> Correspondence:
        """Return who writes to whom about which order."""
        basis = find_basis(session, demand)
        return Correspondence(
            provider=self._provider,
            authority=self._name_authority(session, demand),
            references=tuple((one.kind, one.value) for one in demand.references),
            legal_basis=demand.legal_basis if basis is None else basis.citation,
            issuing_role=_name_role(demand.issuing_role),
            order_date=demand.order_date.isoformat(),
            received_at=demand.received_at,
            contact=self._contact,
            preservation=demand.preservation,
        )

    def _name_authority(self, session: Session, demand: Demand) -> str:
        party = demand.agency
        known = None
        if party.ref is not None:
            known = find_agency(session, self._transactions.keys, party.ref)
        return known.name if known is not None else party.name or ""

    def _receivers(self, session: Session, plan: Plan) -> Iterator[PackageReceiver]:
        now, keys = self._transactions.clock.now(), self._transactions.keys
        wanted = [one.id for one in plan.receivers]
        for one in list_receivers(session, keys, wanted, now):
            yield PackageReceiver(one.id, one.name, load_certificate(one.certificate_pem))

    def _records(self, run: RunView) -> Iterator[RecordSpool]:
        for spool in run.spools:
            _check_version(spool)
            yield RecordSpool(
                get_layout(spool.kind),
                self._spool / spool.path,
                spool.context,
                spool.rows,
                spool.sha256,
            )


def _check_version(spool: SpoolFile) -> None:
    if get_layout(spool.kind).version != spool.version:
        raise IntegrityFailure(f"the {spool.kind} rows were written by another version of us")


def _name_role(code: str) -> tuple[str, str]:
    """Return the role in Dutch and English; one that the catalogue does not know as it is."""
    words: Any = load_catalogue().codes["roles"].get(code)
    return (code, code) if words is None else (words["nl"], words["en"])


def _answers(plan: Plan, run: RunView) -> tuple[ItemAnswer, ...]:
    outcomes = {one.n: one for one in run.items}
    if sorted(outcomes) != sorted(item.n for item in plan.items):
        raise IntegrityFailure("the run does not answer exactly the items of its plan")
    return tuple(answer_item(item, outcomes[item.n]) for item in plan.items)


def _part_of(plan: Plan, run: RunView) -> tuple[Plan, GivenPart | None]:
    """Return what of a plan a run was for, and which instalment that is, if any."""
    part = part_of(plan, run.instalment, run.until)
    if part is None or plan.instalments is None:
        return plan, None
    given = GivenPart(part.number, plan.instalments.of, part.start, part.until)
    return within(plan, part), given


def _coverage(plan: Plan, run: RunView) -> Iterator[SourceCoverage]:
    sources = {(one.name, one.kind): one for one in plan.sources}
    for one in run.coverage:
        source = sources[one.source, one.kind]
        yield SourceCoverage(
            one.source,
            one.kind,
            one.covers_from,
            one.covers_to,
            one.rows_read,
            one.rows_delivered,
            one.withheld,
            one.doubts,
            source.rule,
            source.cutoff,
            plan.lacking_of(source),
            plan.not_searched_in(source),
            one.held,
            one.clock,
            one.gaps,
        )


def _past_term(session: Session, plan: Plan, run: RunView) -> PastTerm | None:
    code = plan.past_term
    if code is None or not run.past_term:
        return None
    ground = get_ground(session, code)
    return PastTerm(code, run.past_term, (ground.says_nl, ground.says_en))
