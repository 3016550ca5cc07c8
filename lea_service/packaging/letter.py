"""The covering letter: what was asked, what came of each item, how to open and verify."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from textwrap import wrap
from typing import cast
from zoneinfo import ZoneInfo

from lea_service.agencies.certificates import certificate_fingerprint
from lea_service.demands.demand import Item
from lea_service.demands.narrowing import Cut
from lea_service.demands.phrases import CATEGORIES, REFERENCES, TARGETS
from lea_service.extraction.outcome import HolderSource, Loss, Outcome
from lea_service.extraction.phrases import DOUBTS, say_holders
from lea_service.extraction.plan import OVERLAPPING, Narrowed
from lea_service.kernel.clock import HOME_ZONE
from lea_service.kernel.phrases import LANGUAGES, phrase
from lea_service.legal.citations import say_citation
from lea_service.legal.explanation import Language, say_date, say_here
from lea_service.packaging.commands import (
    LOG,
    opening_commands,
    receipt_commands,
    verify_command,
    verifying_commands,
)
from lea_service.packaging.contents import (
    GivenPart,
    ItemAnswer,
    PackageContents,
    PastTerm,
    SourceCoverage,
)
from lea_service.packaging.phrases import LETTER, OUTCOMES
from lea_service.records.clocks import SourceClock
from lea_service.records.gaps import UnreadGap
from lea_service.web.schemas import ZONES

WIDTH = 100
_LOCAL = re.compile(
    r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})?[+-]\d\d:\d\d(?::\d\d)?", re.ASCII
)


def write_letter(
    contents: PackageContents, *, package_id: str, sealed_at: datetime, language: str
) -> bytes:
    """Return the letter in ``language`` (``nl`` or ``en``), UTF-8 text."""
    letter = _Letter(language)
    lines = [
        *letter.head(contents, package_id, sealed_at),
        *state_answers(
            contents.items,
            contents.coverage,
            [(spool.layout.stem, spool.rows) for spool in contents.records],
            language,
            contents.narrowed,
            contents.holding,
            contents.part,
        ),
        *letter.past_term(contents.past_term),
        *wrap(phrase(LETTER, "exact", language), WIDTH),
        "",
        *letter.section("receivers", letter.receivers(contents)),
        *letter.section("open", opening_commands(package_id), indent=""),
        *letter.section("verify", verifying_commands(package_id), indent=""),
        *wrap(phrase(LETTER, "alone", language), WIDTH),
        "",
        f"  {verify_command(package_id, LOG)}",
        "",
        *wrap(phrase(LETTER, "receipt", language), WIDTH),
        "",
        *(f"  {line}" for line in receipt_commands(package_id)),
        "",
    ]
    if contents.letter.contact:
        lines.append(f"{phrase(LETTER, 'contact', language)}: {contents.letter.contact}")
    return ("\n".join(lines) + "\n").encode()


def state_answers(
    items: Sequence[ItemAnswer],
    coverage: Sequence[SourceCoverage],
    files: Sequence[tuple[str, int]],
    language: str,
    narrowed: Narrowed | None = None,
    holding: Sequence[HolderSource] = (),
    part: GivenPart | None = None,
) -> list[str]:
    """Return the lines that tell what came of each item, source and file (its stem and rows).

    And which instalment it is, what of the items is not given, on which ground, and how far sources
    told who held what.

    All of it stands in plan, manifest and coverage as well, so the verifier writes it once more and
    compares: other words for the same belong to another format of the manifest.
    """
    letter = _Letter(language)
    return [
        *letter.instalment(part),
        *letter.section("asked", [line for item in items for line in letter.item(item)]),
        *letter.not_given(narrowed),
        *letter.section("coverage", [line for one in coverage for line in letter.coverage(one)]),
        *letter.holding(holding),
        *letter.section("files", letter.files(files)),
    ]


def in_utc(text: str) -> str:
    """Return a text with each local time as the same instant in UTC.

    What the clock showed goes by the time zones that a machine knows; the instant does not.
    """
    return _LOCAL.sub(
        lambda found: datetime.fromisoformat(found[0]).astimezone(UTC).isoformat(sep=" "), text
    )


def tells_past_term(text: str, rows: int, ground: str | None, language: str) -> bool:
    """Say whether a letter tells of so many rows past their term, on this ground; of none when 0.

    The words for the ground are the provider's own.
    """
    begin, _, _ = phrase(LETTER, "past_term", language, rows=rows, ground="\0").partition("\0")
    about = begin.removeprefix(f"{rows} ")
    told = [one for one in (" ".join(part.split()) for part in text.split("\n\n")) if about in one]
    if not rows or len(told) != 1:
        return rows == len(told)
    (said,) = told
    ending = said.replace(" ", "")  # a line may have been broken within the code
    is_whole = said.startswith(begin) and ending.endswith(f"({ground}).")
    return is_whole and said.count(about) == 1


class _Letter:
    """Writes the parts of a letter in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def head(
        self, contents: PackageContents, package_id: str, sealed_at: datetime
    ) -> Iterator[str]:
        about = contents.letter
        language = cast(Language, self._language)
        yield self._say("subject").upper()
        yield ""
        order = self._say(
            "order",
            date=say_date(date.fromisoformat(about.order_date), language),
            role=about.issuing_role[LANGUAGES.index(self._language)],
            received=say_here(about.received_at.replace(microsecond=0), language),
        )
        rows = [
            ("from", about.provider),
            ("to", about.authority),
            ("date", say_date(sealed_at.astimezone(HOME_ZONE).date(), language)),
            *(
                ("reference", f"{value} ({phrase(REFERENCES, kind, self._language)})")
                for kind, value in about.references
            ),
            ("ours", contents.demand_id),
            *([("kept", about.preservation)] if about.preservation else []),
            ("package", package_id),
            ("basis", say_citation(about.legal_basis, language)),
        ]
        for key, value in rows:
            yield f"{self._say(key) + ':':<16}{_one_line(value)}"
        yield f"{'':<16}{_one_line(order)}"
        yield ""

    def section(
        self, title: str, lines: Iterator[str] | list[str] | tuple[str, ...], indent: str = "  "
    ) -> Iterator[str]:
        yield self._say(title).upper()
        empty = True
        for line in lines:
            empty = False
            yield indent + line
        if empty:
            yield indent + self._say("none")
        yield ""

    def instalment(self, part: GivenPart | None) -> Iterator[str]:
        if part is None:
            return
        start, until = _moment(part.start), _moment(part.until)
        said = self._say("instalment_is", n=part.number, of=part.of, start=start, end=until)
        lines = [*_wrap(said, WIDTH - 2), *wrap(self._say("instalment_twice"), WIDTH - 2)]
        yield from self.section("instalment", lines)

    def item(self, item: ItemAnswer) -> Iterator[str]:
        zone = _zone(item.zone)
        target = self._target(item.target_kind, item.target, item.source, item.port)
        yield f"{self._say('item', n=item.n)}: {target}"
        local = {
            name: at.astimezone(zone).isoformat(sep=" ")
            for name, at in (("start", item.start), ("end", item.end), ("at", item.at))
            if at is not None
        }
        yield "  " + self._say("period" if item.at is None else "moment", zone=item.zone, **local)
        yield f"  {self._list(item.categories)}"
        outcome = item.outcome.value
        if item.source is not None and item.outcome is Outcome.NOT_HELD:
            outcome = "not_held_there"
        answer = phrase(OUTCOMES, outcome, self._language, rows=item.rows, source=item.source)
        answers = [answer, *self._lost(item)]
        yield from (f"  {line}" for line in _wrap(" ".join(answers), WIDTH - 4))
        if item.not_held and item.outcome is not Outcome.NOT_HELD:
            key = "not_held" if item.source is None else "not_held_there"
            lacking = self._say(key, names=self._list(item.not_held), source=item.source)
            yield from (f"  {line}" for line in wrap(lacking, WIDTH - 4))
        yield from (f"  {line}" for line in self._held(item, zone))
        if item.not_searched:
            left = self._say("not_searched", sources=", ".join(item.not_searched))
            yield from (f"  {line}" for line in wrap(left, WIDTH - 4))

    def _held(self, item: ItemAnswer, zone: tzinfo) -> Iterator[str]:
        if not item.held:
            return
        yield from wrap(self._say("held"), WIDTH - 4)
        for one in item.held:
            start, end = (at.astimezone(zone) for at in (one.span.start, one.span.end))
            who = say_holders(one.span.holders, self._language)
            local = {"start": start.isoformat(sep=" "), "end": end.isoformat(sep=" ")}
            yield f"  {self._say('held_by', who=who, rows=one.rows, **local)}"

    def not_given(self, narrowed: Narrowed | None) -> Iterator[str]:
        if narrowed is None:
            return
        asked = {item.n: item for item in narrowed.asked}
        lines = [line for cut in narrowed.cuts for line in self._cut(cut, asked[cut.n])]
        yield from self.section("not_given", lines)

    def _cut(self, cut: Cut, item: Item) -> Iterator[str]:
        target, zone = item.target, _zone(item.period.zone)
        named = self._target(str(target.kind), target.value, target.source, target.port)
        yield f"{self._say('item', n=cut.n)}: {named}"
        if cut.category is not None:
            parts = [self._say("without", names=self._list((cut.category,)))]
        elif cut.is_whole:
            parts = [self._say("without_all")]
        else:
            spans = (("without_before", cut.keep_from), ("without_from", cut.keep_until))
            said_at = [(key, at.astimezone(zone)) for key, at in spans if at]
            parts = [self._say(key, moment=at.isoformat(sep=" ")) for key, at in said_at]
        said = " ".join([*parts, cut.words[LANGUAGES.index(self._language)]])
        yield from (f"  {line}" for line in _wrap(said, WIDTH - 4))

    def _target(self, kind: str, value: str, source: str | None, port: int | None) -> str:
        target = f"{phrase(TARGETS, kind, self._language)} {_one_line(value)}"
        if source is not None:
            target = self._say("of_source", target=target, source=source)
        return target if port is None else self._say("with_port", target=target, port=port)

    def _lost(self, item: ItemAnswer) -> Iterator[str]:
        yield from self._destroyed(item.destroyed)
        if item.destroyed:
            yield self._say("lost")

    def _destroyed(self, losses: Sequence[Loss]) -> Iterator[str]:
        for one in losses:
            until = _moment(one.until)
            yield self._say("destroyed", source=one.source, rule=one.rule, until=until)

    def coverage(self, one: SourceCoverage) -> Iterator[str]:
        start, end = (self._perhaps(at) for at in (one.covers_from, one.covers_to))
        yield f"{one.source} ({one.kind}): {self._say('covers', start=start, end=end)}"
        yield "  " + self._say(
            "counts",
            read=one.rows_read,
            delivered=one.rows_delivered,
            withheld=sum(one.withheld.values()),
        )
        if one.not_held:
            lacking = self._say("not_held_there", names=self._list(one.not_held), source=one.source)
            yield from (f"  {line}" for line in wrap(lacking, WIDTH - 4))
        if one.not_searched:
            items = ", ".join(map(str, one.not_searched))
            left = self._say("not_searched_there", items=items)
            yield from (f"  {line}" for line in wrap(left, WIDTH - 4))
        for part in one.held:
            rows = ", ".join(map(str, part.rows))
            yield "  " + self._say("held_there", n=part.n, rows=rows)
        if one.kept_from is not None:
            term = "term_ended" if one.kind in OVERLAPPING else "term"
            yield "  " + self._say(term, rule=one.rule, moment=_moment(one.kept_from))
        for rule, count in sorted(one.withheld.items()):
            yield "  " + self._say("withheld", rule=rule, count=count)
        yield from self._clock(one.clock)
        yield from self._doubts(one.doubts)
        yield from self._gaps(one.gaps)

    def _clock(self, clock: SourceClock) -> Iterator[str]:
        found = (("clock", clock.latest), ("clock_most", clock.largest))
        said = [
            self._say(key, ms=one.ms, to_ms=one.to_ms, moment=_moment(one.at))
            for key, one in found
            if one is not None
        ]
        said.append(self._say("clock_how" if said else "clock_unknown"))
        yield from (f"  {line}" for line in said)

    def holding(self, holding: Sequence[HolderSource]) -> Iterator[str]:
        if holding:
            lines = [line for one in holding for line in self._told_by(one)]
            yield from self.section("holding", lines)

    def _told_by(self, one: HolderSource) -> Iterator[str]:
        start, end = (self._perhaps(at) for at in (one.covers_from, one.covers_to))
        items = self._say("holders_of", items=", ".join(map(str, one.items)))
        yield f"{one.source} {items}: {self._say('covers', start=start, end=end)}"
        lost = " ".join([*self._destroyed(one.destroyed), self._say("holders_lost")])
        if one.destroyed:
            yield from (f"  {line}" for line in wrap(lost, WIDTH - 4))
        yield from self._doubts(one.doubts)
        yield from self._gaps(one.gaps)

    def _doubts(self, doubts: Mapping[str, int]) -> Iterator[str]:
        for reason, count in sorted(doubts.items()):
            doubt = phrase(DOUBTS, reason, self._language, count=count)
            yield from (f"  {line}" for line in wrap(doubt, WIDTH - 4))

    def _gaps(self, gaps: Iterable[UnreadGap]) -> Iterator[str]:
        for one in gaps:
            start, end = _moment(one.read_until), _moment(one.found_at)
            yield f"  {self._say('gap', start=start, end=end)}"

    def past_term(self, late: PastTerm | None) -> Iterator[str]:
        if late is not None:
            words = _one_line(late.says[LANGUAGES.index(self._language)])
            ground = f"{words} ({late.ground})"
            yield from wrap(self._say("past_term", rows=late.rows, ground=ground), WIDTH)
            yield ""

    def files(self, files: Sequence[tuple[str, int]]) -> Iterator[str]:
        for stem, rows in files:
            yield f"{stem}.jsonl, {stem}.csv: {self._say('rows', rows=rows)}"

    def receivers(self, contents: PackageContents) -> Iterator[str]:
        for receiver in contents.receivers:
            yield _one_line(receiver.name)
            yield f"  SHA-256 {certificate_fingerprint(receiver.certificate)}"

    def _list(self, categories: tuple[str, ...]) -> str:
        return ", ".join(phrase(CATEGORIES, one, self._language) for one in categories)

    def _perhaps(self, moment: datetime | None) -> str:
        return self._say("unknown") if moment is None else _moment(moment)

    def _say(self, key: str, **values: object) -> str:
        return phrase(LETTER, key, self._language, **values)


def _zone(name: str) -> tzinfo:
    """Return a zone; who verifies where it is not known compares the instants."""
    return ZoneInfo(name) if name in ZONES else UTC


def _wrap(text: str, width: int) -> list[str]:
    """Return lines of which none ends within an instant, so that ``in_utc`` finds each."""
    whole = _LOCAL.sub(lambda found: found[0].replace(" ", "\0"), text)
    return [line.replace("\0", " ") for line in wrap(whole, width)]


def _moment(moment: datetime) -> str:
    """Write an instant as the clocks of the house show it, in the form of the periods."""
    return moment.astimezone(HOME_ZONE).replace(microsecond=0).isoformat(sep=" ")


def _one_line(text: str) -> str:
    """Keep free text from looking like lines of ours."""
    return " ".join(text.split())
