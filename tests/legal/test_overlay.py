"""A provider's own rows: whole, reviewed, over those that ship; else the service does not start."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from lea_service.cli import main
from lea_service.kernel.actors import Actor, Role
from lea_service.kernel.database import Database
from lea_service.kernel.errors import InvalidInput, NotPermitted
from lea_service.kernel.keystore import generate_keystore
from lea_service.legal.basis import Review
from lea_service.legal.catalogue import load_catalogue, open_catalogue, read_catalogue
from lea_service.legal.catalogue_schemas import LegalDifferenceSchema
from lea_service.legal.catalogue_service import CatalogueService
from lea_service.legal.overlay import OwnRow, is_overlay
from lea_service.legal.queries import OVERLAY, catalogue_of, find_assessment
from lea_service.legal.reading import Words
from lea_service.legal.service import LegalService
from lea_service.legal.working_days import load_working_days
from lea_service.settings import load_settings
from lea_service.wiring import build
from tests.legal.cases import DATA, GOOD, basis_of, check
from tests.support.log import check_log
from tests.support.orders import make_orders

SHIPPED = load_catalogue()
ROW = SHIPPED.get_row(basis_of("NL-SV-126n"))
REVIEW = {"by": "mr. A. Jansen", "on": "2026-11-20", "why": "The official text was read again."}
EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples" / "legal-overlay"
ON = date(2026, 11, 20)


def own(row=None, **changes):
    """Return a row of the provider's own: art. 126n with changes."""
    return {"basis": {**(row or ROW), **changes}, "reviewed": REVIEW}


def lay(folder, *rows, name="bases-own.json"):
    folder.mkdir(exist_ok=True)
    value = {"format": "lea.legal-overlay/1", "bases": list(rows)}
    (folder / name).write_text(json.dumps(value))
    return folder


def faults(folder):
    """Return what is wrong with an overlay, and at which places."""
    with pytest.raises(InvalidInput) as caught:
        load_catalogue(folder)
    return caught.value.detail, [error.pointer for error in caught.value.errors]


def test_row_of_the_same_span_replaces(tmp_path):
    found = load_catalogue(lay(tmp_path, own(issuing_roles=["nl.opsporingsambtenaar"])))
    basis = found.find_basis("nl-sv-126n", ON)
    assert basis.issuing_roles == ("nl.opsporingsambtenaar",)
    assert basis.reviewed == Review("mr. A. Jansen", ON, REVIEW["why"])
    assert len(found.get_editions("NL-SV-126n")) == 1
    assert len(found.bases) == len(SHIPPED.bases)
    assert found.find_basis("NL-SV-126nc", ON).reviewed is None
    assert "role.not_allowed" in {one.code for one in check(GOOD, found)}


def test_own_rows_in_use_are_shown_with_what_they_change(tmp_path):
    service = CatalogueService(
        load_catalogue(lay(tmp_path, own(issuing_roles=["nl.opsporingsambtenaar"])))
    )
    reader, stranger = Actor("s_1", frozenset({Role.HANDLER})), Actor("s_2", frozenset())
    assert service.get(reader).own == ("NL-SV-126n",)
    view = service.compare(reader, "nl")
    told = LegalDifferenceSchema().dump({**view.found.dump(), "in_words": view.in_words})
    (changed,) = told["changed"]
    assert (told["same"], changed["id"]) == (False, "NL-SV-126n")
    assert changed["old"] == {"valid_from": ROW["valid_from"], "valid_to": ROW["valid_to"]}
    (roles,) = [one for one in changed["fields"] if one["place"] == "issuing_roles"]
    assert (roles["old"], roles["new"]) == (ROW["issuing_roles"], ["nl.opsporingsambtenaar"])
    assert "Wie" in told["in_words"]
    for call in (service.get, lambda who: service.compare(who, "nl")):
        with pytest.raises(NotPermitted):
            call(stranger)


