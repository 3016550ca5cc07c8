"""Grounds and kinds of addressee are listed with their text as a whole, in one language."""

import pytest

from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.listed import SAYINGS, list_bases, list_grounds, list_kinds
from lea_service.legal.referral.table import load_referrals
from lea_service.legal.schemas import LegalBasesSchema

GROUNDS = load_catalogue().grounds
ROWS = [
    {"code": code, "text": one.text, "may_refuse": one.may_refuse} for code, one in GROUNDS.items()
]


def one_line(text):
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["nl", "en"])
def test_grounds_are_whole_and_say_which_are_none(language):
    listed = list_grounds(ROWS, language)
    assert max(map(len, listed.splitlines())) <= 96
    at = ["nl", "en"].index(language)
    refusing, _, others = listed.partition(SAYINGS["no_refusal"][at])
    for code, ground in GROUNDS.items():
        part = refusing if ground.may_refuse else others
        assert one_line(f"{code} {ground.text[language]}") in one_line(part)
    assert "True" not in listed


@pytest.mark.parametrize("language", ["nl", "en"])
def test_kinds_are_whole_and_say_whom_the_answer_names(language):
    kinds = load_referrals().kinds
    rows = [
        {"code": code, "nl": one.nl, "en": one.en, "may_name": one.may_name}
        for code, one in kinds.items()
    ]
    listed = list_kinds(rows, language)
    at = ["nl", "en"].index(language)
    naming, _, others = listed.partition(SAYINGS["no_name"][at])
    for code, kind in kinds.items():
        said = f"{code} {kind.nl if language == 'nl' else kind.en}"
        assert one_line(said) in one_line(naming if kind.may_name else others)
    assert list_kinds([], language) == ""


@pytest.mark.parametrize("language", ["nl", "en"])
def test_bases_are_listed_without_codes(language):
    bases = LegalBasesSchema(only=("bases",)).dump({"bases": load_catalogue().bases})["bases"]
    listed = list_bases({"version": "1", "digest": "x", "bases": bases}, language)
    head, _, *lines = listed.splitlines()
    assert head.endswith(" 1, digest x")
    assert len(lines) == len(bases) + 2
    codes = {one for row in bases for one in (row["instrument"], *(row["issuing_roles"] or ()))}
    assert not {code for code in codes if code and code in listed}
    words = ("Officier van justitie", "Openbaar ministerie (Duitsland)")
    assert all((one in listed) is (language == "nl") for one in words)
