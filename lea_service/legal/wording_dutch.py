"""The words of each finding in Dutch; those in English stand beside its outcome in ``wording``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from lea_service.legal.authenticity.wording import AUTHENTICITY_DUTCH
from lea_service.legal.overlay import read_json
from lea_service.legal.word import Said

FILE = "finding-words-nl.json"
FORMAT = "lea.finding-words/1"


def load_words() -> dict[str, Said]:
    """Return what the file of words has for each code."""
    found = read_json(files("lea_service.legal") / "data" / FILE, FORMAT)
    return {code: Said(**words) for code, words in found["words"].items()}


DUTCH: Mapping[str, Said] = {**AUTHENTICITY_DUTCH, **load_words()}
