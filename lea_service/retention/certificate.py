"""A certificate of destruction: what a purge came to, as the signed log vouches for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lea_service.custody.proofs import LogProof
from lea_service.custody.queries import get_entry
from lea_service.custody.replay import Entered, Stream, read_stream
from lea_service.kernel.clock import say_wall
from lea_service.kernel.database import get_row
from lea_service.kernel.errors import IntegrityFailure, WrongState
from lea_service.kernel.phrases import phrase
from lea_service.kernel.transactions import RECORDS_STREAM
from lea_service.records.models import Source
from lea_service.retention.backups.queries import find_copies_until, list_backups
from lea_service.retention.models import Purge, PurgeResult, RetentionRule
from lea_service.retention.phrases import ACTIONS, CERTIFICATE, KINDS, UNITS
from lea_service.retention.queries import PurgeView, RuleView, get_purge, get_rule

DONE = "purge.done"


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What stands in the tables and the log of a purge that is done.

    ``rejects`` are the unreadable lines that it destroyed. ``entries`` are all that speak of it, in
    order; ``entry`` is the one that says what it came to, as it stands at ``index``.
    ``copies_until`` is until when a backup may hold what it took.
    """

    purge: PurgeView
    rule: RuleView
    source: str
    kept: int
    rejects: int
    copies_until: datetime | None
    entries: Sequence[Entered]
    index: int
    entry: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """The same with the proof (C2SP tlog-proof) that the log of ``origin`` holds the entry."""

    destroyed: Destroyed
    origin: str
    proof: LogProof
    language: str

    @property
    def tlog_proof(self) -> str:
        """Return the proof as a file has it."""
        return self.proof.format().decode()

    @property
    def text(self) -> str:
        """Return it in words."""
        return "\n".join(_lines(self)) + "\n"


def read_destroyed(session: Session, purge_id: str) -> Destroyed:
    """Return what a purge came to. Raises NotFound, WrongState while it is not done.

    Raises IntegrityFailure where source, rule, begin or result are not those of the log.
    """
    purge = get_purge(session, purge_id)
    result = session.get(PurgeResult, purge_id)
    if result is None:
        raise WrongState("the purge is not done yet; nothing is certified before it is")
    stream = read_stream(session, RECORDS_STREAM)
    source = get_row(session, Source, purge.source_id, "source")
    for row in (source, get_row(session, RetentionRule, purge.rule_code, "retention rule")):
        _check_vouched(session, stream, row)
    _check_vouched(session, stream, get_row(session, Purge, purge_id, "purge"))
    done = _check_vouched(session, stream, result)
    return Destroyed(
        purge=purge,
        rule=get_rule(session, purge.rule_code),
        source=source.name,
        kept=result.kept,
        rejects=result.rejects,
        copies_until=find_copies_until(list_backups(session), result.done_at),
        entries=[one for one in stream.entries if one.facts.get("purge") == purge_id],
        index=done.idx,
        entry=get_entry(session, done.idx).data.decode(),
    )


def _check_vouched(
    session: Session, stream: Stream, row: Source | RetentionRule | Purge | PurgeResult
) -> Entered:
    entry = stream.find_vouching(session, row)
    if entry is None:
        raise IntegrityFailure(f"{row.__tablename__}: the row is not the one of the log")
    return entry


def _lines(certificate: Certificate) -> Iterator[str]:
    of, language = certificate.destroyed, certificate.language
    purge, rule = of.purge, of.rule

    def say(key: str, **values: object) -> str:
        return phrase(CERTIFICATE, key, language, **values)

    yield say("title", id=purge.id)
    yield say("records", kind=phrase(KINDS, purge.kind, language), source=of.source)
    unit = phrase(UNITS, rule.unit, language)
    yield say("rule", code=rule.code, term=rule.term, unit=unit, purpose=rule.purpose)
    yield say("ground", ground=rule.legal_ground, article=rule.article)
    action = phrase(ACTIONS, purge.action, language)
    yield say("taken", rows=purge.rows, reach=say_wall(purge.reach or purge.cutoff), action=action)
    if of.rejects:
        yield say("rejects", rejects=of.rejects)
    if purge.late:
        yield say("late", late=purge.late)
    yield say("kept", kept=of.kept) if of.kept else say("none_kept")
    yield say(
        "when", begun=say_wall(purge.begun_at), done=say_wall(purge.done_at or purge.begun_at)
    )
    until = of.copies_until
    yield say("no_copies") if until is None else say("copies", until=say_wall(until))
    places = ", ".join(f"{one.idx} ({one.event})" for one in of.entries)
    yield say("log", origin=certificate.origin, places=places)
    yield say("beyond")
