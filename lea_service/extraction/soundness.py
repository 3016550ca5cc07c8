"""What makes a document a plan: first what no table decides, then what follows by our rules."""

from __future__ import annotations

from lea_service.demands.demand import OF_A_SOURCE, Item, Period
from lea_service.demands.narrowing import take_out
from lea_service.extraction.instalments import Instalments
from lea_service.extraction.plan import (
    Ask,
    Narrowed,
    Plan,
    PlanItem,
    PlanSource,
    compile_item,
    find_contradictions,
    find_faults,
    is_concerned,
    span_of,
)
from lea_service.extraction.rules import OURS
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.records.identifiers import REGIONS
from lea_service.records.kinds import KINDS, is_answered_by
from lea_service.records.selection import Match
from lea_service.web.schemas import ZONES, within


def check_meaning(plan: Plan) -> None:
    """Refuse what has the form of a plan and no meaning as one, under whatever rules.

    Raises InvalidInput.
    """
    numbers = [item.n for item in plan.items]
    if sorted(set(numbers)) != numbers:
        raise InvalidInput.at("/items", "expected items in the order of their numbers")
    for name in ("id", "name"):
        if len({getattr(one, name) for one in plan.sources}) < len(plan.sources):
            raise InvalidInput.at("/sources", f"expected each {name} once")
    for at, source in enumerate(plan.sources):
        _check_source(source, f"/sources/{at}")
        if not is_concerned(source, plan.items):
            raise InvalidInput.at(f"/sources/{at}", "expected a source of something that is asked")
    for at, item in enumerate(plan.items):
        _check_item(item, plan, f"/items/{at}")
    if plan.narrowed is not None:
        _check_narrowed(plan, plan.narrowed)
    if plan.instalments is not None:
        _check_instalments(plan, plan.instalments)


def _check_instalments(plan: Plan, divided: Instalments) -> None:
    """Refuse parts with a gap, or that end elsewhere than what is asked. Raises InvalidInput."""
    start = min(item.start for item in plan.items)
    for at, one in enumerate(divided.parts):
        pointer = f"/instalments/parts/{at}"
        if not one.start < one.until <= one.due:
            raise InvalidInput.at(f"{pointer}/end", "expected an end after the begin")
        before = divided.parts[at - 1] if at else None
        if before is not None and (before.number + 1, before.until) != (one.number, one.start):
            raise InvalidInput.at(f"{pointer}/start", "expected the end of the one before")
        if before is None and (one.start < start or (one.number == 1 and one.start != start)):
            raise InvalidInput.at(f"{pointer}/start", "expected the begin of what is asked")
    if divided.parts[-1].until > max(item.end for item in plan.items):
        raise InvalidInput.at("/instalments/parts", "expected no end after what is asked")
    if divided.rows_together < divided.rows_each and len(divided.parts) == 1:
        raise InvalidInput.at("/instalments/rows_together", "expected as many as the only one has")


def check_rules(plan: Plan) -> None:
    """Let through what was compiled under the rules of this program. Raises WrongState."""
    if plan.rules != OURS:
        raise WrongState(
            f"the plan was compiled under other rules ({plan.rules}) than those of this program "
            f"({OURS}); compile the plan anew"
        )


def check_zones(plan: Plan) -> None:
    """Refuse a time zone that this machine does not know. Raises InvalidInput."""
    for at, item in enumerate(plan.items):
        if item.zone not in ZONES:
            raise InvalidInput.at(f"/items/{at}/period/zone", "expected a time zone known here")


def check_compiled(plan: Plan) -> None:
    """Refuse a plan that says or asks what does not follow by our rules. Raises InvalidInput."""
    if plan.region is not None and plan.region not in REGIONS:
        raise InvalidInput.at("/region", "expected a country by its two letters (ISO 3166)")
    for at, source in enumerate(plan.sources):
        if not all(is_answered_by(one, source.kind) for one in source.categories):
            raise InvalidInput.at(f"/sources/{at}/categories", "expected categories of its kind")
    for at, item in enumerate(plan.items):
        said = said_of(item)
        for fault in find_faults(said, plan.region):
            raise InvalidInput.at(f"/items/{at}{fault.pointer}", fault.detail)
        if item != compile_item(said, plan.sources, plan.region):
            raise InvalidInput.at(f"/items/{at}/asks", "expected what follows from the item")


