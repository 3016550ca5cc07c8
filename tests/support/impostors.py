"""Orders as impostors and authorities send them: mails signed by domains, PDFs signed by people."""

from base64 import b64encode
from datetime import timedelta
from email.message import EmailMessage
from functools import cache
from io import BytesIO

import dkim
from asn1crypto import keys
from asn1crypto import x509 as asn1
from asn1crypto.crl import CertificateList
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, FloatObject, StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers, timestamps
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lea_service.legal.authenticity.anchors import read_anchor
from lea_service.legal.authenticity.document_reader import read_origin
from lea_service.legal.authenticity.documents import DocumentCheck
from lea_service.legal.authenticity.ports import KnownRecords
from tests.support.certificates import NOW

DOMAIN = "politie.example"
SELECTOR = "2026"
DAY = timedelta(days=1)
OURS = "mx.provider.example"
BOX = (55, 740, 320, 800)
"""Where the lines of an order stand on its page."""


@cache
def domain_key(domain):
    """Return the DKIM key of a domain and the record that publishes it."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, f"v=DKIM1; k=rsa; p={b64encode(public).decode()}"


def records_of(*domains, dmarc="v=DMARC1; p=reject"):
    """Return the records that domains publish."""
    found = {f"{SELECTOR}._domainkey.{one}": domain_key(one)[1] for one in domains}
    return found | ({f"_dmarc.{one}": dmarc for one in domains} if dmarc else {})


def write_mail(text="Vordering", sender=f"A. de Vries <a@{DOMAIN}>", files=(), head=(), **headers):
    """Return a mail as bytes; ``files`` are PDFs, ``head`` raw header lines put on top."""
    mail = EmailMessage()
    mail["From"] = sender
    for name, value in {
        "Subject": "Vordering",
        "Date": "Tue, 24 Nov 2026 08:00:00 +0100",
        **headers,
    }.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    for n, one in enumerate(files):
        mail.add_attachment(one, "application", "pdf", filename=f"{n}.pdf")
    raw = bytes(mail).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return b"".join(f"{line}\r\n".encode() for line in head) + raw


HEAD = (b"subject", b"date", b"content-type", b"content-transfer-encoding")


def sign_mail(mail, domain=DOMAIN, head=HEAD, **options):
    """Return a mail with a DKIM signature of a domain on top."""
    key = domain_key(domain)[0]
    names = [b"from", *head]
    return (
        dkim.sign(mail, SELECTOR.encode(), domain.encode(), key, include_headers=names, **options)
        + mail
    )


@cache
def _authority(name):
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - 400 * DAY)
        .not_valid_after(NOW + 4000 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key, made


def anchor(name="Example Trust CA"):
    """Return the certificate of an issuer, in PEM."""
    return _authority(name)[1].public_bytes(serialization.Encoding.PEM)


@cache
def _person(name, organisation, email, issuer, serial):
    key = rsa.generate_private_key(65537, 2048)
    ca_key, ca = _authority(issuer)
    names = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    names += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)] if organisation else []
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(names))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(NOW - 100 * DAY)
        .not_valid_after(NOW + 400 * DAY)
        .add_extension(_usage(content_commitment=True, digital_signature=True), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
    )
    if email:
        emails = [email] if isinstance(email, str) else email
        alternative = x509.SubjectAlternativeName([x509.RFC822Name(one) for one in emails])
        builder = builder.add_extension(alternative, critical=False)
    return key, builder.sign(ca_key, hashes.SHA256())


def revocations(issuer, *serials):
    """Return the issuer's list of revoked certificates, fresh as of now."""
    ca_key, ca = _authority(issuer)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.subject)
        .last_update(NOW - DAY)
        .next_update(NOW + 30 * DAY)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
    )
    for one in serials:
        revoked = x509.RevokedCertificateBuilder().serial_number(one).revocation_date(NOW - 2 * DAY)
        builder = builder.add_revoked_certificate(revoked.build())
    return builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def sign_pdf(
    data,
    name="Anna de Vries",
    organisation="Politie Eenheid Oost",
    email=None,
    issuer="Example Trust CA",
    serial=77,
    carries_list=False,
    box=None,
    shows="Getekend",
):
    """Return a PDF with a signature, which may carry the list of what its issuer revoked.

    With a ``box`` (left, low, right, high) the signature is visible, and ``shows`` that text.
    """
    key, certificate = _person(name, organisation, email, issuer, serial)
    der = serialization.Encoding.DER
    chain = SimpleCertificateStore()
    ca = asn1.Certificate.load(_authority(issuer)[1].public_bytes(der))
    chain.register(ca)
    signer = signers.SimpleSigner(
        signing_cert=asn1.Certificate.load(certificate.public_bytes(der)),
        signing_key=keys.PrivateKeyInfo.load(
            key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        ),
        cert_registry=chain,
    )
    meta = signers.PdfSignatureMetadata(field_name=f"Sig{serial}", md_algorithm="sha256")
    if carries_list:
        context = ValidationContext(
            trust_roots=[ca], crls=[revocations(issuer, 1000)], moment=NOW, allow_fetching=False
        )
        meta = signers.PdfSignatureMetadata(
            field_name=f"Sig{serial}",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
            embed_validation_info=True,
            validation_context=context,
        )
    writer, out = IncrementalPdfFileWriter(BytesIO(data)), BytesIO()
    style = TextStampStyle(stamp_text=shows) if box else None
    field = SigFieldSpec(f"Sig{serial}", box=box) if box else None
    made = signers.PdfSigner(meta, signer, stamp_style=style, new_field_spec=field)
    made.sign_pdf(writer, output=out)
    return out.getvalue()


