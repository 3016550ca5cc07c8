"""A lawyer reads a row and a difference in words: every code explained, nothing left out."""

import json

import pytest

from lea_service.legal.catalogue import load_catalogue, open_catalogue
from lea_service.legal.comparison import compare, describe_difference, show_edition
from lea_service.legal.reading import UNKNOWN, Words, describe_edition
from tests.legal.cases import DATA, basis_of
from tests.legal.test_catalogue import copy_data, spoil
from tests.legal.test_overlay import REVIEW, ROW, lay, own

CATALOGUE = load_catalogue()
SCHEMA = json.loads((DATA / "legal-basis-1.json").read_bytes())
WORDS = Words(CATALOGUE.codes, CATALOGUE.sources)
BASES = pytest.mark.parametrize("basis", CATALOGUE.bases, ids=lambda basis: basis.id)
PARTS = SCHEMA["$defs"]
JUDICIAL = PARTS["judicial"]["properties"]
ENUMS = {
    "jurisdictions": SCHEMA["properties"]["jurisdiction"],
    "instruments": SCHEMA["properties"]["instrument"]["anyOf"][1],
    "statuses": SCHEMA["properties"]["status"]["anyOf"][1],
    "sureness": PARTS["confidence"],
    "needs": JUDICIAL["need"],
    "rests_on": JUDICIAL["rests_on"]["anyOf"][1]["items"],
    "if_missing": JUDICIAL["if_missing"],
    "conditions": PARTS["condition"]["properties"]["kind"],
    "afterwards": PARTS["afterwards"]["properties"]["when"],
}
RULES = [PARTS[one]["properties"]["rule"] for one in ("term", "look_back", "look_forward")]


def test_every_field_and_choice_has_words():
    assert list(CATALOGUE.codes["fields"]) == list(SCHEMA["properties"])[1:]
    for table, schema in ENUMS.items():
        assert set(CATALOGUE.codes[table]) == set(schema["enum"]) - {None}, table
    assert set(CATALOGUE.codes["rules"]) == {rule for schema in RULES for rule in schema["enum"]}


def read(basis):
    return describe_edition(show_edition(CATALOGUE, basis), WORDS)


@BASES
def test_every_row_reads_in_words(basis):
    text, row = read(basis), CATALOGUE.get_row(basis)
    for wanted in (*row["title"].values(), basis.citation, basis.digest, *basis.sources):
        assert wanted in text
    assert text.count(UNKNOWN) >= len(basis.unknown) - (basis.valid_from is None)
    for field, one in row["memory"].items():
        assert f"{WORDS.label(field)} ({field})" in text
        assert (one["note"] or "") in text
    assert not any(sign in text for sign in ("{", "}", "[]"))
    assert "None" not in {line.strip() for line in text.splitlines()}


def test_answer_says_meaning_and_sureness():
    text = read(basis_of("EU-EPO-TRAFFIC"))
    for line in (
        "EU-EPO-TRAFFIC, 2026-08-18 to no end",
        "  nl: Europees verstrekkingsbevel: verkeersgegevens",
        "  This row: ships with the service",
        "  Rechter (lidstaat) / Judge (Member State) (eu.judge)",
        "What the order states [from memory, medium]",
        "  At most 10 days (at_most)",
        "  not known: a person is asked",
    ):
        assert line in text.splitlines()
    assert "Who may issue it alone\n  not known" in read(basis_of("NL-AWB-5-16"))
    text = read(basis_of("EU-EPRO")).splitlines()
    for line in (
        "In an emergency the validation may come after the order (emergency)",
        "Regulation (EU) 2023/1543 art. 4(5) [medium; S4]",
        "At most 48 hours (at_most)",
    ):
        assert f"  validated afterwards: {line}" in text
    condition = {"kind": "role_needs_validation", "text": "Words.", "afterwards": None}
    said = WORDS.say("judicial_authorisation", {"need": "no", "conditions": [condition]})
    assert said[-1] == f"validated afterwards: {UNKNOWN}"


def test_code_that_no_table_has_stays(tmp_path):
    assert WORDS.say("issuing_roles", ["xx.nobody"]) == ["xx.nobody"]
    assert WORDS.say("excluded_categories", []) == ["none"]
    assert WORDS.label("newer_field") == "newer_field"


