"""Passwords (argon2id), and what a person signs to set one."""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from lea_service.kernel.canonical import dump_canonical, encode_b64url
from lea_service.staff.codes import digest_code


class Passwords:
    """Hashes and verifies; the work is the same whether there is a hash or not."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        """Return the argon2id hash with its parameters and salt."""
        return self._hasher.hash(_normal(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Say whether ``password`` is the one behind ``stored``."""
        try:
            matches = self._hasher.verify(stored or self._nobody, _normal(password))
        except (Argon2Error, InvalidHashError):
            return False
        return matches and stored is not None


def password_message(login: str, code: str) -> bytes:
    """Return what the holder of the personal key signs to set a password with ``code``."""
    return dump_canonical(
        {
            "act": "set_password",
            "code": encode_b64url(digest_code(code)),
            "login": login,
            "v": 1,
        }
    )


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
