"""What each finding says, written down to be read: `python -m tests.legal.decision_table.said`.

`said.jsonl` has one line for each code and each form of what was seen: the finding of the first
case around what fits each basis, with the number of that case. Somebody reads the lines that change
before they are committed.
"""

import json
from pathlib import Path

from lea_service.legal.catalogue import load_catalogue
from lea_service.legal.checks import check_demand
from tests.legal.decision_table.table import around, to_facts

SAID = Path(__file__).with_name("said.jsonl")
WORDS = ("says", "cure", "says_nl", "cure_nl")
"""Stand in the table of words, which other tests read."""


def collect():
    """Return a line for each code and each set of things seen, in order."""
    catalogue, found = load_catalogue(), {}
    for n, case in enumerate(around()):
        for one in check_demand(to_facts(case), catalogue, case["today"]):
            key = (one.code, tuple(one.seen), one.item is None, one.subject is None)
            found.setdefault(key, without_words(one) | {"case": n})
    return sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in found.values())


def without_words(finding):
    """Return a finding as it is shown, but for its words."""
    return {name: value for name, value in finding.dump().items() if name not in WORDS}


if __name__ == "__main__":
    SAID.write_text("".join(f"{line}\n" for line in collect()))
