"""What the demonstration leaves behind, after real processes took the whole way."""

import json
import re
import zipfile
from collections import Counter

import pytest
from sqlalchemy import func, select

from lea_service.custody.bundle import load_bundle_files
from lea_service.custody.models import LogEntry
from lea_service.custody.policy import parse_policy
from lea_service.custody.verify import NO_WITNESS, verify_bundle
from lea_service.delivery.models import Receipt
from lea_service.demands.models import Demand
from lea_service.demonstration.__main__ import demonstrate
from lea_service.demonstration.narration import Narrator
from lea_service.demonstration.walk import expect, expect_refusal
from lea_service.kernel.errors import NotFound, VerificationFailed, WrongState
from lea_service.packaging.verify import load_trust, verify_package
from lea_service.packaging.verify_log import GivenLog
from lea_service.settings import load_settings
from lea_service.wiring import build

EVENTS = (
    "demand.recorded",
    "demand.assessed",
    "plan.previewed",
    "plan.approved",
    "extraction.done",
    "package.sealed",
    "package.made_available",
    "package.fetched",
    "receipt.received",
    "package.acknowledged",
)


SCENES = (
    "agency.reinstated",
    "agency.suspended",
    "approvers.answered",
    "approvers.asked",
    "approvers.enough",
    "approvers.too_few",
    "breach.assessed",
    "breach.opened",
    "confirmation.brought",
    "confirmation.received",
    "deadline.escalated",
    "deadline.moved",
    "demand.authorisation_written",
    "demand.called_back",
    "demand.clarification_asked",
    "demand.closed",
    "demand.corrected",
    "demand.enforcing_answered",
    "demand.erased",
    "demand.hold_released",
    "demand.letter_prepared",
    "demand.letter_sent",
    "demand.narrowed",
    "demand.referred",
    "demand.refused",
    "demand.reopened",
    "demand.shut_out",
    "demand.upheld",
    "demand.withdrawn",
    "demand.shortened",
    "extraction.halted",
    "instalment.begun",
    "notice.unsent",
    "policy.authenticity_set",
    "preservation.extended",
    "preservation.kept",
    "preservation.produced",
    "preservation.released",
    "staff.clearance_recorded",
    "staff.delegated",
    "staff.identifiers_set",
    "warning.raised",
    "warning.settled",
)


class Writing(Narrator):
    """Tells nobody, and keeps what was told."""

    def __init__(self):
        super().__init__()
        self.told = []

    def _write(self, text):
        self.told.append(text)


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """The folder of a demonstration that came to its end."""
    top = tmp_path_factory.mktemp("demo") / "out"
    tell = Writing()
    demonstrate(top, tell)
    (top / "told.txt").write_text("\n".join(tell.told))
    (top / "told.txt").chmod(0o600)
    return top


@pytest.fixture
def session(left):
    """What the demonstration left in the database of cases."""
    environ = {"LEA_HOME": f"{left / 'service'}", "LEA_KEYS_DIR": f"{left / 'service' / 'keys'}"}
    services = build(load_settings(environ))
    with services.transactions.read() as session:
        yield session
    services.dispose()


@pytest.mark.slow
def test_package_lies_open_and_verifies(left):
    (container,) = [
        one for one in (left / "receiver").glob("*.asice") if "tampered" not in one.name
    ]
    report = verify_package(container, load_trust(left / "trust"))
    assert (report.problems, report.doubts) == ([], [])
    rows = (left / "receiver" / container.stem / "records" / "call-1.jsonl").read_bytes()
    assert len(rows.splitlines()) == report.rows > 0


@pytest.mark.slow
def test_package_holds_against_the_whole_log(left):
    (container,) = [
        one for one in (left / "receiver").glob("*.asice") if "tampered" not in one.name
    ]
    log = GivenLog.load(left / "audit" / "log.zip")
    report = verify_package(container, load_trust(left / "trust"), log)
    assert (report.problems, report.doubts, report.open) == ([], [], [NO_WITNESS])
    assert "decision: nothing was left out, as the log has it" in report.checked


