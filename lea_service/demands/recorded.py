"""The answer to who recorded a demand, and its sealed form for repeats of the request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from lea_service.demands.demand import Hold
from lea_service.demands.remedies import UNPROVEN
from lea_service.demands.states import State
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import format_instant, parse_instant


@dataclass(frozen=True, slots=True)
class Recorded:
    """Which demand it is; ``is_replay`` when the same had been recorded before."""

    demand_id: str
    is_replay: bool
    state: State
    version: int
    received_at: datetime
    recorded_at: datetime
    holds: tuple[Hold, ...] = ()

    @property
    def lacks(self) -> tuple[Hold, ...]:
        """Return what its proof lacks: of what nobody looked at yet all of it, else not known."""
        return (Hold(UNPROVEN),) if self.state is State.RECEIVED else ()


def dump_recorded(answer: Recorded) -> Json:
    """Return everything but the id."""
    return {
        "is_replay": answer.is_replay,
        "state": str(answer.state),
        "version": answer.version,
        "received_at": format_instant(answer.received_at),
        "recorded_at": format_instant(answer.recorded_at),
        "holds": [{"code": one.code, "ref": one.ref} for one in answer.holds],
    }


def load_recorded(demand_id: str, answer: Json) -> Recorded:
    """Read what ``dump_recorded`` wrote."""
    given = cast("dict[str, Any]", answer)
    return Recorded(
        demand_id=demand_id,
        is_replay=given["is_replay"],
        state=State(given["state"]),
        version=given["version"],
        received_at=parse_instant(given["received_at"]),
        recorded_at=parse_instant(given["recorded_at"]),
        holds=tuple(Hold(**one) for one in given["holds"]),
    )
