"""Identifiers that are the same in each run of a test."""

import hashlib
import itertools


class SeededIds:
    def __init__(self, seed: str = "test") -> None:
        self._seed = seed
        self._count = itertools.count()

    def new(self, prefix: str) -> str:
        text = f"{self._seed}/{next(self._count)}"
        return f"{prefix}_{hashlib.sha256(text.encode()).hexdigest()[:32]}"
