"""The sample records of the demonstration: as many as promised, and the same each time."""

import csv
from datetime import date

import pytest

from lea_service.demonstration.sample_data import write_samples

TODAY = date(2026, 11, 25)
NAMES = ("Master.csv", "radacct.csv", "subscribers.csv")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Two folders, each written by itself."""
    folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
    for folder in folders:
        write_samples(folder, TODAY)
    return folders


def test_same_day_gives_the_same_bytes(written):
    first, second = written
    assert sorted(one.name for one in first.iterdir()) == sorted(NAMES)
    for name in NAMES:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_there_are_as_many_as_promised(written):
    counts = {name: sum(1 for _ in read_rows(written[0] / name)) for name in NAMES}
    assert counts == {"Master.csv": 8_000, "radacct.csv": 2_000, "subscribers.csv": 500}


def test_calls_lie_in_the_ninety_days_before(written):
    days = {row[9][:10] for row in read_rows(written[0] / "Master.csv")}
    assert (min(days), max(days), len(days)) == ("2026-08-27", "2026-11-24", 90)


def read_rows(path):
    """Yield the rows of a file; Asterisk's has no header."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        if path.name != "Master.csv":
            next(rows)
        yield from rows
