"""What can be seen of an order document: its mail headers, and the signatures on it.

The bytes are read by a process of its own; names are looked up here, which that process cannot do.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from lea_service.demands.order_media import MAIL, find_media_type
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import Unavailable
from lea_service.legal.authenticity.anchors import Anchor, choose, find_absent
from lea_service.legal.authenticity.mail import Seen, list_lookups, observe_mail
from lea_service.legal.authenticity.mail_reader import DkimFacts, MailFacts, Records, ResultFacts
from lea_service.legal.authenticity.observations import Observation, Sight
from lea_service.legal.authenticity.ports import TextRecords
from lea_service.legal.authenticity.register import Sender
from lea_service.legal.authenticity.signatures import SignatureFacts, may_be_signed
from lea_service.legal.order_text import run_reader

READER = "sys:reader"
MODULE = "lea_service.legal.authenticity.document_reader"
SECONDS = 20
UNKNOWN_ISSUER = frozenset({Sight.SIGNATURE_NO_ANCHOR, Sight.SIGNATURE_UNTRUSTED})
Read = Callable[[bytes, "Records | None", Sequence[bytes], datetime], "dict[str, Any] | None"]


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What was read of a document, before it is held against the register.

    ``is_read`` is False where the reader did not come to an end by itself. ``absent`` are the
    fingerprints of issuers that two people decided on and whose certificates are not here.
    """

    has_document: bool = False
    is_read: bool = True
    mail: MailFacts | None = None
    signatures: tuple[SignatureFacts, ...] = ()
    records: Records | None = None
    absent: tuple[str, ...] = ()

    @property
    def is_mail(self) -> bool:
        """Say whether there are headers to hold against the register."""
        return self.mail is not None


def read_apart(
    data: bytes, records: Records | None, anchors: Sequence[bytes], at: datetime
) -> dict[str, Any] | None:
    """Have another process read a document; None where it failed."""
    given = {
        "records": None if records is None else dict(records),
        "anchors": [one.decode("ascii") for one in anchors],
        "at": at.isoformat(),
    }
    try:
        _, said = run_reader(json.dumps(given).encode() + b"\n" + data, SECONDS, MODULE)
        found: dict[str, Any] = json.loads(said)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return found if found.get("signatures") is not None else None


@dataclass(frozen=True, slots=True)
class DocumentCheck:
    """Looks at documents for where they come from.

    ``resolver`` looks up the keys of senders; without one none is looked up. ``servers`` are the
    names under which our own mail servers note results, ``anchors`` the certificates of issuers
    that are at hand: those count that the policy names.
    """

    resolver: TextRecords | None = None
    servers: frozenset[str] = frozenset()
    anchors: tuple[Anchor, ...] = ()
    read_bytes: Read = field(default=read_apart, repr=False)

    def read(
        self, data: bytes | None, now: datetime, decided: Collection[str] = ()
    ) -> DocumentFacts:
        """Return what is read of a document; whatever the bytes are, this comes to an end.

        ``decided`` are the fingerprints of the issuers that count; another is as good as unknown.
        """
        if data is None:
            return DocumentFacts()
        is_mail = find_media_type(data) == MAIL
        if not is_mail and not may_be_signed(data):
            return DocumentFacts(
                has_document=True, signatures=(SignatureFacts([Sight.SIGNATURE_NONE]),)
            )
        found = self._read(data, now, choose(self.anchors, decided))
        return replace(found, absent=find_absent(self.anchors, decided))

    def _read(self, data: bytes, now: datetime, anchors: Sequence[bytes]) -> DocumentFacts:
        first = _load(self.read_bytes(data, None, anchors, now), None)
        names = list_lookups(first.mail) if first.mail and self.resolver else []
        if not names:
            return first
        records = self._look_up(names)
        return _load(self.read_bytes(data, records, anchors, now), records)

    def observe(self, facts: DocumentFacts, sender: Sender, now: datetime) -> list[Observation]:
        """Return what the facts of a document say beside what the register has."""
        if not facts.is_read:
            seen = [Seen(Sight.DOCUMENT_UNREADABLE, {})]
        else:
            seen = list(self._observe(facts, sender))
        return [Observation(one.sight, now, (READER,), None, one.seen, one.detail) for one in seen]

    def _observe(self, facts: DocumentFacts, sender: Sender) -> Iterator[Seen]:
        if facts.mail is not None:
            yield from observe_mail(facts.mail, sender, self.servers, facts.records)
        yield from _observe_signatures(facts, sender)

    def _look_up(self, names: Sequence[str]) -> Records:
        return {name: self._find(name) for name in names}

    def _find(self, name: str) -> str | None:
        try:
            found = self.resolver.find(name) if self.resolver else ()
        except Unavailable:
            return None
        return next((one for one in found if _is_wanted(name, one)), "")