@pytest.mark.parametrize("changes", [{}, {"valid_from": "2031-01-01"}])
def test_own_row_lets_no_european_order_be_one_of_another_law(tmp_path, changes):
    """Else its answer would not wait, and no question would halt its term."""
    row = {**SHIPPED.get_row(basis_of("EU-EPO-TRAFFIC")), **changes}
    said, places = faults(lay(tmp_path, own(row, jurisdiction="NL")))
    assert said.startswith("a row of the provider's own is of another law")
    assert places == ["/bases-own.json/bases/0/basis/jurisdiction"]
    fresh = faults(lay(tmp_path, own(row, id="EU-EPO-OWN", jurisdiction="DE")))
    assert fresh[1] == places
    load_catalogue(lay(tmp_path, own(row, id="EU-EPO-OWN")))


WAITS = {
    "left out": lambda response: {k: v for k, v in response.items() if k != "not_before"},
    "no term": lambda response: None,
    "shorter": lambda response: {**response, "not_before": {**response["not_before"], "value": 1}},
}


@pytest.mark.parametrize("name", WAITS)
@pytest.mark.parametrize("changes", [{}, {"valid_from": "2031-01-01"}])
def test_own_row_lets_no_answer_go_before_the_enforcing_authority(tmp_path, name, changes):
    row = {**SHIPPED.get_row(basis_of("EU-EPO-TRAFFIC")), **changes}
    folder = lay(tmp_path, own(row, response=WAITS[name](row["response"])))
    said, places = faults(folder)
    assert said.startswith("a row of the provider's own lets an answer go early")
    assert places == ["/bases-own.json/bases/0/basis/response/not_before"]
    told = CliRunner().invoke(main, ["legal", "validate", str(folder)])
    assert (told.exit_code, places[0] in told.output) == (2, True)


WIDER = {
    "of its own": {"categories": ["usage_sessions"]},
    "doubted": {"unsettled_categories": ["traffic_call_records"]},
    "not known": {"categories": None},
    "new id": {"id": "EU-EPO-OWN", "categories": ["location"]},
    "new family": {"id": "EU-EPO-OWN", "family": "eu.own", "categories": ["content_stored"]},
}


@pytest.mark.parametrize("name", WIDER)
def test_own_row_reaches_nothing_that_waits_elsewhere_without_a_wait(tmp_path, name):
    """Else traffic data would go at once on the row for subscribers, or on a new one."""
    row = SHIPPED.get_row(basis_of("EU-EPO-SUBSCRIBER"))
    said, places = faults(lay(tmp_path, own(row, **WIDER[name])))
    assert said.startswith("a row of the provider's own lets an answer go early")
    assert places == ["/bases-own.json/bases/0/basis/response/not_before"]


@pytest.mark.parametrize("basis", ["EU-EPO-SUBSCRIBER", "EU-EPRO", "EU-NATIONAL-LAW"])
def test_own_row_that_has_to_wait_for_nobody_does_not(tmp_path, basis):
    load_catalogue(lay(tmp_path, own(SHIPPED.get_row(basis_of(basis)))))


@pytest.mark.parametrize("basis", ["NL-WIV-54", "EU-EPRO", "EU-EPO-TRAFFIC"])
@pytest.mark.parametrize("changes", [{}, {"valid_from": "2031-01-01"}])
def test_own_row_makes_no_sealed_or_european_order_another(tmp_path, basis, changes):
    row = {**SHIPPED.get_row(basis_of(basis)), **changes}
    said, places = faults(lay(tmp_path, own(row, family=ROW["family"])))
    assert said.startswith("a row of the provider's own is of another law")
    assert places == ["/bases-own.json/bases/0/basis/family"]
    assert SHIPPED.is_sealed("NL-WIV-54")
    assert not SHIPPED.is_sealed("NL-SV-126n")


@pytest.mark.parametrize("text", ["NL-OWN-1\n", "NL-OWN-1\n\n", "\nNL-OWN-1", "NL-OWN-1\r"])
def test_id_ends_with_its_last_sign(tmp_path, text):
    said, places = faults(lay(tmp_path, own(id=text)))
    assert "does not fit its schema" in said
    assert places == ["/bases-own.json/bases/0/basis/id"]


def test_new_id_adds(tmp_path):
    added = own(id="NL-OWN-1", citation="Telecommunicatiewet art. 18.7")
    found = load_catalogue(lay(tmp_path, added))
    assert found.find_basis("NL-OWN-1", ON).citation == "Telecommunicatiewet art. 18.7"
    assert len(found.bases) == len(SHIPPED.bases) + 1
    assert not SHIPPED.has_basis("NL-OWN-1")