@pytest.mark.slow
def test_page_and_letters_lie_there_to_read(left):
    page = (left / "letters" / "page-for-the-approver.html").read_text()
    assert "Openbaar Ministerie, parket Oost-Nederland" in page
    names = ("annex-iii", "late", "narrowing", "question-en", "question-nl", "referral", "refusal")
    for name in names:
        assert (left / "letters" / f"{name}.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.slow
def test_what_was_told_says_what_each_scene_shows(left):
    told = (left / "told.txt").read_text()
    for said in (
        "leaves out content_stored on ground category_outside_basis",
        "order.target_differs",
        "held: call_back_denied, mail_look_alike, not_proven",
        "nothing leaves before ",
        "it waits for nobody any more",
        "VRAAG OVER UW VORDERING",
        "QUESTION ABOUT YOUR DEMAND",
        "ANNEX III",
        "asks for it again: no such demand",
        "in the list of all demands: no",
        "held (receiver_shut_out), and he hears: no such demand",
        "target.asked_by_others",
        "officer.own_identifier",
        "can decide: Pieter Smit (answered)",
        "lent from now on, Hanna Visser decides at once",
        "NL-SV-126n, 2004-09-01",
        "CHANGED NL-SV-126nc",
        "signature_by_issuer",
        "held: signature_changed, not_proven; no plan is made of it",
        "the way that is open: mutual_legal_assistance",
        "refuses on ground foreign_direct_order",
        "whoever would refuse it hears: /ground: no ground to refuse",
        "counts as a holiday",
        "| confirmation moved from ",
        "OUR ANSWER MAY BE LATE",
        "can decide: Pieter Smit (answered), mr. A. de Wit (answered); the alarm that fewer than",
        "held (confirmation_overdue)",
        "told is the prosecution that the register names (parket@om.example): Order not confirmed",
        "hears: the oral order was not confirmed in writing in time",
        "a breach notice is open: the confirmation did not come within its term",
        "has to agree: an earlier order of this officer was not confirmed in time",
        "it came late: the hold ends, and the breach notice stays",
        "not closed yet: the breach notice of this demand was not assessed",
        "has to agree: more emergencies came today than is usual",
        "What is asked is kept on an earlier order of this authority.",
        "produced, and let go",
        "the worker closes it",
        "its authority upholds it, so it is reviewed anew",
        "held at once (enforcing_authority_refused)",
        "the very same order was recorded before: duplicate.document, duplicate.order",
        "its authority takes both back",
        "is cleared by two people, and finds it; its recorder does not",
        "`lea warnings lists`: whom they go to",
        "every overseer, and the mailbox of alarms: nobody listed oversees",
        "owed: the judge's writing, by ",
        "kept at once; owed: its validation, by ",
        "48 hours, weekends included, end on ",
        "over, and nothing came: held (authorisation_unwritten)",
        "hears: the authorisation of the judge is not known to be in writing",
        "by two: the judge wrote it down",
        "over, and nothing came: held (validation_awaited)",
        "its validation came, compared with what was acted on: it counts since a second agreed",
        "Annex V says that an order to produce follows: kept past ",
        "its plan holds the chain alone; no source of ours records that",
        "held (agency_suspended)",
        "no acknowledgement goes out",
        "two lift it: the demand goes on",
        "the work halts by itself (over_bounds), nothing is sealed",
        "by two it is reviewed anew (corrected)",
        "what is past is given at once; the next: Instalment 2 is handed over by ",
        "the day after, nobody did anything: 5 rows, a package of its own",
        "the authority ends it by telephone; one person enters that: 7 parts fall away",
    ):
        assert said in told, said


@pytest.mark.slow
def test_times_are_told_in_the_zone_of_the_house(left):
    told = (left / "told.txt").read_text()
    assert re.search(r"due \d{4}-\d\d-\d\d \d\d:\d\d \(\+0[12]:00\)", told)
    assert not re.findall(r"\d\d:\d\d[0-9:.]*Z", told)


@pytest.mark.slow
def test_nobody_else_may_read_what_it_leaves(left):
    modes = {path: path.stat().st_mode & 0o777 for path in (left, *left.rglob("*"))}
    assert len(modes) > 100
    open_to_others = [path.name for path, mode in modes.items() if mode & 0o077]
    assert open_to_others == ["staff-root.json"]  # public keys, in a folder that is closed


@pytest.mark.slow
def test_tampered_copy_is_found_out(left):
    (container,) = (left / "receiver").glob("*.tampered.asice")
    report = verify_package(container, load_trust(left / "trust"))
    assert "records/call-1.jsonl" in {one.file for one in report.problems}


@pytest.mark.slow
def test_audit_bundles_are_good_offline(left):
    policy = parse_policy((left / "trust" / "policy").read_text())
    for name in ("demand", "log"):
        report = verify_bundle(load_bundle_files(left / "audit" / f"{name}.zip"), policy)
        assert (report.problems, report.doubts) == ([], [])
        assert report.entries > 20
    events = read_events(left / "audit" / "demand.zip")
    assert [one for one in events if one in EVENTS] == list(EVENTS)


@pytest.mark.slow
def test_log_has_what_each_scene_did(session):
    assert set(SCENES) <= set(session.scalars(select(LogEntry.event)))


@pytest.mark.slow
def test_package_states_what_is_not_given(left):
    (folder,) = (one for one in (left / "receiver").iterdir() if one.is_dir())
    (said,) = json.loads((folder / "manifest.json").read_bytes())["not_given"]
    named = (said["n"], said["category"], said["ground"])
    assert named == (1, "content_stored", "category_outside_basis")
    plan = json.loads((folder / "plan.json").read_bytes())
    assert plan["items"][0]["categories"] == ["traffic_call_records"]


@pytest.mark.slow
def test_each_order_went_its_own_way(session):
    assert session.scalar(select(func.count()).select_from(Receipt)) == 2
    assert Counter(session.scalars(select(Demand.state))) == {
        "delivered": 7,
        "erased": 2,  # of the first and of the late order, fourteen days after their receipts
        "extended": 1,
        "produced": 1,
        "received": 8,
        "refused": 2,
        "released": 1,
        "replied": 1,
        "under_review": 5,
        "withdrawn": 2,
    }


@pytest.mark.slow
def test_nothing_of_a_case_is_in_the_logs(left):
    (plan,) = (left / "receiver").glob("*/plan.json")
    target = json.loads(plan.read_bytes())["items"][0]["target"]["value"]
    assert len(target) == 10
    for path in (left / "logs").glob("*.log"):
        assert target.lstrip("0") not in path.read_text()
        assert "de Groot" not in path.read_text()


def test_demonstration_ends_where_it_goes_another_way():
    expect(True, "so it goes")
    with pytest.raises(VerificationFailed, match="so it goes not"):
        expect(False, "so it goes not")
    assert expect_refusal(NotFound, lambda: find_nothing("no such demand")) == "no such demand"
    with pytest.raises(VerificationFailed, match="NotFound"):
        expect_refusal(NotFound, lambda: None)
    with pytest.raises(NotFound):
        expect_refusal(WrongState, lambda: find_nothing("no such demand"))


def find_nothing(text):
    raise NotFound(text)


def read_events(path):
    """Return the events of a bundle of one stream, in order."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".json"))
        return [json.loads(archive.read(name))["ev"] for name in names]
