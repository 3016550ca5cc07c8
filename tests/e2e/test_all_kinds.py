"""One demand over calls, sessions and subscribers; what it must give is counted another way."""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest

from lea_service.demonstration.sample_data import write_samples
from lea_service.records.mapping_loading import load_shipped
from tests.support.retention import rule_request
from tests.support.sample_rows import (
    AMSTERDAM,
    COLUMNS,
    read_calls,
    read_sessions,
    read_subscribers,
    utc,
    with_ids,
)
from tests.support.service import CALLS, ZONE, read_members

TODAY = date(2026, 11, 24)
SESSIONS_KEPT = 60
KEPT_SINCE = "2026-09-25T09:00:00.000000Z"
RULES = [
    rule_request("CALL-6M"),
    rule_request("USAGE-60D", kind="usage", term=SESSIONS_KEPT, unit="days"),
    rule_request("SUBSCRIBER-24M", kind="subscriber", term=24),
]
BORDER = CALLS | {
    "name": "border",
    "file": {"header": False, "columns": ["id", "from", "to", "via", "at"]},
    "fields": {
        "started_at": {"column": "at"},
        "caller": {"column": "from"},
        "callee": {"column": "to"},
        "forwarded_to": {"column": "via"},
    },
    "sip_hosts": ["caller", "callee", "forwarded_to"],
}
"""A border controller, which writes each party as it stood in the signalling."""

MAPPINGS = {
    "border": BORDER,
    "neighbour": BORDER,
    "exchange": load_shipped("asterisk-master-csv"),
    "radius": load_shipped("freeradius-csv"),
    "customers": load_shipped("subscribers-csv"),
}
LINE = "sip:line0004@voice.example"
SECURE = "sips:line0004@voice.example"
MOBILE = "+31612345678"
NOBODY = (None, "", None)
BORDER_CALLS = [
    (None, '"Line 4" <SIP:line0004@VOICE.example:5060;transport=udp>;tag=1', LINE),
    (None, "<sips:line%30004:secret@voice.example:5061?Priority=urgent>", SECURE),
    (None, "line0004@voice.example.", LINE),
    (None, "sip:Line0004@voice.example", "sip:Line0004@voice.example"),
    (None, "sip:line0004@voice.example:5070", "sip:line0004@voice.example:5070"),
    (None, "PJSIP/line0004@voice.example-00000001", None),
    (MOBILE, "Jan <sip:+31612345678;npdi@elsewhere.example>", f"sip:{MOBILE}@elsewhere.example"),
]
"""How parties are written there, with the number and the address that they are."""
ALWAYS = {"source", "row_id", "started_at", "valid_from", "flags"}
EQUIPMENT = {"mac", "imei", "imsi"}
OF_CALLS = {
    *("signalling_in", "signalling_out"),
    *(f"{side}_{one}" for side in ("caller", "callee") for one in (*EQUIPMENT, "device")),
}
SHOWN = {
    "traffic_call_records": ("call", set(COLUMNS["call"]) - {"cell"} - OF_CALLS),
    "usage_sessions": ("usage", set(COLUMNS["usage"]) - EQUIPMENT),
    "ip_identification": (
        "usage",
        {"ended_at", "account", "address", "address6", "prefix6", "delegated6", "port"},
    ),
    "subscriber_identity": (
        "subscriber",
        {"valid_to", "customer_number", "name", "address", "postcode", "city", "country"},
    ),
    "number_and_service": (
        "subscriber",
        {"valid_to", "customer_number", "number", "number_raw", "sip_uri", "email", "service"},
    ),
    "billing_payment": (
        "subscriber",
        {"valid_to", "customer_number", "payer_name", "payer_number", "payer_account"},
    ),
    "device_identifiers": (
        "subscriber",
        {"valid_to", "customer_number", "device", "iccid"} | EQUIPMENT,
    ),
}
BESIDE = {("device_identifiers", "usage"): EQUIPMENT}
"""What a category adds to the rows of a kind that another one asks for."""
PLACES = {
    ("phone_number", "call"): ("caller", "callee", "forwarded_to"),
    ("phone_number", "subscriber"): ("number",),
    ("sip_uri", "call"): ("caller_uri", "callee_uri", "forwarded_to_uri"),
    ("sip_uri", "subscriber"): ("sip_uri",),
    ("phone_id", "call"): ("caller_raw", "callee_raw", "forwarded_to_raw"),
    ("customer_number", "call"): ("account",),
    ("customer_number", "subscriber"): ("customer_number",),
    ("email", "subscriber"): ("email",),
    ("ip_address", "usage"): ("address", "address6", "prefix6", "delegated6"),
    ("mac_address", "usage"): ("mac",),
    ("mac_address", "subscriber"): ("mac",),
}


