"""The walk itself: one wrong demand refused, one right demand answered, everything verified."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from lea_service.custody.note import parse_head, parse_note
from lea_service.demonstration.authority import (
    PROSECUTOR,
    Receiving,
    write_demand,
    write_paper,
)
from lea_service.demonstration.house import Staff
from lea_service.demonstration.issuer import Issuer
from lea_service.demonstration.narration import Narrator, tell_time
from lea_service.demonstration.people import SignedIn
from lea_service.demonstration.processes import Running, at_once, run_lea, wait_until
from lea_service.demonstration.sample_data import SampleFiles
from lea_service.demonstration.stage_clock import StageClock
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.kernel.errors import LeaError, VerificationFailed
from lea_service.kernel.phrases import ENGLISH, phrase
from lea_service.legal.printed import MARKS
from lea_service.packaging.commands import (
    PROVIDER_CERTIFICATE,
    container_name,
    encrypted_name,
    opening_commands,
    verifying_commands,
)
from lea_service.packaging.receipt import read_receipt_code
from lea_service.web.client import Client

WRONG_BASIS = "NL-SV-126nd"
DEMANDS = "/api/v1/demands"
LOOKS = timedelta(minutes=5)
"""So often the worker looks at terms, at what is owed and at who can be reached."""
NOT_ASKED = "order.target_not_asked"
NOT_GIVEN = "content_stored"
"""Asked with the call records; only an article of its own gives it, so it is left out."""
MILESTONES = (
    "demand.recorded",
    "demand.called_back",
    "plan.returned",
    "plan.approved",
    "extraction.done",
    "package.sealed",
    "package.fetched",
    "receipt.received",
)
SAID = {
    "confirmed": "the agency confirms, with the code word",
    "denied": "the agency knows nothing of it",
}
KEEPS = "instrument.preservation"
"""What nobody takes upon themselves: such an order never comes to a plan."""


def expect(holds: bool, what: str) -> None:
    """Let the demonstration go on only where it goes as it tells. Raises VerificationFailed."""
    if not holds:
        raise VerificationFailed(f"the demonstration went another way: {what}")


def expect_refusal(kind: type[LeaError], act: Callable[[], object]) -> str:
    """Let an act be refused with an error of ``kind``; returns what it says."""
    try:
        act()
    except kind as err:
        return err.detail
    raise VerificationFailed(f"the demonstration went another way: no {kind.__name__} came")


@dataclass(frozen=True)
class Walk:
    """One demonstration: who takes part, where things lie, who tells it."""

    top: Path
    environ: dict[str, str]
    clock: StageClock
    service: Running
    staff: Staff
    authority: Receiving
    samples: SampleFiles
    issuer: Issuer
    tell: Narrator

    def refuse_the_wrong_demand(self) -> None:
        """Record a demand on a wrong basis; the check names the article, a person refuses."""
        handler = self.staff.handler.client
        now = self.clock.now()
        demand = self.record(write_demand(self.authority, self.samples, now, WRONG_BASIS, None))
        found = self.assess(demand)["findings"]
        expect(NOT_ASKED in {one["code"] for one in found}, "the number of the letterhead is found")
        self.tell.say("that further number is the telephone of its letterhead; no register has it")
        defects = [one for one in found if one["outcome"] == "defect"]
        body = {
            "ground": defects[0]["ground"],
            "findings": [one["ref"] for one in defects],
            "explanation": "Call records are not covered by the article this demand rests on.",
        }
        handler.post(f"{DEMANDS}/{demand}/refusal", body)
        self.tell.say(f"the handler refuses on ground {body['ground']}; the machine only found it")

    def assess(self, demand: str) -> dict[str, Any]:
        """Check a demand, and show what the check finds; returns the assessment."""
        found: dict[str, Any] = self.staff.handler.client.post(f"{DEMANDS}/{demand}/assessment")
        self.show_findings(found["findings"])
        return found

    def settle(self, demand: str, retyped: Mapping[str, list[str]]) -> None:
        """Let the handler take each question that the check left upon herself.

        ``retyped`` has by code the values that she types again from the order.
        """
        handler = self.staff.handler.client
        assessment = handler.get(f"{DEMANDS}/{demand}/assessment")
        asked = [one for one in assessment["findings"] if one["ref"] in assessment["open"]]
        for code in dict.fromkeys(one["code"] for one in asked if one["code"] != KEEPS):
            body = {"code": code, "reason": "Read in the order; nothing speaks against it."}
            body |= {"retyped": retyped[code]} if code in retyped else {}
            assessment = handler.post(f"{DEMANDS}/{demand}/assessment/acceptances", body)
        self.tell.say(
            "settled: yes" if assessment["is_settled"] else "settled, and it never comes to a plan"
        )

    def call_back(
        self, demand: str, outcome: str = "confirmed", spoke_to: str = PROSECUTOR
    ) -> None:
        """Call the number of the register about a demand, and record what was said."""
        handler = self.staff.handler.client
        shown = handler.get(f"{DEMANDS}/{demand}/authenticity")
        self.tell.say(f"held: {', '.join(shown['held_by'])}; a mailbox or letterhead proves nobody")
        number, struck = shown["contacts"][0], [one["value"] for one in shown["struck"]]
        body = {
            "contact": number["id"],
            "called_at": format_instant(self.clock.now()),
            "outcome": outcome,
            "spoke_to": spoke_to,
            "code_word": "zonnebloem",
        }
        handler.post(f"{DEMANDS}/{demand}/call-backs", body)
        other = f", not the one in the letter ({', '.join(struck)})" if struck else ""
        self.tell.say(
            f"the handler calls the number in the register ({number['value']}){other}: "
            f"{SAID[outcome]}"
        )

    def decide(self, demand: str) -> None:
        """Compile and preview a plan, propose it by one signature, approve it by another."""
        handler, approver = self.staff.handler, self.staff.approver
        plan = handler.client.post(f"{DEMANDS}/{demand}/plan", {})
        preview = handler.client.post(f"{DEMANDS}/{demand}/preview")
        counts = preview["counts"]
        self.tell.say(f"plan {plan['digest'][:12]}… would hand over {preview['rows']} rows")
        self.tell.say(
            f"on {counts['days']} days, with {counts['other_parties']} other parties; "
            f"{preview['past_term']} rows past their term (nobody has seen a row yet)"
        )
        first = handler.propose("extraction.plan", {"plan": plan["id"]})
        self.tell.say(f"{handler.who.name} proposes it, signed with her own key")
        told = "Who of the agency answered when you called back?"
        approver.send_back(first, "requester", told)
        self.tell.say(f"{approver.who.name} sends it back (requester), signed with his: {told}")
        again = handler.propose("extraction.plan", {"plan": plan["id"]})
        page = self.top / "letters" / "page-for-the-approver.html"
        page.write_bytes(approver.client.get_bytes(f"/api/v1/approvals/{again['id']}/page"))
        self.tell.say(f"all he has to weigh, on one page for a telephone: letters/{page.name}")
        opened = approver.approve(again)
        self.tell.say("proposed again he approves exactly that, and signs what he looked at:")
        for one in opened["states"]["looked_at"]:
            self.tell.show(f"{one['code']}: {one['en']}")

    def hand_over(self, demand: str) -> None:
        """Propose the plan of a demand, have it approved, and let the worker make it available."""
        handler = self.staff.handler
        plan = handler.client.post(f"{DEMANDS}/{demand}/plan", {})
        handler.client.post(f"{DEMANDS}/{demand}/preview")
        self.staff.approver.approve(handler.propose("extraction.plan", {"plan": plan["id"]}))
        self.wait_for_delivery(demand)

    def move_to(self, instant: str | datetime, after: timedelta = timedelta()) -> None:
        """Move the clock on to ``after`` an instant, and say so."""
        at = parse_instant(instant) if isinstance(instant, str) else instant
        self.clock.move_to(at + after)
        self.tell.say(f"the clock is moved on: it is {tell_time(self.clock.now())}")

    def wait_for_delivery(self, demand: str) -> None:
        """Let the worker extract, prove, seal and make available."""
        client = self.staff.handler.client

        def is_there() -> dict[str, Any] | None:
            found: dict[str, Any] = client.get(f"{DEMANDS}/{demand}/progress")
            if found["state"] == "halted":
                raise VerificationFailed(f"the run halted: {found['halt']}")
            return found if found["state"] == "delivered" else None

        found = wait_until(is_there, "the package was not made available in time")
        count = "1 row" if found["rows"] == 1 else f"{found['rows']} rows"
        self.tell.say(f"{count}, each proven to lie inside the plan, and none missing")
        (package,) = client.get(f"{DEMANDS}/{demand}/packages")["items"]
        self.tell.say(
            f"package {package['id']}, {package['size']} bytes, SHA-256 {package['sha256'][:16]}…"
        )

    def collect(self) -> str:
        """Fetch, open and verify the package as the receiver does; returns the package."""
        folder, client = self.top / "receiver", self.authority.client
        (waiting,) = client.get("/api/v1/collect/packages")["items"]
        package = str(waiting["package"])
        path = f"/api/v1/collect/packages/{package}"
        client.download(f"{path}/content", folder / encrypted_name(package))
        (folder / f"{package}.tlog-proof").write_bytes(client.get_bytes(f"{path}/proof"))
        (folder / f"{package}.entry.json").write_bytes(client.get_bytes(f"{path}/entry"))
        shutil.copy(self.top / "trust" / PROVIDER_CERTIFICATE, folder)
        self.tell.say("opened with the commands the letter prints:")
        self.tell.show("\n".join(opening_commands(package)[:1]))
        shell(opening_commands(package)[:1], folder)
        with zipfile.ZipFile(folder / container_name(package)) as archive:
            archive.extractall(folder / package)
        printed = shell(verifying_commands(package), folder)
        self.tell.say("verified with the commands the letter prints:")
        self.tell.show(printed, limit=6)
        self._show_rows(folder / package)
        self._show_not_given(folder / package)
        return package

    def give_receipt(self, package: str) -> None:
        """Send the code that lies inside the encrypted package."""
        text = (self.top / "receiver" / package / "RECEIPT.txt").read_bytes()
        body = {"format": "lea.receipt/1", "package": package, "code": read_receipt_code(text)}
        answer = self.authority.client.post("/api/v1/collect/receipts", body)
        self.tell.say(
            f"receipt {answer['receipt']} accepted: whoever sent it could open the package"
        )

    def audit(self, demand: str) -> None:
        """Export the log of the demand and the whole log; verify both offline."""
        client, folder = self.staff.auditor.client, self.top / "audit"
        policy = str(self.top / "trust" / "policy")
        entries = list(client.pages(f"{DEMANDS}/{demand}/custody"))
        self._wait_for_checkpoint(client, entries[-1]["index"])
        files = [folder / f"{name}.zip" for name in ("demand", "log")]
        for file, body in zip(files, ({"demand": demand}, {}), strict=True):
            client.post_for_file("/api/v1/custody/bundles", body, file)
        words = (("custody", "verify", str(file), "--policy", policy) for file in files)
        for file, printed in zip(
            files, at_once(*(partial(self._lea, *one) for one in words)), strict=True
        ):
            self.tell.say(f"{file.name}: {printed.splitlines()[0]}")
        passed = [one["event"] for one in entries if one["event"] in MILESTONES]
        self.tell.say(
            f"what happened to this demand, {len(entries)} entries of the log, among them:"
        )
        self.tell.show(", ".join(passed))
        self.tell.say(
            f"both to read and to verify: {folder.name}/demand.zip, {folder.name}/log.zip"
        )

    def verify_and_tamper(self, package: str) -> None:
        """Verify the package offline, alone and against the log; then a copy that was changed."""
        folder = self.top / "receiver"
        container = folder / container_name(package)
        trust = ("--trust", str(self.top / "trust"))
        log = ("--log", str(self.top / "audit" / "log.zip"))
        changed = folder / f"{package}.tampered.asice"
        tamper(container, changed)
        verify = partial(self._lea, "package", "verify")
        alone, against_log, tampered = at_once(
            partial(verify, str(container), *trust),
            partial(verify, str(container), *trust, *log),
            partial(verify, str(changed), *trust, bad=True),
        )
        self._show_verdict(alone)
        self.tell.say("once more against the whole log, which shows what a package alone does not:")
        self._show_verdict(against_log)
        self.tell.say("a copy in which one digit of one row was changed:")
        self.tell.show(tampered, 4)

    def _wait_for_checkpoint(self, client: Client, index: int) -> None:
        """Let the worker sign over the entry ``index``, so that what is exported holds it."""

        def is_covered() -> bool:
            note = parse_note(client.get_bytes("/api/v1/custody/checkpoint"))
            return parse_head(note.text).size > index

        wait_until(is_covered, "no checkpoint covers the demand in time")
        self.tell.say("the worker has signed the log up to here; an audit bundle ends there")

    def record(self, demand: dict[str, Json], order: bytes | None = None) -> str:
        """Record a demand with its order, on plain paper unless it came by word of mouth."""
        if order is None and demand["form"] != "oral":
            order = write_paper(demand)
        files = {"demand": ("demand.json", json.dumps(demand).encode(), "application/json")}
        if order is not None:
            kind = "application/pdf" if order.startswith(b"%PDF") else "message/rfc822"
            files["order"] = ("order", order, kind)
        recorded = self.staff.handler.client.upload(DEMANDS, files)
        paper = "nothing in writing yet" if order is None else "order hashed on arrival"
        how = "sent once more, and there already" if recorded["is_replay"] else paper
        self.tell.say(f"recorded as {recorded['id']}, {how}")
        return str(recorded["id"])

    def run(self, who: SignedIn, *words: str) -> str:
        """Run a command of ``lea`` as somebody; returns what it printed."""
        return run_lea({**self.environ, "LEA_TOKEN": who.token}, *words)

    def show_findings(
        self,
        findings: Sequence[dict[str, Any]],
        is_shown: Callable[[dict[str, Any]], bool] = lambda _: True,
    ) -> None:
        """Show what does not simply pass, each with its article, as far as it ``is_shown``."""
        rest = [one for one in findings if one["outcome"] != "pass"]
        shown = [one for one in rest if is_shown(one)]
        counted = "the rest" if len(shown) == len(rest) else f"{len(rest)} did not, among them"
        self.tell.say(f"{len(findings) - len(rest)} checks passed; {counted}:")
        for line, times in Counter(map(say_finding, shown)).items():
            self.tell.show(line if times == 1 else f"{line} ({times} times)")

    def _show_rows(self, folder: Path) -> None:
        (file,) = (folder / "records").glob("*.jsonl")
        first = json.loads(file.read_text().splitlines()[0])
        shown = ", ".join(f"{name} {first[name]}" for name in ("caller", "callee", "duration_s"))
        self.tell.say(f"first row of {file.name}: {tell_time(first['started_at'])}, {shown}")

    def _show_not_given(self, folder: Path) -> None:
        said = json.loads((folder / "manifest.json").read_text())["not_given"]
        expect([one["category"] for one in said] == [NOT_GIVEN], "the manifest says what it lacks")
        letter = " ".join((folder / "LETTER.en.txt").read_text().split())
        expect(all(one["en"] in letter for one in said), "and so does the letter")
        self.tell.say("manifest and letter in it say what was asked and is not given:")
        self.tell.show("\n".join(f"{one['category']}: {one['en']}" for one in said))

    def _show_verdict(self, printed: str) -> None:
        head, *lines = printed.splitlines()
        self.tell.say(head)
        for line in lines:
            if line.strip().startswith("open"):
                self.tell.show(line.strip())

    def _lea(self, *words: str, bad: bool = False) -> str:
        return run_lea(self.environ, *words, expected=1 if bad else 0)


def tamper(container: Path, target: Path) -> None:
    """Copy a container with one digit of its first call changed."""
    with zipfile.ZipFile(container) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename.endswith(".jsonl") and info.filename.startswith("records/"):
                data = _change_digit(data)
            new.writestr(info, data)


def _change_digit(data: bytes) -> bytes:
    place = data.index(b'"duration_s":') + len(b'"duration_s":')
    digit = data[place : place + 1]
    return data[:place] + (b"7" if digit != b"7" else b"3") + data[place + 1 :]


def shell(commands: Sequence[str], folder: Path) -> str:
    """Run printed commands in a folder; returns what they print. Raises VerificationFailed."""
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", "\n".join(commands)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise VerificationFailed(f"a printed command failed: {done.stdout[-300:]}")
    return done.stdout


def say_finding(found: Mapping[str, Any]) -> str:
    """Return a finding in the words that `lea legal check` has for what follows from it."""
    mark = phrase(MARKS, found["outcome"], ENGLISH).strip()
    article = f" [{found['article']}]" if found["article"] else ""
    return f"{mark}: {found['says']}{article}"
