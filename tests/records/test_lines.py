import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_service.kernel.errors import InvalidInput
from lea_service.records.lines import FEWEST, LONGEST_LINE, LineReader
from lea_service.records.mapping import FileRule


def rule(columns="abc", header=False, quote='"', encoding="utf-8", delimiter=","):
    return FileRule(encoding, delimiter, quote, header, tuple(columns))


def cut(data, **options):
    reader = LineReader(io.BytesIO(data), rule(**options))
    lines = list(reader.lines())
    assert reader.sha256 == hashlib.sha256(data).hexdigest()
    assert reader.bytes_read == len(data)
    return [(line.number, line.values or line.reason) for line in lines]


def test_lines_are_cut_as_written():
    assert cut(b'1,2,3\r\n\r\n"a ""b""",c,"d,e"\n ,,') == [
        (1, ["1", "2", "3"]),
        (3, ['a "b"', "c", "d,e"]),
        (4, [" ", "", ""]),
    ]


def test_quoted_values_may_hold_line_ends():
    assert cut(b'1,"a\nb",3\n4,5,6') == [(1, ["1", "a\nb", "3"]), (3, ["4", "5", "6"])]


def test_a_stray_quote_spoils_only_its_own_line():
    assert cut(b'1,"x,3\n4,5,6\n7,"8",9\n') == [
        (1, "quotes"),
        (2, ["4", "5", "6"]),
        (3, ["7", "8", "9"]),
    ]
    assert cut(b'1,"x,3\n' + b"4,5,6\n" * 300)[1:] == [(n, ["4", "5", "6"]) for n in range(2, 302)]
    assert cut(b'1,"a"b,3\n') == [(1, "quotes")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"1,2\n", "columns"),
        (b"1,2,3,4\n", "columns"),
        (b"1,\xff,3\n", "encoding"),
        (b"1,\x00,3\n", "nul"),
    ],
)
def test_bad_lines_say_why(data, reason):
    assert cut(b"4,5,6\n" + data + b"7,8,9") == [
        (1, ["4", "5", "6"]),
        (2, reason),
        (3, ["7", "8", "9"]),
    ]


def test_a_line_of_ten_megabytes_is_kept_in_part():
    data = b"1,2,3\n" + b"x" * 10_000_000 + b"\n4,5,6\n"
    reader = LineReader(io.BytesIO(data), rule())
    first, long, last = reader.lines()
    assert (long.reason, len(long.raw), long.size) == ("too-long", LONGEST_LINE, 10_000_000)
    assert (first.number, last.number, last.values) == (1, 3, ["4", "5", "6"])


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (b"PK\x03\x04....", {}, "ZIP"),
        (b"\x1f\x8b\x08", {}, "gzip"),
        ("a,b".encode("utf-16"), {}, "UTF-16"),
        (b"a\x00b\x00", {}, "text"),
        (b"\xef\xbb\xbf1,2,3", {"encoding": "iso-8859-1"}, "UTF-8"),
        (b"", {"header": True}, "names of the columns"),
        (b"a,b\n1,2", {"header": True}, "'c'"),
        (b"a,b,c,c\n", {"header": True}, "several"),
        (b'a,b,"c\n', {"header": True}, "names"),
        (b"a,b,\xff\n", {"header": True}, "names"),
    ],
)
def test_other_files_are_refused_at_once(data, options, words):
    with pytest.raises(InvalidInput, match=words):
        LineReader(io.BytesIO(data), rule(**options))


def test_header_gives_the_places():
    reader = LineReader(io.BytesIO(b"\xef\xbb\xbfc,x,a,b\n1,2,3,4\n"), rule(header=True))
    (line,) = reader.lines()
    assert dict(zip(reader.columns, line.values, strict=True))["c"] == "1"
    assert line.number == 2


def test_other_delimiters_and_encodings():
    assert cut(
        "é;€;'x".encode("windows-1252"), delimiter=";", quote=None, encoding="windows-1252"
    ) == [(1, ["é", "€", "'x"])]
    assert cut(b"a\tb\tc", delimiter="\t") == [(1, ["a", "b", "c"])]


values = st.text(st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.tuples(st.just("k"), values, values), max_size=8))
def test_what_csv_writes_is_read_back(rows):
    text = "".join(
        ",".join('"' + value.replace('"', '""') + '"' for value in row) + "\n" for row in rows
    )
    assert [found for _, found in cut(text.encode())] == [list(row) for row in rows]


class Dribble:
    """A stream that gives little at a time."""

    def __init__(self, data):
        self._stream = io.BytesIO(data)

    def read(self, size, /):
        return self._stream.read(min(size, 3))


def test_chunks_do_not_matter():
    data = b'\xef\xbb\xbf1,"a\nb",3\r\n4,5,6\n'
    slow = LineReader(Dribble(data), rule())
    assert [line.values for line in slow.lines()] == [["1", "a\nb", "3"], ["4", "5", "6"]]


WRONG = b"1,2\n"


@pytest.mark.parametrize("rest", [b"", b"\n", WRONG])
def test_file_of_which_nothing_fits_is_none_of_this_source(rest):
    """And one of which a single line fits, or that is a small one, is read as it is."""
    reader = LineReader(io.BytesIO(WRONG * FEWEST + rest), rule())
    with pytest.raises(InvalidInput, match=r"nothing of this file fits .* the 3 columns"):
        list(reader.lines())
    for other in (b"1,2,3\n", b"1,2,\xff\n", b"1,2,\x00\n"):
        assert len(list(LineReader(io.BytesIO(WRONG * FEWEST + other), rule()).lines())) > FEWEST
    assert len(list(LineReader(io.BytesIO(WRONG * (FEWEST - 1)), rule()).lines())) == FEWEST - 1
