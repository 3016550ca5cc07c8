"""Which demands an inquiry is about, and all that was done with them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from lea_service.custody.queries import list_stream
from lea_service.delivery.models import Delivery
from lea_service.demands.concerned import list_asking, list_targets
from lea_service.demands.document import load_content
from lea_service.demands.models import Demand
from lea_service.demands.queries import open_record
from lea_service.extraction.models import Plan, RunResult
from lea_service.extraction.named_queries import find_named
from lea_service.extraction.queries import get_plan
from lea_service.kernel.crypto import BlindIndex
from lea_service.kernel.datakeys import FILE, DataKey, DataKeys
from lea_service.kernel.errors import NotFound, Unavailable
from lea_service.legal.models import Assessment
from lea_service.legal.queries import normalise_of
from lea_service.oversight.inquiries.models import Inquiry
from lea_service.oversight.inquiries.rules import READABLE, Question
from lea_service.packaging.models import Package
from lea_service.records.models import Source
from lea_service.retention.models import RetentionRule

Found = Mapping[str, list[str]]
"""By demand, in what of it that was found which is looked for."""


def check_known(session: Session, question: Question, about: str) -> None:
    """Let through a code or digest that something has: of one typed wrong nothing is ever found.

    Raises NotFound.
    """
    named = or_(Assessment.catalogue_digest == about, Assessment.basis_digest == about)
    known = {
        Question.RETENTION_RULE: select(RetentionRule.code).where(RetentionRule.code == about),
        Question.MAPPING: select(Source.id).where(Source.mapping_digest == about),
        Question.CATALOGUE: select(Assessment.id).where(named),
    }
    if session.scalar(known[question].limit(1)) is None:
        raise NotFound("no such code or digest")


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done, by its entry of the log."""

    index: int
    event: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Touched:
    """A demand that was found; ``found_in`` are versions of its record, plans or assessments.

    Or packages that were handed over, whose rows name the subscriber.
    """

    demand: str
    state: str
    found_in: list[str]
    done: list[Done]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an inquiry; of ``erased`` demands nothing is known any more.

    ``not_looked_through`` are packages handed over of which is not kept whom their rows name, since
    those are too many.
    """

    inquiry: str
    question: str
    about: str | None
    readable_until: datetime
    demands: list[Touched]
    erased: int
    not_looked_through: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """Looks through the demands of which a session may know; their keys open what they hold."""

    session: Session
    keys: DataKeys
    index: BlindIndex

    def answer(self, inquiry: Inquiry) -> Answer:
        """Return what was found. Raises IntegrityFailure."""
        question = Question(inquiry.question)
        found = self._ways[question](inquiry)
        return Answer(
            inquiry=inquiry.approval_id,
            question=inquiry.question,
            about=inquiry.about,
            readable_until=inquiry.agreed_at + READABLE,
            demands=[self._touched(demand, where) for demand, where in sorted(found.items())],
            erased=self._count_erased(),
            not_looked_through=self._count_unnamed() if question is Question.SUBJECT else 0,
        )

    @property
    def _ways(self) -> Mapping[Question, Callable[[Inquiry], Found]]:
        return {
            Question.SUBJECT: self._about_subject,
            Question.RETENTION_RULE: lambda one: self._planned_by("rule", one),
            Question.MAPPING: lambda one: self._planned_by("mapping", one),
            Question.CATALOGUE: self._assessed_by,
        }

    def _asking_about(self, inquiry: Inquiry) -> defaultdict[str, list[str]]:
        """Return the records that ask about a subscriber, also those that were corrected since."""
        digests, found = frozenset(inquiry.digests), defaultdict[str, list[str]](list)
        asking = set(list_asking(self.session, digests))
        query = select(Demand.id, Demand.record_version).order_by(Demand.id)
        for demand, newest in self.session.execute(query).all():
            if demand in asking or newest > 1:
                for version in range(1, newest + 1):
                    if self._asks(demand, version, digests):
                        found[demand].append(f"record/{version}")
        return found

    def _about_subject(self, inquiry: Inquiry) -> Found:
        """Return the records that ask about a subscriber, and the packages whose rows name one."""
        found, wanted = self._asking_about(inquiry), set(inquiry.digests)
        query = _handed_over(Package.id, Package.demand_id, Package.run_id)
        for package, demand, run in self.session.execute(query.order_by(Package.sealed_at)).all():
            if wanted & self._find_named(demand, run):
                found[demand].append(package)
        return found

    def _find_named(self, demand: str, run: str) -> set[str]:
        try:
            return find_named(self.session, self.keys, demand, run) or set()
        except Unavailable:
            return set()

    def _count_unnamed(self) -> int:
        """Count the packages handed over of which is not kept whom their rows name."""
        query = _handed_over(func.count()).join(RunResult, RunResult.run_id == Package.run_id)
        return self.session.scalar(query.where(RunResult.named.is_(None))) or 0

    def _asks(self, demand: str, version: int, digests: frozenset[str]) -> bool:
        try:
            document, _ = open_record(self.session, self.keys, demand, version)
        except Unavailable:
            return False
        targets = list_targets(self.index, load_content(document), normalise_of(self.session))
        return not targets.isdisjoint(digests)

    def _planned_by(self, member: str, inquiry: Inquiry) -> Found:
        """Return the plans of which a source states a rule, or was read by a mapping."""
        found = defaultdict[str, list[str]](list)
        query = select(Plan.id, Plan.demand_id).order_by(Plan.demand_id, Plan.number)
        for plan, demand in self.session.execute(query.where(Plan.demand_id.in_(_seen()))).all():
            if any(one[member] == inquiry.about for one in self._list_sources(plan)):
                found[demand].append(plan)
        return found

    def _list_sources(self, plan: str) -> list[dict[str, object]]:
        try:
            sources: list[dict[str, object]] = get_plan(self.session, self.keys, plan).document[
                "sources"
            ]
        except Unavailable:
            return []
        return sources

    def _assessed_by(self, inquiry: Inquiry) -> Found:
        """Return the assessments by a catalogue, or by a row of it."""
        found, table = defaultdict[str, list[str]](list), Assessment
        named = or_(table.catalogue_digest == inquiry.about, table.basis_digest == inquiry.about)
        query = select(table.id, table.demand_id).where(named, table.demand_id.in_(_seen()))
        for assessment, demand in self.session.execute(query.order_by(table.demand_id, table.n)):
            found[demand].append(assessment)
        return found

    def _touched(self, demand: str, where: list[str]) -> Touched:
        state = self.session.scalar(select(Demand.state).where(Demand.id == demand)) or ""
        return Touched(demand, state, where, list(self._list_done(demand)))

    def _list_done(self, demand: str) -> Iterator[Done]:
        for one in list_stream(self.session, demand):
            entry = json.loads(one.data)
            yield Done(one.idx, entry["ev"], entry["by"], entry["t"])

    def _count_erased(self) -> int:
        ended = DataKey.destroyed_at.is_not(None) & (DataKey.kind == FILE)
        query = select(func.count()).select_from(DataKey)
        return self.session.scalar(query.where(ended, DataKey.stream.in_(_seen()))) or 0


def _handed_over(*columns: Any) -> Select[Any]:
    """Select of the packages that were handed over, of demands of which a session may know."""
    return (
        select(*columns)
        .select_from(Package)
        .join(Delivery, Delivery.package_id == Package.id)
        .where(Package.demand_id.in_(_seen()))
    )


def _seen() -> Select[tuple[str]]:
    """Return the demands of which a session may know: it leaves out the others of itself."""
    return select(Demand.id)
