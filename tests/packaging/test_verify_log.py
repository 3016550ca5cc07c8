"""A package against the whole log: what its own word hides, and what stays open without it."""

import json
import struct
import zipfile

import pytest

from lea_service.custody.verify import NO_WITNESS
from lea_service.extraction.instalments import HANDED_OVER
from lea_service.kernel.actors import worker_actor
from lea_service.packaging.cli import package as package_commands
from lea_service.packaging.report import DAMAGED, GOOD, UNKNOWN
from lea_service.packaging.verify import LEFT_OUT, UNDONE
from tests.packaging.judge import beside, check, export, found, reseal
from tests.support.edge import run
from tests.support.package import DEMAND, PACKAGE, RUN, enter, make_case

ASK = "ask for the whole log and run"


def make_whole(folder, **options):
    """Return a case, its container with the proof beside it, and the whole log."""
    folder.mkdir(exist_ok=True)
    case = make_case(folder, **options)
    container = beside(case, folder)
    return case, container, export(case.log, folder / "log.zip")


def test_good_package_says_what_it_does_not_show(tmp_path):
    case, container, _ = make_whole(tmp_path)
    report = check(case, container)
    assert (report.verdict, found(report), report.doubts) == (GOOD, [], [])
    assert report.open[0] == NO_WITNESS
    assert (
        report.open[1]
        == f"{LEFT_OUT}: {ASK} lea package verify {PACKAGE}.asice --trust DIR --log LOG.zip"
    )
    assert report.open[2].startswith(UNDONE)
    assert len(report.open) == 3
    assert f"  open     {LEFT_OUT}" in report.text()


def test_texts_inside_say_it_too(tmp_path):
    _, container, _ = make_whole(tmp_path)
    with zipfile.ZipFile(container) as archive:
        texts = [
            archive.read(name).decode()
            for name in ("LETTER.nl.txt", "LETTER.en.txt", "HOW-TO-VERIFY.txt")
        ]
    for text in texts:
        assert f"lea package verify {PACKAGE}.asice --trust DIR --log LOG.zip" in text
    plain = [" ".join(text.split()) for text in texts]
    assert "schorsing" in plain[0]
    assert "een intrekking het werk ongedaan maakte voor de overdracht" in plain[0]
    for text in plain[1:]:
        assert "suspension" in text
        assert "a withdrawal undid the work before it was handed over" in text


def test_whole_log_closes_what_was_open(tmp_path):
    case, container, log = make_whole(tmp_path)
    report = check(case, container, log)
    assert (report.verdict, found(report), report.open) == (GOOD, [], [NO_WITNESS])
    assert "decision: nothing was left out, as the log has it" in report.checked
    assert "whole log holds this very package" in report.checked


def test_package_without_its_proof_stays_open(tmp_path):
    case, container, log = make_whole(tmp_path)
    container.with_name(f"{PACKAGE}.entry.json").unlink()
    assert any(
        "whether the log holds this very package" in one for one in check(case, container).open
    )
    assert check(case, container, log).open == [NO_WITNESS]


def suspend_silently(log, team):
    team.suspend(log, "app")
    team.suspensions.clear()


LIES = {
    suspend_silently: "leaves out the suspension su_",
    lambda log, team: team.take_roles(log, "app"): "leaves out a staff.roles of s_",
    lambda log, team: team.suspensions.append(
        {"id": "su_1", "account": team.ids["adm"], "since": "2026-11-24T08:00:00.000000Z"}
    ): "names a suspension that the log does not hold",
}


@pytest.mark.parametrize("lie", LIES)
def test_lie_about_the_deciders_is_found_by_the_log_alone(tmp_path, lie):
    case, container, log = make_whole(tmp_path, before=lie)
    assert check(case, container).verdict == GOOD
    report = check(case, container, log)
    assert report.verdict == DAMAGED
    assert found(report)[0].startswith(f"decision.json: {LIES[lie]}")


