"""Commands of the hand-over: ``collect`` for receivers, ``deliveries`` for people here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from lea_service.delivery.approval import RECEIVER_TOKEN
from lea_service.delivery.schemas import DEFAULT_DAYS, MAX_DAYS, RECEIPT_FORMAT
from lea_service.demands.phrases import STATES
from lea_service.demands.waiting import fetch_wait, tell_wait
from lea_service.kernel.errors import InvalidInput, VerificationFailed
from lea_service.kernel.phrases import Phrases, phrase
from lea_service.packaging.commands import encrypted_name, opening_commands
from lea_service.packaging.receipt import read_receipt_code
from lea_service.staff.approvals_cli import tell_proposed
from lea_service.staff.signing import key_option, load_signing_key, propose
from lea_service.web.client import Client
from lea_service.web.input import UNASKED, confirm, id_of, language_option
from lea_service.web.output import facts, json_option, progress, show, wall_time
from lea_service.web.spoken import Spoken

COLLECT = "/api/v1/collect"
PACKAGES = ("package", "demand", "state", "size", "pick_up_by", "receipt_at", "is_open")
FOLLOWED = ("demand", "standing", "order_date", "received_at", "due_at")
DELIVERIES = ("package", "receivers", "available_at", "pick_up_by", "receipt_at", "fetched")
OVERDUE = ("demand", "package", "pick_up_by")
NONE: Phrases = {"none": ("Er is nog niets verstrekt.", "Nothing was delivered yet.")}
SAYINGS: Phrases = {
    "no_demands": ("Geen vorderingen.", "No demands."),
    "question": ("Vraag van {at} ({state}):\n{text}", "Question of {at} ({state}):\n{text}"),
    "answered": ("beantwoord", "answered"),
    "open": ("wacht op uw antwoord", "waits for your answer"),
    "refused": ("Geweigerd.", "Refused."),
    "annex": ("Bijlage III van {at}.", "Annex III of {at}."),
    "possible": ("Kan uiterlijk {at}.", "Possible by {at}."),
    "kept": (
        "De gevraagde gegevens worden bewaard.",
        "The data asked for are being preserved.",
    ),
    "not_kept": (
        "De gevraagde gegevens worden niet bewaard.",
        "The data asked for are not being preserved.",
    ),
    "shown_once": (
        "Dit token wordt alleen nu getoond; zet het in LEA_TOKEN.",
        "This token is shown this once; put it into LEA_TOKEN.",
    ),
    "nothing_waits": ("Er ligt niets klaar.", "Nothing to collect."),
    "erase": (
        "Zijn registraties en pakket zijn daarna nooit meer te lezen. Doorgaan?",
        "Its rows and package can never be read again. Go on?",
    ),
    "unasked": UNASKED,
    "none_overdue": ("Er is niets te laat.", "Nothing is overdue."),
    "no_tokens": ("Geen tokens.", "No tokens."),
    "signed_out": (
        "Beëindigd. Met dit token komt niemand meer binnen.",
        "Ended. Nobody comes in with this token any more.",
    ),
    "fetched": ("opgehaald: {path}", "fetched {path}"),
    "open_it": ("open het met:", "open it with:"),
    "letter": ("Brief van {at}:\n\n{text}", "Letter of {at}:\n\n{text}"),
}
CODES: Mapping[str, Phrases] = {
    "standing": {
        "in_progress": ("in behandeling", "in progress"),
        "question": ("er is een vraag aan u", "a question waits for you"),
        "refused": ("geweigerd", "refused"),
        "replied": ("beantwoord met bijlage III of een verwijzing", "replied to"),
        "withdrawn": ("ingetrokken", "withdrawn"),
        "kept": ("wordt bewaard", "kept"),
        "kept_no_longer": ("wordt niet meer bewaard", "kept no longer"),
        "available": ("ligt klaar om op te halen", "available"),
        "continuing": ("een deel ligt klaar, er komt nog meer", "continuing"),
        "acknowledged": ("ontvangst bevestigd", "acknowledged"),
        "closed": ("gesloten", "closed"),
    }
}
LISTED: Mapping[str, Phrases] = {"state": STATES}
TOKENS = ("id", "person", "granted_at", "expires_at", "claimed_at", "revoked_at")


@click.group()
def collect() -> None:
    """For receivers: claim your token, fetch your packages, give the receipt.

    Begin with `lea collect claim` and the code you were given; put the token it prints into
    LEA_TOKEN.
    """


@collect.command()
@click.option("--code", prompt=True, help="The code you were given; it serves once.")
@language_option
@json_option
def claim(code: str, language: str, as_json: bool) -> None:
    """Turn the code you were given into a token of your own. It is shown this once."""
    with Client.from_environment() as client:
        claimed = client.post(f"{COLLECT}/claim", {"code": code})
    show(as_json, claimed, f"export LEA_TOKEN={claimed['token']}")
    if not as_json:
        click.echo(phrase(SAYINGS, "shown_once", language), err=True)


@collect.command("list")
@language_option
@json_option
def list_(language: str, as_json: bool) -> None:
    """List the packages for you or your desk, and where their demands stand."""
    with Client.from_environment() as client:
        found = list(client.pages(f"{COLLECT}/packages"))
    show(as_json, found, lambda: _list(found, PACKAGES, "nothing_waits", language))


@collect.command()
@click.argument("demand", type=id_of("c"), required=False)
@language_option
@json_option
def follow(demand: str | None, language: str, as_json: bool) -> None:
    """Show where your demands stand; of one, our questions and answers, and why it was refused."""
    with Client.from_environment() as client:
        if demand is None:
            found = list(client.pages(f"{COLLECT}/demands"))
            show(as_json, found, lambda: _follow(found, language))
        else:
            one = client.get(f"{COLLECT}/demands/{demand}")
            show(as_json, one, lambda: _tell(one, language))


@collect.command("sign-out")
@language_option
@json_option
def sign_out(language: str, as_json: bool) -> None:
    """End the token in LEA_TOKEN at once; a new one takes two people of the provider."""
    with Client.from_environment() as client:
        ended = client.delete(f"{COLLECT}/token")
    show(as_json, ended, phrase(SAYINGS, "signed_out", language))


@collect.command()
@click.argument("package", type=id_of("pk"))
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to put the files in; the present one unless you say so.",
)
@language_option
@json_option
def fetch(package: str, folder: Path, language: str, as_json: bool) -> None:
    """Fetch a package with its proof; an interrupted fetch goes on where it broke off."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / encrypted_name(package)
    route = f"{COLLECT}/packages/{package}"
    with Client.from_environment() as client:
        known = client.get(route)
        with progress("Fetching") as move:
            client.download(f"{route}/content", path, move)
        _check_digest(path, known["sha256"])
        (folder / f"{package}.tlog-proof").write_bytes(client.get_bytes(f"{route}/proof"))
        (folder / f"{package}.entry.json").write_bytes(client.get_bytes(f"{route}/entry"))
    fetched = {"package": package, "file": str(path), "sha256": known["sha256"]}
    show(as_json, fetched, lambda: _next_steps(package, path, language))


