"""A holiday that is added later: the term of an open case moves, and the service says so."""

from __future__ import annotations

import json
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from lea_service.demonstration.late_writing import CONFIRMATION, read_clock
from lea_service.demonstration.mailboxes import wait_for_notice
from lea_service.demonstration.narration import tell_time
from lea_service.demonstration.processes import wait_until
from lea_service.demonstration.walk import DEMANDS, LOOKS, Walk, expect
from lea_service.kernel.clock import day_of, parse_instant

SHIPPED = files("lea_service.legal") / "data" / "dutch-holidays.json"
DAY, MOMENT = timedelta(days=1), timedelta(seconds=1)


def add_a_holiday(it: Walk, demand: str) -> None:
    """Make the last day of a term a holiday; the worker enters that its end moved, and tells."""
    it.clock.move_to(it.clock.now() + LOOKS)
    wait_until(lambda: _list_counted(it, demand), "the clocks were not counted in time")
    before = read_clock(it, demand)
    last = day_of(parse_instant(before["due"]) - MOMENT)
    file = it.top / "samples" / "public-holidays.json"
    _write_table(file, last)
    it.tell.say(f"by a decree, invented here, {last:%A %-d %B %Y} counts as a holiday")
    it.move_to(it.clock.now(), DAY)
    it.service.start_again(LEA_HOLIDAYS=str(file))
    it.tell.say("the table is named in LEA_HOLIDAYS, service and worker were started again:")
    moved = wait_until(lambda: _find_move(it, demand), "no end was moved in time")
    ends = (tell_time(moved[end]["due"]) for end in ("before", "after"))
    it.tell.show(f"{CONFIRMATION} moved from {' to '.join(ends)}, with {', '.join(moved['added'])}")
    after = read_clock(it, demand)
    expect(after["due"] > before["due"], "the term ends later")
    it.tell.show("\n".join(step["en"] for step in after["steps"]))
    desk = it.environ["LEA_PROVIDER_CONTACT"]
    told = wait_for_notice(it, desk, "Term moved", demand)
    it.tell.say(f"the desk is told ({desk}): {told}")


def _write_table(file: Path, added: date) -> None:
    """Write the table of holidays that ships, and one decree more."""
    table = json.loads(SHIPPED.read_bytes())
    decree = {
        "title": f"Besluit gelijkstelling van {added}, verzonnen voor deze demonstratie",
        "days": [f"{added}"],
        "sources": ["demonstration"],
        "confidence": "low",
    }
    table["decrees"].append(decree)
    table["until"] = max(table["until"], f"{added}")
    file.write_text(json.dumps(table, indent=1))


def _find_move(it: Walk, demand: str) -> dict[str, Any] | None:
    moves = (one for each in _list_counted(it, demand) for one in each["moves"])
    return next((one for one in moves if one["clock"] == CONFIRMATION), None)


def _list_counted(it: Walk, demand: str) -> list[dict[str, Any]]:
    found = it.staff.handler.client.get(f"{DEMANDS}/{demand}/deadlines")["counted"]
    return list(found)
