import json
import os
import subprocess
import sys

import pytest

from lea_service.packaging.api import blp
from lea_service.packaging.cli import package as package_commands
from tests.support.edge import build_app, run, serve, sign
from tests.support.package import PACKAGE, make_case, open_package, seal_case


@pytest.fixture
def engine_name():
    """The edge is the same on each engine."""
    return "sqlite"


@pytest.fixture
def sealed(sealery):
    """A demand with its package."""
    demand, made = sealery.extracted()
    return demand, sealery.seal(demand, made)


@pytest.fixture
def app(sealery, clock):
    people = {name: sealery.office.actor(name) for name in ("handler1", "admin1")}
    return build_app(clock, {"packaging": sealery.service}, people, blp)


def test_staff_see_facts_and_no_content(app, sealed):
    demand, package = sealed
    web = app.test_client()
    (listed,) = web.get(f"/api/v1/demands/{demand}/packages", headers=sign("handler1")).json[
        "items"
    ]
    shown = web.get(f"/api/v1/packages/{package}", headers=sign("handler1")).json
    assert shown == listed
    assert (shown["id"], shown["demand"], len(shown["sha256"])) == (package, demand, 64)
    assert not {"file", "receipt_digest", "receipt_salt"} & set(shown)


@pytest.mark.parametrize(
    ("path", "who", "status"),
    [
        ("packages/pk_0", "handler1", 404),
        ("demands/c_0/packages", "handler1", 404),
        ("packages/pk_0", "admin1", 403),
        ("packages/pk_0", "nobody", 401),
    ],
)
def test_others_see_nothing(app, path, who, status):
    assert app.test_client().get(f"/api/v1/{path}", headers=sign(who)).status_code == status


def test_commands_list_and_show(app, sealed):
    demand, package = sealed
    with serve(app) as url:
        handler = {"url": url, "token": "handler1"}
        assert package in run(package_commands, "list", demand, **handler).output
        shown = json.loads(run(package_commands, "show", package, "--json", **handler).output)
        assert shown["id"] == package


def test_verify_ends_with_its_verdict(tmp_path):
    case = make_case(tmp_path)
    container = open_package(tmp_path, seal_case(case)[0])
    good = run(package_commands, "verify", container, "--trust", case.trust)
    assert (good.exit_code, good.output.startswith(f"GOOD: package {PACKAGE}")) == (0, True)
    (case.trust / "policy").unlink()
    doubt = run(package_commands, "verify", container, "--trust", case.trust, "--json")
    assert (doubt.exit_code, json.loads(doubt.output)["verdict"]) == (2, "cannot tell")
    container.write_bytes(container.read_bytes()[:-100])
    assert run(package_commands, "verify", container, "--trust", case.trust).exit_code == 1


def test_verification_is_said_in_dutch(tmp_path):
    case = make_case(tmp_path)
    container = open_package(tmp_path, seal_case(case)[0])
    words = ("verify", container, "--trust", case.trust)
    good = run(package_commands, *words, "--language", "nl").output
    assert good.startswith(f"GOED: pakket {PACKAGE}, 50 registraties\n")
    english = {line[11:] for line in run(package_commands, *words).output.splitlines()[1:]}
    alike = [one for one in good.splitlines()[1:] if one[11:] in english]
    assert alike == ["  in orde  manifest"]
    assert "  in orde  handtekening van de aanbieder" in good
    (case.trust / "policy").unlink()
    assert "  twijfel  " in run(package_commands, *words, "--language", "nl").output
    container.write_bytes(container.read_bytes()[:-100])
    bad = run(package_commands, *words, "--language", "nl").output
    assert bad.startswith("BESCHADIGD: pakket onbekend, 0 registraties\n  probleem ")
    assert "is geen leesbare container; misschien is hij afgekapt" in bad


def test_verify_tells_a_package_that_nobody_opened_yet(tmp_path):
    case = make_case(tmp_path)
    for ending in ("p7m", "asice"):
        sealed = tmp_path / f"{PACKAGE}.{ending}"
        sealed.write_bytes(seal_case(case)[0])
        told = run(package_commands, "verify", sealed, "--trust", case.trust)
        assert told.exit_code == 2
        assert "still encrypted" in told.output
        assert "lea package open" in told.output


def test_fresh_process_verifies_with_nothing_else_loaded(tmp_path):
    case = make_case(tmp_path)
    container = open_package(tmp_path, seal_case(case)[0])
    command = [sys.executable, "-m", "lea_service.cli", "package", "verify", container]
    done = subprocess.run(
        [*command, "--trust", case.trust],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert (done.returncode, done.stdout[:5]) == (0, "GOOD:"), done.stderr


def test_open_prints_the_commands_of_the_letter(tmp_path):
    printed = run(package_commands, "open", f"{PACKAGE}.p7m").output
    assert f"openssl cms -decrypt -inform DER -binary -in {PACKAGE}.p7m" in printed
    assert f"lea package verify {PACKAGE}.asice" in printed
    assert run(package_commands, "open", "package.zip").exit_code == 2
