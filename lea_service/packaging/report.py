"""What a verification found: problems, doubts, what stays open and what was checked, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lea_service.kernel.canonical import Json
from lea_service.kernel.errors import LeaError

GOOD, DAMAGED, UNKNOWN = 0, 1, 2
MAX_PER_FILE = 20
MORE = "has further problems, which are not listed"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: in which file, at which line if it can be told, and what."""

    file: str
    detail: str
    line: int | None = None

    def text(self) -> str:
        """Return the finding as ``file:line: detail``."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.detail}"


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

    @property
    def verdict(self) -> int:
        """Return 0 good, 1 damaged, 2 cannot tell; never 0 on doubt."""
        if self.problems:
            return DAMAGED
        return UNKNOWN if self.doubts else GOOD

    def add(self, file: str, detail: str, line: int | None = None) -> None:
        """Note a problem; of one file the first twenty are kept, and that there are more."""
        self.noted += 1
        count = sum(one.file == file for one in self.problems)
        if count < MAX_PER_FILE:
            self.problems.append(Finding(file, detail, line))
        elif count == MAX_PER_FILE:
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
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as err:
            # whatever a crafted file makes our readers stumble over is the file's fault
            self.add(file, f"is not well-formed ({type(err).__name__})")
        if (self.noted, len(self.doubts)) == before:
            self.checked.append(name)

    def dump(self) -> dict[str, Json]:
        """Return the report as JSON."""
        return {
            "verdict": ("good", "damaged", "cannot tell")[self.verdict],
            "package": self.package,
            "rows": self.rows,
            "problems": [
                {"file": one.file, "line": one.line, "detail": one.detail} for one in self.problems
            ],
            "doubts": list(self.doubts),
            "open": list(self.open),
            "checked": list(self.checked),
        }

    def text(self) -> str:
        """Return the report for people."""
        head = ("GOOD", "DAMAGED", "CANNOT TELL")[self.verdict]
        lines = [f"{head}: package {self.package or 'unknown'}, {self.rows} rows"]
        lines += [f"  problem  {one.text()}" for one in self.problems]
        lines += [f"  doubt    {one}" for one in self.doubts]
        lines += [f"  open     {one}" for one in self.open]
        lines += [f"  ok       {one}" for one in self.checked]
        return "\n".join(lines)
