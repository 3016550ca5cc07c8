"""C2SP signed-note: a text and the signatures under it, with the key types we sign and accept.

Ed25519 (0x01) signs the text. ML-DSA-44 (0x06) signs the subtree cosignature structure, which binds
cosigner, time, origin, size and root, so it exists for checkpoints only. Ed25519 cosignatures
(0x04) are accepted from witnesses.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol
from unicodedata import category

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from lea_service.kernel.errors import InvalidInput, VerificationFailed

ED25519, ED25519_COSIGNATURE, MLDSA44 = 0x01, 0x04, 0x06
MAX_SIGNATURES = 100
MAX_ORIGIN_BYTES = 200
DASH = "\u2014"
KEY_BYTES = {ED25519: 32, ED25519_COSIGNATURE: 32, MLDSA44: 1312}


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note: who, which key, and the bytes after the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def format(self) -> str:
        """Return the line with its newline."""
        blob = b64encode(self.key_id + self.signature).decode()
        return f"{DASH} {self.name} {blob}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signature lines."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def format(self) -> bytes:
        """Return the note as it is stored and sent."""
        return (self.text + "\n" + "".join(line.format() for line in self.signatures)).encode()


@dataclass(frozen=True, slots=True)
class Head:
    """The signed state of a log: origin, number of entries, root hash (C2SP tlog-checkpoint)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name it signs under: C2SP vkey."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return the first four bytes of SHA-256(name, newline, type, key)."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def format(self) -> str:
        """Return ``name+hex8(key id)+base64(type, key)``."""
        blob = b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{blob}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a vkey. Raises InvalidInput."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise InvalidInput("expected a verifier key: name+id+base64")
        blob = decode_base64(parts[2])
        if not blob or len(blob) - 1 != KEY_BYTES.get(blob[0]):
            raise InvalidInput("a verifier key has an unknown type or a wrong length")
        check_name(parts[0])
        key = cls(parts[0], blob[0], blob[1:])
        if key.key_id.hex() != parts[1]:
            raise InvalidInput("a verifier key's id does not fit its bytes")
        return key

    def verify(self, note: Note, line: SignatureLine) -> int | None:
        """Check one signature; returns its time in seconds if it has one.

        Raises VerificationFailed.
        """
        try:
            return _VERIFIERS[self.kind](self, note.text, line.signature)
        except (InvalidSignature, ValueError) as err:
            raise VerificationFailed(f"the signature of {self.name} does not verify") from err


class NoteSigner(Protocol):
    """A private key that signs heads."""

    @property
    def verifier(self) -> VerifierKey:
        """Return the public half."""

    def sign(self, head: Head, seconds: int) -> SignatureLine:
        """Sign ``head`` at ``seconds`` since the epoch."""


class Ed25519Signer:
    """Signs the text of a checkpoint (type 0x01)."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, ED25519, self._key.public_key().public_bytes_raw())

    def sign(self, head: Head, seconds: int) -> SignatureLine:  # noqa: ARG002
        """Sign the three lines; the type carries no time."""
        signature = self._key.sign(head.text().encode())
        return SignatureLine(self.verifier.name, self.verifier.key_id, signature)


class MLDSA44Signer:
    """Signs the subtree cosignature structure of a checkpoint (type 0x06)."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        self.verifier = VerifierKey(name, MLDSA44, self._key.public_key().public_bytes_raw())

    def sign(self, head: Head, seconds: int) -> SignatureLine:
        """Sign the head together with the time."""
        signature = self._key.sign(cosigned_message(self.verifier.name, seconds, head))
        stamped = seconds.to_bytes(8, "big") + signature
        return SignatureLine(self.verifier.name, self.verifier.key_id, stamped)


def cosigned_message(cosigner: str, seconds: int, head: Head) -> bytes:
    """Return what an ML-DSA-44 cosigner signs (C2SP tlog-cosignature, subtree from 0)."""
    name, origin = cosigner.encode(), head.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\x00",
            bytes([len(name)]) + name,
            seconds.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            (0).to_bytes(8, "big"),
            head.size.to_bytes(8, "big"),
            head.root,
        )
    )


def parse_note(data: bytes) -> Note:
    """Read a signed note strictly. Raises VerificationFailed."""
    try:
        text = data.decode()
    except UnicodeDecodeError as err:
        raise VerificationFailed("a note is UTF-8 text") from err
    if any(ord(char) < 0x20 and char != "\n" for char in text):
        raise VerificationFailed("a note holds no control characters")
    body, separator, lines = text.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise VerificationFailed("a note has a text, an empty line and signature lines")
    parsed = [_parse_line(line) for line in lines[:-1].split("\n")]
    if len(parsed) > MAX_SIGNATURES:
        raise VerificationFailed(f"a note has at most {MAX_SIGNATURES} signatures here")
    return Note(body + "\n", tuple(parsed))


