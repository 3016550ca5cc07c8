"""The one place where the parts are built and handed to each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial

from lea_service.agencies import approval as agency_kinds
from lea_service.agencies.service import AgencyService
from lea_service.custody.access import AccessLog
from lea_service.custody.journal import CustodyJournal
from lea_service.custody.looks import Looks
from lea_service.custody.service import Checkpointer, CustodyService
from lea_service.custody.signer import CheckpointSigner, LocalSigner
from lea_service.delivery import approval as delivery_kinds
from lea_service.delivery.letters.queries import is_form_sent
from lea_service.delivery.letters.service import LetterService
from lea_service.delivery.letters.told_queries import find_told, list_told
from lea_service.delivery.queries import kept_until
from lea_service.delivery.service import DeliveryService
from lea_service.demands.changes import advance
from lea_service.demands.concerned import RELATED
from lea_service.demands.queries import REGION, get_state
from lea_service.demands.service import DemandService
from lea_service.extraction import approval as extraction_kinds
from lea_service.extraction import reopening as reopening_kinds
from lea_service.extraction.extra_decider import QUOTAS, Quotas
from lea_service.extraction.needed_queries import find_held_back, list_needed, list_preserved
from lea_service.extraction.not_held_queries import check_none_holds
from lea_service.extraction.page.queries import Law
from lea_service.extraction.page.service import PageService
from lea_service.extraction.service import ExtractionService
from lea_service.kernel.actors import worker_actor
from lea_service.kernel.clock import Clock, SystemClock
from lea_service.kernel.crypto import BlindIndex, LocalKeyEncryption
from lea_service.kernel.database import Database
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.ids import Ids, RandomIds
from lea_service.kernel.jobs import JobQueue
from lea_service.kernel.keystore import KeyStore, load_keystore
from lea_service.kernel.logs import configure_logging
from lea_service.kernel.transactions import Transaction, Transactions
from lea_service.legal.annex.service import AnnexService
from lea_service.legal.authenticity import approval as authenticity_kinds
from lea_service.legal.authenticity.anchors import load_anchors
from lea_service.legal.authenticity.documents import DocumentCheck
from lea_service.legal.authenticity.ports import DnsRecords
from lea_service.legal.authenticity.service import AuthenticityService
from lea_service.legal.catalogue import Catalogue, load_catalogue
from lea_service.legal.catalogue_service import CatalogueService
from lea_service.legal.clock_service import ClockService
from lea_service.legal.confirmations import approval as confirmation_kinds
from lea_service.legal.confirmations.changes import release_paid
from lea_service.legal.confirmations.queries import check_closable
from lea_service.legal.confirmations.service import ConfirmationService
from lea_service.legal.enforcing import approval as enforcing_kinds
from lea_service.legal.narrowing.service import NarrowingService
from lea_service.legal.order_comparison import OrderCheck
from lea_service.legal.order_text import OrderReader
from lea_service.legal.preservation import approval as preservation_kinds
from lea_service.legal.preservation.freezing_queries import Freezes
from lea_service.legal.preservation.queries import Preservations
from lea_service.legal.preservation.service import PreservationService
from lea_service.legal.queries import HOLIDAYS, NORMALISE, OVERLAY
from lea_service.legal.referral.service import ReferralService
from lea_service.legal.service import LegalService
from lea_service.legal.working_days import WorkingDays, load_working_days
from lea_service.oversight import approval as oversight_kinds
from lea_service.oversight.changes import look_at_demand
from lea_service.oversight.inquiries import approval as inquiry_kinds
from lea_service.oversight.inquiries.service import InquiryService
from lea_service.oversight.service import OversightService
from lea_service.packaging.assembly import Assembly
from lea_service.packaging.service import PackagingService
from lea_service.packaging.signature import PackageSigner
from lea_service.records.customer_queries import Customers
from lea_service.records.identifiers import normalise_target
from lea_service.records.import_service import ImportService
from lea_service.records.live.connections import Connections
from lea_service.records.live.examine_service import ExamineService
from lea_service.records.live.service import PullService
from lea_service.records.reader import RecordReader
from lea_service.records.selection import Selection
from lea_service.records.service import SourceService
from lea_service.retention import approval as retention_kinds
from lea_service.retention.backups.service import BackupService
from lea_service.retention.processing import approval as processing_kinds
from lea_service.retention.processing.service import ProcessingService
from lea_service.retention.reckoning import Reckoning
from lea_service.retention.service import RetentionService
from lea_service.retention.standing import Standing
from lea_service.services import Services
from lea_service.settings import Settings
from lea_service.staff import approval as staff_kinds
from lea_service.staff.approval_service import ApprovalService
from lea_service.staff.proven import StaffProofs
from lea_service.staff.reach.rules import Timing
from lea_service.staff.reach.service import ReachService
from lea_service.staff.root import Root, load_root
from lea_service.staff.service import StaffService
from lea_service.workflow.notices import FileNotices, NoticeTransport, OwnMailbox, SmtpNotices
from lea_service.workflow.outgoing import Outgoing
from lea_service.workflow.steps import SHORT, Parts, Steps, periodic
from lea_service.workflow.worker import Tick, Worker

KINDS = (
    agency_kinds,
    authenticity_kinds,
    confirmation_kinds,
    delivery_kinds,
    enforcing_kinds,
    extraction_kinds,
    reopening_kinds,
    oversight_kinds,
    inquiry_kinds,
    preservation_kinds,
    processing_kinds,
    retention_kinds,
    staff_kinds,
)
"""The modules that declare what takes two people; loading them is what declares it."""


def build(settings: Settings, *, clock: Clock | None = None, ids: Ids | None = None) -> Services:
    """Build the service. Raises Unavailable, IntegrityFailure (key store)."""
    store = load_keystore(settings.keys_dir)
    quotas = Quotas(settings.officer_quota, settings.agency_quota)
    records = Database(settings.records_url, by_index=True)
    carried = {
        OVERLAY: settings.legal_overlay,
        HOLIDAYS: settings.holidays,
        agency_kinds.ISSUING_ROLES: tuple(load_catalogue(settings.legal_overlay).codes["roles"]),
        QUOTAS: quotas,
        NORMALISE: partial(normalise_target, region=settings.region),
        REGION: settings.region,
        RELATED: Customers(records, settings.region).list_identifiers,
    }
    cases = Database(settings.database_url, carried)
    keys = DataKeys(LocalKeyEncryption(store.key_encryption))
    transactions = Transactions(
        cases,
        clock or SystemClock(),
        ids or RandomIds(),
        keys,
        BlindIndex(store.index),
        CustodyJournal(settings.log_origin),
    )
    signer = _local_signer(settings, store)
    looks = Looks(transactions)
    checkpointer = Checkpointer(transactions, signer)
    custody = CustodyService(transactions, looks, checkpointer, signer, settings.log_origin)
    return _assemble(_Base(settings, store, transactions, records, signer, looks, custody))


@dataclass(frozen=True)
class _Base:
    """What the parts are built on."""

    settings: Settings
    store: KeyStore
    transactions: Transactions
    records: Database
    signer: CheckpointSigner
    looks: Looks
    custody: CustodyService

    @property
    def catalogue(self) -> Catalogue:
        """Return the legal bases that ship, under the provider's own."""
        return load_catalogue(self.settings.legal_overlay)

    @property
    def preservations(self) -> Preservations:
        """Return what reads how long data are kept."""
        return Preservations(self.catalogue, load_working_days(self.settings.holidays))

    @cached_property
    def freezes(self) -> Freezes:
        """Return what finds the orders that freeze records, and remembers which do not."""
        return Freezes(self.preservations, self.transactions, self.custody.signed)

    def check_store(self) -> None:
        """Let a record store through that is no older copy of itself. Raises Unavailable."""
        Standing(self.transactions, self.records).check()

    def load_root(self) -> Root:
        """Return the pinned keys of the first two people, as the file has them now."""
        return load_root(self.settings.staff_root)

    def list_preserved(self, source_id: str, since: datetime) -> Sequence[Selection]:
        """Return the rows of a source that orders to preserve named after ``since``."""
        frozen = self.freezes.list(since)
        with self.transactions.read() as session:
            return list_preserved(session, frozen, source_id, since, self.settings.region)

    def find_held_back(self, source_id: str, kind: str, since: datetime) -> datetime | None:
        """Return from when on the records of a source had to stay for demands after ``since``."""
        with self.transactions.read() as session:
            return find_held_back(session, self.transactions.keys, source_id, kind, since)

    def list_needed(self, source_id: str, kind: str, since: datetime) -> Sequence[Selection]:
        """Return the rows of a source that demands needed after ``since``, and no others."""
        with self.transactions.read() as session:
            return list_needed(session, self.transactions.keys, source_id, kind, since)


