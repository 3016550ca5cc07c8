"""Reads of sealed packages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lea_service.custody.replay import read_stream
from lea_service.extraction.instalments import HANDED_OVER
from lea_service.extraction.queries import is_current_run
from lea_service.kernel.database import get_row
from lea_service.kernel.datakeys import RESULT, DataKeys
from lea_service.kernel.errors import IntegrityFailure
from lea_service.kernel.sealed_file import SegmentReader
from lea_service.packaging.models import Package


@dataclass(frozen=True, slots=True)
class PackageView:
    """A sealed package as people and the hand-over see it; sizes in bytes.

    It is no longer current once another plan replaced the one it was made of: then it never leaves;
    nor once the run of the next instalment took the turn, when it has left.
    """

    id: str
    demand_id: str
    run_id: str
    plan_id: str
    approval_id: str
    sha256: str
    size: int
    manifest_digest: str
    receivers: tuple[str, ...]
    sealed_at: datetime
    is_current: bool


def get_package(session: Session, package_id: str) -> PackageView:
    """Return one package. Raises NotFound."""
    return _view(session, get_package_row(session, package_id))


def get_package_row(session: Session, package_id: str) -> Package:
    """Return the row of a package. Raises NotFound."""
    return get_row(session, Package, package_id, "package")


def find_package_of_run(session: Session, run_id: str) -> Package | None:
    """Return the package that was made of a run."""
    return session.scalars(select(Package).where(Package.run_id == run_id)).one_or_none()


def list_packages(session: Session, demand_id: str) -> list[PackageView]:
    """Return the packages of a demand, oldest first."""
    query = select(Package).where(Package.demand_id == demand_id)
    rows = session.scalars(query.order_by(Package.sealed_at, Package.id)).all()
    return [_view(session, row) for row in rows]


def list_handed_over(session: Session, demand_id: str) -> list[PackageView]:
    """Return the packages that the log says were made available: instalments before the last."""
    entries = read_stream(session, demand_id).of(HANDED_OVER)
    return [get_package(session, str(one.facts["package"])) for one in entries]


def open_ciphertext(
    session: Session, keys: DataKeys, folder: Path, package_id: str
) -> SegmentReader:
    """Open what receivers fetch, readable from any position; the caller closes it.

    Raises NotFound, Unavailable when the result key was destroyed, IntegrityFailure when the file
    is gone or damaged.
    """
    row = get_package_row(session, package_id)
    key = keys.key(session, row.run_id, RESULT)
    try:
        reader = SegmentReader(folder / row.file, key, seal_context(row.id))
    except FileNotFoundError as err:
        raise IntegrityFailure("the file of a package is gone") from err
    if reader.size != row.size:
        reader.close()
        raise IntegrityFailure("the file of a package is not the one that was recorded")
    return reader


def seal_context(package_id: str) -> str:
    """Return what the stored file of a package is bound to."""
    return f"package/{package_id}"


def _view(session: Session, row: Package) -> PackageView:
    return PackageView(
        id=row.id,
        demand_id=row.demand_id,
        run_id=row.run_id,
        plan_id=row.plan_id,
        approval_id=row.approval_id,
        sha256=row.sha256,
        size=row.size,
        manifest_digest=row.manifest_digest,
        receivers=tuple(row.receivers),
        sealed_at=row.sealed_at,
        is_current=is_current_run(session, row.run_id),
    )
