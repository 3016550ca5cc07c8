"""Offline verification of audit bundles: no service, no database, no network.

The policy comes from outside the bundle: a bundle that brings its own keys proves nothing. The
verdict is 0 good, 1 damaged, 2 cannot tell; never 0 on doubt. It is about what can be proven from
the bundle; what cannot be stands beside it as open.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from lea_service.custody.disclosures import digest_of, parse_disclosure
from lea_service.custody.entries import load_entry
from lea_service.custody.merkle import leaf_hash, tree_root
from lea_service.custody.note import Head, parse_head, parse_note
from lea_service.custody.policy import Policy
from lea_service.custody.proofs import LogProof
from lea_service.custody.tiles import (
    bundles_of,
    full_root,
    load_bundle,
    tile_path,
    tiles_of,
)
from lea_service.kernel.canonical import Json, load_strict
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import LeaError, VerificationFailed
from lea_service.kernel.printable import counted

GOOD, DAMAGED, UNKNOWN = 0, 1, 2
Progress = Callable[[int, int], None]
"""Told now and then how much is done, of how much."""
NO_WITNESS = (
    "whether the provider shows everybody this same log: the policy asks for no witness from "
    "outside, so compare checkpoints with others who hold them"
)
DECIDERS = (
    "whether the people behind an approval had the right to decide: their accounts, roles and "
    "suspensions stand in other streams; for a package, lea package verify --log tells"
)


@dataclass(slots=True)
class Report:
    """What was checked, and everything that was wrong, in order; ``stream`` of a narrow bundle.

    ``open`` is what a good bundle of this kind does not show.
    """

    problems: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    entries: int = 0
    disclosed: int = 0
    withheld: int = 0
    head: Head | None = None
    stream: str | None = None

    @property
    def verdict(self) -> int:
        """Return 0 good, 1 damaged, 2 cannot tell."""
        if self.problems:
            return DAMAGED
        return UNKNOWN if self.doubts or self.head is None else GOOD


class StreamCheck:
    """Follows ``n``, ``prev`` and ``t`` of entries as they come, of all streams at once."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._last: dict[str, tuple[int, str]] = {}
        self._t: str = ""

    def check(self, entry: Mapping[str, Json], leaf: bytes) -> None:
        """Compare with the entry before of the same stream. Raises VerificationFailed."""
        stream, t = str(entry["case"]), str(entry["t"])
        n, prev = self._last.get(stream, (-1, ""))
        if entry["log"] != self._origin:
            raise VerificationFailed("the entry belongs to another log")
        if entry["n"] != n + 1:
            raise VerificationFailed(f"entry {n + 1} of its stream is missing")
        if (entry["prev"] or "") != prev:
            raise VerificationFailed("the entry does not follow the one before in its stream")
        if t < self._t or parse_instant(t) is None:
            raise VerificationFailed("time runs backwards")
        self._t = t
        self._last[stream] = (n + 1, b64encode(leaf).decode())


def verify_bundle(
    files: Mapping[str, bytes],
    policy: Policy,
    progress: Progress = lambda _done, _total: None,
) -> Report:
    """Check a whole or a narrow bundle against a policy from outside it."""
    report = Report()
    if "checkpoint" in files:
        _guard(report, "checkpoint", lambda: _verify_whole(files, policy, report, progress))
    elif is_narrow(files):
        _guard(report, "entries", lambda: _verify_narrow(files, policy, report, progress))
    else:
        report.doubts.append("the bundle holds neither a checkpoint nor entries")
    if report.head is not None and not policy.has_witness:
        report.open.append(NO_WITNESS)
    return report


def is_narrow(files: Mapping[str, bytes]) -> bool:
    """Say whether a bundle is of one stream, by the names in it."""
    return "checkpoint" not in files and any(name.startswith("entries/") for name in files)


def _verify_whole(
    files: Mapping[str, bytes], policy: Policy, report: Report, progress: Progress
) -> None:
    note = parse_note(files["checkpoint"])
    policy.verify(note)
    head = parse_head(note.text)
    leaves = list(_checked_leaves(files, head, report, progress))
    if len(leaves) != head.size or tree_root(leaves) != head.root:
        report.problems.append("the entries do not give the root of the checkpoint")
    for path, expected in _expected_tiles(leaves):
        if files.get(path) != expected:
            report.problems.append(f"{path}: missing, or not what the entries give")
    known = {tile_path(*one) for one in tiles_of(head.size)} | {"policy", "checkpoint"}
    known |= {tile_path(None, *one) for one in bundles_of(head.size)}
    report.problems += [f"{name}: does not belong here" for name in files if name not in known]
    report.head = head


