"""Passwords that cost little: each service that is built hashes one, and tests build hundreds."""

from functools import partial

from argon2 import PasswordHasher

from lea_service.staff import passwords

CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


def use_cheap_hashes() -> None:
    """Let whoever names no hasher get one of little work in this process."""
    passwords.PasswordHasher = partial(PasswordHasher, **CHEAP)
