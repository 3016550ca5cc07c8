"""The words for what bears on a demand by law, Dutch and English."""

from __future__ import annotations

from lea_service.kernel.coded import phrases_of
from lea_service.kernel.phrases import Phrases, phrase
from lea_service.legal.authenticity.observations import WORDS

CLOCKS: Phrases = {
    "answer": ("antwoord", "answer"),
    "emergency_answer": ("antwoord in een noodgeval", "answer in an emergency"),
    "confirmation": ("bevestiging", "confirmation"),
    "validation": ("validatie", "validation"),
    "authorisation": (
        "machtiging van de rechter op schrift",
        "authorisation of the judge in writing",
    ),
    "preservation": ("bewaring", "preservation"),
    "instalment": ("volgend deel", "next instalment"),
}

STATUSES: Phrases = {
    "running": ("loopt", "running"),
    "halted": ("staat stil", "halted"),
    "met": ("gehaald", "met"),
    "over": ("verstreken", "over"),
    "no_end": ("zonder einde", "no end"),
}

WHOSE: Phrases = {
    "ours": ("aan ons", "ours"),
    "authority": ("aan de autoriteit", "of the authority"),
    "nobody": ("van niemand", "nobody's"),
}

SURENESS: Phrases = {
    "high": ("zeker", "sure"),
    "medium": ("redelijk zeker", "fairly sure"),
    "low": ("niet zeker", "not sure"),
}

IN_THE_WAY: Phrases = {
    **phrases_of(WORDS),
    "not_proven": (
        "Dat de vordering van de instantie komt, is door niets bewezen.",
        "That the demand comes from the agency is proven by nothing.",
    ),
}
"""What was seen of where a demand comes from, and what the policy may miss."""

FINDINGS: Phrases = {
    "pass": ("in orde", "right"),
    "clarify": ("vraag aan de autoriteit", "question to the authority"),
    "ask_human": ("vraag aan een mens hier", "question to a person here"),
    "defect": ("gebrek", "defect"),
}
"""What follows from a finding."""

CALL_BACKS: Phrases = {
    "confirmed": ("bevestigd", "confirmed"),
    "denied": ("ontkend", "denied"),
    "unreachable": ("niet bereikt", "not reached"),
}

ENFORCING: Phrases = {
    "confirmed": (
        "de tenuitvoerleggingsautoriteit voert geen weigeringsgrond aan",
        "the enforcing authority raises no ground",
    ),
    "not_notified": (
        "de tenuitvoerleggingsautoriteit hoefde niet in kennis te worden gesteld",
        "the enforcing authority did not have to be notified",
    ),
    "emergency": (
        "het is een noodgeval, dat op niemand wacht",
        "it is an emergency, which waits for nobody",
    ),
    "refused": (
        "de tenuitvoerleggingsautoriteit voert een weigeringsgrond aan",
        "the enforcing authority raises a ground",
    ),
}
"""What is known of the enforcing authority of a European order."""

AWAITED: Phrases = {
    "authorisation": (
        "de machtiging is mondeling gegeven en staat, voor zover wij weten, niet op tijd op "
        "schrift (`lea confirmations authorised`)",
        "the authorisation was given orally and, as far as we know, not put in writing in time "
        "(`lea confirmations authorised`)",
    ),
    "basis": (
        "de catalogus kent de grondslag van de vordering niet meer",
        "the catalogue does not know the basis of the demand any more",
    ),
    "confirmation": (
        "de mondelinge vordering werd niet op tijd schriftelijk bevestigd, en wacht daarop "
        "(`lea confirmations record`)",
        "the oral order was not confirmed in writing in time, and waits for that "
        "(`lea confirmations record`)",
    ),
    "enforcing_authority": (
        "zij wacht op de tenuitvoerleggingsautoriteit, tot het genoemde tijdstip als dat bekend "
        "is, of tot twee mensen het eens zijn over wat die zei (`lea legal enforcing`)",
        "the order waits for the enforcing authority, until the instant named where it is known, "
        "or until two of us agree on what that authority said (`lea legal enforcing`)",
    ),
    "objection": (
        "de tenuitvoerleggingsautoriteit voert een weigeringsgrond aan; dat geldt tot twee "
        "mensen het eens zijn over een ander antwoord (`lea legal enforcing`)",
        "the enforcing authority raises a ground; that stands until two of us agree on another "
        "answer (`lea legal enforcing`)",
    ),
    "question": (
        "er staat een vraag aan de autoriteit open (`lea legal questions`)",
        "a question to the authority is open (`lea legal questions`)",
    ),
    "term": (
        "de catalogus kent de termijn niet, en daarmee niet of de tenuitvoerleggingsautoriteit er "
        "nog iets over te zeggen heeft",
        "the catalogue does not know the term, nor so whether the enforcing authority has a say",
    ),
    "validation": (
        "dat de vordering is gevalideerd, is niet op tijd bewezen, en daarop wacht zij "
        "(`lea confirmations record --validated-by`)",
        "that the order was validated was not proven in time, and it waits for that "
        "(`lea confirmations record --validated-by`)",
    ),
}
"""What a package that is sealed waits for by the law of its order."""