def _is_wanted(name: str, record: str) -> bool:
    """Say whether a record is of the kind that was looked up; names may have others too."""
    is_policy = name.startswith("_dmarc.")
    return record.replace(" ", "").lower().startswith("v=dmarc1") if is_policy else True


def _load(found: dict[str, Any] | None, records: Records | None) -> DocumentFacts:
    if found is None:
        return DocumentFacts(has_document=True, is_read=False)
    mail = found["mail"]
    if mail is not None:
        mail = MailFacts(
            **{
                **mail,
                "results": [ResultFacts(**one) for one in mail["results"]],
                "dkim": [DkimFacts(**one) for one in mail["dkim"]],
            }
        )
    signatures = tuple(
        SignatureFacts(**{**one, "sights": [Sight(code) for code in one["sights"]]})
        for one in found["signatures"]
    )
    return DocumentFacts(has_document=True, mail=mail, signatures=signatures, records=records)


def _observe_signatures(facts: DocumentFacts, sender: Sender) -> Iterator[Seen]:
    """Yield what the signatures show; one within a mail does not cover what the mail says.

    That a certificate was not revoked counts for the issuer's only: no other's may stand in.
    """
    for n, one in enumerate(facts.signatures, 1):
        seen = _seen(n, one, facts.absent)
        signer = ", ".join(filter(None, (one.name, one.organisation, *one.emails))) or None
        whose = Sight.SIGNATURE_PARTIAL if facts.is_mail else _tell_whose(one, facts, sender)
        others = whose is not Sight.SIGNATURE_BY_ISSUER
        for sight in one.sights:
            if not (others and sight is Sight.SIGNATURE_NOT_REVOKED):
                yield Seen(sight, seen, signer)
        if one.is_good:
            yield Seen(whose, seen, signer)


def _tell_whose(one: SignatureFacts, facts: DocumentFacts, sender: Sender) -> Sight:
    """Return whose a good signature is; the issuer's counts if only the issuer's came over it."""
    if not (one.is_good and _is_issuer(one, sender)):
        return Sight.SIGNATURE_BY_OTHER
    if all(_is_issuer(facts.signatures[n - 1], sender) for n in one.painters):
        return Sight.SIGNATURE_BY_ISSUER
    return Sight.SIGNATURE_PAINTED


def _seen(n: int, signature: SignatureFacts, absent: Sequence[str]) -> dict[str, Json]:
    """Return what names nobody: which signature, the issuer it leads to, or which are not here."""
    proven = Sight.SIGNATURE_NOT_REVOKED in signature.sights
    seen: dict[str, Json] = {"signature": n, "not_revoked": proven}
    if signature.anchor:
        seen["anchor"] = signature.anchor
    elif absent and not UNKNOWN_ISSUER.isdisjoint(signature.sights):
        seen["absent_anchors"] = [*absent]
    return seen


def _is_issuer(signature: SignatureFacts, sender: Sender) -> bool:
    """Say whether a certificate is that of the issuing person, or the seal of the agency."""
    if sender.person_email and sender.person_email.lower() in signature.emails:
        return True
    if not sender.agency_name or _plain(signature.organisation) != _plain(sender.agency_name):
        return False
    names = {_plain(one) for one in (sender.person_name, sender.agency_name) if one}
    return _plain(signature.name) in names


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
