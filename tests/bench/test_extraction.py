"""What is measured can still be measured: the way of a demand as the benchmark goes it."""

import pytest

from bench.extraction import measure


@pytest.mark.slow
def test_rows_go_the_whole_way():
    found = measure(500)
    assert found.rows == 500
    assert found.package_mb > 0
