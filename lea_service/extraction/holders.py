"""Who held what is asked about at which time: a period is cut where it changed hands. Pure.

Who holds it goes by the customer number of the provider's own subscriber records: a number that was
ported in is held from then on, one that was ported out until then. Here holders have no names: they
are counted, in the order in which they come in the period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from lea_service.demands.demand import TargetKind
from lea_service.kernel.canonical import Json, salted_digest
from lea_service.kernel.clock import format_instant, parse_instant
from lea_service.staff.encoding import decode_b64url

HOLDERS = "holders"
"""Among the facts of a plan: which items are answered per holder, and a digest of their spans."""
HELD = frozenset(
    {
        TargetKind.PHONE_NUMBER,
        TargetKind.PHONE_ID,
        TargetKind.SIP_URI,
        TargetKind.EMAIL,
        TargetKind.IMSI,
        TargetKind.ICCID,
        TargetKind.MAC_ADDRESS,
    }
)
"""Kinds of targets that are somebody's for a time, and another's after it.

An identifier of a telephone is somebody's in its own source alone: 200 is another's elsewhere.
An IMEI is none: a telephone goes from hand to hand without its provider, whose records at best say
with whose subscription it came, and whoever asks about one asks for all who used it.
"""


@dataclass(frozen=True, slots=True)
class Tenure:
    """Somebody held it from ``start`` until ``end``, which is None while they hold it."""

    holder: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a period in which the same people held what is asked about; half-open.

    ``holders`` are counted from 1. None of them: nobody is known to have held it. More than one: it
    was in several hands at once by the records, which is a doubt.
    """

    start: datetime
    end: datetime
    holders: tuple[int, ...]

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        return {
            "start": format_instant(self.start),
            "end": format_instant(self.end),
            "holders": list(self.holders),
        }

    @classmethod
    def load(cls, value: Any) -> Span:
        """Read what ``dump`` returned; other members are left out."""
        start, end = (parse_instant(value[name]) for name in ("start", "end"))
        return cls(start, end, tuple(value["holders"]))


Spans = Mapping[int, Sequence[Span]]
"""By the number of an item the spans of its period, where it was not in one hand throughout."""


def split_period(tenures: Iterable[Tenure], start: datetime, end: datetime) -> tuple[Span, ...]:
    """Return the spans of a period, of which no two beside each other have the same holders.

    Together they are the whole of it. A tenure that ends when it begins, or before, is none.
    """
    inside = [found for one in tenures if (found := _within(one, start, end)) is not None]
    numbers = {
        holder: n
        for n, holder in enumerate(
            dict.fromkeys(one.holder for one in sorted(inside, key=_order)), start=1
        )
    }
    begins, ends = (_by_instant(inside, name) for name in ("start", "end"))
    held: Counter[int] = Counter()
    spans: list[Span] = []
    for at, until in pairwise(sorted({start, end, *begins, *ends})):
        held.subtract(numbers[one] for one in ends.get(at, ()))
        held.update(numbers[one] for one in begins.get(at, ()))
        holders = tuple(sorted(+held))
        if spans and spans[-1].holders == holders:
            spans[-1] = Span(spans[-1].start, until, holders)
        else:
            spans.append(Span(at, until, holders))
    return tuple(spans)


def is_one_hand(spans: Sequence[Span]) -> bool:
    """Say whether it was in one hand throughout, or in none that is known."""
    return len(spans) == 1 and len(spans[0].holders) <= 1


def are_spans(spans: Sequence[Span], start: datetime, end: datetime) -> bool:
    """Say whether these can be the spans of a period that was not in one hand throughout."""
    if not spans or is_one_hand(spans):
        return False
    edges = [(spans[0].start, start), (spans[-1].end, end)]
    edges += [(one.end, other.start) for one, other in pairwise(spans)]
    differ = all(one.holders != other.holders for one, other in pairwise(spans))
    return differ and all(one == other for one, other in edges) and _are_counted(spans)


def dump_spans(spans: Spans) -> list[Json]:
    """Return the spans of all items in their order, as a preview shows them."""
    return [
        {"n": n, "spans": [span.dump() for span in found]} for n, found in sorted(spans.items())
    ]


def state_holders(spans: Sequence[Json], salt: str) -> Json:
    """Return what all sign of the spans that ``dump_spans`` gave; None where there are none.

    The log shows what is signed, so the instants stand in it as a digest under the plan's salt
    (base64url).
    """
    if not spans:
        return None
    found: Any = spans
    digest = salted_digest(decode_b64url(salt, "/salt"), list(spans))
    return {"items": [one["n"] for one in found], "digest": digest}


def _within(one: Tenure, start: datetime, end: datetime) -> Tenure | None:
    begin, until = max(one.start, start), end if one.end is None else min(one.end, end)
    is_any = one.end is None or one.start < one.end
    return Tenure(one.holder, begin, until) if is_any and begin < until else None


def _order(one: Tenure) -> tuple[datetime, str]:
    return one.start, one.holder


def _by_instant(tenures: Iterable[Tenure], name: str) -> dict[datetime, list[str]]:
    found: dict[datetime, list[str]] = {}
    for one in tenures:
        found.setdefault(getattr(one, name), []).append(one.holder)
    return found


def _are_counted(spans: Iterable[Span]) -> bool:
    """Say whether holders are counted as they come; those who come at once in any order."""
    known = 0
    for one in spans:
        new = [holder for holder in one.holders if holder > known]
        if list(one.holders) != sorted({*one.holders}) or min(one.holders, default=1) < 1:
            return False
        if new != list(range(known + 1, known + 1 + len(new))):
            return False
        known += len(new)
    return True
