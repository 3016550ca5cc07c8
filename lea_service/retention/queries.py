"""Reads of retention rules and purges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from lea_service.kernel.database import get_row, newest_first
from lea_service.kernel.errors import InvalidInput, NotFound, WrongState
from lea_service.records.models import Source
from lea_service.retention.models import PastTermGround, Purge, PurgeResult, RetentionRule
from lea_service.retention.rules import Term, scope_of
from lea_service.retention.store import Taken


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule with whether it is the one in force for its scope."""

    code: str
    generation: int
    source_id: str | None
    kind: str
    purpose: str
    legal_ground: str
    article: str
    term: int
    unit: str
    action: str
    approval_id: str
    set_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class GroundView:
    """A ground on which records past their term may be handed over while it is allowed."""

    code: str
    generation: int
    is_allowed: bool
    says_nl: str
    says_en: str
    article: str
    approval_id: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class System:
    """A source as a processing system: its rule in force, if any, and its last purge."""

    id: str
    name: str
    kind: str
    rule: RuleView | None
    last_purge: datetime | None


@dataclass(frozen=True, slots=True)
class Trial:
    """A term that is tried on the sources of a kind before it is proposed."""

    term: Term
    kind: str


@dataclass(frozen=True, slots=True)
class PurgeView:
    """A purge; ``rows`` and ``done_at`` are None until it is done.

    ``done`` is how many of the ``found`` rows it took so far, ``rate`` how many of them a second.
    ``copies_until`` is until when they may live on in a backup, None in none; ``reach`` is how far
    one that is done really went.
    """

    id: str
    rule_code: str
    source_id: str
    kind: str
    action: str
    cutoff: datetime
    found: int
    late: int
    rejects: int
    rows: int | None
    begun_at: datetime
    done_at: datetime | None
    done: int = 0
    rate: int | None = None
    copies_until: datetime | None = None
    reach: datetime | None = None

    def at_work(self, taken: Taken | None) -> PurgeView:
        """Return it with how far it is, which one that is done says itself."""
        if taken is None:
            return self
        return replace(self, done=taken.rows, rate=_rate(taken.rows, self.begun_at, taken.at))


def rule_for(session: Session, source_id: str, kind: str) -> RuleView | None:
    """Return the rule in force for a source's records of a kind: its own before the general one."""
    for scope in (scope_of(source_id, kind), scope_of(None, kind)):
        row = find_current(session, scope)
        if row is not None:
            return _rule_view(row, is_current=True)
    return None


def find_ground(session: Session, code: str) -> GroundView | None:
    """Return a ground as it stands now."""
    query = select(PastTermGround).where(PastTermGround.code == code)
    row = session.scalars(query.order_by(PastTermGround.generation.desc()).limit(1)).first()
    return None if row is None else _ground_view(row)


def get_ground(session: Session, code: str) -> GroundView:
    """Return a ground as it stands now. Raises NotFound."""
    ground = find_ground(session, code)
    if ground is None:
        raise NotFound("no such ground")
    return ground


def check_ground(session: Session, code: str) -> None:
    """Let through a ground that two people allowed and did not end. Raises WrongState."""
    ground = find_ground(session, code)
    if ground is None or not ground.is_allowed:
        raise WrongState(
            "this is no ground on which the provider hands over records past their term; "
            "two people allow one with `lea retention allow`"
        )


def list_grounds(
    session: Session, after: str | None = None, limit: int | None = None
) -> list[GroundView]:
    """Return each ground as it stands now, by code, from the one behind ``after`` on."""
    codes = select(PastTermGround.code).distinct().order_by(PastTermGround.code).limit(limit)
    if after is not None:
        codes = codes.where(PastTermGround.code > after)
    found = (find_ground(session, code) for code in session.scalars(codes).all())
    return [one for one in found if one is not None]


def find_current(session: Session, scope: str) -> RetentionRule | None:
    """Return the newest rule of a scope."""
    query = select(RetentionRule).where(RetentionRule.scope == scope)
    return session.scalars(query.order_by(RetentionRule.generation.desc()).limit(1)).first()


def get_rule(session: Session, code: str) -> RuleView:
    """Return a rule by its code, in force or replaced. Raises NotFound."""
    row = get_row(session, RetentionRule, code, "retention rule")
    current = find_current(session, row.scope)
    return _rule_view(row, is_current=current is not None and current.code == row.code)


def list_rules(
    session: Session, after: tuple[str, int] | None = None, limit: int | None = None
) -> list[RuleView]:
    """Return every rule there is or was, by scope, the newest first.

    ``after`` is the scope and generation of the rule behind which to begin.
    """
    rule, newer = RetentionRule, aliased(RetentionRule)
    is_replaced = exists().where(newer.scope == rule.scope, newer.generation > rule.generation)
    query = select(rule, is_replaced).order_by(rule.scope, rule.generation.desc()).limit(limit)
    if after is not None:
        scope, generation = after
        is_older = (rule.scope == scope) & (rule.generation < generation)
        query = query.where(or_(rule.scope > scope, is_older))
    return [_rule_view(row, is_current=not gone) for row, gone in session.execute(query)]


