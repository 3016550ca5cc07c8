import re
from datetime import date
from string import Formatter

import pytest

from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.findings import load_finding, make_finding
from lea_service.legal.wording import WORDING
from lea_service.legal.wording_dutch import DUTCH, load_words
from lea_service.legal.wording_outward import OUTWARD
from tests.legal.cases import DATA

CATALOGUE = load_catalogue()
CODES = sorted(WORDING)


def places(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text or "") if name is not None)


def commands(text):
    return sorted(re.findall("`lea [^`]*`", text or ""))


def test_each_code_has_words_in_both_languages():
    assert set(DUTCH) == set(WORDING)


def test_words_of_the_file_are_there_as_they_stand_in_it():
    assert load_words().items() <= DUTCH.items()
    assert load_words()["agency.suspended"].says in (DATA / "finding-words-nl.json").read_text()


def test_both_languages_leave_the_same_open():
    assert not [one for one in CODES if places(WORDING[one].says) or places(DUTCH[one].says)]
    cures = [(WORDING[one].cure, DUTCH[one].cure) for one in CODES]
    for english, dutch in cures:
        assert (english is None) == (dutch is None)
        assert places(english) == places(dutch)
        assert commands(english) == commands(dutch)


def test_dutch_words_are_sentences_of_their_own():
    texts = {text for one in DUTCH.values() for text in (one.says, one.cure) if text}
    assert not [text for text in texts if not re.fullmatch(r"[A-Z{].*[.}]", text) or "  " in text]
    english = {text for one in WORDING.values() for text in (one.says, one.cure)}
    assert texts & english == {"{way}"}


def test_dutch_words_are_filled_as_the_english_ones():
    home, way = CATALOGUE.get_editions("NL-SV-126n")[0], CATALOGUE.codes["routes"]
    outside = make_finding("category.outside", homes=(home, home)).in_language("nl")
    assert outside.cure == f"Een vordering op grond van {home.citation} of {home.citation}."
    assert make_finding("category.outside").cure_nl.endswith("het artikel waar die onder valt.")
    foreign = make_finding("basis.foreign", way=way["order_under_dutch_law"])
    assert foreign.cure_nl == "Een vordering naar Nederlands recht."
    late = make_finding("period.too_far_ahead", day=date(2026, 12, 24))
    assert all("2026-12-24" in text for text in (late.cure_nl, late.cure))


def test_finding_is_read_in_either_language():
    found = load_finding(make_finding("form.order_missing").dump())
    assert found.in_language("en") is found
    dutch = found.in_language("nl")
    assert (dutch.says, dutch.cure) == (DUTCH[found.code].says, "De ondertekende vordering.")
    assert (dutch.ref, dutch.outcome) == (found.ref, found.outcome)


@pytest.mark.parametrize("route", sorted(CATALOGUE.codes["routes"]))
def test_each_way_is_told_in_both_languages(route):
    assert sorted(CATALOGUE.codes["routes"][route]) == ["en", "nl"]


@pytest.mark.parametrize("code", ["duplicate.order", "duplicate.document"])
def test_order_that_came_before_may_be_followed_by_another_instrument(code):
    assert "order to preserve" in WORDING[code].cure
    assert "bevel tot bewaring" in DUTCH[code].cure


def test_where_a_category_belongs_is_cited_in_the_language_of_the_finding():
    homes = [CATALOGUE.get_editions("EU-EPO-TRAFFIC")[-1]]
    found = make_finding("category.outside", homes=homes)
    assert "Regulation" in found.cure
    assert "Verordening (EU) 2023/1543" in found.cure_nl
    assert "Regulation" not in found.cure_nl


def test_authority_is_told_of_the_order_in_words_for_it():
    asked = {
        one
        for one in CODES
        if one.startswith("order.") and WORDING[one].outcome != "pass" and not WORDING[one].private
    }
    assert asked <= set(OUTWARD) <= set(CODES)
    dutch = re.compile(r"ingevoerd|typ|registra|verbeter|aanvaard|vastgelegd", re.IGNORECASE)
    english = re.compile(r"typed|record|correct|accept|retyp|your? reason", re.IGNORECASE)
    for told in OUTWARD.values():
        assert told.nl.cure
        assert told.en.cure
        assert not dutch.search(f"{told.nl.says} {told.nl.cure}")
        assert not english.search(f"{told.en.says} {told.en.cure}")
        assert told.nl != told.en
        assert not re.search(r"bewaren|bewaarden|hebben wij|we hold|holds|we kept", f"{told}")


def test_no_cure_for_the_authority_speaks_to_one_of_us():
    told = [one for one in CODES if make_finding(one).cures_theirs and WORDING[one].cure]
    ours = re.compile(
        r"\byour?\b|counsel|correct(ion|ed)|catalogue|register|accept|typed|`|desk back"
        r"|\b(u|uw)\b|jurist|verbeter|catalogus|aanvaard|typ|registratie",
        re.IGNORECASE,
    )
    said = [(one, text) for one in told for text in (WORDING[one].cure, DUTCH[one].cure)]
    assert "form.order_missing" in told
    assert [one for one, text in said if ours.search(text)] == []
    assert not {one for one in told if WORDING[one].outcome == "ask_human"}
