"""What is odd about an order as a document: codes, what each means in Dutch and in English."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from lea_service.kernel.coded import Words


class Observation(StrEnum):
    """Something seen while the text of an order was read; the order itself stays as it is."""

    UNKNOWN_FORMAT = "unknown_format"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    ENCRYPTED = "encrypted"
    RESTRICTED = "restricted"
    SCRIPTED = "scripted"
    LAUNCHES = "launches"
    OPENS_BY_ITSELF = "opens_by_itself"
    DYNAMIC_FORM = "dynamic_form"
    FORM_FIELDS = "form_fields"
    ATTACHMENTS = "attachments"
    NESTED_MAIL = "nested_mail"
    ALTERNATIVES_DIFFER = "alternatives_differ"
    HIDDEN_TEXT = "hidden_text"
    INVISIBLE_CHARACTERS = "invisible_characters"
    NO_TEXT = "no_text"
    PAGE_WITHOUT_TEXT = "page_without_text"
    PAGE_UNREADABLE = "page_unreadable"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MUCH_TEXT = "too_much_text"
    TOO_COMPLEX = "too_complex"
    BOMB = "bomb"
    OUT_OF_TIME = "out_of_time"
    OUT_OF_MEMORY = "out_of_memory"
    READER_FAILED = "reader_failed"
    HEADERS_REPEATED = "headers_repeated"
    HEADERS_DEFECTIVE = "headers_defective"
    FROM_DEFECTIVE = "from_defective"
    SENDER_DEFECTIVE = "sender_defective"
    REPLY_TO_DEFECTIVE = "reply_to_defective"
    DATE_DEFECTIVE = "date_defective"
    SUBJECT_DEFECTIVE = "subject_defective"
    MESSAGE_ID_DEFECTIVE = "message_id_defective"
    TO_DEFECTIVE = "to_defective"
    SENDER_DISGUISED = "sender_disguised"


HARMLESS = frozenset({Observation.RESTRICTED})
"""What takes nothing away from the text that was read."""

WORDS: Mapping[Observation, Words] = {
    Observation.UNKNOWN_FORMAT: Words(
        "Het document is geen PDF en geen e-mail.", "The document is neither a PDF nor a mail."
    ),
    Observation.DAMAGED: Words(
        "Het document is beschadigd en kon niet worden gelezen.",
        "The document is damaged and could not be read.",
    ),
    Observation.TRUNCATED: Words(
        "Het document is afgebroken: het einde ontbreekt.",
        "The document is cut off: its end is missing.",
    ),
    Observation.ENCRYPTED: Words(
        "Het document is met een wachtwoord versleuteld.",
        "The document is encrypted with a password.",
    ),
    Observation.RESTRICTED: Words(
        "Het document beperkt wat een lezer ermee mag doen, maar is leesbaar.",
        "The document restricts what a reader may do with it, but is readable.",
    ),
    Observation.SCRIPTED: Words(
        "Het document bevat JavaScript. Een vordering heeft dat niet nodig.",
        "The document contains JavaScript. An order has no need of it.",
    ),
    Observation.LAUNCHES: Words(
        "Het document kan een programma starten of gegevens verzenden.",
        "The document can start a program or send data.",
    ),
    Observation.OPENS_BY_ITSELF: Words(
        "Het document voert iets uit zodra het wordt geopend.",
        "The document does something as soon as it is opened.",
    ),
    Observation.DYNAMIC_FORM: Words(
        "Het document is een dynamisch formulier (XFA); de inhoud daarvan is niet gelezen.",
        "The document is a dynamic form (XFA), the contents of which were not read.",
    ),
    Observation.FORM_FIELDS: Words(
        "Het document heeft ingevulde velden of aantekeningen; getoond kan iets anders zijn.",
        "The document has filled in fields or notes; what is shown may be something else.",
    ),
    Observation.ATTACHMENTS: Words(
        "Het document heeft bijlagen die niet zijn gelezen.",
        "The document has attachments that were not read.",
    ),
    Observation.NESTED_MAIL: Words(
        "In de e-mail zit een andere e-mail, die niet is gelezen.",
        "Within the mail is another mail, which was not read.",
    ),
    Observation.ALTERNATIVES_DIFFER: Words(
        "De e-mail staat er als platte tekst en opgemaakt, met verschillende cijfers.",
        "The mail is there in plain text and laid out, with different digits.",
    ),
    Observation.HIDDEN_TEXT: Words(
        "Het document bevat tekst die niet wordt getoond; die kan van het beeld afwijken.",
        "The document contains text that is not shown; it may differ from the picture.",
    ),
    Observation.INVISIBLE_CHARACTERS: Words(
        "In de tekst staan onzichtbare tekens; die zijn weggelaten.",
        "There are invisible characters in the text; they were left out.",
    ),
    Observation.NO_TEXT: Words(
        "Het document bevat geen tekst, waarschijnlijk is het een scan.",
        "The document contains no text, it is probably a scan.",
    ),
    Observation.PAGE_WITHOUT_TEXT: Words(
        "Ten minste één pagina is alleen een afbeelding.",
        "At least one page is a picture only.",
    ),
    Observation.PAGE_UNREADABLE: Words(
        "Ten minste één pagina kon niet worden gelezen.",
        "At least one page could not be read.",
    ),
    Observation.TOO_MANY_PAGES: Words(
        "Het document heeft te veel pagina's; alleen de eerste zijn gelezen.",
        "The document has too many pages; only the first were read.",
    ),
    Observation.TOO_MUCH_TEXT: Words(
        "Het document bevat te veel tekst; alleen het begin is gelezen.",
        "The document contains too much text; only its beginning was read.",
    ),
    Observation.TOO_COMPLEX: Words(
        "Het document is te ingewikkeld om geheel te lezen.",
        "The document is too complex to be read whole.",
    ),
    Observation.BOMB: Words(
        "Het document is klein verpakt en uitgepakt te groot om te lezen.",
        "The document is packed small, and too large to read when unpacked.",
    ),
    Observation.OUT_OF_TIME: Words(
        "Het lezen van het document duurde te lang en is gestopt.",
        "Reading the document took too long and was stopped.",
    ),
    Observation.OUT_OF_MEMORY: Words(
        "Het lezen van het document vroeg te veel geheugen en is gestopt.",
        "Reading the document took too much memory and was stopped.",
    ),
    Observation.READER_FAILED: Words(
        "Het lezen van het document is mislukt.", "Reading the document failed."
    ),
    Observation.HEADERS_REPEATED: Words(
        "Een kopregel die één keer hoort voor te komen, staat er vaker (afzender, datum).",
        "A header that belongs there once stands there more often (sender, date).",
    ),
    Observation.HEADERS_DEFECTIVE: Words(
        "Andere kopregels van de e-mail dan de genoemde zijn onjuist van vorm.",
        "Headers of the mail other than those named are not of the right form.",
    ),
    Observation.FROM_DEFECTIVE: Words(
        "De kopregel From van de e-mail is onjuist van vorm.",
        "The header From of the mail is not of the right form.",
    ),
    Observation.SENDER_DEFECTIVE: Words(
        "De kopregel Sender van de e-mail is onjuist van vorm.",
        "The header Sender of the mail is not of the right form.",
    ),
    Observation.REPLY_TO_DEFECTIVE: Words(
        "De kopregel Reply-To van de e-mail is onjuist van vorm.",
        "The header Reply-To of the mail is not of the right form.",
    ),
    Observation.DATE_DEFECTIVE: Words(
        "De kopregel Date van de e-mail is onjuist van vorm.",
        "The header Date of the mail is not of the right form.",
    ),
    Observation.SUBJECT_DEFECTIVE: Words(
        "De kopregel Subject van de e-mail is onjuist van vorm.",
        "The header Subject of the mail is not of the right form.",
    ),
    Observation.MESSAGE_ID_DEFECTIVE: Words(
        "De kopregel Message-ID van de e-mail is onjuist van vorm.",
        "The header Message-ID of the mail is not of the right form.",
    ),
    Observation.TO_DEFECTIVE: Words(
        "De kopregel To van de e-mail is onjuist van vorm.",
        "The header To of the mail is not of the right form.",
    ),
    Observation.SENDER_DISGUISED: Words(
        "De naam van de afzender bevat een ander adres dan dat van de afzender.",
        "The name of the sender holds another address than that of the sender.",
    ),
}


def say(code: str) -> Words:
    """Return what an observation means."""
    return WORDS[Observation(code)]
