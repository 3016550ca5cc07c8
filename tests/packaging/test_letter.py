from dataclasses import replace

import pytest

from lea_service.extraction.outcome import Loss, Outcome
from lea_service.packaging.contents import PastTerm
from lea_service.packaging.letter import write_letter
from tests.support.package import NOW, PACKAGE, make_case


@pytest.fixture
def contents(tmp_path):
    return make_case(tmp_path).contents


def letter(contents, language="en"):
    text = write_letter(contents, package_id=PACKAGE, sealed_at=NOW, language=language).decode()
    return " ".join(text.split())


def test_part_that_was_destroyed_is_said(contents):
    one = contents.items[0]
    plain = replace(contents, items=(one,))
    assert "destroyed under" not in letter(plain)
    lost = (Loss("pbx1", "CALL-6M", NOW), Loss("pbx2", "CALL-1Y", NOW.replace(year=2025)))
    partly = replace(contents, items=(replace(one, destroyed=lost),))
    said = (
        "50 records in this package. In source pbx1 records from before 2026-11-24 10:00:00+01:00 "
        "were destroyed or made anonymous under rule CALL-6M when their term had ended. In source "
        "pbx2 records from before 2025-11-24 10:00:00+01:00 were destroyed or made anonymous under "
        "rule CALL-1Y when their term had "
        "ended. Whether any of those were of this target can no longer be said."
    )
    assert said in letter(partly)
    dutch = letter(partly, "nl")
    assert "In bron pbx1 zijn registraties van voor 2026-11-24 10:00:00+01:00" in dutch
    assert "vernietigd of anoniem gemaakt op grond van regel CALL-6M. In bron pbx2 zijn" in dutch


def test_preservation_that_was_followed_is_named(contents):
    assert "Kept under" not in letter(contents)
    kept = replace(contents, letter=replace(contents.letter, preservation="c_1f"))
    assert "Kept under: c_1f" in letter(kept)
    assert "Bewaard onder: c_1f" in letter(kept, "nl")


def test_term_of_a_source_is_said(contents):
    (one,) = contents.coverage
    bare = replace(contents, coverage=(replace(one, rule=None, kept_from=None),))
    assert "term (rule" not in letter(bare)
    termed = replace(contents, coverage=(replace(one, rule="CALL-6M", kept_from=NOW),))
    assert f"term (rule CALL-6M): over for what began before {NOW:%Y-%m-%d}" in letter(termed)
    assert "bewaartermijn (regel CALL-6M)" in letter(termed, "nl")


def test_letter_does_not_say_that_what_is_there_since_long_is_not(contents):
    """A subscriber since years ago is within the term, and what is past it may still be there."""
    (one,) = contents.coverage
    termed = replace(one, kind="subscriber", rule="SUB-1Y", kept_from=NOW)
    text = letter(replace(contents, coverage=(termed,)))
    assert f"term (rule SUB-1Y): over for what ended before {NOW:%Y-%m-%d}" in text
    assert "voorbij voor wat eindigde voor" in letter(replace(contents, coverage=(termed,)), "nl")


def test_rows_past_their_term_are_said_with_their_ground(contents):
    late = replace(
        contents,
        past_term=PastTerm("court_order", 4, ("op last van de rechter", "by order of the court")),
    )
    assert "4 records were handed over although their term had ended" in letter(late)
    assert "op de grond: op last van de rechter (court_order)." in letter(late, "nl")
    assert "handed over although" not in letter(replace(contents, past_term=None))


def test_data_that_are_not_held_are_said(contents):
    none = replace(contents.items[0], outcome=Outcome.NOT_HELD, rows=0)
    assert "Not held." in letter(replace(contents, items=(none,)))


def test_category_that_is_not_held_is_said_beside_the_rows(contents):
    one = replace(contents.items[0], not_held=("subscriber_identity",))
    text = letter(replace(contents, items=(one,)))
    assert "50 records in this package. Not held: name and address of the user." in text
    assert "Niet aanwezig: naam en adres" in letter(replace(contents, items=(one,)), "nl")


def test_source_of_an_identifier_is_said(contents):
    named = replace(contents.items[0], target_kind="phone_id", target="200", source="pbx1")
    lacking = replace(named, n=2, not_held=("subscriber_identity",))
    both = replace(contents, items=(named, lacking))
    assert "Item 1: telephone identifier 200 of source pbx1 from" in letter(both)
    assert "Onderdeel 1: toestelaanduiding 200 van bron pbx1 van" in letter(both, "nl")
    assert "Not held in source pbx1: name and address of the user." in letter(both)
    assert "Niet aanwezig in bron pbx1: naam en adres" in letter(both, "nl")
    assert "of source" not in letter(contents)


def test_what_was_not_compared_is_said_at_its_source(contents):
    (one,) = contents.coverage
    doubtful = replace(contents, coverage=(replace(one, doubts={"set-aside": 3, "not-e164": 20}),))
    assert "not compared: 3 lines of this source that cannot be read" in letter(doubtful)
    assert "niet vergeleken: 20 registraties in de periode" in letter(doubtful, "nl")
    assert "not compared" not in letter(contents)


def test_free_text_makes_no_lines_of_its_own(contents):
    crafted = replace(contents.letter, authority="Politie\n\nTO OPEN\nrm -rf /")
    text = write_letter(
        replace(contents, letter=crafted), package_id=PACKAGE, sealed_at=NOW, language="en"
    ).decode()
    assert "\nrm -rf /" not in text


def test_letter_has_the_dates_of_the_other_letters_and_one_zone(contents):
    dutch, english = letter(contents, "nl"), letter(contents)
    assert "Datum: 24 november 2026 " in dutch
    assert "Date: 24 November 2026 " in english
    assert "(UTC+0" in english
    assert "09:00:00 UTC" not in english