@collect.command()
@click.argument("package", type=id_of("pk"), required=False)
@click.option("--code", help="The code in RECEIPT.txt inside the opened package.")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="RECEIPT.txt itself, instead of package and code.",
)
@language_option
@json_option
def receipt(
    package: str | None, code: str | None, path: Path | None, language: str, as_json: bool
) -> None:
    """Give the receipt of a package that you opened, by its code or its RECEIPT.txt."""
    body = _receipt_body(package, code, path)
    with Client.from_environment() as client:
        answer = client.post(f"{COLLECT}/receipts", body)
    show(as_json, answer, lambda: Spoken(language).facts(answer))
    if not answer["is_accepted"]:
        raise VerificationFailed(f"the receipt was refused: {answer['ground']}")


@click.group()
def deliveries() -> None:
    """See what became of packages, and grant the tokens with which receivers collect them."""


@deliveries.command("show")
@click.argument("demand", type=id_of("c"))
@language_option
@json_option
def show_(demand: str, language: str, as_json: bool) -> None:
    """Show what was made available for a demand, who fetched it, and its receipt.

    Of a package that waits to leave, what for.
    """
    with Client.from_environment() as client:
        found = client.get(f"/api/v1/demands/{demand}/deliveries")["items"]
        wait = None if found or as_json else fetch_wait(client, demand)
    rows = [{**one, "fetched": len(one["fetches"])} for one in found]
    show(as_json, found, lambda: _deliveries(rows, wait, language))


@deliveries.command()
@language_option
@json_option
def overdue(language: str, as_json: bool) -> None:
    """List packages that nobody gave a receipt for in time."""
    with Client.from_environment() as client:
        found = list(client.pages("/api/v1/deliveries/overdue"))
    show(as_json, found, lambda: _list(found, OVERDUE, "none_overdue", language))


@deliveries.command()
@click.argument("demand", type=id_of("c"))
@click.option("--yes", is_flag=True, help="Do not ask first.")
@language_option
@json_option
def erase(demand: str, yes: bool, language: str, as_json: bool) -> None:
    """Erase the rows of a closed demand whose package nobody gave a receipt for."""
    if not yes:
        speak = Spoken(language, SAYINGS)
        confirm(speak.say("erase"), speak.say("unasked"))
    with Client.from_environment() as client:
        erased = client.post(f"/api/v1/demands/{demand}/erasure")
    show(as_json, erased, lambda: Spoken(language).facts(erased))


@deliveries.command("grant-token")
@click.argument("person", type=id_of("p"))
@click.option(
    "--days",
    type=click.IntRange(1, MAX_DAYS),
    default=DEFAULT_DAYS,
    show_default=True,
    help="How long it lasts.",
)
@key_option
@language_option
@json_option
def grant_token(person: str, days: int, key_path: Path, language: str, as_json: bool) -> None:
    """Propose a token for a named person of an agency; a second person decides."""
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        made = propose(client, key, RECEIVER_TOKEN, {"person": person, "days": days})
    show(as_json, made, lambda: tell_proposed(made, language))


