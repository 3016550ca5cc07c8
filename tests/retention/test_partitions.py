"""The record store on PostgreSQL: months that go as a whole, and what is left of rows in files."""

import secrets
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import NullPool, create_engine, insert, select, text

from lea_service.kernel.actors import worker_actor
from lea_service.kernel.database import Database
from lea_service.records.partitions import list_everywhere, make_room, partition_of
from lea_service.records.selection import Match, Selection, past_term, where_any
from lea_service.records.store import TABLES
from lea_service.retention import residues, store
from tests.support.log import check_log
from tests.support.retention import make_retention

WORKER = worker_actor()
NUMBER = "+31612349876"
POSTGRESQL = pytest.mark.parametrize(
    "engine_name", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
pytestmark = POSTGRESQL


def months(kept, kind="call", source="pbx1"):
    with kept.databases.records.read() as session:
        return [one.label for one in list_everywhere(session, kind, source)]


def left(kept):
    with kept.databases.records.read() as session:
        return list(residues.list_residues(session))


@contextmanager
def reading(kept, *statements):
    """Keep an instant of the store open, and what was read of it."""
    with kept.databases.records.read() as session:
        session.execute(text("SELECT 1 FROM imports"))
        for one in statements:
            session.execute(one).all()
        yield session


@pytest.mark.parametrize(
    ("aged", "label"),
    [
        (datetime(2026, 5, 31, 23, 59, 59, 999999, tzinfo=UTC), "2026_05"),
        (datetime(2026, 6, 1, tzinfo=UTC), "2026_06"),
        (datetime(2000, 1, 1, tzinfo=UTC) - timedelta(microseconds=1), "before"),
        (datetime(2099, 12, 31, 23, 59, tzinfo=UTC), "2099_12"),
        (datetime(2100, 1, 1, tzinfo=UTC), "after"),
        (None, "after"),
    ],
)
def test_row_lies_in_the_month_that_its_term_counts_from(kept, aged, label):
    """By the server as well: a row at each edge finds its partition, and no other."""
    one = partition_of("subscriber", "crm", aged)
    assert one.label == label
    table, begin = TABLES["subscriber"], datetime(1950, 1, 1, tzinfo=UTC)
    row = {"source": "crm", "row_id": "1", "valid_from": begin, "valid_to": aged}
    row |= {"flags": "", "import_id": "im_1"}
    with kept.databases.records.write() as session:
        make_room(session, table, [row])
        session.execute(insert(table), [row])
        found = session.scalar(text("SELECT tableoid::regclass::text FROM subscriber_records"))
        assert found.strip('"') == one.name
    assert months(kept, "subscriber", "crm") == [label]


def test_month_made_while_a_transaction_goes_on_takes_its_rows(kept):
    """The session holds a lock on the whole table and would hear of no new partition."""
    table = TABLES["call"]
    with kept.databases.records.write() as session:
        for n in range(24):
            at = datetime(2024 + n // 12, n % 12 + 1, 5, tzinfo=UTC)
            row = {"source": "pbx1", "row_id": f"r{n}", "started_at": at, "flags": ""}
            for part in ("a", "b"):
                one = row | {"row_id": f"r{n}{part}", "import_id": "im_1"}
                make_room(session, table, [one])
                session.execute(insert(table), [one])
    assert len(kept.rows()) == 48


@pytest.mark.parametrize("kind", ["call", "usage"])
def test_what_is_due_is_looked_for_in_its_months_only(kept, kind):
    kept.source("nas", kind)
    kept.add("nas", kind, 400, 300, 200, 100)
    kept.add("other", kind, 400)
    cutoff = kept.now - timedelta(days=250)
    due = (TABLES[kind].c.source == "nas") & past_term(kind, cutoff)
    query = select(TABLES[kind].c.row_id).where(due).compile(kept.databases.records.engine)
    with kept.databases.records.read() as session:
        raw = session.connection().connection.driver_connection
        plan = "\n".join(row[0] for row in raw.execute(f"EXPLAIN {query}", query.params))
    assert f"{kind}_nas_2025_10" in plan
    assert not any(name in plan for name in (f"{kind}_nas_2026_05", "2026_08", "_other_"))


MANY = """
INSERT INTO call_records (source, row_id, started_at, caller, callee, flags, import_id)
SELECT 'pbx1', 'r' || n, timestamptz '2026-06-01' + n * interval '60 seconds',
       'c' || n % 500, 'd' || n % 700, '', 'im_1' FROM generate_series(1, 40000) n
"""


PARTIES = ("caller", "callee", "forwarded_to")


@pytest.mark.parametrize(
    ("days", "columns"),
    [(1, PARTIES), (25, PARTIES), (25, (*PARTIES, "transfer_chain"))],
    ids=["day", "month", "month-and-lists"],
)
def test_number_is_looked_up_among_many_without_samples(kept, days, columns):
    """For a cursor as well, whose first rows a server would rather have soon."""
    start = datetime(2026, 6, 2, tzinfo=UTC)
    table = TABLES["call"]
    numbers = Match(columns, ("c7", "d7"))
    asked = Selection("call", "pbx1", (numbers,), start, start + timedelta(days=days))
    query = select(table).where(where_any([asked])).order_by(table.c.started_at, table.c.row_id)
    records = Database(kept.databases.records.url, by_index=True)
    with records.write() as session:
        make_room(session, table, [{"source": "pbx1", "started_at": start}])
        session.execute(text(MANY))
        session.execute(text("ANALYZE call_pbx1_2026_06"))
        raw = session.connection().connection.driver_connection
        written = query.compile(records.engine, compile_kwargs={"render_postcompile": True})
        explained = raw.execute(f"EXPLAIN DECLARE one CURSOR FOR {written}", written.params)
        plan = "\n".join(row[0] for row in explained)
    records.dispose()
    assert plan.count("caller_started_at_idx") == plan.count("callee_started_at_idx") == 1
    assert "row_id_idx" not in plan, plan


def test_month_past_its_term_goes_as_a_whole(kept, monkeypatch):
    """And not row by row, so that nothing is left to be written anew."""
    kept.source()
    kept.source("pbx2")
    kept.add("pbx1", "call", 400, 401, 190, 1)
    kept.add("pbx2", "call", 10)
    kept.rule()
    taken = []
    destroy = store._destroy
    monkeypatch.setattr(store, "_destroy", lambda *a: taken.extend(a[3]) or destroy(*a))
    (done,) = kept.service.purge(WORKER)
    assert (done.rows, taken) == (3, ["pbx1-call-190-2"])
    assert [row["row_id"] for row in kept.rows()] == ["pbx1-call-1-3", "pbx2-call-10-0"]
    assert (months(kept), left(kept)) == (["2026_11"], [])
    (entry,) = kept.ledger()
    assert kept.now - timedelta(days=190) < entry.cutoff < kept.now - timedelta(days=180)
    check_log(kept.log)


@pytest.mark.parametrize("action", ["destroy", "anonymise"])
def test_month_with_a_row_that_an_order_holds_stays(kept, databases, action):
    kept.source()
    kept.add("pbx1", "call", 400, 401, caller="+31600000001")
    kept.add("pbx1", "call", 402, caller=NUMBER)
    kept.add("pbx1", "call", 500, caller="+31600000001")
    kept.rule(action=action)
    held = [Selection("call", "pbx1", (Match(("caller",), (NUMBER,)),))]
    service = make_retention(
        kept.log, kept.house, databases.records, preserved=lambda _source, _since: held
    )
    (done,) = service.purge(WORKER)
    assert (done.rows, [row["caller"] for row in kept.rows()]) == (3, [NUMBER])
    assert (months(kept), left(kept)) == (["2025_10"], [])
    held.clear()
    (done,) = service.purge(WORKER)
    assert (done.rows, kept.rows(), months(kept)) == (1, [], [])


def test_month_that_an_order_names_while_it_is_counted_stays(kept, databases, monkeypatch):
    """Counting a month takes long, and nobody waits with an order to preserve until it is over."""
    kept.source()
    kept.add("pbx1", "call", 400, 401, caller="+31600000001")
    kept.add("pbx1", "call", 402, caller=NUMBER)
    kept.rule()
    held, measure = [], store._measure

    def measured(*given):
        found = measure(*given)
        held.append(Selection("call", "pbx1", (Match(("caller",), (NUMBER,)),)))
        return found

    monkeypatch.setattr(store, "_measure", measured)
    service = make_retention(
        kept.log, kept.house, databases.records, preserved=lambda _source, _since: [*held]
    )
    (done,) = service.purge(WORKER)
    assert (done.rows, [row["caller"] for row in kept.rows()]) == (2, [NUMBER])


def test_batch_spares_what_an_order_names_by_the_time_it_may_begin(kept, databases, monkeypatch):
    """Another purge may count a month until then."""
    kept.source()
    kept.add("pbx1", "call", 190, caller="+31600000001")
    kept.add("pbx1", "call", 191, caller=NUMBER)
    kept.rule()
    held = []

    def waited(_session):
        held.append(Selection("call", "pbx1", (Match(("caller",), (NUMBER,)),)))

    service = make_retention(
        kept.log, kept.house, databases.records, preserved=lambda _source, _since: [*held]
    )
    monkeypatch.setattr("lea_service.retention.service.lock_register", waited)
    begin = service._begin
    monkeypatch.setattr(service, "_begin", lambda *given: (begin(*given), held.clear())[0])
    (done,) = service.purge(WORKER)
    assert (done.rows, [row["caller"] for row in kept.rows()]) == (1, [NUMBER])


def test_row_id_is_looked_up_in_each_month_without_reading_it(kept):
    """Whatever the server knows of the values: of no column with any does it keep a sample."""
    kept.source()
    kept.add("pbx1", "call", 40, *([10] * 3000))
    calls = TABLES["call"]
    wanted = calls.c.row_id.in_([f"no-{n}" for n in range(300)])
    query = select(calls).where(calls.c.source == "pbx1", wanted)
    with kept.databases.records.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
        text_of = query.compile(connection, compile_kwargs={"literal_binds": True})
        raw = connection.connection.driver_connection
        plan = "\n".join(row[0] for row in raw.execute(f"EXPLAIN {text_of}"))
    assert "call_pbx1_2026_11_row_id_idx" in plan
    assert "Seq Scan on call_pbx1_2026_11" not in plan


def test_reader_of_another_role_is_waited_for(kept, databases):
    """Of sessions of others a role that is no administrator is told little."""
    url = databases.records.engine.url
    role, word = secrets.token_hex(8), secrets.token_hex(8)
    with databases.records.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{word}'")
    plain = create_engine(url.set(username=role, password=word), poolclass=NullPool)
    try:
        with plain.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            assert residues._is_over(connection)
            with reading(kept):
                connection.execute(residues._XID)
                assert not residues._is_over(connection)
    finally:
        with databases.records.engine.begin() as connection:
            connection.exec_driver_sql(f'DROP ROLE "{role}"')


def test_partition_that_another_purge_drops_meanwhile_is_no_fault(kept, monkeypatch):
    kept.source()
    kept.add("pbx1", "call", 400, 10)
    kept.rule()
    listed = residues.list_partitions

    def dropped(connection, kind):
        found = listed(connection, kind)
        for one in found:
            if one.label == "2025_10":
                connection.exec_driver_sql(f"DROP TABLE {one.name}")
        return found

    monkeypatch.setattr(residues, "list_partitions", dropped)
    (done,) = kept.service.purge(WORKER)
    assert (done.rows, months(kept)) == (1, ["2026_11"])


def test_what_another_purge_deleted_meanwhile_stays_noted(kept, databases, monkeypatch):
    name, rewrite = "call_pbx1_2025_10", residues._rewrite

    def note(since):
        with databases.records.write() as session:
            residues.note_residues(session, [name], since)

    def meanwhile(engine, one):
        note(kept.now + timedelta(seconds=1))
        return rewrite(engine, one)

    note(kept.now)
    monkeypatch.setattr(residues, "_rewrite", meanwhile)
    residues.sweep(databases.records)
    assert left(kept) == [name]
    monkeypatch.undo()
    residues.sweep(databases.records)
    assert left(kept) == []


def test_month_that_somebody_reads_goes_row_by_row(kept):
    """Who began to read before sees what was there; what is left in files goes once they end."""
    kept.source()
    kept.add("pbx1", "call", 400)
    kept.rule()
    with reading(kept, select(TABLES["call"])) as session:
        (done,) = kept.service.purge(WORKER)
        assert (done.rows, kept.rows()) == (1, [])
        assert len(session.execute(select(TABLES["call"])).all()) == 1
        assert left(kept) == ["call_pbx1_2025_10"]
    assert kept.service.purge(WORKER) == []
    assert (left(kept), months(kept)) == ([], [])


def test_import_at_work_keeps_its_months(kept, databases):
    """It looked for row ids before, and may write to a month that is empty by now."""
    kept.source()
    kept.add("pbx1", "call", 400)
    kept.rule()
    with databases.records.write() as session:
        store.try_lock_named(session, "lea import pbx1")
        (done,) = kept.service.purge(WORKER)
        assert (done.rows, kept.rows(), months(kept)) == (1, [], ["2025_10"])
    kept.service.purge(WORKER)
    assert (months(kept), left(kept)) == ([], [])


def test_nothing_goes_from_a_month_that_the_rule_does_not_reach_any_more(kept):
    kept.source()
    kept.add("pbx1", "call", 400)
    with kept.databases.records.write() as session:
        cutoff = kept.now - timedelta(days=401)
        order = store.Order("pu_1", "R", "pbx1", "call", "destroy", cutoff)
        (one,) = list_everywhere(session, "call", "pbx1")
        store.take_partition(session, order, one, kept.now, list)
    assert (len(kept.rows()), kept.ledger()) == (1, [])
