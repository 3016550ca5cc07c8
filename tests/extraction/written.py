"""Files as systems write them, with what each line means: drawn from the meaning, never read back.

Everything lies within a few hours of a night in which clocks are moved or a leap second is told,
and values are few: edges, equal instants, numbers that change hands and rows of several targets
are common. Times are worked out here by two switches written down, not by a table of zones.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.records.kinds import KINDS
from tests.extraction.oracle import SHOWS, STANDS_IN, Oracle

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
ZONE = "Europe/Amsterdam"
SPRING, AUTUMN = datetime(2026, 3, 29, 2), datetime(2026, 10, 25, 2)  # noqa: DTZ001 - on the wall
NIGHTS = (
    datetime(2026, 3, 28, 23, tzinfo=UTC),
    datetime(2026, 10, 24, 22, 30, tzinfo=UTC),
    datetime(2026, 12, 31, 22, tzinfo=UTC),
)
HOURS = 5
LEAP_AT = datetime(2027, 1, 1, tzinfo=UTC)

ONE, TWO, THREE = "+31612345678", "+31201234567", "+493012345678"
PARTIES = (
    ("0612345678", ONE, None, ""),
    ("06-12345678", ONE, None, ""),
    ("+31612345678", ONE, None, ""),
    ("0031612345678", ONE, None, ""),
    ("tel:+31-6-1234-5678", ONE, None, ""),
    ("+31612345678;ext=12", ONE, None, ""),
    ("sip:+31612345678@b.example", ONE, "sip:+31612345678@b.example", ""),
    ("020 123 45 67", TWO, None, ""),
    ("+31 20 1234567", TWO, None, ""),
    ('"Jansen, J" <sip:0201234567@b.example>', TWO, "sip:0201234567@b.example", ""),
    ("00493012345678", THREE, None, ""),
    ("<sip:a@B.Example:5060;transport=tcp>", None, "sip:a@b.example", "not-e164"),
    ("sips:a@b.example:5061", None, "sips:a@b.example", "not-e164"),
    ("sip:a@b.example:5062", None, "sip:a@b.example:5062", "not-e164"),
    ("sip:A@b.example", None, "sip:A@b.example", "not-e164"),
    ("sip:a b@b.example", None, None, "not-e164 odd-sip-uri"),
    ("200", None, None, "not-e164"),
    ("201", None, None, "not-e164"),
    ("anonymous", None, None, "not-e164"),
    ("0201234500-99", None, None, "not-e164"),
    ("", None, None, ""),
)
"""The text of a party, the number and the SIP address that it is, and what is odd in it."""

CUSTOMERS = (("K1", "K1"), (" K2 ", "K2"), ("", None))
LEFT6, RIGHT6, OUT6 = "2001:db8::1", "2001:db8::2", "2001:db8:0:1::9"
ADDRESSES = (
    ("192.0.2.1", "192.0.2.1", ""),
    ("::ffff:192.0.2.1", "192.0.2.1", ""),
    ("192.0.2.2", "192.0.2.2", ""),
    ("2001:DB8:0::1", LEFT6, ""),
    ("192.0.2.300", "192.0.2.300", "odd-address"),
    ("", None, ""),
)
ADDRESSES6 = (("2001:db8:0:0::1", LEFT6, ""), (RIGHT6, RIGHT6, ""), ("", None, ""))
PREFIXES = (
    ("2001:db8:0:0::5/64", "2001:db8::/64", ""),
    ("2001:db8:0:1::/64", "2001:db8:0:1::/64", ""),
    ("2001:db8::1/128", "2001:db8::1/128", ""),
    ("", None, ""),
    ("", None, ""),
)
DELEGATED = (
    ("2001:db8::/56", "2001:db8::/56", ""),
    ("2001:db8:1::/48", "2001:db8:1::/48", ""),
    ("", None, ""),
    ("", None, ""),
)
NUMBERS = tuple((text, number, odd) for text, number, _, odd in PARTIES if "@" not in text)
SIPS = (
    ("sip:a@B.example", "sip:a@b.example", ""),
    ("SIPS:a@b.example", "sips:a@b.example", ""),
    ("sip:a b@b.example", "sip:a b@b.example", "odd-sip-uri"),
    ("", None, ""),
)
EMAILS = (
    ("Jan@Huis.example", "jan@huis.example", ""),
    ("piet@huis.example", "piet@huis.example", ""),
    ("niet een adres", "niet een adres", "odd-email"),
    ("", None, ""),
)

MEANT = {
    **dict.fromkeys(("06 12 34 56 78", "+31 6 12345678", "tel:0612345678"), (ONE,)),
    **dict.fromkeys(("020-1234567", "+31201234567"), (TWO,)),
    "+49 30 12345678": (THREE,),
    "sip:a@b.example": ("sip:a@b.example", "sips:a@b.example"),
    "<SIPS:a@B.example;x=y>": ("sip:a@b.example", "sips:a@b.example"),
    "sip:A@b.example": ("sip:A@b.example", "sips:A@b.example"),
    "sip:a@b.example:5062": ("sip:a@b.example:5062", "sips:a@b.example:5062"),
    "sip:+31-6-12345678@b.example": ("sip:+31612345678@b.example", "sips:+31612345678@b.example"),
    "sip:0201234567@b.example": ("sip:0201234567@b.example", "sips:0201234567@b.example"),
    "JAN@huis.example": ("jan@huis.example",),
    "piet@huis.example": ("piet@huis.example",),
    LEFT6: (LEFT6, "2001:db8::/64", "2001:db8::/56", "2001:db8::1/128"),
    RIGHT6: (RIGHT6, "2001:db8::/64", "2001:db8::/56"),
    OUT6: (OUT6, "2001:db8:0:1::/64", "2001:db8::/56"),
    "::ffff:192.0.2.1": ("192.0.2.1",),
    "192.0.2.2": ("192.0.2.2",),
    " K1": ("K1",),
    "K2": ("K2",),
    "200": ("200",),
    "anonymous": ("anonymous",),
    "06-12345678": ("06-12345678",),
}
"""What stored values the text of a target stands for."""
ASKED = {
    TargetKind.PHONE_NUMBER: [*list(MEANT)[:6]],
    TargetKind.SIP_URI: [one for one in MEANT if "sip" in one.lower()],
    TargetKind.EMAIL: ["JAN@huis.example", "piet@huis.example"],
    TargetKind.IP_ADDRESS: [LEFT6, RIGHT6, OUT6, "::ffff:192.0.2.1", "192.0.2.2"],
    TargetKind.CUSTOMER_NUMBER: [" K1", "K2"],
    TargetKind.PHONE_ID: ["200", "anonymous", "06-12345678"],
}


def _mapping(name, kind, columns, time, categories, **changes):
    """Return the document of a mapping whose columns are called after the fields they fill."""
    fields = {one: {"column": one} for one in columns if one != "id"}
    return {
        "format": "lea.mapping/1",
        "name": name,
        "kind": kind,
        "file": {"header": True, "columns": list(columns)},
        "missing": [""],
        "time": {"format": time, "zone": ZONE},
        "region": "NL",
        "row_id": {"columns": ["id"], "shown": ["id"]},
        "fields": fields,
        "categories": list(categories),
    } | changes


CALL_COLUMNS = ("id", "started_at", "ended_at", "duration_s", "caller", "callee", "forwarded_to")
LOCAL = "%Y-%m-%d %H:%M:%S"
MAPPINGS = {
    "pbx-b": _mapping(
        "pbx-b",
        "call",
        (*CALL_COLUMNS, "account", "cell"),
        LOCAL,
        ("traffic_call_records", "location"),
        sip_hosts=["caller", "callee", "forwarded_to"],
    ),
    "pbx-10": _mapping(
        "pbx-10",
        "call",
        (*CALL_COLUMNS, "account"),
        "iso",
        ("traffic_call_records",),
        sip_hosts=["caller", "callee", "forwarded_to"],
    ),
    "radius": _mapping(
        "radius",
        "usage",
        (
            *("id", "started_at", "ended_at", "duration_s", "account"),
            *("address", "address6", "prefix6", "delegated6", "port", "octets_in"),
        ),
        "epoch_s",
        ("usage_sessions", "ip_identification"),
    ),
    "crm": _mapping(
        "crm",
        "subscriber",
        ("id", "valid_from", "valid_to", "customer_number", "name", "number", "sip_uri", "email"),
        "iso",
        ("number_and_service", "subscriber_identity"),
    ),
    "crm-old": _mapping(
        "crm-old",
        "subscriber",
        ("id", "valid_from", "valid_to", "customer_number", "name", "number"),
        LOCAL,
        ("subscriber_identity",),
    ),
}
DECLARED = {name: tuple(one["categories"]) for name, one in MAPPINGS.items()}
ORACLE = Oracle(DECLARED, {kind: layout.names for kind, layout in KINDS.items()}, MEANT)


@dataclass
class World:
    """Two files of each source, one after the other, and the rows that they come to.

    ``bad`` counts by source the lines of which no row can be made. ``instants`` are those at which
    something begins or ends.
    """

    files: dict = field(default_factory=dict)
    rows: list = field(default_factory=list)
    bad: dict = field(default_factory=dict)
    instants: list = field(default_factory=list)


def draw_world(rng, most=40):
    """Return a world of one night; ``most`` rows of each source."""
    world, night = World(), rng.choice(NIGHTS)
    for name in MAPPINGS:
        lines, again, bad = [], [], []
        for number in range(rng.randrange(most // 2, most + 1)):
            line, row, later = _DRAW[name](rng, f"{rng.choice('abA')}{number}", night)
            lines.append(line)
            if rng.random() < 0.1:
                bad.append(line.replace(line.split(",")[1], rng.choice(("never", "", "x y"))))
            if later is not None or rng.random() < 0.2:
                again.append(later or line)
            world.rows.append((MAPPINGS[name]["kind"], _whole(name, row)))
        header = ",".join(MAPPINGS[name]["file"]["columns"])
        rng.shuffle(again)
        world.files[name] = [_file(header, [*lines, *bad]), _file(header, again)]
        world.bad[name] = len(bad)
    names = {"started_at", "ended_at", "valid_from", "valid_to"}
    found = {row[one] for _, row in world.rows for one in names & set(row)} - {None}
    world.instants = sorted(found)
    return world


def _file(header, lines):
    return "".join(f"{one}\r\n" for one in [header, *lines]).encode()


def _whole(name, row):
    """Return a row with every column of its kind, and with the flags that follow from all of it."""
    kind = MAPPINGS[name]["kind"]
    begin = row["valid_from" if kind == "subscriber" else "started_at"]
    end = row["valid_to" if kind == "subscriber" else "ended_at"]
    words = set(row["flags"].split())
    if end is not None and end < begin:
        words.add("end-before-begin")
    if kind != "subscriber" and row["duration_s"] is not None and row["duration_s"] <= 0:
        words.add("negative-duration" if row["duration_s"] else "zero-duration")
    if kind == "call" and row["caller_raw"] is None and row["callee_raw"] is None:
        words.add("no-party")
    if kind == "usage":
        addresses = ("account", "address", "address6", "prefix6", "delegated6")
        if all(row[one] is None for one in addresses):
            words.add("no-party")
        if row["port"] is not None and not 0 < row["port"] < 65_536:
            words.add("odd-counter")
        if row["octets_in"] in (2**31 - 1, 2**32 - 1) or (row["octets_in"] or 0) < 0:
            words.add("odd-counter")
    return (
        dict.fromkeys(KINDS[kind].names) | row | {"source": name, "flags": " ".join(sorted(words))}
    )


def _moment(rng, night, sizes):
    """Return an instant of few, or one of the shortest step that its source tells beside it."""
    step = rng.choice((0, 0, 0, -1, 1)) * rng.choice(sizes)
    return night + rng.randrange(2 * HOURS) * HOUR / 2 + step


def _wall(rng, instant):
    """Return how a clock in Amsterdam shows an instant, what is read of it, and what is odd.

    Where it shows an hour twice the first is meant; in spring it may show what there never was.
    """
    if instant == LEAP_AT and rng.random() < 0.5:
        return "2027-01-01 00:59:60", instant, "leap-second"
    plain = instant.replace(tzinfo=None)
    is_summer = SPRING - HOUR <= plain < AUTUMN
    wall = plain + (2 if is_summer else 1) * HOUR
    if SPRING <= wall < SPRING + 2 * HOUR and rng.random() < 0.3:
        wall = SPRING + (wall - SPRING) % HOUR  # a time that the clock skipped
    if SPRING <= wall < SPRING + HOUR:
        return wall.strftime(LOCAL), (wall - HOUR).replace(tzinfo=UTC), "skipped-time"
    is_twice = AUTUMN <= wall < AUTUMN + HOUR
    is_read_as_summer = SPRING <= wall < AUTUMN + HOUR
    read = wall - (2 if is_read_as_summer else 1) * HOUR
    return wall.strftime(LOCAL), read.replace(tzinfo=UTC), "ambiguous-time" if is_twice else ""


def _iso(rng, instant):
    """Return an instant as text with some offset."""
    if instant == LEAP_AT and rng.random() < 0.5:
        text = rng.choice(("2026-12-31T23:59:60Z", "2027-01-01T05:29:60+05:30"))
        return text, instant, "leap-second"
    offset = rng.choice((0, 60, 120, 330, -300))
    local = (instant + timedelta(minutes=offset)).replace(tzinfo=None)
    sign, size = ("-" if offset < 0 else "+"), abs(offset)
    zone = "Z" if not offset else f"{sign}{size // 60:02d}:{size % 60:02d}"
    return f"{local.isoformat()}{zone}", instant, ""


def _epoch(_rng, instant):
    """Return an instant as seconds since 1970, with a fraction where it has one."""
    micros = (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    whole, part = divmod(micros, 1_000_000)
    return (f"{whole}.{part:06d}" if part else str(whole)), instant, ""


MICRO = timedelta(microseconds=1)
CLOCKS = {
    "pbx-b": (_wall, (SECOND,)),
    "pbx-10": (_iso, (SECOND, MICRO)),
    "radius": (_epoch, (MICRO,)),
    "crm": (_iso, (MICRO,)),
    "crm-old": (_wall, (SECOND,)),
}


def _span(rng, name, night):
    """Return texts, instants and flags of begin and end; the end may be open, equal or earlier."""
    write, sizes = CLOCKS[name]
    begin = _moment(rng, night, sizes)
    ends = (None, begin, begin + rng.randrange(4) * HOUR, _moment(rng, night, sizes))
    end = rng.choice(ends)
    first = write(rng, begin)
    last = ("", None, "") if end is None else write(rng, end)
    return first, last, [first[2], last[2]]


def _draw_call(rng, name, row_id, night):
    first, last, odd = _span(rng, name, night)
    parties = [
        rng.choice(PARTIES),
        rng.choice(PARTIES),
        rng.choice((*PARTIES, *[PARTIES[-1]] * 20)),
    ]
    duration = rng.choice((("", None, ""), ("0", 0, ""), ("60", 60, ""), ("-1", -1, "")))
    account = rng.choice(CUSTOMERS)
    cell = rng.choice(("cell-1", ""))
    row = {
        "row_id": row_id,
        "started_at": first[1],
        "ended_at": last[1],
        "duration_s": duration[1],
        "account": account[1],
        "flags": " ".join([*odd, *(one[3] for one in parties)]),
    }
    for column, (text, number, uri, _) in zip(CALL_COLUMNS[4:], parties, strict=True):
        row |= {column: number, f"{column}_raw": text or None, f"{column}_uri": uri}
    cells = [row_id, first[0], last[0], duration[0], *(_quote(one[0]) for one in parties)]
    cells.append(account[0])
    if name == "pbx-b":
        row["cell"] = cell or None
        cells.append(cell)
    return ",".join(cells), row, None


def _quote(text):
    """Return a text as a value of CSV."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if {'"', ",", ";"} & set(text) else text


