"""What the digests of a result are over; the manifest and the offline verifier rest on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lea_service.kernel.canonical import Json


def result_value(records: Sequence[tuple[str, int, int, str]]) -> list[Json]:
    """Return what the salted digest of a row set is over, by kind, version, rows and SHA-256.

    The SHA-256 (hex) is that of the canonical JSON Lines of the kind.
    """
    return [
        {"kind": kind, "version": version, "rows": rows, "sha256": sha256}
        for kind, version, rows, sha256 in sorted(records)
    ]


def accounted_value(
    sources: Iterable[tuple[str, str, int, int, Mapping[str, int]]],
) -> list[Json]:
    """Return what the salted digest of the account of a run is over.

    Of each source its name and kind, the rows read and delivered, and those withheld by rule.
    """
    return [
        {
            "source": source,
            "kind": kind,
            "rows_read": read,
            "rows_delivered": delivered,
            "withheld": dict(withheld),
        }
        for source, kind, read, delivered, withheld in sorted(sources, key=lambda one: one[:2])
    ]
