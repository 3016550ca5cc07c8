"""A lawyer reads a row and a difference in words: every code explained, nothing left out."""

import json
import re
from string import Formatter

import pytest

from lea_service.legal.catalogue import load_catalogue, open_catalogue, read_catalogue
from lea_service.legal.comparison import compare, describe_difference, show_edition
from lea_service.legal.reading import Words, read_edition, render
from lea_service.legal.reading_words import ONE, SAYINGS, TRANSLATION, UNITS
from tests.legal.cases import DATA, basis_of
from tests.legal.test_catalogue import copy_data, spoil
from tests.legal.test_overlay import REVIEW, ROW, lay, own

CATALOGUE = load_catalogue()
SCHEMA = json.loads((DATA / "legal-basis-1.json").read_bytes())
WORDS, DUTCH = (Words(CATALOGUE.codes, CATALOGUE.sources, language) for language in ("en", "nl"))
UNKNOWN = WORDS("unknown")
BASES = pytest.mark.parametrize("basis", CATALOGUE.bases, ids=lambda basis: basis.id)
PARTS = SCHEMA["$defs"]
JUDICIAL = PARTS["judicial"]["properties"]
ENUMS = {
    "jurisdictions": SCHEMA["properties"]["jurisdiction"],
    "instruments": SCHEMA["properties"]["instrument"]["anyOf"][1],
    "statuses": SCHEMA["properties"]["status"]["anyOf"][1],
    "sureness": PARTS["confidence"],
    "needs": JUDICIAL["need"],
    "rests_on": PARTS["rests_on"]["items"],
    "if_missing": JUDICIAL["if_missing"],
    "conditions": PARTS["condition"]["properties"]["kind"],
    "afterwards": PARTS["afterwards"]["properties"]["when"],
}
SHOWN = {
    *ENUMS, "oral", "rules", "families", "roles",
    "categories", "targets", "contents", "judges", "secrecy", "notification", "reimbursement",
    "routes", "waits", "time_rules", "sources",
}  # fmt: skip
"""The tables whose codes a row has."""
FIGURE = re.compile(r"\d+")
RULES = [PARTS[one]["properties"]["rule"] for one in ("term", "look_back", "look_forward")]


def test_every_field_and_choice_has_words():
    assert list(CATALOGUE.codes["fields"]) == list(SCHEMA["properties"])[1:]
    for table, schema in ENUMS.items():
        assert set(CATALOGUE.codes[table]) == set(schema["enum"]) - {None}, table
    assert set(CATALOGUE.codes["rules"]) == {rule for schema in RULES for rule in schema["enum"]}


def read(basis, words=WORDS):
    return render(read_edition(show_edition(CATALOGUE, basis), words))


@BASES
@pytest.mark.parametrize("words", [WORDS, DUTCH], ids=("en", "nl"))
def test_every_row_reads_in_words(basis, words):
    text, row = read(basis, words), CATALOGUE.get_row(basis)
    for wanted in (
        *row["title"].values(),
        words.text(basis.citation),
        basis.digest,
        *basis.sources,
    ):
        assert wanted in text
    assert text.count(words("unknown")) >= len(basis.unknown) - (basis.valid_from is None)
    for field, one in row["memory"].items():
        assert f"{words.label(field)} ({field})" in text
        assert words.text(one["note"] or "") in text
    assert not any(sign in text for sign in ("{", "}", "[]"))
    assert "None" not in {line.strip() for line in text.splitlines()}


def test_answer_says_meaning_and_sureness():
    text = read(basis_of("EU-EPO-TRAFFIC"))
    for line in (
        "EU-EPO-TRAFFIC, 2026-08-18 to no end",
        "  nl: Europees verstrekkingsbevel: verkeersgegevens",
        "  This row: ships with the service",
        "  Judge (Member State) (eu.judge)",
        "What the order states [from memory, fairly sure]",
        "  At most 10 days (at_most)",
        "  not known: a person is asked",
    ):
        assert line in text.splitlines()
    assert "Who may issue it alone\n  not known" in read(basis_of("NL-AWB-5-16"))
    text = read(basis_of("EU-EPRO")).splitlines()
    for line in (
        "In an emergency the validation may come after the order (emergency)",
        "Regulation (EU) 2023/1543 art. 4(5) [fairly sure; S4]",
        "At most 48 hours (at_most)",
    ):
        assert f"  validated afterwards: {line}" in text
    condition = {"kind": "role_needs_validation", "text": "Words.", "afterwards": None}
    said = WORDS.say("judicial_authorisation", {"need": "no", "conditions": [condition]})
    assert said[-1] == f"validated afterwards: {UNKNOWN}"


