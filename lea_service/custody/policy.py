"""C2SP tlog-policy: which log keys and how many witnesses an outsider asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lea_service.custody.note import Note, VerifierKey, parse_head, verify_note
from lea_service.kernel.errors import InvalidInput, VerificationFailed

NONE = "none"


@dataclass(frozen=True, slots=True)
class Group:
    """``threshold`` of ``members`` must agree."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The keys of the log (each must sign) and the quorum of witnesses."""

    log_keys: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group]
    quorum: str

    @property
    def has_witness(self) -> bool:
        """Say whether anybody outside must have seen the checkpoint."""
        return self.quorum != NONE

    def verify(self, note: Note) -> None:
        """Check origin, every log key's signature and the quorum. Raises VerificationFailed."""
        signed = verify_note(note, [*self.log_keys, *self.witnesses.values()])
        origin = parse_head(note.text).origin
        names = {key.name for key in self.log_keys}
        if names != {origin}:
            raise VerificationFailed("the checkpoint is of another log than the policy's")
        missing = [key for key in self.log_keys if key not in signed]
        if missing:
            raise VerificationFailed("a signature of the log is missing")
        if self.has_witness and not self._is_met(self.quorum, set(signed)):
            raise VerificationFailed("the quorum of witnesses is not met")

    def format(self) -> str:
        """Return the policy file."""
        lines = [f"log {key.format()}" for key in self.log_keys]
        lines += [f"witness {name} {key.format()}" for name, key in self.witnesses.items()]
        for name, group in self.groups.items():
            lines.append(f"group {name} {group.threshold} {' '.join(group.members)}")
        return "\n".join([*lines, f"quorum {self.quorum}"]) + "\n"

    def _is_met(self, name: str, signed: set[VerifierKey]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in signed
        group = self.groups[name]
        return sum(self._is_met(member, signed) for member in group.members) >= group.threshold


def parse_policy(text: str) -> Policy:
    """Read a policy file. Raises InvalidInput naming the line."""
    logs: list[VerifierKey] = []
    witnesses: dict[str, VerifierKey] = {}
    groups: dict[str, Group] = {}
    quorum: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        match words:
            case ["log", vkey, *_]:
                logs.append(VerifierKey.parse(vkey))
            case ["witness", name, vkey, *_]:
                _check_new(name, witnesses, groups, number)
                witnesses[name] = VerifierKey.parse(vkey)
            case ["group", name, threshold, *members] if members:
                _check_new(name, witnesses, groups, number)
                groups[name] = Group(_threshold(threshold, members, number), tuple(members))
                _check_known(members, {*witnesses, *groups} - {name}, number)
                if len(members) != len(set(members)):
                    raise InvalidInput(f"policy line {number}: names a member twice")
            case ["quorum", name] if quorum is None:
                _check_known([name], {*witnesses, *groups, NONE}, number)
                quorum = name
            case _:
                raise InvalidInput(f"policy line {number}: expected log, witness, group or quorum")
    if quorum is None or not logs:
        raise InvalidInput("a policy: expected a log and exactly one quorum")
    _check_keys([*logs, *witnesses.values()])
    return Policy(tuple(logs), witnesses, groups, quorum)


def _threshold(word: str, members: list[str], number: int) -> int:
    named = {"any": 1, "all": len(members)}
    if word in named:
        return named[word]
    if not word.isdecimal() or not 0 < int(word) <= len(members):
        raise InvalidInput(f"policy line {number}: expected any, all or a number of members")
    return int(word)


def _check_new(
    name: str, witnesses: Mapping[str, object], groups: Mapping[str, object], number: int
) -> None:
    if name in witnesses or name in groups or name == NONE:
        raise InvalidInput(f"policy line {number}: the name is taken")


def _check_known(names: list[str], known: set[str], number: int) -> None:
    if any(name not in known for name in names):
        raise InvalidInput(f"policy line {number}: names somebody unknown")


def _check_keys(keys: list[VerifierKey]) -> None:
    """Refuse one key under two names: it would count as two that agree, or the log as outside."""
    if len({key.public for key in keys}) != len(keys):
        raise InvalidInput("a policy names each key once")
