"""What the authority was told is not given, held against what is not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lea_service.demands.concerned import Normalise, as_typed, forms_of
from lea_service.demands.demand import Item
from lea_service.demands.narrowing import Cut, LeftOut


@dataclass(frozen=True, slots=True)
class Told:
    """When a letter about what is not given went out, and what it says is not.

    ``items`` are those of the record that it is about: after a correction their numbers may be
    those of others. ``normalise`` gives a target its one form.
    """

    sent_at: datetime
    cuts: tuple[Cut, ...]
    items: tuple[Item, ...]
    normalise: Normalise = as_typed

    def is_contradicted_by(self, cuts: Collection[Cut], items: Sequence[Item]) -> bool:
        """Say whether something is given, or on another ground not, of what it says is not.

        ``items`` are those of the record as it is.
        """
        left_out = {(LeftOut.of(one), one.ground) for one in cuts}
        return any(
            (replace(LeftOut.of(one), n=n), one.ground) not in left_out
            for one in self.cuts
            for n in self._find_now(one, items)
        )

    def _find_now(self, cut: Cut, items: Sequence[Item]) -> Iterator[int]:
        """Yield the numbers that the item of a cut has now, which are its own if it has that.

        A target that is written as it was then goes before one that only means the same.
        """
        said = [one.target for one in self.items if one.n == cut.n]
        same = [one.n for one in items if one.target in said]
        wanted = {form for one in said for form in forms_of(one, self.normalise)}
        now = same or [
            one.n for one in items if not wanted.isdisjoint(forms_of(one.target, self.normalise))
        ]
        yield from [cut.n] if cut.n in now else now
