"""One demand from arrival to receipt at the terminals of those who take part: `lea`, openssl, unzip."""

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from lea_service.app import create_app
from lea_service.cli import main
from lea_service.kernel.clock import format_instant
from tests.contract.calls import PASSPHRASE, write_key
from tests.e2e import real_calls
from tests.support.certificates import write_pair
from tests.support.edge import serve
from tests.support.orders import order_of
from tests.support.service import CALLS, OTHER, PHONE, make_item

HANDLER, APPROVER, AUDITOR, ENGINEER = "handler1", "approver1", "auditor1", "engineer1"
MADE, REAL = "made", "real"
DAYS = ("2006-06-03", "2006-06-06")


class Terminals:
    """A terminal for each person, with their token, their key and their folder."""

    def __init__(self, whole, url, folder):
        self._whole, self._url, self._tokens = whole, url, {}
        self.folder = folder

    def __call__(self, who, *words, **options):
        """Run a command as somebody; returns what it printed."""
        environ = {"LEA_URL": self._url, "LEA_TOKEN": self._token(who), **self._signer(who)}
        done = CliRunner(env=environ).invoke(main, [str(word) for word in words], **options)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, who, *words, **options):
        return json.loads(self(who, *words, "--json", **options))

    def claim(self, who, code):
        """Turn the code that somebody was told into their token."""
        self._tokens[who] = ""
        printed = self(who, "collect", "claim", "--code", code)
        self._tokens[who] = printed.strip().removeprefix("export LEA_TOKEN=")

    def agree(self, approval):
        """Let the second person read what was proposed, and sign it."""
        self(APPROVER, "approvals", "show", approval)
        words = ("approvals", "decide", approval, "--outcome", "approved")
        assert "approved" in self(APPROVER, *words, input="y\n" * 6)

    def _token(self, who):
        if who not in self._tokens:
            actor = self._whole.actor(who)
            self._tokens[who] = self._whole.services.staff.issue_token(actor, "test").token
        return self._tokens[who]

    def now(self):
        """Return the time that the service goes by."""
        return self._whole.clock.now()

    def _signer(self, who):
        if who not in self._whole.house.keys:
            return {}
        path = self.folder / f"{who}.pem"
        if not path.exists():
            write_key(self._whole.house.key(who), path)
        return {"LEA_KEY": str(path), "LEA_KEY_PASSPHRASE": PASSPHRASE}


@dataclass
class Sample:
    """A source with its file of calls, an item that asks for some, and how those lines end."""

    mapping: dict
    calls: Path
    lines: int
    item: dict
    expected: list
    read: Callable

    @property
    def count(self):
        return len(self.expected)


@pytest.fixture(params=[MADE, REAL])
def sample(request, tmp_path):
    """Twelve calls that are made up, and sixteen of the public ones."""
    if request.param == REAL:
        calls = real_calls.path_of(request.getfixturevalue("reference_dir"))
        item = make_item(real_calls.PHONE, "phone_id", *DAYS, "+02:00", source="pbx")
        expected = real_calls.read_calls(calls, *DAYS)
        assert len(expected) == 16
        return Sample(real_calls.MAPPING, calls, 9834, item, expected, real_calls.as_in_the_file)
    calls = tmp_path / "pbx.csv"
    lines = [f"{n},{PHONE},{OTHER},2026-11-03 10:{n:02d}:00,60" for n in range(12)]
    calls.write_text("\n".join([*lines, f"99,{OTHER},{OTHER},2026-11-03 11:00:00,60"]) + "\n")
    return Sample(CALLS, calls, 13, make_item(), [f"{n}" for n in range(12)], row_ids)


def row_ids(lines):
    return [json.loads(line)["row_id"] for line in lines]


@pytest.fixture
def lea(whole, tmp_path):
    with serve(create_app(whole.settings, whole.services)) as url:
        yield Terminals(whole, url, tmp_path)