def test_edition_that_ships_is_ended_and_followed(tmp_path):
    ended = own(valid_to="2026-11-19") | {
        "replaces": {"valid_from": ROW["valid_from"], "valid_to": None}
    }
    after = own(valid_from="2026-11-20", citation="Art. 126n (new)")
    found = load_catalogue(lay(tmp_path, ended, after))
    assert found.find_basis("NL-SV-126n", ON).citation == "Art. 126n (new)"
    assert found.find_basis("NL-SV-126n", date(2026, 11, 19)).citation == ROW["citation"]


def test_rows_of_several_files_are_taken(tmp_path):
    lay(tmp_path, own(), name="bases-a.json")
    found = load_catalogue(lay(tmp_path, own(id="NL-OWN-1"), name="bases-b.json"))
    assert {one.id for one in found.bases if one.reviewed} == {"NL-SV-126n", "NL-OWN-1"}
    (tmp_path / ".notes.txt").write_text("of counsel")
    assert open_catalogue(tmp_path).digest == found.digest


def test_folder_of_an_overlay_holds_rows_and_nothing_else(tmp_path):
    assert "expected" in faults(tmp_path / "missing")[0]
    assert "expected" in faults(tmp_path)[0]
    (tmp_path / ".notes.txt").write_text("of counsel")
    assert "expected" in faults(tmp_path)[0]
    lay(tmp_path, own(), name="rows.json")
    assert "rows.json: expected a file named" in faults(tmp_path)[0]


def afterwards(changes=None, **term):
    """Return a row of ours that lets a validation follow, with changes of that; ``...`` for none."""
    row = json.loads(json.dumps(SHIPPED.get_row(basis_of("EU-EPRO"))))
    (condition,) = row["judicial_authorisation"]["conditions"]
    if changes is ...:
        del condition["afterwards"]
    else:
        found = condition["afterwards"] | (changes or {})
        found["term"] = found["term"] | term if term else found["term"]
        condition["afterwards"] = {name: one for name, one in found.items() if one is not ...}
    return own(row)


def test_term_of_a_validation_that_is_not_known_asks_a_person(tmp_path):
    known = load_catalogue(lay(tmp_path / "known", afterwards()))
    unknown = load_catalogue(lay(tmp_path / "unknown", afterwards({"term": None})))
    lacking = [one.find_basis("EU-EPRO", ON).unknown for one in (known, unknown)]
    assert ["judicial_authorisation" in one for one in lacking] == [False, True]
    words = Words(unknown.codes, unknown.sources, "en")
    row = unknown.get_row(unknown.find_basis("EU-EPRO", ON))
    said = words.say("judicial_authorisation", row["judicial_authorisation"])
    assert said[-1].endswith(words("unknown"))


def test_member_that_is_missing_is_named(tmp_path):
    row = {"basis": {k: v for k, v in ROW.items() if k not in {"citation", "title"}}}
    with pytest.raises(InvalidInput) as caught:
        load_catalogue(lay(tmp_path, row))
    place = "/bases-own.json/bases/0"
    assert {(one.pointer.removeprefix(place), one.detail) for one in caught.value.errors} == {
        ("", "expected these members as well: reviewed"),
        ("/basis", "expected these members as well: citation, title"),
    }


