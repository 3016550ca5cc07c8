"""The words for what the register of processing systems says, Dutch and English."""

from __future__ import annotations

from lea_service.kernel.phrases import Phrases

GROUNDS: Phrases = {
    "consent": ("toestemming", "consent"),
    "contract": ("uitvoering van een overeenkomst", "performance of a contract"),
    "legal_obligation": ("wettelijke verplichting", "legal obligation"),
    "vital_interests": ("vitale belangen", "vital interests"),
    "public_task": ("taak van algemeen belang", "task in the public interest"),
    "legitimate_interests": ("gerechtvaardigd belang", "legitimate interests"),
    "not_stated": ("niet vermeld", "not stated"),
}

SPANS: Phrases = {
    "fixed": ("vaste termijn", "fixed term"),
    "indefinite": ("onbepaalde tijd", "indefinite"),
    "not_stated": ("niet vermeld", "not stated"),
}

ENDINGS: Phrases = {
    "destroy": ("vernietigen", "destroy"),
    "anonymise": ("anoniem maken", "make anonymous"),
    "not_stated": ("niet vermeld", "not stated"),
}

OBJECTIONS: Phrases = {
    "indefinite": (
        "Persoonsgegevens worden niet langer bewaard dan nodig; onbepaalde tijd is geen termijn.",
        "Personal data are kept no longer than is necessary; indefinite is no term.",
    ),
    "term_not_stated": (
        "Er staat niet hoe lang deze gegevens bewaard worden.",
        "How long these data are kept is not stated.",
    ),
    "ending_not_stated": (
        "Er staat niet wat er na de termijn met deze gegevens gebeurt.",
        "What becomes of these data after their term is not stated.",
    ),
    "ground_not_stated": (
        "Er staat niet op welke grond deze gegevens verwerkt worden.",
        "On which legal ground these data are processed is not stated.",
    ),
    "obligation_without_article": (
        "Een wettelijke verplichting staat in een artikel; hier is er geen genoemd.",
        "A legal obligation stands in an article; none is named here.",
    ),
    "consent_without_evidence": (
        "Toestemming moet aangetoond kunnen worden; waarmee, staat er niet.",
        "Consent has to be demonstrated; by what is not stated.",
    ),
    "purpose_not_stated": (
        "Er staat niet waarvoor deze gegevens verwerkt worden.",
        "What these data are processed for is not stated.",
    ),
    "owner_not_stated": (
        "Er staat niet wie binnen het bedrijf over dit systeem gaat.",
        "Who in the company answers for this system is not stated.",
    ),
    "processor_term_not_stated": (
        "Er staat niet hoe lang de verwerker de gegevens houdt.",
        "How long the processor keeps the data is not stated.",
    ),
    "no_rule": (
        "Voor de records van deze bron is geen bewaarregel van kracht: er wordt niets verwijderd.",
        "No retention rule is in force for the records of this source: nothing is purged.",
    ),
    "other_rule": (
        "De bewaarregel van deze bron heeft een andere termijn of een ander einde dan hier staat.",
        "The retention rule of this source has another term or ending than is stated here.",
    ),
    "review_due": (
        "Dit is langer dan een jaar niet nagekeken.",
        "This was not reviewed for a year or longer.",
    ),
}

UNITS: Phrases = {"months": ("maanden", "months"), "days": ("dagen", "days")}

NAMES: Phrases = {
    "code": ("vermelding", "entry"),
    "system": ("systeem", "system"),
    "source": ("bron", "source"),
    "purpose": ("doel", "purpose"),
    "ground": ("grondslag", "ground"),
    "owner": ("gaat erover", "answers for it"),
    "consent_evidence": ("toestemming blijkt uit", "consent is shown by"),
    "stated_in": ("staat in", "stated in"),
    "reviewed_on": ("nagekeken / weer voor", "reviewed / again by"),
    "what": ("gegevens of verwerker", "data or processor"),
    "kept": ("bewaard", "kept"),
    "ending": ("daarna", "then"),
    "objections": ("Een lezer zou opmerken:", "A reader would object:"),
}
