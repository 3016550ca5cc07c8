"""What a form of Annex III states, and whether that is all that its reasons call for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from lea_service.demands.demand import Item
from lea_service.demands.narrowing import LeftOut
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant, parse_instant
from lea_service.kernel.errors import FieldError, InvalidInput, WrongState
from lea_service.legal.annex.table import Certificate, Need, Reason, Tells
from lea_service.legal.findings import Finding
from lea_service.legal.reckoning import count_eu_days
from lea_service.legal.working_days import WorkingDays

NO_LEFT_OUT = "expected none: no reason says that something is not given for good"
MISFIT = "the form does not state what its reasons call for"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Section E, the reasoned objection: the law of the third country and why it stands against.

    ``interests`` are codes of the table, ``link`` is what ties the provider to that country.
    """

    law: str
    provisions: str
    interests: tuple[str, ...]
    applies_because: str
    conflicts_because: str
    link: str
    consequences: str
    more: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What we say of an order: ``explanation`` for section D, ``question`` for F, and so on.

    ``is_preserved`` is section G: whether the data asked for are being kept. ``missing`` is what
    is not given, ``possible_by`` when it can be. ``left_out`` says exactly what is not given for
    good, so that it can be compared with what is taken out.
    """

    explanation: str
    is_preserved: bool
    question: str | None = None
    missing: str | None = None
    possible_by: datetime | None = None
    conflict: Conflict | None = None
    left_out: tuple[LeftOut, ...] = ()

    def has(self, need: Need) -> bool:
        """Say whether something is stated."""
        return getattr(self, need.value) is not None


def check_statement(reasons: Sequence[Reason], said: Statement) -> None:
    """Let a statement through that has what its reasons call for, and nothing that none calls for.

    Raises InvalidInput that names each place.
    """
    called_for = {need for one in reasons for need in one.needs}
    errors = [
        FieldError(f"/statement/{need}", "expected, for one of the reasons")
        if need in called_for
        else FieldError(f"/statement/{need}", "expected none: no reason calls for it")
        for need in Need
        if said.has(need) != (need in called_for)
    ]
    if bool(said.left_out) != gives_less(reasons):
        detail = NO_LEFT_OUT if said.left_out else "expected, for one of the reasons"
        errors.append(FieldError("/statement/left_out", detail))
    if errors:
        places = ", ".join(one.pointer for one in errors)
        raise InvalidInput(f"{MISFIT}: {places}", errors)


def gives_less(reasons: Sequence[Reason]) -> bool:
    """Say whether some reason means that something is not given, and not only given later."""
    return any(one.needs == {Need.MISSING} for one in reasons)


def check_left_out(said: Statement, items: Sequence[Item]) -> None:
    """Let a form say what is not given of what is asked. Raises InvalidInput at each place."""
    known = {item.n: item for item in items}
    errors = [
        FieldError(f"/statement/left_out/{at}", "expected an item, or a category or span of one")
        for at, one in enumerate(said.left_out)
        if not _is_asked(one, known.get(one.n))
    ]
    if errors:
        raise InvalidInput("the form says that something is not given that nobody asked", errors)


def _is_asked(one: LeftOut, item: Item | None) -> bool:
    if item is None or (one.category is not None and one.category not in item.categories):
        return False
    start, end = item.period.start, item.period.end
    return start <= (one.keep_from or start) < (one.keep_until or end) <= end


def check_possible(said: Statement, now: datetime) -> None:
    """Let a form promise the rest for a time that is to come. Raises InvalidInput."""
    if said.possible_by is not None and said.possible_by <= now:
        raise InvalidInput.at("/statement/possible_by", "expected an instant to come")


def check_borne_out(reasons: Sequence[Reason], findings: Collection[Finding]) -> None:
    """Let reasons through that rest on a finding where they need one. Raises InvalidInput."""
    grounds = {one.ground for one in findings}
    for reason in reasons:
        if reason.borne_out_by and not reason.borne_out_by & grounds:
            detail = f"expected a finding that bears out the reason {reason.code}"
            raise InvalidInput.at("/findings", detail)


def check_in_time(
    reasons: Sequence[Reason], received_at: datetime, working: WorkingDays, now: datetime
) -> None:
    """Let an objection through that is not late by the widest reading. Raises WrongState."""
    for reason in reasons:
        if reason.objection_days is None:
            continue
        term = count_eu_days(received_at, reason.objection_days, working)
        if now >= term.widest_end:
            late = dump_instant(term.widest_end)
            raise WrongState("the term for this objection is over: state it as other", late=late)


def halts(reasons: Sequence[Reason], certificate: Certificate) -> bool:
    """Say whether the law stops our term until the authority has reacted."""
    return any(one.uses[certificate].halts for one in reasons)


def tells_enforcing(reasons: Sequence[Reason], certificate: Certificate) -> Tells:
    """Return whether the enforcing authority gets the form: the widest that a reason says."""
    said = {one.uses[certificate].tells_enforcing for one in reasons}
    return next(one for one in Tells if one in said)


def dump_statement(said: Statement) -> Json:
    """Return the plain form that is sealed."""
    plain: dict[str, Any] = asdict(said)
    if said.conflict is not None:
        plain["conflict"]["interests"] = [*said.conflict.interests]
    left_out = [one.dump() for one in said.left_out]
    return {**plain, "possible_by": dump_instant(said.possible_by), "left_out": left_out}


def load_statement(plain: Any) -> Statement:
    """Read what ``dump_statement`` returned."""
    conflict, by = plain["conflict"], plain["possible_by"]
    if conflict is not None:
        conflict = Conflict(**{**conflict, "interests": tuple(conflict["interests"])})
    possible_by = None if by is None else parse_instant(by)
    left_out = tuple(map(LeftOut.load, plain["left_out"]))
    read = {"conflict": conflict, "possible_by": possible_by, "left_out": left_out}
    return Statement(**{**plain, **read})
