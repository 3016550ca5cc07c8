"""Every part of the service under one name, and how it is asked whether it is there."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lea_service.agencies.audit import check_agencies
from lea_service.agencies.service import AgencyService
from lea_service.custody.access import AccessLog
from lea_service.custody.queries import check_on_time
from lea_service.custody.service import CustodyService
from lea_service.custody.signer import CheckpointSigner
from lea_service.delivery.audit import check_handover
from lea_service.delivery.letters.service import LetterService
from lea_service.delivery.rules import is_receiver_token
from lea_service.delivery.service import DeliveryService
from lea_service.demands.audit import FoundBy, check_demands
from lea_service.demands.service import DemandService
from lea_service.extraction.page.service import PageService
from lea_service.extraction.service import ExtractionService
from lea_service.kernel import migration
from lea_service.kernel.actors import Actor
from lea_service.kernel.database import Database
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import LeaError, Unavailable
from lea_service.kernel.keystore import load_keystore
from lea_service.kernel.transactions import Transactions
from lea_service.legal.annex.service import AnnexService
from lea_service.legal.authenticity.service import AuthenticityService
from lea_service.legal.catalogue_service import CatalogueService
from lea_service.legal.clock_service import ClockService
from lea_service.legal.confirmations.service import ConfirmationService
from lea_service.legal.narrowing.audit import check_narrowings
from lea_service.legal.narrowing.service import NarrowingService
from lea_service.legal.preservation.service import PreservationService
from lea_service.legal.referral.service import ReferralService
from lea_service.legal.service import LegalService
from lea_service.oversight.audit import check_marks
from lea_service.oversight.inquiries.service import InquiryService
from lea_service.oversight.service import OversightService
from lea_service.packaging.service import PackagingService
from lea_service.records.identifiers import normalise_target
from lea_service.records.import_service import ImportService
from lea_service.records.live.examine_service import ExamineService
from lea_service.records.live.service import PullService
from lea_service.records.service import SourceService
from lea_service.retention.backups.service import BackupService
from lea_service.retention.processing.service import ProcessingService
from lea_service.retention.service import RetentionService
from lea_service.retention.standing import Standing
from lea_service.settings import Settings
from lea_service.staff.approval_service import ApprovalService
from lea_service.staff.audit import check_staff
from lea_service.staff.decisions import Decisions
from lea_service.staff.queries import has_accounts
from lea_service.staff.reach.service import ReachService
from lea_service.staff.root import load_root
from lea_service.staff.service import StaffService
from lea_service.workflow.notices import NoticeTransport


@dataclass(frozen=True)
class Services:
    """Every part by name; the edges find the use cases here."""

    settings: Settings
    cases: Database
    records: Database
    transactions: Transactions
    keys: DataKeys
    signer: CheckpointSigner
    access: AccessLog
    custody: CustodyService
    staff: StaffService
    approvals: ApprovalService
    pages: PageService
    agencies: AgencyService
    demands: DemandService
    legal: LegalService
    catalogue: CatalogueService
    clocks: ClockService
    authenticity: AuthenticityService
    confirmations: ConfirmationService
    preservation: PreservationService
    narrowings: NarrowingService
    annex: AnnexService
    referrals: ReferralService
    sources: SourceService
    imports: ImportService
    pulls: PullService
    examining: ExamineService
    retention: RetentionService
    backups: BackupService
    processing: ProcessingService
    extraction: ExtractionService
    packaging: PackagingService
    delivery: DeliveryService
    letters: LetterService
    oversight: OversightService
    inquiries: InquiryService
    reach: ReachService
    notices: NoticeTransport

    def authenticate(self, token: str) -> Actor:
        """Return who stands behind a token, of ours or of an agency. Raises NotAuthenticated."""
        if is_receiver_token(token):
            return self.delivery.authenticate_receiver(token)
        return self.staff.authenticate(token)

    def check_tables(self) -> list[str]:
        """Return what stands in the tables though no entry or signature says so."""
        with self.transactions.read() as session:
            index = self.transactions.index
            normalise = partial(normalise_target, region=self.settings.region)
            found = check_demands(session, self.keys, FoundBy(index, normalise))
            found += check_marks(session, self.keys, index)
            found += check_narrowings(session)
            if not has_accounts(session):
                return found
            root = load_root(self.settings.staff_root)
            found += check_staff(session, root, self.transactions.clock.now())
            try:
                decisions = Decisions(session, root)
            except LeaError:  # what differs is in the list already
                return found
            found += check_agencies(session, self.keys, decisions)
            return found + check_handover(session, decisions)

    @property
    def pings(self) -> dict[str, Callable[[], None]]:
        """Return how to ask each part whether it is there."""
        return {
            "cases": lambda: migration.check_current(self.cases, migration.CASES),
            "records": self._ping_records,
            "keys": lambda: _ping_keys(self.settings),
            "signer": self.custody.checkpointer.check_goes_on,
            "notices": self.notices.ping,
            "staff": self._ping_staff,
            "clock": self._ping_clock,
            "packages": lambda: _ping_folder(self.settings.packages_dir),
            "spool": lambda: _ping_folder(self.settings.spool_dir),
        }

    def _ping_records(self) -> None:
        """Look whether the record store is of this version, and no older copy of itself."""
        migration.check_current(self.records, migration.RECORDS)
        Standing(self.transactions, self.records).check()

    def _ping_staff(self) -> None:
        """Read the pinned keys of the first two people, once there are people."""
        with self.transactions.read() as session:
            if has_accounts(session):
                load_root(self.settings.staff_root)

    def _ping_clock(self) -> None:
        """Look whether the clock of this machine is behind the log."""
        with self.transactions.read() as session:
            check_on_time(session, self.transactions.clock.now())

    def dispose(self) -> None:
        """Close every connection."""
        self.cases.dispose()
        self.records.dispose()


def _ping_keys(settings: Settings) -> None:
    load_keystore(settings.keys_dir)


def _ping_folder(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK)):
        raise Unavailable("expected a folder that this process may write to")
