"""What a row of the catalogue has to be before anybody relies on it; each fault names its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from lea_service.kernel.errors import FieldError, InvalidInput
from lea_service.kernel.patterns import make_validator
from lea_service.legal.basis import Basis, Review, Row, Term, load_basis
from lea_service.legal.counting import can_be_counted
from lea_service.legal.editions import find_conflicts

NOT_AS_SCHEMA = "expected what the schema says"
DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
LIKE_A_DAY = "expected a day as YYYY-MM-DD"
NO_DAY = "expected a day of the calendar, as 2026-08-18"
NO_FIGURE_OF_DAYS = "expected a term of at most 1000 days, weeks or months"
MOST = 1000
NO_CLOCK = "expected a term that this version can count"
COUNTED = ("confirmation", "response", "emergency_response", "preservation")
SHIFTED = ("look_back", "look_forward", "order_validity")
LISTS = (
    ("issuing_roles", "roles"),
    ("roles_if_validated", "roles"),
    ("categories", "categories"),
    ("excluded_categories", "categories"),
    ("unsettled_categories", "categories"),
    ("targets", "targets"),
    ("contents", "contents"),
    ("sources", "sources"),
)
CODES = (
    ("family", "families"),
    ("instrument", "instruments"),
    ("route", "routes"),
    ("secrecy", "secrecy"),
    ("notification", "notification"),
    ("reimbursement", "reimbursement"),
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A row, where it stands, and the review behind it if it is a provider's own."""

    place: str
    row: dict[str, Any]
    reviewed: Review | None = None

    def load(self) -> Basis:
        """Return the basis that the row describes."""
        return load_basis(self.row, self.reviewed)


def place_rows(rows: Iterable[Any]) -> list[Placed]:
    """Return rows that ship, each placed by its id (by its number, if it has none)."""
    return [Placed(f"/{_name(row, n)}", row) for n, row in enumerate(rows)]


def check_rows(
    rows: Sequence[Placed], schema: Row, codes: Row, sources: Mapping[str, str]
) -> list[Basis]:
    """Return the bases of rows that are right in everything. Raises InvalidInput."""
    validator = make_validator(schema)
    refuse(
        "a legal basis does not fit its schema",
        (misfit for one in rows for misfit in find_misfits(one.place, one.row, validator)),
    )
    refuse(
        "a legal basis names a day that does not exist",
        (FieldError(f"{one.place}/{at}", NO_DAY) for one in rows for at in _bad_days(one.row)),
    )
    refuse(
        "a legal basis uses a code that no table explains",
        (
            FieldError(
                f"{one.place}/{field}",
                f"expected codes of the table {table}, which has no {others}",
            )
            for one in rows
            for field, table, used in codes_used(one.row)
            if (others := _others(used, sources if table == "sources" else codes[table]))
        ),
    )
    bases = [one.load() for one in rows]
    refuse(
        "a legal basis has a term that nobody can count",
        (
            FieldError(f"{one.place}/{field}", wanted)
            for one, basis in zip(rows, bases, strict=True)
            for field, wanted in _uncountable(basis)
        ),
    )
    refuse(
        "a legal basis has two editions on one day",
        (
            FieldError(f"{_culprit(rows[n], rows[m]).place}/{field}", wanted)
            for n, m, field, wanted in find_conflicts(bases)
        ),
    )
    return bases


def find_misfits(place: str, value: Any, validator: Draft202012Validator) -> Iterator[FieldError]:
    """Yield where a value that stands at ``place`` does not fit a schema, each place once."""
    found = (
        FieldError(place + "".join(f"/{step}" for step in error.absolute_path), _wanted(error))
        for error in validator.iter_errors(value)
    )
    yield from dict.fromkeys(found)


