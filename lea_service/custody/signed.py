"""The log as it was signed: what somebody goes by is held against it, not against the tables."""

from __future__ import annotations

import json
import threading
from array import array
from bisect import bisect_left

from sqlalchemy.orm import Session

from lea_service.custody.merkle import Edge, leaf_hash, prove_inclusion, verify_inclusion
from lea_service.custody.note import Head, parse_head, parse_note
from lea_service.custody.policy import Policy
from lea_service.custody.queries import (
    StoredCheckpoint,
    TreeReader,
    find_checkpoint,
    find_head,
    iter_entries,
)
from lea_service.custody.relied import relied_on
from lea_service.custody.replay import check_complete
from lea_service.kernel.errors import IntegrityFailure, Unavailable, VerificationFailed
from lea_service.kernel.transactions import Transactions

INDEX = "Q"
"""An index takes eight bytes."""
_NOWHERE = array(INDEX)


class SignedLog:
    """Remembers where the entries of each stream stand under the newest checkpoint.

    It is read from the bytes that were signed, once in the life of a process and never from a
    column beside them, so no entry can be taken out of its stream, put into it or be rewritten
    without being missed. Takes about 8 bytes of memory for each entry and 200 for each stream.
    """

    def __init__(self, transactions: Transactions, policy: Policy) -> None:
        self._transactions = transactions
        self._policy = policy
        self._tree = TreeReader()
        self._lock = threading.Lock()
        self._edge = Edge()
        self._places: dict[str, array[int]] = {}
        self._head: Head | None = None

    def verify(self, session: Session) -> bool:
        """Hold all that a session read of the log against what was signed.

        Says whether a checkpoint covers the whole of it; what comes after the newest one only
        follows from what it covers. Raises Unavailable before the first checkpoint, and
        IntegrityFailure.
        """
        check_complete(session)
        own = find_head(session)
        with self._lock, self._transactions.read() as signed:
            head = self._follow(signed)
            size = min(head.size, own.size if own else 0)
            relied = relied_on(session)
            entries = dict(relied.entries)
            for name, found in relied.streams.items():
                covered = [index for index in found if index < size]
                if covered != self._places_of(name, size):
                    raise IntegrityFailure(f"entries of {name} are not those that were signed")
                entries |= {index: found[index] for index in covered[-1:]}
            for index in sorted(index for index in entries if index < size):
                self._verify_entry(signed, head, index, entries[index])
        return relied.end <= size

    def _places_of(self, name: str, size: int) -> list[int]:
        places = self._places.get(name, _NOWHERE)
        return places[: bisect_left(places, size)].tolist()

    def _verify_entry(self, session: Session, head: Head, index: int, data: bytes) -> None:
        path = prove_inclusion(index, head.size, lambda a, b: self._tree.subtree(session, a, b))
        try:
            verify_inclusion(leaf_hash(data), index, head.size, head.root, path)
        except VerificationFailed as err:
            detail = f"entry {index} of the log is not the one that was signed"
            raise IntegrityFailure(detail) from err

    def _follow(self, session: Session) -> Head:
        """Read on to the newest checkpoint, and return it."""
        stored = find_checkpoint(session)
        if stored is None:
            raise Unavailable("no checkpoint covers the log yet; the next one will, in a moment")
        if self._head is None or stored.size > self._head.size:
            head = self._parse(stored)
            try:
                self._read_on(session, head)
            except IntegrityFailure:
                self._forget()  # part of it was taken in; the next reading begins anew
                raise
            self._head = head
        present = find_head(session)
        if present is None or present.size < self._head.size:
            raise IntegrityFailure("the log is shorter than it was when it was signed")
        return self._head

    def _parse(self, stored: StoredCheckpoint) -> Head:
        try:
            note = parse_note(stored.note)
            self._policy.verify(note)
            return parse_head(note.text)
        except VerificationFailed as err:
            raise IntegrityFailure("the newest checkpoint was not signed by this log") from err

    def _read_on(self, session: Session, head: Head) -> None:
        for entry in iter_entries(session, self._edge.size, head.size):
            self._edge.append(leaf_hash(entry.data))
            try:
                stream = json.loads(entry.data)["case"]
            except (ValueError, KeyError, TypeError) as err:
                raise IntegrityFailure(f"entry {entry.idx} of the log is damaged") from err
            self._places.setdefault(stream, array(INDEX)).append(entry.idx)
        if (self._edge.size, self._edge.root()) != (head.size, head.root):
            raise IntegrityFailure("the entries of the log are not those that were signed")

    def _forget(self) -> None:
        self._edge = Edge()
        self._places = {}
        self._head = None
