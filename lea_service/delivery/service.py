"""Use cases of the hand-over: make available, collect, give the receipt, see what became of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

from sqlalchemy.orm import Session

from lea_service.agencies.queries import get_agency_of
from lea_service.custody.looks import Looks
from lea_service.custody.queries import get_entry, last_index_of
from lea_service.custody.service import CustodyService
from lea_service.delivery import queries
from lea_service.delivery.closing import Closing
from lea_service.delivery.following import Following
from lea_service.delivery.handing import acknowledge, hand_over
from lea_service.delivery.models import Delivery, Receipt, ReceiptAttempts
from lea_service.delivery.proven import check_delivery
from lea_service.delivery.release import (
    ENDED,
    HALTED,
    MADE_AVAILABLE,
    NORMALISE,
    Fit,
    Release,
    check_concerned,
    check_file,
    check_fit,
    check_free,
    is_waiting,
    lock_parties,
)
from lea_service.delivery.rules import Span, count_failure, must_wait
from lea_service.delivery.tokens import DELIVERY, ReceiverTokens
from lea_service.demands.admission import shut_out
from lea_service.demands.changes import lock_demand
from lea_service.demands.concerned import find_concerned
from lea_service.demands.demand import parties_of
from lea_service.demands.look_service import note_look
from lea_service.demands.queries import get_demand
from lea_service.extraction.changes import SEALED, halt_run
from lea_service.extraction.halts import HaltCode, MustHalt
from lea_service.extraction.queries import get_run_row
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.database import lock_row
from lea_service.kernel.errors import (
    IntegrityFailure,
    NotFound,
    TooManyAttempts,
    WrongState,
)
from lea_service.kernel.jobs import Postponed
from lea_service.kernel.outbox import enqueue_alarm, enqueue_notice
from lea_service.kernel.phrases import ENGLISH, phrase
from lea_service.kernel.sealed_file import SegmentReader
from lea_service.kernel.transactions import SYSTEM_STREAM, Transaction, Transactions
from lea_service.legal.phrases import AWAITED
from lea_service.legal.working_days import WorkingDays
from lea_service.packaging.queries import (
    PackageView,
    get_package,
    get_package_row,
    open_ciphertext,
)
from lea_service.packaging.receipt import is_receipt_code
from lea_service.staff.root import Root

REMINDER = "package.overdue"
HOLD_SECONDS = 300
AGAIN_SECONDS = 5
"""By then the worker has signed what was entered meanwhile."""
RECHECK_BYTES = 1 << 20
REVOKED = (
    "a certificate that would open this package was revoked; it is handed over no more: ask the "
    "provider to record the demand anew, with a certificate that is valid"
)
CHANGED = "something changed while it was looked at"
WRONG_CODE, NOT_FETCHED = "wrong_code", "not_fetched"


@dataclass(frozen=True, slots=True)
class ReceiptAnswer:
    """What came of a receipt; ``ground`` says why it was refused."""

    package: str
    is_accepted: bool
    is_repeat: bool = False
    ground: str | None = None
    receipt: str | None = None
    received_at: datetime | None = None


Choose = Callable[[queries.CollectView], Span | None]
"""Says which span of a package is wanted; None for the whole."""


def _whole(_view: queries.CollectView) -> Span | None:
    return None


class Download:
    """The bytes of one fetch, as a stream; ``close`` releases the file.

    ``view`` is the package and ``span`` the part of it, None for the whole.
    """

    def __init__(
        self,
        reader: SegmentReader,
        view: queries.CollectView,
        span: Span | None,
        go_on: Callable[[], None],
    ) -> None:
        self.view = view
        self.span = span
        self._reader = reader
        taken = span or Span(0, view.size)
        self._chunks = reader.iter_chunks(taken.start, taken.end)
        self._go_on = go_on
        self._unchecked = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._unchecked >= RECHECK_BYTES:  # a right that ended ends a long download too
            self._go_on()
            self._unchecked = 0
        chunk = next(self._chunks)
        self._unchecked += len(chunk)
        return chunk

    def close(self) -> None:
        """Release the file."""
        self._reader.close()


class DeliveryService:
    """Hands packages over to the receivers that a demand names, and takes their receipts."""

    def __init__(
        self,
        transactions: Transactions,
        looks: Looks,
        custody: CustodyService,
        *,
        load_root: Callable[[], Root],
        working: WorkingDays,
        packages_dir: Path,
        spool_dir: Path,
        pickup_days: int,
        grace_days: int,
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self._custody = custody
        self._load_root = load_root
        self._working = working
        self._folder = packages_dir
        self._pickup = timedelta(days=pickup_days)
        self.tokens = ReceiverTokens(transactions, looks, load_root, custody.signed)
        self.following = Following(transactions, looks, self.tokens)
        self.closing = Closing(
            transactions, folders=(packages_dir, spool_dir), grace=timedelta(days=grace_days)
        )

    def authenticate_receiver(self, token: str) -> Actor:
        """Return the person behind a receiver's token. Raises NotAuthenticated."""
        return self.tokens.authenticate(token)

    def check_release(self, actor: Actor, demand_id: str, package_id: str) -> Release | None:
        """Look at a package that waits to leave, outside of any transaction, for the worker.

        None when it left already, or never will. Raises NotPermitted, NotFound, Postponed while
        something holds the demand, Unavailable and IntegrityFailure (checkpoint, root).
        """
        permit(actor, Permission.DELIVERY_RELEASE)
        with self._transactions.read(actor) as session:
            package = get_package(session, package_id)
            if package.demand_id != demand_id:
                raise NotFound("no such package of this demand")
            if not is_waiting(session, package):
                return None
        self._shut_out_concerned(demand_id)
        root, now = self._load_root(), self._transactions.clock.now()
        try:
            keys, working = self._transactions.keys, self._working
            fit = self._custody.read_signed(
                actor, lambda one: check_fit(one, keys, package, working, root=root, now=now)
            )
            _check_wait(fit)
            self._check_file(package)
        except MustHalt as stop:
            return Release(package, root, _halt_of(stop))
        return Release(package, root)

    def make_available(self, tx: Transaction, release: Release) -> str:
        """Let the receivers collect the package, once, each with a notice; or halt the demand.

        Everything is looked at again, since it may have changed while the file was read. Returns
        how it ended. What differs from the log in here may be what others enter meanwhile: it is
        judged by the next ``check_release``, which sees one instant. Raises NotPermitted, and
        Postponed for that, while something holds the demand or what it goes by is not signed.
        """
        permit(tx.actor, Permission.DELIVERY_RELEASE)
        package = release.package
        lock_demand(tx, package.demand_id)
        if not is_waiting(tx.session, package):
            return ENDED
        try:
            if release.halt is not None:
                raise MustHalt(release.halt, "found before the transaction")
            lock_parties(tx, package.demand_id)
            check_concerned(tx, package.demand_id)
            keys, root = tx.keys, release.root
            fit = check_fit(tx.session, keys, package, self._working, root=root, now=tx.now)
            _check_wait(fit)
            if not self._custody.signed.is_covered(tx.session):
                raise Postponed("what was entered meanwhile is not signed yet", AGAIN_SECONDS)
        except IntegrityFailure as err:
            raise Postponed(CHANGED, AGAIN_SECONDS) from err
        except MustHalt as stop:
            if release.halt is None and stop.halt is HaltCode.DECISION_INVALID:
                raise Postponed(CHANGED, AGAIN_SECONDS) from stop
            halt_run(tx, get_run_row(tx.session, package.run_id), _halt_of(stop))
            return HALTED
        hand_over(tx, package, fit.receivers, self._pickup)
        return MADE_AVAILABLE

    def remind_overdue(self, tx: Transaction) -> int:
        """Remind each receiver once of what nobody collected in time; returns how many packages."""
        permit(tx.actor, Permission.DELIVERY_RELEASE)
        count = 0
        for one in queries.iter_overdue(tx.session, tx.now):
            for receiver in queries.receivers_of(tx.session, one.package):
                occasion = f"overdue/{one.package}"
                enqueue_notice(
                    tx, REMINDER, demand=one.demand, receiver=receiver, occasion=occasion
                )
            count += 1
        return count

    def list_collectable(
        self, actor: Actor, after: str | None, limit: int
    ) -> list[queries.CollectView]:
        """Return what was made available to the receiver; the look is entered first."""
        permit(actor, Permission.DELIVERY_COLLECT)
        self.tokens.prove(actor, actor.id, lambda session: queries.ids_of(session, actor.id))
        self._note_listing(actor)
        with self._transactions.read(actor) as session:
            return queries.list_collectable(session, actor.id, after, limit)

    def get_collectable(self, actor: Actor, package_id: str) -> queries.CollectView:
        """Return one package of the receiver; entered as a listing. Raises NotFound."""
        permit(actor, Permission.DELIVERY_COLLECT)
        with self._transactions.read(actor) as session:
            view = queries.get_collectable(session, actor.id, package_id)
        if self._shut_out_concerned(view.demand, [actor.id]):
            raise NotFound("no such package")
        self.tokens.prove(actor, package_id, lambda session: self._relied_on(session, actor, view))
        self._note_listing(actor)
        return view

    def fetch(self, actor: Actor, package_id: str, choose: Choose = _whole) -> Download:
        """Open a package, or a span of its bytes; the fetch is entered before the first byte.

        It is looked at like by ``get_collectable`` first, and ``choose`` gets what that returned.
        Raises NotFound, WrongState when it is no longer there to collect, when a certificate that
        would open it was revoked, when the enforcing authority objects, or while something holds
        the demand, and IntegrityFailure when the tables say what the log does not.
        """
        permit(actor, Permission.DELIVERY_COLLECT)
        view = self.get_collectable(actor, package_id)
        span = choose(view)
        _check_open(view)
        with self._transactions.read(actor) as session:
            is_revoked = queries.was_revoked(session, actor.id, package_id)
        if is_revoked:
            self._refuse_fetch(actor, view)
        with self._transactions.read(actor) as session:
            keys = self._transactions.keys
            check_free(session, keys, view.demand)
            reader = open_ciphertext(session, keys, self._folder, package_id)
        try:
            self._looks.note(actor, view.demand, queries.fetch_view(view.package), queries.FETCHED)
        except BaseException:
            reader.close()
            raise
        return Download(reader, view, span, lambda: self._check_going(actor, package_id))

    def get_proof(self, actor: Actor, package_id: str) -> bytes:
        """Return the ``.tlog-proof`` of the sealing, to lie beside the package."""
        demand_id = self.get_collectable(actor, package_id).demand
        return self._custody.prove_last(demand_id, SEALED, package=package_id).format()

    def get_sealing_entry(self, actor: Actor, package_id: str) -> bytes:
        """Return the bytes of the log entry that the proof is about."""
        demand_id = self.get_collectable(actor, package_id).demand
        with self._transactions.read(actor) as session:
            index = last_index_of(session, demand_id, SEALED, package=package_id)
            return get_entry(session, index).data

    def give_receipt(self, actor: Actor, package_id: str, code: str) -> ReceiptAnswer:
        """Take in a receipt; only the code that lies inside the package counts.

        A refused receipt is on record too. Raises NotFound, WrongState, and TooManyAttempts after
        too many wrong codes.
        """
        permit(actor, Permission.DELIVERY_COLLECT)
        with self._transactions.begin(actor) as tx:
            delivery = _lock_own(tx, package_id)
            self._check_attempts(tx, package_id)
            package = get_package_row(tx.session, package_id)
            if not is_receipt_code(code, package.receipt_salt, package.receipt_digest):
                return self._refuse(tx, delivery, WRONG_CODE)
            if not queries.was_fetched(tx.session, delivery.demand_id, package_id):
                return self._refuse(tx, delivery, NOT_FETCHED)
            earlier = tx.session.get(Receipt, package_id)
            if earlier is not None:
                return _accepted(earlier, is_repeat=True)
            return _accepted(acknowledge(tx, delivery), is_repeat=False)

    def list_deliveries(self, actor: Actor, demand_id: str) -> list[queries.DeliveryView]:
        """Return what became of the packages of a demand; the look is entered first."""
        permit(actor, Permission.DELIVERY_READ)
        note_look(self._transactions, self._looks, actor, demand_id, "deliveries", "package.viewed")
        with self._transactions.read(actor) as session:
            return queries.list_deliveries(session, demand_id)

    def list_overdue(self, actor: Actor, after: str | None, limit: int) -> list[queries.Overdue]:
        """Return packages that nobody gave a receipt for in time; the look is entered first."""
        permit(actor, Permission.DELIVERY_READ)
        self._looks.note(actor, SYSTEM_STREAM, "overdue", "package.listed")
        with self._transactions.read(actor) as session:
            now = self._transactions.clock.now()
            return queries.list_overdue(session, now, after, limit)

    def _shut_out_concerned(self, demand_id: str, people: Collection[str] | None = None) -> bool:
        """Shut out whom a demand turns out to be about; says whether there was anybody."""
        keys, index = self._transactions.keys, self._transactions.index
        with self._transactions.read() as session:
            found = find_concerned(session, keys, index, demand_id, NORMALISE, people)
        if found:
            with self._transactions.begin(DELIVERY) as tx:
                shut_out(tx, demand_id, found)
        return bool(found)

    def _check_file(self, package: PackageView) -> None:
        try:
            with self._transactions.read() as session:
                keys = self._transactions.keys
                reader = open_ciphertext(session, keys, self._folder, package.id)
            with reader:
                check_file(reader, package)
        except IntegrityFailure as err:
            raise MustHalt(HaltCode.PACKAGE_DAMAGED, err.detail) from err

    def _relied_on(self, session: Session, actor: Actor, view: queries.CollectView) -> set[str]:
        """Return by whom of the register a fetch goes: who reads it, and all the demand names."""
        check_delivery(session, view.package)
        readers = queries.readers_of(session, actor.id, view.package)
        if not view.is_open:  # its record may be erased
            return readers
        return readers | set(parties_of(get_demand(session, self._transactions.keys, view.demand)))

    def _note_listing(self, actor: Actor) -> None:
        with self._transactions.read(actor) as session:
            agency = get_agency_of(session, actor.id)
        self._looks.note(actor, agency, "collect", "package.listed")

    def _refuse_fetch(self, actor: Actor, view: queries.CollectView) -> NoReturn:
        """Enter that a package stays here whose key may be in other hands, and raise the alarm."""
        look = f"refused/{view.package}"
        self._looks.note(actor, view.demand, look, queries.FETCH_REFUSED)
        with self._transactions.begin(actor) as tx:
            enqueue_alarm(tx, about=view.demand, occasion=f"revoked/{view.package}/{actor.id}")
        raise WrongState(REVOKED, package=view.package)

    def _check_going(self, actor: Actor, package_id: str) -> None:
        with self._transactions.read(actor) as session:
            self.tokens.check_stands(session, actor)
            view = _check_open(queries.get_collectable(session, actor.id, package_id))
            if queries.was_revoked(session, actor.id, package_id):
                raise WrongState(REVOKED, package=package_id)
            check_free(session, self._transactions.keys, view.demand)

    def _check_attempts(self, tx: Transaction, package_id: str) -> None:
        row = tx.session.get(ReceiptAttempts, (package_id, tx.actor.id))
        if row is not None and must_wait(row.failures, row.last_at, tx.now):
            raise TooManyAttempts("too many wrong codes; try again in a quarter of an hour")

    def _refuse(self, tx: Transaction, delivery: Delivery, ground: str) -> ReceiptAnswer:
        key = (delivery.package_id, tx.actor.id)
        row = tx.session.get(ReceiptAttempts, key)
        if row is None:
            row = ReceiptAttempts(package_id=key[0], person_id=key[1], failures=0, last_at=tx.now)
            tx.session.add(row)
        row.failures = count_failure(row.failures, row.last_at, tx.now)
        row.last_at = tx.now
        facts: dict[str, Json] = {
            "failures": row.failures,
            "ground": ground,
            "package": delivery.package_id,
        }
        tx.record("receipt.refused", delivery.demand_id, facts=facts)
        return ReceiptAnswer(delivery.package_id, is_accepted=False, ground=ground)


