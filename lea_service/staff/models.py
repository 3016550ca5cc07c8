"""Tables of staff and approvals: names are sealed, plain columns hold ids, codes and digests."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only, attach_ddl

_ROLES = "'handler', 'approver', 'auditor', 'overseer', 'engineer', 'administrator'"


class Approval(CaseBase):
    """A proposal that a second person must decide on; never changed.

    ``needs_deciders`` is how many people beside the proposer have to agree, as was signed.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        UniqueConstraint("id", "proposed_by"),
        CheckConstraint("beneficiary IS NULL OR beneficiary <> proposed_by", name="beneficiary"),
        CheckConstraint("needs_deciders BETWEEN 1 AND 3", name="needs_deciders"),
        Index(None, "kind", "subject"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(43))
    payload_sealed: Mapped[bytes]
    stream: Mapped[str] = mapped_column(String(40))
    proposed_by: Mapped[str] = mapped_column(String(40))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    beneficiary: Mapped[str | None] = mapped_column(String(40))
    needs_deciders: Mapped[int] = mapped_column(default=1)
    statement: Mapped[bytes]
    proof: Mapped[str] = mapped_column(Text)


class ApprovalEndorsement(CaseBase):
    """Somebody agreed to what takes more than one to decide; never changed.

    The last who agrees makes the decision. Nobody counts twice, by the key of the table.
    """

    __tablename__ = "approval_endorsements"
    __table_args__ = (
        ForeignKeyConstraint(
            ["approval_id", "proposed_by"],
            ["approvals.id", "approvals.proposed_by"],
        ),
        CheckConstraint("endorsed_by <> proposed_by", name="two_people"),
    )

    approval_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    endorsed_by: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(40))
    endorsed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    statement: Mapped[bytes]
    proof: Mapped[str] = mapped_column(Text)


class ApprovalDecision(CaseBase):
    """The one decision on an approval, by somebody else; never changed.

    Its reasons stand as codes in the statement, ``text_sealed`` holds what was told of them.
    """

    __tablename__ = "approval_decisions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["approval_id", "proposed_by"],
            ["approvals.id", "approvals.proposed_by"],
        ),
        CheckConstraint("decided_by <> proposed_by", name="two_people"),
        CheckConstraint("outcome IN ('approved', 'returned', 'refused')", name="outcome"),
        CheckConstraint("outcome <> 'approved' OR text_sealed IS NULL", name="text"),
    )

    approval_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(String(40))
    decided_by: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(8))
    text_sealed: Mapped[bytes | None]
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    statement: Mapped[bytes]
    proof: Mapped[str] = mapped_column(Text)


