"""Checks of what the order states, as whoever read it ticked, and of an order that came before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from lea_service.kernel.canonical import Json
from lea_service.legal.case import Case
from lea_service.legal.facts import DemandFacts
from lea_service.legal.findings import Finding, make_finding

MOST_NAMED = 10
THRESHOLD = "threshold.not_judged"


class ContentsStated:
    """The order states what the basis wants it to; nobody judges what it states."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding, or one for each content that is missing."""
        basis, states = case.basis, case.facts.states
        if basis.contents is None:
            yield make_finding("contents.unknown", basis, field="contents")
            return
        wanted = [code for code in basis.contents if _is_wanted(code, case)]
        missing = [code for code in wanted if not _is_stated(code, case)]
        seen: dict[str, Json] = {"wanted": [*wanted]}
        if not missing:
            yield make_finding("contents.stated", basis, field="contents", seen=seen)
        elif states is None:
            seen["unread"] = [*missing]
            yield make_finding("contents.not_read", basis, field="contents", seen=seen)
        else:
            for code in missing:
                yield self._missing(case, code)

    def _missing(self, case: Case, code: str) -> Finding:
        word = case.catalogue.codes["contents"][code]
        seen: dict[str, Json] = {"nl": word["nl"], "en": word["en"]}
        return make_finding(
            "contents.missing", case.basis, field="contents", subject=code, seen=seen
        )


class ThresholdStated:
    """The offence and the weighing are not ours to judge, and that is said."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield one finding, always a pass."""
        seen: dict[str, Json] = {
            "threshold": case.basis.threshold,
            "states_offence": case.facts.has_offence,
            **case.catalogue.codes["not_judged"],
        }
        yield make_finding(THRESHOLD, case.basis, field="threshold", seen=seen)


def tell_offence(found: Finding, offence: str | None) -> Finding:
    """Return a finding that shows the offence as the order states it, where it is about that.

    The words are of the record, sealed there; what is kept of a finding says only whether it is
    stated.
    """
    if found.code != THRESHOLD or offence is None:
        return found
    return replace(found, seen={**found.seen, "offence": offence})


class OrderIsNew:
    """The same order, or the same paper, was not recorded under another demand."""

    def find(self, case: Case) -> Iterator[Finding]:
        """Yield a finding for each way in which it is known already, or one pass."""
        yield from find_repeats(case.facts)


def find_repeats(facts: DemandFacts) -> Iterator[Finding]:
    """Yield what is found of an order that came before; other demands are named by their ids."""
    known = {"duplicate.order": facts.same_order, "duplicate.document": facts.same_document}
    if not any(known.values()):
        yield make_finding("duplicate.none")
    for code, demands in known.items():
        if demands:
            seen: dict[str, Json] = {"demands": [*demands[:MOST_NAMED]], "count": len(demands)}
            yield make_finding(code, seen=seen)


def _is_wanted(code: str, case: Case) -> bool:
    when: str = case.catalogue.codes["contents"][code]["when"]
    return WANTED[when](case.facts)


def _is_stated(code: str, case: Case) -> bool:
    """Say whether it was ticked, or is recorded in a field of its own."""
    said_by = case.catalogue.codes["contents"][code].get("said_by")
    is_recorded = said_by is not None and SAID_BY[said_by](case.facts)
    return is_recorded or code in (case.facts.states or ())


WANTED: Mapping[str, Callable[[DemandFacts], bool]] = {
    "always": lambda _facts: True,
    "data_to_come": lambda facts: facts.reaches_past_order,
    "processor": lambda facts: facts.capacity == "processor",
    "if_any": lambda _facts: False,
}
SAID_BY: Mapping[str, Callable[[DemandFacts], bool]] = {
    "offence": lambda facts: facts.has_offence,
    "judicial_authorisation": lambda facts: facts.authorisation is not None,
    "processor_ground": lambda facts: facts.processor_ground is not None,
}
