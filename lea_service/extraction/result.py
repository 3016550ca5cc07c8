"""What the digest of a result is over; the manifest and the offline verifier rest on it."""

from __future__ import annotations

from collections.abc import Sequence

from lea_service.kernel.canonical import Json


def result_value(records: Sequence[tuple[str, int, int, str]]) -> list[Json]:
    """Return what the salted digest of a row set is over, by kind, version, rows and SHA-256.

    The SHA-256 (hex) is that of the canonical JSON Lines of the kind.
    """
    return [
        {"kind": kind, "version": version, "rows": rows, "sha256": sha256}
        for kind, version, rows, sha256 in sorted(records)
    ]