def _build_confirmations(base: _Base, working: WorkingDays) -> ConfirmationService:
    return ConfirmationService(
        base.transactions,
        base.looks,
        _build_orders(base),
        working,
        max_order_bytes=base.settings.max_order_bytes,
    )


def _assemble(base: _Base) -> Services:
    settings, transactions, looks = base.settings, base.transactions, base.looks
    approvals = ApprovalService(transactions, looks, base.load_root)
    proofs = StaffProofs(transactions, base.load_root, base.custody.signed)
    working = load_working_days(settings.holidays)
    imports = ImportService(transactions, base.records, base.list_preserved, base.check_store)
    connections = Connections(settings.sources_file)
    return Services(
        settings=settings,
        cases=transactions.database,
        records=base.records,
        transactions=transactions,
        keys=transactions.keys,
        signer=base.signer,
        access=AccessLog(transactions),
        custody=base.custody,
        staff=StaffService(transactions, looks, proofs, token_days=settings.token_days),
        approvals=approvals,
        pages=PageService(
            transactions, looks, approvals, Law(_build_orders(base), working, find_told)
        ),
        agencies=AgencyService(transactions, looks),
        demands=_build_demands(base),
        legal=_build_legal(base),
        catalogue=CatalogueService(base.catalogue),
        clocks=ClockService(transactions, looks, base.catalogue, working),
        authenticity=AuthenticityService(transactions, looks, _build_orders(base)),
        confirmations=_build_confirmations(base, working),
        preservation=PreservationService(transactions, looks, base.preservations),
        narrowings=NarrowingService(transactions, looks, is_form_sent, list_told, check_none_holds),
        referrals=ReferralService(transactions, looks),
        annex=AnnexService(transactions, looks, working),
        sources=SourceService(transactions, looks, base.records, base.check_store),
        imports=imports,
        pulls=PullService(transactions, base.records, imports, connections),
        examining=ExamineService(transactions, looks, connections),
        retention=RetentionService(
            transactions,
            base.records,
            base.custody,
            base.load_root,
            Reckoning(base.find_held_back, base.list_preserved, base.list_needed),
            timedelta(seconds=settings.purge_warning_seconds),
        ),
        backups=_build_backups(base),
        processing=ProcessingService(transactions),
        extraction=_build_extraction(base),
        packaging=_build_packaging(base),
        delivery=_build_delivery(base),
        letters=LetterService(transactions, looks, _build_contents(base).correspond, working),
        oversight=OversightService(transactions, looks),
        inquiries=InquiryService(transactions),
        reach=ReachService(transactions, looks, _reach_timing(settings)),
        notices=_transport(settings),
    )


