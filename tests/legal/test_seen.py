"""What was seen is said in words of the language: no code that a list explains, nothing of Python."""

import json
import re
from pathlib import Path

import pytest

from lea_service.kernel.phrases import VALUES
from lea_service.legal.authenticity.cli import describe
from lea_service.legal.breadth import Breadth
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.order_comparison import MORE_THAN_KEPT, NO_DOCUMENT
from lea_service.legal.phrases import BREADTHS
from lea_service.legal.seen import LISTS, NAMES, SAYINGS, TABLES, say_seen
from tests.legal.cases import basis_of

SAID = Path(__file__).parent / "decision_table" / "said.jsonl"
FOUND = [row["seen"] for row in map(json.loads, SAID.read_text().splitlines()) if row.get("seen")]


def test_each_word_is_there_in_both_languages():
    tables = (NAMES, VALUES, SAYINGS, BREADTHS, *LISTS.values())
    assert all(nl and en for table in tables for nl, en in table.values())
    assert set(BREADTHS) == set(map(str, Breadth))
    assert {NO_DOCUMENT, MORE_THAN_KEPT} <= set(LISTS["observations"])
    assert set(TABLES.values()) <= set(load_catalogue().codes)
    assert set(LISTS) | set(TABLES) <= set(NAMES)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_whatever_the_decision_table_sees_has_words(language):
    named = {name for seen in FOUND for name in seen} - {"nl", "en"}
    assert named <= set(NAMES)
    lines = [say_seen({**seen, "belongs_to": None}, language) for seen in FOUND]
    odd = re.compile(r"\b(None|True|False)\b|\[|[a-z]+_[a-z_]+")
    ids = re.compile(r"\bc_\d+")
    assert [line for line in lines if odd.search(ids.sub("", line))] == []


def test_what_was_seen_reads_as_a_sentence_would():
    assert say_seen({"unread": ["target_person_or_number"]}, "nl") == (
        "niet aangevinkt: De persoon of het nummer"
    )
    assert say_seen({"retype": 1, "stated": 2}, "en") == "to be typed again: 1; in the document: 2"
    proofs = say_seen({"one_of": ["call_back_confirmed", "agency_known + person_known"]}, "en")
    assert "The agency is in the register and not suspended and The issuing person" in proofs
    assert say_seen({"is_suspect": None}, "nl") == "gericht aan de verdachte: niet bekend"
    assert say_seen({"places": ["page 1 line 2"]}, "nl") == "plaats: bladzijde 1 regel 2"
    assert say_seen({"nl": "Ja.", "en": "Yes."}, "nl") == ""
    typed = say_seen({"offence": "diefstal + braak, urgent"}, "nl")
    assert typed == "het feit volgens de vordering: diefstal + braak, urgent"
    dutch = say_seen({"threshold": basis_of("NL-SV-126n").threshold}, "nl")
    assert dutch.startswith("het feit dat nodig is: Verdenking van een")
    assert say_seen({"role": "unknown", "odd": "x"}, "en") == "role: unknown; odd: x"


def test_authenticity_says_what_was_seen_in_words():
    seen = {"by_our_server": [], "not_revoked": False}
    one = {"code": "x", "nl": "X.", "en": "X.", "at": "A", "evidence": None, "detail": None}
    number = {"id": "cn_1", "approved_by": "s_2", "subject": "a_1", "value": "+31201234567"}
    when = {"found_by_way": "their site", "recorded_at": None}
    found = {
        "demand": "c_1",
        "is_allowed": True,
        "held_by": [],
        "lacks": [{"code": "not_proven", "nl": "Nog niets.", "en": "Nothing yet."}],
        "policy": {"version": 1},
        "observations": [
            {**one, "seen": seen, "by": ["sys:reader"]},
            {**one, "seen": {}, "by": ["s_1", "s_2", "ap_1"]},
        ],
        "contacts": [number | when],
        "struck": [],
        "call_backs": [],
    }
    dutch, english = (describe(found, one, {"s_2": "Anna de Wit"}) for one in ("nl", "en"))
    assert "onze mailserver zegt: niets; bewezen niet ingetrokken: nee\n" in dutch
    assert "our mail server says: nothing; proven not to be revoked: no\n" in english
    assert "\n    not_proven: Nog niets.\n" in dutch
    assert "A door de dienst\n" in dutch
    assert "A by s_1, Anna de Wit, ap_1\n" in english
    assert "their site    Anna de Wit" in english