@deliveries.command()
@click.argument("agency", type=id_of("a"))
@language_option
@json_option
def tokens(agency: str, language: str, as_json: bool) -> None:
    """List the tokens of an agency's people, without their secrets."""
    with Client.from_environment() as client:
        found = list(client.pages(f"/api/v1/agencies/{agency}/receiver-tokens"))
    show(as_json, found, lambda: _list(found, TOKENS, "no_tokens", language))


@deliveries.command()
@click.argument("token", type=id_of("tk"))
@language_option
@json_option
def code(token: str, language: str, as_json: bool) -> None:
    """Get the code with which the named person claims the token; it is shown this once.

    Only the two who granted the token can. Read it out on a number that you found yourselves.
    """
    with Client.from_environment() as client:
        made = client.post(f"/api/v1/receiver-tokens/{token}/code")
    show(as_json, made, lambda: Spoken(language).facts(made))


@deliveries.command("revoke-token")
@click.argument("token", type=id_of("tk"))
@language_option
@json_option
def revoke_token(token: str, language: str, as_json: bool) -> None:
    """End a receiver's token at once."""
    with Client.from_environment() as client:
        made = client.post(f"/api/v1/receiver-tokens/{token}/revocation")
    show(as_json, made, lambda: Spoken(language).facts(made))


def _list(found: list[dict[str, Any]], columns: Sequence[str], none: str, language: str) -> str:
    speak = Spoken(language, SAYINGS, LISTED)
    return speak.table(found, columns) if found else speak.say(none)


def _deliveries(rows: list[dict[str, Any]], wait: dict[str, Any] | None, language: str) -> str:
    return Spoken(language).table(rows, DELIVERIES) if rows else _tell_none(wait, language)


def _tell_none(wait: dict[str, Any] | None, language: str) -> str:
    lines = [phrase(NONE, "none", language), facts(tell_wait(wait, language))]
    return "\n".join(filter(None, lines))


def _follow(found: list[dict[str, Any]], language: str) -> str:
    speak = Spoken(language, SAYINGS, CODES)
    return speak.table(found, FOLLOWED) if found else speak.say("no_demands")


def _tell(one: dict[str, Any], language: str) -> str:
    """Return all that its authority may know of a demand, in one language."""
    speak = Spoken(language, SAYINGS, CODES)
    says = f"says_{language}"
    parts = [speak.facts({name: one["line"][name] for name in FOLLOWED})]
    for asked in one["questions"]:
        state = speak.say("answered" if asked["is_answered"] else "open")
        at = wall_time(asked["asked_at"])
        parts.append(speak.say("question", at=at, state=state, text=asked["question"]))
    if one["refusal"] is not None:
        words = [one["refusal"][says], one["refusal"]["explanation"] or ""]
        parts.append("\n".join([speak.say("refused"), *filter(None, words)]))
    if one["referral"] is not None:
        words = [one["referral"][says], one["referral"]["name"] or ""]
        parts.append("\n".join(filter(None, words)))
    parts += [_tell_annex(reply, speak) for reply in one["annexes"]]
    parts += [
        speak.say("letter", at=wall_time(sent["sent_at"]), text=sent["text"])
        for sent in one["letters"]
    ]
    return "\n\n".join(parts)


def _tell_annex(reply: dict[str, Any], speak: Spoken) -> str:
    lines = [speak.say("annex", at=wall_time(reply["filed_at"]))]
    lines += [reason[f"says_{speak.language}"] for reason in reply["reasons"]]
    lines.append(reply["explanation"])
    lines += [reply["missing"]] if reply["missing"] else []
    possible = reply["possible_by"]
    lines += [speak.say("possible", at=wall_time(possible))] if possible else []
    return "\n".join([*lines, speak.say("kept" if reply["is_preserved"] else "not_kept")])


def _receipt_body(package: str | None, code: str | None, path: Path | None) -> dict[str, Any]:
    if path is not None:
        if code is not None:
            raise InvalidInput("expected --code or --file, not both")
        text = path.read_bytes()
        words = text.decode(errors="replace").split()
        package = package or next((word for word in words if word.startswith("pk_")), None)
        code = read_receipt_code(text)
    if package is None or code is None:
        raise InvalidInput("expected a package with --code, or --file with its RECEIPT.txt")
    return {"format": RECEIPT_FORMAT, "package": package, "code": code}


def _check_digest(path: Path, expected: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise VerificationFailed(f"{path} is not the package that was made available")


def _next_steps(package: str, path: Path, language: str) -> str:
    told = [phrase(SAYINGS, "fetched", language, path=path), phrase(SAYINGS, "open_it", language)]
    return "\n".join([*told, *opening_commands(package)])