def stamp_pdf(data):
    """Return a PDF with a time stamp behind it, as one has that is kept for long."""
    key, certificate = _person("Time stamps", "Example", None, "Example Trust CA", 500)
    der = serialization.Encoding.DER
    private = key.private_bytes(
        der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    stamper = timestamps.DummyTimeStamper(
        asn1.Certificate.load(certificate.public_bytes(der)),
        keys.PrivateKeyInfo.load(private),
        fixed_dt=NOW,
    )
    writer, out = IncrementalPdfFileWriter(BytesIO(data)), BytesIO()
    signers.PdfTimeStamper(stamper).timestamp_pdf(writer, "sha256", None, output=out)
    return out.getvalue()


def add_empty_field(data, box=BOX, name="Extra", indirect=False):
    """Return a PDF with a signature field behind it that nobody signed and that shows something.

    ``indirect`` has each number of its place stand elsewhere, where a hasty reader sees no place.
    """
    writer, out = IncrementalPdfFileWriter(BytesIO(data)), BytesIO()
    append_signature_field(writer, SigFieldSpec(name, box=box))
    field = writer.root["/AcroForm"]["/Fields"][-1].get_object()
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    if indirect:
        field["/Rect"] = ArrayObject(writer.add_object(FloatObject(one)) for one in box)
    field["/AP"] = DictionaryObject({"/N": page.raw_get("/Contents")})
    writer.write(out)
    return out.getvalue()


def with_list(data, *serials, issuer="Example Trust CA"):
    """Return a signed PDF with the list of what its issuer revoked added behind it."""
    writer = IncrementalPdfFileWriter(BytesIO(data))
    found = CertificateList.load(revocations(issuer, *serials))
    signature = writer.prev.embedded_signatures[0]
    DocumentSecurityStore.supply_dss_in_writer(writer, signature.pkcs7_content, crls=[found])
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def change_after(data, text="Betreft: +31 6 99999999"):
    """Return a PDF with a change written behind it, as a forger of a signed one does."""
    writer = IncrementalPdfFileWriter(BytesIO(data))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    content = StreamObject(stream_data=f"BT /F1 11 Tf 60 700 Td ({text}) Tj ET".encode())
    page["/Contents"] = writer.add_object(content)
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _usage(**given):
    names = [
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ]
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})


def make_check(records=None, servers=(), anchors=()):
    """Return a check of documents that reads them in this process."""
    resolver = None if records is None else KnownRecords(records)
    held = tuple(read_anchor("a.pem", one) for one in anchors)
    return DocumentCheck(resolver, frozenset(servers), held, read_origin)


def fingerprints(*names):
    """Return the fingerprints of issuers, as a policy has them."""
    return sorted(read_anchor("a.pem", anchor(one)).fingerprint for one in names)
