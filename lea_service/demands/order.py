"""The order document: hashed first, then looked at just enough to know that it is a PDF."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from lea_service.demands.demand import OrderDocument
from lea_service.kernel.crypto import new_key, open_bytes, seal_bytes
from lea_service.kernel.errors import InvalidInput, TooLarge

MEDIA_TYPE = "application/pdf"
POINTER = "/order"
TAIL_BYTES = 1024
AAD = b"lea.order/1"


@dataclass(frozen=True, slots=True)
class SealedOrder:
    """The order encrypted under a fresh key, which rests only under the file key of its demand."""

    key: bytes
    content: bytes


def describe_order(data: bytes, limit: int) -> OrderDocument:
    """Return digest and size of the order as it arrived.

    Raises TooLarge, and InvalidInput for what does not begin or end as a PDF does: cut off on the
    way, or something else.
    """
    digest = sha256(data).hexdigest()
    if len(data) > limit:
        raise TooLarge(f"{POINTER}: expected at most {limit} bytes", limit=limit)
    if not data.startswith(b"%PDF-"):
        raise InvalidInput.at(POINTER, "expected a PDF, which begins with %PDF-")
    if b"%%EOF" not in data[-TAIL_BYTES:]:
        raise InvalidInput.at(POINTER, "expected a whole PDF, which ends with %%EOF")
    return OrderDocument(digest, len(data), MEDIA_TYPE)


def seal_order(data: bytes) -> SealedOrder:
    """Encrypt the order; done before the transaction, since it may be large."""
    key = new_key()
    return SealedOrder(key, seal_bytes(key, data, AAD))


def open_order(order: SealedOrder) -> bytes:
    """Return the bytes of the order. Raises IntegrityFailure."""
    return open_bytes(order.key, order.content, AAD)
