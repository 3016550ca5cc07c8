"""Arrow record batches beside lists of values: what the choice in ADR 0031 rests on.

Both do four steps on the same calls of one store: read them, write canonical lines, read the lines
back, and write CSV that is read back. Arrow has no writer of JSON, so its lines are joined out of
columns by its compute functions; a text with something to escape sends both through another way.
Neither judges or hashes rows: that part is ours in either form.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import adbc_driver_sqlite.dbapi
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json

from bench.bulk import query
from bench.costs import Cost, least, of_call
from lea_service.extraction.proof_lines import ProofLines
from lea_service.packaging import renderings
from lea_service.records.kinds import CALL, INSTANTS
from lea_service.records.reader import BATCH
from lea_service.records.rows import Columns

ROUNDS = 3
STEPS = ("read", "write lines", "read lines", "CSV and back")
SCHEMA = pa.schema(
    [(one.name, pa.int64() if one.type == "integer" else pa.string()) for one in CALL.columns]
)


@dataclass(frozen=True, slots=True)
class Step:
    """What a step costs, in microseconds of processor time a row, in either form."""

    name: str
    lists: float
    arrow: float


def measure(store: Path, rows: int) -> list[Step]:
    """Do each step in either form, in turn, several times."""
    lists, arrow = _Lists(store), _Arrow(store)
    costs: dict[tuple[str, int], list[Cost]] = {}
    for _ in range(ROUNDS):
        for at, form in enumerate((lists, arrow)):
            for name, act in zip(STEPS, form.steps(), strict=True):
                costs.setdefault((name, at), []).append(of_call(act))
    if b"".join(lists.lines) != b"".join(arrow.lines):
        raise SystemExit("the lines of the two forms differ")
    found = {key: least(several).processor / rows * 1e6 for key, several in costs.items()}
    return [Step(name, found[name, 0], found[name, 1]) for name in STEPS]


def _sql() -> str:
    """Return the query of the peers, with instants as canonical text."""
    shown = (f"replace({n}, ' ', 'T') || 'Z' AS {n}" if n in INSTANTS else n for n in CALL.names)
    return f"SELECT {', '.join(shown)} {query()[query().index('FROM') :]}"


class _Lists:
    """Columns as lists of Python's values, as the service has them."""

    def __init__(self, store: Path) -> None:
        self._store, self._form = store, ProofLines(CALL)
        self.blocks: list[Columns] = []
        self.lines: list[bytes] = []

    def steps(self) -> list[Callable[[], object]]:
        return [self._read, self._write, self._read_back, self._csv]

    def _read(self) -> None:
        self.blocks = []
        cursor = sqlite3.connect(self._store).execute(_sql())
        while part := cursor.fetchmany(BATCH):
            self.blocks.append(list(zip(*part, strict=True)))

    def _write(self) -> None:
        self.lines = [self._form.write(block) for block in self.blocks]

    def _read_back(self) -> None:
        for lines in self.lines:
            renderings.parse_columns(lines, CALL)

    def _csv(self) -> None:
        for block in self.blocks:
            cells = map(renderings._encode, map(list, block), CALL.columns)
            written = renderings._write(zip(*cells, strict=True))
            if renderings.read_csv_columns(written, CALL.columns) != list(map(list, block)):
                raise SystemExit("the CSV reads back differently")


class _Arrow:
    """Record batches."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self.batches: list[pa.RecordBatch] = []
        self.lines: list[bytes] = []

    def steps(self) -> list[Callable[[], object]]:
        return [self._read, self._write, self._read_back, self._csv]

    def _read(self) -> None:
        with (
            adbc_driver_sqlite.dbapi.connect(f"file:{self._store}?mode=ro") as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(_sql())
            batches = cursor.fetch_record_batch()
            self.batches = [one.cast(SCHEMA) for one in batches]

    def _write(self) -> None:
        self.lines = [_join_lines(batch) for batch in self.batches]

    def _read_back(self) -> None:
        options = pyarrow.json.ParseOptions(explicit_schema=SCHEMA)
        for lines in self.lines:
            pyarrow.json.read_json(io.BytesIO(lines), parse_options=options)

    def _csv(self) -> None:
        types = pyarrow.csv.ConvertOptions(
            column_types=SCHEMA, strings_can_be_null=True, null_values=[""]
        )
        for batch in self.batches:
            sink = io.BytesIO()
            options = pyarrow.csv.WriteOptions(quoting_style="needed")
            pyarrow.csv.write_csv(_mark(batch), sink, options)
            pyarrow.csv.read_csv(io.BytesIO(sink.getvalue()), convert_options=types)


def _join_lines(batch: pa.RecordBatch) -> bytes:
    pieces: list[pa.Array | pa.Scalar] = []
    text = "{"
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        text += f'"{name}":'
        if column.null_count == len(column):
            text += "null,"
            continue
        if not pa.types.is_string(column.type):
            cells = pc.fill_null(column.cast(pa.string()), "null")
        elif (
            column.null_count or pc.any(pc.match_substring_regex(column, r'[\x00-\x1f"\\]')).as_py()
        ):
            cells = _dump_texts(column)
        else:
            text, cells = f'{text}"', column
            pieces += [pa.scalar(text), cells]
            text = '",'
            continue
        pieces += [pa.scalar(text), cells]
        text = ","
    pieces.append(pa.scalar(text[:-1] + "}\n"))
    joined = pc.binary_join_element_wise(*pieces, "")
    return _bytes_of(joined)


def _bytes_of(joined: pa.Array) -> bytes:
    """Return the texts of an array one behind the other: that is how they lie in memory."""
    start, end = joined.offset, joined.offset + len(joined)
    offsets = memoryview(joined.buffers()[1]).cast("i")
    return bytes(memoryview(joined.buffers()[2])[offsets[start] : offsets[end]])


def _dump_texts(column: pa.Array) -> pa.Array:
    escaped = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')
    return pc.fill_null(pc.binary_join_element_wise('"', escaped, '"', ""), "null")


def _mark(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the texts that a spreadsheet could act on with a backslash in front."""
    columns = []
    for column in batch.columns:
        if pa.types.is_string(column.type) and column.null_count < len(column):
            risky = pc.match_substring_regex(column, r"^[=+\-@|%\t\r\n \\]")
            marked = pc.binary_join_element_wise("\\", column, "")
            columns.append(pc.if_else(risky, marked, column))
        else:
            columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)
