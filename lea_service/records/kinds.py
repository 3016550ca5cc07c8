"""The kinds of canonical records: fixed, versioned columns; what each data category may show.

Rows are ordered by (source, start, source row id). Instants are RFC 3339 in UTC with microseconds.
Content of communications is not a kind and cannot become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lea_service.kernel.errors import NotFound

STRING, INTEGER = "string", "integer"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a record kind; ``type`` is ``string`` or ``integer``."""

    name: str
    type: str = STRING
    nullable: bool = False
    about: str = ""


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


def _maybe(name: str, about: str, kind: str = STRING) -> Column:
    return Column(name, kind, nullable=True, about=about)


_SOURCE = Column("source", about="system the record comes from")
_ROW_ID = Column("row_id", about="name of the record in its source")
_FLAGS = Column(
    "flags", about="what looked odd in what is shown and was kept, words split by spaces"
)

CALL = RecordLayout(
    "call",
    1,
    (
        _SOURCE,
        _ROW_ID,
        Column("started_at", about="when the call began"),
        _maybe("answered_at", "when it was answered"),
        _maybe("ended_at", "when it ended"),
        _maybe("duration_s", "seconds from begin to end", INTEGER),
        _maybe("talk_s", "seconds from answer to end", INTEGER),
        _maybe("direction", "inbound, outbound or internal, if the source says so"),
        _maybe("caller", "calling number, E.164"),
        _maybe("caller_raw", "calling party as the source has it"),
        _maybe("caller_uri", "SIP address of the calling party, normalised"),
        _maybe("callee", "called number, E.164"),
        _maybe("callee_raw", "called party as the source has it"),
        _maybe("callee_uri", "SIP address of the called party, normalised"),
        _maybe("forwarded_to", "number the call was forwarded to, E.164"),
        _maybe("forwarded_to_raw", "party the call was forwarded to as the source has it"),
        _maybe("forwarded_to_uri", "SIP address the call was forwarded to, normalised"),
        _maybe("account", "customer or account the source names"),
        _maybe("channel_in", "signalling channel of the calling side"),
        _maybe("channel_out", "signalling channel of the called side"),
        _maybe("cell", "cell or site the source names"),
        _maybe("result", "how the call ended, in the words of the source"),
        _FLAGS,
    ),
    ("source", "started_at", "row_id"),
)

USAGE = RecordLayout(
    "usage",
    1,
    (
        _SOURCE,
        _ROW_ID,
        Column("started_at", about="when the session began"),
        _maybe("ended_at", "when it ended; no value while it is open"),
        _maybe("duration_s", "seconds, as the source counts them", INTEGER),
        _maybe("account", "account that was used"),
        _maybe("address", "IP address of the session"),
        _maybe("address6", "IPv6 address of the session where it has one beside the other"),
        _maybe("prefix6", "IPv6 prefix of the access line"),
        _maybe("delegated6", "IPv6 prefix delegated to the network of the customer"),
        _maybe("port", "port of the session", INTEGER),
        _maybe("server", "access server"),
        _maybe("session", "session id of the source"),
        _maybe("octets_in", "bytes towards the network", INTEGER),
        _maybe("octets_out", "bytes from the network", INTEGER),
        _maybe("cause", "why the session ended"),
        _FLAGS,
    ),
    ("source", "started_at", "row_id"),
)

SUBSCRIBER = RecordLayout(
    "subscriber",
    1,
    (
        _SOURCE,
        _ROW_ID,
        Column("valid_from", about="from when this holds"),
        _maybe("valid_to", "until when it held; no value while it holds"),
        _maybe("customer_number", "number of the customer"),
        _maybe("name", "name of the customer"),
        _maybe("address", "street and house number"),
        _maybe("postcode", "postcode"),
        _maybe("city", "city"),
        _maybe("country", "country"),
        _maybe("number", "telephone number, E.164"),
        _maybe("number_raw", "telephone number as the source has it"),
        _maybe("sip_uri", "SIP address, normalised"),
        _maybe("email", "e-mail address"),
        _maybe("service", "kind of service"),
        _FLAGS,
    ),
    ("source", "valid_from", "row_id"),
)

KINDS: Mapping[str, RecordLayout] = {one.kind: one for one in (CALL, USAGE, SUBSCRIBER)}

STRUCTURAL = frozenset({"source", "row_id", "started_at", "valid_from", "flags"})
"""Columns without which a record cannot be told apart; they come with every category."""

INSTANTS = frozenset({"started_at", "answered_at", "ended_at", "valid_from", "valid_to"})
"""Columns whose text is an instant."""


@dataclass(frozen=True, slots=True)
class CategoryFields:
    """Which columns of which kind a data category gives a right to.

    Beside them a row shows by which value that was asked for it was found. A source of which no
    column in ``needs`` is filled has nothing of the category.
    """

    kind: str
    columns: frozenset[str]
    needs: frozenset[str]


def _fields(
    layout: RecordLayout, names: Iterable[str], needs: Iterable[str] | None = None
) -> CategoryFields:
    columns = frozenset(names) | (STRUCTURAL & set(layout.names))
    needed = columns - STRUCTURAL if needs is None else frozenset(needs)
    return CategoryFields(layout.kind, columns, needed)


CATEGORIES: Mapping[str, CategoryFields] = {
    "traffic_call_records": _fields(CALL, set(CALL.names) - {"cell"}),
    "location": _fields(
        CALL,
        (
            *("ended_at", "caller", "caller_raw", "caller_uri"),
            *("callee", "callee_raw", "callee_uri"),
            *("forwarded_to", "forwarded_to_raw", "forwarded_to_uri", "cell"),
        ),
        needs=("cell",),
    ),
    "usage_sessions": _fields(USAGE, USAGE.names),
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
}
"""What the built-in kinds can answer; a category that is not here is not held.

A change raises ``RULES_VERSION`` of the plans.
"""


def get_layout(kind: str) -> RecordLayout:
    """Return the layout of a record kind. Raises NotFound."""
    if kind not in KINDS:
        raise NotFound(f"no record kind {kind}")
    return KINDS[kind]