def verify_note(note: Note, known: Iterable[VerifierKey]) -> dict[VerifierKey, int | None]:
    """Return the known keys that signed, each with its time if it has one.

    Unknown names and ids are passed over; a known key with a bad or repeated signature makes the
    whole note bad, as does having no known signature at all. Raises VerificationFailed.
    """
    keys = {(key.name, key.key_id): key for key in known}
    signed: dict[VerifierKey, int | None] = {}
    for line in note.signatures:
        key = keys.get((line.name, line.key_id))
        if key is None:
            continue
        if key in signed:
            raise VerificationFailed(f"{key.name} signed twice")
        signed[key] = key.verify(note, line)
    if not signed:
        raise VerificationFailed("no known key signed this note")
    return signed


def parse_head(text: str) -> Head:
    """Read the text of a checkpoint; extension lines are refused. Raises VerificationFailed."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise VerificationFailed("a checkpoint of this log has exactly three lines")
    origin, size, root = lines[:3]
    if not origin or not (size.isascii() and size.isdecimal()) or (size[0] == "0" and size != "0"):
        raise VerificationFailed("a checkpoint names its origin and its size in plain decimal")
    try:
        digest = decode_base64(root)
    except InvalidInput as err:
        raise VerificationFailed("the root of a checkpoint is base64") from err
    if len(digest) != 32 or len(size) > 19:
        raise VerificationFailed("a checkpoint holds a root of 32 bytes and a 63-bit size")
    return Head(origin, int(size), digest)


def sign_head(head: Head, signers: Sequence[NoteSigner], seconds: int) -> Note:
    """Return the checkpoint of ``head`` with one line of each signer."""
    return Note(head.text(), tuple(signer.sign(head, seconds) for signer in signers))


def check_name(name: str) -> None:
    """Refuse a key name that signed-note does not allow. Raises InvalidInput."""
    if not name or "+" in name or any(char.isspace() for char in name):
        raise InvalidInput("a key name is not empty and holds neither space nor plus")


def check_origin(name: str) -> None:
    """Refuse a name that a log could not sign or be read under. Raises InvalidInput.

    A cosignature writes its length in one byte, the head of the log in a column of 200, and a note
    holds no control characters.
    """
    check_name(name)
    if (
        any(category(char) in {"Cc", "Cs"} for char in name)
        or len(name.encode()) > MAX_ORIGIN_BYTES
    ):
        raise InvalidInput("an origin has at most 200 bytes and no control characters")


def decode_base64(text: str) -> bytes:
    """Decode standard base64 in its one canonical form. Raises InvalidInput."""
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as err:
        raise InvalidInput("expected base64") from err
    if b64encode(data).decode() != text:
        raise InvalidInput("expected canonical base64")
    return data


def _parse_line(line: str) -> SignatureLine:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != DASH:
        raise VerificationFailed("a signature line is: dash, name, base64")
    try:
        check_name(parts[1])
        blob = decode_base64(parts[2])
    except InvalidInput as err:
        raise VerificationFailed("a signature line is malformed") from err
    if len(blob) < 5:
        raise VerificationFailed("a signature line is too short")
    return SignatureLine(parts[1], blob[:4], blob[4:])


def _verify_ed25519(key: VerifierKey, text: str, signature: bytes) -> int | None:
    Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    return None


def _verify_cosignature(key: VerifierKey, text: str, signature: bytes) -> int | None:
    if len(signature) != 72:
        raise VerificationFailed(f"the signature of {key.name} has a wrong length")
    seconds = int.from_bytes(signature[:8], "big")
    message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
    Ed25519PublicKey.from_public_bytes(key.public).verify(signature[8:], message)
    return seconds


def _verify_mldsa44(key: VerifierKey, text: str, signature: bytes) -> int | None:
    if len(signature) != 8 + 2420:
        raise VerificationFailed(f"the signature of {key.name} has a wrong length")
    seconds = int.from_bytes(signature[:8], "big")
    message = cosigned_message(key.name, seconds, parse_head(text))
    MLDSA44PublicKey.from_public_bytes(key.public).verify(signature[8:], message)
    return seconds


_VERIFIERS = {
    ED25519: _verify_ed25519,
    ED25519_COSIGNATURE: _verify_cosignature,
    MLDSA44: _verify_mldsa44,
}
