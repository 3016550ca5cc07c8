"""Small worlds: stores and demands drawn at random, and an oracle that filters plain rows."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from sqlalchemy import insert

from lea_service.demands.demand import OF_A_SOURCE, Item, Period, Target, TargetKind
from lea_service.extraction.plan import PlanReceiver, PlanSource, compile_plan
from lea_service.records.kinds import CATEGORIES, KINDS
from lea_service.records.partitions import make_room
from lea_service.records.store import TABLES

T0 = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NUMBERS = ("+31612345678", "+31201234567", "+31887654321")
RAW = ("200", "201", "the hall")
CUSTOMERS = ("K1", "K2")
ADDRESSES = ("192.0.2.1", "2001:db8::1")
SIP_URIS = {
    "<sip:a@B.Example:5060;transport=tcp>": ("sip:a@b.example", "sips:a@b.example"),
    "SIP:A@b.example": ("sip:A@b.example", "sips:A@b.example"),
    "sips:%61@b.example:5062": ("sip:a@b.example:5062", "sips:a@b.example:5062"),
}
EMAILS = {
    "Jan@Huis.example": ("jan@huis.example",),
    "piet@huis.example": ("piet@huis.example",),
}
INSIDE = {"2001:db8::1": ("2001:db8::1", "2001:db8::/64", "2001:db8::/56", "2001:db8::1/128")}
IMEIS = {
    "35-693803-564380-9": ("356938035643809", "356938035643800"),
    "4901542032375177": ("490154203237518", "490154203237510"),
}
IMSIS = ("204081234567890", "204040000000001")
ICCIDS = {
    "8931080012345678904": (
        "8931080012345678904",
        "893108001234567890",
        "89310800123456789048",
    )
}
MACS = {"001A.2B3C.4D5E": ("00:1a:2b:3c:4d:5e",), "00-1A-2B-3C-4D-5F": ("00:1a:2b:3c:4d:5f",)}
MEANT = SIP_URIS | EMAILS | INSIDE | IMEIS | ICCIDS | MACS
"""What stored values a target is, where people spell it in several ways."""
SOURCES = (
    (f"so_{1:032x}", "pbx-b", "call"),
    (f"so_{2:032x}", "PBX-a", "call"),
    (f"so_{3:032x}", "radius", "usage"),
    (f"so_{4:032x}", "crm", "subscriber"),
)
DECLARED = {
    "pbx-b": ("traffic_call_records", "location", "device_identifiers", "ip_identification"),
    "PBX-a": ("traffic_call_records",),
    "radius": ("usage_sessions", "ip_identification", "device_identifiers"),
    "crm": (
        "number_and_service",
        "subscriber_identity",
        "billing_payment",
        "device_identifiers",
    ),
}
"""For which categories each source was declared: it is asked for no other."""
BEGIN = {"call": "started_at", "usage": "started_at", "subscriber": "valid_from"}
END = {"call": "ended_at", "usage": "ended_at", "subscriber": "valid_to"}
TARGETS = {
    TargetKind.PHONE_NUMBER: (
        NUMBERS,
        {
            "call": ("caller", "callee", "forwarded_to", "transfer_chain"),
            "subscriber": ("number",),
        },
    ),
    TargetKind.PHONE_ID: (
        RAW,
        {
            "call": ("caller_raw", "callee_raw", "forwarded_to_raw", "transfer_chain_raw"),
            "subscriber": ("number_raw",),
        },
    ),
    TargetKind.CUSTOMER_NUMBER: (
        CUSTOMERS,
        {"call": ("account",), "usage": ("account",), "subscriber": ("customer_number",)},
    ),
    TargetKind.IP_ADDRESS: (
        ADDRESSES,
        {
            "call": ("signalling_in", "signalling_out"),
            "usage": ("address", "address6", "prefix6", "delegated6"),
        },
    ),
    TargetKind.SIP_URI: (
        tuple(SIP_URIS),
        {
            "call": ("caller_uri", "callee_uri", "forwarded_to_uri", "transfer_chain_uri"),
            "subscriber": ("sip_uri",),
        },
    ),
    TargetKind.EMAIL: (tuple(EMAILS), {"subscriber": ("email",)}),
    TargetKind.IMEI: (
        tuple(IMEIS),
        {"call": ("caller_imei", "callee_imei"), "usage": ("imei",), "subscriber": ("imei",)},
    ),
    TargetKind.IMSI: (
        IMSIS,
        {"call": ("caller_imsi", "callee_imsi"), "usage": ("imsi",), "subscriber": ("imsi",)},
    ),
    TargetKind.ICCID: (tuple(ICCIDS), {"subscriber": ("iccid",)}),
    TargetKind.MAC_ADDRESS: (
        tuple(MACS),
        {"call": ("caller_mac", "callee_mac"), "usage": ("mac",), "subscriber": ("mac",)},
    ),
}
TIME_WORDS = ("ambiguous-time", "skipped-time", "leap-second", "in-the-future")
TELLS = {
    "call": {
        "not-e164": "caller caller_raw callee callee_raw forwarded_to forwarded_to_raw "
        "transfer_chain transfer_chain_raw",
        "odd-sip-uri": "caller_raw caller_uri callee_raw callee_uri forwarded_to_raw "
        "transfer_chain_raw transfer_chain_uri",
        "no-party": "caller caller_raw callee callee_raw",
        "odd-address": "signalling_in signalling_out",
        "odd-imei": "caller_imei callee_imei",
        "odd-imsi": "caller_imsi callee_imsi",
        "odd-mac": "caller_mac callee_mac",
        "zero-duration": "duration_s",
        "negative-duration": "duration_s talk_s",
        "talk-longer-than-call": "duration_s talk_s",
        "fraction-cut": "duration_s talk_s",
        "end-before-begin": "ended_at",
    },
    "usage": {
        "odd-address": "address address6 prefix6 delegated6",
        "odd-imei": "imei",
        "odd-imsi": "imsi",
        "odd-mac": "mac",
        "no-party": "account address address6 prefix6 delegated6",
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
        "odd-imei": "imei",
        "odd-imsi": "imsi",
        "odd-iccid": "iccid",
        "odd-mac": "mac",
        "end-before-begin": "valid_to",
    },
}
"""Of which columns a flag tells; those of TIME_WORDS tell of begin, which every category shows."""
ADDED = {
    ("device_identifiers", "call"): "caller_device caller_mac caller_imei caller_imsi "
    "callee_device callee_mac callee_imei callee_imsi",
    ("device_identifiers", "usage"): "mac imei imsi",
    ("ip_identification", "call"): "signalling_in signalling_out",
}
"""The columns that a category adds to rows of a kind which another one asks for."""
STORED_URIS = (*sorted({one for stored in SIP_URIS.values() for one in stored}), None)
NOT_ANSWERED = ("content_stored", "sensitive")

FILLERS = {
    "caller": NUMBERS,
    "callee": NUMBERS,
    "forwarded_to": (NUMBERS[2], None, None),
    "caller_raw": (*RAW, 'Jan "J" é\n'),
    "callee_raw": RAW,
    "forwarded_to_raw": (*RAW, None, None),
    **dict.fromkeys(("caller_uri", "callee_uri", "forwarded_to_uri", "sip_uri"), STORED_URIS),
    "account": CUSTOMERS,
    **dict.fromkeys(("signalling_in", "signalling_out"), (*ADDRESSES, None)),
    **dict.fromkeys(
        ("caller_mac", "callee_mac", "mac"), (*(one for (one,) in MACS.values()), None)
    ),
    **dict.fromkeys(
        ("caller_imei", "callee_imei", "imei"),
        (*(one for both in IMEIS.values() for one in both), "3569380356438", None),
    ),
    **dict.fromkeys(("caller_imsi", "callee_imsi", "imsi"), (*IMSIS, None)),
    "iccid": (*(one for all_forms in ICCIDS.values() for one in all_forms), "89310800", None),
    **dict.fromkeys(("device", "caller_device", "callee_device"), ("Yealink T46U", None)),
    **dict.fromkeys(("agent", "queue", "trunk", "cause", "payer_name"), ("a b", None)),
    "payer_number": CUSTOMERS,
    "address": ADDRESSES,
    "address6": ("2001:db8::1", "2001:db8::2", None),
    "prefix6": ("2001:db8::/64", "2001:db8:0:1::/64", "2001:db8::1/128", None),
    "delegated6": ("2001:db8::/56", "2001:db8:1::/48", None),
    "port": (80, 443, None),
    "number": NUMBERS,
    "number_raw": RAW,
    "customer_number": CUSTOMERS,
    "cell": ("cell-1", None),
    "octets_in": (0, 2**40),
    "duration_s": (0, 60, None),
    "name": ("Jansen", ""),
    "email": ("jan@huis.example", "piet@huis.example", "jan@elders.example", None),
}


CHAINS = {
    "transfer_chain": NUMBERS,
    "transfer_chain_raw": ("200", "201", "the%20hall", "2001", "20"),
    "transfer_chain_uri": (*STORED_URIS[:-1], "sip:A@B.example"),
}


def draw_chains(rng):
    """Return lists of parties for few calls; whatever has one has it as the source wrote it."""
    if rng.random() < 0.6:
        return {}
    lists = {
        name: " ".join(rng.choices(words, k=rng.randint(1, 4))) for name, words in CHAINS.items()
    }
    empty = rng.choice((None, "transfer_chain", "transfer_chain_uri"))
    return {name: text for name, text in lists.items() if name != empty}


def instant(rng):
    """Return one of few instants, so that edges and identical ones are common."""
    return T0 + timedelta(hours=rng.randrange(6), microseconds=rng.choice((0, 0, 0, -1, 1)))


def draw_store(rng, most=14):
    """Return rows as (kind, columns)."""
    rows = []
    for number in range(rng.randrange(most + 1)):
        _, source, kind = rng.choice(SOURCES)
        begin = instant(rng)
        row = {name: rng.choice(FILLERS.get(name, (None,))) for name in KINDS[kind].names}
        row |= {
            "source": source,
            "row_id": f"{rng.choice('abA')}{number}",
            BEGIN[kind]: begin,
            END[kind]: rng.choice((None, begin, begin + timedelta(hours=rng.randrange(4)))),
            "flags": draw_flags(rng, kind),
        }
        row |= draw_chains(rng) if kind == "call" else {}
        rows.append((kind, row))
    return rows


def draw_flags(rng, kind):
    """Return few words or none, sometimes one that nobody knows."""
    words = (*TIME_WORDS, *TELLS[kind], "unheard-of")
    return " ".join(sorted(rng.sample(words, rng.choice((0, 0, 1, 2, 5)))))


def draw_demand(rng, most=3):
    """Return items that ask for what their targets can be asked for."""
    return [draw_item(rng, n) for n in range(1, rng.randint(1, most) + 1)]


def draw_item(rng, n):
    kind = rng.choice(list(TARGETS))
    values, kinds = TARGETS[kind]
    fitting = [name for name in CATEGORIES if kinds.keys() & kinds_of(name)]
    categories = {rng.choice(fitting) for _ in range(rng.randint(1, 3))}
    source = None
    if kind in OF_A_SOURCE:
        source, held = rng.choice([one[1:] for one in SOURCES if one[2] in kinds])
        categories.add(rng.choice([one for one in fitting if held in kinds_of(one)]))
    if rng.random() < 0.2:
        categories = {*categories, "content_stored"} if rng.random() < 0.5 else {"sensitive"}
    start = instant(rng)
    end = start + timedelta(hours=rng.choice((0, 1, 3, 6)), microseconds=rng.choice((1, 0)) or 1)
    is_address = kind is TargetKind.IP_ADDRESS
    at = rng.choice((None, start)) if is_address else None
    port = rng.choice((None, 80)) if at is not None else None
    target = Target(kind, rng.choice(values), port, at, source)
    return Item(n, target, Period(start, end, "Europe/Amsterdam"), tuple(sorted(categories)))


def kinds_of(category):
    """Return the kinds of records that hold anything of a category."""
    return {CATEGORIES[category].kind, *(kind for one, kind in ADDED if one == category)}


def draw_cutoffs(rng):
    """Return for few sources where the term of their rule ends."""
    chosen = rng.sample([one[0] for one in SOURCES], rng.choice((0, 0, 1, 2)))
    return {source: instant(rng) for source in chosen}


def make_plan(asked, cutoffs=None, ground=None, sources=SOURCES, columns=None, cuts=()):
    """Compile a plan of items against the sources; ``columns`` by name, where not all are filled."""
    cutoffs, columns = cutoffs or {}, columns or {}
    demand = SimpleNamespace(id=f"c_{1:032x}", items=asked)
    return compile_plan(
        demand,
        demand_version=1,
        sources=[
            PlanSource(
                id=id,
                name=name,
                kind=kind,
                categories=DECLARED[name],
                columns=tuple(n for n in KINDS[kind].names if n in columns.get(name, {n})),
                holds_ipv6=kind != "subscriber",
                mapping="m" * 43,
                rule=f"R-{id[-1]}" if id in cutoffs else None,
                cutoff=cutoffs.get(id),
            )
            for id, name, kind in sources
        ],
        receivers=[PlanReceiver(f"p_{2:032x}", "ab" * 32)],
        compiled_at=NOW,
        region="NL",
        past_term=ground,
        cuts=cuts,
    )


def fill(database, rows):
    """Put rows into the record store in place of what it holds."""
    with database.write() as session:
        for table in TABLES.values():
            session.execute(table.delete())
        for kind, row in rows:
            make_room(session, TABLES[kind], [row])
            session.execute(insert(TABLES[kind]).values(**row, import_id="im_1"))


def is_asked(kind, row, item):
    """Say whether an item asks for a row, by the words of the rules."""
    if item.target.source not in (None, row["source"]):
        return False
    if not found_by(kind, row, item):
        return False
    if kind == "call" and item.target.at is not None:
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


def found_by(kind, row, item):
    """Return the columns of a row that hold what an item asks for."""
    columns = TARGETS[item.target.kind][1].get(kind, ())
    meant = {*MEANT.get(item.target.value, (item.target.value,))}
    meant |= {one.replace(" ", "%20") for one in meant}
    return {
        name
        for name in columns
        if row[name] in meant
        or (name in CHAINS and row[name] is not None and meant & {*row[name].split(" ")})
    }


def columns_of(row, item):
    """Return the columns that an item has a right to of a row, by what its source answers.

    What only adds to rows of a kind gives no right to one by itself.
    """
    kind = next(kind for _, name, kind in SOURCES if name == row["source"])
    answered = set(item.categories) & set(DECLARED[row["source"]])
    whole = [one for one in answered if CATEGORIES[one].kind == kind]
    if item.target.kind is not TargetKind.IP_ADDRESS or item.target.at is None:
        whole = [one for one in whole if one != "ip_identification"]
    if whole == ["location"] and row["cell"] is None:
        whole = []  # who called whom is of another category
    added = [set(ADDED.get((one, kind), "").split()) for one in answered] if whole else []
    return set().union(*(CATEGORIES[one].columns for one in whole), *added)


def flags_of(kind, row, rights):
    """Return the flags that tell of something the columns in ``rights`` show."""
    told = [
        word
        for word in row["flags"].split(" ")
        if word in TIME_WORDS
        or rights & set(TELLS[kind].get(word, "").split())
        or rights == set(KINDS[kind].names)
    ]
    return " ".join(told)


def is_past_term(kind, row, cutoffs):
    source = next(id for id, name, _ in SOURCES if name == row["source"])
    aged = {
        "call": row.get("started_at"),
        "usage": max(filter(None, (row.get("ended_at"), row.get("started_at"))), default=None),
        "subscriber": row.get("valid_to") and max(row["valid_to"], row["valid_from"]),
    }[kind]
    return source in cutoffs and aged is not None and aged < cutoffs[source]


def expected(rows, asked):
    """Return by kind the lines that must come out, and the rows of each item."""
    lines, counts = {}, dict.fromkeys((item.n for item in asked), 0)
    for kind, row in sorted(
        rows, key=lambda one: (one[1]["source"], one[1][BEGIN[one[0]]], one[1]["row_id"])
    ):
        takers = [item for item in asked if columns_of(row, item) and is_asked(kind, row, item)]
        if not takers:
            continue
        seen = set().union(*(columns_of(row, item) | found_by(kind, row, item) for item in takers))
        shown = {name: _text(row[name]) if name in seen else None for name in KINDS[kind].names}
        rights = set().union(*(columns_of(row, item) for item in takers))
        shown["flags"] = flags_of(kind, row, rights)
        line = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
        lines.setdefault(kind, []).append(line)
        for item in takers:
            counts[item.n] += 1
    return lines, counts


def taken(rows, asked):
    return [
        (kind, row)
        for kind, row in rows
        if any(columns_of(row, item) and is_asked(kind, row, item) for item in asked)
    ]


def _text(value):
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime) else value
