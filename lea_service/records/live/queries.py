"""Reads of pulls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.kernel.errors import NotFound
from lea_service.kernel.jobs import DONE, FAILED, READY, RUNNING, Job
from lea_service.records.import_service import COUNTS
from lea_service.records.queries import list_parts

JOB_KIND = "records.pull"


@dataclass(frozen=True, slots=True)
class PullView:
    """A pull: how far its job is, what its batches brought in all, and what failed of it."""

    id: str
    source_id: str
    is_whole: bool
    state: str
    reason: str | None
    detail: str | None
    begun_at: datetime | None
    finished_at: datetime | None
    batches: int
    watermark_from: str | None
    watermark_to: str | None
    lines: int
    added: int
    known: int
    completed: int
    past_term: int
    left_out: int
    flagged: int
    rejected: int


def find_open_pull(session: Session, source_id: str, *, whole: bool) -> str | None:
    """Return the pull of a source that waits or runs, a whole one only if that is asked for."""
    query = select(Job).where(Job.kind == JOB_KIND, Job.state.in_([READY, RUNNING]))
    for job in session.scalars(query.order_by(Job.id)):
        if job.args["source"] == source_id and (job.args["whole"] or not whole):
            return job.id
    return None


def get_pull(session: Session, source_id: str, pull: str) -> PullView:
    """Return a pull of a source. Raises NotFound."""
    job = session.get(Job, pull)
    if job is None or job.kind != JOB_KIND or job.args["source"] != source_id:
        raise NotFound("no such pull of this source")
    parts = list_parts(session, source_id, pull)
    done = [one for one in parts if one.state == DONE]
    failed = parts[-1] if parts and parts[-1].state == FAILED else None
    counts = {name: sum(getattr(one, name) for one in done) for name in COUNTS}
    return PullView(
        id=job.id,
        source_id=source_id,
        is_whole=bool(job.args["whole"]),
        state=FAILED if job.state == DONE and failed is not None else job.state,
        reason=job.error if failed is None else failed.reason,
        detail=None if failed is None else failed.detail,
        begun_at=job.started_at,
        finished_at=job.finished_at,
        batches=len(done),
        watermark_from=done[0].watermark_from if done else None,
        watermark_to=done[-1].watermark_to if done else None,
        **counts,
    )