def test_decision_entered_after_a_suspension_does_not_count(tmp_path):
    """The signature states a time before it, and within the time that an entry may take."""

    def stall(log, team):
        log.transactions.clock.advance(seconds=300)
        team.suspend(log, "app")
        log.transactions.clock.advance(seconds=300)

    case, container, _ = make_whole(tmp_path, meanwhile=stall)
    (problem,) = found(check(case, container))
    assert problem.startswith("plan.json: ")
    assert "had no proven right to plan.decide at that time" in problem


def test_decision_entered_too_late_does_not_count(tmp_path):
    late = {"meanwhile": lambda log, team: log.transactions.clock.advance(seconds=1500)}
    case, container, _ = make_whole(tmp_path, **late)
    assert "was not entered when it says it was signed" in found(check(case, container))[0]


def test_plan_that_was_replaced_later_does_not_count(tmp_path):
    again = {"after": lambda log, team: enter(log, "plan.compiled", DEMAND, {"plan": "pl_1"})}
    case, container, _ = make_whole(tmp_path, **again)
    assert "the log does not hold that this plan was approved" in found(check(case, container))[0]


REPLACED = "log.zip: another plan replaced this one before this package was"
UNDOING = {
    "plan.compiled": ({"plan": f"pl_{7:032x}"}, REPLACED),
    "plan.approved": ({"plan": f"pl_{7:032x}", "run": f"e_{7:032x}"}, REPLACED),
    "demand.reopened": ({"ground": "corrected"}, REPLACED),
    "demand.withdrawn": (
        {"channel": "phone"},
        "log.zip: the demand was withdrawn before this package was",
    ),
}


@pytest.mark.parametrize("event", UNDOING)
def test_package_sealed_of_undone_work_is_found_by_the_log_alone(tmp_path, event):
    case, (facts, problem) = make_case(tmp_path), UNDOING[event]
    enter(case.log, event, DEMAND, facts)
    container = beside(case, tmp_path)
    assert check(case, container).verdict == GOOD
    report = check(case, container, export(case.log, tmp_path / "log.zip"))
    assert found(report) == [f"{problem} sealed"]


@pytest.mark.parametrize("event", UNDOING)
@pytest.mark.parametrize("handed_over", [True, False])
def test_package_handed_over_of_undone_work_is_found_by_the_log_alone(tmp_path, event, handed_over):
    case, (facts, problem) = make_case(tmp_path), UNDOING[event]
    waiting = {"waiting": lambda log: enter(log, event, DEMAND, facts), "handed_over": handed_over}
    container = beside(case, tmp_path, **waiting)
    assert check(case, container).verdict == GOOD
    report = check(case, container, export(case.log, tmp_path / "log.zip"))
    assert found(report) == [f"{problem} handed over"]
    untold = "plan not replaced, demand not withdrawn until handed over, as the log has it"
    assert untold not in report.checked


def test_log_that_ends_before_the_hand_over_cannot_tell(tmp_path):
    case = make_case(tmp_path)
    other = {"package": f"pk_{8:032x}", "receivers": []}
    waiting = {"waiting": lambda log: enter(log, HANDED_OVER, DEMAND, other)}
    container = beside(case, tmp_path, handed_over=False, **waiting)
    report = check(case, container, export(case.log, tmp_path / "log.zip"))
    assert (report.verdict, found(report)) == (UNKNOWN, [])
    assert report.doubts == [
        "log.zip: ends before this package was handed over: ask for one that was exported later"
    ]


def test_hand_over_that_was_entered_too_early_is_none(tmp_path):
    case = make_case(tmp_path)
    enter(case.log, HANDED_OVER, DEMAND, {"package": PACKAGE, "receivers": []})
    undone = {"waiting": lambda log: enter(log, "demand.withdrawn", DEMAND, {"channel": "phone"})}
    report = check(case, beside(case, tmp_path, **undone), export(case.log, tmp_path / "log.zip"))
    assert report.verdict == DAMAGED


@pytest.mark.parametrize("event", UNDOING)
def test_what_is_undone_elsewhere_or_later_counts_for_nothing(tmp_path, event):
    case, (facts, _) = make_case(tmp_path), UNDOING[event]
    enter(case.log, event, f"c_{8:032x}", facts)
    container = beside(case, tmp_path)
    enter(case.log, event, DEMAND, facts)
    case.log.checkpointer.publish(worker_actor())
    report = check(case, container, export(case.log, tmp_path / "log.zip"))
    assert (report.verdict, found(report)) == (GOOD, [])