def _checked_leaves(
    files: Mapping[str, bytes], head: Head, report: Report, progress: Progress
) -> Iterator[bytes]:
    streams = StreamCheck(head.origin)
    for number, width in bundles_of(head.size):
        path = tile_path(None, number, width)
        if path not in files:
            report.problems.append(f"{path}: missing")
            return
        for position, data in enumerate(load_bundle(files[path], width)):
            leaf = leaf_hash(data)
            label = f"entry {number * 256 + position}"
            _guard(report, label, partial(_check_entry, streams, data, leaf))
            report.entries += 1
            yield leaf
        progress(report.entries, head.size)


def _check_entry(streams: StreamCheck, data: bytes, leaf: bytes) -> None:
    streams.check(load_entry(data), leaf)


def _expected_tiles(leaves: list[bytes]) -> Iterator[tuple[str, bytes]]:
    level, hashes = 0, leaves
    while hashes:
        for number in range(-(-len(hashes) // 256)):
            part = hashes[number * 256 : (number + 1) * 256]
            yield tile_path(level, number, len(part)), b"".join(part)
        full = len(hashes) // 256
        hashes = [full_root(hashes[at * 256 : (at + 1) * 256]) for at in range(full)]
        level += 1


def _verify_narrow(
    files: Mapping[str, bytes], policy: Policy, report: Report, progress: Progress
) -> None:
    count = sum(name.startswith("entries/") and name.endswith(".json") for name in files)
    disclosed = _disclosures_by_entry(files, report)
    streams: StreamCheck | None = None
    seen: set[str] = set()
    for n in range(count):
        name = f"entries/{n:06d}"
        data, proof = files.get(f"{name}.json"), files.get(f"{name}.tlog-proof")
        if data is None or proof is None:
            report.problems.append(f"{name}: the entry or its proof is missing")
            return
        head = LogProof.parse(proof).verify(data, policy)
        if report.head is not None and head != report.head:
            raise VerificationFailed("the proofs lead to different checkpoints")
        report.head = head
        streams = streams or StreamCheck(head.origin)
        entry = load_entry(data)
        streams.check(entry, leaf_hash(data))
        seen.add(str(entry["case"]))
        _check_disclosed(entry, disclosed.pop(n, []), name, report)
        report.entries += 1
        progress(report.entries, count)
        if entry["ev"] == "approval.decided" and DECIDERS not in report.open:
            report.open.append(DECIDERS)
    if len(seen) != 1:
        report.problems.append("a narrow bundle holds exactly one stream")
    report.stream = min(seen, default=None)
    known = {f"entries/{n:06d}.{end}" for n in range(count) for end in ("json", "tlog-proof")}
    known |= {"policy", "disclosures.jsonl"}
    report.problems += [f"{name}: does not belong here" for name in files if name not in known]
    report.problems += [f"disclosures of entry {n}: no such entry" for n in disclosed]


def _disclosures_by_entry(files: Mapping[str, bytes], report: Report) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for number, line in enumerate(files.get("disclosures.jsonl", b"").splitlines(), 1):
        try:
            n, disclosure = _read_disclosed(line)
        except (LeaError, KeyError, TypeError):
            report.problems.append(f"disclosures.jsonl line {number}: malformed")
            break
        found.setdefault(n, []).append(disclosure)
    return found


def _read_disclosed(line: bytes) -> tuple[int, str]:
    value = load_strict(line)
    n, disclosure = value["n"], value["disclosure"]
    if type(n) is not int or not isinstance(disclosure, str):
        raise TypeError
    return n, disclosure


def _check_disclosed(
    entry: Mapping[str, Json], encoded: list[str], name: str, report: Report
) -> None:
    committed = entry["_sd"]
    promised = {str(one) for one in committed} if isinstance(committed, list) else set()
    for one in encoded:
        parse_disclosure(one)
        if digest_of(one) not in promised:
            report.problems.append(f"{name}: a disclosure is not what the entry commits to")
        report.disclosed += 1
    report.withheld += len(promised) - len({digest_of(one) for one in encoded})


def _guard(report: Report, label: str, check: Callable[[], None]) -> None:
    try:
        check()
    except LeaError as err:
        report.problems.append(f"{label}: {err.detail}")
    except Exception as err:
        # whatever a crafted file makes our readers stumble over is the file's fault
        report.problems.append(f"{label}: is not well-formed ({type(err).__name__})")


def describe(report: Report) -> str:
    """Return the verdict in one line of plain words."""
    if report.verdict == GOOD and report.head is not None:
        under = f"under a log of {report.head.size}"
        if report.stream is None:
            return f"good: {counted(report.entries, 'entry')} {under}"
        first = f"good: the first {report.entries} entries of {report.stream} {under}"
        return f"{first}; whether more follow only the whole log tells"
    if report.verdict == DAMAGED:
        return f"damaged: {report.problems[0]}"
    return "cannot tell: " + "; ".join(report.doubts or ["no signed head was found"])
