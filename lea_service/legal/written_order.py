"""The text of an order as it is looked into for what somebody typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from lea_service.demands.concerned import Normalise
from lea_service.demands.demand import OF_EQUIPMENT, OF_PLACE, Period, Target, TargetKind
from lea_service.kernel.clock import HOME_ZONE
from lea_service.legal.basis import Basis
from lea_service.legal.order_dates import find_dates, find_periods
from lea_service.legal.order_names import Named, find_names
from lea_service.legal.order_numbers import COVER, EQUIPMENT, cover
from lea_service.legal.proposals import (
    Page,
    Proposal,
    ProposalKind,
    Proposals,
    find_article,
    reference_form,
    within_reach,
    without_references,
)

AS_WRITTEN = frozenset({TargetKind.CUSTOMER_NUMBER, TargetKind.PHONE_ID})
"""Kinds whose spelling is that of the provider: each stands in an order exactly so."""
_STAYS = frozenset({ProposalKind.NAME, ProposalKind.CUSTOMER_NUMBER, *OF_EQUIPMENT})
"""What may be the name of a customer, whatever else it is read as."""
_EDGES = "()[]{}<>\"'“”‘’„.,;:"
_DIGITS = re.compile(r"(?<![\w+])\+?\(?\d[\d ()./-]{1,30}\d(?!\w)")


class WrittenOrder:
    """An order as it is looked into for what was typed."""

    def __init__(self, pages: Sequence[Page], proposals: Proposals, normalise: Normalise) -> None:
        near = within_reach(pages)
        lines = [line for page in near for line in page]
        self.proposals = proposals
        self.normalise = normalise
        self.named: tuple[tuple[int, Named], ...] = tuple(
            (n, one) for n, page in enumerate(near, 1) for one in find_names(page)
        )
        self._words = _words(near)
        self._said = f" {' '.join(self._words).casefold()} "
        self._as_numbers: set[str] = set()
        self._free = _words(list(self._cover(near)))
        self._forms = {(str(one.kind), one.form) for one in proposals.found}
        self._equipment = {one[0] for line in lines for one in EQUIPMENT.finditer(line)}
        self._numbers = {_number(normalise, one) for line in lines for one in _runs(line)}

    def names(self, target: Target) -> bool:
        """Say whether the order has a target, in whatever spelling that means the same."""
        form = self.normalise(target.kind, target.value)
        if form is None:
            return False
        if target.kind in OF_PLACE:  # it may hold a number, which is read as something else
            return _has(self._words, form)
        if target.kind in AS_WRITTEN:
            is_there = (target.kind.value, form) in self._forms or _has(self._free, form)
            return is_there or (form in self._as_numbers and not is_dialled(form))
        if target.kind in OF_EQUIPMENT:
            return any(self.normalise(target.kind, one) == form for one in self._equipment)
        if target.kind is TargetKind.PHONE_NUMBER and form in self._numbers:
            return True
        return (target.kind.value, form) in self._forms

    def has_reference(self, kind: str, value: str) -> bool:
        """Say whether the order has a reference, however it separates its parts."""
        form = reference_form(kind, value)
        if any(one.form == form for one in self.proposals.of(kind)):
            return True
        return _has(self._words, value)

    def has_date(self, day: date) -> bool:
        """Say whether a date stands in the order outside a period."""
        return any(one.form == day.isoformat() for one in self.proposals.of(ProposalKind.DATE))

    def names_basis(self, basis: Basis) -> bool:
        """Say whether the order names a basis: its id, its article, or a figure it goes by.

        An article without its paragraph may be any that the basis can mean.
        """
        if self.says([basis.id.casefold()]):
            return True
        if any(is_of_basis(one, basis) for one in self.proposals.of(ProposalKind.ARTICLE)):
            return True
        if find_article(basis.citation) is not None:
            return False
        return any(_has(self._words, one) for one in _figures(basis.citation)[:1])

    def says(self, phrases: Iterable[str]) -> bool:
        """Say whether one of some phrases in small letters stands in the order."""
        return any(f" {one} " in self._said for one in phrases)

    def has_period(self, period: Period) -> bool:
        """Say whether the order states a period."""
        return any(is_period(one, period) for one in self.proposals.of(ProposalKind.PERIOD))

    def _cover(self, pages: Sequence[Page]) -> Iterator[list[str]]:
        """Yield the pages without what is something else than a name of a customer."""
        for n, page in enumerate(pages, 1):
            lines = _without_times(page)
            for one in self.proposals.found:
                if one.page == n and one.kind not in _STAYS and one.line <= len(lines):
                    value = rf"(?<!\w){re.escape(one.value)}(?!\w)"
                    lines[one.line - 1] = re.sub(value, COVER, lines[one.line - 1])
            yield [_DIGITS.sub(self._cover_number, line) for line in lines]

    def _cover_number(self, found: re.Match[str]) -> str:
        if not _number(self.normalise, found[0]):
            return found[0]
        self._as_numbers.add(found[0])
        return COVER


def is_dialled(text: str) -> bool:
    """Say whether a number is written as one is dialled, and so names no customer."""
    return text.startswith(("0", "+", "("))


def is_period(stated: Proposal, period: Period) -> bool:
    """Say whether the order means a period; its clock is ours, whatever zone was typed."""
    return ends_of(stated) == (period.start, period.end)


def ends_of(stated: Proposal) -> tuple[datetime, datetime]:
    """Return the instants between which a period lies that the order states."""
    start, end = (stated.form or "").split("/")
    return _at_home(datetime.fromisoformat(start)), _at_home(datetime.fromisoformat(end))


def is_of_basis(article: Proposal, basis: Basis) -> bool:
    """Say whether an article that an order cites may be that of a basis."""
    if article.form == basis.id:
        return True
    wanted = find_article(basis.citation)
    found = find_article(article.value) if article.value.startswith("126") else None
    return wanted is not None and found is not None and _agrees(found, wanted)


def _without_times(page: Page) -> list[str]:
    text = "\n".join(page)
    spans = [(one.place, one.until) for one in find_periods(text)]
    spans += [(one.place, one.until) for one in find_dates(text)]
    return cover(text, spans).split("\n")


def _words(pages: Sequence[Page]) -> list[str]:
    return [
        word
        for page in pages
        for line in page
        for one in line.split()
        if (word := one.strip(_EDGES))
    ]


def _has(words: Sequence[str], text: str) -> bool:
    """Say whether the words of a text stand there as they are, next to each other."""
    wanted = _words([[text]])
    size = len(wanted)
    places = range(len(words) - size + 1)
    return bool(wanted) and any(words[n : n + size] == wanted for n in places)


def _figures(citation: str) -> list[str]:
    """Return the figures of a citation that are not just a small number or a year."""
    figures = (one for one in _words([[citation]]) if any(map(str.isdigit, one)))
    return [one for one in figures if not (one.isdigit() and len(one) <= len("2026"))]


def _agrees(found: tuple[str, str | None], wanted: tuple[str, str | None]) -> bool:
    return found[0] == wanted[0] and (None in {found[1], wanted[1]} or found[1] == wanted[1])


def _runs(line: str) -> Iterator[str]:
    for found in _DIGITS.finditer(without_references(line)):
        yield found[0]
        yield from re.split(r"\s{2,}|\s/\s|\s-\s", found[0])


def _number(normalise: Normalise, text: str) -> str | None:
    return normalise(TargetKind.PHONE_NUMBER, text)


def _at_home(instant: datetime) -> datetime:
    return instant.replace(tzinfo=HOME_ZONE) if instant.tzinfo is None else instant