def _reach_timing(settings: Settings) -> Timing:
    return Timing(timedelta(days=settings.reach_days), timedelta(days=settings.reach_answer_days))


def _build_legal(base: _Base) -> LegalService:
    working = load_working_days(base.settings.holidays)
    return LegalService(
        base.transactions, base.looks, working, _build_orders(base), _build_documents(base.settings)
    )


def _build_documents(settings: Settings) -> DocumentCheck:
    resolver = DnsRecords() if settings.dns == "on" else None
    held = load_anchors(settings.trust_anchors)
    return DocumentCheck(resolver, settings.authserv_ids, held)


def _build_orders(base: _Base) -> OrderCheck:
    return OrderCheck(
        catalogue=base.catalogue,
        read=OrderReader().read,
        normalise=partial(normalise_target, region=base.settings.region),
        region=base.settings.region,
    )


def _build_demands(base: _Base) -> DemandService:
    grace = timedelta(days=base.settings.receipt_grace_days)
    customers = Customers(base.records, base.settings.region)
    return DemandService(
        base.transactions,
        base.looks,
        is_known_basis=base.catalogue.has_basis,
        is_sealed_basis=base.catalogue.is_sealed,
        is_sealed_role=base.catalogue.is_sealed_role,
        normalise=partial(normalise_target, region=base.settings.region),
        list_related=customers.list_identifiers,
        watch=_look_at_record,
        check_closable=lambda tx, one: check_closable(tx.session, tx.keys, one, by_person=True),
        max_order_bytes=base.settings.max_order_bytes,
        kept_until=partial(kept_until, grace=grace),
    )