def test_nothing_differs_from_itself():
    alone = compare(CATALOGUE, CATALOGUE)
    assert alone.is_same
    assert (alone.added, alone.removed, alone.changed, alone.tables) == ((), (), (), ())


def test_difference_names_what_an_overlay_does(tmp_path):
    changed = own(issuing_roles=["nl.opsporingsambtenaar"], response=None)
    other = open_catalogue(lay(tmp_path, changed, own(id="NL-OWN-1", citation="Art. 1 (own)")))
    found = compare(CATALOGUE, other)
    assert [one["row"]["id"] for one in found.added] == ["NL-OWN-1"]
    assert not found.removed
    assert not found.tables
    (one,) = found.changed
    assert {field.place: (field.old, field.new) for field in one.fields} == {
        "issuing_roles": (ROW["issuing_roles"], ["nl.opsporingsambtenaar"]),
        "response": (ROW["response"], None),
        "reviewed": (None, REVIEW),
    }
    text = describe_difference(found, CATALOGUE, other)
    for line in (
        "CHANGED NL-SV-126n, 2004-09-01 to no end",
        "    - Officier van justitie / Public prosecutor (Netherlands) (nl.officier_van_justitie)",
        "    + Opsporingsambtenaar / Investigating officer (nl.opsporingsambtenaar)",
        f"    + {UNKNOWN}",
        "    - ships with the service",
        f"    + the provider's own, reviewed by mr. A. Jansen on 2026-11-20: {REVIEW['why']}",
        "ADDED NL-OWN-1, 2004-09-01 to no end",
        "  Art. 1 (own)",
    ):
        assert line in text.splitlines()
    assert "Data it may ask for" not in text.partition("CHANGED")[2]


def test_difference_the_other_way_round(tmp_path):
    other = open_catalogue(lay(tmp_path, own(id="NL-OWN-1")))
    found = compare(other, CATALOGUE)
    assert [one["row"]["id"] for one in found.removed] == ["NL-OWN-1"]
    assert "REMOVED NL-OWN-1" in describe_difference(found, other, CATALOGUE)


def test_edition_with_another_first_day_is_the_same_one(tmp_path):
    basis = basis_of("NL-SV-126zja")
    assert basis.valid_from is None
    row = CATALOGUE.get_row(basis)
    filled = own(row, valid_from="2007-02-01")
    filled |= {"replaces": {"valid_from": None, "valid_to": None}}
    (one,) = compare(CATALOGUE, open_catalogue(lay(tmp_path, filled))).changed
    assert [field.place for field in one.fields] == ["valid_from", "reviewed"]


def test_word_of_a_table_is_a_difference(tmp_path):
    def change(file):
        file["roles"]["nl.minister"]["en"] = "Minister of Justice"
        file["grounds"][0]["may_refuse"] = False

    other = open_catalogue(spoil(copy_data(tmp_path), change, "codes.json"))
    found = compare(CATALOGUE, other)
    assert [one.place for one in found.tables] == [
        "codes/roles/nl.minister",
        "codes/grounds/role_not_competent",
    ]
    assert "+ nl: Minister; en: Minister of Justice" in describe_difference(found, CATALOGUE, other)


def test_word_that_a_table_did_not_have_is_a_difference(tmp_path):
    def change(file):
        file["roles"]["nl.other_minister"] = {"nl": "Minister", "en": "Minister"}

    other = open_catalogue(spoil(copy_data(tmp_path), change, "codes.json"))
    place = "  codes/roles/nl.other_minister"
    for pair, lines in (
        ((CATALOGUE, other), ["    - not there", "    + nl: Minister; en: Minister"]),
        ((other, CATALOGUE), ["    - nl: Minister; en: Minister", "    + not there"]),
    ):
        told = describe_difference(compare(*pair), *pair).splitlines()
        assert told[told.index(place) + 1 :][:2] == lines


def test_review_alone_is_a_difference(tmp_path):
    first = open_catalogue(lay(tmp_path / "a", own()))
    again = own() | {"reviewed": {**REVIEW, "on": "2026-11-23"}}
    (one,) = compare(first, open_catalogue(lay(tmp_path / "b", again))).changed
    assert [field.place for field in one.fields] == ["reviewed"]
