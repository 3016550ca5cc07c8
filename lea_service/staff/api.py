"""REST of staff: signing in, tokens, people, and the approvals of every slice."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import NotAuthenticated
from lea_service.staff.approval_service import ApprovalService, OpenedApproval, Prepared
from lea_service.staff.people_queries import PersonView
from lea_service.staff.queries import ApprovalView, TokenView
from lea_service.staff.schemas import (
    ApprovalSchema,
    CodeSchema,
    DecideSchema,
    NewTokenSchema,
    OpenedApprovalSchema,
    OutcomeSchema,
    PendingArgs,
    PersonSchema,
    PreparedSchema,
    PrepareSchema,
    ProposeSchema,
    SetPasswordSchema,
    SignInSchema,
    StatementSchema,
    SuspensionRequestSchema,
    SuspensionSchema,
    TokenRequestSchema,
    TokenSchema,
)
from lea_service.staff.service import StaffService
from lea_service.staff.tokens import NewToken
from lea_service.web.authentication import (
    check_attempts,
    note_failed_attempt,
    public,
    require_actor,
)
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

session = Blueprint(
    "session", __name__, url_prefix="/api/v1/session", description="Signing in and out."
)
tokens = Blueprint(
    "tokens", __name__, url_prefix="/api/v1/tokens", description="Tokens of one's own."
)
staff = Blueprint(
    "staff", __name__, url_prefix="/api/v1/staff", description="The people who work here."
)
approvals = Blueprint(
    "approvals",
    __name__,
    url_prefix="/api/v1/approvals",
    description="What takes effect only when a second person agrees, both by their own key.",
)
blueprints = (session, tokens, staff, approvals)

Body = dict[str, Any]
TokenPageSchema = page_schema(TokenSchema)


def _staff() -> StaffService:
    return part("staff", StaffService)


def _approvals() -> ApprovalService:
    return part("approvals", ApprovalService)


@session.route("", methods=["POST"])
@public
@session.doc(security=[])
@session.arguments(SignInSchema)
@session.response(201, NewTokenSchema)
def sign_in(body: Body) -> NewToken:
    """Sign in with login and password; the token serves for the day."""
    check_attempts()
    try:
        return _staff().sign_in(body["login"], body["password"])
    except NotAuthenticated:
        note_failed_attempt()
        raise


@session.route("", methods=["DELETE"])
@session.response(204)
def sign_out() -> None:
    """End the token that this call was made with."""
    actor = require_actor()
    if actor.session_id is not None:
        _staff().revoke_token(actor, actor.session_id)


@session.route("/password", methods=["POST"])
@public
@session.doc(security=[])
@session.arguments(SetPasswordSchema)
@session.response(204)
def set_password(body: Body) -> None:
    """Set a password with a one-time code, signed by one's own key."""
    check_attempts()
    try:
        _staff().set_password(body["login"], body["code"], body["password"], body["proof"])
    except NotAuthenticated:
        note_failed_attempt()
        raise


@tokens.route("", methods=["GET"])
@tokens.arguments(PageArgs, location="query")
@tokens.response(200, TokenPageSchema)
def list_tokens(args: Body) -> Page[TokenView]:
    """List one's own tokens, the newest first, without their secrets."""
    return _token_page(args, None)


@tokens.route("", methods=["POST"])
@tokens.arguments(TokenRequestSchema)
@tokens.response(201, NewTokenSchema)
def issue_token(body: Body) -> NewToken:
    """Make a token for a program of one's own."""
    return _staff().issue_token(require_actor(), body["label"], body.get("days"))


@tokens.route("/<token_id>", methods=["DELETE"])
@tokens.response(204)
def revoke_token(token_id: str) -> None:
    """End a token at once: one's own, or with the right to suspend anybody's."""
    _staff().revoke_token(require_actor(), token_id)


@staff.route("", methods=["GET"])
@staff.arguments(PageArgs, location="query")
@staff.response(200, page_schema(PersonSchema))
def list_people(args: Body) -> Page[PersonView]:
    """List who works or worked here; the look is entered in the log."""
    after = load_instant_cursor(args["cursor"])
    people = _staff().list_people(require_actor(), after, args["limit"] + 1)
    return make_page(people, args["limit"], _person_key)


