"""A party is found in whatever spelling its SIP address was written and is asked for."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lea_service.demands.demand import Item, Period, Target, TargetKind
from lea_service.extraction.doubts import OTHER_EXTENSION, count_doubts
from lea_service.extraction.plan import select_rows
from lea_service.kernel.database import Database
from lea_service.records.conversion import Converter
from lea_service.records.mapping_loading import load_mapping
from lea_service.records.reader import RecordReader
from tests.extraction import worlds
from tests.records.conftest import SMALL
from tests.support.databases import create_tables
from tests.support.depth import examples

COLUMNS = ["id", "from", "to", "at", "seconds", "forwarded"]
FIELDS = {**SMALL["fields"], "forwarded_to": {"column": "forwarded"}}
CALLS = {**SMALL, "file": {"header": False, "columns": COLUMNS}, "fields": FIELDS}
PARTIES = ("from", "to", "forwarded")
DAY = Period(worlds.T0, worlds.T0 + timedelta(days=1), "UTC")
ESCAPED_ALWAYS = '@:% "<>'
USERS = st.text("aB0-_.!~*'()&=+$,;?/#é" + ESCAPED_ALWAYS, max_size=8).map("x{}".format)
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9\-]{0,4}[a-z0-9])?", fullmatch=True)
HOSTS = st.lists(LABELS, min_size=1, max_size=3).map(".".join)
SCHEMES = ("sip:", "SIP:", "sips:", "Sips:", "")
TAILS = ("", ";transport=udp", ";user=phone;lr", "?Subject=a@b", ";x=1?y=%20")
ESCAPES = st.sampled_from(("%{:02x}", "%{:02X}"))
FRAMES = ("{}", " {} ", "<{}>", '"A <b> \\"c\\" d@e" <{}>', "Jan J. <{}>;tag=1", '"A" "b" < {} >')
MANY = settings(
    max_examples=examples(100, full=1000),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('sip') / 'records.db'}"
    create_tables(url, "records")
    database = Database(url)
    yield database
    database.dispose()


@st.composite
def spellings(draw, user, host):
    """Return the address of a user at a host as some system writes it."""
    scheme = draw(st.sampled_from(SCHEMES))
    must = ESCAPED_ALWAYS + ("" if scheme else "/")
    name = "".join(
        "".join(draw(ESCAPES).format(byte) for byte in char.encode())
        if char in must or draw(st.booleans())
        else char
        for char in user
    )
    secret = draw(st.sampled_from(("", ":pw"))) if scheme else ""
    place = "".join(char.upper() if draw(st.booleans()) else char for char in host)
    place += draw(st.sampled_from(("", ".", ":5060", ":5061")))
    tail = draw(st.sampled_from(TAILS))
    return draw(st.sampled_from(FRAMES)).format(f"{scheme}{name}{secret}@{place}{tail}")


def plan_for(asked):
    target = Target(TargetKind.SIP_URI, asked)
    return worlds.make_plan([Item(1, target, DAY, ("traffic_call_records",))])


def count_found(records, written, party, asked):
    """Import one call and ask for a SIP address; returns how many rows the plan selects."""
    line = dict.fromkeys(COLUMNS, "") | {"id": "1", "at": "2026-11-01 12:00:00", party: written}
    converter = Converter(load_mapping(CALLS), "pbx-b", COLUMNS)
    row = converter.convert(list(line.values()), worlds.NOW) | {"row_id": "1"}
    worlds.fill(records, [("call", row)])
    plan = plan_for(asked)
    with RecordReader(records).snapshot() as snapshot:
        return sum(snapshot.count(select_rows(plan, source)) for source in plan.sources)


@MANY
@given(st.data(), USERS, HOSTS, st.sampled_from(PARTIES))
def test_any_spelling_finds_any_other(records, data, user, host, party):
    written, asked = (data.draw(spellings(user, host)) for _ in range(2))
    assert count_found(records, written, party, asked) == 1


@MANY
@given(st.data(), USERS, HOSTS, st.sampled_from(PARTIES), USERS, HOSTS)
def test_another_party_is_never_found(records, data, user, host, party, other, elsewhere):
    near = st.sampled_from([user.swapcase(), user + "0", user[:-1] + "é", user])
    other = data.draw(near | st.just(other))
    elsewhere = data.draw(st.sampled_from([host, f"a.{host}", f"{host}0", elsewhere]))
    assume((user, host) != (other, elsewhere))
    written, asked = data.draw(spellings(user, host)), data.draw(spellings(other, elsewhere))
    assert count_found(records, written, party, asked) == 0


LINES = st.sampled_from(("+31201234567", "1234", "line1234"))
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "ext": st.sampled_from(("5", "50")),
        "isub": st.sampled_from(("5", "x")),
        "phone-context": st.sampled_from(("+31", "+3")),
    },
)


@MANY
@given(LINES, PARAMETERS, PARAMETERS, st.sampled_from(("", "0")), st.sampled_from(("", ":5080")))
def test_an_extension_more_or_less_is_in_doubt(records, line, asked, held, more, port):
    wanted, written = (
        "".join(f";{name}={value}" for name, value in one.items()) for one in (asked, held)
    )
    count_found(records, f"sip:{line}{more}{written}@h{port}", "to", f"sip:{line}@h")
    plan = plan_for(f"sip:{line}{wanted}@h")
    with RecordReader(records).snapshot() as snapshot:
        found = [count_doubts(snapshot, plan, one).get(OTHER_EXTENSION) for one in plan.sources]
    where, is_where = (one.pop("phone-context", None) for one in (asked, held))
    is_same_line = not more and (where == is_where or line.startswith("+"))
    own, other = set(asked.items()), set(held.items())
    is_in_doubt = line != "line1234" and is_same_line and (own < other or other < own)
    assert found == ([None, 1] if is_in_doubt else [None, None])


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("sip:200@pbx.example:5070", "sip:200@pbx.example"),
        ("+31201234567", "sip:+31201234567@provider.example"),
        ("sip:0201234567@provider.example", "sip:+31201234567@provider.example"),
        ("SIP/200-0000001a", "sip:200@pbx.example"),
        ("sip:+31201234567;ext=102@pbx.example", "sip:+31201234567;ext=101@pbx.example"),
        ("sip:+31201234567@pbx.example", "sip:+31201234567;ext=101@pbx.example"),
        ("sip:1234@pbx.example", "sip:1234;ext=5@pbx.example"),
        ("sip:1234;ext=5@pbx.example", "sip:1234@pbx.example"),
        ("sip:1234;isub=5@pbx.example", "sip:1234;isub=6@pbx.example"),
    ],
)
def test_what_is_no_such_address_stays_out(records, written, asked):
    assert count_found(records, written, "from", asked) == 0


@pytest.mark.parametrize("party", PARTIES)
def test_number_finds_the_uri_that_holds_it(records, party):
    written = '"Bob" <sip:+31201234567;npdi@provider.example;user=phone>;tag=1'
    assert count_found(records, written, party, "sip:+31-20-1234567@PROVIDER.example") == 1
    for value, kind in (("020 123 4567", "phone_number"), (written, "phone_id")):
        source = "pbx-b" if kind == "phone_id" else None
        target = Target(TargetKind(kind), value, source=source)
        item = Item(1, target, DAY, ("traffic_call_records",))
        plan = worlds.make_plan([item])
        with RecordReader(records).snapshot() as snapshot:
            assert sum(snapshot.count(select_rows(plan, one)) for one in plan.sources) == 1
