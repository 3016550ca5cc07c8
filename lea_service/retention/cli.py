"""Commands about retention: the register, its rules, and purges."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from lea_service.records.kinds import KINDS
from lea_service.retention.rules import Action
from lea_service.retention.schemas import CODE
from lea_service.staff.signing import key_option, load_signing_key, propose
from lea_service.web.client import Client
from lea_service.web.input import Form, id_of, language_option
from lea_service.web.output import facts, json_option, show, table

ROUTE = "/api/v1/retention"
PURGE_COLUMNS = (
    "id", "rule", "kind", "cutoff", "late", "rows done", "of", "rows a second", "done_at",
    "copies_until",
)  # fmt: skip
DUE_COLUMNS = (
    "name", "kind", "term", "cutoff", "rows", "late", "rejects", "kept", "soon", "begins_at",
)  # fmt: skip
STATISTIC_COLUMNS = ("source", "kind", "day", "group", "rows", "sums")
GROUND_COLUMNS = ("code", "is_allowed", "says_en", "article", "set_at")
RULE_COLUMNS = ("code", "kind", "for", "term", "action", "article", "in force")


@click.group()
def retention() -> None:
    """Say how long records are kept, on what ground, and destroy what is past its term.

    A rule or a ground takes two people: one proposes it here, another decides with
    `lea approvals decide`.
    """


@retention.command()
@json_option
def rules(as_json: bool) -> None:
    """List every rule that is or was in force."""
    with Client.from_environment() as client:
        found = list(client.pages(f"{ROUTE}/rules"))
    show(as_json, found, lambda: table([_row(one) for one in found], RULE_COLUMNS))


@retention.command()
@click.argument("code", type=Form(CODE, "the code of a rule, as CALL-6M"))
@json_option
def rule(code: str, as_json: bool) -> None:
    """Show the rule CODE with its purpose and ground, in force or not; letters cite it."""
    with Client.from_environment() as client:
        found = client.get(f"{ROUTE}/rules/{code}")
    show(as_json, found, lambda: facts(found))


@retention.command("propose")
@click.option("--code", required=True, help="Name of the rule, as CALL-6M; letters cite it.")
@click.option("--kind", required=True, type=click.Choice(sorted(KINDS)), help="Which records.")
@click.option(
    "--source",
    type=id_of("so"),
    help="Only this source (its id); without it: every source of the kind.",
)
@click.option("--purpose", required=True, help="What the records are kept for.")
@click.option("--legal-ground", required=True, help="Why they may be kept for this long.")
@click.option("--article", required=True, help="Article of law, or the word policy.")
@click.option("--months", type=click.IntRange(1, 240), help="The term in calendar months.")
@click.option("--days", type=click.IntRange(1, 7300), help="The term in days.")
@click.option(
    "--action",
    type=click.Choice([str(one) for one in Action]),
    default=str(Action.DESTROY),
    show_default=True,
    help="What becomes of a record when its term ends.",
)
@key_option
@json_option
def propose_(
    months: int | None, days: int | None, key_path: Path, as_json: bool, **given: Any
) -> None:
    """Propose a rule, signed with your key; it replaces the present rule of the same records."""
    if (months is None) == (days is None):
        raise click.UsageError("give the term by either --months or --days")
    unit = "days" if months is None else "months"
    request: dict[str, Any] = {**given, "term": months or days, "unit": unit}
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        approval = propose(client, key, "retention.rule", request)
    show(as_json, approval, f"proposed as {approval['id']}; a second person decides on it")


@retention.command()
@json_option
def grounds(as_json: bool) -> None:
    """List each ground on which records past their term may be handed over."""
    with Client.from_environment() as client:
        found = list(client.pages(f"{ROUTE}/grounds"))
    show(as_json, found, lambda: table(found, GROUND_COLUMNS) if found else "No grounds.")


@retention.command()
@click.option("--code", required=True, help="Name of the ground, as kept_for_dispute.")
@click.option("--says-nl", required=True, help="What Dutch letters say of it.")
@click.option("--says-en", required=True, help="What English letters say of it.")
@click.option("--article", required=True, help="Article of law, or the word policy.")
@click.option("--end", is_flag=True, help="Allow it no longer.")
@key_option
@json_option
def allow(end: bool, key_path: Path, as_json: bool, **given: Any) -> None:
    """Propose a ground on which records past their term may be handed over, or its end.

    Each hand-over on such a ground still takes two people, and is an incident.
    """
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        approval = propose(client, key, "retention.ground", {**given, "is_allowed": not end})
    show(as_json, approval, f"proposed as {approval['id']}; a second person decides on it")


@retention.command()
@click.option("--kind", type=click.Choice(sorted(KINDS)), help="Try a term on these records.")
@click.option("--source", type=id_of("so"), help="Count this source only (its id).")
@click.option("--months", type=click.IntRange(1, 240), help="The term to try, in calendar months.")
@click.option("--days", type=click.IntRange(1, 7300), help="The term to try, in days.")
@json_option
def due(
    kind: str | None, source: str | None, months: int | None, days: int | None, as_json: bool
) -> None:
    """Count what the next purge would take; with --kind and a term, before a rule is proposed."""
    if (kind is None) != (months is None and days is None) or (months and days):
        raise click.UsageError("give --kind with either --months or --days, or none of them")
    unit = "days" if months is None else "months"
    with Client.from_environment() as client:
        found = client.get(f"{ROUTE}/due", kind=kind, source=source, term=months or days, unit=unit)
    rows = [{**one, "term": f"{one['term']} {one['unit']}"} for one in found["items"]]
    show(as_json, found, lambda: table(rows, DUE_COLUMNS) if rows else "No source has a rule.")


@retention.command()
@json_option
def purge(as_json: bool) -> None:
    """Have the worker destroy or anonymise what is past its term now."""
    with Client.from_environment() as client:
        queued = client.post(f"{ROUTE}/purges")
    show(as_json, queued, f"queued as {queued['job']}; see `lea retention purges`")


@retention.command()
@json_option
def purges(as_json: bool) -> None:
    """List purges, the newest first: what was due, what was late, how far each is."""
    with Client.from_environment() as client:
        found = list(client.pages(f"{ROUTE}/purges"))
    rows = [_purge_row(one) for one in found]
    show(as_json, found, lambda: table(rows, PURGE_COLUMNS) if rows else "No purges.")


@retention.command()
@click.argument("purge", type=id_of("pu"))
@language_option
@json_option
def certificate(purge: str, language: str, as_json: bool) -> None:
    """Certify what PURGE destroyed, by which rule, and until when backups may still hold it.

    With --json its entry of the custody log and the proof of it (C2SP tlog-proof) come along.
    """
    with Client.from_environment() as client:
        found = client.get(f"{ROUTE}/purges/{purge}/certificate", language=language)
    show(as_json, found, lambda: str(found["text"]).rstrip())


@retention.command()
@json_option
def statistics(as_json: bool) -> None:
    """List what is left of rows that were made anonymous: sums of a day, of many parties."""
    with Client.from_environment() as client:
        found = list(client.pages(f"{ROUTE}/statistics"))
    rows = [_statistic_row(one) for one in found]
    show(as_json, found, lambda: table(rows, STATISTIC_COLUMNS) if rows else "No statistics.")


@retention.command()
@json_option
def register(as_json: bool) -> None:
    """Print the register of processing systems: what each keeps, why and for how long."""
    with Client.from_environment() as client:
        found = list(client.pages(f"{ROUTE}/register"))
    show(as_json, found, lambda: "\n\n".join(map(_describe, found)) or "No sources.")


def _purge_row(purge: Mapping[str, Any]) -> dict[str, Any]:
    shown = {"rows done": purge["done"], "of": purge["found"], "rows a second": purge["rate"]}
    return {**purge, **shown}


def _statistic_row(one: Mapping[str, Any]) -> dict[str, Any]:
    parts = {name: _pairs(one[name]) for name in ("group", "sums")}
    return {**one, **parts}


def _pairs(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in found.items()) or "all"


def _row(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **rule,
        "for": rule["source"] or "all sources",
        "term": f"{rule['term']} {rule['unit']}",
        "in force": rule["is_current"],
    }


def _describe(system: Mapping[str, Any]) -> str:
    rule = system["rule"]
    lines = {"system": system["name"], "id": system["source"], "records": system["kind"]}
    if rule is None:
        return facts({**lines, "rule": "NONE: nothing is purged; propose one"})
    return facts(
        {
            **lines,
            "rule": rule["code"],
            "purpose": rule["purpose"],
            "kept for": f"{rule['term']} {rule['unit']}, then {rule['action']}",
            "ground": f"{rule['legal_ground']} ({rule['article']})",
            "set at": rule["set_at"],
            "last purge": system["last_purge"],
        }
    )
