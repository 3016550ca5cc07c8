"""The signatures on a PDF; runs where strangers' bytes are read, without any network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.general import (
    MultivaluedAttributeError,
    NonexistentAttributeError,
    find_unique_cms_attribute,
)
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from lea_service.legal.authenticity.observations import Sight
from lea_service.legal.authenticity.signatures import (
    SignatureFacts,
    fingerprint,
    load_anchor,
    may_be_signed,
)

MAX_SIGNATURES = 5
USAGE = KeyUsageConstraints(
    key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
)
GOOD = (Sight.SIGNATURE_NOT_REVOKED, Sight.SIGNATURE_REVOCATION_UNKNOWN)
WHOLE = (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)


def read_signatures(data: bytes, anchors: Sequence[bytes], at: datetime) -> list[SignatureFacts]:
    """Return what each signature comes to; nothing that is wrong gets out of here."""
    if not may_be_signed(data):
        return [SignatureFacts([Sight.SIGNATURE_NONE])]
    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        if reader.encrypted:
            return [SignatureFacts([Sight.SIGNATURE_UNREADABLE])]
        found = list(reader.embedded_regular_signatures)[:MAX_SIGNATURES]
        fields = {one.field_name for one in reader.embedded_signatures}
        roots = [load_anchor(one) for one in anchors]
        checked = [_read(reader, one, fields, roots, at) for one in found]
    except MemoryError:
        raise
    except Exception:
        return [SignatureFacts([Sight.SIGNATURE_UNREADABLE])]
    return checked or [SignatureFacts([Sight.SIGNATURE_NONE])]


def _read(
    reader: PdfFileReader, found: Any, fields: set[str], roots: list[Any], at: datetime
) -> SignatureFacts:
    facts = _signer(found.signer_cert)
    strict = _validate(reader, found, roots, at, "require")
    lenient = _validate(reader, found, roots, at, "soft-fail")
    if not (strict.intact and strict.valid):
        facts.sights.append(Sight.SIGNATURE_BROKEN)
        return facts
    if _is_changed(strict, fields):
        facts.sights.append(Sight.SIGNATURE_CHANGED)
    facts.sights.append(_trust(strict, lenient, has_anchors=bool(roots)))
    if facts.sights[-1] in GOOD:
        path = (strict if strict.trusted else lenient).validation_path
        facts.anchor = fingerprint(path.first)
    facts.is_good = facts.sights[-1] in GOOD and Sight.SIGNATURE_CHANGED not in facts.sights
    return facts


def _trust(strict: Any, lenient: Any, *, has_anchors: bool) -> Sight:
    """Return what the certificate comes to, with and without proof that it was not revoked.

    The lenient way passes over a list that the certificate itself does not point at.
    """
    if strict.revoked or lenient.revoked:
        return Sight.SIGNATURE_REVOKED
    if not has_anchors:
        return Sight.SIGNATURE_NO_ANCHOR
    if strict.trusted:
        return Sight.SIGNATURE_NOT_REVOKED
    return Sight.SIGNATURE_REVOCATION_UNKNOWN if lenient.trusted else Sight.SIGNATURE_UNTRUSTED


def _validate(reader: PdfFileReader, found: Any, roots: list[Any], at: datetime, mode: str) -> Any:
    context = _context(reader, found, trust_roots=roots, moment=at, revocation_mode=mode)
    return validate_pdf_signature(found, context, key_usage_settings=USAGE)


def _context(reader: PdfFileReader, found: Any, **options: Any) -> ValidationContext:
    """Return what to validate by: our anchors, and what the document itself carries."""
    crls, ocsps = [], []
    try:
        name = "adobe_revocation_info_archival"
        carried = find_unique_cms_attribute(found.signer_info["signed_attrs"], name)
        crls, ocsps = list(carried["crl"] or ()), list(carried["ocsp"] or ())
    except (NonexistentAttributeError, MultivaluedAttributeError):
        pass
    options |= {"allow_fetching": False, "crls": crls, "ocsps": ocsps}
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return ValidationContext(**options)
    return store.as_validation_context(options)


def _is_changed(status: Any, fields: set[str]) -> bool:
    """Say whether the document has more in it than when it was signed.

    Another signature and what proves validity may come later, and nothing else.
    """
    if status.coverage not in WHOLE:
        return True
    result = status.diff_result
    if result is None:
        return bool(status.coverage is not SignatureCoverageLevel.ENTIRE_FILE)
    if isinstance(result, SuspiciousModification):
        return True
    if result.modification_level <= ModificationLevel.LTA_UPDATES:
        return False
    filled = set(result.changed_form_fields) - fields
    return result.modification_level > ModificationLevel.FORM_FILLING or bool(filled)


def _signer(certificate: x509.Certificate) -> SignatureFacts:
    subject = certificate.subject.native
    emails = [str(subject.get("email_address", ""))]
    others = certificate.subject_alt_name_value
    emails += [str(one.native) for one in others or () if one.name == "rfc822_name"]
    return SignatureFacts(
        name=_text(subject.get("common_name")),
        organisation=_text(subject.get("organization_name")),
        emails=sorted({one.lower() for one in emails if one}),
    )


def _text(value: Any) -> str:
    """Return one value of a name; several at once say nothing that can be relied on."""
    return value[:200] if isinstance(value, str) else ""
