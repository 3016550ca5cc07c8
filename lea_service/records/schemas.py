"""Forms of sources, mappings and imports as they come in and go out."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates, validates_schema

from lea_service.demands.targets import SOURCE_NAME
from lea_service.records.mapping import OF_A_HOST
from lea_service.web.paging import page_schema
from lea_service.web.schemas import Count, Flag, Identifier, Instant, StrictSchema, Text, Zone

FORMAT = "lea.mapping/1"
ENCODINGS = ("utf-8", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252")
PARSERS = (
    *("text", "integer", "seconds", "time", "phone", "sip", "email", "address", "prefix"),
    *("imei", "imsi", "iccid", "mac"),
)
KINDS = ("call", "usage", "subscriber")
MAPPING_NAME = r"[a-z0-9][a-z0-9-]{0,39}\Z"
MOST_COLUMNS = 200
STATES = ("started", "done", "failed", "lost")
LEAST_SECONDS = 7200
MOST_OVERLAP = 1_000_000_000


class _Mark(fields.String):
    """One character that is not a letter, digit, space or line end."""

    def __init__(self, **kwargs: Any) -> None:
        expected = "Expected one character such as a comma, semicolon, bar or tab."
        super().__init__(validate=validate.Regexp(r"[!-/:-@\[-`{-~\t]\Z", error=expected), **kwargs)


class _ColumnName(Text):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(100, **kwargs)


def check_names(columns: list[str]) -> None:
    """Refuse two columns of one name. Raises ValidationError."""
    if len(set(columns)) != len(columns):
        raise ValidationError("Expected columns that are named once each.")


class FileSchema(StrictSchema):
    """How a file is cut into values."""

    format = fields.String(load_default="csv", validate=validate.OneOf(["csv", "json"]))
    encoding = fields.String(load_default="utf-8", validate=validate.OneOf(ENCODINGS))
    delimiter = _Mark(load_default=",")
    quote = _Mark(load_default='"', allow_none=True)
    header = Flag(load_default=False)
    columns = fields.List(_ColumnName(), required=True, validate=validate.Length(1, MOST_COLUMNS))

    optional = fields.List(_ColumnName(), load_default=list, validate=validate.Length(1))

    @validates_schema(pass_original=True)
    def check_format(self, data: dict[str, Any], given: Any, **_: Any) -> None:
        """Refuse what the format of the file does not have."""
        if data["format"] == "csv":
            if "header" not in given:
                raise ValidationError("Missing data for required field.", "header")
            others = ["optional"]
        else:
            others = ["header", "delimiter", "quote"]
        for name in others:
            if name in given:
                raise ValidationError(f"Expected none: {data['format']} files have none.", name)

    @validates("columns")
    def check_columns(self, value: list[str], **_: Any) -> None:
        """Refuse two columns of one name."""
        check_names(value)


class WatermarkSchema(StrictSchema):
    """By which column the rows of a table are read on."""

    column = _ColumnName(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["number", "instant"]))
    overlap = Count(0, MOST_OVERLAP, required=True)

    @validates_schema
    def check_overlap(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse an overlap that the hour a local clock shows twice would use up."""
        if data["kind"] == "instant" and data["overlap"] < LEAST_SECONDS:
            raise ValidationError(f"Expected {LEAST_SECONDS} seconds or more.", "overlap")


class TableSchema(StrictSchema):
    """Which table or view of a database is read."""

    schema = _ColumnName(load_default=None, allow_none=True)
    name = _ColumnName(required=True)
    columns = fields.List(_ColumnName(), required=True, validate=validate.Length(1, MOST_COLUMNS))
    watermark = fields.Nested(WatermarkSchema, required=True)

    @validates("columns")
    def check_columns(self, value: list[str], **_: Any) -> None:
        """Refuse two columns of one name."""
        check_names(value)


class TimeSchema(StrictSchema):
    """How instants are written."""

    format = Text(60, required=True)
    zone = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 60))


class OnlySchema(StrictSchema):
    """Which lines of a file are read."""

    column = _ColumnName(required=True)
    values = fields.List(Text(100), required=True, validate=validate.Length(1, 20))


class RowIdSchema(StrictSchema):
    """What names a row in its source."""

    columns = fields.List(_ColumnName(), load_default=list, validate=validate.Length(max=10))
    shown = fields.List(_ColumnName(), load_default=list, validate=validate.Length(max=10))
    line_digest = Flag(load_default=False)


class FieldRuleSchema(StrictSchema):
    """Where a field comes from."""

    column = _ColumnName(required=True)
    as_ = fields.String(data_key="as", attribute="as", validate=validate.OneOf(PARSERS))
    time = fields.Nested(TimeSchema)
    then = _ColumnName(load_default=None)
    wraps = _ColumnName(load_default=None)
    host = _ColumnName(load_default=None)
    unless = _ColumnName(load_default=None)
    member = _ColumnName(load_default=None)
    separator = Text(5, load_default=None)
    newest_first = Flag(load_default=False)
    missing = fields.List(
        fields.String(validate=validate.Length(max=100)),
        load_default=list,
        validate=validate.Length(1, 20),
    )


