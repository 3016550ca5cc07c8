"""A package against the whole log: is its excerpt of that log, and was nothing left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from lea_service.custody.bundle import load_bundle_files
from lea_service.custody.note import Head
from lea_service.custody.policy import Policy
from lea_service.custody.whole import WholeLog, check_earlier, check_whole, open_whole_log
from lea_service.extraction.instalments import BEGUN, HANDED_OVER
from lea_service.kernel.errors import LeaError, TooLarge, VerificationFailed
from lea_service.kernel.printable import counted
from lea_service.packaging.report import PackageReport
from lea_service.packaging.verify_beside import Opened, check_sealed
from lea_service.staff.chain import StaffLog, check_chain, facts_of
from lea_service.staff.exported import load_exported
from lea_service.staff.kinds import get_kind
from lea_service.staff.root import Root

MADE = frozenset({"plan.compiled", "plan.approved", "demand.reopened", BEGUN})
"""Each supersedes the plan or run before it for good; also a plan nobody decides on."""
WITHDRAWN = "demand.withdrawn"
DONE, SEALED = "extraction.done", "package.sealed"
LATER = "ends before {what}: ask for one that was exported later"

Entry = dict[str, Any]


@dataclass(slots=True)
class Stretch:
    """The way of a package up to a step, and the events on it that undid the work."""

    step: str
    undone: list[str] = field(default_factory=list)
    is_over: bool = False


class Course:
    """What the log holds of a package on its way from the extraction to the hand-over."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.sealed: list[Entry] = []
        self.to_sealing, self.to_hand_over = Stretch("sealed"), Stretch("handed over")
        self._is_done = False

    def take(self, entry: Entry) -> None:
        """Go on by one entry of the log."""
        event, facts = str(entry["ev"]), facts_of(entry)
        is_ours = facts.get("package") == self.opened.package
        if event == SEALED and is_ours:
            self.sealed.append(entry)
            self.to_sealing.is_over = True
        if entry["case"] != self.opened.manifest["demand"] or self.to_hand_over.is_over:
            return
        # what was made before the extraction is for the check of the excerpt
        if event == WITHDRAWN or (self._is_done and event in MADE):
            (self.to_hand_over if self.sealed else self.to_sealing).undone.append(event)
        self._is_done |= event == DONE and facts.get("run") == self.opened.manifest["run"]
        if event == HANDED_OVER and is_ours and self.sealed:
            self.to_hand_over.is_over = True


@dataclass(frozen=True, slots=True)
class GivenLog:
    """A bundle of the whole log, under the name by which people know it."""

    name: str
    files: Mapping[str, bytes]
    fault: str | None = None

    @classmethod
    def load(cls, path: Path) -> GivenLog:
        """Open a bundle; a damaged one is a finding. Raises InvalidInput for what is none."""
        try:
            files = load_bundle_files(path)
        except (TooLarge, VerificationFailed) as err:
            return cls(path.name, {}, err.detail)
        check_whole(path.name, files)
        return cls(path.name, files)


def verify_log(
    given: GivenLog, opened: Opened, head: Head, policy: Policy, report: PackageReport
) -> StaffLog | None:
    """Check the log, that the excerpt (which leads to ``head``) is of it, and the package in it.

    Returns what it holds of staff; None when it is of no use here.
    """
    try:
        if given.fault is not None:
            raise VerificationFailed(given.fault)
        log = open_whole_log(given.files, policy)
        if log.head.size < head.size:
            report.doubts.append(f"{given.name}: {LATER.format(what='the package was sealed')}")
            return None
        # one root means one history: the entries under it are those of this log, byte for byte
        check_earlier(log.leaves(), head, log.head)
        staff, course = _read(log, opened)
    except LeaError as err:
        report.add(given.name, err.detail)
        return None
    except Exception as err:
        report.add(given.name, f"is not well-formed ({type(err).__name__})")
        return None
    report.checked.append(
        f"whole log: good, {counted(log.head.size, 'entry')}, and the excerpt is of it"
    )
    _judge(given.name, course, report)
    return staff


def _judge(log: str, course: Course, report: PackageReport) -> None:
    """Check how the log has the package on its way, as far as it goes."""
    for stretch in (course.to_sealing, course.to_hand_over):
        name = f"plan not replaced, demand not withdrawn until {stretch.step}, as the log has it"
        report.guard(log, name, partial(_check_stretch, log, stretch, report))
    for entry in course.sealed:
        check = partial(check_sealed, entry, course.opened)
        report.guard(log, "whole log holds this very package", check)


def check_decision(exported: Any, root: Root, staff: StaffLog) -> list[str]:
    """Return every difference between a decision and the whole log. Raises VerificationFailed."""
    decision = load_exported(exported)
    return check_chain(decision, root, staff, get_kind(decision.case.stated[1].kind).rule)


def _check_stretch(log: str, stretch: Stretch, report: PackageReport) -> None:
    """Compare what happened on the way to a step with what may. Raises VerificationFailed."""
    step = f"this package was {stretch.step}"
    if WITHDRAWN in stretch.undone:
        raise VerificationFailed(f"the demand was withdrawn before {step}")
    if stretch.undone:
        raise VerificationFailed(f"another plan replaced this one before {step}")
    if not stretch.is_over:
        report.doubts.append(f"{log}: {LATER.format(what=step)}")


def _read(log: WholeLog, opened: Opened) -> tuple[StaffLog, Course]:
    """Return what the log holds of staff, and of the package."""
    staff, course = StaffLog(), Course(opened)
    for index, entry in log.iter_entries():
        staff.take(index, entry)
        course.take(entry)
    return staff, course
