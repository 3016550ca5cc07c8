import json
import re
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization as form
from flask import Flask

from lea_service.kernel.canonical import encode_b64url, salted_digest
from lea_service.kernel.printable import grouped
from lea_service.staff.cli import approvals, staff
from lea_service.staff.described import describe as describe_approval
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.keys import fingerprint, public_bytes
from lea_service.staff.queries import find_rights
from lea_service.staff.root import load_root
from lea_service.web.output import BoundaryGroup
from tests.staff.edge import PASSWORD, token
from tests.support.edge import serve
from tests.support.log import check_log

PASSPHRASE = "a phrase that passes"
DAYS = "2026-01-01:2027-12-31"
ACCOUNT = "s_" + "1" * 32
APPROVAL = "ap_" + "1" * 32
CLEARED = ["--screening", DAYS, "--secrecy", DAYS, "--training", DAYS]


@pytest.fixture
def shell(tmp_path):
    """A function that runs commands as at a terminal and returns the result."""
    variables = {"LEA_KEY_PASSPHRASE": PASSPHRASE, "LEA_PASSWORD": PASSWORD}

    def run(*args, url="", who="", obj=None, **options):
        root = BoundaryGroup("lea", commands=[staff, approvals])
        env = variables | {"LEA_URL": url, "LEA_TOKEN": who}
        return CliRunner(env=env).invoke(root, [str(arg) for arg in args], obj=obj, **options)

    return run


