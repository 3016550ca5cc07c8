"""On which engines a test runs; both, unless it says otherwise."""

import pytest

ANY_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""Of what no database has a part in but for who calls: one engine shows it."""

SPREAD = pytest.mark.parametrize(
    "engine_name", [pytest.param("spread", marks=pytest.mark.postgres)], indirect=True
)
"""With the rows of the record store on two servers behind a third."""
