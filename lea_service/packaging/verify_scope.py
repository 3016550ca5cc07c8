"""What a package says of itself, compared with the plan that two people signed.

Rows are judged by the plan, as the service did before it sealed them; counts, outcomes, coverage
and letter must say what rows and plan say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from lea_service.extraction.document import read_plan
from lea_service.extraction.doubts import UNREAD
from lea_service.extraction.halts import ScopeViolation
from lea_service.extraction.holders import HELD, HOLDERS, Span, are_spans, dump_spans, state_holders
from lea_service.extraction.instalments import count_given, list_numbers_given
from lea_service.extraction.outcome import (
    PAST_TERM,
    HeldOfSource,
    HeldRows,
    HolderSource,
    ItemOutcome,
    Outcome,
    count_held,
    is_all_gone,
    without_asks,
)
from lea_service.extraction.phrases import DOUBTS
from lea_service.extraction.plan import Plan, PlanItem
from lea_service.extraction.result import accounted_value
from lea_service.extraction.rules import OURS
from lea_service.extraction.scope_proof import ScopeProof, Tally
from lea_service.extraction.soundness import check_compiled, check_zones
from lea_service.extraction.within import within
from lea_service.kernel.canonical import load_strict, salted_digest
from lea_service.kernel.clock import load_instant
from lea_service.kernel.errors import InvalidInput, VerificationFailed
from lea_service.kernel.phrases import phrase
from lea_service.packaging.contents import GivenPart, SourceCoverage, answer_item, describe_cut
from lea_service.packaging.letter import in_utc, state_answers, tells_past_term
from lea_service.packaging.phrases import LETTER
from lea_service.records.clocks import NOT_MEASURED, SERVER_ASKED, SourceClock
from lea_service.records.gaps import UnreadGap
from lea_service.staff.chain import facts_of
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.history import VerifiedDecision

ADDED = ("instalment", "not_given", "holding")
"""Titles of a letter that stand in it only where there is any of it."""
WITHOUT = frozenset({Outcome.NOT_HELD, Outcome.NOT_SEARCHED, Outcome.OTHER_INSTALMENT})
"""Outcomes of an item that asks nothing of any source."""


@dataclass
class Scope:
    """A plan out of a package, and the rows that were judged by it so far.

    ``signed`` is what two people signed where that is more than ``plan``: this package is an
    instalment of it.
    ``doubts`` are what our rules have otherwise than a plan that was compiled under others.
    """

    plan: Plan
    manifest: Mapping[str, Any]
    tallies: dict[str, Tally] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    signed: Plan | None = None

    @property
    def whole(self) -> Plan:
        """Return all that two people signed."""
        return self.plan if self.signed is None else self.signed

    @property
    def rows(self) -> int:
        """Return the rows of all kinds."""
        return sum(tally.rows for tally in self.tallies.values())

    @property
    def spans(self) -> dict[int, list[Span]]:
        """Return by item the spans of what was not in one hand throughout, as the manifest says."""
        items = self.manifest.get("items", ())
        return {one["n"]: [*map(Span.load, one["held"])] for one in items if "held" in one}

    @property
    def past_term(self) -> int:
        """Return the rows of all kinds whose term had ended."""
        return sum(tally.past_term for tally in self.tallies.values())

    def check_rules(self) -> None:
        """Check that the asks are what follows from the items. Raises VerificationFailed."""
        try:
            check_zones(self.whole)
        except InvalidInput as err:
            self.doubts.append(f"plan.json: {err.detail}")
        try:
            check_compiled(self.whole)
        except InvalidInput as err:
            self._differ("plan.json", err.detail)

    def _differ(self, file: str, detail: str) -> None:
        """Note what is otherwise by our rules. Raises VerificationFailed for a plan of ours."""
        if self.plan.rules == OURS:
            raise VerificationFailed(detail)
        self.doubts.append(
            f"{file}: {detail}, by the rules of this program ({OURS}); the plan states others "
            f"({self.plan.rules}): verify with a release that has those"
        )

    def check_rows(self, kind: str, chunks: Iterable[bytes]) -> None:
        """Judge the canonical rows of a kind. Raises VerificationFailed."""
        lines = 0

        def watched() -> Iterator[bytes]:
            nonlocal lines
            for chunk in chunks:
                lines += chunk.count(b"\n")
                yield chunk

        try:
            proof = ScopeProof(self.plan, kind, self.spans)
            self.tallies[kind] = proof.check_spooled(watched())
        except ScopeViolation as err:
            raise VerificationFailed(f"{err}, at line {lines} or before") from err
        if odd := self.tallies[kind].odd_flags:
            self._differ(f"rows of {kind}", f"{odd} rows with a flag on a column they do not show")

    def check_parties(self) -> None:
        """Check that demand, receivers and record kinds are the plan's."""
        manifest, plan = self.manifest, self.plan
        if plan.demand != manifest["demand"]:
            raise VerificationFailed("the plan is for another demand")
        planned = sorted((one.id, one.certificate) for one in plan.receivers)
        if planned != sorted((one["id"], one["certificate"]) for one in manifest["receivers"]):
            raise VerificationFailed("the plan is for other receivers than the manifest names")
        if sorted(one["kind"] for one in manifest["records"]) != sorted(plan.kinds):
            raise VerificationFailed("the manifest has other kinds of records than the plan")

    def check_items(self) -> None:
        """Check that each item of the plan has one outcome, and one that fits the rows."""
        items = self.manifest["items"]
        if [one["n"] for one in items] != [item.n for item in self.plan.items]:
            raise VerificationFailed("the manifest answers other items than the plan has")
        for one, item in zip(items, self.plan.items, strict=True):
            _check_outcome(one, item, self.plan)
            if one["rows"] != sum(tally.items[item.n] for tally in self.tallies.values()):
                raise VerificationFailed(f"item {one['n']} counts other rows than there are of it")
            self._check_held(one, item)
        if self.manifest.get("not_given", []) != [describe_cut(cut) for cut in self.plan.cuts]:
            raise VerificationFailed("says of something else than the plan that it is not given")

    def _check_held(self, one: Mapping[str, Any], item: PlanItem) -> None:
        """Check that an item counts per holder the very rows, in spans that are its period."""
        held = [HeldRows.load(part) for part in one.get("held", ())]
        if "held" in one and not are_spans([part.span for part in held], item.start, item.end):
            raise VerificationFailed(f"item {item.n} is cut per holder into other than its period")
        for at, part in enumerate(held):
            if part.rows != sum(self._held_of(item.n, at)):
                raise VerificationFailed(f"item {item.n} counts other rows of a holder")

    def _held_of(self, n: int, at: int) -> Iterator[int]:
        """Yield how many rows each source has of a span of an item."""
        for tally in self.tallies.values():
            for source in tally.sources:
                yield tally.held[source, n, at]

    def check_coverage(self, coverage: Any) -> None:
        """Check that the coverage is of the plan's sources and counts the very rows."""
        sources = {(one.name, one.kind): one for one in self.plan.sources}
        coverage, holding = _split(coverage)
        self._check_holding(holding)
        if sorted((one["source"], one["kind"]) for one in coverage) != sorted(sources):
            raise VerificationFailed("is of other sources than the plan's")
        for one in coverage:
            name, kind = one["source"], one["kind"]
            tally = self.tallies.get(kind)  # none of a kind of which no source is asked
            if one["rows_delivered"] != (tally.sources[name] if tally else 0):
                raise VerificationFailed(f"{name} ({kind}): counts other rows than there are")
            if one["rows_read"] != one["rows_delivered"] + sum(one["withheld"].values()):
                raise VerificationFailed(f"{name} ({kind}): rows read are not accounted for")
            _check_counts(one, f"{name} ({kind})")
            held = count_held(
                self.plan, sources[name, kind], self.spans, tally.held if tally else {}
            )
            if one.get("held", []) != [part.dump() for part in held]:
                raise VerificationFailed(f"{name} ({kind}): counts other rows of a holder")
            if tuple(one["not_held"]) != self.plan.lacking_of(sources[name, kind]):
                self._differ(
                    "coverage.json", f"{name} ({kind}): lacks other categories than the plan"
                )
            if tuple(one["not_searched"]) != self.plan.not_searched_in(sources[name, kind]):
                self._differ("coverage.json", f"{name} ({kind}): was searched for other items")
            if not set(one["withheld"]) <= {sources[name, kind].rule}:
                raise VerificationFailed(f"{name} ({kind}): withheld under a rule not its own")
            planned = (sources[name, kind].rule, sources[name, kind].cutoff)
            if (one["rule"], load_instant(one["kept_from"])) != planned:
                raise VerificationFailed(f"{name} ({kind}): has another term than in the plan")

    def _check_holding(self, holding: Sequence[HolderSource]) -> None:
        """Check that sources told of items that are somebody's, and of all that changed hands."""
        held = {item.n for item in self.whole.items if item.target.kind in HELD and item.asks}
        names = [one.source for one in holding]
        if len(set(names)) != len(names):
            raise VerificationFailed("names a source that tells who held what twice")
        for one in holding:
            name = f"{one.source} (holders)"
            if not one.items or not held.issuperset(one.items):
                raise VerificationFailed(f"{name}: tells of other items than the plan's")
            _check_doubts(one.doubts, name)
            _check_gaps(one.gaps, one.doubts, name)
            if self.plan.past_term is None and PAST_TERM in one.doubts:
                raise VerificationFailed(f"{name}: used records past their term on no ground")
            if any(loss.source != one.source for loss in one.destroyed):
                raise VerificationFailed(f"{name}: names what another source lost")
        if not self.spans.keys() <= {n for one in holding for n in one.items}:
            raise VerificationFailed("does not say which source told who held what")

    def check_bounds(self, decision: VerifiedDecision) -> None:
        """Check the bounds and the ground that two people signed."""
        bounds: Any = decision.facts.get("bounds")
        if self.rows > bounds["max_rows"]:
            raise VerificationFailed("holds more rows than was decided on")
        divided = self.plan.instalments
        if divided is not None and self.rows > divided.rows_each:
            raise VerificationFailed("holds more rows than an instalment may have")
        if divided is not None and bounds["max_rows"] != divided.rows_together:
            raise VerificationFailed("the decision names other bounds than the plan")
        ground = None if self.plan.past_term is None else {"ground": self.plan.past_term}
        if decision.facts.get("past_term") != ground:
            raise VerificationFailed("the decision names another ground for rows past their term")

        holders = state_holders(dump_spans(self.spans), self.manifest["plan"]["salt"])
        if decision.facts.get(HOLDERS) != holders:
            raise VerificationFailed("the decision names other holders than the answer")

    def check_given(self, entries: Iterable[Mapping[str, Any]], decision: VerifiedDecision) -> None:
        """Check that the instalments before this one were given, and that all are within the bound.

        ``entries`` are those of the log up to the extraction. Raises VerificationFailed.
        """
        part, bounds = _given_part(self.manifest), cast("dict[str, Any]", decision.facts["bounds"])
        if part is None:
            return
        steps = [(str(one["ev"]), facts_of(one)) for one in entries]
        if list_numbers_given(steps) != [*range(1, part.number)]:
            raise VerificationFailed("the log has other instalments given before this one")
        given = count_given(steps, str(self.manifest["decision"]["approval"]))
        if given + self.rows > bounds["max_rows"]:
            raise VerificationFailed("holds more rows, with those given before, than was decided")

    def check_entered(self, facts: Mapping[str, Any]) -> None:
        """Check that the log counts the very rows, and those past their term among them."""
        if (facts["rows"], facts["past_term"]) != (self.rows, self.past_term):
            raise VerificationFailed("the log counts other rows than there are")

    def check_accounted(self, facts: Mapping[str, Any], coverage: Any) -> None:
        """Check that the log has the very rows read, delivered and withheld of each source."""
        names = ("source", "kind", "rows_read", "rows_delivered", "withheld")
        sources = [tuple(one[name] for name in names) for one in _split(coverage)[0]]
        salt = decode_b64url(self.manifest["result"]["salt"], "/result/salt")
        if salted_digest(salt, accounted_value(sources)) != facts.get("accounted"):
            raise VerificationFailed("the log accounts for other rows of the sources")

    def check_letter(self, text: str, language: str, coverage: Any) -> None:
        """Check that the letter says of each item, source and file what plan and rows say."""
        pairs = zip(self.plan.items, self.manifest["items"], strict=True)
        answers = [answer_item(item, ItemOutcome.load(one)) for item, one in pairs]
        covered, holding = _split(coverage)
        sources = [_source(one) for one in covered]
        files = [
            (str(one["canonical"]).removesuffix(".jsonl"), int(one["rows"]))
            for one in self.manifest["records"]
        ]
        narrowed, part = self.plan.narrowed, _given_part(self.manifest)
        plain = state_answers(answers, sources, files, language, narrowed, holding, part)
        said = [in_utc(line) for line in plain]
        text = in_utc(text)
        titles = {line for line in said if line and not line.startswith(" ")}
        known = titles | {phrase(LETTER, key, language).upper() for key in ADDED}
        told = [line for line in text.splitlines() if line in known]
        if "\n".join(said) not in text or len(told) != len(titles):
            raise VerificationFailed("says something else than plan, rows and coverage do")
        if not tells_past_term(text, self.past_term, self.plan.past_term, language):
            raise VerificationFailed("says something else of rows past their term than there are")


