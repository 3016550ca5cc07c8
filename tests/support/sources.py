"""Declared sources without a file to import: all that a plan asks about them."""

from lea_service.kernel.canonical import dump_canonical
from lea_service.kernel.transactions import RECORDS_STREAM
from lea_service.records.kinds import CATEGORIES, get_layout
from lea_service.records.models import Source
from lea_service.records.service import DECLARED


def categories_of(kind):
    """Return every category that a kind of records can answer."""
    return tuple(name for name, one in CATEGORIES.items() if one.kind == kind)


def declare_source(tx, name="pbx1", kind="call", categories=None, without=()):
    """Declare a source for categories (all of its kind if none are given); returns its id.

    Its mapping fills every column but those ``without``.
    """
    filled = [one for one in get_layout(kind).names if one not in without]
    mapping = {
        "categories": list(categories or categories_of(kind)),
        "fields": dict.fromkeys(filled),
    }
    row = Source(
        id=tx.ids.new("so"),
        name=name,
        kind=kind,
        mapping=dump_canonical(mapping).decode(),
        mapping_digest="x" * 43,
        declared_by="s_1",
        declared_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    facts = {"source": row.id, "kind": row.kind, "mapping": row.mapping_digest}
    tx.record(DECLARED, RECORDS_STREAM, facts=facts, evidence=[row])
    return row.id
