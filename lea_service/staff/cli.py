"""Commands for the people who work here; they go through REST, but for keys and the bootstrap."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from lea_service.kernel.errors import InvalidInput
from lea_service.kernel.phrases import LANGUAGES, Phrases, phrase
from lea_service.staff.accounts import read_person
from lea_service.staff.approvals_cli import approvals, tell_proposed
from lea_service.staff.bootstrap import bootstrap, read_founder
from lea_service.staff.changes import load_delegation
from lea_service.staff.forms import (
    INSTANT,
    clearance_options,
    dump_days,
    dump_engaged,
    engagement_options,
    key_request_option,
    out_option,
    person_options,
    read_key_request,
    role_option,
    write_object,
)
from lea_service.staff.keys import fingerprint, public_bytes, request_enrolment, write_key_file
from lea_service.staff.phrases import ENGAGEMENTS, ROLES
from lea_service.staff.reasons import SUSPENDED
from lea_service.staff.roles_page import describe_roles, render_page
from lea_service.staff.rules import PASSWORD_RULE, ClearanceKind, check_delegation
from lea_service.staff.signing import (
    KEY_FILE,
    PASSPHRASE,
    key_option,
    load_signing_key,
    propose,
    set_password,
)
from lea_service.web.client import Client
from lea_service.web.input import coded_option, id_of, language_option, read_object
from lea_service.web.output import OutFile, facts, json_option, show, show_lines
from lea_service.web.spoken import Spoken

__all__ = ["approvals", "bootstrap_command", "staff"]

PEOPLE = ("login", "name", "roles", "counts", "cleared_until", "key", "account")
LISTED = (*PEOPLE, "engaged as", "until")
SAYINGS: Phrases = {
    "password": ("Wachtwoord", "Password"),
    "new_password": ("Nieuw wachtwoord ({rule})", "New password ({rule})"),
    "password_set": (
        "het wachtwoord is ingesteld; eerdere tokens zijn beëindigd. Meld u nu aan: "
        "lea staff sign-in --login {login}",
        "the password is set; earlier tokens have ended. Now sign in: "
        "lea staff sign-in --login {login}",
    ),
    "passphrase": (
        "Wachtwoordzin (12 tekens of meer)",
        "Passphrase (12 characters or more)",
    ),
    "key_file": ("sleutelbestand: {path}", "key file: {path}"),
    "read_out": ("vingerafdruk, om voor te lezen: {mark}", "fingerprint, to read out: {mark}"),
    "signed_out": ("afgemeld", "signed out"),
    "suspended": ("geschorst: {id}", "suspended: {id}"),
    "ended": ("beëindigd", "ended"),
    "either": ("geef --print of --json, niet beide", "give either --print or --json"),
}
CODES = {"roles": ROLES, "engaged as": ENGAGEMENTS}
TOKENS = ("id", "label", "created_at", "expires_at", "revoked_at")


@click.group()
def staff() -> None:
    """Who works here: accounts, keys, tokens, roles."""


@staff.command("roles")
@language_option
@json_option
def show_roles(language: str, as_json: bool) -> None:
    """Show what each role may do and which roles one person may combine."""
    show(as_json, describe_roles(), lambda: render_page(language).rstrip("\n"))


@staff.command("sign-in")
@click.option("--login", prompt=True, help="Your login.")
@language_option
@json_option
def sign_in(login: str, language: str, as_json: bool) -> None:
    """Sign in; put the token that is printed into LEA_TOKEN. It serves for 12 hours."""
    password = _secret("LEA_PASSWORD", Spoken(language, SAYINGS), "password")
    with Client.from_environment() as client:
        new = client.post("/api/v1/session", {"login": login, "password": password})
    show(as_json, new, f"export LEA_TOKEN={new['token']}")


@staff.command("sign-out")
@language_option
@json_option
def sign_out(language: str, as_json: bool) -> None:
    """End the token in LEA_TOKEN."""
    with Client.from_environment() as client:
        client.delete("/api/v1/session")
    show(as_json, {"signed_out": True}, phrase(SAYINGS, "signed_out", language))


@staff.command("password")
@click.option("--login", prompt=True, help="Your login.")
@click.option("--code", prompt="One-time code", help="The code a colleague gave you.")
@key_option
@language_option
@json_option
def password(login: str, code: str, key_path: Path, language: str, as_json: bool) -> None:
    """Set your password with a one-time code; your own key signs for it.

    It has 15 to 128 characters, at least 6 of them different, and does not hold your login; a
    sentence is fine, and no kind of sign is wanted. Then sign in: `lea staff sign-in`.
    """
    key = load_signing_key(key_path)
    speak = Spoken(language, SAYINGS)
    rule = PASSWORD_RULE[LANGUAGES.index(language)]
    chosen = _secret("LEA_PASSWORD", speak, "new_password", confirm=True, rule=rule)
    with Client.from_environment() as client:
        set_password(client, key, login, code, chosen)
    text = speak.say("password_set", login=login)
    show(as_json, {"login": login, "password_set": True}, text)


@staff.command("me")
@language_option
@json_option
def show_me(language: str, as_json: bool) -> None:
    """Show who you are to the service, and whether your roles count."""
    with Client.from_environment() as client:
        me = client.get("/api/v1/staff/me")
    told = {name: me[name] for name in PEOPLE}
    show(as_json, me, lambda: Spoken(language, codes=CODES).facts(told))


@staff.command("list")
@click.option("--print", "for_paper", is_flag=True, help="The full list, for paper.")
@language_option
@json_option
def list_people(for_paper: bool, language: str, as_json: bool) -> None:
    """List who works or worked here; this look is entered in the log."""
    if for_paper and as_json:
        raise click.UsageError(phrase(SAYINGS, "either", language))
    with Client.from_environment() as client:
        if for_paper:
            show_lines(client.get_bytes("/api/v1/staff/printable", language=language))
            return
        people = list(client.pages("/api/v1/staff"))
    speak = Spoken(language, codes=CODES)
    show(as_json, people, lambda: speak.table(list(map(_line, people)), LISTED))


def _line(person: dict[str, Any]) -> dict[str, Any]:
    engaged = person["engagement"]
    return {**person, "engaged as": engaged["kind"], "until": engaged["until"]}


@staff.command("suspend")
@click.argument("account", type=id_of("s"))
@coded_option("--ground", SUSPENDED)
@language_option
@json_option
def suspend(account: str, ground: str, language: str, as_json: bool) -> None:
    """Stop somebody's rights and tokens at once. Lifting takes two: `lea staff lift`."""
    with Client.from_environment() as client:
        made = client.post(f"/api/v1/staff/{account}/suspension", {"ground": ground})
    show(as_json, made, phrase(SAYINGS, "suspended", language, id=made["id"]))