def read_scope(plan: bytes, manifest: Mapping[str, Any], doubts: list[str]) -> Scope:
    """Read a plan, of whatever rules. Raises InvalidInput for what is none."""
    whole = read_plan(load_strict(plan))
    return Scope(_given_of(whole, manifest), manifest, doubts=doubts, signed=whole)


def _given_part(manifest: Mapping[str, Any]) -> GivenPart | None:
    stated = manifest.get("instalment")
    return None if stated is None else GivenPart.load(stated)


def _given_of(plan: Plan, manifest: Mapping[str, Any]) -> Plan:
    """Return what of a plan a package is of. Raises VerificationFailed for no part of it."""
    stated, divided = _given_part(manifest), plan.instalments
    if stated is None and divided is None:
        return plan
    part = None if stated is None or divided is None else divided.find(stated.number)
    if stated is None or divided is None or part is None:
        raise VerificationFailed("names another instalment than the plan has")
    if (stated.of, stated.start) != (divided.of, part.start):
        raise VerificationFailed("names another instalment than the plan has")
    if not part.start < stated.until <= part.until:
        raise VerificationFailed("goes further than the instalment of the plan")
    return within(plan, replace(part, until=stated.until))


def _check_outcome(one: Mapping[str, Any], item: PlanItem, plan: Plan) -> None:
    came, n = ItemOutcome.load(one), one["n"]
    if (came.outcome is Outcome.DELIVERED) != (came.rows > 0):
        raise VerificationFailed(f"item {n} has an outcome that does not fit its rows")
    without = without_asks(plan, item)
    is_without = came.outcome in WITHOUT
    if is_without == bool(item.asks) or (is_without and came.outcome is not without):
        raise VerificationFailed(f"item {n} has an outcome that does not fit the plan")
    starts = {ask.source: ask.start for ask in item.asks}
    sources = [loss.source for loss in came.destroyed]
    if len(set(sources)) != len(sources) or not starts.keys() >= set(sources):
        raise VerificationFailed(f"item {n} names a source that it does not ask, or one twice")
    if any(loss.until <= starts[loss.source] for loss in came.destroyed):
        raise VerificationFailed(f"item {n} names what was destroyed outside its period")
    if came.outcome is Outcome.DESTROYED and not is_all_gone(item.asks, came.destroyed):
        raise VerificationFailed(f"item {n} has an outcome that does not fit what was destroyed")