def _look_at_record(tx: Transaction, demand_id: str, related: Collection[str]) -> None:
    """Do what follows from a new record: a written order ends a hold, others are warned."""
    release_paid(tx, demand_id)
    look_at_demand(tx, demand_id, related)


def _build_backups(base: _Base) -> BackupService:
    return BackupService(
        base.transactions,
        base.records,
        LocalKeyEncryption(base.store.key_encryption),
        base.settings.sealed_folders,
        origin=base.settings.log_origin,
        kept=timedelta(days=base.settings.backup_days),
    )


def _build_extraction(base: _Base) -> ExtractionService:
    return ExtractionService(
        base.transactions,
        base.looks,
        reader=RecordReader(base.records, base.check_store),
        custody=base.custody,
        spool_dir=base.settings.spool_dir,
        load_root=base.load_root,
        working=load_working_days(base.settings.holidays),
        region=base.settings.region,
    )


def _build_contents(base: _Base) -> Assembly:
    return Assembly(
        base.transactions,
        base.custody,
        base.settings.provider_name,
        base.settings.spool_dir,
        base.settings.provider_contact,
    )


def _build_packaging(base: _Base) -> PackagingService:
    settings, store = base.settings, base.store
    return PackagingService(
        base.transactions,
        contents=_build_contents(base),
        signer=PackageSigner(store.signing_key, store.signing_certificate),
        folder=settings.packages_dir,
        load_root=base.load_root,
        advance=advance,
        state_of=get_state,
        looks=base.looks,
    )


def _build_delivery(base: _Base) -> DeliveryService:
    settings = base.settings
    return DeliveryService(
        base.transactions,
        base.looks,
        base.custody,
        load_root=base.load_root,
        working=load_working_days(settings.holidays),
        packages_dir=settings.packages_dir,
        spool_dir=settings.spool_dir,
        pickup_days=settings.pickup_days,
        grace_days=settings.receipt_grace_days,
    )


def build_worker(services: Services) -> Worker:
    """Build what works through the jobs, under an identity that no person has."""
    settings, actor = services.settings, worker_actor()
    steps = Steps(
        Parts(
            transactions=services.transactions,
            checkpointer=services.custody.checkpointer,
            extraction=services.extraction,
            packaging=services.packaging,
            delivery=services.delivery,
            retention=services.retention,
            processing=services.processing,
            backups=services.backups,
            imports=services.imports,
            pulls=services.pulls,
            clocks=services.clocks,
            preservation=services.preservation,
            outgoing=Outgoing(services.notices, _own_mailboxes(settings)),
            oversight=services.oversight,
            reach=services.reach,
            letters=services.letters,
        ),
        actor,
    )
    queue = JobQueue(
        services.transactions,
        actor,
        steps.handlers(),
        lease_seconds=settings.lease_seconds,
        on_failure=steps.give_up,
        on_trouble=steps.cry,
    )
    return Worker(
        queue,
        periodic=periodic(settings.purge_seconds),
        ticks=[Tick(steps.publish_checkpoint, settings.checkpoint_seconds)],
        short=SHORT,
    )


def _own_mailboxes(settings: Settings) -> dict[OwnMailbox, str]:
    return {OwnMailbox.ALARMS: settings.alarm_mailbox, OwnMailbox.DESK: settings.desk_mailbox}


def _local_signer(settings: Settings, store: KeyStore) -> LocalSigner:
    return LocalSigner(
        settings.log_origin, store.log_ed25519, store.log_mldsa44, settings.signer_state
    )


def _transport(settings: Settings) -> NoticeTransport:
    if settings.notices == "smtp":
        return SmtpNotices(settings.smtp_url, settings.smtp_from)
    return FileNotices(settings.notices_dir, settings.smtp_from)


def open_logs(settings: Settings) -> None:
    """Send logs to standard error as the settings say."""
    configure_logging(readable=settings.environment == "development")
