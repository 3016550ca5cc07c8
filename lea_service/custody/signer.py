"""The signer of checkpoints: keys and a memory of its own, apart from the database.

It behaves towards our own log as a C2SP witness would: it signs a head only if a consistency proof
joins it to the last one it signed. So neither an edited database nor a restored backup gets a
second history signed.
"""

from __future__ import annotations

import fcntl
import json
import os
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lea_service.custody.merkle import verify_consistency
from lea_service.custody.note import (
    Ed25519Signer,
    Head,
    MLDSA44Signer,
    VerifierKey,
    decode_base64,
    sign_head,
)
from lea_service.kernel.errors import Conflict, IntegrityFailure, InvalidInput, VerificationFailed
from lea_service.kernel.folders import sync_folder

REMEMBERS = "the signer remembers what it signed, which is never replaced"


class CheckpointSigner(Protocol):
    """Signs heads of one log, each only once it is proven to extend the last."""

    @property
    def verifier_keys(self) -> tuple[VerifierKey, ...]:
        """Return the public keys; each signs every checkpoint."""

    def last(self) -> Head | None:
        """Return the last head that was signed."""

    def sign(self, head: Head, proof: Sequence[bytes], seconds: int) -> bytes:
        """Return the signed checkpoint. Raises IntegrityFailure for whatever does not extend."""

    def tell(self, head: Head) -> None:
        """Give a signer that lost its memory one. Raises Conflict where it remembers."""


class LocalSigner:
    """Keys in memory, memory in a file that is on disk before a signature is given out."""

    def __init__(self, origin: str, ed25519: bytes, mldsa44: bytes, state: Path) -> None:
        self._origin = origin
        self._signers = (Ed25519Signer(origin, ed25519), MLDSA44Signer(origin, mldsa44))
        self._state = state

    @property
    def verifier_keys(self) -> tuple[VerifierKey, ...]:
        """Return the Ed25519 and the ML-DSA-44 key."""
        return tuple(signer.verifier for signer in self._signers)

    def last(self) -> Head | None:
        """Return the last head that was signed; None before the first."""
        if not self._state.exists():
            return None
        try:
            state = json.loads(self._state.read_text())
            head = Head(state["origin"], int(state["size"]), decode_base64(state["root"]))
        except (ValueError, KeyError, TypeError, InvalidInput) as err:
            raise IntegrityFailure("the memory of the checkpoint signer is damaged") from err
        if head.origin != self._origin:
            raise IntegrityFailure("the memory of the checkpoint signer is of another log")
        return head

    def sign(self, head: Head, proof: Sequence[bytes], seconds: int) -> bytes:
        """Remember ``head``, then sign it. Raises IntegrityFailure."""
        if head.origin != self._origin:
            raise IntegrityFailure("the signer was asked for another log")
        with self._alone():
            last = self.last()
            if last is not None:
                _check_extends(last, head, proof)
            self._remember(head)
            return sign_head(head, self._signers, seconds).format()

    def tell(self, head: Head) -> None:
        """Remember ``head`` where nothing is remembered. Raises Conflict, IntegrityFailure."""
        if head.origin != self._origin:
            raise IntegrityFailure("the signer was told of another log")
        with self._alone():
            if self.last() is not None:
                raise Conflict(REMEMBERS)
            self._remember(head)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._state.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._state.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _remember(self, head: Head) -> None:
        state = {"origin": head.origin, "size": head.size, "root": b64encode(head.root).decode()}
        part = self._state.with_suffix(".part")
        with part.open("w") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._state)
        sync_folder(self._state.parent)


def _check_extends(last: Head, head: Head, proof: Sequence[bytes]) -> None:
    if head.size < last.size:
        raise IntegrityFailure("the log is shorter than what was signed before")
    if last.size == 0:
        return
    try:
        verify_consistency(last.size, head.size, last.root, head.root, proof)
    except VerificationFailed as err:
        raise IntegrityFailure("the log does not extend what was signed before") from err