@staff.command("lift")
@click.argument("account", type=id_of("s"))
@key_option
@language_option
@json_option
def lift(account: str, key_path: Path, language: str, as_json: bool) -> None:
    """Propose to lift somebody's suspension; a second person decides."""
    key = load_signing_key(key_path)
    with Client.from_environment() as client:
        made = propose(client, key, "staff.lift", {"account": account})
    show(as_json, made, lambda: tell_proposed(made, language))


@staff.command("code")
@click.argument("account", type=id_of("s"))
@json_option
def issue_code(account: str, as_json: bool) -> None:
    """Issue a one-time code with which somebody sets a password (with their own key)."""
    with Client.from_environment() as client:
        made = client.post(f"/api/v1/staff/{account}/code")
    show(as_json, made, made["code"])


@staff.group("key")
def key_group() -> None:
    """Your signing key, made and kept on your own machine."""


@key_group.command("new")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=KEY_FILE,
    show_default=True,
    help="Where the key file goes; it is never overwritten.",
)
@click.option(
    "--request",
    type=OutFile(),
    help="Write the enrolment request to this file; else to standard output.",
)
@language_option
@json_option
def new_key(out: Path, request: Path | None, language: str, as_json: bool) -> None:
    """Make your key, encrypted, and the request with which others enrol its public half."""
    if request is not None and request.exists():
        raise InvalidInput(f"{request} exists; it is not overwritten")
    speak = Spoken(language, SAYINGS)
    passphrase = _secret(PASSPHRASE, speak, "passphrase", confirm=True)
    key = write_key_file(out.expanduser(), passphrase)
    asked, mark = request_enrolment(key), fingerprint(public_bytes(key))
    if request is not None or not as_json:
        write_object(asked, request)
    if as_json:
        show(as_json, {"key_file": str(out), "fingerprint": mark, "request": asked}, "")
        return
    click.echo(speak.say("key_file", path=out), err=True)
    click.echo(speak.say("read_out", mark=mark), err=True)


