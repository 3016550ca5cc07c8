"""Use cases of sources: declare one, look at what there is, see what could not be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lea_service.custody.looks import Looks
from lea_service.demands.targets import SOURCE_NAME
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import dump_canonical, encode_b64url, sha256
from lea_service.kernel.database import Database
from lea_service.kernel.errors import Conflict, InvalidInput
from lea_service.kernel.transactions import RECORDS_STREAM, Transactions
from lea_service.records.gaps import UnreadGap
from lea_service.records.mapping_loading import declare, load_mapping
from lea_service.records.models import Source
from lea_service.records.queries import (
    ImportView,
    RejectView,
    SourceView,
    find_reached,
    find_source,
    get_import,
    get_source,
    list_gaps,
    list_imports,
    list_rejects,
    list_sources,
    lock_register,
)
from lea_service.records.reader import RecordReader, is_whole

SHOWN_BYTES = 2_000

DECLARED = "source.declared"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the record store holds of a source; begins of its first and last row.

    Of a live one also up to which watermark it was read, when that was, and where it did not go on.
    """

    source: str
    kind: str
    rows: int
    first: datetime | None
    last: datetime | None
    watermark: str | None
    read_at: datetime | None
    gaps: tuple[UnreadGap, ...] = ()


class SourceService:
    """The systems whose records we hold."""

    def __init__(
        self,
        transactions: Transactions,
        looks: Looks,
        records: Database,
        check: Callable[[], None] = is_whole,
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._records = records
        self._reader = RecordReader(records, check)

    def declare(
        self,
        actor: Actor,
        name: str,
        mapping: Mapping[str, Any],
        *,
        zone: str | None = None,
        region: str | None = None,
    ) -> SourceView:
        """Declare a source; ``zone`` and ``region`` replace those of the mapping.

        Raises InvalidInput that names the place, Conflict for a name that is taken.
        """
        permit(actor, Permission.SOURCE_MANAGE)
        if not re.match(SOURCE_NAME, name):
            raise InvalidInput.at("/name", "expected small letters, digits and hyphens")
        document = declare(mapping, zone, region, "/mapping")
        rules = load_mapping(document)
        data = dump_canonical(document)
        with self._transactions.begin(actor) as tx:
            lock_register(tx.session)
            if find_source(tx.session, name) is not None:
                raise Conflict("a source of this name exists; names are never used again")
            row = Source(
                id=tx.ids.new("so"),
                name=name,
                kind=rules.kind,
                mapping=data.decode(),
                mapping_digest=encode_b64url(sha256(data)),
                zone=rules.time.zone,
                region=rules.region,
                declared_by=actor.id,
                declared_at=tx.now,
            )
            tx.session.add(row)
            facts = {"source": row.id, "kind": row.kind, "mapping": row.mapping_digest}
            tx.record(DECLARED, RECORDS_STREAM, facts=facts, evidence=[row])
        return self._get(row.id)

    def list(self, actor: Actor, after: str | None, limit: int) -> list[SourceView]:
        """Return sources by name, those behind the name ``after``."""
        permit(actor, Permission.SOURCE_READ)
        with self._transactions.read(actor) as session:
            return list_sources(session, after, limit)

    def get(self, actor: Actor, ref: str) -> SourceView:
        """Return a source by id or name. Raises NotFound."""
        permit(actor, Permission.SOURCE_READ)
        return self._get(ref)

    def coverage(self, actor: Actor, ref: str) -> Coverage:
        """Return how many rows a source has, and from when until when. Raises NotFound."""
        permit(actor, Permission.SOURCE_READ)
        source = self._get(ref)
        with self._reader.snapshot() as snapshot:
            first, last = snapshot.covers(source.name, source.kind)
            rows = snapshot.count_source(source.name, source.kind)
        with self._records.read() as session:
            read = find_reached(session, source.name)
            gaps = list_gaps(session, source.name)
        mark, at = (None, None) if read is None else (read.watermark_to, read.finished_at)
        return Coverage(source.name, source.kind, rows, first, last, mark, at, gaps)

    def list_imports(
        self, actor: Actor, ref: str, after: tuple[datetime, str] | None, limit: int
    ) -> tuple[ImportView, ...]:
        """Return imports of a source, the newest first. Raises NotFound."""
        permit(actor, Permission.SOURCE_READ)
        with self._transactions.read(actor) as session:
            source = get_source(session, ref)
            return tuple(list_imports(session, source.id, after, limit))

    def get_import(self, actor: Actor, ref: str, import_id: str) -> ImportView:
        """Return one import. Raises NotFound."""
        permit(actor, Permission.SOURCE_READ)
        with self._transactions.read(actor) as session:
            return get_import(session, get_source(session, ref).id, import_id)

    def list_rejects(
        self, actor: Actor, ref: str, import_id: str, after: int, limit: int
    ) -> tuple[RejectView, ...]:
        """Return lines of an import that were not taken in; the look is entered first."""
        permit(actor, Permission.SOURCE_MANAGE)
        with self._transactions.read(actor) as session:
            get_import(session, get_source(session, ref).id, import_id)
        self._looks.note(actor, RECORDS_STREAM, f"rejects:{import_id}", "rejects.viewed")
        with self._records.read() as records:
            return tuple(list_rejects(records, import_id, after, limit, SHOWN_BYTES))

    def _get(self, ref: str) -> SourceView:
        with self._transactions.read() as session:
            return get_source(session, ref)
