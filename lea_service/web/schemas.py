"""The base of every marshmallow schema, and the fields that several slices need."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import available_timezones

from marshmallow import RAISE, Schema, ValidationError, fields, post_dump, validate

from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant, parse_instant
from lea_service.kernel.coded import Coded, explain
from lea_service.kernel.errors import FieldError, InvalidInput
from lea_service.kernel.phrases import ENGLISH, LANGUAGES, Phrases, phrase
from lea_service.web.problems import flatten_messages

RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1970, 2200
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ZONES = frozenset(available_timezones())
NOT_VALID = "expected the form that the documentation describes"


class StrictSchema(Schema):
    """Refuses fields it does not know."""

    class Meta:
        """Options every schema shares."""

        unknown = RAISE

    def load(self, data: Any, *, unknown: Any = None, **kwargs: Any) -> Any:  # noqa: ARG002
        """Load by the schema's own rule; webargs would let unknown query arguments pass."""
        return super().load(data, unknown=self.unknown, **kwargs)


class PresentSchema(StrictSchema):
    """Leaves out what has no value, so that what was read can be sent again."""

    @post_dump
    def drop_absent(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Drop members without a value."""
        return {name: value for name, value in data.items() if value is not None}


def load_form(schema: type[StrictSchema], value: Json) -> Any:
    """Read an object by its schema. Raises InvalidInput that names each place that is wrong."""
    if not isinstance(value, dict):
        raise InvalidInput(NOT_VALID, [FieldError("", "expected an object")])
    try:
        return schema().load(value)
    except ValidationError as err:
        raise InvalidInput(NOT_VALID, list(flatten_messages(err.messages))) from err


def check_once(values: Iterable[Hashable]) -> None:
    """Validate a list whose members stand in it once; each place that repeats one is named."""
    seen: set[Hashable] = set()
    repeated = {}
    for n, value in enumerate(values):
        if value in seen:
            repeated[n] = ["Expected once."]
        seen.add(value)
    if repeated:
        raise ValidationError(repeated)


@contextmanager
def within(pointer: str) -> Iterator[None]:
    """Say where in the body an object lies in which something was wrong. Raises InvalidInput."""
    try:
        yield
    except InvalidInput as err:
        places = [FieldError(pointer + item.pointer, item.detail) for item in err.errors]
        text = "; ".join(f"{item.pointer}: {item.detail}" for item in places) or err.detail
        raise InvalidInput(text, places) from err


class Text(fields.String):
    """A text of bounded length without control characters and not of spaces only."""

    def __init__(self, longest: int = 200, *, shortest: int = 1, **kwargs: Any) -> None:
        error = f"Expected a text of {shortest} to {longest} characters."
        super().__init__(validate=validate.Length(shortest, longest, error=error), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text and (CONTROL.search(text) or not text.strip()):
            raise ValidationError(
                "Expected a text, not of spaces only, without control characters."
            )
        return text


def coded(known: Sequence[Coded]) -> fields.String:
    """Return the field, compulsory, that takes a code of a closed list."""
    codes = [one.code for one in known]
    wanted = validate.OneOf(codes, error=f"Expected one of these: {', '.join(codes)}.")
    return fields.String(required=True, validate=wanted, metadata={"description": explain(known)})


def said(table: Phrases, name: str, language: str) -> fields.Function:
    """Return the field that says what the code in the field ``name`` means; null without one."""

    def say(one: Any) -> str | None:
        code = getattr(one, name)
        return None if code is None else phrase(table, str(code), language)

    return fields.Function(say, metadata={"type": ["string", "null"]})


class LanguageArgs(StrictSchema):
    """In which language an answer says what it says in words."""

    language = fields.String(validate=validate.OneOf(LANGUAGES), load_default=ENGLISH)


class Count(fields.Integer):
    """A whole number; a text that looks like one is refused."""

    def __init__(self, lowest: int = 0, highest: int = 2**53 - 1, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(lowest, highest), **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return int(value)


class Flag(fields.Boolean):
    """True or false, not a word or number that means it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class QueryFlag(fields.Boolean):
    """True or false as a query string writes it: `true` or `false`, nothing else."""

    WORDS: ClassVar[dict[str, bool]] = {"true": True, "false": False}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if value not in self.WORDS:
            raise ValidationError("Expected true or false.")
        return self.WORDS[value]


class Instant(fields.DateTime):
    """An instant as RFC 3339 with its offset written; aware UTC inside."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return dump_instant(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:  # noqa: ARG002
        if not isinstance(value, str) or not RFC3339.fullmatch(value):
            raise ValidationError("Expected an RFC 3339 instant with its offset.")
        if not FIRST_YEAR <= int(value[:4]) <= LAST_YEAR:
            raise ValidationError(f"Expected a year from {FIRST_YEAR} to {LAST_YEAR}.")
        try:
            return parse_instant(value.upper())
        except InvalidInput as err:
            raise ValidationError("Expected an instant that exists.") from err


class Day(fields.Date):
    """A calendar day as YYYY-MM-DD."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:  # noqa: ARG002
        if not isinstance(value, str) or not DAY.fullmatch(value):
            raise ValidationError("Expected a day as YYYY-MM-DD.")
        try:
            day = date.fromisoformat(value)
        except ValueError as err:
            raise ValidationError("Expected a day that exists.") from err
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(f"Expected a year from {FIRST_YEAR} to {LAST_YEAR}.")
        return day


class Zone(fields.String):
    """The IANA name of a time zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        name = super()._deserialize(value, attr, data, **kwargs)
        if name not in ZONES:
            raise ValidationError("Expected the IANA name of a time zone, as Europe/Amsterdam.")
        return name


class Identifier(fields.String):
    """An id of ours: prefix, underscore, 32 hexadecimal digits."""

    def __init__(self, *prefixes: str, **kwargs: Any) -> None:
        pattern = rf"(?:{'|'.join(prefixes)})_[0-9a-f]{{32}}\Z"
        expected = f"Expected an id that begins with {' or '.join(p + '_' for p in prefixes)}."
        super().__init__(validate=validate.Regexp(pattern, error=expected), **kwargs)


class ProblemFieldSchema(StrictSchema):
    """One place that was wrong."""

    pointer = fields.String(required=True, metadata={"description": "JSON pointer (RFC 6901)."})
    detail = fields.String(required=True)


class ProblemSchema(StrictSchema):
    """A refusal (RFC 9457), in Dutch where `language=nl` or `Accept-Language` asks for that."""

    type = fields.String(required=True, metadata={"format": "uri-reference"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(ProblemFieldSchema))
    facts = fields.Dict(keys=fields.String())