def test_demand_goes_from_arrival_to_receipt(whole, lea, sample):
    connect_source(lea, sample)
    whole.work()  # the first checkpoint: nobody is let in on a log that was never signed
    admit_receiver(lea, whole.person)
    demand = take_in_demand(lea, whole, sample)
    settle(lea, demand)
    decide(lea, demand, sample)
    assert told(lea(HANDLER, "plan", "progress", demand))["state"] == "approved"
    whole.work()
    progress = told(lea(HANDLER, "plan", "progress", demand, "--watch"))
    assert (progress["state"], progress["rows in the result"]) == ("delivered", str(sample.count))
    trust = export_trust(whole, lea)
    receipt = collect_and_open(lea, whole, trust, sample)
    answer = lea("receiver", "collect", "receipt", "--file", receipt)
    assert told(answer)["is_accepted"] == "yes"
    shown = lea.json(HANDLER, "demands", "show", demand)
    assert shown["state"] == "acknowledged"
    whole.work()
    audit(lea, demand, trust)
    verify_against_log(lea, receipt.parent, trust)
    whole.check()


def connect_source(lea, sample):
    """Declare a source from a mapping file and import its calls, as docs/sources.md has it."""
    mapping = lea.folder / "pbx.json"
    mapping.write_text(json.dumps(sample.mapping))
    lea(ENGINEER, "sources", "declare", "pbx", "--mapping", mapping)
    taken = lea.json(ENGINEER, "records", "import", "pbx", sample.calls)
    assert (taken["added"], taken["rejected"]) == (sample.lines, 0)


def admit_receiver(lea, person):
    """Grant a token to the prosecutor by two people; the prosecutor claims it."""
    lea.agree(lea.json(HANDLER, "deliveries", "grant-token", person)["id"])
    agency = lea.json(HANDLER, "agencies", "list")[0]["id"]
    (token,) = lea.json(HANDLER, "deliveries", "tokens", agency)
    lea.claim("receiver", lea.json(HANDLER, "deliveries", "code", token["id"])["code"])


def take_in_demand(lea, whole, sample):
    """Record the demand with its PDF; returns its id."""
    file, order, back = (lea.folder / name for name in ("demand.json", "order.pdf", "back.pdf"))
    asked = whole.demand_json("05/123456-26", [sample.item])
    file.write_text(json.dumps(asked))
    order.write_bytes(order_of(asked, "ex artikel 126n Sv"))
    recorded = lea.json(HANDLER, "demands", "new", file, "--order", order)
    shown = lea.json(HANDLER, "demands", "show", recorded["id"])
    for said in (recorded, shown):
        assert (said["holds"], [one["code"] for one in said["lacks"]]) == ([], ["not_proven"])
    assert "proof lacks" in lea(HANDLER, "demands", "show", recorded["id"])
    assert recorded["id"] in lea(HANDLER, "demands", "list", "--state", "received")
    lea(HANDLER, "demands", "order", recorded["id"], back)
    assert back.read_bytes() == order.read_bytes()
    return recorded["id"]


def settle(lea, demand):
    """Call the agency back, assess the demand and take each question upon oneself."""
    (number,) = lea.json(HANDLER, "legal", "authenticity", demand)["contacts"]
    call = ["--contact", number["id"], "--outcome", "confirmed", "--spoke-to", "mr. B. Bakker"]
    at = format_instant(lea.now())
    said = lea(HANDLER, "legal", "call-back", demand, *call, "--at", at)
    seen = lea(HANDLER, "legal", "authenticity", demand)
    (called,) = lea.json(HANDLER, "legal", "authenticity", demand)["call_backs"]
    assert all(called["called_by_name"] in text for text in (said, seen))
    assert all(called["called_by"] not in text for text in (said, seen))
    found = lea.json(HANDLER, "legal", "assess", demand)
    for ref in found["open"]:
        code, _, item = ref.partition("/")
        words = ["--item", item] if item else []
        lea(HANDLER, "legal", "accept", demand, code, *words, "--reason", "Read in the order.")
    told = lea(HANDLER, "legal", "check", demand)
    assert "settled" in told
    names = {
        one["accepted_by_name"]
        for one in lea.json(HANDLER, "legal", "check", demand)["acceptances"]
    }
    assert None not in names
    assert all(f"accepted by {name}" in told for name in names)


