"""What a verification found: problems, doubts, what stays open and what was checked, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import LeaError
from lea_service.kernel.phrases import ENGLISH, phrase
from lea_service.kernel.printable import listing, printable
from lea_service.packaging.phrases import VERIFIED

GOOD, DAMAGED, UNKNOWN = 0, 1, 2
VERDICTS = ("good", "damaged", "cannot tell")
Say = Callable[[str], str]
"""Returns what was found in the language that was asked for."""
MAX_PER_FILE = 20
MORE = "has further problems, which are not listed"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: in which file, at which line if it can be told, and what."""

    file: str
    detail: str
    line: int | None = None

    def text(self, say: Say = str) -> str:
        """Return the finding as ``file:line: detail``, with nothing in it that does not print."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return printable(f"{place}: {say(self.detail)}")

    def dump(self) -> dict[str, Json]:
        """Return the finding as JSON, as fit for a terminal as the text."""
        file, detail = printable(self.file), printable(self.detail)
        return {"file": file, "line": self.line, "detail": detail}


@dataclass(slots=True)
class PackageReport:
    """The whole result of checking one container.

    A doubt is a check that could not be done, and there is no verdict; ``open`` is what a good
    package does not show, and the verdict is about everything else.
    """

    package: str | None = None
    rows: int = 0
    problems: list[Finding] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    noted: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def verdict(self) -> int:
        """Return 0 good, 1 damaged, 2 cannot tell; never 0 on doubt."""
        if self.problems:
            return DAMAGED
        return UNKNOWN if self.doubts else GOOD

    def add(self, file: str, detail: str, line: int | None = None) -> None:
        """Note a problem; of one file the first twenty are kept, and that there are more."""
        self.noted += 1
        self.counts[file] += 1
        if self.counts[file] <= MAX_PER_FILE:
            self.problems.append(Finding(file, detail, line))
        elif self.counts[file] == MAX_PER_FILE + 1:
            self.problems.append(Finding(file, MORE))

    def guard(self, file: str, name: str, check: Callable[[], None]) -> None:
        """Run one check; what it raises becomes a problem of ``file``.

        It was checked only if neither a problem nor a doubt came of it.
        """
        before = self.noted, len(self.doubts)
        try:
            check()
        except LeaError as err:
            self.add(file, err.detail)
        except Exception as err:
            # whatever a crafted file makes our readers stumble over is the file's fault
            self.add(file, f"is not well-formed ({type(err).__name__})")
        if (self.noted, len(self.doubts)) == before:
            self.checked.append(name)

    def dump(self) -> dict[str, Json]:
        """Return the report as JSON."""
        return {
            "verdict": VERDICTS[self.verdict],
            "package": self.package,
            "rows": self.rows,
            "problems": [one.dump() for one in self.problems],
            "doubts": [printable(one) for one in self.doubts],
            "open": [printable(one) for one in self.open],
            "checked": [printable(one) for one in self.checked],
        }

    def text(self, language: str = ENGLISH, say: Say = str) -> str:
        """Return the report for people; of very many problems the first hundred.

        ``say`` has what was found in ``language``.
        """

        def word(key: str) -> str:
            return phrase(VERIFIED, key, language)

        head, package = word(VERDICTS[self.verdict]), self.package or word("unknown")
        rows = f"{self.rows} {word('row' if self.rows == 1 else 'rows')}"
        lines = [f"{head}: {word('package')} {package}, {rows}"]
        problems = [one.text(say) for one in self.problems]
        parts = {"problem": problems}
        told = {"doubt": self.doubts, "open": self.open, "ok": self.checked}
        parts |= {kind: [say(one) for one in found] for kind, found in told.items()}
        for kind, found in parts.items():
            lines += listing(found, f"{word(kind):<8} ")
        return "\n".join(lines)
