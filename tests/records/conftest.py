"""A record store with declared sources, and the people who fill it."""

import copy
import io
from types import SimpleNamespace

import pytest

from lea_service.kernel.actors import Actor, Role
from lea_service.records.import_service import ImportService
from lea_service.records.mapping_loading import load_shipped
from lea_service.records.reader import RecordReader
from lea_service.records.selection import Selection
from lea_service.records.service import SourceService
from tests.support.log import build_log
from tests.support.rows import read_rows

ENGINEER = Actor("s_engineer", frozenset({Role.ENGINEER}))
SMALL = {
    "format": "lea.mapping/1",
    "name": "small",
    "kind": "call",
    "file": {"header": False, "columns": ["id", "from", "to", "at", "seconds"]},
    "time": {"format": "%Y-%m-%d %H:%M:%S", "zone": "Europe/Amsterdam"},
    "region": "NL",
    "row_id": {"columns": ["id"], "shown": ["id"]},
    "fields": {
        "started_at": {"column": "at"},
        "caller": {"column": "from"},
        "callee": {"column": "to"},
        "duration_s": {"column": "seconds"},
    },
    "categories": ["traffic_call_records"],
}


class Store:
    """Sources and imports as an engineer uses them."""

    def __init__(self, log, records):
        self.log = log
        self.records = records
        self.sources = SourceService(log.transactions, log.looks, records)
        self.imports = ImportService(log.transactions, records)

    def preserve(self, preserved):
        """Let orders to preserve name what the function says."""
        self.imports = ImportService(self.log.transactions, self.records, preserved)

    def declare(self, name="pbx", mapping="small", by_line=False, **options):
        document = copy.deepcopy(SMALL) if mapping == "small" else mapping
        if isinstance(document, str):
            document = load_shipped(document)
        if by_line:
            document["row_id"] = {"line_digest": True}
        return self.sources.declare(ENGINEER, name, document, **options)

    def take_in(self, data, name="pbx"):
        stream = io.BytesIO(data) if isinstance(data, bytes) else data
        return self.imports.run(ENGINEER, name, stream)

    def rows(self, name="pbx", kind="call", **options):
        with RecordReader(self.records).snapshot() as snapshot:
            return list(read_rows(snapshot, [Selection(kind, name, **options)]))

    def rejects(self, run, name="pbx"):
        found = self.sources.list_rejects(ENGINEER, name, run.id, 0, 100)
        return [(one.line, one.reason, one.field) for one in found]


@pytest.fixture
def log(databases, clock, ids, tmp_path):
    return build_log(databases.cases, clock, ids, tmp_path / "signer.json")


@pytest.fixture
def store(log, databases):
    return Store(log, databases.records)


def counts(run):
    names = ("lines", "added", "known", "completed", "rejected")
    found = SimpleNamespace(**{name: getattr(run, name) for name in names})
    told = found.added + found.known + found.completed + found.rejected
    assert found.lines == told + run.past_term + run.left_out
    return (found.added, found.known, found.completed, found.rejected)
