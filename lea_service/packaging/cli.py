"""Commands about packages: what was made, how to open one, whether an opened one is whole."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from lea_service.kernel.phrases import Phrases, phrase
from lea_service.packaging.cms import HEAD_BYTES, is_still_encrypted
from lea_service.packaging.commands import (
    LOG,
    opening_commands,
    verify_command,
    verifying_commands,
)
from lea_service.packaging.verify import load_trust, verify_package
from lea_service.packaging.verify_log import GivenLog
from lea_service.web.client import Client
from lea_service.web.input import id_of, language_option
from lea_service.web.output import json_option, progress, show
from lea_service.web.refusals import Refusals
from lea_service.web.spoken import Spoken

COLUMNS = ("id", "sealed_at", "size", "sha256", "is_current")
SAYINGS: Phrases = {
    "none": ("Geen pakketten.", "No packages."),
    "verifying": ("Controleren, bytes", "Verifying, bytes"),
    "expected": (
        "verwacht: het versleutelde bestand van een pakket, als pk_…{ending}",
        "expected the encrypted file of a package, as pk_…{ending}",
    ),
    "folder": (
        "In de map van het bestand, met uw certificaat, uw sleutel en het certificaat van de\n"
        "# aanbieder als receiver.cert.pem, receiver.key.pem en provider.cert.pem:",
        "In the folder of the file, with your certificate, your key and the provider's\n"
        "# certificate as receiver.cert.pem, receiver.key.pem and provider.cert.pem:",
    ),
    "each": ("Elk hiervan moet slagen:", "Each of these must succeed:"),
    "all": ("Of alles in een keer, ook elke registratie:", "Or all at once, each record too:"),
    "whole": (
        "En met het hele logboek, of er bij het besluit niets is weggelaten:",
        "And with the whole log, whether anything was left out of the decision:",
    ),
}
ENCRYPTED = ".p7m"
STILL_ENCRYPTED = (
    "expected the opened container (.asice); this is still encrypted: `lea package open FILE` "
    "prints the commands that open it with the receiver's key, and then what to verify"
)


@click.group()
def package() -> None:
    """Look at sealed packages, and verify one that was opened.

    `open` and `verify` need no service and no network; whoever receives a package can use them.
    """


@package.command("list")
@click.argument("demand", type=id_of("c"))
@language_option
@json_option
def list_(demand: str, language: str, as_json: bool) -> None:
    """List the packages of DEMAND. That you looked is entered in the custody log."""
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/packages")["items"]
    speak = Spoken(language, SAYINGS)
    show(as_json, found, lambda: speak.table(found, COLUMNS) if found else speak.say("none"))


@package.command("show")
@click.argument("package_id", type=id_of("pk"), metavar="PACKAGE")
@language_option
@json_option
def show_(package_id: str, language: str, as_json: bool) -> None:
    """Show PACKAGE: when it was sealed, for which certificates, its size and digest."""
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/packages/{package_id}")
    show(as_json, found, lambda: Spoken(language).facts(found))


@package.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@language_option
@json_option
def open_(file: Path, language: str, as_json: bool) -> None:
    """Print the commands that open FILE (<package>.p7m) and check it by hand.

    They use openssl, unzip and sha256sum only; your key never leaves your own machine.
    """
    speak = Spoken(language, SAYINGS)
    if file.suffix != ENCRYPTED:
        raise click.UsageError(speak.say("expected", ending=ENCRYPTED))
    package_id = file.stem
    opening, verifying = opening_commands(package_id), verifying_commands(package_id)
    ready, whole = verify_command(package_id), verify_command(package_id, LOG)
    lines = [
        f"# {speak.say('folder')}",
        *opening,
        "",
        f"# {speak.say('each')}",
        *verifying,
        "",
        f"# {speak.say('all')}",
        ready,
        "",
        f"# {speak.say('whole')}",
        whole,
    ]
    value = {"open": [*opening], "verify": [*verifying], "all": ready, "whole": whole}
    show(as_json, value, "\n".join(lines))


@package.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--trust",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="A folder with provider.cert.pem, policy and staff-root.json, from a way of your own.",
)
@click.option(
    "--log",
    type=click.Path(exists=True, path_type=Path),
    help="The whole log, as `lea custody bundle` writes it: nothing was left out of the decision.",
)
@language_option
@json_option
@click.pass_context
def verify(
    context: click.Context,
    file: Path,
    trust: Path,
    log: Path | None,
    language: str,
    as_json: bool,
) -> None:
    """Verify the opened container FILE (<package>.asice), offline.

    Signature, every file, every row against the plan, the decision of two people, the custody log.
    Ends with 0 when all is good, 1 when something is damaged, 2 when it cannot be told. Lines with
    "open" say what a good package does not show; with --log fewer of them stay.
    """
    with file.open("rb") as start:
        is_encrypted = is_still_encrypted(start.read(HEAD_BYTES))
    if is_encrypted:
        raise click.BadParameter(STILL_ENCRYPTED, context, param_hint="FILE")
    given = None if log is None else GivenLog.load(log)
    trusted = load_trust(trust)
    with progress(phrase(SAYINGS, "verifying", language)) as move:
        report = verify_package(file, trusted, given, move)
    say = partial(Refusals().say, language=language)
    show(as_json, report.dump(), lambda: report.text(language, say))
    context.exit(report.verdict)
