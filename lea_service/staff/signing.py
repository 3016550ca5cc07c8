"""Signing on the person's side: nothing is signed that does not say what was asked.

The service prepares a statement; here it is read again and compared, so that a service that was
tampered with cannot get a signature under something else.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lea_service.kernel.canonical import Json, encode_b64url, salted_digest
from lea_service.kernel.clock import parse_instant
from lea_service.kernel.errors import InvalidInput, LeaError, VerificationFailed
from lea_service.kernel.phrases import LANGUAGES
from lea_service.staff.changes import KINDS, dump_delegation, load_delegation
from lea_service.staff.encoding import decode_b64url
from lea_service.staff.engagement import dump_engagement, load_engagement
from lea_service.staff.keys import key_id, load_key_file, public_bytes
from lea_service.staff.passwords import password_message
from lea_service.staff.reasons import Answer
from lea_service.staff.root import dump_clearances, load_clearances
from lea_service.staff.statement import (
    Act,
    Outcome,
    Statement,
    load_statement,
    sign_statement,
)
from lea_service.web.client import Client
from lea_service.web.input import asked_language

APPROVALS = "/api/v1/approvals"
SALT_BYTES = 16
KEY_FILE = Path("~/.config/lea/key.pem")
PASSPHRASE = "LEA_KEY_PASSPHRASE"  # noqa: S105 the name of a variable
ASKED = ("Wachtwoordzin van uw sleutel", "Passphrase of your key")

key_option = click.option(
    "--key",
    "key_path",
    type=click.Path(path_type=Path),
    envvar="LEA_KEY",
    default=KEY_FILE,
    show_default=True,
    help="Your signing key, as `lea staff key new` made it (or LEA_KEY).",
)
"""Gives a command the parameter ``key_path`` for ``load_signing_key``."""


def load_signing_key(path: Path) -> Ed25519PrivateKey:
    """Read a key file; its passphrase comes from LEA_KEY_PASSPHRASE or is asked for.

    Raises NotFound, InvalidInput.
    """
    path = path.expanduser()
    if not path.exists():
        return load_key_file(path, "")  # says how to make one
    passphrase = os.environ.get(PASSPHRASE)
    if passphrase is None:
        asked = ASKED[LANGUAGES.index(asked_language())]
        passphrase = click.prompt(asked, hide_input=True, err=True)
    return load_key_file(path, passphrase)


@dataclass(frozen=True, slots=True)
class Signing:
    """What somebody is about to sign: the statement, and the payload that was shown with it.

    ``request`` is what the proposer asked for; ``proposed_at`` is when what is decided on was.
    """

    statement: Statement
    payload: Json
    request: Json = None
    proposed_at: datetime | None = None


Check = Callable[[Client, Signing], None]
"""Compares a statement with what it is about. Raises VerificationFailed."""

_CHECKS: dict[str, Check] = {}


def register_check(kind: str, check: Check) -> None:
    """Have every statement of a kind checked before anybody agrees to it."""
    _CHECKS[kind] = check


def propose(
    client: Client,
    key: Ed25519PrivateKey,
    kind: str,
    request: Json,
    *,
    shown: Mapping[str, Json] | None = None,
) -> dict[str, Any]:
    """Prepare, check, sign and hand in a proposal; returns the approval.

    ``shown`` are payload and salt as the person saw them: the prepared ones must be the same.
    Raises whatever the service answers, and VerificationFailed before anything is signed.
    """
    by = _signer(client, key)
    prepared = client.post(f"{APPROVALS}/preparations", {"kind": kind, "request": request})
    statement = check_prepared(prepared, kind=kind, request=request, by=by)
    for name, value in (shown or {}).items():
        if prepared[name] != value:
            raise VerificationFailed(f"the prepared {name} is not the one that was shown")
    _check_kind(client, Signing(load_statement(statement), prepared["payload"], request))
    body = {name: prepared[name] for name in ("kind", "request", "salt", "statement")}
    proof = sign_statement(key, statement)
    approval: dict[str, Any] = client.post(APPROVALS, {**body, "proof": proof})
    return approval


def decide(
    client: Client,
    key: Ed25519PrivateKey,
    approval_id: str,
    outcome: str,
    **said: Any,
) -> dict[str, Any]:
    """Open an approval and decide on it, as ``sign_decision`` does. Raises as ``propose`` does."""
    return sign_decision(client, key, open_approval(client, approval_id), outcome, **said)


def open_approval(client: Client, approval_id: str) -> dict[str, Any]:
    """Return an approval whose payload is the one that was signed. Raises VerificationFailed."""
    opened: dict[str, Any] = client.get(f"{APPROVALS}/{approval_id}")
    if opened["approval"]["id"] != approval_id:
        raise VerificationFailed("the service answered with another approval")
    digest = _digest(opened["salt"], opened["payload"])
    if digest != opened["approval"]["digest"]:
        raise VerificationFailed("what is shown is not what the approval's digest stands for")
    return opened


def sign_decision(
    client: Client,
    key: Ed25519PrivateKey,
    opened: Mapping[str, Any],
    outcome: str,
    *,
    reasons: Sequence[str] = (),
    looked_at: Sequence[str] = (),
    text: str | None = None,
) -> dict[str, Any]:
    """Decide on exactly the approval that was opened and shown. Raises as ``propose`` does.

    ``looked_at`` are the codes that an approval states; ``reasons`` and ``text`` say why something
    is returned or refused.
    """
    by = _signer(client, key)
    path = f"{APPROVALS}/{opened['approval']['id']}"
    salt = secrets.token_bytes(SALT_BYTES)
    answer = Answer(Outcome(outcome), tuple(reasons), tuple(looked_at), text, salt)
    asked = _dump_answer(answer)
    prepared = client.post(f"{path}/preparations", asked)
    statement = check_decision(prepared, opened, by=by, answer=answer)
    if answer.outcome is Outcome.APPROVED:
        proposed_at = parse_instant(opened["approval"]["proposed_at"])
        signing = Signing(load_statement(statement), opened["payload"], proposed_at=proposed_at)
        _check_kind(client, signing)
    proof = sign_statement(key, statement)
    body = {**asked, "statement": prepared["statement"], "proof": proof}
    approval: dict[str, Any] = client.post(f"{path}/decision", body)
    return approval


def set_password(
    client: Client, key: Ed25519PrivateKey, login: str, code: str, password: str
) -> None:
    """Set a password with a one-time code. Raises NotAuthenticated, InvalidInput."""
    proof = sign_statement(key, password_message(login, code))
    body = {"login": login, "code": code, "password": password, "proof": proof}
    client.post("/api/v1/session/password", body)


def check_prepared(prepared: Mapping[str, Any], *, kind: str, request: Json, by: str) -> bytes:
    """Return the bytes to sign if they propose what was asked. Raises VerificationFailed."""
    data, statement = _read(prepared)
    _expect(statement, act=Act.PROPOSE, kind=kind, by=by, outcome=None)
    _expect(statement, reasons=(), looked_at=(), text=None)
    if not isinstance(request, dict) or not isinstance(prepared.get("request"), dict):
        raise InvalidInput.at("/request", "expected an object")
    for name, value in request.items():
        if prepared["request"].get(name) != value:
            raise VerificationFailed(f"the prepared request has another {name}")
    if _digest(prepared.get("salt"), prepared.get("payload")) != statement.digest:
        raise VerificationFailed("the prepared statement does not stand for the payload shown")
    if kind in KINDS:
        _check_facts(request, statement)
    return data


def check_decision(
    prepared: Mapping[str, Any],
    opened: Mapping[str, Any],
    *,
    by: str,
    answer: Answer,
) -> bytes:
    """Return the bytes to sign if they decide as asked. Raises VerificationFailed."""
    data, statement = _read(prepared)
    approval = opened["approval"]
    _expect(
        statement,
        act=Act.DECIDE,
        approval=approval["id"],
        by=by,
        kind=approval["kind"],
        subject=approval["subject"],
        digest=_digest(opened["salt"], opened["payload"]),
        facts=opened["facts"],
        beneficiary=approval["beneficiary"],
        outcome=answer.outcome,
        reasons=tuple(sorted(answer.reasons)),
        looked_at=tuple(sorted(answer.looked_at)),
        text=answer.text_digest,
    )
    return data


def _dump_answer(answer: Answer) -> dict[str, Json]:
    """Return an answer as it is sent; a salt goes with a text only."""
    told: dict[str, Json] = {"text": answer.text, "salt": encode_b64url(answer.salt)}
    return {
        "outcome": str(answer.outcome),
        "reasons": [*answer.reasons],
        "looked_at": [*answer.looked_at],
        **({} if answer.text is None else told),
    }


def _check_kind(client: Client, signing: Signing) -> None:
    check = _CHECKS.get(signing.statement.kind)
    if check is not None:
        check(client, signing)


def _signer(client: Client, key: Ed25519PrivateKey) -> str:
    me = client.get("/api/v1/staff/me")
    if me["key"] != key_id(public_bytes(key)):
        raise InvalidInput("this is not the key that is enrolled for you")
    return str(me["account"])


def _read(prepared: Mapping[str, Any]) -> tuple[bytes, Statement]:
    try:
        data = decode_b64url(prepared.get("statement"), "/statement")
        return data, load_statement(data)
    except InvalidInput as err:
        raise VerificationFailed("the service prepared no statement that can be read") from err


def _expect(statement: Statement, **wanted: Any) -> None:
    for name, value in wanted.items():
        if getattr(statement, name) != value:
            raise VerificationFailed(f"the prepared statement has another {name}")


def _digest(salt: object, payload: Json) -> str:
    try:
        return salted_digest(decode_b64url(salt, "/salt"), payload)
    except LeaError as err:
        raise VerificationFailed("the service sent no salt for the payload") from err


def _check_facts(request: Mapping[str, Any], statement: Statement) -> None:
    """Compare what a staff change makes effective with what was asked, field by field."""
    wanted: dict[str, Json] = {
        name: request[name] for name in ("account", "generation", "suspension") if name in request
    }
    if "roles" in request:
        wanted["roles"] = sorted(request["roles"])
    if "key" in request:
        wanted |= {name: request["key"][name] for name in ("key", "public_key", "possession")}
    if "clearances" in request:
        wanted["clearances"] = dump_clearances(load_clearances(request["clearances"]))
    if "delegation" in request:
        wanted["delegation"] = dump_delegation(load_delegation(request["delegation"]))
    if "engagement" in request:
        wanted["engagement"] = dump_engagement(load_engagement(request["engagement"]))
    for name, value in wanted.items():
        if statement.facts.get(name) != value:
            raise VerificationFailed(f"the prepared statement has other facts: {name}")
    if not statement.subject == statement.beneficiary == statement.facts.get("account"):
        raise VerificationFailed("the prepared statement is about somebody else")
