"""What the commands of a plan print of it, and of what was counted, in Dutch or English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from lea_service.demands.narrowing import Cut
from lea_service.demands.phrases import CATEGORIES
from lea_service.extraction.phrases import INSTALMENTS, RECORD_KINDS, say_holders
from lea_service.extraction.rules import OURS, Rules
from lea_service.kernel.phrases import LANGUAGES, Phrases
from lea_service.web.output import exact_time
from lea_service.web.spoken import Spoken

SAYINGS: Phrases = {
    "asked": (
        "Er wordt minder verstrekt dan is gevraagd. Gevraagd:",
        "Less is given than was asked. Asked:",
    ),
    "instalments": ("In delen:", "In instalments:"),
    "at_once": (
        "Deze vordering wordt in een keer beantwoord.",
        "This demand is answered at once.",
    ),
    "items": ("Onderdelen:", "Items:"),
    "asks": ("Wat elke bron wordt gevraagd:", "What each source is asked:"),
    "sources": ("Bronnen:", "Sources:"),
    "receivers": ("Ontvangers:", "Receivers:"),
    "by_item": ("Per onderdeel:", "By item:"),
    "by_source": ("Per bron:", "By source:"),
    "held": ("Wie een onderdeel wanneer had:", "Who held an item when:"),
    "holding": ("Wat bronnen zeggen van wie wat had:", "What sources tell of who held what:"),
    "not_given": ("Niet verstrekt:", "Not given:"),
    "before": ("voor {at}", "before {at}"),
    "from": ("vanaf {at}", "from {at}"),
    "whole": ("het hele onderdeel", "the whole item"),
    "other_rules": (
        "{rules}; niemand ondertekent dit: dit programma heeft {ours}",
        "{rules}; nobody signs it: this program has {ours}",
    ),
    "of_source": (" van {one}", " of {one}"),
    "port": (" poort {one}", " port {one}"),
    "at": (" op {one}", " at {one}"),
}
CODES: Mapping[str, Phrases] = {
    **dict.fromkeys(("categories", "not held", "not given"), CATEGORIES),
    "kind": RECORD_KINDS,
    "standing": INSTALMENTS,
}
ITEMS = ("n", "target", "from", "until just before", "categories", "not held")
ASKS = ("n", "source", "from", "until just before", "compared with", "columns")
PARTS = ("number", "from", "until just before", "due")
GIVEN = (*PARTS, "standing", "rows")
ASKED = ("n", "asked about", "from", "until just before", "categories")
CUTS = ("n", "not given", "ground", "agreed in", "why")
SOURCES = ("name", "kind", "categories", "rule", "cutoff")
RECEIVERS = ("id", "certificate")
HELD = ("n", "from", "until just before", "held by")
HOLDING = ("source", "holders of", "not_compared", "destroyed")
COUNTED = ("source", "kind", "rows", "past_term", "not_compared")


class PlanPrinter:
    """Prints plans and counts in ``language`` (``nl`` or ``en``)."""

    def __init__(self, language: str) -> None:
        self._speak = Spoken(language, SAYINGS, CODES)

    def plan(self, found: dict[str, Any]) -> str:
        """Return a plan: what it is, its items, what each source is asked, and for whom."""
        document, table = found["document"], self._speak.table
        head = {
            "plan": found["id"],
            "number": found["number"],
            "current": found["is_current"],
            "digest": found["digest"],
            "past term": (document["past_term"] or {}).get("ground"),
            "compiled under": self._rules(document["rules"]),
        }
        items = [self._item(item) for item in document["items"]]
        asks = [self._ask(item["n"], ask) for item in document["items"] for ask in item["asks"]]
        return "\n\n".join(
            [
                self._speak.facts(head),
                self._titled("items", table(items, ITEMS, is_whole=True)),
                *self._narrowed(document.get("narrowed")),
                *self._divided(document.get("instalments")),
                self._titled("asks", table(asks, ASKS, is_whole=True)),
                self._titled("sources", table(document["sources"], SOURCES, is_whole=True)),
                self._titled("receivers", table(document["receivers"], RECEIVERS, is_whole=True)),
            ]
        )

    def instalments(self, found: list[dict[str, Any]]) -> str:
        """Return the instalments of a demand, or that it has none."""
        if not found:
            return self._speak.say("at_once")
        return self._speak.table([self._part(one) for one in found], GIVEN, is_whole=True)

    def _divided(self, divided: dict[str, Any] | None) -> list[str]:
        if divided is None:
            return []
        bounds = {name: divided[name] for name in ("rows_each", "rows_together")}
        parts = [self._part(one) for one in divided["parts"]]
        table = self._speak.table(parts, PARTS, is_whole=True)
        return [self._titled("instalments", f"{self._speak.facts(bounds)}\n{table}")]

    def _part(self, one: dict[str, Any]) -> dict[str, Any]:
        span = {"from": exact_time(one["start"]), "until just before": exact_time(one["end"])}
        return one | span | {"due": exact_time(one["due"])}

    def preview(self, counted: dict[str, Any]) -> str:
        """Return what a plan comes to: in all, by item, by source."""
        counts = counted["counts"]
        head = {
            "rows": counted["rows"],
            "days": counts["days"],
            "other parties": counts["other_parties"],
            "past their term, still held": counted["past_term"],
        }
        sources = [one | {"not_compared": sum(one["doubts"].values())} for one in counts["sources"]]
        return "\n\n".join(
            [
                self._speak.facts(head),
                self._titled("by_item", self._speak.table(counts["items"], ("n", "rows"))),
                *self._hands(counts["holders"]),
                *self._holding(counts["holding"]),
                self._titled("by_source", self._speak.table(sources, COUNTED)),
            ]
        )

    def _titled(self, title: str, table: str) -> str:
        return f"{self._speak.say(title)}\n{table}"

    def _hands(self, holders: list[dict[str, Any]]) -> list[str]:
        """Return how items changed hands in their periods, without names; nothing of one hand."""
        rows = [
            {
                "n": one["n"],
                "from": exact_time(span["start"]),
                "until just before": exact_time(span["end"]),
                "held by": say_holders(span["holders"], self._speak.language),
            }
            for one in holders
            for span in one["spans"]
        ]
        return [self._titled("held", self._speak.table(rows, HELD))] if rows else []

    def _holding(self, holding: list[dict[str, Any]]) -> list[str]:
        """Return how far sources could tell who held what; nothing where none was asked."""
        rows = [
            {
                "source": one["source"],
                "holders of": one["holders_of"],
                "not_compared": sum(one["doubts"].values()),
                "destroyed": [f"{loss['rule']} {loss['until']}" for loss in one["destroyed"]],
            }
            for one in holding
        ]
        return [self._titled("holding", self._speak.table(rows, HOLDING))] if rows else []

    def _item(self, item: dict[str, Any]) -> dict[str, Any]:
        return {
            "n": item["n"],
            "target": self._target(item["target"]),
            **_period(item["period"]),
            "categories": item["categories"],
            "not held": item["not_held"],
        }

    def _ask(self, n: int, ask: dict[str, Any]) -> dict[str, Any]:
        return {
            "n": n,
            "source": ask["source"],
            "from": exact_time(str(ask["start"])),
            "until just before": exact_time(str(ask["end"])),
            "compared with": [value for match in ask["matches"] for value in match["values"]],
            "columns": len(ask["columns"]),
        }

    def _narrowed(self, narrowed: dict[str, Any] | None) -> list[str]:
        """Return what was asked and what of it is not given; nothing where all of it is."""
        if narrowed is None:
            return []
        asked = [
            {
                "n": item["n"],
                "asked about": self._target(item["target"]),
                **_period(item["period"]),
                "categories": item["categories"],
            }
            for item in narrowed["asked"]
        ]
        cuts = [
            {
                "n": cut["n"],
                "not given": self._what(cut),
                "ground": cut["ground"],
                "agreed in": cut["agreement"],
                "why": Cut.load(cut).words[LANGUAGES.index(self._speak.language)],
            }
            for cut in narrowed["cuts"]
        ]
        return [
            self._titled("asked", self._speak.table(asked, ASKED, is_whole=True)),
            self._titled("not_given", self._speak.table(cuts, CUTS, is_whole=True)),
        ]

    def _what(self, cut: dict[str, Any]) -> str:
        if cut["category"] is not None:
            return str(cut["category"])
        spans = [("before", cut["keep_from"]), ("from", cut["keep_until"])]
        said = [self._speak.say(word, at=exact_time(at)) for word, at in spans if at]
        return ", ".join(said) or self._speak.say("whole")

    def _rules(self, stated: dict[str, Any]) -> str:
        rules = Rules(**stated)
        if rules == OURS:
            return str(rules)
        return self._speak.say("other_rules", rules=rules, ours=OURS)

    def _target(self, target: dict[str, Any]) -> str:
        more = [("of_source", target["source"]), ("port", target["port"]), ("at", target["at"])]
        return str(target["value"]) + "".join(
            self._speak.say(word, one=exact_time(str(one))) for word, one in more if one is not None
        )


def _period(period: dict[str, Any]) -> dict[str, str]:
    """Return from when and until when, by the clock of the zone that the period was stated in."""
    zone = ZoneInfo(period["zone"])
    ends = (("from", "start"), ("until just before", "end"))
    return {name: exact_time(period[key], zone) for name, key in ends}
