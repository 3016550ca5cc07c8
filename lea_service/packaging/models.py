"""Sealed packages: one evidence row each, naming the ciphertext by its digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lea_service.kernel.database import CaseBase, UtcDateTime, append_only


class Package(CaseBase):
    """The one package of a run, never changed; the ciphertext rests sealed in ``file``.

    ``sha256`` (hex) and ``size`` are of what receivers fetch. ``manifest_digest`` and
    ``receipt_digest`` are salted; ``receivers`` are certificate fingerprints, sorted.
    """

    __tablename__ = "packages"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    demand_id: Mapped[str] = mapped_column(ForeignKey("demands.id"), index=True)
    run_id: Mapped[str] = mapped_column(String(40), unique=True)
    plan_id: Mapped[str] = mapped_column(String(40))
    approval_id: Mapped[str] = mapped_column(String(40))
    file: Mapped[str] = mapped_column(String(120), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    manifest_digest: Mapped[str] = mapped_column(String(43))
    receipt_salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    receipt_digest: Mapped[str] = mapped_column(String(43))
    receivers: Mapped[list[str]] = mapped_column(JSON)
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(Package.__table__)  # type: ignore[arg-type]
