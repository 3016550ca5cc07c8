"""Judges the mutants of one module, or a part of them drawn by a seed, in one process.

`mutmut` reads every test again for each mutant, which takes longer than most of them. Here the
module is mutated as it is imported, its tests are read and run once, and each mutant is judged in
a child by those that reach its function. `make mutate-part` (docs/assurance.md).
"""

import argparse
import importlib.abc
import importlib.machinery
import os
import random
import signal
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from mutmut.mutation import trampoline
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.file_mutation import mutate_file_contents

from tests.support.judged_by import JUDGED_BY

SEED = 2026
KILLED, SURVIVED, UNTESTED = "killed", "survived", "no test"
LEFT = "not postgres and not browser and not slow and not full"
ARGUMENTS = ["--rootdir=.", "--tb=short", "-q", "-p", "no:cacheprovider", "-m", LEFT]


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Hands the import one module with all its mutants in it; at first none of them is on."""

    def __init__(self, module):
        self._module = module
        self._path = Path(*module.split(".")).with_suffix(".py")
        mutated = mutate_file_contents(str(self._path), self._path.read_text())
        self._code = mutated.code
        self.names = [f"{module}.{name}" for name in mutated.mutant_names]

    def find_spec(self, fullname, path, target=None):
        if fullname != self._module:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=str(self._path))

    def get_filename(self, fullname):
        return str(self._path)

    def get_data(self, path):
        return self._code.encode()

    def forget(self):
        """Let nothing stand that the module remembers of the time before a mutant was on."""
        for one in vars(sys.modules[self._module]).values():
            if hasattr(one, "cache_clear"):
                one.cache_clear()

    def show(self, name):
        """Return the lines that a mutant takes out and puts in."""
        lines = get_diff_for_mutant(name, self._code, self._path).splitlines()[2:]
        return "\n".join(f"    {line}" for line in lines if line[:1] in "+-")


class Judge:
    """Runs what was collected without a mutant, and then what reaches each mutant against it."""

    def __init__(self, mutated, names, seconds):
        self._mutated, self._names, self._seconds = mutated, names, seconds
        self._failed = False
        self.told = Counter()

    def pytest_runtest_logreport(self, report):
        self._failed = self._failed or report.failed

    def pytest_runtestloop(self, session):
        took, reached = self._run_all(session.items)
        for name in self._names:
            tests = reached.get(name.rpartition("__mutmut_")[0], [])
            outcome = self._judge(name, sorted(tests, key=took.__getitem__), took, session.items)
            self.told[outcome] += 1
            if outcome != KILLED:
                print(f"\n{outcome} {name}\n{self._mutated.show(name)}", flush=True)
        return True

    def _run_all(self, items):
        """Return how long each test takes, and which reach each function; exit when one fails."""
        took, reached, seen = {}, {}, set()
        trampoline.record_trampoline_hit = lambda name, caller: seen.add(name)
        trampoline.set_mutant_under_test("stats")
        for item in items:
            seen.clear()
            begun = time.monotonic()
            self._run(item, items)
            took[item] = time.monotonic() - begun
            if self._failed:
                pytest.exit(f"fails without a mutant: {item.nodeid}", 1)
            for name in seen:
                reached.setdefault(name, []).append(item)
        trampoline.set_mutant_under_test("")
        print(f"\n{len(items)} tests, {sum(took.values()):.0f} s", flush=True)
        return took, reached

    def _judge(self, name, tests, took, items):
        """Run the tests of a mutant in a child; a child that takes too long has found it."""
        if not tests:
            return UNTESTED
        child = os.fork()
        if child == 0:
            signal.alarm(self._seconds + int(10 * sum(took[one] for one in tests)))
            try:
                os._exit(self._find(name, tests, items))
            finally:
                os._exit(1)
        return SURVIVED if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 else KILLED

    def _find(self, name, tests, items):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        trampoline.set_mutant_under_test(name)
        self._mutated.forget()
        items[0].config.pluginmanager.unregister(name="terminalreporter")
        for item in tests:
            self._run(item, items)
            if self._failed:
                return 1
        return 0

    def _run(self, item, items):
        """Run one test, and leave standing what is made once for all of them."""
        other = next((one for one in reversed(items) if one is not item), None)
        item.session._setupstate.teardown_exact(item)
        item.ihook.pytest_runtest_protocol(item=item, nextitem=other)


def list_tests(module):
    """Return the files that judge a module: its own, or the selection that `mutmut` has."""
    if module in JUDGED_BY:
        return [f"tests/{one}.py" for one in JUDGED_BY[module]]
    mutmut = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["mutmut"]
    return mutmut["pytest_add_cli_args_test_selection"]


def main():
    """Judge the mutants of a module by the tests named behind it, and tell what survives."""
    parser = argparse.ArgumentParser(prog="tests.support.mutants")
    parser.add_argument("module", help="lea_service.staff.approvals")
    parser.add_argument("tests", nargs="*", help="files, folders or names")
    parser.add_argument("--first", type=int, help="only so many, in the order of the seed")
    parser.add_argument("--only", nargs="+", help="only those whose name ends so")
    parser.add_argument(
        "--seconds", type=int, default=20, help="that a child gets beyond its tests"
    )
    wanted = parser.parse_args()
    tests = wanted.tests or list_tests(wanted.module)
    mutated = Mutated(wanted.module)
    sys.meta_path.insert(0, mutated)
    names = sorted(mutated.names)
    random.Random(SEED).shuffle(names)
    names = names[: wanted.first]
    if wanted.only:
        names = [name for name in names if name.endswith(tuple(wanted.only))]
    judge = Judge(mutated, names, wanted.seconds)
    trampoline.set_mutant_under_test("")
    code = pytest.main([*ARGUMENTS, *tests], plugins=[judge])
    print(wanted.module, dict(judge.told), f"of {len(mutated.names)}")
    sys.exit(code)


if __name__ == "__main__":
    main()
