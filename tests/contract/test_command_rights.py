"""Each command that talks to the service, with a token that is none and in a role that may not."""

import json

import pytest
from click.testing import CliRunner

from lea_service.cli import main
from lea_service.kernel.actors import worker_actor
from tests.contract.calls import CALLS, LOCAL, LOCAL_GROUPS, SECRET, call_of, make_files, write_key
from tests.contract.test_commands import LEAVES
from tests.contract.whole import take_in
from tests.support.application import PEOPLE
from tests.support.edge import serve
from tests.support.engines import ANY_ENGINE

NOT_PERMITTED = 3
LET_THROUGH = {(0, None), (5, "not-found")}
COMMANDS = {" ".join(path): command for path, command in LEAVES}


@pytest.fixture
def run(service, tmp_path):
    """A function that calls a command as a role, or with a token that is none."""
    take_in(service)
    service.services.custody.checkpointer.publish(worker_actor())
    with serve(service.app) as url:

        def call(role, name, token=None):
            key = write_key(service.house.key(PEOPLE.get(role, "handler1")), tmp_path / "key.pem")
            words = call_of(name, COMMANDS[name], make_files(tmp_path, name, key))
            environ = {"LEA_URL": url, "LEA_TOKEN": token or service.token(role), **SECRET}
            return CliRunner(env=environ).invoke(main, [*words, "--json"])

        yield call


def ended(done):
    """Return how a command ended: its code, and the type of its problem if it had one."""
    if done.exit_code == 0:
        return 0, None
    assert done.stdout == ""
    told = json.loads(done.stderr.splitlines()[-1])  # the lines before are the service's log
    return done.exit_code, told["type"].rpartition(":")[2]


def test_table_has_every_command_that_talks_to_the_service():
    local = LOCAL | {name for name in COMMANDS if any(map(name.startswith, LOCAL_GROUPS))}
    assert set(CALLS) == set(COMMANDS) - local
    assert local <= set(COMMANDS)


@ANY_ENGINE
def test_no_command_works_with_a_token_that_is_none(run):
    found = {name: ended(run("handler", name, token="lea_s_" + "A" * 43)) for name in CALLS}
    assert found == dict.fromkeys(CALLS, (NOT_PERMITTED, "not-authenticated"))


@ANY_ENGINE
def test_no_command_works_in_a_role_that_may_not(run):
    strangers = {name: role for name, (_, role) in CALLS.items() if role is not None}
    found = {name: ended(run(role, name)) for name, role in strangers.items()}
    assert found == dict.fromkeys(strangers, (NOT_PERMITTED, "not-permitted"))


@ANY_ENGINE
def test_role_that_may_is_let_through(run):
    owners = {name: role for name, (role, _) in CALLS.items() if role is not None}
    found = {name: ended(run(role, name)) for name, role in owners.items()}
    wrong = {name: end for name, end in found.items() if end not in LET_THROUGH}
    assert wrong == {}
