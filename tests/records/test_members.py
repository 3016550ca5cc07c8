"""JSON beside CSV: what an object says is read as it is written, or the line is set aside."""

import copy
import json
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lea_service.kernel.errors import InvalidInput
from lea_service.records.mapping_loading import load_mapping
from lea_service.records.members import BadObject, MemberReader
from tests.support.engines import ANY_ENGINE

OBJECTS = {
    "format": "lea.mapping/1",
    "name": "objects",
    "kind": "call",
    "file": {
        "format": "json",
        "columns": ["id", "at", "legs/0/from", "legs/-1/to", "seconds"],
        "optional": ["seconds"],
    },
    "time": {"format": "epoch_us"},
    "region": "NL",
    "row_id": {"columns": ["id"], "shown": ["id"]},
    "fields": {
        "started_at": {"column": "at"},
        "caller": {"column": "legs/0/from"},
        "callee": {"column": "legs/-1/to"},
        "duration_s": {"column": "seconds"},
    },
    "categories": ["traffic_call_records"],
}
CALL = {
    "id": 1,
    "at": 1780473600000001,
    "legs": [{"from": "0612345678"}, {"to": "+31201234567"}],
    "seconds": 60,
}


def read(text, *columns, optional=()):
    return MemberReader(columns, optional).read(text)


def test_star_gives_each_of_a_list():
    text = '{"legs": [{"to": "a b"}, {"to": null}, {}, {"to": 50}, {"to": "%"}], "none": []}'
    assert read(text, "legs/*/to", optional=["legs/*/to"]) == ["a%20b 50 %25"]
    assert read(text, "none/*", optional=["none/*"]) == [""]
    assert read(text, "other/*/to", optional=["other/*/to"]) == [""]
    for path in ("legs/*/to", "legs/*", "other/*/to"):
        with pytest.raises(BadObject, match="member"):
            read(text, path)
    with pytest.raises(BadObject, match="member"):
        read('{"legs": "a"}', "legs/*", optional=["legs/*"])


def test_values_are_those_of_the_text():
    text = '{"a": 1.50, "b": [1, {"c/d~": "é"}], "e": null, "f": true, "": 12345678901234567890}'
    columns = ("a", "b/0", "b/-1/c~1d~0", "e", "f", "")
    assert read(text, *columns) == ["1.50", "1", "é", "", "true", "12345678901234567890"]


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    )
)
def test_every_member_is_found_by_its_path(found):
    assume("*" not in found)  # which is each member of a list
    columns = [name.replace("~", "~0").replace("/", "~1") for name in found]
    assert read(json.dumps(found), *columns) == list(found.values())


@pytest.mark.parametrize("path", ["x", "list/1", "list/x", "list/-2", "empty/-1", "null/x"])
def test_what_may_be_absent_is_empty(path):
    text = '{"list": [0], "empty": [], "null": null}'
    if path in {"list/x", "list/-2"}:
        with pytest.raises(BadObject, match="member"):
            read(text, path, optional=[path])
        return
    assert read(text, path, optional=[path]) == [""]
    if path != "null/x":
        with pytest.raises(BadObject, match="member"):
            read(text, path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "json"),
        ("[1]", "json"),
        ('"a"', "json"),
        ('{"a": 1} {"a": 1}', "json"),
        ('{"a": 1, "a": 2}', "json"),
        ('{"a": "1", "b": {"c": 1, "c": 1}}', "json"),
        ('{"a": NaN}', "json"),
        ('{"a": "\\ud800"}', "json"),
        ("[" * (sys.getrecursionlimit() * 50), "json"),
        ('{"a": {}}', "member"),
        ('{"a": [1]}', "member"),
        ('{"b": 1}', "member"),
    ],
)
def test_what_cannot_be_read_has_a_reason(text, reason):
    with pytest.raises(BadObject) as caught:
        read(text, "a")
    assert str(caught.value) == reason


@ANY_ENGINE
def test_objects_become_rows_and_what_is_odd_is_set_aside(store):
    store.declare(mapping=OBJECTS)
    no_seconds = {name: CALL[name] for name in ("id", "at", "legs")} | {"id": 2, "more": [{}]}
    no_begin = {name: CALL[name] for name in ("id", "legs", "seconds")}
    lines = [
        json.dumps(CALL),
        json.dumps(no_seconds),
        json.dumps(no_begin),
        json.dumps(CALL | {"id": 3, "at": "noon"}),
        json.dumps(CALL | {"id": 4, "seconds": "\0"}),
        '{"id": 5,',
        "",
    ]
    run = store.take_in(("\ufeff" + "\r\n".join(lines)).encode())
    assert (run.lines, run.added, run.rejected) == (6, 2, 4)
    assert store.rejects(run) == [
        (3, "member", None),
        (4, "time", "started_at"),
        (5, "nul", None),
        (6, "json", None),
    ]
    first, second = store.rows()
    assert first["started_at"] == "2026-06-03T08:00:00.000001Z"
    assert (first["caller"], first["callee_raw"]) == ("+31612345678", "+31201234567")
    assert (first["duration_s"], second["duration_s"]) == (60, None)


@pytest.mark.parametrize(
    ("path", "value", "pointer", "words"),
    [
        (("file", "header"), True, "/file/header", "json"),
        (("file", "quote"), None, "/file/quote", "json"),
        (("file", "optional"), ["second"], "/file/optional", "'second'"),
        (("file", "format"), "csv", "/file/header", "required"),
        (("file", "format"), "xml", "/file/format", "one of"),
        (("missing",), ["NULL"], "/missing", "null"),
    ],
)
def test_faults_are_named_at_their_place(path, value, pointer, words):
    document = copy.deepcopy(OBJECTS)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(InvalidInput) as caught:
        load_mapping(document)
    assert words in {error.pointer: error.detail for error in caught.value.errors}[pointer]
