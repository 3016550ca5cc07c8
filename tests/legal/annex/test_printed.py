"""What is printed of Annex III is Dutch as a whole or English as a whole."""

from dataclasses import asdict

import pytest

from lea_service.legal.annex import printed
from lea_service.legal.annex.schemas import AnnexFormSchema, AnnexReasonSchema, AnnexStatementSchema
from lea_service.legal.annex.table import Certificate, Need, load_annex

TABLES = (printed.SAYINGS, printed.NEEDS, printed.CERTIFICATES, printed.FIELDS)
REASONS = load_annex().rows


def test_each_code_and_field_has_words_in_both_languages():
    assert all(nl and en for table in TABLES for nl, en in table.values())
    assert set(printed.NEEDS) == set(map(str, Need))
    assert set(printed.CERTIFICATES) == set(map(str, Certificate))
    named = {one.data_key or name for name, one in AnnexFormSchema().fields.items()}
    assert set(printed.FIELDS) == (named - {"statement"}) | set(AnnexStatementSchema().fields)


def test_each_note_is_there_in_dutch():
    assert set(printed.NOTES) == {one.code for one in REASONS if one.note}


@pytest.mark.parametrize("reason", REASONS, ids=lambda one: one.code)
def test_reason_is_printed_in_one_language(reason):
    row = AnnexReasonSchema().dump(reason)
    dutch, english = (printed.describe_reason(row, language) for language in ("nl", "en"))
    assert "how sure" not in dutch
    assert "hoe zeker" not in english
    shared = {*dutch.splitlines()} & {*english.splitlines()}
    assert not shared, shared
    assert asdict(reason)["note"] is None or reason.note in english