BAD = [
    (
        own(succeeded_by={"title": "Nieuw Sv", "planned_for": "2029-04-31"}),
        "/basis/succeeded_by/planned_for",
    ),
    (own() | {"reviewed": {**REVIEW, "by": " "}}, "/reviewed/by"),
    (own() | {"reviewed": {"by": "A", "why": "B"}}, "/reviewed"),
    (own() | {"reviewed": {**REVIEW, "on": "2026-02-30"}}, "/reviewed/on"),
    ({"basis": ROW}, ""),
    (own(valid_from="2004-13-01"), "/basis/valid_from"),
    (own(title=None), "/basis/title"),
    (own(made_up=1), "/basis"),
    (own(categories=["tracks"]), "/basis/categories"),
    (own(sources=["S999"]), "/basis/sources"),
    (own(id="NL-SV-126m"), "/basis/id"),
    (own(valid_from="2004-09-02"), "/basis/valid_from"),
    (own(valid_to="2004-08-31"), "/basis/valid_to"),
    (own(id="NL-SV.126n", valid_from=None, valid_to="1999-12-31"), "/basis/id"),
    (own(enforceable_in_nl=False), "/basis/route"),
    (
        own(response={"rule": "at_most", "value": 3, "unit": "hours", "counting": "nl_3_days"}),
        "/basis/response",
    ),
    (
        own(
            response={"rule": "at_most", "value": 3, "unit": "days", "counting": "nl_without_delay"}
        ),
        "/basis/response",
    ),
    (own(look_back={"rule": "at_most", "value": 9, "unit": "hours"}), "/basis/look_back"),
    (own(look_back={"rule": "at_most", "value": 9999999, "unit": "months"}), "/basis/look_back"),
    (own() | {"replaces": {"valid_from": "1999-01-01", "valid_to": None}}, "/replaces"),
    (afterwards(counting="nl_3_days"), "/basis/judicial_authorisation"),
    (afterwards(counting="by_the_moon"), "/basis/judicial_authorisation"),
    (afterwards({"sources": ["S999"]}), "/basis/judicial_authorisation"),
    (afterwards({"when": "never"}), "/basis/judicial_authorisation"),
    (afterwards({"term": ...}), "/basis/judicial_authorisation"),
    (afterwards({"when": "later"}), "/basis/judicial_authorisation"),
    (afterwards(...), "/basis/judicial_authorisation"),
]


@pytest.mark.parametrize(("row", "place"), BAD, ids=lambda one: one if isinstance(one, str) else "")
def test_bad_row_names_file_and_place(tmp_path, row, place):
    said, pointers = faults(lay(tmp_path, own(id="NL-OWN-1"), row))
    assert pointers[:1] == [f"/bases-own.json/bases/1{place}"]
    assert said.endswith(f", first at {pointers[0]}")


@pytest.mark.parametrize(
    ("row", "said", "expected"),
    [
        (
            own(id="NL-SV-126m"),
            "a row of the provider's own is about no basis",
            "expected another id: this power is no demand for stored data",
        ),
        (
            own() | {"replaces": {"valid_from": "1999-01-01", "valid_to": None}},
            "a row of the provider's own replaces nothing",
            "expected the span of an edition that ships",
        ),
        (
            own() | {"reviewed": {**REVIEW, "on": "2026-02-30"}},
            "a review names a day that does not exist",
            "expected a day",
        ),
        (own(instrument="letter"), "a row of the provider's own does not fit its schema", ""),
    ],
)
def test_bad_row_is_told_in_words(tmp_path, row, said, expected):
    with pytest.raises(InvalidInput) as caught:
        load_catalogue(lay(tmp_path, row))
    assert caught.value.detail.startswith(f"{said}, first at /bases-own.json/bases/0")
    assert caught.value.errors[0].detail.startswith(expected)


def test_digest_is_over_row_and_review_as_they_are_named():
    (one,) = [OwnRow("/bases/0/basis", ROW, Review("mr. A.", ON, "Why."), (None, None), False)]
    review = {"by": "mr. A.", "on": "2026-11-20", "why": "Why."}
    assert one.dump() == {"basis": ROW, "reviewed": review}


def test_folder_without_a_row_is_no_overlay(tmp_path):
    assert not is_overlay(tmp_path)
    (tmp_path / "notes.txt").touch()
    assert not is_overlay(tmp_path)
    lay(tmp_path, own())
    assert is_overlay(tmp_path)
    (tmp_path / "catalogue.json").touch()
    assert not is_overlay(tmp_path)


