"""Whatever a column holds, anonymising leaves it only where statistics need it."""

import pytest
from sqlalchemy import update

from lea_service.kernel.actors import worker_actor
from lea_service.records.kinds import INTEGER, KINDS
from lea_service.records.store import TABLES
from lea_service.retention.store import COUNTED

GIVEN = {"source", "row_id", "flags"}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_that_tells_who(kept, kind):
    texts = {
        one.name: "sip:bob@voice.example"
        for one in KINDS[kind].columns
        if one.type != INTEGER and one.name not in GIVEN and not is_instant(one.name)
    }
    assert kind != "call" or {"caller_uri", "callee_uri", "forwarded_to_raw"} < set(texts)
    ended = {"valid_to": kept.now.replace(year=2024)} if kind == "subscriber" else {}
    kept.source("one", kind)
    kept.add("one", kind, 400, **ended)
    with kept.databases.records.write() as session:
        session.execute(update(TABLES[kind]).values(texts))
    kept.rule(f"{kind.upper()}-6M", kind=kind, action="anonymise")
    kept.service.purge(worker_actor())
    (row,) = kept.rows(kind)
    assert {name for name in texts if row[name] is not None} == COUNTED[kind] & set(texts)


def is_instant(name):
    return name.endswith("_at") or name.startswith("valid_")
