"""Files with lines of several kinds: what is not read is counted, and never kept aside."""

import copy
import json

import pytest

from lea_service.custody.queries import list_stream
from lea_service.kernel.errors import InvalidInput
from lea_service.records.mapping_loading import load_mapping
from tests.records.conftest import SMALL
from tests.support.engines import ANY_ENGINE

READ = b"INVITE,1,0612345678,+31201234567,2026-06-03 10:00:00,60\n"
OTHER = b"BYE,1,0612345678,+31201234567,not a time,60\n"


def of_kinds(*values, **changes):
    document = copy.deepcopy(SMALL) | changes
    document["file"]["columns"].insert(0, "method")
    return document | {"only": {"column": "method", "values": list(values)}}


def outcome(run):
    return (run.lines, run.added, run.known, run.left_out, run.rejected)


@ANY_ENGINE
def test_lines_of_another_kind_are_counted_and_not_kept(store):
    store.declare(mapping=of_kinds("INVITE"))
    run = store.take_in(READ + OTHER * 2)
    assert outcome(run) == (3, 1, 0, 2, 0)
    with store.log.transactions.read() as session:
        done = list_stream(session, "r_records")[-1]
    assert (done.event, json.loads(done.data)["facts"]["left_out"]) == ("import.done", 2)
    assert store.rejects(run) == []
    assert len(store.rows()) == 1


@ANY_ENGINE
def test_the_same_file_again_leaves_out_the_same_lines(store):
    store.declare(mapping=of_kinds("INVITE", "MESSAGE"))
    lines = READ + OTHER + READ.replace(b"INVITE,1", b"MESSAGE,2")
    assert outcome(store.take_in(lines)) == (3, 2, 0, 1, 0)
    assert outcome(store.take_in(lines)) == (3, 0, 2, 1, 0)


@ANY_ENGINE
@pytest.mark.parametrize("kind", [b"", b"-", b" "])
def test_line_that_does_not_tell_its_kind_is_kept_aside(store, kind):
    store.declare(mapping=of_kinds("INVITE", missing=["", "-"]))
    run = store.take_in(READ.replace(b"INVITE", kind))
    assert outcome(run) == (1, 0, 0, 0, 1)
    assert store.rejects(run) == [(1, "no-kind", None)]


@ANY_ENGINE
def test_kind_is_compared_letter_by_letter(store):
    store.declare(mapping=of_kinds("INVITE"))
    lines = [READ.replace(b"INVITE", kind) for kind in (b"invite", b"INVITE ", b"REINVITE")]
    assert outcome(store.take_in(b"".join(lines))) == (3, 0, 0, 3, 0)


@ANY_ENGINE
def test_line_of_the_kind_that_cannot_be_read_is_kept_aside(store):
    store.declare(mapping=of_kinds("INVITE"))
    run = store.take_in(OTHER.replace(b"BYE", b"INVITE") + b"BYE,1\n")
    assert outcome(run) == (2, 0, 0, 0, 2)
    assert store.rejects(run) == [(1, "time", "started_at"), (2, "columns", None)]


@pytest.mark.parametrize(
    ("only", "pointer", "words"),
    [
        ({"column": "verb", "values": ["INVITE"]}, "/only/column", "'verb'"),
        ({"column": "to", "values": [""]}, "/only/values/0", ""),
        ({"column": "to", "values": ["none"]}, "/only/values", "no value"),
        ({"column": "to", "values": []}, "/only/values", ""),
    ],
)
def test_faults_are_named_at_their_place(only, pointer, words):
    with pytest.raises(InvalidInput) as caught:
        load_mapping(copy.deepcopy(SMALL) | {"only": only, "missing": ["none"]})
    assert {error.pointer: words in error.detail for error in caught.value.errors} == {
        pointer: True
    }
