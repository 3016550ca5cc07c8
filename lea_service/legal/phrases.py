"""The words for what bears on a demand by law, Dutch and English."""

from __future__ import annotations

from lea_service.kernel.phrases import Phrases
from lea_service.legal.authenticity.observations import WORDS

CLOCKS: Phrases = {
    "answer": ("antwoord", "answer"),
    "emergency_answer": ("antwoord in een noodgeval", "answer in an emergency"),
    "confirmation": ("bevestiging", "confirmation"),
    "preservation": ("bewaring", "preservation"),
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
    **{str(sight): (words.nl, words.en) for sight, words in WORDS.items()},
    "not_proven": (
        "Dat de vordering van de instantie komt, is door niets bewezen.",
        "That the demand comes from the agency is proven by nothing.",
    ),
}
"""What was seen of where a demand comes from, and what the policy may miss."""
