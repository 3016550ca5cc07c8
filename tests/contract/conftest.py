"""The whole application on both engines."""

import pytest
from click.testing import CliRunner

from lea_service.cli import main
from tests.support.application import make_application, make_environ, quiet_logs
from tests.support.edge import serve


@pytest.fixture
def service(databases, tmp_path):
    """The service with people of every role."""
    urls = (databases.cases.url, databases.records.url)
    with quiet_logs():
        made = make_application(make_environ(*urls, tmp_path))
        yield made
        made.services.dispose()


@pytest.fixture
def lea(service):
    """A function that runs a command as a person of a role."""
    with serve(service.app) as url:

        def run(role, *words):
            environ = {"LEA_URL": url, "LEA_TOKEN": service.token(role)}
            done = CliRunner(env=environ).invoke(main, list(words))
            assert done.exit_code == 0, done.output
            return done.stdout

        yield run