class Account(CaseBase):
    """A person who works here. ``sealed`` holds name, login and personnel number."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("(suspension_id IS NULL) = (suspended_at IS NULL)", name="suspension"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_digest: Mapped[str] = mapped_column(String(43), unique=True)
    login_digest: Mapped[str] = mapped_column(String(43), unique=True)
    sealed: Mapped[bytes]
    generation: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    suspension_id: Mapped[str | None] = mapped_column(String(40))
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RoleGrant(CaseBase):
    """A role a person has from ``granted_at`` until ``ended_at``."""

    __tablename__ = "role_grants"
    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLES})", name="role"),
        Index(None, "account_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[str] = mapped_column(String(16))
    approval_id: Mapped[str | None] = mapped_column(ForeignKey("approvals.id"))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DelegationRow(CaseBase):
    """The role of an approver, lent to ``account_id`` by ``lent_by`` for a period.

    ``ended_at`` is set when other roles replaced those of the person before it ran out.
    """

    __tablename__ = "delegations"
    __table_args__ = (
        CheckConstraint("lent_by <> account_id", name="two_people"),
        CheckConstraint("valid_from < valid_until", name="period"),
        Index(None, "account_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    lent_by: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime] = mapped_column(UtcDateTime)
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EngagementRow(CaseBase):
    """On what footing somebody works here; ``sealed`` holds company, telephone and mailbox.

    Each decision adds one, and that of the latest generation counts.
    """

    __tablename__ = "engagements"
    __table_args__ = (
        UniqueConstraint("account_id", "generation"),
        CheckConstraint("kind IN ('employee', 'outside_counsel', 'shared_desk')", name="kind"),
        CheckConstraint(
            "(kind = 'employee' AND valid_from IS NULL AND valid_until IS NULL) OR "
            "(kind <> 'employee' AND valid_from IS NOT NULL AND valid_until IS NOT NULL "
            "AND valid_from < valid_until)",
            name="period",
        ),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    generation: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    valid_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed: Mapped[bytes]
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))


class PersonalKey(CaseBase):
    """The public half of a person's signing key; one key is enrolled once, for one person."""

    __tablename__ = "personal_keys"
    __table_args__ = (
        Index(
            "uq_personal_keys_current",
            "account_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    public_key: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    approval_id: Mapped[str | None] = mapped_column(ForeignKey("approvals.id"))
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClearanceRow(CaseBase):
    """A clearance (screening, secrecy statement, training, sealed lane) with its days."""

    __tablename__ = "clearances"
    __table_args__ = (
        CheckConstraint("kind IN ('screening', 'secrecy', 'training', 'sealed')", name="kind"),
        CheckConstraint("valid_from <= valid_until", name="days"),
        Index(None, "account_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(16))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    approval_id: Mapped[str | None] = mapped_column(ForeignKey("approvals.id"))


class SuspensionRow(CaseBase):
    """Somebody stopped a person's rights; only an approval lifts it."""

    __tablename__ = "suspensions"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    suspended_by: Mapped[str] = mapped_column(String(40))
    ground: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class Password(CaseBase):
    """The argon2 hash of a person's password."""

    __tablename__ = "passwords"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OneTimeCode(CaseBase):
    """The digest of the code with which a person sets a password; gone once used."""

    __tablename__ = "one_time_codes"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    issued_by: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApiToken(CaseBase):
    """A token of a person, of which only SHA-256 of the secret is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    label: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInAttempts(CaseBase):
    """Failures in a row for one login, known or not, by keyed digest."""

    __tablename__ = "sign_in_attempts"

    login_digest: Mapped[str] = mapped_column(String(43), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _model in (
    Approval,
    ApprovalEndorsement,
    ApprovalDecision,
    ClearanceRow,
    EngagementRow,
    SuspensionRow,
):
    append_only(_model.__table__)  # type: ignore[arg-type]

_TOO_FEW = (
    "NEW.outcome = 'approved' AND (SELECT needs_deciders FROM approvals WHERE id = NEW.approval_id)"
    " > 1 + (SELECT count(*) FROM approval_endorsements"
    " WHERE approval_id = NEW.approval_id AND endorsed_by <> NEW.decided_by)"
)
_DECIDED = "EXISTS (SELECT 1 FROM approval_decisions WHERE approval_id = NEW.approval_id)"
_GUARDS = {
    "approval_decisions": ("deciders", _TOO_FEW, "more people have to agree to this"),
    "approval_endorsements": ("undecided", _DECIDED, "this approval was decided before"),
}


def deciders_ddl(dialect: str) -> dict[str, tuple[list[str], list[str]]]:
    """Return by table the statements that ask for enough people, and their undoing."""
    write = _sqlite_guard if dialect == "sqlite" else _postgresql_guard
    return {table: write(table, *guard) for table, guard in _GUARDS.items()}


def _sqlite_guard(table: str, what: str, when: str, says: str) -> tuple[list[str], list[str]]:
    name = f"{table}_{what}"
    create = (
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
    )
    return [create], [f"DROP TRIGGER {name}"]


def _postgresql_guard(table: str, what: str, when: str, says: str) -> tuple[list[str], list[str]]:
    name = f"{table}_{what}"
    function = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {when} THEN RAISE EXCEPTION '{says}'; END IF; RETURN NEW; END $$"
    )
    trigger = (
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
    return [function, trigger], [
        f"DROP TRIGGER {name} ON {table}",
        f"DROP FUNCTION {name}() CASCADE",
    ]


for _dialect in ("sqlite", "postgresql"):
    for _model in (ApprovalEndorsement, ApprovalDecision):
        _create, _drop = deciders_ddl(_dialect)[_model.__tablename__]
        attach_ddl(_model.__table__, _dialect, _create, _drop)  # type: ignore[arg-type]
