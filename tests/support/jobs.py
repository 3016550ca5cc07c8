"""Runs jobs as a worker does, without its loop."""


def run_due(queue):
    """Run jobs until none is due; returns how many were run."""
    count = 0
    while (claim := queue.claim()) is not None:
        queue.run(claim)
        count += 1
    return count
