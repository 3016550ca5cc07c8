"""The kinds of canonical records: fixed, versioned columns; what each data category may show.

Rows are ordered by (source, start, source row id). Instants are RFC 3339 in UTC with microseconds.
Content of communications is not a kind and cannot become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lea_service.kernel.errors import NotFound
from lea_service.records.phrases import COLUMNS

STRING, INTEGER = "string", "integer"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a record kind; ``type`` is ``string`` or ``integer``.

    ``about`` says in Dutch and English what it means, and in which unit.
    """

    name: str
    type: str = STRING
    nullable: bool = False
    about: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """The canonical columns of a record kind and the three by which rows are ordered."""

    kind: str
    version: int
    columns: tuple[Column, ...]
    order: tuple[str, ...]

    @property
    def stem(self) -> str:
        """Return the file name without ending, e.g. ``records/call-1``."""
        return f"records/{self.kind}-{self.version}"

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns, in order."""
        return tuple(column.name for column in self.columns)


_INTEGERS = frozenset({"duration_s", "talk_s", "port", "octets_in", "octets_out"})
_ALWAYS = frozenset({"source", "row_id", "started_at", "valid_from", "flags"})


def _layout(kind: str, names: str) -> RecordLayout:
    """Return version 1 of a kind, with its columns in order; all but a few may have no value."""
    columns = tuple(
        Column(
            name,
            INTEGER if name in _INTEGERS else STRING,
            nullable=name not in _ALWAYS,
            about=COLUMNS[kind][name],
        )
        for name in names.split()
    )
    begin = "valid_from" if kind == "subscriber" else "started_at"
    return RecordLayout(kind, 1, columns, ("source", begin, "row_id"))


CALL = _layout(
    "call",
    "source row_id started_at answered_at ended_at duration_s talk_s direction "
    "caller caller_raw caller_uri callee callee_raw callee_uri "
    "forwarded_to forwarded_to_raw forwarded_to_uri "
    "transfer_chain transfer_chain_raw transfer_chain_uri account agent queue trunk "
    "channel_in channel_out signalling_in signalling_out "
    "caller_device caller_mac caller_imei caller_imsi "
    "callee_device callee_mac callee_imei callee_imsi cell result cause flags",
)

USAGE = _layout(
    "usage",
    "source row_id started_at ended_at duration_s account address address6 prefix6 delegated6 port "
    "server session mac imei imsi octets_in octets_out cause flags",
)

SUBSCRIBER = _layout(
    "subscriber",
    "source row_id valid_from valid_to customer_number name address postcode city country "
    "number number_raw sip_uri email service payer_name payer_number payer_account "
    "device mac imei imsi iccid flags",
)

KINDS: Mapping[str, RecordLayout] = {one.kind: one for one in (CALL, USAGE, SUBSCRIBER)}

STRUCTURAL = _ALWAYS
"""Columns without which a record cannot be told apart; they come with every category."""

INSTANTS = frozenset({"started_at", "answered_at", "ended_at", "valid_from", "valid_to"})
"""Columns whose text is an instant."""


CHAINS = ("transfer_chain", "transfer_chain_raw", "transfer_chain_uri")
"""Columns of calls that hold a list of parties (``records.chains``); each of them is looked for.

