"""Whom a target belongs to by the subscriber records that are held, and what else is theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from lea_service.demands.demand import Item, Target, TargetKind
from lea_service.demands.devices import normalise_imei, read_spare_imei
from lea_service.kernel.database import Database
from lea_service.kernel.errors import InvalidInput, Unavailable
from lea_service.records.identifiers import match_values, normalise_party
from lea_service.records.queries import list_sources
from lea_service.records.store import SubscriberRecord

KIND = "subscriber"
COLUMNS: Mapping[TargetKind, str] = {
    TargetKind.PHONE_NUMBER: "number",
    TargetKind.SIP_URI: "sip_uri",
    TargetKind.EMAIL: "email",
    TargetKind.CUSTOMER_NUMBER: "customer_number",
    TargetKind.PHONE_ID: "number_raw",
    TargetKind.IMEI: "imei",
    TargetKind.IMSI: "imsi",
    TargetKind.ICCID: "iccid",
    TargetKind.MAC_ADDRESS: "mac",
}
"""In which column of a subscriber record a target of a kind stands."""
MOST = 2_000
"""So many identifiers of one customer are looked at; a figure of our own."""


class Customers:
    """Reads which identifiers are of the same customer.

    ``region`` is where numbers without a country code were dialled. An address of a session is of
    nobody by these records alone, and is left out.
    """

    def __init__(self, records: Database, region: str) -> None:
        self._records = records
        self._region = region

    def list_identifiers(self, session: Session, items: Iterable[Item]) -> frozenset[Target]:
        """Return what else is of the customers who had the target of an item in its period.

        Each customer is read once: an order may name hundreds of numbers of one. In each source by
        itself: a customer number means another customer elsewhere. ``session`` is
        of the case database, which has the sources. Raises Unavailable where the record store does
        not answer, or is damaged.
        """
        names = [one.name for one in list_sources(session) if one.kind == KIND]
        try:
            with self._records.read() as records:
                return frozenset(self._iter_identifiers(records, names, items))
        except SQLAlchemyError as err:
            raise Unavailable("the record store does not answer") from err

    def _iter_identifiers(
        self, records: Session, sources: Sequence[str], items: Iterable[Item]
    ) -> Iterator[Target]:
        found = {
            (source, customer)
            for item in items
            for source in sources
            if item.target.source in (None, source)
            for customer in self._customers(records, source, item)
        }
        for source, customer in found:
            yield from _identifiers(records, source, customer)

    def _customers(self, records: Session, source: str, item: Item) -> list[str]:
        table, column = SubscriberRecord, COLUMNS.get(item.target.kind)
        values = self._values(item.target)
        if column is None or not values:
            return []
        ways = [getattr(table, column).in_(values)]
        if (line := self._line_of(item.target)) is not None:
            ways.append(table.number == line)
        is_open = or_(table.valid_to.is_(None), table.valid_to < table.valid_from)
        query = (
            select(table.customer_number)
            .where(table.source == source, or_(*ways))
            .where(table.customer_number.is_not(None), table.valid_from < item.period.end)
            .where(or_(is_open, table.valid_to > item.period.start))
            .distinct()
        )
        return [str(one) for one in records.scalars(query)]

    def _line_of(self, target: Target) -> str | None:
        """Return the number whose line an address is: a record may have that alone."""
        is_sip = target.kind is TargetKind.SIP_URI
        return normalise_party(target.value, self._region) if is_sip else None

    def _values(self, target: Target) -> tuple[str, ...]:
        try:
            return match_values(target.kind, target.value, self._region)
        except InvalidInput:
            return ()


def _identifiers(records: Session, source: str, customer: str) -> Iterator[Target]:
    """Yield whatever a source has, or once had, of a customer."""
    table = SubscriberRecord
    query = (
        select(*(getattr(table, name) for name in COLUMNS.values()))
        .where(table.source == source, table.customer_number == customer)
        .limit(MOST)
    )
    for row in records.execute(query):
        for kind, value in zip(COLUMNS, row, strict=True):
            if value is not None:
                yield Target(
                    kind,
                    _as_asked(kind, value),
                    source=source if kind is TargetKind.PHONE_ID else None,
                )


def _as_asked(kind: TargetKind, value: str) -> str:
    """Return a stored value as orders have it: an IMEI with its check digit."""
    if kind is TargetKind.IMEI and read_spare_imei(value) is not None:
        return normalise_imei(value[:-1]) or value
    return value