def _check_counts(one: Mapping[str, Any], name: str) -> None:
    """Refuse counts that are none, and reasons without words. Raises VerificationFailed."""
    _check_each([one["rows_read"], *one["withheld"].values()], name)
    _check_doubts(one["doubts"], name)
    _check_clock(SourceClock.load(one["clock"]), name)
    _check_gaps([*map(UnreadGap.load, one["gaps"])], one["doubts"], name)


def _check_gaps(gaps: Sequence[UnreadGap], doubts: Mapping[str, Any], name: str) -> None:
    """Refuse gaps that are none, or others than are counted. Raises VerificationFailed."""
    if len(gaps) != doubts.get(UNREAD, 0) or any(one.found_at < one.read_until for one in gaps):
        raise VerificationFailed(f"{name}: counts other gaps than it tells of")


def _check_clock(clock: SourceClock, name: str) -> None:
    found = [one for one in (clock.latest, clock.largest) if one is not None]
    counts = {NOT_MEASURED: 0, SERVER_ASKED: 2}
    if counts.get(clock.how) != len(found) or any(type(one.ms) is not int for one in found):
        raise VerificationFailed(f"{name}: has a clock that was measured in no way known")
    _check_each([one.to_ms for one in found], name)


def _check_doubts(doubts: Mapping[str, Any], name: str) -> None:
    _check_each(doubts.values(), name)
    if not set(doubts) <= set(DOUBTS):
        raise VerificationFailed(f"{name}: has a doubt that is not known")


def _check_each(counts: Iterable[Any], name: str) -> None:
    if any(type(count) is not int or count < 0 for count in counts):
        raise VerificationFailed(f"{name}: has a count that is none")


def _split(coverage: Any) -> tuple[list[Any], list[HolderSource]]:
    """Return the sources that were asked, and those that told who held what."""
    asked = [one for one in coverage if "holders_of" not in one]
    return asked, [HolderSource.load(one) for one in coverage if "holders_of" in one]


def _source(one: Mapping[str, Any]) -> SourceCoverage:
    instants = {name: load_instant(one[name]) for name in ("covers_from", "covers_to", "kept_from")}
    return SourceCoverage(
        **{
            **one,
            **instants,
            "not_held": tuple(one["not_held"]),
            "not_searched": tuple(one["not_searched"]),
            "clock": SourceClock.load(one["clock"]),
            "gaps": tuple(map(UnreadGap.load, one["gaps"])),
            "held": tuple(HeldOfSource.load(part) for part in one.get("held", ())),
        }
    )
