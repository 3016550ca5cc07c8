"""The order document: hashed first, then looked at just enough to know a PDF or a mail."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from lea_service.demands.demand import OrderDocument
from lea_service.demands.order_media import find_media_type
from lea_service.kernel.crypto import new_key, open_bytes, seal_bytes
from lea_service.kernel.errors import InvalidInput, TooLarge

POINTER = "/order"
AAD = b"lea.order/1"


@dataclass(frozen=True, slots=True)
class SealedOrder:
    """The order encrypted under a fresh key, which rests only under the file key of its demand."""

    key: bytes
    content: bytes


def describe_order(data: bytes, limit: int) -> OrderDocument:
    """Return digest, size and media type of the order as it arrived.

    Whether it is whole, and what is odd about it, is found when it is read. Raises TooLarge, and
    InvalidInput for no bytes at all.
    """
    digest = sha256(data).hexdigest()
    if len(data) > limit:
        raise TooLarge(f"{POINTER}: expected at most {limit} bytes", limit=limit)
    if not data:
        raise InvalidInput.at(POINTER, "expected the order as it arrived, not an empty file")
    return OrderDocument(digest, len(data), find_media_type(data))


def seal_order(data: bytes) -> SealedOrder:
    """Encrypt the order; done before the transaction, since it may be large."""
    key = new_key()
    return SealedOrder(key, seal_bytes(key, data, AAD))


def open_order(order: SealedOrder) -> bytes:
    """Return the bytes of the order. Raises IntegrityFailure."""
    return open_bytes(order.key, order.content, AAD)
