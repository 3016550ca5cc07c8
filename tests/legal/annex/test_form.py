"""Annex III as data and as rules: which reason for which order, and what a form has to state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lea_service.demands.narrowing import LeftOut
from lea_service.kernel.clock import dump_instant
from lea_service.kernel.errors import FieldError, InvalidInput, WrongState
from lea_service.legal.annex.form import (
    MISFIT,
    Conflict,
    Statement,
    check_borne_out,
    check_in_time,
    check_possible,
    check_statement,
    dump_statement,
    halts,
    load_statement,
    tells_enforcing,
)
from lea_service.legal.annex.table import (
    CERTIFICATES,
    Certificate,
    Effect,
    Need,
    Tells,
    certificate_of,
    effect_of,
    is_european,
    load_annex,
)
from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.findings import make_finding
from lea_service.legal.working_days import load_working_days
from tests.legal.cases import basis_of

TABLE, CATALOGUE = load_annex(), load_catalogue()
PRODUCTION, PRESERVATION = Certificate
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
SAID = Statement("Het certificaat noemt geen periode.", is_preserved=True)
CONFLICT = Conflict(
    law="Wet op de beroepsgeheimen van Ruritanië",
    provisions="Artikel 3: wie gegevens verstrekt is strafbaar.",
    interests=("fundamental_rights",),
    applies_because="De klant is daar gevestigd.",
    conflicts_because="Het artikel verbiedt de verstrekking.",
    link="Onze dochter is daar gevestigd.",
    consequences="Een boete voor onze dochter.",
)


def chosen(*codes, certificate=PRODUCTION):
    return TABLE.choose(certificate, codes)


def test_rows_are_whole_and_name_their_sources():
    for one in TABLE.rows:
        dutch, english = one.words
        assert len({dutch, english, ""}) == 3
        assert one.uses
        assert set(one.sources) <= set(CATALOGUE.sources)
        assert one.confidence in CATALOGUE.codes["sureness"]
        assert one.borne_out_by <= set(CATALOGUE.grounds)
        assert all(
            use.citation.startswith("Regulation (EU) 2023/1543 art. ") for use in one.uses.values()
        )
        assert (one.effect is Effect.ASKS) == (Need.QUESTION in one.needs) == (one.answer_days == 5)
    assert [*TABLE.sections] == list("ABCDEFGH")


def test_each_european_order_of_the_catalogue_has_its_certificate():
    orders = [one for one in CATALOGUE.bases if is_european(one)]
    assert {certificate_of(one) for one in orders} == set(Certificate)
    assert {one.instrument for one in orders} == set(CERTIFICATES)
    for other in (None, basis_of("NL-SV-126n"), basis_of("EU-NATIONAL-LAW")):
        with pytest.raises(WrongState):
            certificate_of(other)


def test_grounds_of_refusal_and_reasons_are_not_mixed():
    assert not set(TABLE.reasons) & set(CATALOGUE.grounds)
    for ground in CATALOGUE.grounds:
        with pytest.raises(InvalidInput) as caught:
            chosen("incomplete", ground)
        assert caught.value.errors[0].pointer == "/reasons/1"
    assert not CATALOGUE.grounds["european_order_defect"].may_refuse


@pytest.mark.parametrize(
    "code", ["conflict_of_laws", "offence_not_covered", "given_in_part", "given_later"]
)
def test_some_reasons_are_for_production_alone(code):
    assert chosen(code)
    with pytest.raises(InvalidInput, match="European preservation order"):
        chosen(code, certificate=PRESERVATION)


@pytest.mark.parametrize(
    ("codes", "effect"),
    [
        (["incomplete"], Effect.ASKS),
        (["not_stored", "incomplete", "immunity_or_press"], Effect.ASKS),
        (["not_stored", "other"], Effect.WAITS),
        (["conflict_of_laws"], Effect.WAITS),
        (["not_stored", "given_in_part"], Effect.GOES_ON),
        (["not_stored", "other_addressee"], Effect.ENDS),
        (["de_facto_impossibility"], Effect.ENDS),
        (["given_later", "given_in_part"], Effect.GOES_ON),
    ],
)
def test_only_reasons_that_end_end_a_demand(codes, effect):
    assert effect_of(chosen(*codes)) is effect


def test_our_term_stops_where_the_law_says_so():
    assert halts(chosen("incomplete"), PRODUCTION)
    assert halts(chosen("other", "conflict_of_laws"), PRODUCTION)
    assert not halts(chosen("immunity_or_press", "other"), PRODUCTION)


def test_enforcing_authority_is_told_by_the_widest_reason():
    assert tells_enforcing(chosen("incomplete", "immunity_or_press"), PRODUCTION) is Tells.ALWAYS
    assert tells_enforcing(chosen("incomplete"), PRODUCTION) is Tells.IF_NOTIFIED
    told = chosen("incomplete", certificate=PRESERVATION)
    assert tells_enforcing(told, PRESERVATION) is Tells.NO


LEFT = (LeftOut(2, "location"), LeftOut(1, keep_from=AT), LeftOut(3))
WANTED = "expected, for one of the reasons"
NOT_WANTED = "expected none: no reason calls for it"


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("incomplete", {"question": "Welke periode bedoelt u?"}),
        ("not_stored", {}),
        ("given_in_part", {"missing": "Onderdeel 2 van het certificaat.", "left_out": LEFT}),
        ("given_later", {"missing": "De oproepen van juni.", "possible_by": AT}),
        ("conflict_of_laws", {"conflict": CONFLICT}),
    ],
)
def test_form_states_what_its_reason_calls_for_and_no_more(code, more):
    check_statement(chosen(code), replace(SAID, **more))
    for need in Need:
        spoiled = {"question": "x", "missing": "x", "possible_by": AT, "conflict": CONFLICT}
        value = None if need in more else spoiled[need]
        with pytest.raises(InvalidInput) as caught:
            check_statement(chosen(code), replace(SAID, **{**more, need.value: value}))
        told = WANTED if need in more else NOT_WANTED
        assert caught.value.errors == (FieldError(f"/statement/{need}", told),)
        assert caught.value.detail == f"{MISFIT}: /statement/{need}"


def test_form_says_what_is_left_out_where_less_is_given_and_only_there():
    for code, more in (
        ("given_in_part", {"missing": "Deel twee."}),
        ("not_stored", {"left_out": LEFT}),
        ("given_later", {"missing": "Deel twee.", "possible_by": AT, "left_out": LEFT}),
    ):
        with pytest.raises(InvalidInput) as caught:
            check_statement(chosen(code), replace(SAID, **more))
        assert [one.pointer for one in caught.value.errors] == ["/statement/left_out"]


def test_form_that_misses_more_than_one_is_told_of_each():
    with pytest.raises(InvalidInput) as caught:
        check_statement(chosen("given_later"), replace(SAID, question="x"))
    found = {one.pointer: one.detail for one in caught.value.errors}
    assert found == {
        "/statement/question": NOT_WANTED,
        "/statement/missing": WANTED,
        "/statement/possible_by": WANTED,
    }
    assert caught.value.detail == f"{MISFIT}: {', '.join(found)}"


def test_promise_lies_in_the_future():
    check_possible(SAID, AT)
    check_possible(replace(SAID, possible_by=AT + timedelta(seconds=1)), AT)
    with pytest.raises(InvalidInput) as caught:
        check_possible(replace(SAID, possible_by=AT), AT)
    told = FieldError("/statement/possible_by", "expected an instant to come")
    assert caught.value.errors == (told,)


def test_competence_is_denied_on_a_finding_only():
    reasons = chosen("not_by_issuing_authority")
    check_borne_out(chosen("not_stored"), [])
    check_borne_out(reasons, [make_finding("role.not_allowed")])
    for found in ([], [make_finding("category.outside")]):
        with pytest.raises(InvalidInput) as caught:
            check_borne_out([*chosen("not_stored"), *reasons], found)
        told = "expected a finding that bears out the reason not_by_issuing_authority"
        assert caught.value.errors == (FieldError("/findings", told),)


def test_objection_comes_within_ten_days_of_receipt():
    reasons, working = chosen("conflict_of_laws"), load_working_days()
    end = datetime(2026, 12, 4, 23, tzinfo=UTC)  # the end of Friday 4 December in the Netherlands
    check_in_time(reasons, AT, working, end - timedelta(microseconds=1))
    for late in (reasons, chosen("other", "conflict_of_laws")):
        with pytest.raises(WrongState) as caught:
            check_in_time(late, AT, working, end)
        told = "the term for this objection is over: state it as other"
        assert (caught.value.detail, caught.value.facts) == (told, {"late": dump_instant(end)})
    check_in_time(chosen("other"), AT, working, end)


def test_statement_is_read_back_as_it_was():
    for said in (
        SAID,
        replace(SAID, possible_by=AT, conflict=CONFLICT, missing="Niets.", left_out=LEFT),
    ):
        assert load_statement(dump_statement(said)) == said
