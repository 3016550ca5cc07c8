"""Data keys: what names a person is readable only while the key of its stream lives.

Each stream has a **file key** (order, decisions, names in the log); each run of an extraction has a
**result key** under its own id (rows, package). Destroying the row destroys what was sealed under
it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lea_service.kernel.canonical import Json, dump_canonical, load_strict
from lea_service.kernel.crypto import KeyEncryption, new_key, open_bytes, seal_bytes
from lea_service.kernel.database import CaseBase, UtcDateTime
from lea_service.kernel.errors import IntegrityFailure, Unavailable

FILE = "file"
RESULT = "result"


class DataKey(CaseBase):
    """A wrapped data key; ``wrapped`` is emptied when the key is destroyed."""

    __tablename__ = "data_keys"
    __table_args__ = (
        UniqueConstraint("stream", "kind"),
        CheckConstraint("kind IN ('file', 'result')", name="kind"),
        CheckConstraint("(destroyed_at IS NULL) = (wrapped IS NOT NULL)", name="destroyed"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    stream: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(8))
    wrapped: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DataKeys:
    """Makes, opens and destroys data keys under one key-encryption key."""

    def __init__(self, kek: KeyEncryption) -> None:
        self._kek = kek

    def create(
        self, session: Session, *, stream: str, kind: str, key_id: str, now: datetime
    ) -> None:
        """Add a fresh key of ``kind`` for ``stream``."""
        wrapped = self._kek.wrap(new_key(), f"{stream}/{kind}/{key_id}")
        row = DataKey(id=key_id, stream=stream, kind=kind, wrapped=wrapped, created_at=now)
        session.add(row)
        session.flush()

    def key(self, session: Session, stream: str, kind: str = FILE) -> bytes:
        """Return the 32 key bytes. Raises Unavailable when there is none, or it was destroyed."""
        query = select(DataKey.id, DataKey.wrapped).where(
            DataKey.stream == stream, DataKey.kind == kind
        )
        found = session.execute(query).one_or_none()
        if found is None or found.wrapped is None:
            raise Unavailable(f"the {kind} key of {stream} does not exist or was destroyed")
        return self._kek.unwrap(found.wrapped, f"{stream}/{kind}/{found.id}")

    def exists(self, session: Session, stream: str, kind: str = FILE) -> bool:
        """Say whether ``stream`` ever had a key of ``kind``, destroyed or not."""
        query = select(DataKey.id).where(DataKey.stream == stream, DataKey.kind == kind)
        return session.execute(query).first() is not None

    def is_whole(self, session: Session, stream: str, kind: str = FILE) -> bool:
        """Say whether ``stream`` has a key of ``kind`` that was not destroyed."""
        query = select(DataKey.id).where(
            DataKey.stream == stream, DataKey.kind == kind, DataKey.destroyed_at.is_(None)
        )
        return session.execute(query).first() is not None

    def destroy(self, session: Session, stream: str, kind: str, now: datetime) -> str:
        """Empty the key for good; returns its id. Raises Unavailable when there is none."""
        query = select(DataKey).where(DataKey.stream == stream, DataKey.kind == kind)
        row = session.scalars(query.with_for_update()).one_or_none()
        if row is None or row.wrapped is None:
            raise Unavailable(f"the {kind} key of {stream} does not exist or was destroyed")
        row.wrapped = None
        row.destroyed_at = now
        session.flush()
        return row.id


def seal_value(key: bytes, stream: str, value: Json, label: str) -> bytes:
    """Encrypt a JSON value, bound to its stream and to what it is (``label``)."""
    return seal_bytes(key, dump_canonical(value), f"{stream}/{label}".encode())


def open_value(key: bytes, stream: str, blob: bytes, label: str) -> Json:
    """Decrypt what ``seal_value`` made. Raises IntegrityFailure."""
    value: Json = load_strict(open_bytes(key, blob, f"{stream}/{label}".encode()))
    return value


def open_sealed(
    session: Session, keys: DataKeys, stream: str, blob: bytes, label: str, kind: str = FILE
) -> Json:
    """Decrypt one sealed column of ``stream``. Raises Unavailable, IntegrityFailure."""
    return open_value(keys.key(session, stream, kind), stream, blob, label)


def open_text(
    session: Session, keys: DataKeys, stream: str, blob: bytes, label: str, kind: str = FILE
) -> str:
    """Decrypt a sealed column that holds a text. Raises as ``open_sealed`` does."""
    value = open_sealed(session, keys, stream, blob, label, kind)
    if not isinstance(value, str):
        raise IntegrityFailure("a sealed column holds something else than a text")
    return value


def open_object(
    session: Session, keys: DataKeys, stream: str, blob: bytes, label: str, kind: str = FILE
) -> dict[str, Any]:
    """Decrypt a sealed column that holds an object. Raises as ``open_sealed`` does."""
    value = open_sealed(session, keys, stream, blob, label, kind)
    if not isinstance(value, dict):
        raise IntegrityFailure("a sealed column holds something else than an object")
    return value
