"""What is measured can still be measured: the way of a demand as the benchmark goes it."""

import pytest

from bench.extraction import measure, prepared


@pytest.mark.slow
def test_rows_go_the_whole_way():
    with prepared(500) as (home, _):
        found = measure(home, 500)
    assert found.rows == 500
    assert found.package_mb > 0
