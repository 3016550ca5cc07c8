"""The words of Click itself ("Usage", "Missing option") in the language of the command.

Click asks gettext for them, and gettext goes by a domain, a folder and the variable LANGUAGE.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lea_service.kernel.phrases import ENGLISH, LANGUAGES
from lea_service.web.input import LANGUAGE_VARIABLE

DOMAIN, VARIABLE = "click", "LANGUAGE"
OPTION = "--language"
gettext.bindtextdomain(DOMAIN, Path(__file__).parent / "data" / "locale")
gettext.textdomain(DOMAIN)


def language_of(words: Sequence[str]) -> str:
    """Return in which language a command is asked to speak, by its words or by LEA_LANGUAGE."""
    told = os.environ.get(LANGUAGE_VARIABLE)
    for word, following in zip(words, (*words[1:], ""), strict=False):
        name, _, value = word.partition("=")
        if name == OPTION:
            told = value or following
    return told if told in LANGUAGES else ENGLISH


@contextmanager
def click_speaks(language: str) -> Iterator[None]:
    """Let Click speak a language, whatever the machine is set to; afterwards as before."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = language
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
