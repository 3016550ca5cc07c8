"""Whether what is said not to be recorded is: no letter and no plan may say so of what is held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lea_service.demands.demand import Demand, Item
from lea_service.demands.narrowing import Cut, CutGround
from lea_service.kernel.errors import InvalidInput, WrongState
from lea_service.records.queries import list_sources


@dataclass(frozen=True, slots=True)
class Holder:
    """A source, by its id and name, and a category that it was declared for."""

    id: str
    name: str
    category: str


def check_none_holds(session: Session, cut: Cut, items: Iterable[Item]) -> None:
    """Let something be said not to be recorded that no source was declared for.

    Raises InvalidInput.
    """
    holder = find_holder(session, cut, items)
    if holder is not None:
        raise InvalidInput.at(
            "/ground",
            f"expected another one: it is recorded, for the source {holder.name} was declared for "
            f"{holder.category}. Leave out by --category only what no source was declared for",
        )


def check_still_none_holds(session: Session, cuts: Iterable[Cut], demand: Demand) -> None:
    """Let nothing be told or planned by a cut that does not bear out any more.

    Raises WrongState.
    """
    for cut in cuts:
        holder = find_holder(session, cut, demand.items)
        if holder is not None:
            raise WrongState(
                f"item {cut.n}: {holder.category} is said not to be recorded, and the source "
                f"{holder.name} was declared for it. Assess the demand anew with `lea legal "
                "assess`, once it is under review again (`lea plan reopen`) where it halted; that "
                "takes back what was left out. Then leave out again what no source was declared "
                "for",
                source=holder.id,
            )


def find_holder(session: Session, cut: Cut, items: Iterable[Item]) -> Holder | None:
    """Return what was declared for something that a cut says is not recorded.

    Where the target belongs to a source, no other counts.
    """
    item = next((one for one in items if one.n == cut.n), None)
    if cut.ground is not CutGround.NOT_HELD or item is None:
        return None
    said = (cut.category,) if cut.category else item.categories
    for source in list_sources(session):
        if item.target.source in (None, source.name):
            for category in said:
                if category in source.categories:
                    return Holder(source.id, source.name, category)
    return None
