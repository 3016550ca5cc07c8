"""Judges mutants, or a part drawn by a seed, of parts whose tests need a database.

`mutmut` reads every test again for each mutant, which takes longer than most of them. Here they are
read once, and each mutant is judged in a child that has them. `make mutate-part` (docs/assurance.md).
"""

import json
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

SEED = 2026
KILLED, SURVIVED, UNTESTED = "killed", "survived", "no test"
ARGUMENTS = ["--rootdir=.", "--tb=no", "-q", "-x", "-p", "no:cacheprovider"]


def list_mutants(prefix):
    """Return the names of the mutants that mutmut made of a module, in the order of the seed."""
    found = [
        name
        for file in sorted(Path("lea_service").rglob("*.meta"))
        for name in json.loads(file.read_text())["exit_code_by_key"]
        if name.startswith(f"{prefix}.")
    ]
    found.sort()
    random.Random(SEED).shuffle(found)
    return found


def judge(name, tests, seconds):
    """Run the tests of a mutant in a child; a child that takes too long has found it."""
    if not tests:
        return UNTESTED
    child = os.fork()
    if child == 0:
        signal.alarm(seconds)
        os._exit(_run(name, tests))
    return SURVIVED if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 else KILLED


def _run(name, tests):
    from mutmut.mutation.trampoline import set_mutant_under_test

    set_mutant_under_test(name)
    _silence()
    try:
        return int(pytest.main([*ARGUMENTS, *tests]))
    except BaseException:
        return 1


def _limit(tests, times):
    """Return after how many seconds tests do not end any more."""
    return 20 + int(10 * sum(times[one] for one in tests))


def _silence():
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def main(prefix, count=None):
    """Judge the first ``count`` mutants of a module, in the folder that mutmut made, and tell."""
    os.environ["MUTANT_UNDER_TEST"] = ""
    known = json.loads(Path("mutmut-stats.json").read_text())
    times = known["duration_by_test"]
    names = list_mutants(prefix)[: int(count) if count else None]
    tests = {
        name: sorted(
            known["tests_by_mangled_function_name"].get(name.rpartition("__mutmut_")[0], ()),
            key=times.__getitem__,
        )
        for name in names
    }
    every = sorted({one for each in tests.values() for one in each})
    if pytest.main([*ARGUMENTS, "--collect-only", "-qqq", *every]):
        sys.exit("the tests cannot be read")
    if judge("none", every, _limit(every, times)) == KILLED:
        sys.exit("the tests fail without a mutant")
    told = Counter()
    for name in names:
        outcome = judge(name, tests[name], _limit(tests[name], times))
        told[outcome] += 1
        if outcome != KILLED:
            print(outcome, name, flush=True)
    print(prefix, dict(told), f"of {len(list_mutants(prefix))}")


if __name__ == "__main__":
    main(*sys.argv[1:])
