"""Commands about plans, for the people who make them and follow what becomes of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import click

from lea_service.demands.narrowing import Cut
from lea_service.demands.waiting import tell_wait
from lea_service.extraction.models import PLAN_KIND
from lea_service.extraction.rules import OURS, Rules
from lea_service.extraction.shown import check_shown, demand_route
from lea_service.kernel.phrases import ENGLISH
from lea_service.staff.approvals_cli import who_decides
from lea_service.staff.signing import key_option, load_signing_key, propose
from lea_service.web.client import Client
from lea_service.web.input import UNASKED, confirm, id_of, language_option
from lea_service.web.output import facts, json_option, progress, says_in, show, table, wall_time

WATCH_SECONDS = 1.0
AT_WORK = frozenset({"approved", "extracting", "sealing"})
GONE_ON = AT_WORK | {"ready", "delivered"}
"""States in which the job before came to its end."""
LABELS = {"extraction.run": "extracting", "package.seal": "sealing"}
demand_argument = click.argument("demand", type=id_of("c"))


@click.group()
def plan() -> None:
    """Turn a demand into an exact plan, count what it comes to, propose it, follow the work.

    A plan is compiled, previewed (counts only), proposed with your signature, and decided by
    another person with `lea approvals decide`. The worker then does exactly what was decided.
    """


@plan.command("compile")
@demand_argument
@click.option(
    "--past-term",
    "ground",
    help="Ground (a code of your policy) on which records past their term are handed over.",
)
@json_option
def compile_(demand: str, ground: str | None, as_json: bool) -> None:
    """Compile DEMAND into a plan. It replaces the plan before it; no records are touched."""
    body = {"past_term": None if ground is None else {"ground": ground}}
    with Client.from_environment() as client:
        made = client.post(f"{demand_route(demand)}/plan", body)
        check_shown(made, demand)
    show(as_json, made, lambda: _describe(made))


@plan.command("show")
@demand_argument
@json_option
def show_(demand: str, as_json: bool) -> None:
    """Show the plan of DEMAND that counts. That you looked is entered in the custody log."""
    with Client.from_environment() as client:
        found = client.get(f"{demand_route(demand)}/plan")
        check_shown(found, demand)
    show(as_json, found, lambda: _describe(found))


@plan.command()
@demand_argument
@click.option("--last", is_flag=True, help="Show what was counted last; nothing is counted again.")
@json_option
def preview(demand: str, last: bool, as_json: bool) -> None:
    """Count what the plan would hand over: rows, days, other parties. No record is shown."""
    route = f"{demand_route(demand)}/preview"
    with Client.from_environment() as client:
        counted = client.get(route) if last else client.post(route)
    show(as_json, counted, lambda: _describe_preview(counted))


@plan.command("propose")
@demand_argument
@click.option("--yes", is_flag=True, help="Do not show the plan and ask first.")
@key_option
@json_option
def propose_(demand: str, yes: bool, key_path: Any, as_json: bool) -> None:
    """Propose the plan of DEMAND, signed with your key; another person decides on it.

    What you sign is compared with the plan and the preview that you are shown.
    """
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        found = client.get(f"{demand_route(demand)}/plan")
        check_shown(found, demand)
        counted = client.get(f"{demand_route(demand)}/preview")
        if not yes:
            click.echo(f"{_describe(found)}\n\n{_describe_preview(counted)}", err=True)
            confirm("Sign this?", UNASKED)
        request = {"plan": found["id"], "preview": counted["id"]}
        shown = {"payload": found["document"], "salt": found["salt"]}
        made = propose(client, key, PLAN_KIND, request, shown=shown)
    show(as_json, made, lambda: f"proposed: {made['id']}; {who_decides(made)}")


@plan.command("progress")
@demand_argument
@click.option("--watch", is_flag=True, help="Stay until the work is done or halts.")
@language_option
@json_option
def progress_(demand: str, watch: bool, language: str, as_json: bool) -> None:
    """Show how far the work on DEMAND is."""
    with Client.from_environment() as client:
        found = _watch(client, demand) if watch else client.get(f"{demand_route(demand)}/progress")
    show(as_json, found, lambda: _describe_progress(found, language))


@plan.command()
@demand_argument
@json_option
def resume(demand: str, as_json: bool) -> None:
    """Have the work on DEMAND go on after a halt whose cause is gone."""
    with Client.from_environment() as client:
        found = client.post(f"{demand_route(demand)}/resumption")
    show(as_json, found, lambda: _describe_progress(found))


def _watch(client: Client, demand: str) -> dict[str, Any]:
    """Follow the work until it ends or halts: a bar for each job that counts rows."""
    found = _look(client, demand)
    while found["state"] in AT_WORK:
        kind = _kind(found)
        with progress(f"{LABELS.get(kind, kind)}, rows") as move:
            found = _follow(client, demand, found, move)
    return found


def _follow(
    client: Client, demand: str, found: dict[str, Any], move: Callable[[int, int], None]
) -> dict[str, Any]:
    """Follow one job; returns what was found when another took over, or none."""
    kind, total = _kind(found), None
    while found["state"] in AT_WORK and _kind(found) == kind:
        job = found["job"] or {}
        total = job.get("total")
        if total is not None:
            move(job["done"], total)
        time.sleep(WATCH_SECONDS)
        found = _look(client, demand)
    if total is not None and found["state"] in GONE_ON:
        move(total, total)
    return found


def _look(client: Client, demand: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{demand_route(demand)}/progress")
    return found


def _kind(found: dict[str, Any]) -> str:
    return str((found["job"] or {}).get("kind"))


def _describe(found: dict[str, Any]) -> str:
    document = found["document"]
    head = {
        "plan": found["id"],
        "number": found["number"],
        "current": found["is_current"],
        "digest": found["digest"],
        "past term": (document["past_term"] or {}).get("ground"),
        "compiled under": _rules(document["rules"]),
    }
    items = [
        {
            "n": item["n"],
            "target": _target(item["target"]),
            **_period(item["period"]),
            "categories": item["categories"],
            "not held": item["not_held"],
            "not searched": item["not_searched"],
        }
        for item in document["items"]
    ]
    asks = [
        {
            "n": item["n"],
            "source": ask["source"],
            "from": ask["start"],
            "until just before": ask["end"],
            "compared with": [value for match in ask["matches"] for value in match["values"]],
            "columns": len(ask["columns"]),
        }
        for item in document["items"]
        for ask in item["asks"]
    ]
    sources = table(
        document["sources"], ("name", "kind", "categories", "rule", "cutoff"), is_whole=True
    )
    receivers = table(document["receivers"], ("id", "certificate"), is_whole=True)
    named = ("n", "target", "from", "until just before", "categories", "not held")
    rows = table(items, named, is_whole=True)
    searched = ("n", "source", "from", "until just before", "compared with", "columns")
    asked = table(asks, searched, is_whole=True)
    less = _describe_narrowed(document.get("narrowed"))
    return "\n\n".join([facts(head), rows, *less, asked, sources, receivers])


def _describe_narrowed(narrowed: dict[str, Any] | None) -> list[str]:
    """Return what was asked and what of it is not given; nothing where all of it is."""
    if narrowed is None:
        return []
    asked = [
        {
            "n": item["n"],
            "asked about": _target(item["target"]),
            **_period(item["period"]),
            "categories": item["categories"],
        }
        for item in narrowed["asked"]
    ]
    cuts = [
        {
            "n": cut["n"],
            "not given": _what(cut),
            "ground": cut["ground"],
            "agreed in": cut["agreement"],
            "why": Cut.load(cut).words[1],
        }
        for cut in narrowed["cuts"]
    ]
    return [
        "Less is given than was asked. Asked:",
        table(
            asked, ("n", "asked about", "from", "until just before", "categories"), is_whole=True
        ),
        "Not given:",
        table(cuts, ("n", "not given", "ground", "agreed in", "why"), is_whole=True),
    ]


def _period(period: dict[str, Any]) -> dict[str, str]:
    """Return from when and until when, by the clock of the zone that the period was stated in."""
    zone = ZoneInfo(period["zone"])
    ends = (("from", "start"), ("until just before", "end"))
    return {name: wall_time(period[key], zone) for name, key in ends}


def _what(cut: dict[str, Any]) -> str:
    if cut["category"] is not None:
        return str(cut["category"])
    spans = [("before", cut["keep_from"]), ("from", cut["keep_until"])]
    return ", ".join(f"{word} {wall_time(at)}" for word, at in spans if at) or "the whole item"


def _rules(stated: dict[str, Any]) -> str:
    rules = Rules(**stated)
    return str(rules) if rules == OURS else f"{rules}; nobody signs it: this program has {OURS}"


def _target(target: dict[str, Any]) -> str:
    more = [(" of ", target["source"]), (" port ", target["port"]), (" at ", target["at"])]
    return str(target["value"]) + "".join(
        f"{word}{wall_time(str(one))}" for word, one in more if one is not None
    )


def _describe_preview(counted: dict[str, Any]) -> str:
    counts = counted["counts"]
    head = {
        "rows": counted["rows"],
        "days": counts["days"],
        "other parties": counts["other_parties"],
        "past their term, still held": counted["past_term"],
    }
    sources = table(
        [one | {"not_compared": sum(one["doubts"].values())} for one in counts["sources"]],
        ("source", "kind", "rows", "past_term", "not_compared"),
    )
    return "\n\n".join([facts(head), table(counts["items"], ("n", "rows")), sources])


def _describe_progress(found: dict[str, Any], language: str = ENGLISH) -> str:
    job = found["job"] or {}
    waits = tell_wait(found["wait"], language)
    return facts(
        {
            "state": found["state"],
            **waits,
            "job": job.get("state"),
            "rows done": job.get("done"),
            "of": job.get("total"),
            "rows a second": job.get("rate"),
            "halted because": found["halt"],
            "which means": found[says_in(language)],
            "needs a new decision": found["needs_decision"],
            "rows in the result": found["rows"],
        }
    )
