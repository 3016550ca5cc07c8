"""One finding in words: what follows from it, what it says, what would cure it."""

from __future__ import annotations

from dataclasses import dataclass

POLICY = "Policy of the provider: emergency lane (no article of law)"
OURS = "Policy of the provider (no article of law)"
"""What is cited where a rule is ours, and no article of law; the emergency lane has its own."""


@dataclass(frozen=True, slots=True)
class Word:
    """One finding. ``holds`` are those that no acceptance settles: the thing itself must change.

    ``retype`` are those that are accepted only with the value they are about, typed again, and
    ``second`` those that somebody accepts who neither recorded nor assessed the demand.
    ``private`` are those about other demands or our own people: nobody outside is told of them.
    ``ours`` are those whose cure is written for a person here, as that of every ``ask_human`` is.
    ``asked`` are those that are accepted only once the authority answered a question about them.
    ``broad`` are those on how many a target means: no refusal rests on one before somebody else
    said so.
    """

    outcome: str
    says: str
    cure: str | None = None
    ground: str | None = None
    holds: bool = False
    retype: bool = False
    second: bool = False
    ours: bool = False
    private: bool = False
    asked: bool = False
    broad: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a finding says in one language, and what would cure it."""

    says: str
    cure: str | None = None


def passed(says: str) -> Word:
    """Return the words of what is right."""
    return Word("pass", says)


def defect(ground: str, says: str, cure: str, *, ours: bool = False) -> Word:
    """Return the words of what nobody can accept."""
    return Word("defect", says, cure, ground, ours=ours)


def clarify(
    ground: str,
    says: str,
    cure: str,
    *,
    holds: bool = False,
    ours: bool = False,
    asked: bool = False,
) -> Word:
    """Return the words of a question to the authority."""
    return Word("clarify", says, cure, ground, holds, ours=ours, asked=asked)


def lacking(ground: str, says: str, cure: str) -> Word:
    """Return the words of what the authority lacks, though that makes no order void by itself.

    It is asked first, and whoever typed its answer does not decide on it: another person does.
    """
    return Word("clarify", says, cure, ground, second=True, asked=True)


def ask(says: str, cure: str, ground: str | None = None, *, holds: bool = False) -> Word:
    """Return the words of a question to a person here."""
    return Word("ask_human", says, cure, ground, holds, ours=True)


def observed(says: str, cure: str) -> Word:
    """Return the words of a question to the authority that is no ground to refuse.

    What was typed may be what is wrong, so the cure is for a person here.
    """
    return Word("clarify", says, cure, ours=True)


def repeated(says: str, cure: str, ground: str | None = None) -> Word:
    """Return the words of a question to a person here that is about other demands."""
    return Word("ask_human", says, cure, ground, ours=True, private=True)


def differs(says: str, cure: str) -> Word:
    """Return the words of a question that only the value, typed again, settles."""
    return Word("ask_human", says, cure, retype=True, ours=True)


COUNSEL = "Ask counsel what the law says here, and write down the answer with your acceptance."
