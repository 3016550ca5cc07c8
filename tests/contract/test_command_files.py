"""Whatever file a command is given, it looks at the file and says plainly what is wrong with it."""

import shutil

import pytest
from click.testing import CliRunner

from lea_service.cli import main
from lea_service.kernel.actors import worker_actor
from tests.contract.calls import CALLS, SECRET, call_of, make_files, write_key
from tests.contract.test_command_failures import GARBAGE, TAKES_FILES
from tests.contract.whole import admit, record, take_in
from tests.support.application import PEOPLE
from tests.support.edge import serve
from tests.support.engines import ANY_ENGINE

INPUT, WRITTEN, NO_KEY, NO_PACKAGE, NO_CODE = 2, 0, 5, 5, 4
FILES = ("garbage", "empty", "folder", "missing/in/none", "garbage/in")
OTHER = {
    ("garbage", "collect receipt path"): NO_CODE,
    ("empty", "collect receipt path"): NO_CODE,
    ("garbage", "approvals page html"): NO_PACKAGE,
    ("empty", "approvals page html"): NO_PACKAGE,
    ("garbage", "demands letter pdf"): NO_PACKAGE,
    ("empty", "demands letter pdf"): NO_PACKAGE,
    ("garbage", "confirmations paper target"): NO_PACKAGE,
    ("empty", "confirmations paper target"): NO_PACKAGE,
    ("garbage", "demands new order"): WRITTEN,  # whatever came as an order is recorded
    ("garbage", "demands correct order"): WRITTEN,
    ("garbage", "confirmations record order"): NO_PACKAGE,  # nothing is owed before a decision
    ("empty", "records import file"): WRITTEN,  # a file without lines adds nothing
    ("folder", "collect fetch folder"): NO_PACKAGE,
    ("missing/in/none", "collect fetch folder"): NO_PACKAGE,
    **{
        (file, name): WRITTEN
        for file in ("garbage", "empty")
        for name in (
            "custody bundle out", "custody checkpoint out", "custody proof out",
            "demands order target",
        )
    },
}  # fmt: skip
"""How a command ends that does not refuse the file as no valid input."""


@pytest.fixture
def run(service, tmp_path):
    """A function that gives a file to a command, all else being right: its service is there."""
    agency, person, _ = admit(service)
    take_in(service)
    known = {"source": "pbx", "demand": record(service, agency, person)}
    service.services.custody.checkpointer.publish(worker_actor())
    with serve(service.app) as url:

        def call(name, command, chosen, value):
            role = CALLS[name][0] or "handler"
            key = write_key(service.house.key(PEOPLE.get(role, "handler1")), tmp_path / "key.pem")
            files = make_files(tmp_path, name, key) | known
            words = call_of(name, command, files, **{chosen.name: value})
            environ = {"LEA_URL": url, "LEA_TOKEN": service.token(role), **SECRET}
            return CliRunner(env=environ).invoke(main, words)

        yield call


@ANY_ENGINE
@pytest.mark.parametrize("file", FILES)
def test_bad_file_is_told_though_the_service_is_there(run, file, tmp_path):
    found, wanted = {}, {}
    for one in TAKES_FILES:
        path, command, chosen = one.values
        name, label = " ".join(path), f"{' '.join(path)} {chosen.name}"
        if name in CALLS:
            lay_out(tmp_path)
            done = run(name, command, chosen, tmp_path / file)
            assert "Traceback" not in done.output
            found[label] = done.exit_code
            wanted[label] = NO_KEY if is_no_key(chosen, file) else OTHER.get((file, label), INPUT)
    assert found == wanted
    assert len(found) > 20


def lay_out(folder):
    """Put things in the way that only their owner reads, as a key must be."""
    shutil.rmtree(folder / "missing", ignore_errors=True)
    (folder / "folder").mkdir(exist_ok=True)
    for name, data in (("garbage", GARBAGE), ("empty", b"")):
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o600)


def is_no_key(chosen, file):
    return chosen.name == "key_path" and file == "missing/in/none"
