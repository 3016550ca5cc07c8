"""LEGEND.txt says of each column what it means, in both languages."""

import pytest

from lea_service.packaging.verify_text import legend
from lea_service.records.kinds import KINDS
from lea_service.records.phrases import COLUMNS


@pytest.mark.parametrize("layout", KINDS.values(), ids=KINDS)
def test_each_column_has_its_words(layout):
    assert set(COLUMNS[layout.kind]) == set(layout.names)
    told = legend([layout]).decode().split(f"{layout.stem}:")[1]
    for column in layout.columns:
        dutch, english = column.about
        assert dutch
        assert english
        perhaps = ", may be null" if column.nullable else ""
        line = f"  {column.name:<20} {column.type}{perhaps}"
        assert f"{line}\n      NL  {dutch}\n      EN  {english}\n" in told


def test_length_of_time_and_of_data_have_units():
    for layout in KINDS.values():
        for column in layout.columns:
            words = " ".join(column.about)
            if column.name.endswith("_s"):
                assert "seconden" in words
                assert words.count("second") >= 2
            if column.name.startswith("octets"):
                assert words.count("bytes") == 2
            if column.name.endswith("_at") or column.name.startswith("valid_"):
                assert words.count("UTC") == 2