@dataclass
class Asked:
    """What one item asks, in days of the sample; ``stored`` is how the files' rows have it."""

    kind: str
    value: str
    categories: tuple
    first: str = "2026-10-01"
    end: str = "2026-11-01"
    stored: str = ""
    more: dict = field(default_factory=dict)

    def dump(self):
        days = [datetime.fromisoformat(one).replace(tzinfo=AMSTERDAM) for one in self.days]
        return {
            "target": {"kind": self.kind, "value": self.value, **self.more},
            "period": {"start": days[0].isoformat(), "end": days[1].isoformat(), "zone": ZONE},
            "categories": list(self.categories),
        }

    @property
    def days(self):
        return self.first, self.end

    def asks(self, kind):
        """Say whether one of its categories is of a kind."""
        return any(SHOWN[one][0] == kind for one in self.known)

    def shows(self, kind, row):
        """Return the columns that its categories give a right to, and those it found a row by."""
        shown = [columns for of, columns in map(SHOWN.get, self.known) if of == kind]
        shown += [BESIDE.get((one, kind), set()) for one in self.known if shown]
        found_by = [one for one in self.places(kind) if self.is_meant(row[one])]
        return set().union(ALWAYS, found_by, *shown)

    @property
    def known(self):
        return [one for one in self.categories if one in SHOWN]

    def holds(self, kind, row):
        """Say whether a row lies in the period and is of the target."""
        start, end = self.span()
        if kind == "call":
            is_inside = start <= row["started_at"] < end
        else:
            begins, ends = ("started_at", "ended_at") if kind == "usage" else SUBSCRIBED
            is_inside = row[begins] < end and (row[ends] is None or row[ends] > start)
        if self.more.get("source", row["source"]) != row["source"]:
            return False
        return is_inside and any(self.is_meant(row[one]) for one in self.places(kind))

    def places(self, kind):
        """Return the columns of a kind in which its target can stand."""
        return PLACES.get((self.kind, kind), ())

    def is_meant(self, stored):
        if self.kind == "ip_address" and stored is not None:
            return ip_address(self.value) in ip_network(stored)
        return stored in self.meant

    @property
    def meant(self):
        if self.kind == "sip_uri" and not self.stored:
            address = self.value.partition(":")[2].partition(";")[0].lower()
            return f"sip:{address}", f"sips:{address}"
        return (self.stored or self.value,)

    def span(self):
        if "at" not in self.more:
            return utc(self.first), utc(self.end)
        at = datetime.fromisoformat(self.more["at"])
        return tuple(f"{one:%Y-%m-%dT%H:%M:%S.%f}Z" for one in (at, at + timedelta(microseconds=1)))


SUBSCRIBED = ("valid_from", "valid_to")


@dataclass
class Samples:
    """The three files, and their rows by kind."""

    paths: dict
    rows: dict


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    files = write_samples(tmp_path_factory.mktemp("samples"), TODAY)
    folder = files.calls.parent
    paths = {
        "border": folder / "border.csv",
        "neighbour": folder / "border.csv",
        "exchange": files.calls,
        "radius": files.sessions,
        "customers": files.subscribers,
    }
    border = write_border(paths["border"])
    neighbour = [row | {"source": "neighbour"} for row in border]
    rows = {
        "call": [*border, *neighbour, *read_calls(files.calls, "exchange")],
        "usage": read_sessions(files.sessions, "radius"),
        "subscriber": read_subscribers(files.subscribers, "customers"),
    }
    return Samples(paths, rows)


def write_border(path):
    """Write each spelling as each party of a call, in October and in November; returns the rows."""
    lines, rows = [], []
    others = [("+31201234567", "0201234567", None), (None, "200", None), NOBODY]
    for month in (10, 11):
        for party in BORDER_CALLS:
            for place in range(3):
                given = [*others[:place], party, *others[place + 1 :]]
                lines.append(
                    [len(rows), *(text for _, text, _ in given), f"2026-{month}-05 09:00:00"]
                )
                rows.append(border_row(len(rows), given, lines[-1][-1]))
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    return rows


