"""Commands about plans, for the people who make them and follow what becomes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from lea_service.demands.demand import Channel
from lea_service.demands.waiting import tell_wait
from lea_service.extraction.instalments import Rhythm
from lea_service.extraction.models import PLAN_KIND, REOPENING_KIND
from lea_service.extraction.printed import PlanPrinter
from lea_service.extraction.reasons import REOPENING, STOPPING
from lea_service.extraction.shown import check_shown, demand_route
from lea_service.kernel.phrases import Phrases, phrase
from lea_service.staff.approvals_cli import SAYINGS as OF_APPROVALS
from lea_service.staff.approvals_cli import tell_proposed
from lea_service.staff.signing import key_option, load_signing_key, propose
from lea_service.web.client import Client
from lea_service.web.input import coded_option, confirm, id_of, language_option
from lea_service.web.output import json_option, progress, says_in, show
from lea_service.web.spoken import Spoken

SAYINGS: Phrases = {"sign": ("Dit ondertekenen?", "Sign this?")}
WATCH_SECONDS = 1.0
AT_WORK = frozenset({"approved", "extracting", "sealing"})
GONE_ON = AT_WORK | {"ready", "continuing", "delivered"}
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
@click.option(
    "--every",
    "rhythm",
    type=click.Choice([str(one) for one in Rhythm]),
    help="How often data still to come are handed over; every week unless you say otherwise.",
)
@click.option("--rows-each", type=click.IntRange(1), help="How many rows one instalment may hold.")
@click.option("--rows-together", type=click.IntRange(1), help="How many rows all may hold.")
@language_option
@json_option
def compile_(
    demand: str,
    ground: str | None,
    rhythm: str | None,
    rows_each: int | None,
    rows_together: int | None,
    language: str,
    as_json: bool,
) -> None:
    """Compile DEMAND into a plan. It replaces the plan before it; no records are touched.

    Data still to come, where the legal basis reaches them, are divided into instalments, each
    handed over by itself once it is past.
    """
    asked = {"rhythm": rhythm, "rows_each": rows_each, "rows_together": rows_together}
    wanted = {name: one for name, one in asked.items() if one is not None}
    body = {
        "past_term": None if ground is None else {"ground": ground},
        "instalments": wanted or None,
    }
    with Client.from_environment() as client:
        made = client.post(f"{demand_route(demand)}/plan", body)
        check_shown(made, demand)
    show(as_json, made, lambda: PlanPrinter(language).plan(made))


@plan.command("show")
@demand_argument
@language_option
@json_option
def show_(demand: str, language: str, as_json: bool) -> None:
    """Show the plan of DEMAND that counts. That you looked is entered in the custody log."""
    with Client.from_environment() as client:
        found = client.get(f"{demand_route(demand)}/plan")
        check_shown(found, demand)
    show(as_json, found, lambda: PlanPrinter(language).plan(found))


@plan.command()
@demand_argument
@click.option("--last", is_flag=True, help="Show what was counted last; nothing is counted again.")
@language_option
@json_option
def preview(demand: str, last: bool, language: str, as_json: bool) -> None:
    """Count what the plan would hand over: rows, days, other parties. No record is shown."""
    route = f"{demand_route(demand)}/preview"
    with Client.from_environment() as client:
        counted = client.get(route) if last else client.post(route)
    show(as_json, counted, lambda: PlanPrinter(language).preview(counted))


@plan.command("propose")
@demand_argument
@click.option(
    "--per-holder", is_flag=True, help="Answer per holder what changed hands in its period."
)
@click.option("--yes", is_flag=True, help="Do not show the plan and ask first.")
@key_option
@language_option
@json_option
def propose_(
    demand: str, per_holder: bool, yes: bool, key_path: Any, language: str, as_json: bool
) -> None:
    """Propose the plan of DEMAND, signed with your key; another person decides on it.

    What you sign is compared with the plan and the preview that you are shown.
    """
    key, printer = load_signing_key(key_path), PlanPrinter(language)
    with Client.from_environment() as client:
        found = client.get(f"{demand_route(demand)}/plan")
        check_shown(found, demand)
        counted = client.get(f"{demand_route(demand)}/preview")
        if not yes:
            click.echo(f"{printer.plan(found)}\n\n{printer.preview(counted)}", err=True)
            unasked = phrase(OF_APPROVALS, "unasked", language)
            confirm(phrase(SAYINGS, "sign", language), unasked)
        request = {"plan": found["id"], "preview": counted["id"], "per_holder": per_holder}
        shown = {"payload": found["document"], "salt": found["salt"]}
        made = propose(client, key, PLAN_KIND, request, shown=shown)
    show(as_json, made, lambda: tell_proposed(made, language))


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
@language_option
@json_option
def resume(demand: str, language: str, as_json: bool) -> None:
    """Have the work on DEMAND go on after a halt whose cause is gone."""
    with Client.from_environment() as client:
        found = client.post(f"{demand_route(demand)}/resumption")
    show(as_json, found, lambda: _describe_progress(found, language))


@plan.command()
@demand_argument
@coded_option("--reason", STOPPING)
@language_option
@json_option
def stop(demand: str, reason: str, language: str, as_json: bool) -> None:
    """Hold back what of DEMAND is ready to leave, at once.

    Two people decide how it goes on: by another plan, or by a review anew (`lea plan reopen`), in
    which the authority can be asked or told something.
    """
    with Client.from_environment() as client:
        found = client.post(f"{demand_route(demand)}/stop", {"reason": reason})
    show(as_json, found, lambda: _describe_progress(found, language))


@plan.command("instalments")
@demand_argument
@language_option
@json_option
def instalments_(demand: str, language: str, as_json: bool) -> None:
    """Show the instalments of DEMAND: which were given, are due, and are ahead."""
    with Client.from_environment() as client:
        found = client.get(f"{demand_route(demand)}/instalments")
    show(as_json, found, lambda: PlanPrinter(language).instalments(found["instalments"]))


@plan.command()
@demand_argument
@click.option("--until", required=True, help="From when on nothing is given any more (ISO 8601).")
@click.option("--by", required=True, help="Who of the authority told us.")
@click.option(
    "--channel",
    type=click.Choice([str(channel) for channel in Channel]),
    required=True,
    help="How they told us.",
)
@click.option("--note", help="What they said, in ten characters or more.")
@language_option
@json_option
def shorten(
    demand: str,
    until: str,
    by: str,
    channel: str,
    note: str | None,
    language: str,
    as_json: bool,
) -> None:
    """Let the order of DEMAND end earlier, because its authority says so.

    What would reach further stops at once and is made anew up to that instant. What was made
    available stays. A later end is a new order.
    """
    body = {"until": until, "by": by, "channel": channel}
    body |= {} if note is None else {"note": note}
    with Client.from_environment() as client:
        found = client.post(f"{demand_route(demand)}/shortening", body)
    show(as_json, found, lambda: PlanPrinter(language).instalments(found["instalments"]))


@plan.command()
@demand_argument
@coded_option("--ground", REOPENING)
@click.option("--reason", required=True, help="What came up; it is kept sealed.")
@key_option
@language_option
@json_option
def reopen(
    demand: str, ground: str, reason: str, key_path: Path, language: str, as_json: bool
) -> None:
    """Propose that DEMAND, whose work halted, is reviewed anew; an approver decides.

    Then no plan or decision of before counts any more: assess it, and make another plan. Its terms
    run on.
    """
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        wanted: dict[str, Any] = {"demand": demand, "ground": ground, "reason": reason}
        made = propose(client, key, REOPENING_KIND, wanted)
    show(as_json, made, lambda: tell_proposed(made, language))


def _watch(client: Client, demand: str) -> dict[str, Any]:
    """Follow the work until it ends or halts: a bar for each job that counts rows."""
    found = _look(client, demand)
    while is_at_work(found):
        kind = _kind(found)
        with progress(f"{LABELS.get(kind, kind)}, rows") as move:
            found = _follow(client, demand, found, move)
    return found


def _follow(
    client: Client, demand: str, found: dict[str, Any], move: Callable[[int, int], None]
) -> dict[str, Any]:
    """Follow one job; returns what was found when another took over, or none."""
    kind, total = _kind(found), None
    while is_at_work(found) and _kind(found) == kind:
        job = found["job"] or {}
        total = job.get("total")
        if total is not None:
            move(job["done"], total)
        time.sleep(WATCH_SECONDS)
        found = _look(client, demand)
    if total is not None and found["state"] in GONE_ON:
        move(total, total)
    return found


def is_at_work(found: Mapping[str, Any]) -> bool:
    """Say whether a worker is at a demand, or about to be: not while an instalment is awaited."""
    is_awaited = found["state"] == "approved" and found["job"] is None
    return found["state"] in AT_WORK and not is_awaited


def _look(client: Client, demand: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{demand_route(demand)}/progress")
    return found


def _kind(found: dict[str, Any]) -> str:
    return str((found["job"] or {}).get("kind"))


def _describe_progress(found: dict[str, Any], language: str) -> str:
    job = found["job"] or {}
    waits = tell_wait(found["wait"], language)
    return Spoken(language).facts(
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
