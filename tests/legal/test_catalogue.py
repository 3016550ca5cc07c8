import json
import re
from pathlib import Path

import jsonschema
import pytest

from lea_service.kernel.errors import InvalidInput
from lea_service.legal.catalogue import load_catalogue, read_catalogue
from lea_service.legal.findings import Outcome
from lea_service.legal.wording import WORDING
from tests.legal.cases import DATA, basis_of

TOP = Path(__file__).parents[2]
CATALOGUE = load_catalogue()
ADDED = {
    "NL-AWB-5-16", "NL-AWR-53", "EU-NATIONAL-LAW", "DK-NATIONAL-LAW",
    "NL-SV-126ue", "NL-SV-126uf", "NL-SV-126zm", "NL-SV-126zn",
}  # fmt: skip
"""Bases of which the draft had no row yet, or had them in the row of another."""
BASES = pytest.mark.parametrize("basis", CATALOGUE.bases, ids=lambda basis: basis.id)


def copy_data(folder):
    """Copy the data files to a folder where a test may spoil them."""
    for file in Path(str(DATA)).rglob("*.json"):
        target = folder / file.relative_to(str(DATA))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    return folder


def spoil(folder, change, file="bases-nl.json"):
    path = folder / file
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))
    return folder


def test_holds_every_basis_of_the_draft_and_more():
    count = {}
    for basis in CATALOGUE.bases:
        count[basis.jurisdiction] = count.get(basis.jurisdiction, 0) + 1
    assert count == {"NL": 34, "EU": 5, "US": 5, "UK": 3, "DE": 3, "DK": 1}


def test_ids_are_those_of_the_draft(reference_dir):
    draft = (reference_dir / "research" / "legal_bases.yaml").read_text()
    entries = re.search(r"^entries:\n((?:[- ].*\n|\n)+)", draft, re.MULTILINE)
    ids = re.findall(r"^- id: (\S+)$", entries[1], re.MULTILINE)
    assert len(ids) == len(set(ids)) > 40
    assert {basis.id for basis in CATALOGUE.bases} == set(ids) | ADDED


@BASES
def test_row_has_sources_and_confidence(basis):
    row = CATALOGUE.get_row(basis)
    assert row["confidence"] in {"high", "medium", "low"}
    assert all(CATALOGUE.sources[code] for code in row["sources"])
    assert row["counsel_reviewed"] is False
    assert row["title"]["nl"]
    assert row["title"]["en"]
    assert row["citation"]


@BASES
def test_three_days_are_not_hours(basis):
    confirmation = (CATALOGUE.get_row(basis)["oral"] or {}).get("confirmation") or {}
    assert confirmation.get("unit") in {None, "days"}


def test_every_source_is_described():
    used = {code for basis in CATALOGUE.bases for code in basis.sources}
    tables = ("time_rules", "modifiers", "tariffs")
    for table in tables:
        rows = CATALOGUE.codes[table]
        for row in rows.values() if isinstance(rows, dict) else rows:
            used |= set(row["sources"])
    assert used <= set(CATALOGUE.sources)


def test_modifiers_name_bases_that_exist():
    named = {one for row in CATALOGUE.codes["modifiers"] for one in row["applies_to"]}
    assert all(CATALOGUE.has_basis(one) for one in named)


def test_shipped_schema_is_the_published_one():
    published = (TOP / "schemas" / "legal-basis" / "1.json").read_bytes()
    assert (DATA / "legal-basis-1.json").read_bytes() == published


@pytest.mark.parametrize(
    "example", sorted((TOP / "schemas/examples/legal-basis").iterdir()), ids=lambda path: path.stem
)
def test_examples_do_as_their_name_says(example):
    schema = json.loads((TOP / "schemas" / "legal-basis" / "1.json").read_text())
    fits = jsonschema.Draft202012Validator(schema).is_valid(json.loads(example.read_text()))
    assert fits == example.name.startswith("valid-")


def test_writing_of_an_id_does_not_matter():
    for text in ("nl-sv-126n", "NL-SV-126n", "nl.sv.126n"):
        assert basis_of(text).id == "NL-SV-126n"
    assert basis_of("nl-sv-126") is None