class Noted(Words):
    """Notes every English text of the catalogue that was said in Dutch, and what it became."""

    def __init__(self):
        super().__init__(CATALOGUE.codes, CATALOGUE.sources, "nl")
        self.noted = {}

    def text(self, text):
        self.noted[text] = super().text(text)
        return self.noted[text]


ENGLISH_WORD = re.compile(
    r"\b(and|annex|for|from|future|only|older|regulation|text|the|to|whatever|with)\b", re.I
)
NAMES = {"Code of Practice CD June 2025"}


def test_every_row_reads_in_dutch():
    """Whatever a row that ships says has a translation, and none is left that nothing uses."""
    noted = Noted()
    for basis in CATALOGUE.bases:
        read(basis, noted)
    tables = {name: one for name, one in CATALOGUE.codes.items() if isinstance(one, dict)}
    for name, codes in {**tables, "sources": CATALOGUE.sources}.items():
        for code in codes if name in SHOWN else ():
            noted.code(name, code)
    for field in CATALOGUE.codes["fields"]:
        noted.label(field)
    cited = {*CATALOGUE.sources.values(), *(one.citation for one in CATALOGUE.bases)}
    spoken = (one.judicial.oral for one in CATALOGUE.bases if one.judicial)
    cited |= {one.citation for one in spoken if one is not None}
    days = {str(one.valid_from) for one in CATALOGUE.bases}
    bare = set(noted.noted) - set(TRANSLATION) - NAMES
    assert bare <= cited | days
    assert not [text for text in bare if ENGLISH_WORD.search(text)]
    assert set(TRANSLATION) <= set(noted.noted)


def test_each_translation_keeps_the_figures_and_the_articles():
    for dutch, english in (*TRANSLATION.values(), *SAYINGS.values()):
        assert dutch
        assert sorted(FIGURE.findall(dutch)) == sorted(FIGURE.findall(english)), english
    for table in (SAYINGS, UNITS, ONE):
        for dutch, english in table.values():
            fields = [
                {name for _, name, _, _ in Formatter().parse(one)} for one in (dutch, english)
            ]
            assert fields[0] == fields[1]


def test_answer_says_the_same_in_dutch():
    text = read(basis_of("EU-EPO-TRAFFIC"), DUTCH)
    for line in (
        "EU-EPO-TRAFFIC, vanaf 2026-08-18, zonder einde",
        "  Deze regel: wordt met de dienst geleverd",
        "  Rechter (lidstaat) (eu.judge)",
        "Wat de vordering vermeldt [uit het geheugen, redelijk zeker]",
        "  Ten hoogste 10 dagen (at_most)",
        "  niet bekend: een mens beslist",
    ):
        assert line in text.splitlines()
    assert not [line for _, line in SAYINGS.values() if len(line.split()) > 2 and line in text]


def test_words_of_the_providers_own_stay(tmp_path):
    other = open_catalogue(lay(tmp_path, own(notes="Counsel read it on Monday.")))
    found = compare(CATALOGUE, other)
    text = describe_difference(found, CATALOGUE, other, "nl")
    for line in (
        "GEWIJZIGD NL-SV-126n, vanaf 2004-09-01, zonder einde",
        "    + Counsel read it on Monday.",
        f"    + van de aanbieder zelf, beoordeeld door mr. A. Jansen op 2026-11-20: {REVIEW['why']}",
    ):
        assert line in text.splitlines()


def test_code_that_no_table_has_stays(tmp_path):
    assert WORDS.say("issuing_roles", ["xx.nobody"]) == ["xx.nobody"]
    assert WORDS.say("excluded_categories", []) == ["none"]
    assert WORDS.label("newer_field") == "newer_field"


def test_nothing_differs_from_itself():
    alone = compare(CATALOGUE, CATALOGUE)
    assert alone.is_same
    assert (alone.added, alone.removed, alone.changed, alone.tables) == ((), (), (), ())
    assert describe_difference(alone, CATALOGUE, CATALOGUE, "en") == (
        f"Nothing differs: version {CATALOGUE.version}, digest {CATALOGUE.digest}"
    )


def rewrite(file):
    """Change a word of a table, and an entry of each table that is a list."""
    file["roles"]["nl.minister"]["en"] = "Minister of Justice"
    file["home_country"] = "BE"
    for table in ("modifiers", "powers", "grounds", "tariffs"):
        file[table][1]["added"] = table


@pytest.fixture
def pair(tmp_path):
    """Two catalogues between which something of each kind differs."""
    codes = spoil(copy_data(tmp_path / "data"), rewrite, "codes.json")
    old = open_catalogue(lay(tmp_path / "old", own(id="NL-OWN-2")))
    return old, read_catalogue(codes, lay(tmp_path / "new", own(id="NL-OWN-1"), own(response=None)))


