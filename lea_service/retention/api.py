"""Retention over HTTP: the register, its rules, and the purges that enforce them."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from lea_service.kernel.clock import format_instant
from lea_service.retention.certificate import Certificate
from lea_service.retention.queries import GroundView, PurgeView, RuleView, System, Trial
from lea_service.retention.reckoning import DueView
from lea_service.retention.rules import Term, scope_of
from lea_service.retention.schemas import (
    CertificateSchema,
    DueArgs,
    DueListSchema,
    GroundSchema,
    PurgeSchema,
    QueuedSchema,
    RuleSchema,
    StatisticSchema,
    SystemSchema,
)
from lea_service.retention.service import RetentionService
from lea_service.retention.store import StatisticView
from lea_service.web.authentication import require_actor
from lea_service.web.paging import (
    Page,
    PageArgs,
    load_cursor,
    load_instant_cursor,
    make_page,
    page_schema,
)
from lea_service.web.schemas import LanguageArgs
from lea_service.web.services import part

blp = Blueprint(
    "retention",
    __name__,
    url_prefix="/api/v1/retention",
    description="How long records are kept, on what ground, and what was purged. A new rule takes "
    "an approval of the kind retention.rule, a ground to hand over what is past its term one of "
    "the kind retention.ground.",
)


@blp.route("/register", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(SystemSchema))
def show_register(args: dict[str, Any]) -> Page[System]:
    """List the sources by name, each as a processing system, with the rule in force for it."""
    after, limit = _text(args["cursor"]), args["limit"]
    rows = _service().list_systems(require_actor(), after, limit + 1)
    return make_page(rows, limit, lambda row: (row.name,))


@blp.route("/rules", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(RuleSchema))
def list_rules(args: dict[str, Any]) -> Page[RuleView]:
    """List every rule that is or was in force, by what it is for, the newest first."""
    cursor, limit = load_cursor(args["cursor"], str, int), args["limit"]
    after = None if cursor is None else (str(cursor[0]), int(cursor[1]))
    rows = _service().list_rules(require_actor(), after, limit + 1)
    return make_page(rows, limit, lambda row: (scope_of(row.source_id, row.kind), row.generation))


@blp.route("/rules/<code>", methods=["GET"])
@blp.response(200, RuleSchema)
def show_rule(code: str) -> RuleView:
    """Show one rule."""
    return _service().get_rule(require_actor(), code)


@blp.route("/grounds", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(GroundSchema))
def list_grounds(args: dict[str, Any]) -> Page[GroundView]:
    """List by code each ground on which records past their term may be handed over."""
    after, limit = _text(args["cursor"]), args["limit"]
    rows = _service().list_grounds(require_actor(), after, limit + 1)
    return make_page(rows, limit, lambda row: (row.code,))


@blp.route("/purges", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(PurgeSchema))
def list_purges(args: dict[str, Any]) -> Page[PurgeView]:
    """List purges, the newest first."""
    after = load_instant_cursor(args["cursor"])
    rows = _service().list_purges(require_actor(), after, args["limit"] + 1)
    return make_page(rows, args["limit"], lambda row: (format_instant(row.begun_at), row.id))


@blp.route("/purges", methods=["POST"])
@blp.response(202, QueuedSchema)
def request_purge() -> dict[str, str]:
    """Have a worker purge what is past its term now."""
    return {"job": _service().request(require_actor())}


@blp.route("/purges/<purge_id>/certificate", methods=["GET"])
@blp.arguments(LanguageArgs, location="query")
@blp.response(200, CertificateSchema)
def show_certificate(said: dict[str, Any], purge_id: str) -> Certificate:
    """Certify what a purge destroyed, by which rule, and until when backups may still hold it."""
    return _service().certify(require_actor(), purge_id, said["language"])


@blp.route("/due", methods=["GET"])
@blp.arguments(DueArgs, location="query")
@blp.response(200, DueListSchema)
def list_due(args: dict[str, Any]) -> dict[str, list[DueView]]:
    """Count what the next purge would take, by the rules in force or by a term on trial."""
    term, kind = args["term"], args["kind"]
    trial = None if term is None else Trial(Term(term, args["unit"]), kind)
    return {"items": _service().list_due(require_actor(), trial, args["source"])}


@blp.route("/statistics", methods=["GET"])
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(StatisticSchema))
def list_statistics(args: dict[str, Any]) -> Page[StatisticView]:
    """List what is left of rows that were made anonymous, by source, kind, day and group."""
    after, limit = load_cursor(args["cursor"], str, str, str, str), args["limit"]
    rows = _service().list_statistics(require_actor(), after, limit + 1)
    return make_page(rows, limit, lambda row: (row.source, row.kind, row.day, row.group))


def _text(cursor: str | None) -> str | None:
    key = load_cursor(cursor, str)
    return None if key is None else str(key[0])


def _service() -> RetentionService:
    return part("retention", RetentionService)
