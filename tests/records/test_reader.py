import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text

from lea_service.kernel.database import Database, RecordBase
from lea_service.kernel.errors import InvalidInput
from lea_service.records.kinds import CALL, KINDS
from lea_service.records.partitions import make_room
from lea_service.records.reader import RecordReader
from lea_service.records.rows import dump_row
from lea_service.records.selection import Match, Named, Selection
from lea_service.records.store import TABLES
from tests.support.rows import read_rows

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)


def at(minutes):
    return NOON + timedelta(minutes=minutes)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    records = Database(f"sqlite:///{tmp_path_factory.mktemp('store')}/records.db")
    RecordBase.metadata.create_all(records.engine)
    yield SimpleNamespace(records=records)
    records.dispose()


def put(databases, kind, *rows):
    table, layout = TABLES[kind], KINDS[kind]
    begin = layout.order[1]
    with databases.records.write() as session:
        for n, row in enumerate(rows):
            empty = dict.fromkeys(layout.names)
            given_ = {"source": "pbx", "row_id": f"r{n}", begin: NOON, "flags": "", **row}
            written = {**empty, **given_, "import_id": "im_1"}
            make_room(session, table, [written])
            session.execute(insert(table), [written])


def ids(databases, *selections):
    with RecordReader(databases.records).snapshot() as snapshot:
        found = [row["row_id"] for row in read_rows(snapshot, selections)]
        assert snapshot.count(selections) == len(found)
    return found


def test_tables_hold_the_columns_of_their_kind():
    for kind, table in TABLES.items():
        assert [*KINDS[kind].names, "import_id"] == [column.name for column in table.columns]
        nullable = {column.name for column in KINDS[kind].columns if column.nullable}
        assert nullable == {column.name for column in table.columns if column.nullable}


