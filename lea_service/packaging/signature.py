"""The signature of a package: detached CAdES-B-B (ETSI EN 319 122-1) over a digest."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lea_service.kernel.clock import format_instant
from lea_service.kernel.errors import Unavailable


@dataclass(frozen=True, repr=False)
class PackageSigner:
    """The key that signs packages, with its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def sign(self, content: bytes, now: datetime) -> bytes:
        """Return a detached CAdES-B-B signature over ``content`` (DER, SHA-256).

        Raises Unavailable when the certificate is outside its dates at ``now``.
        """
        start, end = (
            self.certificate.not_valid_before_utc,
            self.certificate.not_valid_after_utc,
        )
        if not start <= now <= end:
            raise Unavailable(
                f"the package signing certificate is valid from {format_instant(start)} "
                f"to {format_instant(end)} only"
            )
        message = asyncio.run(
            self._signer().async_sign(
                data_digest=sha256(content).digest(),
                digest_algorithm="sha256",
                use_pades=True,  # adds signing-certificate-v2, which CAdES asks for too
                is_pdf_sig=False,
                signed_attr_settings=PdfCMSSignedAttributes(signing_time=now),
            )
        )
        encoded: bytes = message.dump()
        return encoded

    def _signer(self) -> SimpleSigner:
        private = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return SimpleSigner(
            signing_cert=asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER)),
            signing_key=asn1_keys.PrivateKeyInfo.load(private),
            cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
        )