def test_halt_and_other_work_between_replace_nothing(tmp_path):
    case = make_case(tmp_path)

    def work(log):
        for event in (
            "package.sealing_started", "extraction.halted", "demand.resumed", "plan.viewed"
        ):  # fmt: skip
            enter(log, event, DEMAND, {"run": RUN})

    work(case.log)
    container = beside(case, tmp_path, waiting=work)
    report = check(case, container, export(case.log, tmp_path / "log.zip"))
    assert (report.verdict, found(report)) == (GOOD, [])


def test_log_of_another_history_is_named(tmp_path):
    case, container, _ = make_whole(tmp_path / "one")
    more = {"before": lambda log, team: enter(log, "demand.viewed", DEMAND, {"view": "plan"})}
    _, _, other = make_whole(tmp_path / "other", **more)
    assert found(check(case, container, other)) == [
        "log.zip: its checkpoint is of another history than the log given"
    ]


def test_log_that_ends_too_early_cannot_tell(tmp_path):
    early = tmp_path / "early.zip"

    def stop(log, team):
        log.checkpointer.publish(worker_actor())
        export(log, early)

    case, container, _ = make_whole(tmp_path, before=stop)
    report = check(case, container, early)
    assert (report.verdict, found(report)) == (UNKNOWN, [])
    assert report.doubts == [
        "early.zip: ends before the package was sealed: ask for one that was exported later"
    ]


def test_log_without_the_package_cannot_tell(tmp_path):
    case = make_case(tmp_path)
    container = reseal(case, tmp_path)
    report = check(case, container, export(case.log, tmp_path / "log.zip"))
    assert (report.verdict, found(report)) == (UNKNOWN, [])
    assert "log.zip: ends before this package was sealed" in report.doubts[0]


def test_log_of_one_demand_does_not_damage_a_package(tmp_path):
    case, container, _ = make_whole(tmp_path)
    narrow = export(case.log, tmp_path / "narrow.zip", DEMAND)
    words = ("verify", container, "--trust", case.trust, "--log")
    done = run(package_commands, *words, narrow)
    assert (done.exit_code, done.output) == (
        2,
        "Error: narrow.zip: is the bundle of one demand; expected the whole log, as "
        "`lea custody bundle --out LOG.zip` makes it\n",
    )
    done = run(package_commands, *words, container)
    assert done.exit_code == 2
    assert f"Error: {PACKAGE}.asice: is no bundle of the log; expected" in done.output


def test_damaged_whole_log_is_named(tmp_path):
    case, container, log = make_whole(tmp_path)
    data = bytearray(log.read_bytes())
    data[data.index(b"staff.bootstrapped")] ^= 1
    log.write_bytes(data)
    assert found(check(case, container, log))[0].startswith("log.zip: ")


def test_command_takes_the_log(tmp_path):
    case, container, log = make_whole(tmp_path, before=suspend_silently)
    alone = run(package_commands, "verify", container, "--trust", case.trust, "--json")
    assert (alone.exit_code, len(json.loads(alone.output)["open"])) == (0, 3)
    whole = run(package_commands, "verify", container, "--trust", case.trust, "--log", log)
    assert (whole.exit_code, "leaves out the suspension" in whole.output) == (1, True)
    (tmp_path / "none.zip").write_bytes(b"x")
    words = ("verify", container, "--trust", case.trust, "--log", tmp_path / "none.zip")
    assert run(package_commands, *words).exit_code == 2


def test_container_that_unpacks_too_far_is_not_read(tmp_path):
    case, path = make_case(tmp_path), tmp_path / "bomb.asice"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(300):
            archive.writestr(f"f{number}", b"x")
    data, at = bytearray(path.read_bytes()), 0
    while (at := data.find(b"PK\x01\x02", at + 1)) > 0:
        data[at + 24 : at + 28] = struct.pack("<I", 0xFFFFFFF0)
    path.write_bytes(data)
    assert found(check(case, path)) == ["bomb.asice: unpacks to more than any package"]
