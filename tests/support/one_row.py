"""What can become of one row: it goes missing, comes twice, moves, or holds something else."""

import random
import re

HOW = ("drop", "double", "swap", "alter")
"""``swap`` changes places with the row behind it."""


def damage(how, rows, rng):
    """Return rows of which one is not as it was: texts, bytes, or lists of values."""
    rows = list(rows)
    at = rng.randrange(len(rows) - 1)
    if how == "drop":
        return rows[:at] + rows[at + 1 :]
    if how == "double":
        return rows[: at + 1] + rows[at:]
    if how == "swap":
        return [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]]
    return [*rows[:at], alter(rows[at], rng), *rows[at + 1 :]]


def alter(row, rng):
    """Return a row of which one digit is another."""
    if isinstance(row, (bytes, str)):
        pattern = rb"[0-9]" if isinstance(row, bytes) else r"[0-9]"
        place = rng.choice([one.start() for one in re.finditer(pattern, row)])
        digit = (int(row[place : place + 1]) + 1) % 10
        new = str(digit) if isinstance(row, str) else str(digit).encode()
        return row[:place] + new + row[place + 1 :]
    if isinstance(row, dict):
        name = rng.choice([one for one in row if _has_digit(row[one])])
        return row | {name: _altered(row[name], rng)}
    place = rng.choice([at for at, one in enumerate(row) if _has_digit(one)])
    return type(row)([*row[:place], _altered(row[place], rng), *row[place + 1 :]])


def _has_digit(value):
    return (isinstance(value, str) and any(map(str.isdigit, value))) or type(value) is int


def _altered(value, rng):
    return value + 1 if type(value) is int else alter(value, rng)


def damage_lines(how, data, seed):
    """Return lines as bytes of which one is not as it was."""
    return b"".join(damage(how, data.splitlines(keepends=True), random.Random(seed)))