def test_rows_come_in_canonical_form_and_order(databases):
    put(
        databases,
        "call",
        {"row_id": "b", "started_at": at(1), "caller_raw": 'a"b\n€', "talk_s": 5},
        {"row_id": "a", "started_at": at(1)},
        {"row_id": "Z", "started_at": at(1)},
        {"row_id": "c", "started_at": at(0) + timedelta(microseconds=7)},
    )
    with RecordReader(databases.records).snapshot() as snapshot:
        rows = list(read_rows(snapshot, [Selection("call", "pbx")]))
    assert [row["row_id"] for row in rows] == ["c", "Z", "a", "b"]
    assert rows[0]["started_at"] == "2026-06-03T12:00:00.000007Z"
    assert list(rows[0]) == list(CALL.names)
    line = dump_row(CALL, rows[3])
    assert line == json.dumps(rows[3], ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def test_only_the_named_columns_are_read(databases):
    put(databases, "call", {"caller": "+31612345678", "cell": "7"})
    with RecordReader(databases.records).snapshot() as snapshot:
        wanted = ["caller", "started_at", "row_id"]
        (row,) = read_rows(snapshot, [Selection("call", "pbx")], wanted)
    assert list(row) == ["row_id", "started_at", "caller"]
    assert json.loads(dump_row(CALL, row))["cell"] is None


def test_calls_lie_in_a_period_by_their_start(databases):
    put(databases, "call", *({"started_at": at(n), "ended_at": at(n + 5)} for n in range(4)))
    assert ids(databases, Selection("call", "pbx", start=at(1), end=at(3))) == ["r1", "r2"]
    assert ids(databases, Selection("call", "other")) == []
    assert ids(databases, Selection("call", "pbx", start=at(1), not_before=at(2))) == ["r2", "r3"]


def test_sessions_lie_in_a_period_by_overlap(databases):
    spans = [(0, 10), (0, 5), (5, 5), (9, None), (10, 12), (7, 6), (0, None), (0, 6)]
    rows = [{"started_at": at(a), "ended_at": None if b is None else at(b)} for a, b in spans]
    put(databases, "usage", *rows)
    found = ids(databases, Selection("usage", "pbx", start=at(5), end=at(10), overlap=True))
    assert set(found) == {"r0", "r2", "r3", "r5", "r6", "r7"}


def test_matches_narrow_and_columns_widen(databases):
    put(
        databases,
        "usage",
        {"address": "198.51.100.7", "port": 80},
        {"address": "198.51.100.7", "port": 81},
        {"address": "198.51.100.7"},
        {"address": "198.51.100.8", "port": 80},
    )
    address = Match(("address",), ("198.51.100.7",))
    one = Selection("usage", "pbx", (address, Match(("port",), (80,))))
    loose = Selection("usage", "pbx", (address, Match(("port",), (80,), or_missing=True)))
    assert ids(databases, one) == ["r0"]
    assert ids(databases, loose) == ["r0", "r2"]


def test_only_rows_with_a_value_where_one_has_to_be(databases):
    put(databases, "call", {"caller": "+311", "cell": "A"}, {"caller": "+311"}, {"cell": "A"})
    found = Selection("call", "pbx", (Match(("caller",), ("+311",)),), filled=("cell", "queue"))
    assert ids(databases, found) == ["r0"]
    named = Named([found])
    rows = [dict.fromkeys(CALL.names) | {"caller": "+311", "cell": cell} for cell in ("A", None)]
    assert [named.holds(row | {"started_at": at(0)}) for row in rows] == [True, False]


def test_a_row_in_several_selections_comes_once(databases):
    put(databases, "call", {"caller": "+311", "callee": "+312", "forwarded_to": "+313"}, {})
    parties = ("caller", "callee", "forwarded_to")
    both = [Selection("call", "pbx", (Match(parties, (n,)),)) for n in ("+311", "+312", "+313")]
    assert ids(databases, *both) == ["r0"]
    with pytest.raises(InvalidInput, match="one kind"):
        ids(databases, both[0], Selection("call", "other"))


def test_past_term_by_kind(databases):
    put(databases, "call", {"started_at": at(0), "ended_at": at(9)}, {"started_at": at(6)})
    put(databases, "usage", {"ended_at": at(9)}, {}, {"started_at": at(-9), "ended_at": at(1)})
    put(databases, "subscriber", {"valid_to": at(9)}, {}, {"valid_to": at(1)})
    with RecordReader(databases.records).snapshot() as snapshot:
        counts = {k: snapshot.count_before([Selection(k, "pbx")], at(5)) for k in TABLES}
        rest = {k: snapshot.count([Selection(k, "pbx", not_before=at(5))]) for k in TABLES}
    assert counts == {"call": 1, "usage": 2, "subscriber": 1}
    assert rest == {"call": 1, "usage": 1, "subscriber": 2}


def test_coverage_of_a_source(databases):
    put(databases, "call", *({"started_at": at(n)} for n in (5, 1, 9)))
    with RecordReader(databases.records).snapshot() as snapshot:
        assert snapshot.covers("pbx", "call") == (at(1), at(9))
        assert snapshot.covers("none", "call") == (None, None)
        assert snapshot.count_source("pbx", "call") == 3


def test_a_snapshot_does_not_see_later_writes(databases):
    put(databases, "call", {})
    with RecordReader(databases.records).snapshot() as snapshot:
        put(databases, "call", {"row_id": "late"})
        assert snapshot.count([Selection("call", "pbx")]) == 1
    assert len(ids(databases, Selection("call", "pbx"))) == 2


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.none() | st.integers(0, 20), st.sampled_from("ab")),
        max_size=12,
    ),
    st.integers(0, 20),
    st.integers(0, 20),
    st.booleans(),
)
def test_selections_agree_with_plain_python(store, rows, start, end, overlap):
    with store.records.write() as session:
        session.execute(delete(TABLES["usage"]))
    put(
        store,
        "usage",
        *(
            {"started_at": at(b), "ended_at": e if e is None else at(e), "account": a}
            for b, e, a in rows
        ),
    )

    def is_in(begin, stop):
        if overlap:
            return begin < end and (stop is None or stop > start or begin >= start)
        return start <= begin < end

    expected = {f"r{n}" for n, (b, e, a) in enumerate(rows) if a == "a" and is_in(b, e)}
    selection = Selection(
        "usage", "pbx", (Match(("account",), ("a",)),), at(start), at(end), overlap
    )
    assert set(ids(store, selection)) == expected
    limited = replace(selection, not_before=at(start + 3))
    odd = Selection("usage", "pbx", (Match(("port",), (1,), or_missing=True),), end=at(start))
    with store.records.read() as session:
        whole = [dict(row) for row in session.execute(select(TABLES["usage"])).mappings()]
    for asked in ([selection], [limited], [limited, odd]):
        named = Named(asked)
        assert {row["row_id"] for row in whole if named.holds(row)} == set(ids(store, *asked))


def test_look_ups_use_an_index(databases):
    if not databases.records.is_sqlite:
        pytest.skip("PostgreSQL plans by what it knows of a large table")
    put(databases, "call", *({"started_at": at(n), "caller": f"+31{n}"} for n in range(50)))
    parties = Match(("caller", "callee", "forwarded_to"), ("+317", "+318"))
    seen = []
    with RecordReader(databases.records).snapshot() as snapshot:
        snapshot.connection.execute(text("ANALYZE"))
    with RecordReader(databases.records).snapshot() as snapshot:
        raw = snapshot.connection.connection.driver_connection
        raw.set_trace_callback(seen.append)
        list(snapshot.iter_blocks([Selection("call", "pbx", (parties,), at(0), at(9))]))
        raw.set_trace_callback(None)
        plan = snapshot.connection.exec_driver_sql("EXPLAIN QUERY PLAN " + seen[0]).fetchall()
    assert sum("_started_at (source=? AND ca" in str(step) for step in plan) == 2