def test_row_twice_is_refused(tmp_path):
    lay(tmp_path, own(), name="bases-a.json")
    _, pointers = faults(lay(tmp_path, own(), name="bases-b.json"))
    assert pointers == ["/bases-b.json/bases/0/basis/valid_from"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bases-own.json", "{", "bases-own.json: expected well-formed JSON"),
        (
            "bases-own.json",
            "[]",
            "bases-own.json: expected a file of the format lea.legal-overlay/1",
        ),
        ("bases-own.json", '{"format": "lea.legal-bases/1"}', "lea.legal-overlay/1"),
        ("base-own.json", "{}", "base-own.json: expected a file named bases-*.json"),
        ("bases-own.JSON", "{}", "bases-own.JSON: expected a file named bases-*.json"),
        ("bases-own.json.bak", "{}", "bases-own.json.bak: expected a file named bases-*.json"),
        ("notes.txt", "", "notes.txt: expected a file named bases-*.json"),
    ],
)
def test_bad_file_is_named(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    assert said in faults(tmp_path)[0]


def test_other_case_is_no_catalogue_either(tmp_path):
    lay(tmp_path, own(), name="bases-own.JSON")
    with pytest.raises(InvalidInput, match=r"bases-own\.JSON: expected a file named"):
        open_catalogue(tmp_path)


def test_folder_that_is_not_there_is_an_error(tmp_path):
    assert "none: expected a folder" in faults(tmp_path / "none")[0]


def test_digest_covers_rows_and_reviews(tmp_path):
    digests = {SHIPPED.digest}
    rows = (own(), own(notes="Otherwise."), own() | {"reviewed": {**REVIEW, "why": "Because."}})
    for n, row in enumerate(rows):
        found = load_catalogue(lay(tmp_path / str(n), row))
        digests.add(found.digest)
    assert len(digests) == 1 + len(rows)
    assert (
        load_catalogue(tmp_path / "0").find_basis("NL-SV-126n", ON).digest
        == basis_of("NL-SV-126n").digest
    )


def test_files_that_ship_stay_as_they_are(tmp_path):
    load_catalogue(lay(tmp_path, own(issuing_roles=[])))
    assert read_catalogue(Path(str(DATA))).digest == SHIPPED.digest == load_catalogue().digest


@pytest.mark.parametrize("example", sorted(EXAMPLES.iterdir()), ids=lambda path: path.stem)
def test_examples_do_as_their_name_says(tmp_path, example):
    (tmp_path / "bases-example.json").write_bytes(example.read_bytes())
    if example.name.startswith("valid"):
        assert any(one.reviewed for one in load_catalogue(tmp_path).bases)
    else:
        faults(tmp_path)


def test_shipped_schema_is_the_published_one():
    published = EXAMPLES.parents[1] / "legal-overlay" / "1.json"
    assert (DATA / "legal-overlay-1.json").read_bytes() == published.read_bytes()


def test_session_says_which_catalogue_holds(tmp_path, copy_database):
    folder = lay(tmp_path / "own", own(id="NL-OWN-1"))
    for info, known in (({OVERLAY: folder}, True), ({}, False)):
        database = Database(copy_database("cases"), info)
        with database.read() as session:
            assert catalogue_of(session).has_basis("NL-OWN-1") is known
        with database.write() as session:
            assert catalogue_of(session).has_basis("NL-OWN-1") is known
        database.dispose()


def test_demand_on_an_own_row_is_settled(tmp_path, log, authority, handler):
    folder = lay(tmp_path / "own", own(id="NL-OWN-1"))
    catalogue = load_catalogue(folder)
    authority.demands._is_known_basis = catalogue.has_basis
    legal = LegalService(log.transactions, log.looks, load_working_days(), make_orders(catalogue))
    demand_id = authority.send(legal_basis="NL-OWN-1")
    found = legal.assess(handler, demand_id)
    assert (found.outcome, found.catalogue_digest) == ("pass", catalogue.digest)
    assert found.basis_digest == catalogue.find_basis("NL-OWN-1", ON).digest
    with log.transactions.read() as session:  # a service without these rows lets nothing go on
        assert not find_assessment(session, demand_id).is_settled
        session.info[OVERLAY] = folder
        assert find_assessment(session, demand_id).is_settled
    check_log(log)


def test_service_starts_with_own_rows_or_not_at_all(tmp_path):
    generate_keystore(tmp_path / "keys", provider="Example", now=datetime(2026, 11, 24, tzinfo=UTC))
    environ = {"LEA_HOME": str(tmp_path), "LEA_KEYS_DIR": str(tmp_path / "keys")}
    folder = lay(tmp_path / "own", own(id="NL-OWN-1"))
    settings = load_settings(environ | {"LEA_LEGAL_OVERLAY": str(folder)})
    services = build(settings)
    assert services.legal.catalogue is load_catalogue(folder)
    services.dispose()
    lay(tmp_path / "bad", own(categories=["tracks"]))
    with pytest.raises(InvalidInput):
        build(replace(settings, legal_overlay=tmp_path / "bad"))
