"""One worker over one measured demand; prints seconds, rows and its own peak memory as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter

from sqlalchemy import select

from bench.costs import peak_mb
from bench.extraction import open_services
from lea_service.extraction.models import RunResult
from lea_service.packaging.models import Package
from lea_service.wiring import build_worker


def main(home: Path) -> None:
    """Run everything that is due."""
    services = open_services(home)
    worker = build_worker(services)
    began = perf_counter()
    while worker.run_once():
        pass
    seconds = perf_counter() - began
    with services.transactions.read() as session:
        rows = session.scalars(select(RunResult.rows)).one()
        size = session.scalars(select(Package.size)).one()
    found = {"seconds": seconds, "rows": rows, "peak_mb": peak_mb(), "package_mb": size / 1e6}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
