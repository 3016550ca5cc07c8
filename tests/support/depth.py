"""How deep a run looks: `make test-full` takes what `make test` leaves out."""

import os

FULL = "LEA_TEST_FULL"
"""Set by `make test-full`."""
FROM = "LEA_TEST_FROM"
"""From which part on a long test runs: those before it were run already."""


def is_full():
    """Say whether this run may take hours."""
    return bool(os.environ.get(FULL))


def examples(usual, full):
    """Return how many examples a property is tried on."""
    return full if is_full() else usual


def chunks(usual, full):
    """Return the numbers of the parts that a long test is run in, one test each.

    A full run that broke off is taken up again with LEA_TEST_FROM.
    """
    return range(int(os.environ.get(FROM) or 0), full) if is_full() else range(usual)