def decide(lea, demand, sample):
    """Compile, preview and propose a plan by one person's key; decide by another's."""
    lea(HANDLER, "plan", "compile", demand)
    preview = lea(HANDLER, "plan", "preview", demand)
    assert told(preview.partition("\n\n")[0])["rows"] == str(sample.count)
    lea(HANDLER, "plan", "propose", demand, input="y\n")
    (pending,) = [
        one for one in lea.json(APPROVER, "approvals", "list") if one["kind"] == "extraction.plan"
    ]
    assert pending["proposed_by"] not in lea(APPROVER, "approvals", "list")
    lea.agree(pending["id"])


def export_trust(whole, lea):
    """Write, on the server, what outsiders trust; returns the folder."""
    folder = lea.folder / "trust"
    settings = {"LEA_HOME": str(whole.settings.home), "LEA_KEYS_DIR": str(whole.settings.keys_dir)}
    done = CliRunner(env=settings).invoke(main, ["keys", "export-trust", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def collect_and_open(lea, whole, trust, sample):
    """Fetch the package, open it as `lea package open` says; returns its RECEIPT.txt."""
    folder = lea.folder / "receiver"
    (waiting,) = lea.json("receiver", "collect", "list")
    package = waiting["package"]
    lea("receiver", "collect", "fetch", package, "--out", folder)
    write_pair(folder, whole.kinds[whole.person], whole.person, "receiver")
    shutil.copy(trust / "provider.cert.pem", folder)
    steps = lea.json("receiver", "package", "open", folder / f"{package}.p7m")
    shell(steps["open"], folder)
    shell(["sha256sum --check --strict SHA256SUMS"], folder / package)
    rows = (folder / package / "records" / "call-1.jsonl").read_text().splitlines()
    assert sample.read(rows) == sample.expected
    container = folder / f"{package}.asice"
    assert lea("receiver", "package", "verify", container, "--trust", trust).startswith("GOOD")
    return folder / package / "RECEIPT.txt"


def audit(lea, demand, trust):
    """Export both bundles and verify them offline; the demand's has its whole way in it."""
    for name, words in (("demand", ["--demand", demand]), ("log", [])):
        file = lea.folder / f"{name}.zip"
        lea(AUDITOR, "custody", "bundle", *words, "--out", file)
        told = lea(AUDITOR, "custody", "verify", file, "--policy", trust / "policy")
        assert told.startswith("good")
    with zipfile.ZipFile(lea.folder / "demand.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".json"))
        events = [json.loads(archive.read(name))["ev"] for name in names]
    assert events[0] == "demand.recorded"
    assert {"plan.approved", "package.fetched", "receipt.received"} <= set(events)
    assert events == [
        one["event"] for one in lea.json(AUDITOR, "custody", "entries", demand)[: len(events)]
    ]


def verify_against_log(lea, opened, trust):
    """Verify the package against the whole log as well."""
    container, log = opened.with_suffix(".asice"), lea.folder / "log.zip"
    words = ("package", "verify", container, "--trust", trust, "--log", log)
    assert lea.json("receiver", *words)["verdict"] == "good"


def told(text):
    """Return what a command told as lines of ``name  value``."""
    pairs = (line.partition("  ") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def shell(commands, folder):
    """Run commands as they are printed."""
    subprocess.run(
        ["bash", "-e", "-c", "\n".join(commands)], cwd=folder, check=True, capture_output=True
    )
