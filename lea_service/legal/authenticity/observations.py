"""What was seen of where a demand comes from: codes, never a score; in Dutch and in English."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lea_service.kernel.canonical import Json
from lea_service.kernel.coded import Words


class Sight(StrEnum):
    """One thing that can be seen. What none of them says was not seen."""

    AGENCY_KNOWN = "agency_known"
    AGENCY_UNKNOWN = "agency_unknown"
    AGENCY_SUSPENDED = "agency_suspended"
    PERSON_KNOWN = "person_known"
    PERSON_UNKNOWN = "person_unknown"
    PERSON_SUSPENDED = "person_suspended"
    PERSON_OF_OTHER_AGENCY = "person_of_other_agency"
    CALL_BACK_NONE = "call_back_none"
    CALL_BACK_CONFIRMED = "call_back_confirmed"
    CALL_BACK_OUTDATED = "call_back_outdated"
    CALL_BACK_DENIED = "call_back_denied"
    CALL_BACK_UNREACHABLE = "call_back_unreachable"
    DOCUMENT_UNREADABLE = "document_unreadable"
    MAIL_HEADERS_FORGED = "mail_headers_forged"
    MAIL_RESULTS_FORGED = "mail_results_forged"
    MAIL_RESULTS_FOREIGN = "mail_results_foreign"
    MAIL_DKIM_NONE = "mail_dkim_none"
    MAIL_DKIM_PASSED = "mail_dkim_passed"
    MAIL_DKIM_OTHER = "mail_dkim_other"
    MAIL_DKIM_FAILED = "mail_dkim_failed"
    MAIL_DKIM_UNKNOWN = "mail_dkim_unknown"
    MAIL_SPF_PASSED = "mail_spf_passed"
    MAIL_SPF_FAILED = "mail_spf_failed"
    MAIL_SPF_UNKNOWN = "mail_spf_unknown"
    MAIL_DMARC_PASSED = "mail_dmarc_passed"
    MAIL_DMARC_FAILED = "mail_dmarc_failed"
    MAIL_DMARC_NONE = "mail_dmarc_none"
    MAIL_DMARC_UNKNOWN = "mail_dmarc_unknown"
    MAIL_DOMAIN_KNOWN = "mail_domain_known"
    MAIL_DOMAIN_UNKNOWN = "mail_domain_unknown"
    MAIL_LOOK_ALIKE = "mail_look_alike"
    MAIL_REPLY_ELSEWHERE = "mail_reply_elsewhere"
    MAIL_RETURN_ELSEWHERE = "mail_return_elsewhere"
    MAIL_NESTED = "mail_nested"
    SIGNATURE_NONE = "signature_none"
    SIGNATURE_UNREADABLE = "signature_unreadable"
    SIGNATURE_BROKEN = "signature_broken"
    SIGNATURE_CHANGED = "signature_changed"
    SIGNATURE_PAINTED = "signature_painted"
    SIGNATURE_PARTIAL = "signature_partial"
    SIGNATURE_NO_ANCHOR = "signature_no_anchor"
    SIGNATURE_UNTRUSTED = "signature_untrusted"
    SIGNATURE_REVOKED = "signature_revoked"
    SIGNATURE_REVOCATION_UNKNOWN = "signature_revocation_unknown"
    SIGNATURE_NOT_REVOKED = "signature_not_revoked"
    SIGNATURE_BY_ISSUER = "signature_by_issuer"
    SIGNATURE_BY_OTHER = "signature_by_other"


SYSTEM = "sys:"
"""Begins what a part of the service is called where it is who saw something."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was seen, when, by whom, and on what evidence.

    ``seen`` holds codes, counts and ids; ``detail`` may name somebody and rests sealed. ``by`` is
    who vouches for it: people of ours, or the reader of the document.
    """

    sight: Sight
    at: datetime
    by: tuple[str, ...]
    evidence: str | None = None
    seen: Mapping[str, Json] = field(default_factory=dict)
    detail: str | None = None


def sights_of(observations: Collection[Observation]) -> frozenset[Sight]:
    """Return the codes of observations."""
    return frozenset(one.sight for one in observations)


WORDS: Mapping[Sight, Words] = {
    Sight.AGENCY_KNOWN: Words(
        "De instantie staat in het register en is niet geschorst.",
        "The agency is in the register and not suspended.",
    ),
    Sight.AGENCY_UNKNOWN: Words(
        "De instantie staat niet in het register.", "The agency is not in the register."
    ),
    Sight.AGENCY_SUSPENDED: Words("De instantie is geschorst.", "The agency is suspended."),
    Sight.PERSON_KNOWN: Words(
        "De uitvaardigende persoon staat bij deze instantie in het register en is niet geschorst.",
        "The issuing person is in the register, of this agency, and not suspended.",
    ),
    Sight.PERSON_UNKNOWN: Words(
        "De uitvaardigende persoon staat niet in het register.",
        "The issuing person is not in the register.",
    ),
    Sight.PERSON_SUSPENDED: Words(
        "De uitvaardigende persoon is geschorst.", "The issuing person is suspended."
    ),
    Sight.PERSON_OF_OTHER_AGENCY: Words(
        "De uitvaardigende persoon hoort bij een andere instantie.",
        "The issuing person belongs to another agency.",
    ),
    Sight.CALL_BACK_NONE: Words(
        "De instantie is nog niet teruggebeld.", "The agency was not called back yet."
    ),
    Sight.CALL_BACK_CONFIRMED: Words(
        "De instantie bevestigde deze vordering op een nummer uit het register.",
        "The agency confirmed this demand on a number of the register.",
    ),
    Sight.CALL_BACK_OUTDATED: Words(
        "De bevestiging geldt niet meer: de vordering of het nummer in het register is daarna "
        "veranderd.",
        "The confirmation counts no longer: the demand, or the number in the register, was "
        "changed since.",
    ),
    Sight.CALL_BACK_DENIED: Words(
        "De instantie zei desgevraagd dat deze vordering niet van haar is.",
        "When it was called, the agency said that this demand is not its own.",
    ),
    Sight.CALL_BACK_UNREACHABLE: Words(
        "Op het nummer uit het register was niemand te bereiken.",
        "Nobody could be reached on the number of the register.",
    ),
    Sight.DOCUMENT_UNREADABLE: Words(
        "Het document kon niet op echtheid worden onderzocht.",
        "The document could not be looked at for its authenticity.",
    ),
    Sight.MAIL_HEADERS_FORGED: Words(
        "Een kopregel die één keer hoort voor te komen (afzender, onderwerp) staat er vaker, "
        "ontbreekt, of noemt een menigte adressen; of een kopregel is te lang om te lezen.",
        "A header that belongs there once (sender, subject) stands there more often, or not, or "
        "names a crowd of addresses; or a header is too long to be read.",
    ),
    Sight.MAIL_RESULTS_FORGED: Words(
        "Onder de kopregels van de afzender staat een uitslag op naam van onze eigen mailserver.",
        "Among the sender's headers stands a result in the name of our own mail server.",
    ),
    Sight.MAIL_RESULTS_FOREIGN: Words(
        "De e-mail draagt uitslagen van andere mailservers; die tellen niet.",
        "The mail carries results of other mail servers; they do not count.",
    ),
    Sight.MAIL_DKIM_NONE: Words("De e-mail heeft geen DKIM.", "The mail has no DKIM."),
    Sight.MAIL_DKIM_PASSED: Words(
        "DKIM klopt, voor het domein van de afzender. Dat bewijst de postbus, niet de persoon.",
        "DKIM verifies, for the domain of the sender. It proves the mailbox, not the person.",
    ),
    Sight.MAIL_DKIM_OTHER: Words(
        "DKIM klopt, maar voor een ander domein dan dat van de afzender.",
        "DKIM verifies, but for another domain than that of the sender.",
    ),
    Sight.MAIL_DKIM_FAILED: Words(
        "DKIM klopt niet: de e-mail is veranderd of niet van dit domein.",
        "DKIM does not verify: the mail was changed, or is not of this domain.",
    ),
    Sight.MAIL_DKIM_UNKNOWN: Words(
        "DKIM is niet nagegaan: de sleutel is niet opgezocht of was niet te krijgen.",
        "DKIM was not verified: the key was not looked up, or could not be had.",
    ),
    Sight.MAIL_SPF_PASSED: Words(
        "SPF klopte volgens onze mailserver.", "SPF passed, as our mail server says."
    ),
    Sight.MAIL_SPF_FAILED: Words(
        "SPF klopte niet volgens onze mailserver.", "SPF failed, as our mail server says."
    ),
    Sight.MAIL_SPF_UNKNOWN: Words(
        "SPF is niet na te gaan: onze mailserver noteerde er niets over.",
        "SPF cannot be told: our mail server noted nothing about it.",
    ),
    Sight.MAIL_DMARC_PASSED: Words(
        "DMARC klopt voor het domein van de afzender.",
        "DMARC passes for the domain of the sender.",
    ),
    Sight.MAIL_DMARC_FAILED: Words(
        "DMARC klopt niet voor het domein van de afzender.",
        "DMARC fails for the domain of the sender.",
    ),
    Sight.MAIL_DMARC_NONE: Words(
        "Het domein van de afzender heeft geen DMARC.", "The domain of the sender has no DMARC."
    ),
    Sight.MAIL_DMARC_UNKNOWN: Words("DMARC is niet nagegaan.", "DMARC was not verified."),
    Sight.MAIL_DOMAIN_KNOWN: Words(
        "Het domein van de afzender is dat van de instantie in het register.",
        "The domain of the sender is that of the agency in the register.",
    ),
    Sight.MAIL_DOMAIN_UNKNOWN: Words(
        "Het domein van de afzender staat niet bij deze instantie in het register.",
        "The register does not have the domain of the sender for this agency.",
    ),
    Sight.MAIL_LOOK_ALIKE: Words(
        "Het domein van de afzender lijkt op dat van een instantie en is het niet.",
        "The domain of the sender looks like that of an agency, and is not.",
    ),
    Sight.MAIL_REPLY_ELSEWHERE: Words(
        "Antwoorden gaan naar een ander domein dan dat van de afzender.",
        "Replies go to another domain than that of the sender.",
    ),
    Sight.MAIL_RETURN_ELSEWHERE: Words(
        "De e-mail is verstuurd uit een ander domein dan dat van de afzender.",
        "The mail was sent from another domain than that of the sender.",
    ),
    Sight.MAIL_NESTED: Words(
        "In de e-mail zit een andere e-mail; die is niet onderzocht.",
        "Within the mail is another mail, which was not looked at.",
    ),
    Sight.SIGNATURE_NONE: Words(
        "Het document is niet elektronisch ondertekend.",
        "The document is not signed electronically.",
    ),
    Sight.SIGNATURE_UNREADABLE: Words(
        "Of het document ondertekend is, kon niet worden nagegaan.",
        "Whether the document is signed could not be found out.",
    ),
    Sight.SIGNATURE_BROKEN: Words("De handtekening klopt niet.", "The signature does not verify."),
    Sight.SIGNATURE_CHANGED: Words(
        "Het document is na het ondertekenen veranderd.",
        "The document was changed after it was signed.",
    ),
    Sight.SIGNATURE_PAINTED: Words(
        "Na deze handtekening zette een ander, met een eigen handtekeningveld, iets zichtbaars op "
        "een bladzijde: wat u leest hoeft niet te zijn wat is ondertekend.",
        "After this signature somebody else put something visible on a page, with a signature "
        "field of their own: what you read need not be what was signed.",
    ),
    Sight.SIGNATURE_PARTIAL: Words(
        "De handtekening dekt niet het hele bestand.",
        "The signature does not cover the whole file.",
    ),
    Sight.SIGNATURE_NO_ANCHOR: Words(
        "Wie ondertekende is niet na te gaan: er is hier van geen enkele uitgever waarover twee "
        "personen besloten een certificaat.",
        "Who signed cannot be told: there is no certificate here of an issuer that two people "
        "decided on.",
    ),
    Sight.SIGNATURE_UNTRUSTED: Words(
        "Het certificaat leidt niet naar een uitgever waarover twee personen besloten, of is niet "
        "(meer) geldig.",
        "The certificate does not lead to an issuer that two people decided on, or is not valid "
        "(any more).",
    ),
    Sight.SIGNATURE_REVOKED: Words(
        "Het certificaat van de ondertekenaar is ingetrokken.",
        "The certificate of the signer was revoked.",
    ),
    Sight.SIGNATURE_REVOCATION_UNKNOWN: Words(
        "Het document bevat geen bewijs dat het certificaat niet was ingetrokken.",
        "The document holds no proof that the certificate was not revoked.",
    ),
    Sight.SIGNATURE_NOT_REVOKED: Words(
        "Het document bevat het bewijs dat het certificaat niet was ingetrokken.",
        "The document holds the proof that the certificate was not revoked.",
    ),
    Sight.SIGNATURE_BY_ISSUER: Words(
        "De handtekening is geldig, dekt het hele bestand en is van de uitvaardigende persoon of "
        "de instantie.",
        "The signature is valid, covers the whole file, and is the issuing person's or the "
        "agency's.",
    ),
    Sight.SIGNATURE_BY_OTHER: Words(
        "De handtekening is geldig, maar van een ander dan de uitvaardigende persoon of instantie.",
        "The signature is valid, but of another than the issuing person or the agency.",
    ),
}
