"""The words in which a row of the catalogue is read out, Dutch and English."""

from __future__ import annotations

from importlib.resources import files

from lea_service.kernel.phrases import Phrases
from lea_service.legal.overlay import read_json

FILE = "catalogue-words-nl.json"
FORMAT = "lea.catalogue-words/1"

SAYINGS: Phrases = {
    "unknown": ("niet bekend: een mens beslist", "not known: a person is asked"),
    "none": ("geen", "none"),
    "nothing": ("niets", "nothing"),
    "valid_to": ("zonder einde", "no end"),
    "succeeded_by": ("er is niets in voorbereiding", "nothing is planned"),
    "route": ("er is geen andere weg nodig", "no other way is needed"),
    "notes": ("geen", "none"),
    "reviewed": ("Beoordeling", "Review"),
    "ships": ("wordt met de dienst geleverd", "ships with the service"),
    "own": (
        "van de aanbieder zelf, beoordeeld door {by} op {on}: {why}",
        "the provider's own, reviewed by {by} on {on}: {why}",
    ),
    "this_row": ("Deze regel: {says}", "This row: {says}"),
    "digest": ("Digest: {digest}", "Digest: {digest}"),
    "span": ("{start} tot en met {end}", "{start} to {end}"),
    "span_open": ("vanaf {start}, {end}", "{start} to {end}"),
    "unknown_day": ("een onbekende dag", "an unknown day"),
    "planned": ("{title}, voorzien op {day}", "{title}, planned for {day}"),
    "counted": ("geteld: {rule}", "counted: {rule}"),
    "alarm": ("alarm na {hours} uur", "alarm after {hours} hours"),
    "gives": (
        "toch te verstrekken: {categories}",
        "to be handed over all the same: {categories}",
    ),
    "longer_unknown": ("langer: {unknown}", "longer: {unknown}"),
    "longer": ("te verlengen met ten hoogste {span}, {times}", "longer by at most {span}, {times}"),
    "times_unknown": ("hoe vaak is niet bekend", "how often is not known"),
    "once": ("eenmaal", "once"),
    "times": ("{times} maal", "{times} times"),
    "wait": (
        "niet voor {span}; wanneer: {when}; eerder beëindigd door: {until}",
        "not before {span}; when: {when}; ended earlier by: {until}",
    ),
    "judge": ("door: {judge}", "by: {judge}"),
    "here": ("- in dit geval: {law}; {follows}", "- in this case: {law}; {follows}"),
    "condition": ("voorwaarde: {kind}{among}: {text}", "condition: {kind}{among}: {text}"),
    "afterwards": ("achteraf gevalideerd: {line}", "validated afterwards: {line}"),
    "given_orally": ("mondeling gegeven: {line}", "given orally: {line}"),
    "writing": ("daarna schriftelijk: {line}", "then in writing: {line}"),
    "of": (", over {codes}", ", of {codes}"),
    "remembered": (" [uit het geheugen, {confidence}]", " [from memory, {confidence}]"),
    "nothing_differs": (
        "Er verschilt niets: versie {version}, digest {digest}",
        "Nothing differs: version {version}, digest {digest}",
    ),
    "versions": ("Versie {old} -> {new}", "Version {old} -> {new}"),
    "digests": ("Digest {old}\n    -> {new}", "Digest {old}\n    -> {new}"),
    "amounts": (
        "{added} uitgaven toegevoegd, {removed} verwijderd, {changed} gewijzigd; {tables} plaatsen "
        "in de tabellen",
        "Added {added}, removed {removed}, changed {changed} editions; {tables} places in the "
        "tables",
    ),
    "added": ("TOEGEVOEGD", "ADDED"),
    "removed": ("VERWIJDERD", "REMOVED"),
    "changed": ("GEWIJZIGD", "CHANGED"),
    "tables": ("TABELLEN", "TABLES"),
    "not_there": ("staat er niet", "not there"),
}

UNITS: Phrases = {
    "hours": ("{n} uur", "{n} hours"),
    "days": ("{n} dagen", "{n} days"),
    "weeks": ("{n} weken", "{n} weeks"),
    "months": ("{n} maanden", "{n} months"),
}
ONE: Phrases = {
    "hours": ("1 uur", "1 hour"),
    "days": ("1 dag", "1 day"),
    "weeks": ("1 week", "1 week"),
    "months": ("1 maand", "1 month"),
}


def _load_translation() -> Phrases:
    found = read_json(files("lea_service.legal") / "data" / FILE, FORMAT)
    return {one["en"]: (one["nl"], one["en"]) for one in found["words"]}


TRANSLATION: Phrases = _load_translation()
"""By what the catalogue says in English the same in both; a provider's own words stay theirs."""
