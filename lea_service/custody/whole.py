"""The whole log in an auditor's hand: verified first, then asked what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lea_service.custody.entries import load_entry
from lea_service.custody.merkle import leaf_hash, tree_root
from lea_service.custody.note import Head
from lea_service.custody.policy import Policy
from lea_service.custody.tiles import bundles_of, load_bundle, tile_path
from lea_service.custody.verify import is_narrow, verify_bundle
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import InvalidInput, VerificationFailed

WHOLE = "expected the whole log, as `lea custody bundle --out LOG.zip` makes it"


@dataclass(frozen=True)
class WholeLog:
    """A whole bundle that verified: its head, and every entry up to there."""

    head: Head
    _files: Mapping[str, bytes]

    def iter_bytes(self) -> Iterator[bytes]:
        """Yield the bytes of each entry, in order."""
        for number, width in bundles_of(self.head.size):
            yield from load_bundle(self._files[tile_path(None, number, width)], width)

    def iter_entries(self) -> Iterator[tuple[int, dict[str, Json]]]:
        """Yield each entry with its index."""
        for index, data in enumerate(self.iter_bytes()):
            yield index, load_entry(data)

    def leaves(self) -> list[bytes]:
        """Return the leaf hashes."""
        return [leaf_hash(data) for data in self.iter_bytes()]


def check_whole(name: str, files: Mapping[str, bytes]) -> None:
    """Check that the bundle ``name`` should be of the whole log: another was given by mistake.

    Raises InvalidInput.
    """
    if "checkpoint" not in files:
        kind = "the bundle of one demand" if is_narrow(files) else "no bundle of the log"
        raise InvalidInput(f"{name}: is {kind}; {WHOLE}")


def open_whole_log(files: Mapping[str, bytes], policy: Policy) -> WholeLog:
    """Verify a whole bundle. Raises VerificationFailed for any doubt, and for a narrow one."""
    report = verify_bundle(files, policy)
    if report.problems:
        raise VerificationFailed(report.problems[0])
    if report.head is None or report.stream is not None:
        raise VerificationFailed("is not a bundle of the whole log")
    return WholeLog(report.head, files)


def check_earlier(leaves: list[bytes], earlier: Head, log: Head) -> None:
    """Check that an earlier head is one of this log. Raises VerificationFailed."""
    if earlier.origin != log.origin or earlier.size > log.size:
        raise VerificationFailed("its checkpoint is of another log, or a later one")
    if tree_root(leaves[: earlier.size]) != earlier.root:
        raise VerificationFailed("its checkpoint is of another history than the log given")