def edition(catalogue, basis_id):
    return show_edition(catalogue, catalogue.get_editions(basis_id)[0])


def test_whole_difference_is_dumped(pair):
    old, new = pair
    dumped = compare(old, new).dump()
    del dumped["tables"]
    span = {name: ROW[name] for name in ("valid_from", "valid_to")}
    fields = [
        {"place": "response", "old": ROW["response"], "new": None},
        {"place": "reviewed", "old": None, "new": REVIEW},
    ]
    assert dumped == {
        "same": False,
        "versions": [old.version, new.version],
        "digests": [old.digest, new.digest],
        "added": [edition(new, "NL-OWN-1")],
        "removed": [edition(old, "NL-OWN-2")],
        "changed": [{"id": ROW["id"], "old": span, "new": span, "fields": fields}],
    }


def test_entry_of_a_table_is_known_by_its_code_or_else_by_its_number(pair):
    old, new = (one.codes for one in pair)
    lists = {"modifiers": "id", "grounds": "code", "tariffs": "item"}
    wanted = [
        {"place": f"codes/{table}/{row[lists[table]] if table in lists else 1}"}
        | {"old": row, "new": {**row, "added": table}}
        for table, row in ((one, old[one][1]) for one in (*lists, "powers"))
    ]
    role = "nl.minister"
    wanted += [
        {"place": f"codes/roles/{role}", "old": old["roles"][role], "new": new["roles"][role]},
        {"place": "codes/home_country", "old": "NL", "new": "BE"},
    ]
    dumped = compare(*pair).dump()["tables"]
    assert sorted(dumped, key=str) == sorted(wanted, key=str)


def test_whole_difference_is_told_with_its_amounts_first(pair):
    old, new = pair
    head, *parts = describe_difference(compare(*pair), *pair, "en").split("\n\n")
    assert head.splitlines() == [
        f"Version {old.version} -> {new.version}",
        f"Digest {old.digest}",
        f"    -> {new.digest}",
        "Added 1, removed 1, changed 1 editions; 6 places in the tables",
    ]
    wanted = ("ADDED NL-OWN-1,", "REMOVED NL-OWN-2,", f"CHANGED {ROW['id']},", "TABLES\n")
    assert [one for one in parts if one.startswith(wanted)] == [
        next(one for one in parts if one.startswith(start)) for start in wanted
    ]
    told = parts[-1].splitlines()
    at = told.index("  codes/home_country")
    assert told[at + 1 : at + 3] == ["    - NL", "    + BE"]


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
    text = describe_difference(found, CATALOGUE, other, "en")
    for line in (
        "CHANGED NL-SV-126n, 2004-09-01 to no end",
        "    - Public prosecutor (Netherlands) (nl.officier_van_justitie)",
        "    + Investigating officer (nl.opsporingsambtenaar)",
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
    assert "REMOVED NL-OWN-1" in describe_difference(found, other, CATALOGUE, "en")


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
    assert "+ nl: Minister; en: Minister of Justice" in describe_difference(
        found, CATALOGUE, other, "en"
    )


def test_word_that_a_table_did_not_have_is_a_difference(tmp_path):
    def change(file):
        file["roles"]["nl.other_minister"] = {"nl": "Minister", "en": "Minister"}

    other = open_catalogue(spoil(copy_data(tmp_path), change, "codes.json"))
    place = "  codes/roles/nl.other_minister"
    for pair, lines in (
        ((CATALOGUE, other), ["    - not there", "    + nl: Minister; en: Minister"]),
        ((other, CATALOGUE), ["    - nl: Minister; en: Minister", "    + not there"]),
    ):
        told = describe_difference(compare(*pair), *pair, "en").splitlines()
        assert told[told.index(place) + 1 :][:2] == lines


def test_review_alone_is_a_difference(tmp_path):
    first = open_catalogue(lay(tmp_path / "a", own()))
    again = own() | {"reviewed": {**REVIEW, "on": "2026-11-23"}}
    (one,) = compare(first, open_catalogue(lay(tmp_path / "b", again))).changed
    assert [field.place for field in one.fields] == ["reviewed"]


def test_what_rests_on_memory_and_what_was_corrected_is_said_in_words():
    text = read(basis_of("NL-SV-126n"), DUTCH)
    assert (
        ", over Waar apparatuur was: cel, opstelpunt, netwerkpunt (location); Nummers van" in text
    )
    assert "Of het mondeling mag worden gegeven (oral.confirmation): 72 uur -> Drie dagen" in text
    assert ", of Where equipment was: cell, site, network point (location); " in read(
        basis_of("NL-SV-126n")
    )