def _draw_session(rng, name, row_id, night):
    first, last, odd = _span(rng, name, night)
    account = rng.choice(CUSTOMERS)
    drawn = [rng.choice(one) for one in (ADDRESSES, ADDRESSES6, PREFIXES, DELEGATED)]
    port = rng.choice((("80", 80), ("443", 443), ("0", 0), ("", None)))
    octets = rng.choice((("0", 0), ("4294967295", 2**32 - 1), ("", None)))
    row = {
        "row_id": row_id,
        "started_at": first[1],
        "ended_at": last[1],
        "duration_s": None,
        "account": account[1],
        "port": port[1],
        "octets_in": octets[1],
        "flags": " ".join([*odd, *(one[2] for one in drawn)]),
    }
    names = ("address", "address6", "prefix6", "delegated6")
    row |= {column: one[1] for column, one in zip(names, drawn, strict=True)}
    behind = [account[0], *(one[0] for one in drawn), port[0], octets[0]]
    line = ",".join([row_id, first[0], last[0], "", *behind])
    return line, row, _completed(rng, name, row, line, night)


def _completed(rng, name, row, line, night):
    """Return how a later file tells the end of what was open, if it does; the row has it then."""
    end = "valid_to" if "valid_to" in row else "ended_at"
    if row[end] is not None or rng.random() < 0.5:
        return None
    write, sizes = CLOCKS[name]
    text, row[end], odd = write(rng, _moment(rng, night, sizes))
    row["flags"] = f"{row['flags']} {odd}"
    cells = line.split(",")
    cells[2] = text
    return ",".join(cells)


