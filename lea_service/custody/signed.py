"""The log as it was signed: what somebody goes by is held against it, not against the tables."""

from __future__ import annotations

import json
import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from lea_service.custody.events import SETTINGS
from lea_service.custody.merkle import Edge, leaf_hash, prove_inclusion, verify_inclusion
from lea_service.custody.note import Head, parse_head, parse_note
from lea_service.custody.policy import Policy
from lea_service.custody.queries import (
    TreeReader,
    find_checkpoint,
    find_head,
    iter_data,
    iter_entries,
)
from lea_service.custody.relied import INDEX, relied_on
from lea_service.custody.replay import check_complete
from lea_service.custody.signer import CheckpointSigner
from lea_service.kernel.errors import IntegrityFailure, Unavailable, VerificationFailed
from lea_service.kernel.remembered import Remembered
from lea_service.kernel.transactions import Transactions

PROVEN = 16_384
"""Leaves, by index, of which a proof is remembered: some 200 bytes each."""
_NOWHERE = array(INDEX)


def _read_names(index: int, data: bytes) -> tuple[str, str]:
    """Return the stream and the event of an entry, as its bytes have them."""
    try:
        said = json.loads(data)
        return str(said["case"]), str(said["ev"])
    except (ValueError, KeyError, TypeError) as err:
        raise IntegrityFailure(f"entry {index} of the log is damaged") from err


def read_head(note: bytes, policy: Policy) -> Head:
    """Return the head that a checkpoint of this log states. Raises IntegrityFailure."""
    try:
        parsed = parse_note(note)
        policy.verify(parsed)
        return parse_head(parsed.text)
    except VerificationFailed as err:
        raise IntegrityFailure("a checkpoint was not signed by this log") from err


class SignedLog:
    """Remembers where the entries of each stream stand under what was signed last.

    It is read from the bytes that were signed, once in the life of a process and never from a
    column beside them, so no entry can be taken out of its stream, put into it or be rewritten
    without being missed. Takes about 8 bytes of memory for each entry and 200 for each stream.
    """

    def __init__(
        self, transactions: Transactions, policy: Policy, signer: CheckpointSigner
    ) -> None:
        self._transactions = transactions
        self._policy = policy
        self._signer = signer
        self._tree = TreeReader()
        self._lock = threading.Lock()
        self._edge = Edge()
        self._places: dict[str, array[int]] = {}
        self._head: Head | None = None
        self._proven: Remembered[int, bytes] = Remembered(PROVEN)

    def verify(self, session: Session) -> None:
        """Hold all that a session read of the log against what was signed.

        What comes after the newest checkpoint only follows from what that covers. Raises
        Unavailable before the first checkpoint, and IntegrityFailure.
        """
        self._verify(session)

    def has_begun(self) -> bool:
        """Say whether anything of the log was signed yet, as far as anybody here knows."""
        last = self._signer.last()
        with self._transactions.read() as session:
            return self._newest(session, last) is not None

    def is_covered(self, session: Session) -> bool:
        """Verify what a session read; say whether a checkpoint covers the whole of it.

        Raises as ``verify`` does.
        """
        return relied_on(session).end <= self._verify(session)

    def _verify(self, session: Session) -> int:
        """Return how many entries of the log, as the session saw it, are signed."""
        relied = relied_on(session)
        with self._lock, self._open() as (signed, head):
            size = min(head.size, relied.size)
            check_complete(session, size)
            entries = dict(relied.entries)
            for name, found in (relied.streams | relied.events).items():
                end = bisect_left(found.indexes, size)
                if list(found.indexes[:end]) != self._places_of(name, size):
                    raise IntegrityFailure(f"entries of {name} are not those that were signed")
                last = bisect_left(found.indexes, head.size)  # signed, so proven, in any case
                entries |= zip(found.indexes[:last][-1:], found.leaves[:last][-1:], strict=True)
            for one in relied.events.values():
                entries |= zip(one.indexes, one.leaves, strict=True)
            for index in sorted(index for index in entries if index < head.size):
                self._verify_entry(signed, head, index, entries[index])
        return size

    def list_streams(self, prefix: str) -> dict[str, int]:
        """Return how many entries each stream has whose name begins so, also what came since.

        Raises Unavailable before the first checkpoint, and IntegrityFailure.
        """
        with self._lock, self._open() as (session, head):
            found = {
                name: len(places)
                for name, places in self._places.items()
                if name.startswith(prefix)
            }
            for entry in iter_entries(session, head.size):
                name, _ = _read_names(entry.idx, entry.data)
                if name.startswith(prefix):
                    found[name] = found.get(name, 0) + 1
        return found

    def _places_of(self, name: str, size: int) -> list[int]:
        places = self._places.get(name, _NOWHERE)
        return places[: bisect_left(places, size)].tolist()

    def _verify_entry(self, session: Session, head: Head, index: int, leaf: bytes) -> None:
        """Prove a leaf once: what one head covers, each later one does, or is not taken in."""
        if self._proven.find(index) == leaf:
            return
        path = prove_inclusion(index, head.size, lambda a, b: self._tree.subtree(session, a, b))
        try:
            verify_inclusion(leaf, index, head.size, head.root, path)
        except VerificationFailed as err:
            detail = f"entry {index} of the log is not the one that was signed"
            raise IntegrityFailure(detail) from err
        self._proven.keep(index, leaf)

    @contextmanager
    def _open(self) -> Iterator[tuple[Session, Head]]:
        """Open the log as it is, with the head that was signed last."""
        last = self._signer.last()  # first: a log that is looked at later is as long at least
        with self._transactions.read() as session:
            yield session, self._follow(session, last)

    def _follow(self, session: Session, last: Head | None) -> Head:
        """Read on to what was signed last, and return its head."""
        head = self._newest(session, last)
        if head is None:
            raise Unavailable("no checkpoint covers the log yet; the next one will, in a moment")
        present = find_head(session)
        if present is None or present.size < head.size:
            raise IntegrityFailure("the log is shorter than it was when it was signed")
        if head is not self._head:
            self._read_on(session, head)
        return head

    def _newest(self, session: Session, last: Head | None) -> Head | None:
        """Return the largest head that was signed, as far as anybody here knows.

        The signer's memory counts where it is at hand: a checkpoint can be taken away.
        """
        head = self._head
        if last is not None and (head is None or head.size < last.size):
            head = last
        stored = find_checkpoint(session)
        if stored is not None and (head is None or head.size < stored.size):
            head = read_head(stored.note, self._policy)
        return head

    def _read_on(self, session: Session, head: Head) -> None:
        try:
            self._take_in(session, head)
        except IntegrityFailure:
            self._forget()  # part of it was taken in; the next reading begins anew
            raise
        self._head = head

    def _take_in(self, session: Session, head: Head) -> None:
        check_complete(session)
        for index, data in iter_data(session, self._edge.size, head.size):
            self._edge.append(leaf_hash(data))
            stream, event = _read_names(index, data)
            for name in (stream, *({event} & SETTINGS)):
                self._places.setdefault(name, array(INDEX)).append(index)
        if (self._edge.size, self._edge.root()) != (head.size, head.root):
            raise IntegrityFailure("the entries of the log are not those that were signed")

    def _forget(self) -> None:
        self._tree = TreeReader()
        self._edge = Edge()
        self._places = {}
        self._head = None
        self._proven.clear()
