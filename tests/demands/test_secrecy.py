import base64
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from lea_service.custody.queries import iter_entries
from lea_service.demands import queries
from lea_service.demands.document import dump_content
from lea_service.kernel.datakeys import FILE
from lea_service.kernel.errors import Unavailable, WrongState
from tests.demands.samples import HANDLER, NAMES, ORDER, content
from tests.demands.test_service import TAKEN_BACK
from tests.support.log import check_log

SCHEMAS = Path(__file__).parents[2] / "schemas"


def test_destroyed_file_key_makes_the_demand_unreadable(log, service, clock):
    demand = service.record(HANDLER, content(), ORDER, "k-1").demand_id
    service.withdraw(HANDLER, demand, TAKEN_BACK)
    with log.transactions.database.write() as session:
        log.keys.destroy(session, demand, FILE, clock.now())
    for act in (service.get, service.get_order, service.holds):
        with pytest.raises(Unavailable):
            act(HANDLER, demand)
    for key in ("k-1", None):
        with pytest.raises(WrongState, match="recorded before"):
            service.record(HANDLER, content(), ORDER, key)
    assert [one.id for one in service.list(HANDLER, None, None, 10)] == [demand]
    check_log(log)


def test_what_names_somebody_is_nowhere_in_clear(log, service, databases, tmp_path):
    demand = service.record(HANDLER, content(), ORDER, "key-of-mine").demand_id
    service.correct(HANDLER, demand, content(contact={"name": "Griffie Noord"}), 1)
    service.withdraw(HANDLER, demand, TAKEN_BACK)
    service.get(HANDLER, demand)
    with log.transactions.read() as session:
        order = queries.get_demand(session, log.keys, demand).order
    digest = bytes.fromhex(order.sha256)
    words = [*NAMES, "Griffie Noord", "griffie Amsterdam", "vergissing", "key-of-mine"]
    secrets = [form for word in words for form in forms(word.encode())]
    secrets += [*forms(digest), *forms(order.sha256.encode()), *forms(ORDER[20:60])]
    stored = dump(databases.cases, tmp_path)
    assert demand.encode() in stored
    assert [secret for secret in secrets if secret in stored] == []


def forms(data):
    """Return how bytes may be written: as they are, UTF-16, hexadecimal, base64 at each offset."""
    yield data
    yield data.hex().encode()
    yield data.hex().upper().encode()
    if data.isascii():
        yield from (data.decode().encode(code) for code in ("utf-16-le", "utf-16-be"))
    for skip in range(3):
        whole = base64.b64encode(b"\0" * skip + data)
        inner = whole[4 if skip else 0 : -4]
        yield from (inner, inner.replace(b"+", b"-").replace(b"/", b"_"))


def dump(database, folder):
    """Return every byte that the engine holds: the SQLite files with their log, or all rows."""
    if database.is_sqlite:
        return b"".join(path.read_bytes() for path in sorted(folder.glob("cases.db*")))
    with database.read() as session:
        tables = session.connection().exec_driver_sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        rows = [
            session.connection().exec_driver_sql(f'SELECT * FROM "{name}"').all()
            for (name,) in tables.all()
        ]
    return b"\n".join(_flat(value) for table in rows for row in table for value in row)


def _flat(value):
    return value if isinstance(value, bytes) else str(value).encode()


def test_entries_and_documents_have_their_published_forms(log, service):
    demand = service.record(HANDLER, content(), ORDER).demand_id
    service.withdraw(HANDLER, demand, TAKEN_BACK)
    document = dump_content(service.get(HANDLER, demand))
    validator("demand").validate(document)
    with log.transactions.read() as session:
        entries = [json.loads(one.data) for one in iter_entries(session)]
    assert [one["ev"] for one in entries] == [
        "demand.recorded",
        "demand.withdrawn",
        "demand.viewed",
    ]
    for entry in entries:
        validator("custody-entry").validate(entry)


def validator(name):
    return Draft202012Validator(json.loads((SCHEMAS / name / "1.json").read_text()))
