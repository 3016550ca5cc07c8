"""The steps of a reckoning in the words of a person, in Dutch and in English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from lea_service.kernel.canonical import load_strict
from lea_service.kernel.clock import HOME_ZONE
from lea_service.legal.citations import say_citation
from lea_service.legal.reckoning import Step

Language = Literal["nl", "en"]
WEEKDAYS: Mapping[Language, tuple[str, ...]] = {
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS: Mapping[Language, str] = {
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "en": "January February March April May June July August September October November December",
}
DATE_FACTS = frozenset({"day", "first", "last", "widest"})
COUNT_FACTS = frozenset({"days", "found", "hours"})
TABLES = {"why": "reasons", "rule": "rules"}
"""Facts that are codes, and where their words stand."""
INSTANT_FACTS = frozenset({"at", "end", "since", "until"})


def say_step(step: Step, language: Language) -> str:
    """Return one step as a sentence."""
    facts = {name: _say(name, value, language) for name, value in step.facts.items()}
    words = _words()["steps"][step.code]
    is_one = any(step.facts.get(name) == 1 for name in COUNT_FACTS)
    said: str = words[f"{language}_one" if is_one else language].format_map(facts)
    said = said[0].upper() + said[1:]
    return said if step.law is None else f"{said} [{say_citation(step.law, language)}]"


def say_day(day: date, language: Language) -> str:
    """Write a day out: ``Tuesday 29 December 2026``."""
    return f"{WEEKDAYS[language][day.weekday()]} {say_date(day, language)}"


def say_date(day: date, language: Language) -> str:
    """Write a date out as the head of a letter has it: ``29 December 2026``."""
    return f"{day.day} {MONTHS[language].split()[day.month - 1]} {day.year}"


def say_instant(instant: datetime, language: Language) -> str:
    """Write an instant out, exactly, as the clock on the wall says it, with its distance from UTC.

    Seconds and their parts are told where there are any: an address is somebody else's a second on.
    """
    shown = "minutes" if instant.second == instant.microsecond == 0 else "auto"
    hour = instant.time().isoformat(shown)
    return f"{say_day(instant.date(), language)} {hour} ({instant:UTC%z})"


def say_here(instant: datetime, language: Language) -> str:
    """Write an instant out as the clocks in the Netherlands show it."""
    return say_instant(instant.astimezone(HOME_ZONE), language)


def _say(name: str, value: str | int, language: Language) -> str:
    text = str(value)
    if name in DATE_FACTS:
        return say_day(date.fromisoformat(text), language)
    if name in INSTANT_FACTS:
        return say_instant(datetime.fromisoformat(text), language)
    table = TABLES.get(name)
    return text if table is None else str(_words()[table][text][language])


@cache
def _words() -> Any:
    """Read the sentences, kept as data so that who knows the law can read them without code."""
    return load_strict((files("lea_service.legal") / "data" / "reckoning-words.json").read_bytes())
