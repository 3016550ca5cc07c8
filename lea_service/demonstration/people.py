"""The people of the demonstration: each with a key file, a password and a token of their own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lea_service.extraction import shown as _shown  # noqa: F401 compares plans before signing
from lea_service.kernel.canonical import Json
from lea_service.staff.keys import load_key_file, request_enrolment, write_key_file
from lea_service.staff.rules import REQUIRED
from lea_service.staff.signing import open_approval, propose, set_password, sign_decision
from lea_service.web.client import Client

DAYS = 30
"""So long a token lives at most."""


@dataclass(frozen=True)
class Colleague:
    """Somebody who works here: name, login, key on their own machine."""

    name: str
    login: str
    number: str
    key: Ed25519PrivateKey
    password: str

    @property
    def mailbox(self) -> str:
        """Return where notices to this person go."""
        return f"{self.login}@voorbeeld.example"

    def introduce(self, today: date) -> dict[str, Json]:
        """Return what a new colleague hands in: who they are, their public key, clearances."""
        clearances: list[Json] = [
            {
                "kind": str(kind),
                "from": f"{today - timedelta(days=30)}",
                "until": f"{today + timedelta(days=335)}",
            }
            for kind in REQUIRED
        ]
        return {
            "name": self.name,
            "login": self.login,
            "personnel_number": self.number,
            "key": request_enrolment(self.key),
            "clearances": clearances,
        }


@dataclass(frozen=True)
class SignedIn:
    """A colleague at work: their client, their key, and the token that commands are given."""

    who: Colleague
    client: Client
    token: str

    @property
    def account(self) -> str:
        """Return the id of their account."""
        return str(self.client.get("/api/v1/staff/me")["account"])

    def propose(self, kind: str, request: Json) -> dict[str, Any]:
        """Sign and hand in a proposal."""
        return propose(self.client, self.who.key, kind, request)

    def approve(self, approval: Mapping[str, Any]) -> dict[str, Any]:
        """Sign an approval of what a colleague proposed, and all that was looked at.

        Returns the approval as it was shown.
        """
        opened = open_approval(self.client, str(approval["id"]))
        looked_at = [one["code"] for one in opened["states"]["looked_at"]]
        sign_decision(self.client, self.who.key, opened, "approved", looked_at=looked_at)
        return opened

    def send_back(self, approval: Mapping[str, Any], reason: str, text: str) -> None:
        """Sign that a proposal is returned, for a coded reason and in words."""
        opened = open_approval(self.client, str(approval["id"]))
        sign_decision(self.client, self.who.key, opened, "returned", reasons=[reason], text=text)


def new_colleague(folder: Path, name: str, login: str, number: str) -> Colleague:
    """Make a colleague with a key file (as ``lea staff key new`` does) and a password."""
    passphrase = secrets.token_urlsafe(16)
    path = folder / f"{login}.key.pem"
    write_key_file(path, passphrase)
    return Colleague(
        name, login, number, load_key_file(path, passphrase), secrets.token_urlsafe(24)
    )


def sign_in(url: str, who: Colleague, code: str) -> SignedIn:
    """Set the first password with the one-time code, sign in with it, and take a token for days."""
    with Client(url) as stranger:
        set_password(stranger, who.key, who.login, code, who.password)
        body = {"login": who.login, "password": who.password}
        session = stranger.post("/api/v1/session", body)["token"]
    with Client(url, session) as client:  # a session is over after hours, and the clock is moved
        token = client.post("/api/v1/tokens", {"label": "own machine", "days": DAYS})["token"]
    return SignedIn(who, Client(url, token), token)


def let_in(
    url: str,
    who: Colleague,
    roles: Sequence[str],
    administrator: SignedIn,
    overseer: SignedIn,
    today: date,
    footing: Json = None,
) -> SignedIn:
    """Have one founder propose an account and the other approve it; then sign in.

    Without a ``footing`` the account is that of somebody of the house.
    """
    own: Json = {"kind": "employee", "from": None, "until": None, "mailbox": who.mailbox}
    request: dict[str, Json] = {
        **who.introduce(today),
        "roles": [*roles],
        "engagement": footing or own,
    }
    approval = administrator.propose("staff.account", request)
    overseer.approve(approval)
    code = administrator.client.post(f"/api/v1/staff/{approval['subject']}/code")["code"]
    return sign_in(url, who, code)
