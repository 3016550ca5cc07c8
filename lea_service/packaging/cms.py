"""CMS AuthEnvelopedData, written as a stream: one content, any number of recipients.

RFC 5083 (AuthEnvelopedData) with AES-256-GCM (RFC 5084); the content key goes to RSA recipients by
RSAES-OAEP with SHA-256 (RFC 3560, 4055) and to EC recipients by ephemeral-static ECDH (RFC 5753).
The outer layers use BER indefinite lengths (RFC 5652 allows it), so nothing has to be known about
the content beforehand, and memory holds one block.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lea_service.agencies.certificates import check_distinct, check_recipient
from lea_service.kernel.errors import Conflict, TooLarge, VerificationFailed
from lea_service.packaging.ports import ByteSink

BLOCK = 256 * 1024
MAX_PLAINTEXT = 2**36 - 32
"""Bytes that GCM may encrypt under one key and nonce (NIST SP 800-38D section 5.2.1.1)."""

HEAD_BYTES = 64
AUTH_ENVELOPED_DATA = "1.2.840.113549.1.9.16.1.23"  # RFC 5083 section 2.1
DATA = "1.2.840.113549.1.7.1"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
AES256_WRAP = "2.16.840.1.101.3.4.1.45"
AES256_GCM = "2.16.840.1.101.3.4.1.46"
SEQUENCE, SET, OCTETS = 0x30, 0x31, 0x04
INDEFINITE, END = b"\x80", b"\x00\x00"

# dhSinglePass-stdDH-sha*kdf-scheme: the hash grows with the curve (RFC 5753 section 7.1.4)
_AGREEMENT: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "secp256r1": ("1.3.132.1.11.1", hashes.SHA256()),
    "secp384r1": ("1.3.132.1.11.2", hashes.SHA384()),
    "secp521r1": ("1.3.132.1.11.3", hashes.SHA512()),
}


class CmsWriter:
    """Encrypts what is written to it; only ``close`` makes the message whole."""

    def __init__(
        self, sink: ByteSink, certificates: Sequence[x509.Certificate], now: datetime
    ) -> None:
        """Check the certificates and write the header. Raises VerificationFailed."""
        if not certificates:
            raise VerificationFailed("a package needs the certificate of at least one receiver")
        for certificate in certificates:
            check_recipient(certificate, now)
        check_distinct(certificates)
        content_key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
        self._sink = sink
        self._cipher = Cipher(algorithms.AES(content_key), modes.GCM(nonce)).encryptor()
        self._pending = bytearray()
        self._open = True
        self.size = 0
        recipients = [_recipient_info(one, content_key) for one in certificates]
        sink.write(_header(recipients, nonce))

    def write(self, data: bytes) -> int:
        """Add plaintext; returns its length. Raises TooLarge, Conflict when closed."""
        if not self._open:
            raise Conflict("the message is closed")
        self.size += len(data)
        if self.size > MAX_PLAINTEXT:
            raise TooLarge("one message holds at most 64 GiB")
        self._pending += data
        if len(self._pending) >= BLOCK:
            self._encrypt()
        return len(data)

    def flush(self) -> None:
        """Do nothing: a block is written when it is full."""

    def close(self) -> None:
        """Write the rest, the end marks and the authentication tag."""
        if not self._open:
            return
        self._open = False
        self._encrypt()
        self._cipher.finalize()
        tag = _tlv(OCTETS, self._cipher.tag)
        # ends: encryptedContent, authEncryptedContentInfo; then mac; ends: AuthEnvelopedData,
        # the explicit tag around it, ContentInfo
        self._sink.write(END + END + tag + END + END + END)

    def _encrypt(self) -> None:
        if self._pending:
            self._sink.write(_tlv(OCTETS, self._cipher.update(bytes(self._pending))))
            self._pending.clear()


def is_still_encrypted(start: bytes) -> bool:
    """Say whether a file that begins with ``start`` (64 bytes will do) is still encrypted."""
    return start.startswith(b"\x30") and _oid(AUTH_ENVELOPED_DATA) in start[:HEAD_BYTES]


def _header(recipients: Sequence[bytes], nonce: bytes) -> bytes:
    """Return everything before the content; each level stays open (indefinite length)."""
    gcm = _tlv(SEQUENCE, _tlv(OCTETS, nonce) + core.Integer(16).dump())
    opened = bytes([SEQUENCE]) + INDEFINITE
    explicit = b"\xa0" + INDEFINITE
    return b"".join(
        [
            opened,  # ContentInfo
            _oid(AUTH_ENVELOPED_DATA),
            explicit,
            opened,  # AuthEnvelopedData
            core.Integer(0).dump(),
            _tlv(SET, b"".join(sorted(recipients))),  # DER order of SET OF
            opened,  # EncryptedContentInfo
            _oid(DATA),
            _tlv(SEQUENCE, _oid(AES256_GCM) + gcm),
            explicit,  # encryptedContent [0], constructed: octet strings follow
        ]
    )


def _recipient_info(certificate: x509.Certificate, content_key: bytes) -> bytes:
    key = certificate.public_key()
    parsed = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    issuer = cms.IssuerAndSerialNumber(
        {"issuer": parsed.issuer, "serial_number": parsed.serial_number}
    )
    if isinstance(key, rsa.RSAPublicKey):
        return _key_transport(key, issuer, content_key)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _key_agreement(key, issuer, content_key)
    raise VerificationFailed("expected an RSA key or an EC key in the receiver's certificate")


def _key_transport(
    key: rsa.RSAPublicKey, issuer: cms.IssuerAndSerialNumber, content_key: bytes
) -> bytes:
    """Return a KeyTransRecipientInfo (RFC 5652 section 6.2.1) with RSAES-OAEP-SHA-256."""
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    digest = algos.DigestAlgorithm({"algorithm": "sha256"})
    mask = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": digest})
    parameters = algos.RSAESOAEPParams({"hash_algorithm": digest, "mask_gen_algorithm": mask})
    info = cms.KeyTransRecipientInfo(
        {
            "version": "v0",
            "rid": cms.RecipientIdentifier("issuer_and_serial_number", issuer),
            "key_encryption_algorithm": {"algorithm": "rsaes_oaep", "parameters": parameters},
            "encrypted_key": key.encrypt(content_key, oaep),
        }
    )
    encoded: bytes = info.dump()
    return encoded


def _key_agreement(
    key: ec.EllipticCurvePublicKey, issuer: cms.IssuerAndSerialNumber, content_key: bytes
) -> bytes:
    """Return a KeyAgreeRecipientInfo, ephemeral-static ECDH (RFC 5753 section 3.1.1)."""
    scheme, digest = _AGREEMENT[key.curve.name]
    wrap = _tlv(SEQUENCE, _oid(AES256_WRAP))
    # ECC-CMS-SharedInfo (RFC 5753 section 7.2): which key this is for, and its length in bits
    shared = _tlv(SEQUENCE, wrap + _tlv(0xA2, _tlv(OCTETS, (256).to_bytes(4, "big"))))
    ephemeral = ec.generate_private_key(key.curve)
    secret = ephemeral.exchange(ec.ECDH(), key)
    wrapped = aes_key_wrap(X963KDF(digest, 32, shared).derive(secret), content_key)
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    public = _tlv(SEQUENCE, _oid(EC_PUBLIC_KEY)) + _tlv(0x03, b"\x00" + point)
    recipient = _tlv(SEQUENCE, issuer.dump() + _tlv(OCTETS, wrapped))
    return _tlv(
        0xA1,  # kari
        core.Integer(3).dump()
        + _tlv(0xA0, _tlv(0xA1, public))  # originator, originatorKey
        + _tlv(SEQUENCE, _oid(scheme) + wrap)
        + _tlv(SEQUENCE, recipient),
    )


def _oid(dotted: str) -> bytes:
    encoded: bytes = core.ObjectIdentifier(dotted).dump()
    return encoded


def _tlv(tag: int, body: bytes) -> bytes:
    """Return one DER element: tag, definite length, contents."""
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body