def test_digest_covers_each_fact(tmp_path):
    copied = read_catalogue(copy_data(tmp_path))
    assert copied.digest == CATALOGUE.digest

    def change(file):
        file["bases"][0]["issuing_roles"] = ["nl.opsporingsambtenaar"]

    assert read_catalogue(spoil(tmp_path, change)).digest != CATALOGUE.digest


def test_nothing_in_it_changes():
    with pytest.raises(AttributeError):
        basis_of("NL-SV-126n").issuing_roles = ()
    CATALOGUE.get_row(basis_of("NL-SV-126n"))["issuing_roles"].clear()
    assert CATALOGUE.get_row(basis_of("NL-SV-126n"))["issuing_roles"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("categories", ["traffic"]),
        ("sources", ["S999"]),
        ("issuing_roles", ["nl.burgemeester"]),
        ("secrecy", "nl.other"),
        ("confidence", "certain"),
        ("look_forward", {"rule": "at_most", "extension": None}),
        ("oral", {"allowed": "sometimes", "confirmation": None}),
        ("title", None),
        ("made_up", True),
    ],
)
def test_spoilt_row_is_refused(tmp_path, field, value):
    def change(file):
        file["bases"][0][field] = value

    with pytest.raises(InvalidInput) as caught:
        read_catalogue(spoil(copy_data(tmp_path), change))
    assert all(error.pointer.startswith("/NL-SV-126n") for error in caught.value.errors)


def test_same_row_twice_is_refused(tmp_path):
    def change(file):
        file["bases"].append(file["bases"][0])

    with pytest.raises(InvalidInput):
        read_catalogue(spoil(copy_data(tmp_path), change))


def test_every_ground_of_a_finding_exists():
    for word in WORDING.values():
        assert word.ground is None or word.ground in CATALOGUE.grounds
        assert (word.cure is None) == (Outcome(word.outcome) is Outcome.PASS)
        if word.outcome == "defect":
            may_refuse = CATALOGUE.grounds[word.ground].may_refuse
            assert may_refuse != (word.ground == "european_order_defect")  # that is Annex III's


def test_weighing_is_no_ground_to_refuse():
    for code in ("proportionality", "threshold", "authorisation_case_law", "not_held"):
        assert not CATALOGUE.grounds[code].may_refuse


def test_page_shows_a_row_as_it_is():
    page = (TOP / "docs" / "legal-catalogue.md").read_text()
    shown = json.loads(page.partition("```json")[2].partition("```")[0])
    row = CATALOGUE.get_row(basis_of(shown["id"]))
    whole = set(shown) - {"judicial_authorisation", "memory"}
    assert {name: shown[name] for name in whole} == {name: row[name] for name in whole}
    assert shown["memory"].items() <= row["memory"].items()
    judicial = shown["judicial_authorisation"]
    assert {**row["judicial_authorisation"], "conditions": judicial["conditions"]} == judicial


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("bases-nl.json", "lea.legal-bases/1"),
        ("codes.json", "lea.legal-codes/1"),
        ("sources.json", "lea.legal-sources/1"),
        ("catalogue.json", "lea.legal-catalogue/1"),
    ],
)
def test_file_of_another_format_is_refused(tmp_path, file, wanted):
    def change(value):
        value["format"] = "lea.other/1"

    with pytest.raises(InvalidInput) as caught:
        read_catalogue(spoil(copy_data(tmp_path), change, file))
    assert caught.value.detail == f"{file}: expected a file of the format {wanted}"


def test_power_is_what_its_row_says():
    read = read_catalogue(DATA)
    rows = read.codes["powers"]
    assert rows
    for row in rows:
        for one in row["ids"]:
            found = read.find_power(one.upper())
            assert (found.id, found.citation, found.response) == (
                one,
                row["citation"],
                row["response"],
            )
    assert read.find_power("NL-SV-126n") is None


def test_order_of_a_service_is_known_as_one_though_it_is_mistyped():
    catalogue = load_catalogue()
    for basis in ("NL-WIV-55", "nl.wiv.55", "NL-WIV-550", "NL-WIV2017-55", "nl.wiv.56bis"):
        assert catalogue.is_sealed(basis), basis
    for basis in ("NL-SV-126n", "NL-SV-126zz", "XX", "EU-EPRO"):
        assert not catalogue.is_sealed(basis), basis
    assert catalogue.is_sealed_role("nl.hoofd_aivd")
    assert not catalogue.is_sealed_role("nl.officier_van_justitie")