def _draw_subscriber(rng, name, row_id, night):
    first, last, odd = _span(rng, name, night)
    customer = rng.choice(CUSTOMERS)
    number = rng.choice(NUMBERS)
    row = {
        "row_id": row_id,
        "valid_from": first[1],
        "valid_to": last[1],
        "customer_number": customer[1],
        "name": "Jansen",
        "number": number[1],
        "number_raw": number[0] or None,
    }
    cells = [row_id, first[0], last[0], customer[0], "Jansen", number[0]]
    more = []
    if name == "crm":
        more = [rng.choice(SIPS), rng.choice(EMAILS)]
        row |= {"sip_uri": more[0][1], "email": more[1][1]}
        cells += [one[0] for one in more]
    row["flags"] = " ".join([*odd, number[2], *(one[2] for one in more)])
    line = ",".join(cells)
    return line, row, _completed(rng, name, row, line, night)


_DRAW = {
    "pbx-b": lambda rng, *rest: _draw_call(rng, "pbx-b", *rest),
    "pbx-10": lambda rng, *rest: _draw_call(rng, "pbx-10", *rest),
    "radius": lambda rng, *rest: _draw_session(rng, "radius", *rest),
    "crm": lambda rng, *rest: _draw_subscriber(rng, "crm", *rest),
    "crm-old": lambda rng, *rest: _draw_subscriber(rng, "crm-old", *rest),
}


