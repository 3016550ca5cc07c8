"""Plans, previews, runs and results: evidence that never changes, and what counts at present.

A superseded plan cannot be decided or run: code checks it, ``current_runs`` refers to the state
``is_current`` by foreign key, and triggers refuse the approval and the run.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.canonical import Json
from lea_service.kernel.database import CaseBase, UtcDateTime, append_only, attach_ddl

PLAN_KIND = "extraction.plan"
REOPENING_KIND = "extraction.reopening"
REOPENED = "demand.reopened"
"""The event after which nothing that was decided on a plan of the demand before counts."""


class Plan(CaseBase):
    """One compiled plan, the ``number``-th of its demand; never changed.

    ``sealed`` holds salt and document under the file key; ``digest`` is salted.
    """

    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("demand_id", "number"),
        UniqueConstraint("id", "demand_id"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("length(digest) = 43", name="digest"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"))
    number: Mapped[int]
    demand_version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(43), unique=True)
    sealed: Mapped[bytes]
    compiled_by: Mapped[str] = mapped_column(String(40))
    compiled_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlanState(CaseBase):
    """Whether a plan is the current one of its demand; at most one is, and none is again."""

    __tablename__ = "plan_states"
    __table_args__ = (
        ForeignKeyConstraint(["plan_id", "demand_id"], ["plans.id", "plans.demand_id"]),
        UniqueConstraint("plan_id", "is_current"),
        Index(
            "uq_plan_states_current",
            "demand_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    plan_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(String(40))
    is_current: Mapped[bool]
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlanPreview(CaseBase):
    """What a plan would hand over, in counts only; never changed.

    ``sealed`` holds under the file key when what changed hands, and how far sources could tell of
    that: an instant names a number to whoever has the records.
    """

    __tablename__ = "plan_previews"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        CheckConstraint("rows >= 0", name="rows"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id"))
    number: Mapped[int]
    rows: Mapped[int] = mapped_column(BigInteger)
    past_term: Mapped[int] = mapped_column(BigInteger)
    counts: Mapped[dict[str, Json]] = mapped_column(JSON)
    sealed: Mapped[bytes]
    previewed_by: Mapped[str] = mapped_column(String(40))
    previewed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExtractionRun(CaseBase):
    """One run of a plan that two people decided on; never changed.

    A plan that is given at once has one instalment, and no ``until``. Of any other one a run is for
    one, which ends at ``until``; ``cut`` counts how often that was made earlier after it began.
    ``sealed`` holds the salt of the result's digest under the result key, so that repeating the
    run gives the same digest.
    """

    __tablename__ = "extraction_runs"
    __table_args__ = (
        ForeignKeyConstraint(["plan_id", "demand_id"], ["plans.id", "plans.demand_id"]),
        UniqueConstraint("id", "plan_id"),
        UniqueConstraint("approval_id", "instalment", "cut"),
        CheckConstraint("instalment > 0", name="instalment"),
        CheckConstraint("cut >= 0", name="cut"),
        Index(None, "demand_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"))
    plan_id: Mapped[str] = mapped_column(String(40))
    approval_id: Mapped[str] = mapped_column(ForeignKey("approval_decisions.approval_id"))
    instalment: Mapped[int]
    cut: Mapped[int]
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    max_rows: Mapped[int] = mapped_column(BigInteger)
    sealed: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CurrentRun(CaseBase):
    """The run that counts for a demand; it holds on to its plan being the current one."""

    __tablename__ = "current_runs"
    __table_args__ = (
        CheckConstraint("plan_is_current", name="plan_is_current"),
        ForeignKeyConstraint(
            ["plan_id", "plan_is_current"], ["plan_states.plan_id", "plan_states.is_current"]
        ),
        ForeignKeyConstraint(
            ["run_id", "plan_id"], ["extraction_runs.id", "extraction_runs.plan_id"]
        ),
    )

    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(40), unique=True)
    plan_id: Mapped[str] = mapped_column(String(40))
    plan_is_current: Mapped[bool]


class RunHalt(CaseBase):
    """Why a run stopped; never changed."""

    __tablename__ = "run_halts"

    run_id: Mapped[str] = mapped_column(ForeignKey("extraction_runs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(40))
    halted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RunResult(CaseBase):
    """What a run came to; never changed.

    ``sealed`` holds under the result key the spool files with their SHA-256, and the spans in which
    items were held; ``outcomes`` are the items by number, ``coverage`` the sources, neither naming
    anybody, nor an instant that would. ``named`` holds under the file key by which those whom the
    rows name are found (``named_queries``); nothing where they were too many.
    """

    __tablename__ = "run_results"
    __table_args__ = (
        CheckConstraint("rows >= 0", name="rows"),
        CheckConstraint("length(digest) = 43", name="digest"),
    )

    run_id: Mapped[str] = mapped_column(ForeignKey("extraction_runs.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(43))
    rows: Mapped[int] = mapped_column(BigInteger)
    past_term: Mapped[int] = mapped_column(BigInteger)
    outcomes: Mapped[list[Json]] = mapped_column(JSON)
    coverage: Mapped[list[Json]] = mapped_column(JSON)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    named: Mapped[bytes | None] = mapped_column(LargeBinary)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _model in (Plan, PlanPreview, ExtractionRun, RunHalt, RunResult):
    append_only(_model.__table__)  # type: ignore[arg-type]

_SUPERSEDED = (
    "EXISTS (SELECT 1 FROM plans WHERE id = {plan}) AND NOT EXISTS "
    "(SELECT 1 FROM plan_states WHERE plan_id = {plan} AND is_current)"
)
_DECIDED_PLAN = (
    f"(SELECT subject FROM approvals WHERE id = NEW.approval_id AND kind = '{PLAN_KIND}')"  # noqa: S608
)


def currency_ddl(dialect: str) -> dict[str, tuple[list[str], list[str]]]:
    """Return by table the statements that fence off plans that no longer count, and their undoing.

    Refused are: an approval of a superseded plan, a run of one, and making one current again.
    """
    decided = f"NEW.outcome = 'approved' AND {_SUPERSEDED.format(plan=_DECIDED_PLAN)}"
    guards = {
        "approval_decisions": ("BEFORE INSERT", decided),
        "extraction_runs": ("BEFORE INSERT", _SUPERSEDED.format(plan="NEW.plan_id")),
        "plan_states": ("BEFORE UPDATE", "NEW.is_current AND NOT OLD.is_current"),
    }
    write = _sqlite_guard if dialect == "sqlite" else _postgresql_guard
    return {table: write(table, *guard) for table, guard in guards.items()}


def _sqlite_guard(table: str, moment: str, when: str) -> tuple[list[str], list[str]]:
    name = f"{table}_current_plan"
    create = (
        f"CREATE TRIGGER {name} {moment} ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, 'this plan is no longer current'); END"
    )
    return [create], [f"DROP TRIGGER {name}"]


def _postgresql_guard(table: str, moment: str, when: str) -> tuple[list[str], list[str]]:
    name = f"{table}_current_plan"
    function = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {when} THEN RAISE EXCEPTION 'this plan is no longer current'; END IF; "
        f"RETURN NEW; END $$"
    )
    trigger = f"CREATE TRIGGER {name} {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    return [function, trigger], [
        f"DROP TRIGGER {name} ON {table}",
        f"DROP FUNCTION {name}() CASCADE",
    ]


for _dialect in ("sqlite", "postgresql"):
    for _create, _drop in currency_ddl(_dialect).values():
        # All on the table that is made last: a trigger names the tables before it.
        attach_ddl(CurrentRun.__table__, _dialect, _create, _drop)  # type: ignore[arg-type]