def border_row(number, given, local):
    row = dict.fromkeys(COLUMNS["call"]) | {"source": "border", "row_id": (f"{number}", None)}
    for party, (e164, text, uri) in zip(("caller", "callee", "forwarded_to"), given, strict=True):
        row |= {party: e164, f"{party}_raw": text or None, f"{party}_uri": uri}
    is_plain = all(e164 or not text for e164, text, _ in given)
    return row | {"started_at": utc(local), "flags": "" if is_plain else "not-e164"}


@pytest.fixture
def filled(whole, samples):
    for name, mapping in MAPPINGS.items():
        whole.source(name, mapping)
        taken = whole.take_in(samples.paths[name].read_bytes(), name)
        assert (taken.rejected, taken.known) == (0, 0)
    for rule in RULES:
        whole.house.approve("retention.rule", rule)
    whole.work()  # the purge is due: sessions past their term go
    return whole


@pytest.fixture
def asked(samples):
    """Items of every kind of target; the fifth names the address of a session and a moment in it."""
    people, sessions = samples.rows["subscriber"], samples.rows["usage"]
    session = next(one for one in sessions if one["started_at"] > utc("2026-10-26"))
    begin = datetime.fromisoformat(session["started_at"])
    moment = {"at": (begin + timedelta(seconds=2)).isoformat(), "port": 40_000}
    who = ("subscriber_identity", "number_and_service")
    phone = "traffic_call_records", *who
    device = "billing_payment", "device_identifiers", "usage_sessions"
    number = people[0]["number_raw"], people[0]["number"]
    seen = [one["address"] for one in sessions if one["ended_at"] < KEPT_SINCE]
    late = next(one for one in sessions[::-1] if one["delegated6"])
    inside = ip_network(late["delegated6"])[7 << 64]
    macs = Counter(one["mac"] for one in sessions if one["ended_at"] >= KEPT_SINCE)
    busiest = max(macs, key=macs.__getitem__)
    early = {"first": "2026-08-26", "end": "2026-09-15"}
    return [
        Asked("phone_number", number[0], phone, stored=number[1]),
        Asked("sip_uri", people[1]["sip_uri"], who[:1]),
        Asked("customer_number", people[2]["customer_number"], (*phone[::2], "location")),
        Asked("email", people[3]["email"].upper(), who[1:], stored=people[3]["email"]),
        Asked("ip_address", session["address"], ("ip_identification",), more=moment),
        Asked("ip_address", seen[0], ("usage_sessions",), "2026-08-26", "2026-11-24"),
        Asked("ip_address", seen[1], ("usage_sessions",), **early),
        Asked("sip_uri", "sip:nobody@voice.example", who[1:]),
        Asked("phone_number", people[2]["number"], who[:1]),
        Asked("customer_number", people[5]["customer_number"], ("location",)),
        Asked("sip_uri", "sip:line0004@Voice.example;user=x", (phone[0], who[0])),
        Asked("phone_id", "200", phone[:1], end="2026-11-06", more={"source": "border"}),
        Asked("phone_number", MOBILE, phone[:1], end="2026-11-24"),
        Asked("sip_uri", f"sips:{MOBILE}@elsewhere.example", phone[:1]),
        Asked("ip_address", f"{inside}", ("usage_sessions",), "2026-10-01", "2026-11-24"),
        Asked("mac_address", "0200.5E00.0007", device[:2], stored=people[7]["mac"]),
        Asked("mac_address", busiest.upper().replace(":", "-"), device[1:], stored=busiest),
    ]


def expect(samples, asked, key):
    """Return the rows by kind as they must be delivered, and how many each item gets."""
    rows, counts = {}, [0] * len(asked)
    for kind, all_rows in samples.rows.items():
        begin = "valid_from" if kind == "subscriber" else "started_at"
        rows[kind] = []
        named = with_ids(all_rows, key)
        for row in sorted(named, key=lambda one: (one["source"], one[begin], one["row_id"])):
            inside = [n for n, one in enumerate(asked) if is_due(kind, row, one)]
            for n in inside:
                counts[n] += 1
            shown = set().union(*(asked[n].shows(kind, row) for n in inside))
            if inside:
                rows[kind].append({k: v if k in shown else None for k, v in row.items()})
    return rows, counts