def _check_narrowed(plan: Plan, narrowed: Narrowed) -> None:
    """Refuse cuts that do not leave of what was asked just what is given. Raises InvalidInput."""
    numbers = [item.n for item in narrowed.asked]
    if sorted(set(numbers)) != numbers:
        raise InvalidInput.at("/narrowed/asked", "expected items in the order of their numbers")
    for at, item in enumerate(narrowed.asked):
        for fault in find_contradictions(item):
            raise InvalidInput.at(f"/narrowed/asked/{at}{fault.pointer}", fault.detail)
    left = narrowed.asked
    for at, cut in enumerate(narrowed.cuts):
        with within(f"/narrowed/cuts/{at}"):
            left = take_out(left, cut)
    if left != tuple(said_of(item) for item in plan.items):
        raise InvalidInput.at("/items", "expected what the cuts leave of what was asked")


def said_of(item: PlanItem) -> Item:
    """Return an item of a plan as its demand has it."""
    return Item(item.n, item.target, Period(item.start, item.end, item.zone), item.categories)


def _check_source(source: PlanSource, pointer: str) -> None:
    if not set(KINDS[source.kind].names).issuperset(source.columns):
        raise InvalidInput.at(f"{pointer}/columns", "expected columns of its kind")
    if (source.rule is None) != (source.cutoff is None):
        raise InvalidInput.at(pointer, "expected a rule with its cutoff, or neither")


def _check_item(item: PlanItem, plan: Plan, pointer: str) -> None:
    """Refuse an item whose asks are not of its sources, span and port."""
    if (item.target.kind in OF_A_SOURCE) != (item.target.source is not None):
        raise InvalidInput.at(
            f"{pointer}/target/source", "expected with a telephone identifier only"
        )
    for fault in find_contradictions(said_of(item)):
        raise InvalidInput.at(f"{pointer}{fault.pointer}", fault.detail)
    named = [ask.source for ask in item.asks]
    asked = [source for source in plan.sources if source.name in named]
    if [source.name for source in asked] != named:
        raise InvalidInput.at(f"{pointer}/asks", "expected sources of the plan, in their order")
    for at, (ask, source) in enumerate(zip(item.asks, asked, strict=True)):
        _check_ask(ask, source, item, f"{pointer}/asks/{at}")
    concerned = [source for source in plan.sources if is_concerned(source, [item])]
    held = {one for source in concerned for one in source.categories}
    if item.not_held != tuple(one for one in item.categories if one not in held):
        raise InvalidInput.at(f"{pointer}/not_held", "expected what no source has")
    if item.not_searched != tuple(one.name for one in concerned if one.name not in named):
        raise InvalidInput.at(f"{pointer}/not_searched", "expected the sources that are not asked")


def _check_ask(ask: Ask, source: PlanSource, item: PlanItem, pointer: str) -> None:
    layout, target = KINDS[source.kind], item.target
    if (ask.kind, ask.version) != (source.kind, layout.version):
        raise InvalidInput.at(f"{pointer}/kind", "expected the kind of its source")
    if target.source not in (None, source.name) or not {*item.categories} & {*source.categories}:
        raise InvalidInput.at(f"{pointer}/source", "expected a source that has any of it")
    if (ask.start, ask.end) != span_of(target, item.start, item.end):
        raise InvalidInput.at(f"{pointer}/start", "expected the period or moment of the item")
    if ask.columns != tuple(name for name in layout.names if name in ask.columns):
        raise InvalidInput.at(f"{pointer}/columns", "expected columns of its kind, in their order")
    if ask.filled != tuple(name for name in ask.columns if name in ask.filled):
        raise InvalidInput.at(f"{pointer}/filled", "expected some of its columns, in their order")
    first, *others = ask.matches
    port = [] if target.port is None else [Match(("port",), (target.port,), or_missing=True)]
    if "port" not in layout.names:
        port = []
    if first.or_missing or others != port or not {*layout.names}.issuperset(first.columns):
        raise InvalidInput.at(f"{pointer}/matches", "expected the target, and its port if any")
