"""In which columns of the record kinds each kind of target can stand."""

from __future__ import annotations

from collections.abc import Mapping

from lea_service.demands.demand import TargetKind

CELL = "cell"
"""The column of a call that says where its source was, in the words of that source."""
MATCHED: Mapping[TargetKind, Mapping[str, tuple[str, ...]]] = {
    TargetKind.PHONE_NUMBER: {
        "call": ("caller", "callee", "forwarded_to", "transfer_chain"),
        "subscriber": ("number",),
    },
    TargetKind.SIP_URI: {
        "call": ("caller_uri", "callee_uri", "forwarded_to_uri", "transfer_chain_uri"),
        "subscriber": ("sip_uri",),
    },
    TargetKind.EMAIL: {"subscriber": ("email",)},
    TargetKind.CUSTOMER_NUMBER: {
        "call": ("account",),
        "usage": ("account",),
        "subscriber": ("customer_number",),
    },
    TargetKind.IP_ADDRESS: {
        "call": ("signalling_in", "signalling_out"),
        "usage": ("address", "address6", "prefix6", "delegated6"),
    },
    TargetKind.PHONE_ID: {
        "call": ("caller_raw", "callee_raw", "forwarded_to_raw", "transfer_chain_raw"),
        "subscriber": ("number_raw",),
    },
    TargetKind.TIME_AND_PLACE: {},
    TargetKind.IMEI: {
        "call": ("caller_imei", "callee_imei"),
        "usage": ("imei",),
        "subscriber": ("imei",),
    },
    TargetKind.IMSI: {
        "call": ("caller_imsi", "callee_imsi"),
        "usage": ("imsi",),
        "subscriber": ("imsi",),
    },
    TargetKind.ICCID: {"subscriber": ("iccid",)},
    TargetKind.MAC_ADDRESS: {
        "call": ("caller_mac", "callee_mac"),
        "usage": ("mac",),
        "subscriber": ("mac",),
    },
}
"""In which columns of a record kind a target can stand; whoever is asked for matches as any party.
A change raises ``RULES_VERSION``.

A SIP address is compared with what was read out of a party's text, in the same one form; an IPv6
address with each prefix that it lies in as well. A time and place stands in none: what a record has
is the cell that its source names, and which places that covers nobody here knows.
"""