def is_due(kind, row, item):
    is_kept = kind != "usage" or row["ended_at"] >= KEPT_SINCE
    return is_kept and item.asks(kind) and item.holds(kind, row)


@pytest.mark.slow
def test_package_holds_exactly_what_the_files_say(filled, samples, asked):
    demand = filled.delivered(filled.record([one.dump() for one in asked]))
    container = filled.open(filled.fetch(filled.sign_in(), filled.package(demand)))
    members = read_members(container)
    key = bytes.fromhex((filled.settings.keys_dir / "index.key").read_text())
    expected, counts = expect(samples, asked, key)
    assert counts[14] == 1
    assert counts[15] == 1
    assert counts[16] > 2
    assert counts[10] == 2 * 3 * 3 + 1  # three spellings as each party, and who it is
    assert {row["source"] for row in expected["call"]} == {"border", "neighbour", "exchange"}
    for kind, rows in expected.items():
        assert len(rows) > 1
        assert read_json_lines(members[f"records/{kind}-1.jsonl"]) == rows
        assert read_cells(members[f"records/{kind}-1.csv"]) == [as_cells(one) for one in rows]
    check_hidden(expected)
    check_items(members, counts)
    report = filled.verify(container)
    assert (report.problems, report.doubts) == ([], [])
    assert report.rows == sum(map(len, expected.values()))
    filled.check()


def read_json_lines(data):
    rows = [json.loads(line) for line in data.splitlines()]
    kinds = {tuple(one) for one in rows}
    assert len(kinds) == 1
    assert list(kinds.pop()) in COLUMNS.values()
    return rows


def read_cells(data):
    """Read CSV into rows of cells without the backslash that keeps a spreadsheet from acting."""
    header, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
    plain = [[cell.removeprefix("\\") for cell in row] for row in rows]
    return [dict(zip(header, row, strict=True)) for row in plain]


def as_cells(row):
    return {name: "" if value is None else str(value) for name, value in row.items()}


def check_hidden(rows):
    """Fail unless the expectation itself hides what no category of an item gives a right to.

    Who is asked for by SIP address shows that and neither number nor e-mail address.
    """
    assert {one["cell"] for one in rows["call"]} == {None}
    assert any(one["server"] is None for one in rows["usage"])
    assert any(one["server"] for one in rows["usage"])
    shown = [(one["name"] is None, one["number"] is None) for one in rows["subscriber"]]
    nameless = [(True, True)] * 2
    assert sorted(shown) == [*[(False, False)] * 2, *[(False, True)] * 2, (True, False), *nameless]
    of_device = [one for one in rows["subscriber"] if one["mac"]]
    assert [bool(one["payer_name"]) for one in of_device].count(True) == 1
    assert len(of_device) == 2
    assert {one["mac"] is None for one in rows["usage"]} == {True, False}
    named = [one for one in rows["subscriber"] if one["number"] is None and one["name"]]
    assert all(one["sip_uri"] and one["email"] is one["number_raw"] is None for one in named)


def check_items(members, counts):
    """Compare the outcome of each item in manifest and letter."""
    rule = "USAGE-60D"
    delivered = "Delivered: {} records in this package."
    said = [delivered.format(count) for count in counts]
    said[2] += " Not held: location (cell)."
    said[6] = said[7] = "Nothing found."
    said[9] = "Not held. Data of this kind are not recorded, or not with such a target."
    outcomes = ["delivered"] * 6 + ["nothing_found"] * 2 + ["delivered", "not_held"]
    outcomes += ["delivered"] * 7
    items = json.loads(members["manifest.json"])["items"]
    found = [(one["outcome"], one["rows"]) for one in items]
    assert found == list(zip(outcomes, counts, strict=True))
    lost = [[(loss["source"], loss["rule"]) for loss in one["destroyed"]] for one in items]
    assert lost == [[]] * 5 + [[("radius", rule)]] * 2 + [[]] * 10
    letter = " ".join(members["LETTER.en.txt"].decode().split())
    parts = letter.split("Item ")[1:]
    for n, words in enumerate(said):
        assert words in parts[n]
    words = f"were destroyed or made anonymous under rule {rule} when their term had ended"
    assert [n for n, part in enumerate(parts) if words in part] == [5, 6]
    assert [bool(count) for count in counts] == [one == "delivered" for one in outcomes]
