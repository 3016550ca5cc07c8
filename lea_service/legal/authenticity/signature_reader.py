"""The signatures on a PDF; runs where strangers' bytes are read, without any network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import enumerate_sig_fields
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

from lea_service.legal.authenticity.appended import has_unlisted
from lea_service.legal.authenticity.observations import Sight
from lea_service.legal.authenticity.replaced import CHANGES
from lea_service.legal.authenticity.signatures import (
    SignatureFacts,
    fingerprint,
    load_anchor,
    may_be_signed,
)

MAX_SIGNATURES = 5
MAX_EMAILS = 20
"""So many addresses of a certificate are kept."""
USAGE = KeyUsageConstraints(
    key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
)
GOOD = (Sight.SIGNATURE_NOT_REVOKED, Sight.SIGNATURE_REVOCATION_UNKNOWN)
WHOLE = (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)


END = re.compile(rb"startxref[ \t]*[\r\n]+(\d{1,10})[ \t]*[\r\n]+%%EOF\s*\Z")
TABLE = re.compile(rb"xref\s|\d+ \d+ obj\b")
ENDING = 2048


def read_signatures(data: bytes, anchors: Sequence[bytes], at: datetime) -> list[SignatureFacts]:
    """Return what each signature comes to; nothing that is wrong gets out of here.

    A file whose end does not say where its table of objects is (ISO 32000-1, 7.5.5) is read in two
    ways: here by the last table there is, elsewhere by whatever objects stand in it. So none of its
    signatures covers what a person sees.
    """
    if not may_be_signed(data):
        return [SignatureFacts([Sight.SIGNATURE_NONE])]
    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        if reader.encrypted:
            return [SignatureFacts([Sight.SIGNATURE_UNREADABLE])]
        found = list(reader.embedded_regular_signatures)[:MAX_SIGNATURES]
        checked = _read_each(reader, found, [load_anchor(one) for one in anchors], at)
    except MemoryError:
        raise
    except Exception:
        return [SignatureFacts([Sight.SIGNATURE_UNREADABLE])]
    if not _ends_as_it_should(data):
        for one in checked:
            one.sights = [*dict.fromkeys([*one.sights, Sight.SIGNATURE_CHANGED])]
            one.is_good = False
    return checked or [SignatureFacts([Sight.SIGNATURE_NONE])]


def _ends_as_it_should(data: bytes) -> bool:
    """Say whether a file ends with where its table of objects stands, and it stands there."""
    end = END.search(data, max(0, len(data) - ENDING))
    return end is not None and TABLE.match(data, int(end[1])) is not None


def _read_each(
    reader: PdfFileReader, found: Sequence[Any], roots: list[Any], at: datetime
) -> list[SignatureFacts]:
    """Return what signatures come to; the last is read first, as later ones excuse changes."""
    read: dict[int, SignatureFacts] = {}
    good: dict[str, int] = {}
    for n, one in reversed([*enumerate(found, 1)]):
        read[n] = _read(reader, one, good, roots, at)
        if read[n].is_good:
            good[one.field_name] = n
    return [read[n] for n in sorted(read)]


def _read(
    reader: PdfFileReader, found: Any, good: Mapping[str, int], roots: list[Any], at: datetime
) -> SignatureFacts:
    """Return what one signature comes to; ``good`` has the fields of good later ones."""
    facts = _signer(found.signer_cert)
    strict = _validate(reader, found, roots, at, "require")
    lenient = _validate(reader, found, roots, at, "soft-fail")
    if not (strict.intact and strict.valid):
        facts.sights.append(Sight.SIGNATURE_BROKEN)
        return facts
    trust = _trust(strict, lenient, has_anchors=bool(roots))
    if trust not in GOOD:
        fields = {one.field_name for one in reader.embedded_signatures}
        changed = [Sight.SIGNATURE_CHANGED] if _is_changed(reader, found, strict, fields) else []
        facts.sights += [*changed, trust]
        return facts
    painted = _list_painted(reader, found)
    if painted - good.keys():
        facts.sights.append(Sight.SIGNATURE_PAINTED)
    if painted - good.keys() or _is_changed(reader, found, strict, good.keys()):
        facts.sights.append(Sight.SIGNATURE_CHANGED)
    facts.sights.append(trust)
    facts.anchor = fingerprint((strict if strict.trusted else lenient).validation_path.first)
    facts.is_good = Sight.SIGNATURE_CHANGED not in facts.sights
    facts.painters = sorted(good[one] for one in painted & good.keys())
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
    return validate_pdf_signature(found, context, key_usage_settings=USAGE, diff_policy=CHANGES)


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


def _is_changed(reader: PdfFileReader, found: Any, status: Any, fields: AbstractSet[str]) -> bool:
    """Say whether the document has more in it than when it was signed.

    What proves validity may come later, and the signatures in ``fields``, and nothing else.
    """
    if status.coverage not in WHOLE or has_unlisted(reader, _end_of(found)):
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


def _end_of(found: Any) -> int:
    """Return where the last of what a signature covers ends."""
    places = [int(one) for one in found.byte_range]
    return max(map(sum, zip(places[::2], places[1::2], strict=True)))


def _list_painted(reader: PdfFileReader, found: Any) -> set[str]:
    """Return the signature fields of after a signature that put something on a page.

    Such a field may lie anywhere, over a number too, and what is compared does not look where.
    """
    signed = reader.get_historical_resolver(found.signed_revision)
    before = {name: value is not None for name, value, _ in enumerate_sig_fields(signed)}
    return {
        name
        for name, value, field in enumerate_sig_fields(reader)
        if before.get(name) != (value is not None) and _is_visible(field.get_object())
    }


def _is_visible(field: Any) -> bool:
    """Say whether a field takes up room on a page; one whose place cannot be read does."""
    if "/Kids" in field and any(_is_visible(one.get_object()) for one in field["/Kids"]):
        return True
    if "/Rect" not in field:
        return "/AP" in field
    try:
        left, low, right, high = (float(one.get_object()) for one in field["/Rect"])
    except (TypeError, ValueError, AttributeError):
        return True
    return left != right and low != high


def _signer(certificate: x509.Certificate) -> SignatureFacts:
    subject = certificate.subject.native
    emails = [str(subject.get("email_address", ""))]
    others = certificate.subject_alt_name_value
    emails += [str(one.native) for one in others or () if one.name == "rfc822_name"]
    return SignatureFacts(
        name=_text(subject.get("common_name")),
        organisation=_text(subject.get("organization_name")),
        emails=sorted({one.lower() for one in emails if one})[:MAX_EMAILS],
    )


def _text(value: Any) -> str:
    """Return one value of a name; several at once say nothing that can be relied on."""
    return value[:200] if isinstance(value, str) else ""
