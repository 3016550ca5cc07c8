"""How far the verification of a package is."""

import pytest

from lea_service.cli import main
from lea_service.packaging import watched
from lea_service.packaging.verify import load_trust, verify_package
from tests.support.package import make_case, open_package, seal_case
from tests.support.terminal import positions, terminal

STEP = 2000


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return make_case(tmp_path_factory.mktemp("case"), rows=5000)


@pytest.fixture
def container(case, tmp_path):
    return open_package(tmp_path, seal_case(case)[0])


def test_every_byte_that_is_read_counts(case, container, monkeypatch):
    monkeypatch.setattr(watched, "STEP", STEP)
    told = []
    report = verify_package(
        container, load_trust(case.trust), progress=lambda *now: told.append(now)
    )
    assert report.problems == []
    (total,) = {total for _, total in told}
    done = [done for done, _ in told]
    assert done == sorted(done)
    assert done[-1] == total > container.stat().st_size
    assert 0.9 * total < done[-2] <= total  # no more was reckoned than is read


def test_small_package_is_done_before_anybody_waits(tmp_path):
    small, told = make_case(tmp_path), []
    container = open_package(tmp_path, seal_case(small)[0])
    verify_package(container, load_trust(small.trust), progress=lambda *now: told.append(now))
    assert told == []


def test_bar_is_there_for_who_verifies(case, container, monkeypatch, capsys):
    monkeypatch.setattr(watched, "STEP", STEP)
    words = ["package", "verify", str(container), "--trust", str(case.trust)]
    with terminal() as lines:
        assert main.main(words, standalone_mode=False) == 0
    (line,) = lines
    done, total = positions(line)[-1]
    assert done == total > 0
    assert capsys.readouterr().out.startswith("GOOD")
