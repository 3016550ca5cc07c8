"""Flags: words on what looked odd in a row, and of which columns each of them tells.

Flags come with every category, so a row keeps a flag only where a column it tells of is shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from lea_service.records.kinds import EQUIPMENT, SIGNALLING

NOT_E164, NO_PARTY, ODD_ADDRESS = "not-e164", "no-party", "odd-address"
ODD_EMAIL, ODD_SIP = "odd-email", "odd-sip-uri"
ODD_IMEI, ODD_IMSI, ODD_ICCID, ODD_MAC = "odd-imei", "odd-imsi", "odd-iccid", "odd-mac"
FRACTION, NEGATIVE_DURATION, ZERO_DURATION = "fraction-cut", "negative-duration", "zero-duration"
TALK_LONGER, COUNTER = "talk-longer-than-call", "odd-counter"
END_FIRST, FUTURE = "end-before-begin", "in-the-future"
AMBIGUOUS, SKIPPED, LEAP = "ambiguous-time", "skipped-time", "leap-second"

ADDRESSES = ("address", "address6", "prefix6", "delegated6")
COUNTERS = ("octets_in", "octets_out", "port")

_URIS = frozenset({"caller_uri", "callee_uri", "forwarded_to_uri", "transfer_chain_uri"})
_RAW = frozenset({"caller_raw", "callee_raw", "forwarded_to_raw", "transfer_chain_raw"})
_PARTIES = frozenset({"caller", "callee", "forwarded_to", "transfer_chain"}) | _RAW
_CALL_TIMES = frozenset({"started_at", "answered_at", "ended_at"})
_SESSION_TIMES = frozenset({"started_at", "ended_at"})
_VALIDITY = frozenset({"valid_from", "valid_to"})
_DURATIONS = frozenset({"duration_s", "talk_s"})


def _of_equipment(kind: str) -> Mapping[str, frozenset[str]]:
    """Return of which columns each flag on the number of a device tells."""
    flags = {"imei": ODD_IMEI, "imsi": ODD_IMSI, "iccid": ODD_ICCID, "mac": ODD_MAC}
    found: dict[str, set[str]] = {}
    for column in EQUIPMENT[kind]:
        if flag := flags.get(column.rpartition("_")[2]):
            found.setdefault(flag, set()).add(column)
    return {flag: frozenset(columns) for flag, columns in found.items()}


FLAG_COLUMNS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "call": {
        NOT_E164: _PARTIES,
        ODD_SIP: _RAW | _URIS,
        NO_PARTY: frozenset({"caller", "caller_raw", "callee", "callee_raw"}),
        ODD_ADDRESS: SIGNALLING,
        **_of_equipment("call"),
        FRACTION: _DURATIONS,
        NEGATIVE_DURATION: _DURATIONS,
        ZERO_DURATION: frozenset({"duration_s"}),
        TALK_LONGER: _DURATIONS,
        END_FIRST: frozenset({"ended_at"}),
        FUTURE: frozenset({"started_at"}),
        AMBIGUOUS: _CALL_TIMES,
        SKIPPED: _CALL_TIMES,
        LEAP: _CALL_TIMES,
    },
    "usage": {
        NO_PARTY: frozenset({"account", *ADDRESSES}),
        ODD_ADDRESS: frozenset(ADDRESSES),
        **_of_equipment("usage"),
        FRACTION: frozenset({"duration_s", *COUNTERS}),
        NEGATIVE_DURATION: frozenset({"duration_s"}),
        ZERO_DURATION: frozenset({"duration_s"}),
        COUNTER: frozenset(COUNTERS),
        END_FIRST: frozenset({"ended_at"}),
        FUTURE: frozenset({"started_at"}),
        AMBIGUOUS: _SESSION_TIMES,
        SKIPPED: _SESSION_TIMES,
        LEAP: _SESSION_TIMES,
    },
    "subscriber": {
        NOT_E164: frozenset({"number", "number_raw"}),
        ODD_SIP: frozenset({"sip_uri"}),
        ODD_EMAIL: frozenset({"email"}),
        **_of_equipment("subscriber"),
        END_FIRST: frozenset({"valid_to"}),
        FUTURE: frozenset({"valid_from"}),
        AMBIGUOUS: _VALIDITY,
        SKIPPED: _VALIDITY,
        LEAP: _VALIDITY,
    },
}
"""By record kind of which columns a flag tells; a word that is not here tells of all of them.

A change raises ``RULES_VERSION`` of the plans.
"""