def draw_demand(rng, world, most=3):
    """Return items whose periods begin and end where something does, or a moment beside it."""
    return [_draw_item(rng, n, world) for n in range(1, rng.choice((1, 1, 2, most)) + 1)]


def _draw_item(rng, n, world):
    kind = rng.choice(list(ASKED))
    fitting = sorted(name for name, one in SHOWS.items() if one[0] in STANDS_IN[str(kind)])
    categories = {rng.choice(fitting) for _ in range(rng.randint(1, 3))}
    source = None
    if kind is TargetKind.PHONE_ID:
        source = rng.choice(["pbx-b", "pbx-10", "crm"])
        categories.add(rng.choice(DECLARED[source]))
    if rng.random() < 0.1:
        categories.add("content_stored")
    start, end = sorted(
        rng.choice(world.instants) + rng.choice((-1, 0, 0, 1)) * MICRO for _ in "ab"
    )
    if start == end:
        end += rng.choice((MICRO, SECOND, HOUR))
    at = port = None
    if kind is TargetKind.IP_ADDRESS and rng.random() < 0.5:
        at, port = start, rng.choice((None, 80))
    target = Target(kind, rng.choice(ASKED[kind]), port, at, source)
    return Item(n, target, Period(start, end, ZONE), tuple(sorted(categories)))


def draw_cutoffs(rng, world):
    """Return for few sources where the term of their rule ends."""
    chosen = rng.sample(sorted(MAPPINGS), rng.choice((0, 0, 0, 1, 2)))
    return {source: rng.choice(world.instants) for source in chosen}
