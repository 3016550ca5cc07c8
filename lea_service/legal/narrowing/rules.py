"""What bears out a narrowing, where a period is cut by it, and which findings it settles."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lea_service.demands.demand import Item
from lea_service.demands.narrowing import Cut, CutGround, LeftOut
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.legal.findings import Finding, Outcome
from lea_service.legal.wording import WORDING

BORNE_OUT = frozenset({CutGround.CATEGORY, CutGround.PERIOD})
"""Grounds about which the checks always find something where they hold."""

WHERE = "`lea legal check` shows what is open"
FROM_DAY = frozenset({"period.too_far_back", "period.before_order"})
UP_TO_DAY = frozenset({"period.too_far_ahead", "period.nothing_to_come"})
UP_TO_INSTANT = frozenset({"period.after_receipt"})
SAYS_WHERE = FROM_DAY | UP_TO_DAY | UP_TO_INSTANT


def find_support(findings: Sequence[Finding], cut: Cut) -> tuple[str, ...]:
    """Return the findings, of those that are open, on which a cut rests.

    Raises InvalidInput for a ground that the checks have to bear out and do not.
    """
    refs = tuple(one.ref for one in findings if _supports(one, cut))
    if cut.ground in BORNE_OUT and not refs:
        raise InvalidInput.at("/ground", _say_support(cut))
    return refs


def cut_period(findings: Sequence[Finding], item: Item) -> Cut:
    """Return the cut that leaves of an item what the basis reaches, by the findings on its period.

    Raises InvalidInput where no open finding says from or up to which day that is.
    """
    zone = ZoneInfo(item.period.zone)
    start = _day(findings, item.n, FROM_DAY)
    last = _day(findings, item.n, UP_TO_DAY)
    keep_from = None if start is None else _begin(start, zone)
    keep_until = None if last is None else _begin(last + timedelta(days=1), zone)
    keep_until = keep_until or _find_instant(findings, item.n)
    if keep_from is None and keep_until is None:
        raise InvalidInput.at(
            "/ground",
            "expected an open finding on the period of this item that says which days the basis "
            f"reaches, one of these: {', '.join(sorted(SAYS_WHERE))}; {WHERE}",
        )
    begin = max(item.period.start, keep_from or item.period.start)
    if begin >= min(item.period.end, keep_until or item.period.end):
        return Cut(item.n, CutGround.PERIOD)
    return Cut(item.n, CutGround.PERIOD, keep_from=keep_from, keep_until=keep_until)


def is_gone(finding: Finding, before: Sequence[Item], left: Sequence[Item]) -> bool:
    """Say whether a finding is about an item, or a category of one, that a cut took out."""
    had, has = _find(before, finding.item), _find(left, finding.item)
    if had is None or has is None:
        return had is not None
    return finding.subject in set(had.categories) - set(has.categories)


def find_settled(
    opened: Collection[str],
    whole: Sequence[Finding],
    left: Sequence[Finding],
    gone: Collection[str],
) -> tuple[str, ...]:
    """Return the open findings that are about nothing that is still given, ``gone`` among them.

    ``whole`` is what the checks say now of what was given before, ``left`` of what is left. Raises
    WrongState when that brings up something that nobody has looked at.
    """
    before, after = _refs(whole), _refs(left)
    if fresh := sorted(after - before):
        raise WrongState(f"what would be left raises other findings: {', '.join(fresh)}")
    return tuple(ref for ref in opened if ref in before - after or ref in gone)


NOT_STATED = "narrowing.not_stated"
STATED_OTHERWISE = "narrowing.stated_otherwise"


def check_stated(cut: Cut, stated: Collection[LeftOut]) -> None:
    """Let a cut be made that a form of Annex III states exactly. Raises WrongState."""
    if LeftOut.of(cut) not in stated:
        raise WrongState(
            f"{NOT_STATED}: Annex III says that something else of item {cut.n} is not given; file "
            "and send one that says this (`lea legal annex file --left-out`)",
            finding=NOT_STATED,
        )


def check_taken_out(cuts: Collection[Cut], stated: Collection[LeftOut]) -> None:
    """Let as much be given as Annex III says, no less and no more. Raises WrongState.

    What the authority agreed to was its answer to a question, and is stated by no form.
    """
    for cut in cuts:
        if cut.agreement is None:
            check_stated(cut, stated)
    made = {LeftOut.of(cut) for cut in cuts}
    if given := sorted({one.n for one in stated if one not in made}):
        items = ", ".join(map(str, given))
        raise WrongState(
            f"{STATED_OTHERWISE}: Annex III says that less is given of item {items} than would be; "
            "leave it out (`lea legal narrow`), or correct the demand and answer it anew",
            finding=STATED_OTHERWISE,
        )


def _say_support(cut: Cut) -> str:
    codes = sorted(code for code, word in WORDING.items() if word.ground == cut.ground.value)
    about = "its period" if cut.category is None else f"the category {cut.category}"
    return (
        f"expected an open finding on item {cut.n}, {about}, that bears this ground out, one of "
        f"these: {', '.join(codes)}; {WHERE}"
    )


def _supports(finding: Finding, cut: Cut) -> bool:
    if finding.ground != cut.ground.value or finding.item not in {None, cut.n}:
        return False
    return cut.category is None or finding.subject in {None, cut.category}


def _day(findings: Sequence[Finding], n: int, codes: Collection[str]) -> date | None:
    days = [
        date.fromisoformat(str(one.seen["day"]))
        for one in findings
        if one.item == n and one.code in codes and "day" in one.seen
    ]
    return days[0] if days else None


def _find_instant(findings: Sequence[Finding], n: int) -> datetime | None:
    """Return the instant of receipt, where the basis reaches what was stored then and no more."""
    found = (one for one in findings if one.item == n and one.code in UP_TO_INSTANT)
    return next((parse_instant(str(one.seen["received_at"])) for one in found), None)


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _find(items: Sequence[Item], n: int | None) -> Item | None:
    return next((one for one in items if one.n == n), None)


def _refs(findings: Sequence[Finding]) -> set[str]:
    return {one.ref for one in findings if one.outcome is not Outcome.PASS}
