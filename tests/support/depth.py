"""How deep a run looks: `make test-full` takes what `make test` leaves out."""

import os

FULL = "LEA_TEST_FULL"
"""Set by `make test-full`."""


def is_full():
    """Say whether this run may take hours."""
    return bool(os.environ.get(FULL))


def examples(usual, full):
    """Return how many examples a property is tried on."""
    return full if is_full() else usual
