"""The sample files read without any code of the service: what canonical rows they hold.

Nothing in them is odd, so no row has a flag.
"""

import base64
import csv
import hashlib
import hmac
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NAMES = {
    "call": (
        "source row_id started_at answered_at ended_at duration_s talk_s direction caller "
        "caller_raw caller_uri callee callee_raw callee_uri forwarded_to forwarded_to_raw "
        "forwarded_to_uri transfer_chain transfer_chain_raw transfer_chain_uri account agent queue trunk channel_in channel_out signalling_in "
        "signalling_out caller_device caller_mac caller_imei caller_imsi callee_device callee_mac "
        "callee_imei callee_imsi cell result cause flags"
    ),
    "usage": (
        "source row_id started_at ended_at duration_s account address address6 prefix6 delegated6 "
        "port server session mac imei imsi octets_in octets_out cause flags"
    ),
    "subscriber": (
        "source row_id valid_from valid_to customer_number name address postcode city country "
        "number number_raw sip_uri email service payer_name payer_number payer_account device mac "
        "imei imsi iccid flags"
    ),
}
COLUMNS = {kind: names.split() for kind, names in NAMES.items()}
MASTER = (
    "accountcode src dst dcontext clid channel dstchannel lastapp lastdata start answer end "
    "duration billsec disposition amaflags uniqueid userfield"
)


def read_calls(path, source):
    """Return the rows of an Asterisk ``Master.csv``, times of Amsterdam's clock."""
    with path.open(newline="", encoding="utf-8") as file:
        lines = file.read().splitlines()
    return [
        _call(dict(zip(MASTER.split(), cells, strict=True)), line, source)
        for cells, line in zip(csv.reader(lines), lines, strict=True)
    ]


def read_sessions(path, source):
    """Return the rows of a RADIUS accounting export."""
    with path.open(newline="", encoding="utf-8") as file:
        return [_session(line, source) for line in csv.DictReader(file)]


def read_subscribers(path, source):
    """Return the rows of a list of subscribers."""
    with path.open(newline="", encoding="utf-8") as file:
        return [_subscriber(line, source) for line in csv.DictReader(file)]


def utc(local):
    """Turn wall clock in Amsterdam, ``2026-10-01 09:00:00`` or a day, into an instant as text."""
    moment = datetime.fromisoformat(local).replace(tzinfo=AMSTERDAM).astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000000Z"


def with_ids(rows, key):
    """Return rows with their ids: what shows, and what only who has the index key can tell."""
    return [row | {"row_id": _row_id(*row["row_id"], row["source"], key)} for row in rows]


def _row_id(shown, hidden, source, key):
    if hidden is None:
        return shown
    purpose = f"row_id {source}".encode()
    told = len(purpose).to_bytes(2, "big") + purpose + hidden.encode()
    digest = base64.urlsafe_b64encode(hmac.new(key, told, hashlib.sha256).digest())
    name = digest.decode()[:22]
    return f"{shown}:{name}" if shown else name


def _call(line, text, source):
    return dict.fromkeys(COLUMNS["call"]) | {
        "source": source,
        "row_id": (line["uniqueid"], text),
        "started_at": utc(line["start"]),
        "answered_at": utc(line["answer"]) if line["answer"] else None,
        "ended_at": utc(line["end"]),
        "duration_s": int(line["duration"]),
        "talk_s": int(line["billsec"]),
        "caller": _international(line["src"]),
        "caller_raw": line["src"],
        "callee": _international(line["dst"]),
        "callee_raw": line["dst"],
        "account": line["accountcode"],
        "channel_in": line["channel"],
        "channel_out": line["dstchannel"],
        "result": line["disposition"],
        "flags": "",
    }


def _session(line, source):
    return dict.fromkeys(COLUMNS["usage"]) | {
        "source": source,
        "row_id": ("", json.dumps([line["acctuniqueid"]])),
        "started_at": utc(line["acctstarttime"]),
        "ended_at": utc(line["acctstoptime"]),
        "duration_s": int(line["acctsessiontime"]),
        "account": line["username"],
        "address": line["framedipaddress"],
        "address6": line["framedipv6address"] or None,
        "prefix6": line["framedipv6prefix"] or None,
        "delegated6": line["delegatedipv6prefix"] or None,
        "server": line["nasipaddress"],
        "session": line["acctsessionid"],
        "mac": line["callingstationid"].replace("-", ":").lower(),
        "octets_in": int(line["acctinputoctets"]),
        "octets_out": int(line["acctoutputoctets"]),
        "cause": line["acctterminatecause"],
        "flags": "",
    }


def _subscriber(line, source):
    as_they_are = ("customer_number", "name", "address", "postcode", "city", "country")
    as_they_are += ("sip_uri", "email", "service", "payer_name", "payer_number", "payer_account")
    as_they_are += ("device", "mac")
    named = ("customer_number", "number", "sip_uri", "email", "service")
    named += ("mac", "imei", "imsi", "iccid", "valid_from")
    return dict.fromkeys(COLUMNS["subscriber"]) | {
        "source": source,
        "row_id": (line["valid_from"], _parts(line, named)),
        "valid_from": utc(line["valid_from"]),
        "valid_to": utc(line["valid_to"]) if line["valid_to"] else None,
        "number": _international(line["number"]),
        "number_raw": line["number"],
        "flags": "",
        **{name: line[name] for name in as_they_are},
    }


def _parts(line, names):
    return json.dumps([line[name] for name in names], separators=(",", ":"))


def _international(number):
    assert number.startswith("0")
    return f"+31{number[1:]}"
