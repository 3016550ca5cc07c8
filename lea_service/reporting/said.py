"""The phrases of the house that stand in refusals, beside the words of the refusals themselves."""

from __future__ import annotations

from collections.abc import Iterator

from lea_service.demands import remedies
from lea_service.demands.phrases import HOLDS, STATES
from lea_service.demands.states import NEXT
from lea_service.kernel.coded import phrases_of
from lea_service.kernel.phrases import Phrases
from lea_service.legal.authenticity.observations import WORDS
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.wording import WORDING
from lea_service.legal.wording_dutch import DUTCH


def list_said() -> Iterator[Phrases]:
    """Yield tables of phrases: where a demand stands, what holds it, what was found of it."""
    yield from (STATES, NEXT, HOLDS, remedies.CODES, remedies.ENDINGS)
    yield phrases_of(WORDS)
    grounds = load_catalogue().grounds
    yield {code: (one.text["nl"], one.text["en"]) for code, one in grounds.items()}
    yield {code: (DUTCH[code].says, word.says) for code, word in WORDING.items()}
