"""Giving less than was asked: on a coded ground only, and said to whoever asked.

That a demand is too broad is no ground: it is a question to the authority, or a case for counsel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from lea_service.demands.demand import Item
from lea_service.kernel.canonical import Json
from lea_service.kernel.clock import dump_instant, load_instant
from lea_service.kernel.errors import InvalidInput


class CutGround(StrEnum):
    """Why something that was asked is not given; but for the last, grounds of the catalogue."""

    CATEGORY = "category_outside_basis"
    PERIOD = "period_wrong"
    NOT_HELD = "not_held"
    NOT_OURS = "wrong_addressee"
    AGREED = "agreed"


WORDS: Mapping[CutGround, tuple[str, str]] = {
    CutGround.CATEGORY: (
        "De grondslag van de vordering strekt zich niet uit tot deze gegevens.",
        "The basis of the demand does not reach these data.",
    ),
    CutGround.PERIOD: (
        "De grondslag van de vordering strekt zich niet uit tot deze periode.",
        "The basis of the demand does not reach this period.",
    ),
    CutGround.NOT_HELD: (
        "Wij leggen zulke gegevens niet vast.",
        "We do not record such data.",
    ),
    CutGround.NOT_OURS: (
        "Wij zijn hiervoor niet de juiste geadresseerde.",
        "We are not the right addressee for this.",
    ),
    CutGround.AGREED: (
        "De autoriteit heeft hiermee ingestemd (onze vraag {agreement}).",
        "The authority agreed to this (our question {agreement}).",
    ),
}
"""The words for each ground, Dutch and English."""

OF_A_CATEGORY = frozenset({CutGround.CATEGORY})
OF_A_PERIOD = frozenset({CutGround.PERIOD, CutGround.AGREED})


@dataclass(frozen=True, slots=True)
class Cut:
    """Of item ``n`` one category is not given, or nothing outside a span, or nothing at all.

    What is given lies from ``keep_from`` on and before ``keep_until``. ``agreement`` is the
    question to which the authority answered that it agrees.
    """

    n: int
    ground: CutGround
    category: str | None = None
    keep_from: datetime | None = None
    keep_until: datetime | None = None
    agreement: str | None = None

    @property
    def is_whole(self) -> bool:
        """Say whether nothing of the item is given."""
        return self.category is None and not self.is_of_period

    @property
    def is_of_period(self) -> bool:
        """Say whether a part of the period is not given."""
        return self.keep_from is not None or self.keep_until is not None

    @property
    def nl(self) -> str:
        """Return what the ground means, in Dutch."""
        return self.words[0]

    @property
    def en(self) -> str:
        """Return what the ground means, in English."""
        return self.words[1]

    @property
    def words(self) -> tuple[str, str]:
        """Return why, in Dutch and in English."""
        dutch, english = WORDS[self.ground]
        return dutch.format(agreement=self.agreement), english.format(agreement=self.agreement)

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        spans = {name: dump_instant(getattr(self, name)) for name in ("keep_from", "keep_until")}
        return asdict(self) | {"ground": self.ground.value} | spans

    @classmethod
    def load(cls, value: Any) -> Cut:
        """Read what ``dump`` returned."""
        spans = {name: load_instant(value[name]) for name in ("keep_from", "keep_until")}
        return cls(**{**value, **spans, "ground": CutGround(value["ground"])})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is said not to be given of item ``n``, as exactly as a cut takes it out.

    One category, or what lies before ``keep_from`` or from ``keep_until`` on, or all of it.
    """

    n: int
    category: str | None = None
    keep_from: datetime | None = None
    keep_until: datetime | None = None

    @classmethod
    def of(cls, cut: Cut) -> LeftOut:
        """Return what a cut takes out, whatever its ground."""
        return cls(cut.n, cut.category, cut.keep_from, cut.keep_until)

    def dump(self) -> dict[str, Json]:
        """Return the plain form."""
        spans = {name: dump_instant(getattr(self, name)) for name in ("keep_from", "keep_until")}
        return {"n": self.n, "category": self.category, **spans}

    @classmethod
    def load(cls, value: Any) -> LeftOut:
        """Read what ``dump`` returned."""
        spans = {name: load_instant(value[name]) for name in ("keep_from", "keep_until")}
        return cls(value["n"], value["category"], **spans)


NOTHING_LEFT = (
    "expected an item beside which something is left to give; who gives nothing at all refuses: "
    "`lea legal refuse`"
)


def narrow(items: Iterable[Item], cuts: Sequence[Cut]) -> tuple[Item, ...]:
    """Return what is left of items after every cut. Raises InvalidInput, also when nothing is."""
    left = tuple(items)
    for cut in cuts:
        left = take_out(left, cut)
    return left


def take_out(items: Sequence[Item], cut: Cut) -> tuple[Item, ...]:
    """Return what one cut leaves.

    Raises InvalidInput for a cut that takes nothing, or everything: that would be a refusal.
    """
    _check_shape(cut)
    found = next((item for item in items if item.n == cut.n), None)
    if found is None:
        raise InvalidInput.at("/item", "expected an item of which something is given")
    kept = _keep(found, cut)
    left = tuple(kept if item is found else item for item in items)
    whole = tuple(item for item in left if item is not None)
    if not whole:
        raise InvalidInput.at("/item", NOTHING_LEFT)
    return whole


def _check_shape(cut: Cut) -> None:
    """Refuse a ground that does not fit what is taken out. Raises InvalidInput."""
    if (cut.agreement is not None) != (cut.ground is CutGround.AGREED):
        raise InvalidInput.at("/clarification", "expected with the ground agreed, and only with it")
    if cut.category is not None and cut.is_of_period:
        raise InvalidInput.at("/category", "expected a category or a part of the period")
    if cut.ground in OF_A_CATEGORY and cut.category is None:
        raise InvalidInput.at("/category", "expected the category that the basis does not reach")
    if cut.ground is CutGround.PERIOD and cut.category is not None:
        raise InvalidInput.at("/category", "expected none where it is about the period")
    if cut.is_of_period and cut.ground not in OF_A_PERIOD:
        raise InvalidInput.at("/ground", "expected one that is about the period")


def _keep(item: Item, cut: Cut) -> Item | None:
    """Return what is left of an item. Raises InvalidInput when the cut takes nothing of it."""
    if cut.category is not None:
        rest = tuple(one for one in item.categories if one != cut.category)
        if len(rest) == len(item.categories):
            raise InvalidInput.at("/category", "expected a category that the item asks for")
        return replace(item, categories=rest) if rest else None
    if cut.is_whole:
        return None
    start, end = cut.keep_from or item.period.start, cut.keep_until or item.period.end
    if not item.period.start <= start < end <= item.period.end:
        raise InvalidInput.at("/keep_from", "expected a span inside the period of the item")
    if cut.keep_from == item.period.start or cut.keep_until == item.period.end:
        raise InvalidInput.at("/keep_from", "expected a span that leaves something out")
    if item.target.at is not None and not start <= item.target.at < end:
        raise InvalidInput.at("/keep_from", "expected a span that holds the instant of the target")
    return replace(item, period=replace(item.period, start=start, end=end))