@key_group.command("request")
@key_option
@out_option
@json_option
def request_key(key_path: Path, out: Path | None, as_json: bool) -> None:
    """Write the enrolment request of your key once more."""
    write_object(request_enrolment(load_signing_key(key_path)), out, as_json=as_json)


@staff.group("token")
def token_group() -> None:
    """Tokens: what programs sign in with."""


@token_group.command("new")
@click.argument("label")
@click.option("--days", type=click.IntRange(1, 365), help="How long it lives.")
@json_option
def new_token(label: str, days: int | None, as_json: bool) -> None:
    """Make a token for a program of your own; it is shown this once."""
    body = {"label": label} | ({} if days is None else {"days": days})
    with Client.from_environment() as client:
        made = client.post("/api/v1/tokens", body)
    show(as_json, made, made["token"])


@token_group.command("list")
@click.option(
    "--of", "account", type=id_of("s"), help="Somebody else's, with the right to suspend."
)
@language_option
@json_option
def list_tokens(account: str | None, language: str, as_json: bool) -> None:
    """List your tokens, without their secrets."""
    path = "/api/v1/tokens" if account is None else f"/api/v1/staff/{account}/tokens"
    with Client.from_environment() as client:
        found = list(client.pages(path))
    show(as_json, found, lambda: Spoken(language).table(found, TOKENS))


@token_group.command("revoke")
@click.argument("token_id", type=id_of("tk"))
@language_option
@json_option
def revoke_token(token_id: str, language: str, as_json: bool) -> None:
    """End a token at once."""
    with Client.from_environment() as client:
        client.delete(f"/api/v1/tokens/{token_id}")
    show(as_json, {"token": token_id, "ended": True}, phrase(SAYINGS, "ended", language))


@staff.group("request")
def request_group() -> None:
    """Write the file of a request, for `lea approvals propose` or `lea staff bootstrap`."""


@request_group.command("founder")
@person_options
@clearance_options
@key_request_option
@out_option
@json_option
def request_founder(key_request: Path, out: Path | None, as_json: bool, **given: Any) -> None:
    """Describe one of the first two people (for `lea staff bootstrap`)."""
    write_object(_person(key_request, given), out, as_json=as_json)


@request_group.command("account")
@person_options
@role_option
@engagement_options
@clearance_options
@key_request_option
@out_option
@json_option
def request_account(
    key_request: Path, out: Path | None, roles: tuple[str, ...], as_json: bool, **given: Any
) -> None:
    """Ask for a new colleague, or an approver of another house (kind staff.account)."""
    asked = {**_person(key_request, given), "roles": sorted(roles)}
    engaged = dump_engaged(given)
    write_object(asked | ({"engagement": engaged} if engaged else {}), out, as_json=as_json)


@request_group.command("engagement")
@click.argument("account", type=id_of("s"))
@engagement_options
@out_option
@json_option
def request_engagement(account: str, out: Path | None, as_json: bool, **given: Any) -> None:
    """Ask for another footing of somebody, or another way to reach them (kind staff.engagement)."""
    engaged = dump_engaged(given)
    if engaged is None:
        raise click.UsageError("expected at least one of --engagement, --phone, --mailbox")
    write_object({"account": account, "engagement": engaged}, out, as_json=as_json)


