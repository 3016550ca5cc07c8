"""What a demand comes to, by filtering plain rows: written apart from what selects them in SQL.

It takes nothing of the service but the values it is handed. A row is a mapping of column to text,
number, instant or None; an item has a number, a target, a period and categories.
"""

import json
from datetime import datetime, timedelta

BEGIN = {"call": "started_at", "usage": "started_at", "subscriber": "valid_from"}
END = {"call": "ended_at", "usage": "ended_at", "subscriber": "valid_to"}
STANDS_IN = {
    "phone_number": {
        "call": ("caller", "callee", "forwarded_to"),
        "subscriber": ("number",),
    },
    "phone_id": {
        "call": ("caller_raw", "callee_raw", "forwarded_to_raw"),
        "subscriber": ("number_raw",),
    },
    "customer_number": {
        "call": ("account",),
        "usage": ("account",),
        "subscriber": ("customer_number",),
    },
    "ip_address": {"usage": ("address", "address6", "prefix6", "delegated6")},
    "sip_uri": {
        "call": ("caller_uri", "callee_uri", "forwarded_to_uri"),
        "subscriber": ("sip_uri",),
    },
    "email": {"subscriber": ("email",)},
}
"""In which columns of a kind a target can stand: whoever is asked for counts as any party."""

ALWAYS = {"source", "row_id", "started_at", "valid_from", "flags"}
ADDRESSES = "address address6 prefix6 delegated6"
SHOWS = {
    "traffic_call_records": ("call", None, "cell"),
    "location": (
        "call",
        "ended_at caller caller_raw caller_uri callee callee_raw callee_uri"
        " forwarded_to forwarded_to_raw forwarded_to_uri cell",
        "",
    ),
    "usage_sessions": ("usage", None, ""),
    "ip_identification": ("usage", f"ended_at account {ADDRESSES} port", ""),
    "subscriber_identity": (
        "subscriber",
        "valid_to customer_number name address postcode city country",
        "",
    ),
    "number_and_service": (
        "subscriber",
        "valid_to customer_number number number_raw sip_uri email service",
        "",
    ),
}
"""Of which kind a category is, which columns it shows (None: all), and which of those it does not."""

TIME_WORDS = ("ambiguous-time", "skipped-time", "leap-second", "in-the-future")
TELLS = {
    "call": {
        "not-e164": "caller caller_raw callee callee_raw forwarded_to forwarded_to_raw",
        "odd-sip-uri": "caller_raw caller_uri callee_raw callee_uri forwarded_to_raw",
        "no-party": "caller caller_raw callee callee_raw",
        "zero-duration": "duration_s",
        "negative-duration": "duration_s talk_s",
        "talk-longer-than-call": "duration_s talk_s",
        "fraction-cut": "duration_s talk_s",
        "end-before-begin": "ended_at",
    },
    "usage": {
        "odd-address": ADDRESSES,
        "no-party": f"account {ADDRESSES}",
        "odd-counter": "octets_in octets_out port",
        "zero-duration": "duration_s",
        "negative-duration": "duration_s",
        "fraction-cut": "duration_s octets_in octets_out port",
        "end-before-begin": "ended_at",
    },
    "subscriber": {
        "not-e164": "number number_raw",
        "odd-sip-uri": "sip_uri",
        "odd-email": "email",
        "end-before-begin": "valid_to",
    },
}
"""Of which columns a flag tells; those of TIME_WORDS tell of begin, which every category shows."""


class Oracle:
    """Answers demands out of rows.

    ``declared`` are the categories of each source by name, ``columns`` those of each kind in order;
    ``meant`` says what stored values a target is, where it is not its own.
    """

    def __init__(self, declared, columns, meant):
        self.declared = declared
        self.columns = columns
        self.meant = meant

    def expect(self, rows, asked):
        """Return by kind the lines that must come out, and the rows of each item."""
        lines, counts = {}, dict.fromkeys((item.n for item in asked), 0)
        for kind, row in sorted(
            rows, key=lambda one: (one[1]["source"], one[1][BEGIN[one[0]]], one[1]["row_id"])
        ):
            takers = self.takers(kind, row, asked)
            if not takers:
                continue
            rights = set().union(*(self.rights(kind, row, item) for item in takers))
            seen = rights.union(*(self.found_by(kind, row, item) for item in takers))
            shown = {
                name: _text(row[name]) if name in seen else None for name in self.columns[kind]
            }
            shown["flags"] = self.flags(kind, row, rights)
            line = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
            lines.setdefault(kind, []).append(line)
            for item in takers:
                counts[item.n] += 1
        return lines, counts

    def takers(self, kind, row, asked):
        """Return the items that a row is handed over for."""
        return [
            item
            for item in asked
            if self.rights(kind, row, item) and self.is_asked(kind, row, item)
        ]

    def is_asked(self, kind, row, item):
        """Say whether an item asks for a row, by the words of the rules."""
        if item.target.source not in (None, row["source"]):
            return False
        if not self.found_by(kind, row, item):
            return False
        if item.target.port is not None and row["port"] not in (None, item.target.port):
            return False
        start, end = item.period.start, item.period.end
        if item.target.at is not None:
            start, end = item.target.at, item.target.at + timedelta(microseconds=1)
        begin, finish = row[BEGIN[kind]], row[END[kind]]
        if kind == "call" or begin >= start:
            return start <= begin < end
        return finish is None or finish > start

    def found_by(self, kind, row, item):
        """Return the columns of a row that hold what an item asks for."""
        columns = STANDS_IN[str(item.target.kind)].get(kind, ())
        meant = self.meant.get(item.target.value, (item.target.value,))
        return {name for name in columns if row[name] in meant}

    def rights(self, kind, row, item):
        """Return the columns that an item has a right to of a row, by what its source answers."""
        found = set()
        for category in self.givers(kind, row, item):
            _, named, without = SHOWS[category]
            all_named = set(self.columns[kind]) if named is None else set(named.split())
            found |= (all_named | ALWAYS & set(self.columns[kind])) - set(without.split())
        return found

    def givers(self, kind, row, item):
        """Return the categories by which an item has a right to a row.

        Who had an address is asked by an address at an instant. By its place alone a call is given
        only if it has one.
        """
        found = {
            one
            for one in set(item.categories) & set(self.declared[row["source"]])
            if SHOWS[one][0] == kind
        }
        if str(item.target.kind) != "ip_address" or item.target.at is None:
            found.discard("ip_identification")
        return set() if found == {"location"} and row["cell"] is None else found

    def flags(self, kind, row, rights):
        """Return the flags that tell of something the columns in ``rights`` show."""
        told = [
            word
            for word in row["flags"].split(" ")
            if word in TIME_WORDS
            or rights & set(TELLS[kind].get(word, "").split())
            or rights == set(self.columns[kind])
        ]
        return " ".join(told)


def is_past_term(kind, row, cutoffs):
    """Say whether the term of a row had ended by the cut-off of its source, if it has one."""
    aged = {
        "call": row.get("started_at"),
        "usage": max(filter(None, (row.get("ended_at"), row.get("started_at"))), default=None),
        "subscriber": row.get("valid_to") and max(row["valid_to"], row["valid_from"]),
    }[kind]
    return row["source"] in cutoffs and aged is not None and aged < cutoffs[row["source"]]


def _text(value):
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime) else value