Every category of calls shows them, so that a row found by a party in the middle shows why.
"""
ANY_CHAIN = "transfer_chain_raw"
"""Has a value in every row that has any of them."""

_EQUIPMENT = ("mac", "imei", "imsi")
EQUIPMENT: Mapping[str, frozenset[str]] = {
    "call": frozenset(
        f"{side}_{name}" for side in ("caller", "callee") for name in ("device", *_EQUIPMENT)
    ),
    "usage": frozenset(_EQUIPMENT),
    "subscriber": frozenset({"device", *_EQUIPMENT, "iccid"}),
}
"""By kind the columns that name equipment or the card in it."""

SIGNALLING = frozenset({"signalling_in", "signalling_out"})
PAYER = frozenset({"payer_name", "payer_number", "payer_account"})


@dataclass(frozen=True, slots=True)
class CategoryFields:
    """Which columns of which kind a data category gives a right to.

    Beside them a row shows by which value that was asked for it was found. A source of which no
    column in ``needs`` is filled has nothing of the category. Where there are any in ``filled``, a
    row gives it only with a value in one of them: without one the rest is of another category.
    """

    kind: str
    columns: frozenset[str]
    needs: frozenset[str]
    filled: frozenset[str] = frozenset()


def _fields(
    layout: RecordLayout,
    names: Iterable[str],
    needs: Iterable[str] | None = None,
    *,
    filled: Iterable[str] = (),
) -> CategoryFields:
    columns = frozenset(names) | (STRUCTURAL & set(layout.names))
    needed = columns - STRUCTURAL if needs is None else frozenset(needs)
    return CategoryFields(layout.kind, columns, needed, frozenset(filled))


CATEGORIES: Mapping[str, CategoryFields] = {
    "traffic_call_records": _fields(
        CALL, {*CALL.names} - {"cell"} - EQUIPMENT["call"] - SIGNALLING
    ),
    "location": _fields(
        CALL,
        (
            *("ended_at", "caller", "caller_raw", "caller_uri"),
            *("callee", "callee_raw", "callee_uri"),
            *("forwarded_to", "forwarded_to_raw", "forwarded_to_uri", "cell", *CHAINS),
        ),
        needs=("cell",),
        filled=("cell",),
    ),
    "usage_sessions": _fields(USAGE, {*USAGE.names} - EQUIPMENT["usage"]),
    "ip_identification": _fields(
        USAGE,
        ("ended_at", "account", "address", "address6", "prefix6", "delegated6", "port"),
        needs=("address", "address6", "prefix6", "delegated6"),
    ),
    "subscriber_identity": _fields(
        SUBSCRIBER,
        ("valid_to", "customer_number", "name", "address", "postcode", "city", "country"),
        needs=("name", "address", "postcode", "city", "country"),
    ),
    "number_and_service": _fields(
        SUBSCRIBER,
        ("valid_to", "customer_number", "number", "number_raw", "sip_uri", "email", "service"),
        needs=("number", "number_raw", "sip_uri", "email", "service"),
    ),
    "billing_payment": _fields(SUBSCRIBER, {"valid_to", "customer_number", *PAYER}, needs=PAYER),
    "device_identifiers": _fields(
        SUBSCRIBER,
        {"valid_to", "customer_number", *EQUIPMENT["subscriber"]},
        needs=EQUIPMENT["subscriber"],
    ),
}
"""What the built-in kinds can answer; a category that is not here is not held.

A change raises ``RULES_VERSION`` of the plans.
"""

BESIDE: Mapping[str, Mapping[str, frozenset[str]]] = {
    "device_identifiers": {"call": EQUIPMENT["call"], "usage": EQUIPMENT["usage"]},
    "ip_identification": {"call": SIGNALLING},
}
"""By category and kind the columns it adds to rows that another category of the kind asks for.

A row of such a kind tells by its begin alone that somebody called or was online then. An order for
equipment or addresses, and for nothing else, gives no right to that: it never asks for such rows.
"""


OF_AN_INSTANT = frozenset({"ip_identification"})
"""Categories that ask for rows by an address at an instant, and by nothing else.

The sessions of anybody over a period, and those on an address over one, are traffic data.
"""


def is_answered_by(category: str, kind: str) -> bool:
    """Say whether records of a kind hold anything of a category, if only beside another."""
    found = CATEGORIES.get(category)
    return (found is not None and found.kind == kind) or kind in BESIDE.get(category, {})


def asks_by_itself(category: str, kind: str) -> bool:
    """Say whether a category alone gives a right to rows of a kind."""
    found = CATEGORIES.get(category)
    return found is not None and found.kind == kind


def columns_of(category: str, kind: str) -> frozenset[str]:
    """Return the columns of a kind that a category gives a right to."""
    if asks_by_itself(category, kind):
        return CATEGORIES[category].columns
    return BESIDE.get(category, {}).get(kind, frozenset())


def needs_of(category: str, kind: str) -> frozenset[str]:
    """Return the columns of which a source fills one if it has anything of a category."""
    if asks_by_itself(category, kind):
        return CATEGORIES[category].needs
    return BESIDE.get(category, {}).get(kind, frozenset())


def get_layout(kind: str) -> RecordLayout:
    """Return the layout of a record kind. Raises NotFound."""
    if kind not in KINDS:
        raise NotFound(f"no record kind {kind}")
    return KINDS[kind]
