"""The process that reads an order: bytes on its input, pages and observations on its output.

It takes its limits before it takes a byte.
"""

from __future__ import annotations

import json
import logging
import resource
import sys

from lea_service.demands.order_media import MAIL, PDF, find_media_type
from lea_service.legal.order_lines import Reading
from lea_service.legal.order_mail import read_mail
from lea_service.legal.order_observations import Observation
from lea_service.legal.order_pdf import read_pdf

MEGABYTE = 1024 * 1024
LIMITS = {
    resource.RLIMIT_AS: 512 * MEGABYTE,
    resource.RLIMIT_CPU: 10,
    resource.RLIMIT_FSIZE: 16 * MEGABYTE,
    resource.RLIMIT_NOFILE: 32,
    resource.RLIMIT_NPROC: 0,
    resource.RLIMIT_CORE: 0,
}


def read_document(data: bytes) -> Reading:
    """Return what is read of a document, by what it begins with."""
    reading = Reading()
    kind = find_media_type(data)
    if kind == PDF:
        read_pdf(data, reading)
    elif kind == MAIL:
        read_mail(data, reading)
    else:
        reading.observe(Observation.UNKNOWN_FORMAT)
        return reading
    if not reading.has_text and not reading.observations:
        reading.observe(Observation.NO_TEXT)
    return reading


def main() -> None:
    """Read the input, within limits."""
    for kind, limit in LIMITS.items():
        resource.setrlimit(kind, (limit, limit))
    logging.disable()
    try:
        reading = read_document(sys.stdin.buffer.read())
    except MemoryError:
        reading = Reading(observations=[Observation.OUT_OF_MEMORY])
    said = {
        "pages": reading.pages,
        "observations": reading.observations,
        "sent_at": reading.sent_at and reading.sent_at.isoformat(),
    }
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
