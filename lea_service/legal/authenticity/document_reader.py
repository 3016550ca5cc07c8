"""The process that looks at where an order comes from: it takes its limits before it takes a byte.

On its input stand one line of JSON (records, anchors, instant) and the document.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from lea_service.demands.order_media import MAIL, PDF, find_media_type
from lea_service.legal.authenticity.mail_reader import Records, read_headers
from lea_service.legal.authenticity.signature_reader import read_signatures
from lea_service.legal.order_reader import LIMITS


def read_origin(
    data: bytes, records: Records | None, anchors: Sequence[bytes], at: datetime
) -> dict[str, Any]:
    """Return what a document says of where it comes from."""
    kind = find_media_type(data)
    mail, documents = None, [data] if kind == PDF else []
    if kind == MAIL:
        facts, documents = read_headers(data, records)
        mail = asdict(facts)
    signatures = [asdict(one) for each in documents for one in read_signatures(each, anchors, at)]
    return {"mail": mail, "signatures": signatures}


def main() -> None:
    """Read the input, within limits."""
    for kind, limit in LIMITS.items():
        resource.setrlimit(kind, (limit, limit))
    logging.disable()
    head = json.loads(sys.stdin.buffer.readline())
    anchors = [one.encode() for one in head["anchors"]]
    at = datetime.fromisoformat(head["at"])
    try:
        found = read_origin(sys.stdin.buffer.read(), head["records"], anchors, at)
    except MemoryError:
        found = {"mail": None, "signatures": None}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
