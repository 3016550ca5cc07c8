"""What authenticity needs from outside: the text records of the domain name system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import dns.exception
import dns.resolver

from lea_service.kernel.errors import Unavailable

SECONDS = 5.0


class TextRecords(Protocol):
    """Looks up the TXT records of a name."""

    def find(self, name: str) -> tuple[str, ...]:
        """Return the records, none where there is no such name. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class KnownRecords:
    """Records that are known beforehand, and no other."""

    records: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> tuple[str, ...]:
        """Return the records of a name."""
        found = self.records.get(name)
        return () if found is None else (found,)


class DnsRecords:
    """Asks the name servers of this machine."""

    def find(self, name: str) -> tuple[str, ...]:
        """Return the records of a name. Raises Unavailable."""
        try:
            answer = dns.resolver.resolve(name, "TXT", lifetime=SECONDS, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError, ValueError) as err:
            raise Unavailable("the domain name system gives no answer") from err
        parts = (b"".join(row.strings) for row in answer)
        return tuple(part.decode("utf-8", "replace") for part in parts)
