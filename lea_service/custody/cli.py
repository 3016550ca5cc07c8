"""Commands about the custody log: what it holds, and whether it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import click

from lea_service.custody.bundle import load_bundle_files
from lea_service.custody.fsck import check_database
from lea_service.custody.policy import Policy, parse_policy
from lea_service.custody.service import CustodyService
from lea_service.custody.signer import CheckpointSigner
from lea_service.custody.verify import DAMAGED, GOOD, UNKNOWN, Report, describe, verify_bundle
from lea_service.kernel.canonical import Json
from lea_service.kernel.datakeys import DataKeys
from lea_service.kernel.errors import InvalidInput, TooLarge, VerificationFailed
from lea_service.kernel.printable import counted, listing, printable
from lea_service.kernel.transactions import Transactions
from lea_service.web.client import Client
from lea_service.web.input import id_of
from lea_service.web.output import OutFile, json_option, progress, show, show_lines, table

COLUMNS = ("n", "index", "t", "event", "by")
VERDICTS = {GOOD: "good", DAMAGED: "damaged", UNKNOWN: "cannot tell"}
out_option = click.option("--out", type=OutFile(), help="Write to this file.")


class Parts(Protocol):
    """What checking the live database needs of the wired service."""

    transactions: Transactions
    keys: DataKeys
    custody: CustodyService
    signer: CheckpointSigner

    def check_tables(self) -> list[str]:
        """Return what stands in the tables though no entry or signature says so."""


@click.group()
def custody() -> None:
    """Read the custody log and verify it.

    The log is a Merkle tree whose heads are signed: nothing in it can be changed, left out or put
    in later without that being found. `verify` needs no service and no network.
    """


@custody.command()
@click.argument("demand", type=id_of("c"))
@json_option
def entries(demand: str, as_json: bool) -> None:
    """List what the log holds of DEMAND. That you looked is entered as well."""
    with Client.from_environment() as client:
        found = list(client.pages(f"/api/v1/demands/{demand}/custody"))
    show(as_json, found, lambda: table(found, COLUMNS))


@custody.command()
@out_option
@json_option
def checkpoint(out: Path | None, as_json: bool) -> None:
    """Print the newest signed head of the log."""
    _fetch("/api/v1/custody/checkpoint", out, "checkpoint", as_json)


@custody.command()
@click.argument("index", type=click.IntRange(0))
@out_option
@json_option
def proof(index: int, out: Path | None, as_json: bool) -> None:
    """Print the proof (.tlog-proof) that the log holds the entry INDEX."""
    _fetch(f"/api/v1/custody/entries/{index}/proof", out, "proof", as_json)


@custody.command()
@click.argument("old", type=click.IntRange(1))
@click.argument("new", type=click.IntRange(1))
@json_option
def consistency(old: int, new: int, as_json: bool) -> None:
    """Print the proof that the log of OLD entries begins the log of NEW entries (RFC 6962)."""
    with Client.from_environment() as client:
        found = client.get("/api/v1/custody/consistency", old=old, new=new)
    show(as_json, found, lambda: "\n".join(found["proof"]) or "the two are one log, of one size")


@custody.command()
@click.option(
    "--demand", type=id_of("c"), help="Only this demand, with the names that its entries disclose."
)
@click.option(
    "--out",
    type=OutFile(),
    required=True,
    help="Where to write the ZIP.",
)
@json_option
def bundle(demand: str | None, out: Path, as_json: bool) -> None:
    """Export the log as plain files in a ZIP, for an auditor to verify offline.

    It ends where the newest checkpoint does; the worker makes one every few seconds.
    """
    with Client.from_environment() as client, progress("Exporting, bytes") as move:
        size = client.post_for_file("/api/v1/custody/bundles", {"demand": demand}, out, move)
    show(as_json, {"file": str(out), "bytes": size}, f"{out}: {size} bytes")


@custody.command()
@click.argument("file", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--database", is_flag=True, help="Check the live database instead, on its server.")
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The keys of the log, from a way of your own: never out of the bundle itself.",
)
@json_option
@click.pass_context
def verify(
    context: click.Context,
    file: Path | None,
    database: bool,
    policy_file: Path | None,
    as_json: bool,
) -> None:
    """Verify the bundle FILE (a ZIP or a folder), or the live database with --database.

    Ends with 0 when all is good, 1 when something was changed, 2 when it cannot be told. Lines with
    "open" say what a good bundle of its kind does not show.
    """
    if database == (file is not None):
        raise click.UsageError("give either a bundle or --database")
    policy = None if policy_file is None else _load_policy(policy_file)
    if file is None:
        verdict, found, lines = _check_live(context.obj(), policy)
    elif policy is None:
        raise click.UsageError("a bundle is verified with --policy FILE")
    else:
        verdict, found, lines = _check_bundle(file, policy)
    show(as_json, {"verdict": VERDICTS[verdict], **found}, "\n".join(lines))
    context.exit(verdict)


def _load_policy(file: Path) -> Policy:
    try:
        return parse_policy(file.read_text("utf-8"))
    except UnicodeDecodeError as err:
        raise InvalidInput("--policy: expected a file of text") from err


def _check_bundle(file: Path, policy: Policy) -> tuple[int, dict[str, Json], list[str]]:
    try:
        files = load_bundle_files(file)
        with progress("Verifying, entries") as move:
            report = verify_bundle(files, policy, move)
    except (TooLarge, VerificationFailed) as err:
        report = Report(problems=[err.detail])
    lines = [printable(describe(report)), *listing(report.problems), *listing(_opened(report))]
    return report.verdict, _dump(report), lines


def _check_live(parts: Parts, policy: Policy | None) -> tuple[int, dict[str, Json], list[str]]:
    policy = policy or parts.custody.policy
    with parts.transactions.read() as session, progress("Verifying, entries") as move:
        found = check_database(session, parts.keys, policy, parts.signer, move)
    found.problems += parts.check_tables()
    verdict = DAMAGED if found.problems else GOOD if found.entries else UNKNOWN
    counts: dict[str, Json] = {"entries": found.entries, "evidence": found.evidence}
    held = f"{counted(found.entries, 'entry')}, {counted(found.evidence, 'evidence row')}"
    head = f"{VERDICTS[verdict]}: {held}"
    return verdict, counts | {"problems": [*found.problems]}, [head, *listing(found.problems)]


def _dump(report: Report) -> dict[str, Json]:
    head = report.head
    return {
        "entries": report.entries,
        "disclosed": report.disclosed,
        "withheld": report.withheld,
        "log": None if head is None else head.origin,
        "size": None if head is None else head.size,
        "problems": [printable(one) for one in report.problems],
        "doubts": [printable(one) for one in report.doubts],
        "open": [printable(one) for one in report.open],
    }


def _opened(report: Report) -> list[str]:
    return [f"open: {one}" for one in report.open] if report.verdict == GOOD else []


def _fetch(path: str, out: Path | None, name: str, as_json: bool) -> None:
    with Client.from_environment() as client:
        data: Any = client.get_bytes(path)
    if out is not None:
        out.write_bytes(data)
    if as_json:
        show(as_json, {name: data.decode()} if out is None else {"file": str(out)}, "")
    elif out is None:
        show_lines(data)
