"""Who was referred elsewhere; it stays as it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class Referral(CaseBase):
    """A person answered a demand with "not ours": to which kind of addressee it should go.

    ``name_sealed`` is whom the answer names, if anybody; ``reason_sealed`` is for us alone.
    """

    __tablename__ = "referrals"

    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), primary_key=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessments.id"))
    kind: Mapped[str] = mapped_column(String(40))
    table_digest: Mapped[str] = mapped_column(String(43))
    name_sealed: Mapped[bytes | None]
    reason_sealed: Mapped[bytes]
    referred_by: Mapped[str] = mapped_column(String(40))
    referred_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(Referral.__table__)  # type: ignore[arg-type]