def _wanted(error: ValidationError) -> str:
    """Say what the schema has there; missing members together, each is an error of its own."""
    wanted: Any = error.validator_value
    match error.validator:
        case "required":
            there: Any = error.instance
            missing = ", ".join(one for one in wanted if one not in there)
            return f"expected these members as well: {missing}"
        case "enum":
            return f"expected one of these: {', '.join(map(str, wanted))}"
        case "pattern":
            return LIKE_A_DAY if wanted == DAY else f"expected a text of the form {wanted}"
        case "additionalProperties":
            return "expected no other members than those that the schema has"
        case "anyOf" | "oneOf":
            inner = [_wanted(one) for one in error.context or () if one.validator != "type"]
            return inner[0] if inner else NOT_AS_SCHEMA
    return NOT_AS_SCHEMA


def _others(used: Iterable[str], known: Collection[str]) -> str:
    return ", ".join(dict.fromkeys(one for one in used if one not in known))


def codes_used(row: Row) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (field, table, codes) of everything in a row that a table explains."""
    judicial = row["judicial_authorisation"] or {}
    for field, table in LISTS:
        yield field, table, row[field] or []
    for field, table in CODES:
        yield field, table, [row[field]] if row[field] else []
    yield "judicial_authorisation", "judges", [judicial["by"]] if judicial.get("by") else []
    yield from _codes_of_term(judicial.get("oral") or {}, "confirmation")
    for condition in judicial.get("conditions") or ():
        yield "judicial_authorisation", "conditions", [condition["kind"]]
        yield "judicial_authorisation", "categories", condition.get("categories", [])
        yield from _codes_of_term(condition.get("afterwards") or {}, "term")
    for field in ("oral", "response", "emergency_response", "preservation"):
        term = row[field] or {}
        term = term.get("confirmation") or {} if field == "oral" else term
        yield field, "time_rules", [term["counting"]] if "counting" in term else []
        yield field, "categories", term.get("gives") or []
        waits = term.get("not_before")
        yield field, "waits", [waits["when"], waits["ends_early_by"]] if waits else []


def _codes_of_term(row: Row, name: str) -> Iterator[tuple[str, str, list[str]]]:
    counting = (row.get(name) or {}).get("counting")
    yield "judicial_authorisation", "sources", row.get("sources", [])
    yield "judicial_authorisation", "time_rules", [counting] if counting else []


def is_day(text: str) -> bool:
    """Say whether a text is a day of the calendar."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _culprit(later: Placed, earlier: Placed) -> Placed:
    """Return which of two editions to name: of one that ships and one that does not, the latter."""
    return earlier if earlier.reviewed and not later.reviewed else later


def _bad_days(row: Row) -> Iterator[str]:
    for field in ("valid_from", "valid_to"):
        if row[field] is not None and not is_day(row[field]):
            yield field
    if row["succeeded_by"] is not None and not is_day(row["succeeded_by"]["planned_for"]):
        yield "succeeded_by/planned_for"


def _uncountable(basis: Basis) -> Iterator[tuple[str, str]]:
    for field in COUNTED:
        term: Term | None = getattr(basis, field)
        if term is not None and not can_be_counted(term):
            yield "oral/confirmation" if field == "confirmation" else field, NO_CLOCK
    validation = basis.validation and basis.validation.afterwards
    orally = basis.judicial and basis.judicial.oral
    terms = (validation and validation.term, orally and orally.confirmation)
    if any(term and not can_be_counted(term) for term in terms):
        yield "judicial_authorisation", NO_CLOCK
    for field in SHIFTED:
        term = getattr(basis, field)
        if term is not None and (term.unit == "hours" or (term.value or 0) > MOST):
            yield field, NO_FIGURE_OF_DAYS


def refuse(what: str, errors: Iterable[FieldError]) -> None:
    """Raise InvalidInput where there are errors; its text alone names the first place too."""
    found = list(errors)
    if found:
        raise InvalidInput(f"{what}, first at {found[0].pointer}", found)


def _name(row: Any, n: int) -> str:
    found = row.get("id") if isinstance(row, dict) else None
    return found if isinstance(found, str) else str(n)