def make_key(shell, folder, name):
    result = shell(
        "staff", "key", "new", "--out", folder / f"{name}.pem", "--request", folder / f"{name}.key"
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return folder / f"{name}.pem", folder / f"{name}.key"


def describe(shell, folder, kind, name, *more):
    _, request = make_key(shell, folder, name)
    out = folder / f"{name}.json"
    who = ["--name", f"Person {name}", "--login", name, "--personnel-number", f"N-{name}"]
    result = shell(
        "staff", "request", kind, *who, *CLEARED, "--key-request", request, "--out", out, *more
    )
    assert result.exit_code == 0, result.output
    return out


def test_bootstrap_prints_codes_and_pins(shell, log, tmp_path, clock):
    files = [describe(shell, tmp_path, "founder", name) for name in ("adm", "ovr")]
    settings = SimpleNamespace(staff_root=tmp_path / "keys" / "staff-root.json")
    service = SimpleNamespace(transactions=log.transactions, settings=settings)
    command = ["staff", "bootstrap", "--administrator", files[0], "--overseer", files[1], "--json"]
    result = shell(*command, obj=lambda: service)
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert [person["role"] for person in made] == ["administrator", "overseer"]
    root = load_root(settings.staff_root)
    assert [founder.account for founder in root.founders] == [item["account"] for item in made]
    assert shell(*command, obj=lambda: service).exit_code == 5
    check_log(log)


def test_key_file_is_closed_and_kept(shell, tmp_path):
    path, request = make_key(shell, tmp_path, "me")
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in path.read_bytes()
    before = path.read_bytes()
    assert shell("staff", "key", "new", "--out", path).exit_code == 5
    assert path.read_bytes() == before
    again = shell("staff", "key", "request", "--key", path)
    assert json.loads(again.stdout) == json.loads(request.read_text())


def test_wrong_passphrase_opens_nothing(shell, tmp_path):
    path, _ = make_key(shell, tmp_path, "me")
    result = shell("staff", "key", "request", "--key", path, env={"LEA_KEY_PASSPHRASE": "another"})
    assert result.exit_code == 2
    assert "passphrase" in result.output


def test_what_is_done_is_told_as_json(shell, house, staff, address, tmp_path):
    files = {name: tmp_path / f"{name}.json" for name in ("key", "roles")}
    key = shell(
        "staff", "key", "new", "--out", tmp_path / "me.pem", "--request", files["key"], "--json"
    )  # fmt: skip
    assert json.loads(key.stdout)["request"] == json.loads(files["key"].read_text())
    roles = shell("staff", "request", "roles", ACCOUNT, "--out", files["roles"], "--json")
    assert json.loads(roles.stdout) == {"file": str(files["roles"])}
    again = shell("staff", "request", "roles", ACCOUNT, "--out", files["roles"], "--json")
    assert json.loads(again.stderr)["status"] == 422
    mine = {"url": address, "who": token(house, staff, "handler1")}
    assert shell("staff", "list", "--print", "--json", **mine).exit_code == 2
    assert json.loads(shell("staff", "sign-out", "--json", **mine).stdout) == {"signed_out": True}
    failed = shell("staff", "sign-out", "--json", **mine)
    assert json.loads(failed.stderr.splitlines()[-1])["status"] == 401


@pytest.mark.parametrize(
    "days",
    ["2026-02-30:2026-03-01", "2026-01-01:2026-13-01", "2026-12-31:2026-01-01", "2026-01-01", ":"],
)
@pytest.mark.parametrize("kind", ["screening", "secrecy", "training"])
def test_clearance_has_two_days_in_order(shell, days, kind):
    done = shell("staff", "request", "clearance", ACCOUNT, f"--{kind}", days)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"--{kind}: expected" in done.stderr


def test_request_for_no_clearance_is_none(shell):
    done = shell("staff", "request", "clearance", ACCOUNT)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--screening" in done.stderr
    done = shell("staff", "request", "clearance", ACCOUNT, "--secrecy", "2026-01-01:2026-01-01")
    assert json.loads(done.stdout)["clearances"] == [
        {"kind": "secrecy", "from": "2026-01-01", "until": "2026-01-01"}
    ]


def test_colleague_comes_in_by_commands(shell, house, staff, address, tmp_path, log):
    """Every step of a new colleague as the people at their terminals take it."""
    save_key(house, tmp_path, "admin1", "overseer1")
    admin = {"url": address, "who": token(house, staff, "admin1")}
    overseer = {"url": address, "who": token(house, staff, "overseer1")}
    file = describe(shell, tmp_path, "account", "fresh", "--role", "handler")
    proposed = shell(
        "approvals", "propose", "--kind", "staff.account", "--file", file,
        "--key", tmp_path / "admin1.pem", "--json", **admin,
    )  # fmt: skip
    assert proposed.exit_code == 0, proposed.output
    approval = json.loads(proposed.stdout)
    assert approval["id"] in shell("approvals", "list", **overseer).stdout
    decided = shell(
        "approvals", "decide", approval["id"], "--outcome", "approved",
        "--key", tmp_path / "overseer1.pem", input="y\n", **overseer,
    )  # fmt: skip
    assert decided.exit_code == 0, decided.output
    account = approval["subject"]
    shown = decided.output
    assert re.search(r"^  name +Person fresh$", shown, re.MULTILINE)
    assert re.search(r"^  roles 1 +handler$", shown, re.MULTILINE)
    assert f"  {house.id('admin1')}  Person admin1" in shown.partition("Who and what these are")[2]
    assert '{"' not in shown
    public = json.loads(file.read_text())["key"]["public_key"]
    for key in (decode_b64url(public, ""), public_bytes(house.key("overseer1"))):
        assert grouped(fingerprint(key)) in shown
    signed = shown.partition("You sign\n")[2]
    assert f"  approval  {approval['id']}" in signed
    assert re.search(r"^  outcome +approved$", signed, re.MULTILINE)
    assert approval["digest"] in signed
    code = shell("staff", "code", account, **admin).stdout.strip()
    done = shell(
        "staff", "password", "--login", "fresh", "--code", code,
        "--key", tmp_path / "fresh.pem", url=address,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    signed_in = shell("staff", "sign-in", "--login", "fresh", url=address).stdout
    who = signed_in.strip().removeprefix("export LEA_TOKEN=")
    me = json.loads(shell("staff", "me", "--json", url=address, who=who).stdout)
    assert (me["account"], me["roles"], me["counts"]) == (account, ["handler"], True)
    check_log(log)


def test_what_is_shown_before_signing_moves_no_cursor(shell, tmp_path):
    """A service that was tampered with sends a payload that would hide what it says."""
    salt, payload = bytes(16), {"name": "a\u202eb\x9b2K"}
    approval = {"id": APPROVAL, "digest": salted_digest(salt, payload), "outcome": None}
    approval |= {"looked_at": [], "reasons": []}
    tick = {"code": "scope", "nl": "", "en": "a\u202eb"}
    opened = {"approval": approval, "facts": {}, "payload": payload, "salt": encode_b64url(salt)}
    opened |= {"states": {"looked_at": [tick], "reasons": []}, "text": None}
    app = Flask("tampered")
    app.add_url_rule(f"/api/v1/approvals/{APPROVAL}", view_func=lambda: opened)
    path, _ = make_key(shell, tmp_path, "me")
    words = ("approvals", "decide", APPROVAL, "--outcome", "approved", "--key", path)
    with serve(app) as url:
        asked = shell(*words, url=url, who="me", input="n\n")
    assert r"  name  a\u202eb\x9b2K" in asked.stderr
    assert r"Looked at? a\u202eb (scope)" in asked.stderr
    assert all(line.isprintable() for line in asked.stderr.split("\n"))
    with serve(app) as url:
        as_json = shell(*words, "--json", url=url, who="me", input="n\n").stderr
    assert r'"name": "a\u202eb\u009b2K"' in as_json


@pytest.mark.parametrize(
    ("ticks", "hint"),
    [([], "--looked-at scope --looked-at law, and give --yes"), (["scope", "law"], "give --yes")],
)
def test_nobody_who_can_be_asked_is_told_of_the_option(shell, tmp_path, ticks, hint):
    salt, payload = bytes(16), {"name": "A"}
    approval = {"id": APPROVAL, "digest": salted_digest(salt, payload), "outcome": None}
    approval |= {"looked_at": [], "reasons": []}
    states = {"looked_at": [{"code": one, "nl": "", "en": one} for one in ("scope", "law")]}
    opened = {"approval": approval, "facts": {}, "payload": payload, "salt": encode_b64url(salt)}
    opened |= {"states": {**states, "reasons": []}, "text": None}
    app = Flask("asked")
    app.add_url_rule(f"/api/v1/approvals/{APPROVAL}", view_func=lambda: opened)
    path, _ = make_key(shell, tmp_path, "me")
    words = ["approvals", "decide", APPROVAL, "--outcome", "approved", "--key", path]
    words += [word for one in ticks for word in ("--looked-at", one)]
    with serve(app) as url:
        unasked = shell(*words, url=url, who="me")
        refused = shell(*words, url=url, who="me", input="n\n")
    assert (unasked.exit_code, refused.exit_code) == (1, 1)
    assert hint in unasked.stderr
    assert "Aborted" not in unasked.stderr
    assert "--yes" not in refused.stderr


def test_nothing_that_is_signed_hides_behind_another_name():
    """Two members whose names come to the same, and members that are empty, are all shown."""
    payload = {"a": {"b_c": 1}, "a_b": {"c": 2}, "roles": [], "until": None, "x": "ab" * 32}
    payload |= {"n\nYou sign": True, "public_key": "AA"}
    approval = {"id": APPROVAL, "digest": "d", "outcome": "refused", "looked_at": [], "reasons": []}
    opened = {"approval": approval, "facts": {}, "payload": payload, "text": None}
    shown = describe_approval({**opened, "states": {"looked_at": [], "reasons": []}})
    for line in ("a b c", "roles", "until"):
        assert re.search(rf"^  {line} +(1|none)$", shown, re.MULTILINE), line
    assert re.search(r"^  a b c +2$", shown, re.MULTILINE)
    assert "abab abab abab" in shown
    assert "public key, fingerprint" in shown
    assert "\nYou sign" not in shown
    assert all(line.isprintable() for line in shown.split("\n"))


def test_stop_and_lift_by_commands(shell, house, staff, address, tmp_path, clock):
    save_key(house, tmp_path, "admin1", "overseer1")
    admin = {"url": address, "who": token(house, staff, "admin1")}
    overseer = {"url": address, "who": token(house, staff, "overseer1")}
    account = house.id("handler1")
    assert shell("staff", "suspend", account, "--ground", "left", **admin).exit_code == 0
    assert "no" in shell("staff", "list", **overseer).stdout
    clock.advance(seconds=5)
    lifted = shell("staff", "lift", account, "--key", tmp_path / "admin1.pem", "--json", **admin)
    decided = shell(
        "approvals", "decide", json.loads(lifted.stdout)["id"], "--outcome", "approved", "--yes",
        "--key", tmp_path / "overseer1.pem", **overseer,
    )  # fmt: skip
    assert decided.exit_code == 0, decided.output
    with house.log.transactions.read() as session:
        assert find_rights(session, account, clock.now()).roles == {"handler"}


def test_tokens_by_commands(shell, house, staff, address):
    mine = {"url": address, "who": token(house, staff, "handler1")}
    made = json.loads(shell("staff", "token", "new", "import", "--json", **mine).stdout)
    assert made["token"].startswith("lea_s_")
    listed = shell("staff", "token", "list", **mine).stdout
    assert made["id"] in listed
    assert made["token"] not in listed
    assert shell("staff", "token", "revoke", made["id"], **mine).exit_code == 0
    assert shell("staff", "me", url=address, who=made["token"]).exit_code == 3


def test_commands_fail_with_their_codes(shell, house, staff, address):
    mine = {"url": address, "who": token(house, staff, "handler1")}
    other = house.id("handler2")
    assert shell("staff", "suspend", other, "--ground", "left", **mine).exit_code == 3
    assert shell("staff", "me", url=address, who="lea_s_x").exit_code == 3
    assert shell("approvals", "show", "ap_" + "0" * 32, **mine).exit_code == 5
    assert shell("staff", "me", url="http://127.0.0.1:9").exit_code == 6


def save_key(house, folder, *names):
    """Write the keys of the house as the files that their holders have."""
    for name in names:
        path = folder / f"{name}.pem"
        encryption = form.BestAvailableEncryption(PASSPHRASE.encode())
        path.write_bytes(
            house.key(name).private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, encryption)
        )
        path.chmod(0o600)


def test_approval_is_read_and_decided_on_in_dutch(shell, tmp_path):
    """What is told is Dutch; what is signed stands there as the signature has it."""
    salt, payload = bytes(16), {"name": "Jan"}
    approval = {"id": APPROVAL, "digest": salted_digest(salt, payload), "outcome": None}
    approval |= {"looked_at": [], "reasons": [], "proposed_by": "iemand"}
    tick = {"code": "scope", "nl": "Het bereik.", "en": "The scope."}
    opened = {"approval": approval, "facts": {"generation": 2}, "payload": payload}
    opened |= {"salt": encode_b64url(salt), "text": None}
    opened |= {"states": {"looked_at": [tick], "reasons": []}}
    app = Flask("dutch")
    app.add_url_rule(f"/api/v1/approvals/{APPROVAL}", view_func=lambda: opened)
    path, _ = make_key(shell, tmp_path, "me")
    dutch = ("--language", "nl")
    words = ("approvals", "decide", APPROVAL, "--outcome", "approved", "--key", path, *dutch)
    with serve(app) as url:
        shown = shell("approvals", "show", APPROVAL, *dutch, url=url, who="me").output
        asked = shell(*words, url=url, who="me", input="y\nn\n").stderr
    for text in (shown, asked):
        assert text.startswith("Het voorstel\n")
        assert re.search(r"^  voorgesteld door +iemand$", text, re.MULTILINE)
        assert "Wat openlijk wordt ondertekend\n  generation  2\n" in text
        assert "verzegeld onder de digest\n  name  Jan\n" in text
        assert "Wie instemt, verklaart elk van deze te hebben bekeken:\ncode   nl " in text
    assert "Bekeken? Het bereik. (scope)" in asked
    signed = asked.partition("U ondertekent\n")[2]
    assert re.search(r"^  bekeken +Het bereik\. \(scope\)$", signed, re.MULTILINE)
    assert "Dit ondertekenen als goedgekeurd?" in signed
