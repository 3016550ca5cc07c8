"""Compiles the Dutch words of Click, as GNU gettext does. `make words`."""

import ast
import struct
from pathlib import Path

import lea_service.web

SOURCE = Path(lea_service.web.__file__).parent / "data/locale/nl/LC_MESSAGES/click.po"
MAGIC, VERSION, HEAD = 0x950412DE, 0, 28
"""Of the format of a compiled catalogue, and how long its head is."""


def read_words(text):
    """Return what the source has by its message, that with a plural by both with a NUL between."""
    found = {}
    for part in text.split("\n\n"):
        lines = dict(one.split(" ", 1) for one in part.splitlines() if one and one[0] != "#")
        said = {name: ast.literal_eval(value) for name, value in lines.items()}
        forms = [said[name] for name in sorted(said) if name.startswith("msgstr")]
        names = [said["msgid"], *([said["msgid_plural"]] if "msgid_plural" in said else [])]
        found["\0".join(names)] = "\0".join(forms)
    return found


def compile_words(text):
    """Return the catalogue that the standard library reads: sorted, first messages, then words."""
    words = sorted((a.encode(), b.encode()) for a, b in read_words(text).items())
    count, data, tables = len(words), b"", ([], [])
    place = HEAD + 16 * count
    for position, table in enumerate(tables):
        for one in words:
            table.append((len(one[position]), place + len(data)))
            data += one[position] + b"\0"
    head = struct.pack("<7I", MAGIC, VERSION, count, HEAD, HEAD + 8 * count, 0, HEAD + 16 * count)
    return head + b"".join(struct.pack("<2I", *one) for table in tables for one in table) + data


if __name__ == "__main__":
    SOURCE.with_suffix(".mo").write_bytes(compile_words(SOURCE.read_text(encoding="utf-8")))
