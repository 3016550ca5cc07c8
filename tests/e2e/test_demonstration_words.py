"""The demonstration says what follows from a finding in the words of the command."""

import pytest

from lea_service.demonstration.walk import say_finding
from lea_service.legal.findings import Outcome
from lea_service.legal.printed import Printer


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.PASS])
def test_finding_is_marked_as_the_command_marks_it(outcome):
    found = {"ref": "x", "outcome": outcome.value, "article": None, "says": "S.", "cure": "C."}
    found["needs_another"] = False
    told = say_finding(found)
    assessment = {"n": 1, "demand": "c_1", "is_settled": True, "acceptances": []}
    printed = Printer("en").assessment(
        {**assessment, "findings": [{**found, "seen": {}}]}, everything=False
    )
    assert told.partition(":")[0] == printed.splitlines()[1].split()[0]
    assert say_finding({**found, "article": "Sv 126n"}) == f"{told} [Sv 126n]"