@request_group.command("roles")
@click.argument("account", type=id_of("s"))
@role_option
@out_option
@json_option
def request_roles(account: str, roles: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Ask for other roles, which replace the present ones (kind staff.roles)."""
    write_object({"account": account, "roles": sorted(roles)}, out, as_json=as_json)


@request_group.command("key")
@click.argument("account", type=id_of("s"))
@key_request_option
@out_option
@json_option
def request_new_key(account: str, key_request: Path, out: Path | None, as_json: bool) -> None:
    """Ask for another key in place of the present one (kind staff.key)."""
    asked = {"account": account, "key": read_key_request(key_request)}
    write_object(asked, out, as_json=as_json)


@request_group.command("clearance")
@click.argument("account", type=id_of("s"))
@clearance_options
@out_option
@json_option
def request_clearance(account: str, out: Path | None, as_json: bool, **given: Any) -> None:
    """Ask for further clearances of somebody (kind staff.clearance)."""
    cleared = dump_days(given)
    if not cleared:
        options = ", ".join(f"--{kind}" for kind in ClearanceKind)
        raise click.UsageError(f"expected at least one of {options}")
    write_object({"account": account, "clearances": cleared}, out, as_json=as_json)


@request_group.command("delegation")
@click.argument("account", type=id_of("s"))
@click.option("--of", required=True, type=id_of("s"), help="The approver who lends the role.")
@click.option("--from", "since", required=True, type=INSTANT, help="From when it is lent.")
@click.option("--until", required=True, type=INSTANT, help="When it ends; at most 92 days later.")
@out_option
@json_option
def request_delegation(
    account: str, of: str, since: str, until: str, out: Path | None, as_json: bool
) -> None:
    """Ask that an approver lends the role to somebody for a time (kind staff.delegation)."""
    lent = {"of": of, "from": since, "until": until}
    check_delegation(load_delegation(lent), account)
    write_object({"account": account, "delegation": lent}, out, as_json=as_json)


@staff.command("bootstrap")
@click.option(
    "--administrator",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The first person's file, from `lea staff request founder`.",
)
@click.option(
    "--overseer",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The second person's file.",
)
@json_option
def bootstrap_command(administrator: Path, overseer: Path, as_json: bool) -> None:
    """Make the first two people; runs on the server, once.

    Prints a one-time code for each, and the fingerprints to compare with what the two hold.
    """
    founders = [
        read_founder(read_object(path), pointer)
        for path, pointer in ((administrator, "/administrator"), (overseer, "/overseer"))
    ]
    service = click.get_current_context().find_root().obj()
    made = bootstrap(service.transactions, service.settings.staff_root, *founders)
    people = [
        {
            "login": founder.person.login,
            "role": str(pinned.role),
            "account": pinned.account,
            "code": made.codes[pinned.account],
            "fingerprint": fingerprint(pinned.public_key),
        }
        for founder, pinned in zip(founders, made.root.founders, strict=True)
    ]
    show(as_json, people, lambda: "\n\n".join(facts(person) for person in people))
    click.echo(f"pinned in: {service.settings.staff_root}; keep a copy elsewhere", err=True)


def _person(key_request: Path, given: dict[str, Any]) -> dict[str, Any]:
    read_person(given)  # found out now, not when somebody else takes the file in
    return {
        "name": given["name"],
        "login": given["login"],
        "personnel_number": given["personnel_number"],
        "key": read_key_request(key_request),
        "clearances": dump_days(given),
    }


def _secret(
    variable: str, speak: Spoken, what: str, *, confirm: bool = False, **values: object
) -> str:
    """Return what a variable holds, or what is typed when asked for it, twice to ``confirm``."""
    found = os.environ.get(variable)
    if found is not None:
        return found
    asked = speak.say(what, **values)
    return str(click.prompt(asked, hide_input=True, confirmation_prompt=confirm, err=True))
