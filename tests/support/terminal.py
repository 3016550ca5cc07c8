"""A real pseudo-terminal as standard error, and what was drawn on it."""

import os
import pty
import re
import threading
from contextlib import contextmanager, redirect_stderr


@contextmanager
def terminal():
    """Sit at a terminal; yields the lines that were drawn, complete when it is over.

    Each line is what was drawn over one another, from first to last.
    """
    master, slave = pty.openpty()
    drawn, lines = [], []
    reader = threading.Thread(target=read_all, args=(master, drawn))
    reader.start()
    try:
        with os.fdopen(slave, "w") as stream, redirect_stderr(stream):
            yield lines
    finally:
        reader.join()
        os.close(master)
    whole = b"".join(drawn).decode()
    lines += [line.split("\r") for line in whole.split("\r\n") if "/" in line]


def read_all(master, drawn):
    """Read until the other side is closed, which Linux tells by an error."""
    try:
        while data := os.read(master, 4096):
            drawn.append(data)
    except OSError:
        pass


def positions(line):
    """Return each (done, of) that was drawn on a line, without repetitions."""
    found = [(int(a), int(b)) for one in line for a, b in re.findall(r"(\d+)/(\d+)", one)]
    return list(dict.fromkeys(found))
