"""Use cases of the custody log: checkpoints, proofs, what people may read, bundles for auditors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session

from lea_service.custody.bundle import Bundle, narrow_bundle, whole_bundle
from lea_service.custody.disclosures import Disclosure
from lea_service.custody.entries import load_entry
from lea_service.custody.looks import Looks
from lea_service.custody.merkle import Edge, leaf_hash, prove_consistency, prove_inclusion
from lea_service.custody.models import Checkpoint
from lea_service.custody.note import Head
from lea_service.custody.policy import NONE, Policy
from lea_service.custody.proofs import LogProof
from lea_service.custody.queries import (
    NO_ENTRY,
    StoredCheckpoint,
    StoredEntry,
    TreeReader,
    find_checkpoint,
    find_head,
    find_size,
    first_index,
    get_entry,
    has_stream,
    iter_entries,
    last_index,
    last_index_of,
    list_stream,
    list_stream_after,
    open_disclosures,
)
from lea_service.custody.signed import SignedLog, read_head
from lea_service.custody.signer import REMEMBERS, CheckpointSigner
from lea_service.custody.tiles import parse_tile_path
from lea_service.kernel.actors import Actor, Permission, permit
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import (
    Conflict,
    IntegrityFailure,
    NotFound,
    Unavailable,
)
from lea_service.kernel.logs import get_log
from lea_service.kernel.outbox import enqueue_daily_alarm
from lea_service.kernel.transactions import SYSTEM_STREAM, Transactions
from lea_service.kernel.visibility import check_visible

MAX_ENTRIES = 1000
READ_ATTEMPTS = 5
STREAM = "stream in the log"
SIGNER, TOLD = "checkpoint", "checkpoint/told"
SHORTER = "the log is shorter than what was signed: an older database was restored"
OTHER = "the log is not the one that was signed: an older database was restored, or entries changed"
FORGOTTEN = (
    "the signer lost its memory of a log that was signed: nobody here can tell whether this is the "
    "newest; put the memory back, or see `lea backup tell-signer`"
)
log = get_log("custody")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OpenedEntry:
    """An entry with what it discloses; None where the key was destroyed."""

    stored: StoredEntry
    disclosures: list[Disclosure] | None


class Checkpointer:
    """Makes checkpoints: recomputes what it signs from the stored bytes, by a way of its own."""

    def __init__(self, transactions: Transactions, signer: CheckpointSigner) -> None:
        self._transactions = transactions
        self._signer = signer
        self.policy = Policy(signer.verifier_keys, {}, {}, NONE)
        self._tree = TreeReader()
        self._edge = Edge()
        self._lock = threading.Lock()

    def publish(self, actor: Actor) -> StoredCheckpoint | None:
        """Sign the present head unless it is signed already; None while the log is empty.

        Raises NotPermitted, and IntegrityFailure when the stored bytes do not give the stored
        tree, or the signer remembers another history, or none of a log that was signed.
        """
        permit(actor, Permission.CHECKPOINT_PUBLISH)
        with self._lock:
            try:
                return self._publish()
            except IntegrityFailure:
                # another process may have signed a longer log since we read: look once more
                return self._publish()

    def _publish(self) -> StoredCheckpoint | None:
        last = self._signer.last()
        with self._transactions.read() as session:
            head = find_head(session)
            if head is None and last is None:
                return None
            if head is None or (last is not None and head.size < last.size):
                raise IntegrityFailure(SHORTER)
            self._check_remembers(session)
            known = find_checkpoint(session, at_least=head.size)
            if known is not None:
                return known
            self._recompute(session, head)
            note = self._signed(session, head)
        return self._store(head, note)

    def check_goes_on(self) -> None:
        """Let a log through that goes on from what was signed last. Raises IntegrityFailure.

        It does not when a backup was restored beneath a newer memory of the signer, however much
        was appended since, or where that memory is gone; the line in the log of the service says
        so.
        """
        last = self._signer.last()  # before the log is read, which may grow and be signed meanwhile
        with self._transactions.read() as session:
            if last is not None:
                self._check_holds(session, last)
            self._check_remembers(session)

    def tell_signer(self, actor: Actor, note: bytes) -> Head:
        """Give a signer that lost its memory that of a checkpoint from outside; entered first.

        It is told the newest head that is known, from outside or of this log, and our own people
        are. Raises NotPermitted, Conflict where the signer remembers, and IntegrityFailure for a
        checkpoint that we did not sign or that this log does not go on from.
        """
        permit(actor, Permission.CHECKPOINT_PUBLISH)
        if self._signer.last() is not None:
            raise Conflict(REMEMBERS)
        outside = read_head(note, self.policy)
        with self._transactions.read() as session:
            self._check_holds(session, outside)
            stored = find_checkpoint(session)
            head = outside if stored is None else read_head(stored.note, self.policy)
            head = max(outside, head, key=lambda one: one.size)
            if self._tree.subtree(session, 0, head.size) != head.root:
                raise IntegrityFailure(OTHER)
        with self._transactions.begin(actor) as tx:
            facts: dict[str, Json] = {"outside": outside.size, "size": head.size}
            tx.record("custody.signer_told", SYSTEM_STREAM, facts=facts)
            enqueue_daily_alarm(tx, about=SIGNER, occasion=TOLD)
        self._signer.tell(head)
        return head

    def _check_remembers(self, session: Session) -> None:
        """Raise IntegrityFailure where a log was signed of which the signer knows nothing.

        It is asked after the log was read, since it remembers before a checkpoint is stored. Where
        one is newer all the same, an older copy of its memory was put back: the log has to go on
        from that checkpoint too.
        """
        stored, last = find_checkpoint(session), self._signer.last()
        if stored is not None and last is None:
            log.error(FORGOTTEN, size=find_size(session), total=stored.size)
            raise IntegrityFailure(FORGOTTEN)
        if stored is not None and last is not None and last.size < stored.size:
            head, size = read_head(stored.note, self.policy), find_size(session)
            if size < head.size or self._tree.subtree(session, 0, head.size) != head.root:
                log.error(OTHER, size=size, total=head.size)
                raise IntegrityFailure(OTHER)

    def _check_holds(self, session: Session, signed: Head) -> None:
        size = find_size(session)
        if size < signed.size:
            log.error(SHORTER, size=size, total=signed.size)
            raise IntegrityFailure(SHORTER)
        if self._root_at(session, signed.size) != signed.root:
            log.error(OTHER, size=size, total=signed.size)
            raise IntegrityFailure(OTHER)

    def _root_at(self, session: Session, size: int) -> bytes:
        """Return the root over the first entries; computed where no checkpoint has it.

        That of a checkpoint is what its signed bytes say, whatever stands beside them.
        """
        known = session.get(Checkpoint, size)
        if known is None:
            return self._tree.subtree(session, 0, size)
        head = read_head(known.note, self.policy)
        if head.size != size:
            raise IntegrityFailure("a checkpoint is not the one that its row says")
        return head.root

    def require(self, actor: Actor, index: int) -> StoredCheckpoint:
        """Return a checkpoint that covers the entry ``index``, made now if need be.

        Raises NotPermitted, Unavailable, IntegrityFailure.
        """
        permit(actor, Permission.CHECKPOINT_PUBLISH)
        with self._transactions.read() as session:
            found = find_checkpoint(session, at_least=index + 1)
        found = found or self.publish(actor)
        if found is None or found.size <= index:
            raise Unavailable("no checkpoint covers the entry yet")
        return found

    def _recompute(self, session: Session, head: Head) -> None:
        """Hash the stored bytes that are new and compare with the root the appends arrived at."""
        edge = Edge(self._edge.size, self._edge.hashes)
        for entry in iter_entries(session, edge.size, head.size):
            leaf = leaf_hash(entry.data)
            if leaf != entry.leaf or entry.idx != edge.size:
                raise IntegrityFailure(f"entry {entry.idx} of the log is not what was appended")
            edge.append(leaf)
        if (edge.size, edge.root()) != (head.size, head.root):
            raise IntegrityFailure("the stored entries do not give the root of the log")
        self._edge = edge

    def _signed(self, session: Session, head: Head) -> bytes:
        last = self._signer.last()
        proof: list[bytes] = []
        if last is not None and 0 < last.size <= head.size:
            proof = prove_consistency(
                last.size, head.size, lambda a, b: self._tree.subtree(session, a, b)
            )
        now = self._transactions.clock.now()
        return self._signer.sign(head, proof, int(now.timestamp()))

    def _store(self, head: Head, note: bytes) -> StoredCheckpoint:
        with self._transactions.database.write() as session:
            if session.get(Checkpoint, head.size) is None:
                now = self._transactions.clock.now()
                row = Checkpoint(size=head.size, root=head.root, note=note, made_at=now)
                session.add(row)
        return StoredCheckpoint(head.size, head.root, note)


class CustodyService:
    """What auditors, overseers and the people of a demand may see of the log."""

    def __init__(
        self,
        transactions: Transactions,
        looks: Looks,
        checkpointer: Checkpointer,
        signer: CheckpointSigner,
        origin: str,
    ) -> None:
        self._transactions = transactions
        self._looks = looks
        self.checkpointer = checkpointer
        self.origin = origin
        self._tree = TreeReader()
        self.policy = checkpointer.policy
        self.signed = SignedLog(transactions, self.policy, signer)

    def list_entries(
        self, actor: Actor, stream: str, after: int = -1, limit: int = MAX_ENTRIES
    ) -> list[OpenedEntry]:
        """Return entries of a stream from the one after ``after``; the look is entered first."""
        is_case = stream.startswith("c_")
        permit(actor, Permission.CUSTODY_READ_DEMAND if is_case else Permission.CUSTODY_READ)
        self._check_stream(actor, stream)
        self._looks.note(actor, stream, "custody", "custody.viewed")
        with self._transactions.read(actor) as session:
            entries = list_stream_after(session, stream, after, limit)
            return [OpenedEntry(one, self._open(session, one)) for one in entries]

    def get_checkpoint(self, actor: Actor) -> StoredCheckpoint:
        """Return the newest checkpoint. Raises NotFound before the first."""
        permit(actor, Permission.CUSTODY_READ)
        self._looks.note(actor, SYSTEM_STREAM, "checkpoint", "custody.viewed")
        with self._transactions.read() as session:
            found = find_checkpoint(session)
        if found is None:
            raise NotFound("no checkpoint was made yet")
        return found

    def get_tile(self, actor: Actor, path: str) -> bytes:
        """Return the bytes of a tile by its C2SP path. Raises InvalidInput, NotFound."""
        permit(actor, Permission.CUSTODY_READ)
        level, number, width = parse_tile_path(path)
        self._looks.note(actor, SYSTEM_STREAM, "tiles", "custody.viewed")
        with self._transactions.read() as session:
            return self._tree.tile(session, level, number, width)

    def get_proof(self, actor: Actor, index: int) -> LogProof:
        """Return the inclusion proof of one entry under the newest checkpoint.

        It holds hashes only; so whoever reads the whole log gets that of any entry. To anybody else
        an entry that is not of a demand they may know of is none, whatever it is of: another answer
        would count those of the sealed lane. Raises NotFound, and Unavailable while that checkpoint
        does not cover the entry.
        """
        if not actor.has(Permission.CUSTODY_READ):
            permit(actor, Permission.CUSTODY_READ_DEMAND)
        narrowed = None if actor.has(Permission.CUSTODY_READ) else actor
        with self._transactions.read(narrowed) as session:
            entry = get_entry(session, index)
            if narrowed is not None and not entry.stream.startswith("c_"):
                raise NotFound(NO_ENTRY)
            checkpoint = _get_covering(session, index)
        self._looks.note(actor, SYSTEM_STREAM, "proofs", "custody.viewed")
        with self._transactions.read() as session:
            return self._proof(session, index, checkpoint)

    def get_consistency(self, actor: Actor, old: int, new: int) -> list[bytes]:
        """Return the proof that the log of ``old`` entries begins that of ``new``.

        Raises NotFound when the log is shorter than that.
        """
        permit(actor, Permission.CUSTODY_READ)
        self._looks.note(actor, SYSTEM_STREAM, "proofs", "custody.viewed")
        with self._transactions.read() as session:
            head = find_head(session)
            if head is None or new > head.size:
                raise NotFound("the log is not that long")
            return prove_consistency(old, new, lambda a, b: self._tree.subtree(session, a, b))

    def export(self, actor: Actor, stream: str | None) -> Bundle:
        """Return the audit bundle of one stream, or of the whole log; entered first.

        It ends where the newest checkpoint does. Raises NotFound, and Unavailable while no
        checkpoint covers the beginning.
        """
        permit(actor, Permission.CUSTODY_EXPORT)
        with self._transactions.read(actor if stream else None) as session:
            if stream:
                check_visible(session, stream, STREAM)
            checkpoint = _get_covering(session, first_index(session, stream) if stream else 0)
        with self._transactions.begin(actor) as tx:
            tx.record("custody.exported", stream or SYSTEM_STREAM, facts={"whole": stream is None})
        if stream is None:
            return whole_bundle(self.policy, checkpoint, self._transactions, self._tree)
        return self._narrow(stream, checkpoint.size, checkpoint)

    # What follows serves other parts of the service, which answer for permission themselves.

    def prove_last(self, stream: str, event: str, **facts: Json) -> LogProof:
        """Return the proof of the last ``event`` of a stream under the newest checkpoint.

        It is the last that states ``facts``.

        Raises NotFound, and Unavailable while that checkpoint does not cover it.
        """
        with self._transactions.read() as session:
            index = last_index_of(session, stream, event, **facts)
        return self.prove(index)

    def prove(self, index: int) -> LogProof:
        """Return the same of the entry at ``index``."""
        with self._transactions.read() as session:
            return self._proof(session, index, _get_covering(session, index))

    def read_signed(self, actor: Actor, read: Callable[[Session], T]) -> T:
        """Return what ``read`` finds, at an instant at which all that it goes by is signed.

        A checkpoint is made if need be, and ``read`` is called again while the log grows under it.
        Raises what ``read`` raises, Unavailable, IntegrityFailure.
        """
        for _ in range(READ_ATTEMPTS):
            self.checkpointer.publish(actor)
            with self._transactions.read(actor) as session:
                found = read(session)
                if self.signed.is_covered(session):
                    return found
        raise Unavailable("the log grew faster than it was signed; try again")

    def excerpt(self, actor: Actor, stream: str, *, until: str) -> Bundle:
        """Return the narrow bundle up to the last event ``until``; signed for now if need be."""
        with self._transactions.read() as session:
            index = last_index(session, stream, until)
        return self._narrow(stream, index + 1, self.checkpointer.require(actor, index))

    def _narrow(self, stream: str, before: int, checkpoint: StoredCheckpoint) -> Bundle:
        with self._transactions.read() as session:
            stored = list_stream(session, stream, before)
            opened = [(one, self._open(session, one)) for one in stored]
            proofs = [self._proof(session, one.idx, checkpoint) for one in stored]
        return narrow_bundle(self.policy, opened, proofs)

    def _check_stream(self, actor: Actor, stream: str) -> None:
        """Raise NotFound before an entry about a stream that is none would make it one."""
        with self._transactions.read(actor) as session:
            check_visible(session, stream, STREAM)
            if not has_stream(session, stream):
                raise NotFound(f"no such {STREAM}")

    def _proof(self, session: Session, index: int, checkpoint: StoredCheckpoint) -> LogProof:
        path = prove_inclusion(
            index, checkpoint.size, lambda a, b: self._tree.subtree(session, a, b)
        )
        return LogProof(index, tuple(path), checkpoint.note)

    def _open(self, session: Session, entry: StoredEntry) -> list[Disclosure] | None:
        return open_disclosures(session, self._transactions.keys, self.origin, entry)


def _get_covering(session: Session, index: int) -> StoredCheckpoint:
    """Return the newest checkpoint; making one is for the worker. Raises Unavailable."""
    found = find_checkpoint(session, at_least=index + 1)
    if found is None:
        raise Unavailable("no checkpoint covers the entry yet; the next one will, in a moment")
    return found


def facts_of(entry: StoredEntry) -> dict[str, object]:
    """Return what stands openly in an entry. Raises VerificationFailed for a damaged one."""
    return dict(load_entry(entry.data))


def disclosed(disclosures: Sequence[Disclosure] | None) -> dict[str, object] | None:
    """Return disclosures as names and values; None where the key was destroyed."""
    if disclosures is None:
        return None
    return {one.name: one.value for one in disclosures}
