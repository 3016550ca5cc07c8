"""An issuer of certificates for signatures on orders, and orders signed under it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from asn1crypto import keys
from asn1crypto import x509 as asn1
from asn1crypto.crl import CertificateList
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

NAME = "Voorbeeld Trust CA"
DAY = timedelta(days=1)
USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@dataclass(frozen=True)
class Issuer:
    """One who vouches for names, and says what was revoked."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, now: datetime) -> Issuer:
        """Make key and certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
        made = (
            _begin(name, key, now)
            .issuer_name(name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
            .add_extension(own, critical=False)
        )
        return cls(key, made.sign(key, SHA256()))

    def write(self) -> bytes:
        """Return the certificate in PEM, as it is put among the trust anchors."""
        return self.certificate.public_bytes(Encoding.PEM)

    def sign(self, pdf: bytes, name: str, organisation: str, now: datetime) -> bytes:
        """Return a PDF signed by somebody whom this issuer vouches for, with what it revoked."""
        logging.getLogger("pyhanko").setLevel(
            logging.ERROR
        )  # else it warns that it fetches nothing
        key = ec.generate_private_key(ec.SECP256R1())
        names = ((NameOID.COMMON_NAME, name), (NameOID.ORGANIZATION_NAME, organisation))
        subject = x509.Name([x509.NameAttribute(*one) for one in names])
        usage = _usage("digital_signature", "content_commitment")
        made = _begin(subject, key, now).issuer_name(self.certificate.subject)
        made = made.add_extension(usage, critical=True).add_extension(self._names(), critical=False)
        root = asn1.Certificate.load(self.certificate.public_bytes(Encoding.DER))
        chain = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        chain.register(root)
        private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        signer = signers.SimpleSigner(
            signing_cert=asn1.Certificate.load(
                made.sign(self.key, SHA256()).public_bytes(Encoding.DER)
            ),
            signing_key=keys.PrivateKeyInfo.load(private),
            cert_registry=chain,
        )
        known = ValidationContext(
            trust_roots=[root], crls=[self._revoked(now)], moment=now, allow_fetching=False
        )
        meta = signers.PdfSignatureMetadata(
            field_name="Signature",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
            embed_validation_info=True,
            validation_context=known,
        )
        out = BytesIO()
        signers.PdfSigner(meta, signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=out)
        return out.getvalue()

    def _names(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())

    def _revoked(self, now: datetime) -> CertificateList:
        """Return the list of what was revoked: nothing."""
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - DAY)
            .next_update(now + 30 * DAY)
            .add_extension(self._names(), critical=False)
        )
        return CertificateList.load(made.sign(self.key, SHA256()).public_bytes(Encoding.DER))


def write_over(pdf: bytes, content: bytes) -> bytes:
    """Return a PDF with another first page written behind it, as a forger of a signed one does."""
    writer, out = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = writer.add_object(StreamObject(stream_data=content))
    writer.update_container(page)
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _begin(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 30 * DAY)
        .not_valid_after(now + 365 * DAY)
    )


def _usage(*given: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{one: one in given for one in USAGES})
