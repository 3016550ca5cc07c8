"""The whole application on both engines."""

import pytest

from tests.support.application import make_application, make_environ, quiet_logs


@pytest.fixture
def service(databases, tmp_path):
    """The service with people of every role."""
    urls = (databases.cases.url, databases.records.url)
    with quiet_logs():
        made = make_application(make_environ(*urls, tmp_path))
        yield made
        made.services.dispose()