def _halt_of(stop: MustHalt) -> HaltCode:
    """Return the code to halt with; a hold is waited for. Raises Postponed."""
    if stop.halt is HaltCode.ON_HOLD:
        raise Postponed(str(stop), HOLD_SECONDS)
    return stop.halt


def _check_wait(fit: Fit) -> None:
    """Let go what no enforcing authority has a say in any more. Raises Postponed."""
    if fit.wait is not None:
        raise Postponed(phrase(AWAITED, fit.wait.code, ENGLISH), HOLD_SECONDS)


def _lock_own(tx: Transaction, package_id: str) -> Delivery:
    """Lock a delivery of the receiver, so that one receipt at a time is looked at."""
    _check_open(queries.get_collectable(tx.session, tx.actor.id, package_id))
    delivery = lock_row(tx.session, Delivery, package_id, "package")
    _check_open(queries.get_collectable(tx.session, tx.actor.id, package_id))
    return delivery


def _check_open(view: queries.CollectView) -> queries.CollectView:
    if not view.is_open:
        if view.state in queries.OPEN_STATES:
            raise WrongState("the package was received and its time is over: it is gone")
        raise WrongState(f"the demand is {view.state}: the package is gone", state=view.state)
    return view


def _accepted(receipt: Receipt, *, is_repeat: bool) -> ReceiptAnswer:
    return ReceiptAnswer(
        package=receipt.package_id,
        is_accepted=True,
        is_repeat=is_repeat,
        receipt=receipt.id,
        received_at=receipt.received_at,
    )
