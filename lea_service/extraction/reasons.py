"""What a decision on a plan states: what was looked at, or why the plan goes back."""

from __future__ import annotations

from lea_service.kernel.coded import Coded
from lea_service.staff.reasons import ANOTHER, Reasons

PLAN_REASONS = Reasons(
    looked_at=(
        Coded("requester", "Wie vordert, en hoe wij dat weten.", "Who asks, and how we know."),
        Coded(
            "ground",
            "De grondslag met zijn artikel, en wat de juridische toets vond.",
            "The legal basis with its article, and what the legal check found.",
        ),
        Coded(
            "scope",
            "Wat het plan verstrekt, naast wat is gevorderd: over wie, periode, categorieën.",
            "What the plan hands over, beside what was demanded: targets, period, categories.",
        ),
        Coded(
            "receivers",
            "Wie het ontvangt, en met welke sleutel.",
            "Who receives it, and under which key.",
        ),
        Coded("preview", "De aantallen van de proeftelling.", "The counts of the preview."),
    ),
    declined=(
        Coded(
            "scope",
            "Het plan verstrekt meer of minder dan is gevorderd.",
            "The plan hands over more or less than was demanded.",
        ),
        Coded(
            "target",
            "Het gaat over iets of iemand anders dan is gevorderd.",
            "It is about another target than was demanded.",
        ),
        Coded("period", "De periode klopt niet.", "The period is not right."),
        Coded("category", "De categorieën kloppen niet.", "The categories are not right."),
        Coded("ground", "De grondslag draagt dit niet.", "The legal basis does not bear this out."),
        Coded("receiver", "Ontvanger of sleutel klopt niet.", "Receiver or key is not right."),
        Coded("requester", "Er is twijfel over wie vordert.", "There is doubt about who asks."),
        ANOTHER,
    ),
    is_told=True,
)
REOPENING = (
    Coded(
        "held_after_all",
        "Wat er volgens ons niet was, is er wel: een bron is ervoor aangemeld.",
        "What we said was not held is: a source was declared for it.",
    ),
    Coded(
        "corrected",
        "De autoriteit heeft haar vordering verbeterd, of noemt andere ontvangers.",
        "The authority corrected its demand, or names other receivers.",
    ),
    Coded(
        "less_or_more",
        "Er moet iets anders worden verstrekt dan is besloten.",
        "Something else has to be given than was decided.",
    ),
    Coded(
        "review_mistaken",
        "De toets klopte niet, of een feit waarop zij rust is veranderd.",
        "The review was wrong, or a fact on which it rests changed.",
    ),
)
"""Why a demand whose work halted is reviewed anew."""
STOPPING = (
    Coded(
        "question",
        "De autoriteit moet eerst iets worden gevraagd of meegedeeld.",
        "The authority has to be asked or told something first.",
    ),
    Coded(
        "doubt",
        "Er is twijfel over wie vordert, of over wat er klaarligt.",
        "There is doubt about who asks, or about what is ready.",
    ),
    Coded(
        "authority_waits",
        "De autoriteit vroeg om te wachten.",
        "The authority asked to wait.",
    ),
)
"""Why one person holds back what is ready to leave."""