@staff.route("/printable", methods=["GET"])
@staff.arguments(LanguageArgs, location="query")
@staff.response(200, {"type": "string"}, content_type="text/plain")
def print_people(said: Body) -> Response:
    """Return the list of staff for paper."""
    text = _staff().print_people(require_actor(), said["language"])
    return Response(text, mimetype="text/plain")


@staff.route("/me", methods=["GET"])
@staff.response(200, PersonSchema)
def show_me() -> PersonView:
    """Show who one is, and whether one's roles count now."""
    return _staff().me(require_actor())


@staff.route("/<account>/suspension", methods=["POST"])
@staff.arguments(SuspensionRequestSchema)
@staff.response(201, SuspensionSchema)
def suspend(body: Body, account: str) -> dict[str, str]:
    """Stop somebody's rights and tokens at once; two people lift it (staff.lift)."""
    return {"id": _staff().suspend(require_actor(), account, body["ground"])}


@staff.route("/<account>/code", methods=["POST"])
@staff.response(201, CodeSchema)
def issue_code(account: str) -> dict[str, str]:
    """Issue a one-time code with which somebody else sets a password."""
    return {"code": _staff().issue_code(require_actor(), account)}


@staff.route("/<account>/tokens", methods=["GET"])
@staff.arguments(PageArgs, location="query")
@staff.response(200, TokenPageSchema)
def list_tokens_of(args: Body, account: str) -> Page[TokenView]:
    """List somebody's tokens, to end one; the look is entered in the log."""
    return _token_page(args, account)


@approvals.route("", methods=["GET"])
@approvals.arguments(PendingArgs, location="query")
@approvals.response(200, page_schema(ApprovalSchema))
def list_pending(args: Body) -> Page[ApprovalView]:
    """List what waits for one's own decision."""
    key = load_cursor(args["cursor"], str)
    after = str(key[0]) if key else None
    found = _approvals().list_pending(
        require_actor(), after, args["limit"] + 1, everything=args["all"]
    )
    return make_page(found, args["limit"], lambda view: (view.id,))


@approvals.route("/<approval_id>", methods=["GET"])
@approvals.response(200, OpenedApprovalSchema)
def open_approval(approval_id: str) -> OpenedApproval:
    """Show an approval with what was signed; the look is entered in the log."""
    return _approvals().open(require_actor(), approval_id)


@approvals.route("/preparations", methods=["POST"])
@approvals.arguments(PrepareSchema)
@approvals.response(200, PreparedSchema)
def prepare(body: Body) -> Prepared:
    """Return the statement to sign for a proposal; nothing is kept."""
    return _approvals().prepare(require_actor(), body["kind"], body["request"])


@approvals.route("", methods=["POST"])
@approvals.arguments(ProposeSchema)
@approvals.response(201, ApprovalSchema)
def propose(body: Body) -> ApprovalView:
    """Propose what was prepared, signed by one's own key."""
    return _approvals().propose(
        require_actor(),
        body["kind"],
        body["request"],
        salt=body["salt"],
        statement=body["statement"],
        proof=body["proof"],
    )


@approvals.route("/<approval_id>/preparations", methods=["POST"])
@approvals.arguments(OutcomeSchema)
@approvals.response(200, StatementSchema)
def prepare_decision(body: Body, approval_id: str) -> dict[str, bytes]:
    """Return the statement to sign for a decision; nothing is kept."""
    statement = _approvals().prepare_decision(require_actor(), approval_id, body["answer"])
    return {"statement": statement}


@approvals.route("/<approval_id>/decision", methods=["POST"])
@approvals.arguments(DecideSchema)
@approvals.response(201, ApprovalSchema)
def decide(body: Body, approval_id: str) -> ApprovalView:
    """Decide on somebody else's proposal, signed by one's own key."""
    return _approvals().decide(
        require_actor(),
        approval_id,
        answer=body["answer"],
        statement=body["statement"],
        proof=body["proof"],
    )


def _token_page(args: Body, account: str | None) -> Page[TokenView]:
    after, limit = load_instant_cursor(args["cursor"]), args["limit"]
    found = _staff().list_tokens(require_actor(), account, after, limit + 1)
    return make_page(found, limit, lambda row: (format_instant(row.created_at), row.id))


def _person_key(view: PersonView) -> tuple[str | int, ...]:
    created: datetime = view.created_at
    return (format_instant(created), view.account)