def list_systems(
    session: Session, after: str | None = None, limit: int | None = None
) -> list[System]:
    """Return declared sources by name, from behind ``after`` on, with the rule in force."""
    query = select(Source).order_by(Source.name).limit(limit)
    if after is not None:
        query = query.where(Source.name > after)
    return [_system(session, row) for row in session.scalars(query).all()]


def get_system(session: Session, source_id: str) -> System:
    """Return one source as a processing system. Raises NotFound."""
    return _system(session, get_row(session, Source, source_id, "source"))


def get_system_of(session: Session, source_id: str, kind: str) -> System:
    """Return one source as a processing system. Raises NotFound, InvalidInput for another kind."""
    system = get_system(session, source_id)
    if system.kind != kind:
        raise InvalidInput.at("/kind", "expected the record kind of the source")
    return system


def find_systems(session: Session, trial: Trial | None, source_id: str | None) -> list[System]:
    """Return the sources that a purge is counted for: one, or all that a rule would be for.

    Those that have a rule of their own go by that, whatever is tried on all of their kind. Raises
    NotFound, and InvalidInput for a source of another kind than the trial's.
    """
    if trial is None:
        return list_systems(session) if source_id is None else [get_system(session, source_id)]
    if source_id is not None:
        return [get_system_of(session, source_id, trial.kind)]
    found = (one for one in list_systems(session) if one.kind == trial.kind)
    return [one for one in found if one.rule is None or one.rule.source_id is None]


def get_purge(session: Session, purge_id: str) -> PurgeView:
    """Return one purge. Raises NotFound."""
    row = get_row(session, Purge, purge_id, "purge")
    return _purge_view(row, session.get(PurgeResult, purge_id))


def list_purges(
    session: Session, after: tuple[datetime, str] | None, limit: int
) -> list[PurgeView]:
    """Return purges, the newest first, from behind the one with the given begin and id."""
    query = select(Purge, PurgeResult).outerjoin(PurgeResult)
    newest = newest_first(query, Purge.begun_at, Purge.id, after=after, limit=limit)
    return [_purge_view(purge, result) for purge, result in session.execute(newest)]


def list_unfinished(session: Session) -> list[PurgeView]:
    """Return purges that were begun and not seen done, oldest first."""
    query = select(Purge).outerjoin(PurgeResult).where(PurgeResult.purge_id.is_(None))
    rows = session.scalars(query.order_by(Purge.begun_at, Purge.id))
    return [_purge_view(row, None) for row in rows]


def _system(session: Session, row: Source) -> System:
    query = select(Purge.begun_at).where(Purge.source_id == row.id)
    last = session.scalar(query.order_by(Purge.begun_at.desc()).limit(1))
    return System(row.id, row.name, row.kind, rule_for(session, row.id, row.kind), last)


def _rule_view(row: RetentionRule, *, is_current: bool) -> RuleView:
    return RuleView(
        code=row.code,
        generation=row.generation,
        source_id=row.source_id,
        kind=row.kind,
        purpose=row.purpose,
        legal_ground=row.legal_ground,
        article=row.article,
        term=row.term,
        unit=row.unit,
        action=row.action,
        approval_id=row.approval_id,
        set_at=row.set_at,
        is_current=is_current,
    )


def _ground_view(row: PastTermGround) -> GroundView:
    return GroundView(
        code=row.code,
        generation=row.generation,
        is_allowed=row.is_allowed,
        says_nl=row.says_nl,
        says_en=row.says_en,
        article=row.article,
        approval_id=row.approval_id,
        set_at=row.set_at,
    )


def _purge_view(row: Purge, result: PurgeResult | None) -> PurgeView:
    return PurgeView(
        id=row.id,
        rule_code=row.rule_code,
        source_id=row.source_id,
        kind=row.kind,
        action=row.action,
        cutoff=row.cutoff,
        found=row.found,
        late=row.late,
        rejects=row.rejects,
        rows=None if result is None else result.rows,
        begun_at=row.begun_at,
        done_at=None if result is None else result.done_at,
        done=0 if result is None else result.rows,
        rate=None if result is None else _rate(result.rows, row.begun_at, result.done_at),
        reach=None if result is None else result.reach,
    )


def _rate(rows: int, begun_at: datetime, at: datetime) -> int | None:
    seconds = (at - begun_at).total_seconds()
    return round(rows / seconds) if seconds > 0 else None
