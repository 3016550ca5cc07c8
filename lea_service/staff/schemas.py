"""What is asked for and answered about staff and approvals, in marshmallow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from marshmallow import ValidationError, fields, validate

from lea_service.kernel.actors import Role
from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import FieldError, InvalidInput
from lea_service.staff.rules import STAFF_ROLES, ClearanceKind
from lea_service.web.problems import flatten_messages
from lea_service.web.schemas import Count, Day, Identifier, StrictSchema, Text

MAX_CLEARANCES = 20


@contextmanager
def within(pointer: str) -> Iterator[None]:
    """Say where in the body a rule found something wrong. Raises InvalidInput."""
    try:
        yield
    except InvalidInput as err:
        places = [FieldError(pointer + item.pointer, item.detail) for item in err.errors]
        text = "; ".join(f"{item.pointer}: {item.detail}" for item in places) or err.detail
        raise InvalidInput(text, places) from err


def load_form(schema: type[StrictSchema], value: Json, pointer: str = "/request") -> dict[str, Any]:
    """Read an object that lies at ``pointer`` of the body. Raises InvalidInput."""
    if not isinstance(value, dict):
        raise InvalidInput.at(pointer, "expected an object")
    try:
        loaded: dict[str, Any] = schema().load(value)
    except ValidationError as err:
        places = list(flatten_messages(err.messages, pointer))
        raise InvalidInput("expected another form of the request", places) from err
    return loaded


class ClearanceSchema(StrictSchema):
    """A screening, secrecy statement or training; both days are included."""

    kind = fields.Enum(ClearanceKind, by_value=True, required=True)
    valid_from = Day(required=True, data_key="from")
    valid_until = Day(required=True, data_key="until")


class KeyRequestSchema(StrictSchema):
    """A personal key to enrol, as ``lea staff key new`` writes it."""

    format = Text(40, required=True)
    key = Text(16, required=True)
    public_key = Text(43, required=True)
    possession = Text(86, required=True)


def _clearances(**options: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(ClearanceSchema), validate=validate.Length(1, MAX_CLEARANCES), **options
    )


def _roles(fewest: int) -> fields.List[Any]:
    names = validate.OneOf(sorted(str(role) for role in STAFF_ROLES))
    one = fields.Enum(Role, by_value=True, validate=lambda role: names(str(role)))
    return fields.List(one, required=True, validate=validate.Length(fewest, len(STAFF_ROLES)))


class FounderSchema(StrictSchema):
    """One of the first two people."""

    name = Text(200, required=True)
    login = Text(40, required=True)
    personnel_number = Text(20, required=True)
    key = fields.Nested(KeyRequestSchema, required=True)
    clearances = _clearances(required=True)


class AccountRequestSchema(FounderSchema):
    """A new colleague; ``account`` is chosen when the request is prepared."""

    roles = _roles(1)
    account = Identifier("s")


class _ChangeRequestSchema(StrictSchema):
    account = Identifier("s", required=True)
    generation = Count(2)


class RolesRequestSchema(_ChangeRequestSchema):
    """The roles that somebody has from now on; none at all when the person leaves."""

    roles = _roles(0)


class KeyChangeRequestSchema(_ChangeRequestSchema):
    """A new personal key for somebody, which replaces the present one."""

    key = fields.Nested(KeyRequestSchema, required=True)


class ClearanceRequestSchema(_ChangeRequestSchema):
    """Further clearances of somebody."""

    clearances = _clearances(required=True)


class LiftRequestSchema(_ChangeRequestSchema):
    """The end of somebody's suspension."""

    suspension = Identifier("su")
