"""Words that a terminal shows."""

import pytest

from lea_service.kernel.printable import counted
from lea_service.packaging.report import PackageReport


@pytest.mark.parametrize(
    ("count", "noun", "words"),
    [(1, "row", "1 row"), (0, "row", "0 rows"), (2, "entry", "2 entries"), (1, "entry", "1 entry"),
     (3, "day", "3 days")],
)  # fmt: skip
def test_number_goes_with_its_noun(count, noun, words):
    assert counted(count, noun) == words


def test_one_row_is_one_row():
    report = PackageReport()
    report.rows = 1
    assert report.text().splitlines()[0].endswith(", 1 row")