BREACH_CAUSES: Phrases = {
    "confirmation_unpaid": (
        "de bevestiging kwam niet binnen haar termijn",
        "the confirmation did not come within its term",
    ),
    "confirmation_late": (
        "de bevestiging kwam na haar termijn",
        "the confirmation came after its term",
    ),
    "denied_after_hand_over": (
        "de instantie ontkent een vordering waarop al gegevens zijn verstrekt",
        "the agency denies a demand on which data were handed over",
    ),
}
"""Why a breach notice was opened."""

BREACHES: Phrases = {
    "breach": ("het is een inbreuk", "it is a breach"),
    "no_breach": ("het is geen inbreuk", "it is no breach"),
}
"""What somebody who oversees makes of a notice."""

LONGER: Phrases = {
    "term": ("de verlenging die de wet kent", "the extension that the law knows"),
    "production_follows": (
        "de autoriteit bevestigde dat een verstrekkingsbevel is uitgevaardigd",
        "the authority confirmed that an order to produce was issued",
    ),
}
"""By what a preservation lasts longer."""

RELEASES: Phrases = {
    "authority": (
        "de autoriteit zei dat bewaren niet meer nodig is",
        "the authority said that nothing has to be kept any more",
    ),
    "unconfirmed": (
        "de mondelinge vordering is niet op tijd bevestigd",
        "the oral order was not confirmed in time",
    ),
    "stated": (
        "de kortere termijn die de vordering zelf noemt, is voorbij",
        "the shorter term that the order itself states is over",
    ),
    "unanswered": (
        "de autoriteit heeft onze vraag niet op tijd beantwoord",
        "the authority did not answer our question in time",
    ),
    "mistaken": (
        "er werd bewaard wat de vordering niet noemt",
        "something was kept that the order does not name",
    ),
    "expired": (
        "de termijn is voorbij, ook in de ruimste lezing",
        "the term is over, by the widest reading too",
    ),
    "produced": (
        "wat werd bewaard, is op een andere vordering verstrekt",
        "what was kept was handed over on another demand",
    ),
}
"""Why data are kept no longer."""

RECOUNTS: Phrases = {
    "holidays": ("de tabel van feestdagen is veranderd", "the table of holidays changed"),
    "catalogue": ("de catalogus is veranderd", "the catalogue changed"),
    "corrected": ("de vordering is verbeterd", "the demand was corrected"),
    "case": ("er is iets gebeurd in de zaak", "something happened in the case"),
}
"""Why clocks stand otherwise than when they were counted last."""

AUDIENCES: Phrases = {
    "desk": ("het loket", "desk"),
    "overseer": ("wie toezicht houdt", "overseer"),
}
"""Who is told of a clock."""

ESCALATIONS: Phrases = {
    "unknown": ("het einde is niet bekend", "the end is not known"),
    "begun": ("de termijn is begonnen", "the term began"),
    "half_left": ("nog de helft van de termijn", "half of the term left"),
    "one_hour_left": ("nog een uur", "one hour left"),
    "two_weeks_left": ("nog twee weken", "two weeks left"),
    "three_days_left": ("nog drie dagen", "three days left"),
    "one_day_left": ("nog een dag", "one day left"),
    "two_hours_left": ("nog twee uur", "two hours left"),
    "alarm": ("alarm", "alarm"),
    "alarm_again": ("alarm, opnieuw", "alarm again"),
    "due": ("termijn verstreken", "due"),
    "late": ("te laat", "late"),
}
"""At which step somebody is told of a clock."""

BREADTHS: Phrases = {
    "one": ("een", "one"),
    "short_number": ("een kort nummer", "a short number"),
    "pattern": ("een patroon", "a pattern"),
    "range": ("een reeks", "a range"),
    "cell": ("een cel", "a cell"),
    "place": ("wie ergens was", "whoever was at a place"),
    "everybody": ("iedereen", "everybody"),
    "row": ("een reeks, elk apart genoemd", "a row, each named by itself"),
    "many": ("velen, elk apart genoemd", "many, each named by itself"),
}
"""How many a target may mean, by the look of it."""

EFFECTS: Phrases = {
    "asks": (
        "zij wacht op opheldering door de autoriteit; is dit verzonden, dan stopt onze termijn",
        "it waits until the authority has clarified; once this was sent our term stops",
    ),
    "waits": (
        "zij wacht tot de autoriteit beslist of zij het bevel handhaaft",
        "it waits until the authority decides whether it upholds the order",
    ),
    "goes_on": (
        "de autoriteit krijgt bericht, en wat kan wordt beantwoord",
        "the authority is told, and what can be answered is",
    ),
    "ends": (
        "wij hoeven niets meer te doen, tenzij de autoriteit erop terugkomt",
        "we owe nothing more unless the authority comes back",
    ),
}
"""What follows for a demand from an Annex III form."""


def say_clock(clock: str, whose: str, status: str, language: str) -> str:
    """Return which clock it is, whose, and how it stands: ``answer (ours): running``."""
    named, owed, stands = (
        phrase(table, code, language)
        for table, code in ((CLOCKS, clock), (WHOSE, whose), (STATUSES, status))
    )
    return f"{named} ({owed}): {stands}"
