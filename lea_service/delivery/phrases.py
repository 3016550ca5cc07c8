"""The words for what is told to those who asked, Dutch and English."""

from __future__ import annotations

from lea_service.kernel.phrases import Phrases

STANDINGS: Phrases = {
    "in_progress": ("in behandeling", "in progress"),
    "question": ("er staat een vraag aan u open", "a question to you is open"),
    "refused": ("geweigerd", "refused"),
    "replied": ("beantwoord: er wordt niets verstrekt", "answered: nothing is handed over"),
    "withdrawn": ("ingetrokken", "withdrawn"),
    "kept": (
        "de vordering om te bewaren wordt uitgevoerd, voor zover er gegevens zijn",
        "the order to keep is carried out, as far as there are data",
    ),
    "kept_no_longer": (
        "de vordering om te bewaren wordt niet meer uitgevoerd",
        "the order to keep is no longer carried out",
    ),
    "available": ("beschikbaar", "available"),
    "continuing": (
        "een deel is beschikbaar, en er komt nog meer",
        "an instalment is available, and more is to come",
    ),
    "acknowledged": ("ontvangen", "received"),
    "closed": ("gesloten", "closed"),
}
"""Where a demand stands, for who made it."""

LETTERS: Phrases = {
    "question": ("een vraag", "a question"),
    "refusal": ("een weigering", "a refusal"),
    "narrowing": ("wat niet wordt verstrekt", "what is not handed over"),
    "annex": ("bijlage III", "Annex III"),
    "referral": ("een verwijzing", "a referral"),
    "late": ("een vertraging", "a delay"),
}
"""What a letter is about."""
