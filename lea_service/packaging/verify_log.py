"""A package against the whole log: is its excerpt of that log, and was nothing left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lea_service.custody.bundle import load_bundle_files
from lea_service.custody.note import Head
from lea_service.custody.policy import Policy
from lea_service.custody.whole import WholeLog, check_earlier, check_whole, open_whole_log
from lea_service.kernel.errors import LeaError, TooLarge, VerificationFailed
from lea_service.packaging.report import PackageReport
from lea_service.packaging.verify_beside import Opened, check_sealed
from lea_service.staff.approvals import load_exported
from lea_service.staff.chain import StaffLog, check_chain, facts_of
from lea_service.staff.kinds import get_kind
from lea_service.staff.root import Root

MADE = frozenset({"plan.compiled", "plan.approved"})
"""Each supersedes the plan before it, and its run, for good; also a plan nobody decides on."""
WITHDRAWN = "demand.withdrawn"
LATER = "ends before {what}: ask for one that was exported later"

Entry = dict[str, Any]


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
        staff, sealed, undone = _read(log, opened)
    except LeaError as err:
        report.add(given.name, err.detail)
        return None
    except Exception as err:
        report.add(given.name, f"is not well-formed ({type(err).__name__})")
        return None
    report.checked.append(f"whole log: good, {log.head.size} entries, and the excerpt is of it")
    if not sealed:
        report.doubts.append(f"{given.name}: {LATER.format(what='this package was entered')}")
    name = "plan not replaced, demand not withdrawn before sealing, as the log has it"
    report.guard(given.name, name, lambda: _check_standing(undone))
    for entry in sealed:
        name = "whole log holds this very package"
        report.guard(given.name, name, lambda entry=entry: check_sealed(entry, opened))  # type: ignore[misc]
    return staff


def check_decision(exported: Any, root: Root, staff: StaffLog) -> list[str]:
    """Return every difference between a decision and the whole log. Raises VerificationFailed."""
    decision = load_exported(exported)
    return check_chain(decision, root, staff, get_kind(decision.case.stated[1].kind).rule)


def _check_standing(undone: list[str]) -> None:
    """Compare what happened before sealing with what may. Raises VerificationFailed."""
    if WITHDRAWN in undone:
        raise VerificationFailed("the demand was withdrawn before this package was sealed")
    if undone:
        raise VerificationFailed("another plan replaced this one before this package was sealed")


def _read(log: WholeLog, opened: Opened) -> tuple[StaffLog, list[Entry], list[str]]:
    """Return what there is of staff, the entries of the package, and what undid it before them."""
    staff, sealed, undone = StaffLog(), [], []
    is_done = False
    for index, entry in log.iter_entries():
        staff.take(index, entry)
        event, facts = entry["ev"], facts_of(entry)
        if event == "package.sealed" and facts.get("package") == opened.package:
            sealed.append(entry)
        if sealed or entry["case"] != opened.manifest["demand"]:
            continue
        # what was made before the extraction is for the check of the excerpt
        if event == WITHDRAWN or (is_done and event in MADE):
            undone.append(str(event))
        is_done |= event == "extraction.done" and facts.get("run") == opened.manifest["run"]
    return staff, sealed, undone
