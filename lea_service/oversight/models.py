"""Tables of warnings: ids, codes and counts; reasons and mailboxes are sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only
from lea_service.oversight.rules import WarningKind

_KINDS = ", ".join(f"'{kind}'" for kind in WarningKind)


class RaisedWarning(CaseBase):
    """Something that people outside the flow have to look at; never changed.

    ``subject`` is the agency or person of an authority that it is about, if it is about one, and
    ``count`` how often it was seen. ``occasion`` lets one thing be told once.
    """

    __tablename__ = "warnings"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        Index(None, "raised_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    demand_id: Mapped[str | None] = mapped_column(ForeignKey("demands.id"), index=True)
    subject: Mapped[str | None] = mapped_column(String(40))
    count: Mapped[int]
    occasion: Mapped[str] = mapped_column(String(120), unique=True)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WarningSettlement(CaseBase):
    """What somebody made of a warning; never changed."""

    __tablename__ = "warning_settlements"

    warning_id: Mapped[str] = mapped_column(ForeignKey("warnings.id"), primary_key=True)
    reason_sealed: Mapped[bytes]
    settled_by: Mapped[str] = mapped_column(String(40))
    settled_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WarningRecipient(CaseBase):
    """Somebody whom warnings go to; ``sealed`` holds the mailbox."""

    __tablename__ = "warning_recipients"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    sealed: Mapped[bytes]
    approval_id: Mapped[str] = mapped_column(ForeignKey("approvals.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


for _model in (RaisedWarning, WarningSettlement):
    append_only(_model.__table__)  # type: ignore[arg-type]