class MappingSchema(StrictSchema):
    """A mapping file."""

    format = fields.String(required=True, validate=validate.Equal(FORMAT))
    name = fields.String(
        required=True,
        validate=validate.Regexp(MAPPING_NAME, error="Expected small letters, digits and hyphens."),
    )
    about = Text(2_000, load_default="")
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    file = fields.Nested(FileSchema, load_default=None)
    table = fields.Nested(TableSchema, load_default=None)
    missing = fields.List(
        fields.String(validate=validate.Length(max=100)),
        load_default=lambda: [""],
        validate=validate.Length(max=20),
    )
    only_ = fields.Nested(OnlySchema, load_default=None, data_key="only", attribute="only")
    time = fields.Nested(TimeSchema, required=True)
    region = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"[A-Z]{2}\Z", error="Expected a country by its two letters."),
    )
    row_id = fields.Nested(RowIdSchema, required=True)
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(FieldRuleSchema),
        required=True,
        data_key="fields",
        attribute="fields",
        validate=validate.Length(1),
    )
    categories = fields.List(fields.String(), required=True, validate=validate.Length(1, 10))
    ipv6 = Flag(load_default=None)
    sip_hosts = fields.List(
        fields.String(validate=validate.OneOf([one.removesuffix("_raw") for one in OF_A_HOST])),
        load_default=(),
    )

    @validates_schema(pass_original=True)
    def check_origin(self, _data: dict[str, Any], given: Any, **_: Any) -> None:
        """Refuse a mapping of both, or of neither."""
        if ("file" in given) == ("table" in given):
            raise ValidationError("Expected either file or table.", "file")


class DeclareSourceSchema(StrictSchema):
    """A source to be declared, with a mapping of its own or one that is shipped."""

    name = fields.String(
        required=True,
        validate=validate.Regexp(SOURCE_NAME, error="Expected small letters, digits and hyphens."),
        metadata={"description": "Stands in each row of the source; it cannot be changed."},
    )
    mapping = fields.Dict(
        keys=fields.String(), metadata={"description": "A mapping file (schemas/mapping/1.json)."}
    )
    shipped = fields.String(metadata={"description": "Name of a mapping that is shipped."})
    zone = Zone(load_default=None, metadata={"description": "Replaces the zone of the mapping."})
    region = fields.String(
        load_default=None,
        validate=validate.Regexp(r"[A-Z]{2}\Z", error="Expected a country by its two letters."),
        metadata={"description": "Where numbers without country code were dialled."},
    )


class SourceSchema(StrictSchema):
    """A declared source."""

    id = Identifier("so", required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    zone = fields.String(required=True, allow_none=True)
    region = fields.String(required=True, allow_none=True)
    categories = fields.List(fields.String(), required=True)
    mapping = fields.Dict(required=True)
    mapping_digest = fields.String(required=True)
    declared_by = fields.String(required=True)
    declared_at = Instant(required=True)


class GapSchema(StrictSchema):
    """Rows that were written between two instants may never have been read."""

    read_until = Instant(required=True)
    found_at = Instant(required=True)


class CoverageSchema(StrictSchema):
    """From when until when a source has rows."""

    source = fields.String(required=True)
    kind = fields.String(required=True)
    rows = Count(required=True)
    first = Instant(required=True, allow_none=True)
    last = Instant(required=True, allow_none=True)
    watermark = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Of a live source: up to which value its rows were read."},
    )
    read_at = Instant(required=True, allow_none=True)
    gaps = fields.List(
        fields.Nested(GapSchema),
        required=True,
        metadata={"description": "Of a live source: where it did not go on from what was read."},
    )


class ImportArgs(StrictSchema):
    """What is known of a file beside what is in it."""

    made_at = Instant(
        load_default=None,
        metadata={
            "description": "When its system wrote it: what has no end in it had none until then. "
            "Without it the newest instant in the file counts."
        },
    )


class ImportSchema(StrictSchema):
    """An import: lines = added + known + completed + past_term + left_out + rejected."""

    id = Identifier("im", required=True)
    source_id = Identifier("so", required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    reason = fields.String(required=True, allow_none=True)
    detail = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Of a live source: what failed or is odd, in words."},
    )
    pull = Identifier(
        "j",
        required=True,
        allow_none=True,
        metadata={"description": "Of a live source: the job that read these rows."},
    )
    part = Count(required=True, allow_none=True)
    watermark_from = fields.String(required=True, allow_none=True)
    watermark_to = fields.String(required=True, allow_none=True)
    started_by = fields.String(required=True)
    started_at = Instant(required=True)
    finished_at = Instant(required=True, allow_none=True)
    lines = Count(required=True, allow_none=True)
    added = Count(required=True, allow_none=True)
    known = Count(required=True, allow_none=True)
    completed = Count(required=True, allow_none=True)
    past_term = Count(
        required=True,
        allow_none=True,
        metadata={"description": "Lines as old as what was purged, whatever became of them."},
    )
    left_out = Count(
        required=True,
        allow_none=True,
        metadata={"description": "Lines of another kind, by what the mapping reads `only`."},
    )
    flagged = Count(required=True, allow_none=True)
    rejected = Count(required=True, allow_none=True)


class RejectSchema(StrictSchema):
    """A line that was not taken in, as it came."""

    line = Count(required=True)
    reason = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)
    size = Count(required=True, metadata={"description": "Length of the whole line in bytes."})
    text = fields.String(
        required=True,
        metadata={"description": "Its beginning, with escapes for bytes that are no text."},
    )


SourcePageSchema = page_schema(SourceSchema)
ImportPageSchema = page_schema(ImportSchema)
RejectPageSchema = page_schema(RejectSchema)
