"""Every wrong value of every parameter of every command is told plainly, and never repeated."""

import json
import re

import pytest
from click.testing import CliRunner

from lea_service.cli import main
from lea_service.kernel.actors import worker_actor
from lea_service.staff.keys import request_enrolment
from tests.contract.calls import CALLS, SECRET, call_of, make_files, write_key
from tests.contract.whole import admit, take_in
from tests.contract.wrong import (
    ANY,
    CODES,
    FIELD,
    FIELDS,
    FREE,
    OWN_TEXTS,
    PERSON,
    TEXTS,
    cases_of,
    parameters,
)
from tests.demands.samples import demand_json
from tests.support.application import PEOPLE
from tests.support.call_backs import find_numbers
from tests.support.edge import serve
from tests.support.staff import new_key, person_form

SAYS = re.compile(
    r"expected|must be|no such|no key file|is a directory|is a file|does not (exist|open)|"
    r"no folder|not a readable",
    re.IGNORECASE,
)
"""What says how it should have been."""

ALONGSIDE = {
    "agencies propose desk id": {"version": "1"},
    "agencies propose organisation id": {"version": "1"},
    "agencies propose person id": {"version": "1"},
    "collect receipt package": {"code": "A" * 43},
    "custody verify file": {"policy_file": "{folder}/policy"},
    "custody verify policy_file": {"file": "{folder}"},
}
"""What else has to be given for a value to be looked at."""
OTHERS = {"staff token list account": "overseer"}
"""Who gives it, where the first role that may call the command may not give it."""


@pytest.fixture
def lea(service, tmp_path):
    """A function that runs a case, all else being right: the service is there and has things."""
    agency, person, _ = admit(service)
    take_in(service)
    asked = demand_json(agency={"ref": agency}, issuing_person={"ref": person}, receivers=[person])
    demand = service.call("handler", "POST", "/api/v1/demands", json=asked).json["id"]
    service.call("handler", "POST", f"/api/v1/demands/{demand}/assessment")
    request = {"agency": agency, "name": "Piet", "function": "chef", "email": "p@parket.example"}
    approval = service.house.propose("agency.person", {**request, "roles": []}, by="handler2")
    service.services.custody.checkpointer.publish(worker_actor())
    (contact,) = find_numbers(service.services.transactions, demand)
    things = {
        "agency": agency, "approval_id": approval, "contact": contact, "demand": demand,
        "holder": person,
    }  # fmt: skip
    with serve(service.app) as url:

        def run(case):
            files = lay_out(service, case, tmp_path) | things
            chosen = {**ALONGSIDE.get(case.label, {}), case.chosen.name: case.value}
            given = {one: value.format(folder=tmp_path) for one, value in chosen.items()}
            words = call_of(case.name, case.command, files, **given)
            own = {"LEA_HOME": f"{tmp_path}/own", "LEA_KEYS_DIR": f"{tmp_path}/keys"}
            environ = {"LEA_URL": url, "LEA_TOKEN": service.token(role_of(case)), **SECRET, **own}
            return CliRunner(env=environ).invoke(main, words)

        yield run


def role_of(case):
    return OTHERS.get(case.label) or CALLS.get(case.name, ("handler",))[0] or "handler"


def lay_out(service, case, folder):
    """Write what a command reads, and what the case wants it to; returns paths by parameter."""
    name, key = PEOPLE.get(role_of(case), "handler1"), new_key("piet")
    path, trust = folder / f"{name}.pem", folder / "folder"
    if not path.exists():
        write_key(service.house.key(name), path)
    trust.mkdir(exist_ok=True)
    (folder / "policy").write_text(service.services.custody.policy.format())
    for form, value in (
        ("key_request", request_enrolment(key)),
        ("founder", person_form("piet", key)),
    ):
        (folder / form).write_text(json.dumps(value))
    (folder / "the-file").unlink(missing_ok=True)
    if case.file is not None:
        (folder / "the-file").write_bytes(case.file)
        (folder / "the-file").chmod(0o600)
    return {
        **make_files(folder, case.name, path),
        **dict.fromkeys(("administrator", "overseer"), folder / "founder"),
        **dict.fromkeys(("first", "folder", "trust"), trust),
        "key_request": folder / "key_request",
        **{"login": "piet", "personnel_number": "N-1", "revision": "base"},
    }


def told(done):
    """Return what a command said of an error; the lines before are the service's log."""
    lines = done.output.splitlines()
    begins = [n for n, line in enumerate(lines) if line.startswith(("Error: ", "DAMAGED"))]
    return "\n".join(lines[begins[-1] :]) if begins else ""


def faults(case, done):
    """Return what is wrong with how a case ended, and what was said."""
    text = told(done)
    checks = {
        f"ended with {done.exit_code}": done.exit_code == case.code,
        "a traceback": "Traceback" not in done.output,
        "repeats the value": PERSON not in done.output,
        "does not name it": any(name in text for name in case.names),
        "does not say what was expected": SAYS.search(text),
    }
    found = [fault for fault, is_right in checks.items() if not is_right]
    return found and [*found, text]


def test_every_parameter_has_wrong_values():
    known = {
        f"{name} {one.name}": cases_of(name, command, one) for name, command, one in parameters()
    }
    assert {label for label, cases in known.items() if not cases} <= set(FREE)
    labels = {*FREE, *ANY, *CODES, *FIELD, *FIELDS, *OWN_TEXTS, *ALONGSIDE}
    assert labels <= set(known)
    assert set(TEXTS) <= {label.rpartition(" ")[2] for label in known}
    assert sum(map(len, known.values())) > 500


def test_wrong_values_are_told_and_not_repeated(lea):
    found = {
        f"{case.label}: {case.wrong}": wrong
        for name, command, chosen in parameters()
        for case in cases_of(name, command, chosen)
        if (wrong := faults(case, lea(case)))
    }
    assert found == {}
